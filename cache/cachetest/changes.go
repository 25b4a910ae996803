package cachetest

import (
	"errors"
	"slices"
	"time"

	"github.com/newswire/newswire"
)

// changes reads the change log after a cursor, a few records at a time.
func (d *desk) changes(after newswire.Cursor) []newswire.Change {
	d.Helper()
	var all []newswire.Change
	for {
		some, err := d.Store.Changes(d.ctx, after, 3)
		d.check(err, "Changes(after %q)", after)
		if len(some) == 0 {
			return all
		}
		if len(some) > 3 {
			d.Fatalf("Changes(limit 3) returned %d", len(some))
		}
		all = append(all, some...)
		after = some[len(some)-1].Cursor
	}
}

func (d *desk) head() newswire.Cursor {
	d.Helper()
	c, err := d.Store.Head(d.ctx)
	d.check(err, "Head()")
	return c
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
	{"every new revision and every removal is logged once, in order", func(d *desk) {
		a, b := within(piece("a", 1), "finance"), piece("a", 2)
		d.record("a", a, b)
		d.record("a", a, b) // nothing new
		d.record("a", within(revised(a), "trade"), b)
		_, err := d.Store.Withdraw(d.ctx, b.ID, "test")
		d.check(err, "Withdraw")
		got := d.changes("")
		first := got[:min(2, len(got))] // of one visit, in any order
		slices.SortFunc(first, func(x, y newswire.Change) int { return map[bool]int{true: -1, false: 1}[x.Article == a.ID] })
		plain := []newswire.Topic{"all", "source/a"}
		d.equal("change log", events(got), []event{
			{newswire.Put, a.ID, 1, []newswire.Topic{"all", "category/finance", "source/a"}},
			{newswire.Put, b.ID, 1, plain},
			{newswire.Put, a.ID, 2, []newswire.Topic{"all", "category/finance", "category/trade", "source/a"}},
			{newswire.Remove, b.ID, 1, plain},
		})
	}},
	{"a reader goes on from any record's cursor, and from the head", func(d *desk) {
		d.record("a", pieces("a", 1, 5)...)
		all := d.changes("")
		if len(all) != 5 {
			d.Fatalf("%d changes, want 5", len(all))
		}
		for i, c := range all {
			d.equal("changes after "+string(c.Cursor), d.changes(c.Cursor), all[i+1:])
			for _, r := range string(c.Cursor) {
				if r <= ' ' || r > '~' {
					d.Errorf("cursor %q is not printable ASCII", c.Cursor)
				}
			}
			if i > 0 && c.At.Before(all[i-1].At) {
				d.Errorf("change %d at %v is before its predecessor at %v", i, c.At, all[i-1].At)
			}
		}
		head := d.head()
		if got := d.changes(head); len(got) != 0 {
			d.Errorf("changes after the head: %v, want none", got)
		}
		d.record("b", piece("b", 1))
		if got := d.changes(head); len(got) != 1 || got[0].Article != piece("b", 1).ID || got[0].Cursor != d.head() {
			d.Errorf("changes after the old head: %v, want the one of b, with the new head %q", got, d.head())
		}
	}},
	{"a cursor older than the trim gets ErrGone, never silence", func(d *desk) {
		d.record("a", piece("a", 1))
		d.Advance(5 * time.Millisecond)
		d.record("a", piece("a", 1), piece("a", 2))
		d.Advance(5 * time.Millisecond)
		d.record("a", piece("a", 1), piece("a", 2), piece("a", 3))
		all := d.changes("")
		if len(all) != 3 {
			d.Fatalf("%d changes, want 3", len(all))
		}
		d.check(d.Store.TrimChanges(d.ctx, past), "TrimChanges(past)")
		d.equal("log after a trim that drops nothing", d.changes(""), all)
		d.check(d.Store.TrimChanges(d.ctx, all[2].At), "TrimChanges(third)")
		d.equal("log after the second record", d.changes(all[1].Cursor), all[2:])
		for _, c := range []newswire.Cursor{"", all[0].Cursor} {
			if got, err := d.Store.Changes(d.ctx, c, 10); !errors.Is(err, newswire.ErrGone) {
				d.Errorf("Changes(after trimmed %q) = %v, %v, want ErrGone", c, got, err)
			}
		}
	}},
	{"a log that was trimmed empty remembers its head", func(d *desk) {
		d.record("a", pieces("a", 1, 3)...)
		all, head := d.changes(""), d.head()
		d.check(d.Store.TrimChanges(d.ctx, future), "TrimChanges(future)")
		if got := d.head(); got != head {
			d.Errorf("Head() after the trim = %q, want %q", got, head)
		}
		d.equal("changes after the head", d.changes(head), []newswire.Change(nil))
		for _, c := range []newswire.Cursor{"", all[1].Cursor} {
			if _, err := d.Store.Changes(d.ctx, c, 10); !errors.Is(err, newswire.ErrGone) {
				d.Errorf("Changes(after trimmed %q): %v, want ErrGone", c, err)
			}
		}
		d.record("a", append(pieces("a", 1, 3), piece("a", 4))...)
		if got := d.changes(head); len(got) != 1 || got[0].Article != piece("a", 4).ID {
			d.Errorf("changes after the old head: %v, want the fourth article's", got)
		}
	}},
}
