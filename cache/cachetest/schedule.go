package cachetest

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// Lengths of leases: one to wait for, long enough for what is done under it on a busy machine, and one that never ends.
const (
	brief = 400 * time.Millisecond
	long  = time.Hour
)

// outlast lets a brief lease end.
func (t *tester) outlast() { t.Advance(brief + 50*time.Millisecond) }

func (t *tester) due() map[string]time.Time {
	t.Helper()
	due, err := t.Store.Due(t.ctx)
	t.check(err, "Due()")
	return due
}

func (t *tester) reschedule(source string, from, to time.Time) {
	t.Helper()
	t.check(t.Store.Reschedule(t.ctx, source, from, to), "Reschedule(%s, %v, %v)", source, from, to)
}

func (t *tester) claimFrom(store cache.Store, n int, lease time.Duration, only ...string) []cache.Lease {
	t.Helper()
	leases, err := store.Claim(t.ctx, n, lease, only...)
	t.check(err, "Claim(%d, %q)", n, only)
	return leases
}

func upcoming(t *tester) cache.Upcoming {
	t.Helper()
	u, err := t.Store.Next(t.ctx)
	t.check(err, "Next()")
	return u
}

func sources(leases []cache.Lease) []string {
	var out []string
	for _, l := range leases {
		out = append(out, l.Source)
	}
	return out
}

var scheduleTests = []test{
	{"Due with names says what is in the index of those", func(t *tester) {
		for _, source := range []string{"a", "b", "c", "gone"} {
			t.reschedule(source, time.Time{}, past)
		}
		t.reschedule("b", past, future)
		t.reschedule("gone", past, time.Time{})
		due, err := t.Store.Due(t.ctx, "a", "b", "gone", "never", "a")
		t.check(err, "Due(names)")
		t.equal("due of the named", due, map[string]time.Time{"a": past, "b": future})
		t.equal("due of all", t.due(), map[string]time.Time{"a": past, "b": future, "c": past})
	}},
	{"Reschedule moves a source only from where it is", func(t *tester) {
		var never time.Time
		later := past.Add(time.Hour)
		t.reschedule("a", past, later) // it is not there at all
		t.equal("absent", t.due(), map[string]time.Time{})
		t.reschedule("a", never, past)
		t.equal("added", t.due(), map[string]time.Time{"a": past})
		t.reschedule("a", never, later)
		t.equal("not added twice", t.due(), map[string]time.Time{"a": past})
		t.reschedule("a", later, future)
		t.equal("not moved from elsewhere", t.due(), map[string]time.Time{"a": past})
		t.reschedule("a", past, later.Add(123*time.Microsecond))
		t.equal("moved, in whole milliseconds", t.due(), map[string]time.Time{"a": later})
		t.reschedule("a", past, never)
		t.equal("not taken out from elsewhere", t.due(), map[string]time.Time{"a": later})
		t.reschedule("a", later, never)
		t.equal("taken out", t.due(), map[string]time.Time{})
		t.reschedule("a", never, never)
		t.equal("nothing to nothing", t.due(), map[string]time.Time{})
		t.reschedule("a", never, past)
		t.equal("added again", t.due(), map[string]time.Time{"a": past})
	}},
	{"Reschedule leaves a source that was claimed in the meantime", func(t *tester) {
		t.reschedule("a", time.Time{}, past)
		l := t.claim("a")
		t.reschedule("a", past, future)
		t.equal("due", t.due(), map[string]time.Time{"a": l.Until})
	}},
	{"the longest due come first, what is not due never", func(t *tester) {
		for i, s := range []string{"c", "a", "d", "b", "e"} {
			t.reschedule(s, time.Time{}, past.Add(time.Duration(i)*time.Hour))
		}
		t.reschedule("z", time.Time{}, future)
		t.equal("none asked for", sources(t.claimFrom(t.Store, 0, long)), []string(nil))
		t.equal("first two", sources(t.claimFrom(t.Store, 2, long)), []string{"c", "a"})
		t.equal("next two", sources(t.claimFrom(t.Store, 2, long)), []string{"d", "b"})
		t.equal("the rest", sources(t.claimFrom(t.Store, 9, long)), []string{"e"})
		t.equal("no more", sources(t.claimFrom(t.Store, 9, long)), []string(nil))
	}},
	{"Next says how long it is until a source comes due", func(t *tester) {
		next := func() (time.Duration, bool) {
			t.Helper()
			u := upcoming(t)
			return u.In, u.Any
		}
		if left, any := next(); any {
			t.Errorf("Next() of an empty index = %v, want none", left)
		}
		t.reschedule("z", time.Time{}, future)
		if left, any := next(); !any || left < 1000*long {
			t.Errorf("Next() = %v, %v; want many years", left, any)
		}
		t.reschedule("a", time.Time{}, past)
		if left, any := next(); !any || left > 0 {
			t.Errorf("Next() = %v, %v; want that a source is overdue", left, any)
		}
		t.claimFrom(t.Store, 1, brief)
		if left, any := next(); !any || left > brief {
			t.Errorf("Next() = %v, %v; want the lease's end, within %v", left, any, brief)
		}
	}},
	{"Next says the store's time, by which sources come due", func(t *tester) {
		now := upcoming(t).At
		t.reschedule("a", time.Time{}, now)
		lease := t.claimFrom(t.Store, 1, long)
		if len(lease) != 1 || lease[0].At.Before(now) {
			t.Fatalf("claimed %+v; want the source that is due at %v, the time that Next said", lease, now)
		}
		if again := upcoming(t).At; again.Before(lease[0].At) || again.Sub(lease[0].At) > 1000*long {
			t.Errorf("Next() says that it is %v after a claim at %v", again, lease[0].At)
		}
	}},
	{"the due index keeps its name while sources come and go, and another store's has another", func(t *tester) {
		t.reschedule("a", time.Time{}, past)
		name := upcoming(t).Index
		t.claim("a")
		t.record("b", piece("b", 1))
		t.reschedule("a", t.due()["a"], time.Time{})
		t.reschedule("b", t.due()["b"], time.Time{})
		if u := upcoming(t); u.Any || u.Index != name || name == "" {
			t.Errorf("Next() = %+v, want an empty index of the name %q", u, name)
		}
		another := &tester{T: t.T, Harness: Harness{Store: t.Another()}, ctx: t.ctx}
		another.reschedule("a", time.Time{}, past)
		if other := upcoming(another).Index; other == name || other == "" {
			t.Errorf("another store's index has the name %q too", other)
		}
	}},
	{"the due index knows with which catalog it is in line, under its name and as long as a source is in it", func(t *tester) {
		t.reschedule("a", time.Time{}, past)
		u := upcoming(t)
		t.equal("at first", u.Catalog, "")
		for _, catalog := range []string{"one", "two"} {
			t.check(t.Store.Align(t.ctx, u.Index, catalog), "Align(%s)", catalog)
			t.claim("a")
			t.equal("after Align", upcoming(t).Catalog, catalog)
		}
		t.check(t.Store.Align(t.ctx, "another", "three"), "Align(three)")
		t.equal("after another index was aligned", upcoming(t).Catalog, "two")
		t.reschedule("a", t.due()["a"], time.Time{})
		t.equal("of an empty index", upcoming(t).Catalog, "")
	}},
	{"a lease says when the source was due, when it was taken and when it ends", func(t *tester) {
		t.reschedule("a", time.Time{}, past)
		l := t.claimFrom(t.Store, 1, long)[0]
		if !l.Due.Equal(past) || !l.At.After(past) || l.Until.Sub(l.At) != long {
			t.Errorf("lease %+v, want due at %v and %v long", l, past, long)
		}
		t.equal("due", t.due(), map[string]time.Time{"a": l.Until})
	}},
	{"a claim by name takes no other", func(t *tester) {
		for _, s := range []string{"a", "b", "c"} {
			t.reschedule(s, time.Time{}, past)
		}
		t.reschedule("z", time.Time{}, future)
		t.equal("by name", sources(t.claimFrom(t.Store, 9, long, "b", "z", "unheard-of")), []string{"b"})
		t.equal("by the same name again", sources(t.claimFrom(t.Store, 9, long, "b")), []string(nil))
		t.equal("at most n of the named", len(t.claimFrom(t.Store, 1, long, "a", "c")), 1)
	}},
	{"two handles never hold the same source", func(t *tester) {
		const n = 40
		for i := range n {
			t.reschedule(fmt.Sprint("s", i), time.Time{}, past)
		}
		var mu sync.Mutex // guards claims
		claims := map[string]int{}
		var wg sync.WaitGroup
		for _, store := range []cache.Store{t.Store, t.Reopen(), t.Store, t.Reopen()} {
			wg.Go(func() {
				for {
					leases, err := store.Claim(t.ctx, 3, long)
					if err != nil {
						t.Errorf("Claim(3): %v", err)
						return
					}
					if len(leases) == 0 {
						return
					}
					mu.Lock()
					for _, l := range leases {
						claims[l.Source]++
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		for source, times := range claims {
			if times != 1 {
				t.Errorf("%s was claimed %d times", source, times)
			}
		}
		if len(claims) != n {
			t.Errorf("%d sources were claimed, want %d", len(claims), n)
		}
	}},
	{"a crashed worker's source comes due again when its lease ends, and not before", func(t *tester) {
		t.reschedule("a", time.Time{}, past)
		first := t.claimFrom(t.Store, 1, brief)
		other := t.Reopen()
		t.equal("while the lease holds", sources(t.claimFrom(other, 1, brief)), []string(nil))
		t.outlast()
		second := t.claimFrom(other, 1, brief)
		if len(first) != 1 || len(second) != 1 {
			t.Fatalf("leases %v, then %v, want one each", first, second)
		}
		if second[0].Token <= first[0].Token {
			t.Errorf("tokens %d, then %d, want a larger one", first[0].Token, second[0].Token)
		}
		if !second[0].Due.Equal(first[0].Until) {
			t.Errorf("due again at %v, want the lease's end %v", second[0].Due, first[0].Until)
		}
	}},
	{"a worker whose lease ended may record while no other has claimed", func(t *tester) {
		t.reschedule("a", time.Time{}, past)
		l := t.claimFrom(t.Store, 1, brief)[0]
		t.outlast()
		t.check(t.Store.Record(t.ctx, l, visit(l, piece("a", 1))), "Record")
		t.equal("due", t.due(), map[string]time.Time{"a": future})
	}},
	{"a late worker is fenced off, and nothing of its visit is kept", func(t *tester) {
		t.record("a", pieces("a", 1, 3)...)
		t.record("a", piece("a", 3))
		head := t.head()
		late := t.claim("a")
		current := t.claim("a") // as after the first lease's end
		for name, err := range map[string]error{
			"Record":   t.Store.Record(t.ctx, late, visit(late, piece("a", 9))),
			"Postpone": t.Store.Postpone(t.ctx, late, future),
			"Sweep":    func() error { _, err := t.Store.Sweep(t.ctx, late, newswire.Retention{Articles: 1}); return err }(),
		} {
			if !errors.Is(err, newswire.ErrFenced) {
				t.Errorf("%s under an old lease: %v, want ErrFenced", name, err)
			}
		}
		t.equal("all", ids(t.listing(newswire.All)), newestFirst(pieces("a", 1, 3)))
		t.equal("changes", events(t.changes(head)), []event(nil))
		t.equal("known", t.known("a", piece("a", 9)), map[string]cache.Known{})
		t.equal("due", t.due(), map[string]time.Time{"a": current.Until})
		t.check(t.Store.Record(t.ctx, current, visit(current, pieces("a", 3, 4)...)), "Record by the current worker")
		if err := t.Store.Record(t.ctx, late, visit(late)); !errors.Is(err, newswire.ErrFenced) {
			t.Errorf("Record by the late worker after the current one: %v, want ErrFenced", err)
		}
		t.equal("due", t.due(), map[string]time.Time{"a": future})
	}},
	{"tokens grow even when the source left the index in between", func(t *tester) {
		first := t.claim("a")
		t.reschedule("a", t.due()["a"], time.Time{})
		second := t.claim("a")
		if second.Token <= first.Token {
			t.Errorf("tokens %d, then %d, want a larger one", first.Token, second.Token)
		}
		if err := t.Store.Postpone(t.ctx, first, future); !errors.Is(err, newswire.ErrFenced) {
			t.Errorf("Postpone under the old lease: %v, want ErrFenced", err)
		}
	}},
	{"Postpone moves the claimed source, and its lease still records", func(t *tester) {
		t.reschedule("a", time.Time{}, past)
		l := t.claimFrom(t.Store, 1, brief)[0]
		t.check(t.Store.Postpone(t.ctx, l, future.Add(-time.Hour)), "Postpone")
		t.outlast()
		t.equal("after the lease's end", sources(t.claimFrom(t.Reopen(), 1, brief)), []string(nil))
		t.equal("due", t.due(), map[string]time.Time{"a": future.Add(-time.Hour)})
		t.check(t.Store.Record(t.ctx, l, visit(l, piece("a", 1))), "Record")
		t.equal("due after Record", t.due(), map[string]time.Time{"a": future})
	}},
}
