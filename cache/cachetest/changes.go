package cachetest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/newswire/newswire"
)

// changes reads the change log after a cursor, a few records at a time.
func (t *tester) changes(after newswire.Cursor) []newswire.Change {
	t.Helper()
	var all []newswire.Change
	for {
		some, err := t.Store.Changes(t.ctx, after, 3)
		t.check(err, "Changes(after %q)", after)
		if len(some) == 0 {
			return all
		}
		if len(some) > 3 {
			t.Fatalf("Changes(limit 3) returned %d", len(some))
		}
		all = append(all, some...)
		after = some[len(some)-1].Cursor
	}
}

func (t *tester) head() newswire.Cursor {
	t.Helper()
	c, err := t.Store.Head(t.ctx)
	t.check(err, "Head()")
	return c
}

func (t *tester) beginning() newswire.Cursor {
	t.Helper()
	c, err := t.Store.Beginning(t.ctx)
	t.check(err, "Beginning()")
	return c
}

// await waits for a record after a cursor, which do writes.
func (t *tester) await(after newswire.Cursor, do func()) {
	t.Helper()
	woken := make(chan error, 1)
	go func() { woken <- t.Store.Await(t.ctx, after) }()
	do()
	select {
	case err := <-woken:
		t.check(err, "Await(%q)", after)
		if len(t.changes(after)) == 0 {
			t.Errorf("Await(%q) ended before there was a record", after)
		}
	case <-time.After(30 * time.Second):
		t.Fatalf("Await(%q) goes on after a record was written", after)
	}
}

// event is a change without its cursor and time.
type event struct {
	Op       newswire.Op
	Article  string
	Revision int
	Topics   []newswire.Topic
}

func events(changes []newswire.Change) []event {
	var out []event
	for _, c := range changes {
		out = append(out, event{c.Op, c.Article, c.Revision, c.Topics})
	}
	return out
}

var changeTests = []test{
	{"the latest changes are the last of the log, the newest first", func(t *tester) {
		if got, err := t.Store.Latest(t.ctx, 3); err != nil || len(got) != 0 {
			t.Errorf("Latest of an empty log = %v, %v", got, err)
		}
		for n := range 3 {
			t.record("a", piece("a", n), piece("a", n+10))
		}
		t.withdraw(piece("a", 1).ID)
		want := t.changes("")
		slices.Reverse(want)
		for _, n := range []int{1, 3, 7, 100} {
			got, err := t.Store.Latest(t.ctx, n)
			t.check(err, "Latest(%d)", n)
			t.equal("latest changes", got, want[:min(n, len(want))])
		}
		if _, err := t.Store.Latest(t.ctx, 0); err == nil {
			t.Error("Latest(0) is no error")
		}
	}},
	{"every new revision and every removal is logged once, in order", func(t *tester) {
		a, b := within(piece("a", 1), "finance"), piece("a", 2)
		t.record("a", a, b)
		t.record("a", a, b) // nothing new
		t.record("a", within(revised(a), "trade"), b)
		_, err := t.Store.Withdraw(t.ctx, b.ID, "test")
		t.check(err, "Withdraw")
		got := t.changes("")
		first := got[:min(2, len(got))] // of one visit, in any order
		slices.SortFunc(first, func(x, y newswire.Change) int { return map[bool]int{true: -1, false: 1}[x.Article == a.ID] })
		plain := []newswire.Topic{"all", "source/a"}
		t.equal("change log", events(got), []event{
			{newswire.Put, a.ID, 1, []newswire.Topic{"all", "category/finance", "source/a"}},
			{newswire.Put, b.ID, 1, plain},
			{newswire.Put, a.ID, 2, []newswire.Topic{"all", "category/finance", "category/trade", "source/a"}},
			{newswire.Remove, b.ID, 1, plain},
		})
	}},
	{"a reader goes on from any record's cursor, and from the head", func(t *tester) {
		t.record("a", pieces("a", 1, 5)...)
		all := t.changes("")
		if len(all) != 5 {
			t.Fatalf("%d changes, want 5", len(all))
		}
		for i, c := range all {
			t.equal("changes after "+string(c.Cursor), t.changes(c.Cursor), all[i+1:])
			for _, r := range string(c.Cursor) {
				if r <= ' ' || r > '~' {
					t.Errorf("cursor %q is not printable ASCII", c.Cursor)
				}
			}
			if i > 0 && c.At.Before(all[i-1].At) {
				t.Errorf("change %d at %v is before its predecessor at %v", i, c.At, all[i-1].At)
			}
		}
		head := t.head()
		if got := t.changes(head); len(got) != 0 {
			t.Errorf("changes after the head: %v, want none", got)
		}
		t.record("b", piece("b", 1))
		if got := t.changes(head); len(got) != 1 || got[0].Article != piece("b", 1).ID || got[0].Cursor != t.head() {
			t.Errorf("changes after the old head: %v, want the one of b, with the new head %q", got, t.head())
		}
	}},
	{"a cursor older than the trim gets ErrGone, never silence", func(t *tester) {
		t.record("a", piece("a", 1))
		t.Advance(5 * time.Millisecond)
		t.record("a", piece("a", 1), piece("a", 2))
		t.Advance(5 * time.Millisecond)
		t.record("a", piece("a", 1), piece("a", 2), piece("a", 3))
		all := t.changes("")
		if len(all) != 3 {
			t.Fatalf("%d changes, want 3", len(all))
		}
		t.check(t.Store.TrimChanges(t.ctx, past), "TrimChanges(past)")
		t.equal("log after a trim that drops nothing", t.changes(t.beginning()), all)
		t.check(t.Store.TrimChanges(t.ctx, all[2].At), "TrimChanges(third)")
		t.equal("log after the second record", t.changes(all[1].Cursor), all[2:])
		t.equal("all that is left of the log", t.changes(t.beginning()), all[2:])
		for _, c := range []newswire.Cursor{"", all[0].Cursor} {
			if got, err := t.Store.Changes(t.ctx, c, 10); !errors.Is(err, newswire.ErrGone) {
				t.Errorf("Changes(after trimmed %q) = %v, %v, want ErrGone", c, got, err)
			}
		}
	}},
	{"a cursor of another store is told from one that is no cursor", func(t *tester) {
		another := &tester{T: t.T, Harness: Harness{Store: t.Another()}, ctx: t.ctx}
		another.record("a", piece("a", 1))
		foreign := another.head()
		for _, n := range []int{0, 1, 5} { // an empty log, one as long, and one that goes on beyond the cursor
			t.record("a", pieces("a", 1, n)...)
			if got, err := t.Store.Changes(t.ctx, foreign, 10); !errors.Is(err, newswire.ErrReplaced) || !errors.Is(err, newswire.ErrCursor) {
				t.Errorf("Changes(after %q of another store) with %d records = %v, %v, want ErrReplaced, an ErrCursor", foreign, n, got, err)
			}
		}
		for _, garbled := range []newswire.Cursor{"x", "-1", "1-", newswire.Cursor("x" + string(foreign))} {
			if got, err := t.Store.Changes(t.ctx, garbled, 10); !errors.Is(err, newswire.ErrCursor) || errors.Is(err, newswire.ErrReplaced) {
				t.Errorf("Changes(after %q) = %v, %v, want ErrCursor and not ErrReplaced", garbled, got, err)
			}
		}
	}},
	{"a reader is woken by a record, and by none that it has read", func(t *tester) {
		t.await("", func() { t.record("a", piece("a", 1)) })
		t.await("", func() {}) // it came before
		t.await(t.head(), func() { t.record("a", piece("a", 1), piece("a", 2)) })
		t.await(t.head(), func() {
			_, err := t.Store.Withdraw(t.ctx, piece("a", 1).ID, "test")
			t.check(err, "Withdraw")
		})
		t.check(t.Store.TrimChanges(t.ctx, future), "TrimChanges(future)")
		t.await(t.head(), func() { t.record("b", piece("b", 1)) })
		if err := t.Store.Await(t.ctx, "x"); !errors.Is(err, newswire.ErrCursor) {
			t.Errorf("Await(x) = %v, want ErrCursor", err)
		}
	}},
	{"a reader that awaits a record gives up when its context ends", func(t *tester) {
		t.record("a", piece("a", 1))
		ctx, cancel := context.WithCancel(t.ctx)
		time.AfterFunc(20*time.Millisecond, cancel) // a record that was read already would have come by then
		if err := t.Store.Await(ctx, t.head()); !errors.Is(err, context.Canceled) {
			t.Errorf("Await(head) = %v, want the end of the context", err)
		}
	}},
	{"a log that was trimmed empty remembers its head", func(t *tester) {
		t.record("a", pieces("a", 1, 3)...)
		all, head := t.changes(""), t.head()
		t.check(t.Store.TrimChanges(t.ctx, future), "TrimChanges(future)")
		if got, want := t.beginning(), t.head(); got != want {
			t.Errorf("Beginning() of an empty log = %q, want its head %q", got, want)
		}
		if got := t.head(); got != head {
			t.Errorf("Head() after the trim = %q, want %q", got, head)
		}
		t.equal("changes after the head", t.changes(head), []newswire.Change(nil))
		for _, c := range []newswire.Cursor{"", all[1].Cursor} {
			if _, err := t.Store.Changes(t.ctx, c, 10); !errors.Is(err, newswire.ErrGone) {
				t.Errorf("Changes(after trimmed %q): %v, want ErrGone", c, err)
			}
		}
		t.record("a", append(pieces("a", 1, 3), piece("a", 4))...)
		if got := t.changes(head); len(got) != 1 || got[0].Article != piece("a", 4).ID {
			t.Errorf("changes after the old head: %v, want the fourth article's", got)
		}
	}},
}
