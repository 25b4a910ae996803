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
func (d *desk) outlast() { d.Advance(brief + 50*time.Millisecond) }

func (d *desk) due() map[string]time.Time {
	d.Helper()
	due, err := d.Store.Due(d.ctx)
	d.check(err, "Due()")
	return due
}

func (d *desk) reschedule(source string, from, to time.Time) {
	d.Helper()
	d.check(d.Store.Reschedule(d.ctx, source, from, to), "Reschedule(%s, %v, %v)", source, from, to)
}

func (d *desk) take(store cache.Store, n int, lease time.Duration, only ...string) []cache.Lease {
	d.Helper()
	leases, err := store.Claim(d.ctx, n, lease, only...)
	d.check(err, "Claim(%d, %q)", n, only)
	return leases
}

func sources(leases []cache.Lease) []string {
	var out []string
	for _, l := range leases {
		out = append(out, l.Source)
	}
	return out
}

var scheduleTests = []test{
	{"Reschedule moves a source only from where it is", func(d *desk) {
		var never time.Time
		later := past.Add(time.Hour)
		d.reschedule("a", past, later) // it is not there at all
		d.equal("absent", d.due(), map[string]time.Time{})
		d.reschedule("a", never, past)
		d.equal("added", d.due(), map[string]time.Time{"a": past})
		d.reschedule("a", never, later)
		d.equal("not added twice", d.due(), map[string]time.Time{"a": past})
		d.reschedule("a", later, future)
		d.equal("not moved from elsewhere", d.due(), map[string]time.Time{"a": past})
		d.reschedule("a", past, later.Add(123*time.Microsecond))
		d.equal("moved, in whole milliseconds", d.due(), map[string]time.Time{"a": later})
		d.reschedule("a", past, never)
		d.equal("not taken out from elsewhere", d.due(), map[string]time.Time{"a": later})
		d.reschedule("a", later, never)
		d.equal("taken out", d.due(), map[string]time.Time{})
		d.reschedule("a", never, never)
		d.equal("nothing to nothing", d.due(), map[string]time.Time{})
		d.reschedule("a", never, past)
		d.equal("added again", d.due(), map[string]time.Time{"a": past})
	}},
	{"Reschedule leaves a source that was claimed in the meantime", func(d *desk) {
		d.reschedule("a", time.Time{}, past)
		l := d.claim("a")
		d.reschedule("a", past, future)
		d.equal("due", d.due(), map[string]time.Time{"a": l.Until})
	}},
	{"the longest due come first, what is not due never", func(d *desk) {
		for i, s := range []string{"c", "a", "d", "b", "e"} {
			d.reschedule(s, time.Time{}, past.Add(time.Duration(i)*time.Hour))
		}
		d.reschedule("z", time.Time{}, future)
		d.equal("none asked for", sources(d.take(d.Store, 0, long)), []string(nil))
		d.equal("first two", sources(d.take(d.Store, 2, long)), []string{"c", "a"})
		d.equal("next two", sources(d.take(d.Store, 2, long)), []string{"d", "b"})
		d.equal("the rest", sources(d.take(d.Store, 9, long)), []string{"e"})
		d.equal("no more", sources(d.take(d.Store, 9, long)), []string(nil))
	}},
	{"Next says how long it is until a source comes due", func(d *desk) {
		next := func() (time.Duration, bool) {
			d.Helper()
			left, any, err := d.Store.Next(d.ctx)
			d.check(err, "Next()")
			return left, any
		}
		if left, any := next(); any {
			d.Errorf("Next() of an empty index = %v, want none", left)
		}
		d.reschedule("z", time.Time{}, future)
		if left, any := next(); !any || left < 1000*long {
			d.Errorf("Next() = %v, %v; want many years", left, any)
		}
		d.reschedule("a", time.Time{}, past)
		if left, any := next(); !any || left > 0 {
			d.Errorf("Next() = %v, %v; want that a source is overdue", left, any)
		}
		d.take(d.Store, 1, brief)
		if left, any := next(); !any || left > brief {
			d.Errorf("Next() = %v, %v; want the lease's end, within %v", left, any, brief)
		}
	}},
	{"a lease says when the source was due, when it was taken and when it ends", func(d *desk) {
		d.reschedule("a", time.Time{}, past)
		l := d.take(d.Store, 1, long)[0]
		if !l.Due.Equal(past) || !l.At.After(past) || l.Until.Sub(l.At) != long {
			d.Errorf("lease %+v, want due at %v and %v long", l, past, long)
		}
		d.equal("due", d.due(), map[string]time.Time{"a": l.Until})
	}},
	{"a claim by name takes no other", func(d *desk) {
		for _, s := range []string{"a", "b", "c"} {
			d.reschedule(s, time.Time{}, past)
		}
		d.reschedule("z", time.Time{}, future)
		d.equal("by name", sources(d.take(d.Store, 9, long, "b", "z", "unheard-of")), []string{"b"})
		d.equal("by the same name again", sources(d.take(d.Store, 9, long, "b")), []string(nil))
		d.equal("at most n of the named", len(d.take(d.Store, 1, long, "a", "c")), 1)
	}},
	{"two handles never hold the same source", func(d *desk) {
		const n = 40
		for i := range n {
			d.reschedule(fmt.Sprint("s", i), time.Time{}, past)
		}
		var mu sync.Mutex // guards held
		held := map[string]int{}
		var wg sync.WaitGroup
		for _, store := range []cache.Store{d.Store, d.Reopen(), d.Store, d.Reopen()} {
			wg.Go(func() {
				for {
					leases, err := store.Claim(d.ctx, 3, long)
					if err != nil {
						d.Errorf("Claim(3): %v", err)
						return
					}
					if len(leases) == 0 {
						return
					}
					mu.Lock()
					for _, l := range leases {
						held[l.Source]++
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		for source, times := range held {
			if times != 1 {
				d.Errorf("%s was claimed %d times", source, times)
			}
		}
		if len(held) != n {
			d.Errorf("%d sources were claimed, want %d", len(held), n)
		}
	}},
	{"a crashed worker's source comes due again when its lease ends, and not before", func(d *desk) {
		d.reschedule("a", time.Time{}, past)
		first := d.take(d.Store, 1, brief)
		other := d.Reopen()
		d.equal("while the lease holds", sources(d.take(other, 1, brief)), []string(nil))
		d.outlast()
		second := d.take(other, 1, brief)
		if len(first) != 1 || len(second) != 1 {
			d.Fatalf("leases %v, then %v, want one each", first, second)
		}
		if second[0].Token <= first[0].Token {
			d.Errorf("tokens %d, then %d, want a larger one", first[0].Token, second[0].Token)
		}
		if !second[0].Due.Equal(first[0].Until) {
			d.Errorf("due again at %v, want the lease's end %v", second[0].Due, first[0].Until)
		}
	}},
	{"a worker whose lease ended may record while nobody else has claimed", func(d *desk) {
		d.reschedule("a", time.Time{}, past)
		l := d.take(d.Store, 1, brief)[0]
		d.outlast()
		d.check(d.Store.Record(d.ctx, l, visit(l, piece("a", 1))), "Record")
		d.equal("due", d.due(), map[string]time.Time{"a": future})
	}},
	{"a late worker is fenced off, and nothing of its visit is kept", func(d *desk) {
		d.record("a", pieces("a", 1, 3)...)
		d.record("a", piece("a", 3))
		head := d.head()
		late := d.claim("a")
		current := d.claim("a") // as after the first lease's end
		for name, err := range map[string]error{
			"Record":   d.Store.Record(d.ctx, late, visit(late, piece("a", 9))),
			"Postpone": d.Store.Postpone(d.ctx, late, future),
			"Sweep":    func() error { _, err := d.Store.Sweep(d.ctx, late, newswire.Retention{Articles: 1}); return err }(),
		} {
			if !errors.Is(err, newswire.ErrFenced) {
				d.Errorf("%s under an old lease: %v, want ErrFenced", name, err)
			}
		}
		d.equal("all", ids(d.listing(newswire.All)), newestFirst(pieces("a", 1, 3)))
		d.equal("changes", events(d.changes(head)), []event(nil))
		d.equal("known", d.known("a", piece("a", 9)), map[string]cache.Known{})
		d.equal("due", d.due(), map[string]time.Time{"a": current.Until})
		d.check(d.Store.Record(d.ctx, current, visit(current, pieces("a", 3, 4)...)), "Record by the current worker")
		if err := d.Store.Record(d.ctx, late, visit(late)); !errors.Is(err, newswire.ErrFenced) {
			d.Errorf("Record by the late worker after the current one: %v, want ErrFenced", err)
		}
		d.equal("due", d.due(), map[string]time.Time{"a": future})
	}},
	{"tokens grow even when the source left the index in between", func(d *desk) {
		first := d.claim("a")
		d.reschedule("a", d.due()["a"], time.Time{})
		second := d.claim("a")
		if second.Token <= first.Token {
			d.Errorf("tokens %d, then %d, want a larger one", first.Token, second.Token)
		}
		if err := d.Store.Postpone(d.ctx, first, future); !errors.Is(err, newswire.ErrFenced) {
			d.Errorf("Postpone under the old lease: %v, want ErrFenced", err)
		}
	}},
	{"Postpone moves the claimed source, and its lease still records", func(d *desk) {
		d.reschedule("a", time.Time{}, past)
		l := d.take(d.Store, 1, brief)[0]
		d.check(d.Store.Postpone(d.ctx, l, future.Add(-time.Hour)), "Postpone")
		d.outlast()
		d.equal("after the lease's end", sources(d.take(d.Reopen(), 1, brief)), []string(nil))
		d.equal("due", d.due(), map[string]time.Time{"a": future.Add(-time.Hour)})
		d.check(d.Store.Record(d.ctx, l, visit(l, piece("a", 1))), "Record")
		d.equal("due after Record", d.due(), map[string]time.Time{"a": future})
	}},
}
