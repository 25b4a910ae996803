package cachetest

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

func (d *desk) enter(store cache.Store, domain string, lease time.Duration) cache.Turn {
	d.Helper()
	turn, err := store.Enter(d.ctx, domain, lease)
	d.check(err, "Enter(%s)", domain)
	if turn.Domain != domain {
		d.Errorf("Enter(%s) = %+v, which is for %s", domain, turn, turn.Domain)
	}
	return turn
}

// given enters a domain where that is possible.
func (d *desk) given(store cache.Store, domain string, lease time.Duration) cache.Turn {
	d.Helper()
	turn := d.enter(store, domain, lease)
	if turn.Key == "" {
		d.Fatalf("Enter(%s) = %+v, want the turn", domain, turn)
	}
	return turn
}

// refused asks for a turn that is not to be had before a time.
func (d *desk) refused(store cache.Store, domain string, until time.Time) {
	d.Helper()
	if turn := d.enter(store, domain, long); turn.Key != "" || !turn.Until.Equal(until) {
		d.Errorf("Enter(%s) = %+v, want no turn before %v", domain, turn, until)
	}
}

func (d *desk) leave(turn cache.Turn, remember newswire.Domain) {
	d.Helper()
	turn.Remembered = remember
	d.check(d.Store.Leave(d.ctx, turn), "Leave(%s)", turn.Domain)
}

// wary is all that can be remembered of a domain.
func wary(open time.Time) newswire.Domain {
	return newswire.Domain{
		Free: past, Held: open, Why: "429 Too Many Requests", Offences: 2, Offended: past, Refusals: []time.Time{past, past.Add(time.Hour)},
	}
}

var domainTests = []test{
	{"a turn is given to one at a time, at each domain", func(d *desk) {
		other := d.Reopen()
		turn := d.given(d.Store, "a.example", long)
		if turn.At.Before(past) || turn.Until.Sub(turn.At) != long {
			d.Errorf("turn %+v, want it %v long", turn, long)
		}
		d.refused(other, "a.example", turn.Until)
		d.refused(d.Store, "a.example", turn.Until)
		d.given(other, "b.example", long)
		d.leave(turn, newswire.Domain{})
		d.given(other, "a.example", long)
	}},
	{"many who ask at once are given one turn", func(d *desk) {
		var mu sync.Mutex // guards keys
		keys := map[string]bool{}
		var wg sync.WaitGroup
		for _, store := range []cache.Store{d.Store, d.Reopen(), d.Store, d.Reopen()} {
			wg.Go(func() {
				for range 5 {
					turn, err := store.Enter(d.ctx, "a.example", long)
					if err != nil {
						d.Errorf("Enter: %v", err)
					}
					if turn.Key != "" {
						mu.Lock()
						keys[turn.Key] = true
						mu.Unlock()
					}
				}
			})
		}
		wg.Wait()
		if len(keys) != 1 {
			d.Errorf("%d turns were given at once, want one", len(keys))
		}
	}},
	{"a crashed visitor's turn ends by itself, and not before", func(d *desk) {
		late := d.given(d.Store, "a.example", brief)
		d.refused(d.Reopen(), "a.example", late.Until)
		d.outlast()
		current := d.given(d.Reopen(), "a.example", long)
		late.Remembered = wary(past)
		if err := d.Store.Leave(d.ctx, late); !errors.Is(err, newswire.ErrFenced) {
			d.Errorf("Leave of a turn that was given to another: %v, want ErrFenced", err)
		}
		d.refused(d.Store, "a.example", current.Until)
		d.leave(current, newswire.Domain{})
		if err := d.Store.Leave(d.ctx, late); !errors.Is(err, newswire.ErrFenced) {
			d.Errorf("Leave after the other left: %v, want ErrFenced", err)
		}
		if turn := d.given(d.Store, "a.example", long); turn.Remembered.Offences != 0 {
			d.Errorf("a late visitor's word was kept: %+v", turn.Remembered)
		}
	}},
	{"a visitor whose turn ended may leave while nobody else has entered", func(d *desk) {
		turn := d.given(d.Store, "a.example", brief)
		d.outlast()
		d.leave(turn, wary(future))
		d.refused(d.Reopen(), "a.example", future)
	}},
	{"what a visitor leaves is remembered, by other handles too", func(d *desk) {
		d.leave(d.given(d.Store, "a.example", long), wary(past))
		d.leave(d.given(d.Store, "b.example", long), newswire.Domain{})
		d.given(d.Store, "c.example", long)
		domains, err := d.Reopen().Domains(d.ctx, "a.example", "b.example", "c.example", "d.example")
		d.check(err, "Domains")
		d.equal("remembered", domains, map[string]newswire.Domain{"a.example": wary(past), "b.example": {}})
		d.equal("on entering", d.given(d.Reopen(), "a.example", long).Remembered, wary(past))
		none, err := d.Store.Domains(d.ctx)
		d.check(err, "Domains of nothing")
		d.equal("nothing asked for", none, map[string]newswire.Domain{})
	}},
	{"nobody enters before the domain is free, nor while it is held", func(d *desk) {
		d.leave(d.given(d.Store, "held.example", long), newswire.Domain{Free: past, Held: future})
		d.refused(d.Reopen(), "held.example", future)
		d.leave(d.given(d.Store, "pause.example", long), newswire.Domain{Free: future, Held: past})
		d.refused(d.Reopen(), "pause.example", future)

		turn := d.given(d.Store, "brief.example", long)
		free := turn.At.Add(brief)
		d.leave(turn, newswire.Domain{Free: free})
		d.refused(d.Store, "brief.example", free)
		d.outlast()
		d.given(d.Reopen(), "brief.example", long)
	}},
	{"Leave may be repeated", func(d *desk) {
		turn := d.given(d.Store, "a.example", long)
		for _, when := range []When{Before, After} {
			d.Faults.Arm(1, when)
			err := d.Store.Leave(d.ctx, turn)
			if !d.Faults.Disarm() || !errors.Is(err, ErrInjected) {
				d.Errorf("Leave struck %v its first command: %v, want the fault", when, err)
			}
		}
		d.leave(turn, wary(past))
		d.given(d.Reopen(), "a.example", long)
	}},
	{"who is given the turn has set out: the claimed source is put off with it", func(d *desk) {
		lease, until := d.claim("a"), future.Add(-time.Hour)
		turn, err := d.Store.Enter(d.ctx, "a.example", long, cache.Postponement{Lease: lease, Until: until})
		d.check(err, "Enter")
		if turn.Key == "" {
			d.Fatalf("Enter = %+v, want the turn", turn)
		}
		d.equal("due", d.due(), map[string]time.Time{"a": until})
		d.check(d.Store.Record(d.ctx, lease, visit(lease, piece("a", 1))), "Record")
		d.equal("due after Record", d.due(), map[string]time.Time{"a": future})
	}},
	{"who is not given the turn is not put off", func(d *desk) {
		lease := d.claim("a")
		d.given(d.Reopen(), "a.example", long)
		turn, err := d.Store.Enter(d.ctx, "a.example", long, cache.Postponement{Lease: lease, Until: future})
		d.check(err, "Enter")
		if turn.Key != "" {
			d.Errorf("Enter = %+v, which another has", turn)
		}
		d.equal("due", d.due(), map[string]time.Time{"a": lease.Until})
	}},
	{"a late worker is given no turn", func(d *desk) {
		late := d.claim("a")
		current := d.claim("a")
		_, err := d.Store.Enter(d.ctx, "a.example", long, cache.Postponement{Lease: late, Until: future})
		if !errors.Is(err, newswire.ErrFenced) {
			d.Errorf("Enter under an old lease: %v, want ErrFenced", err)
		}
		d.equal("due", d.due(), map[string]time.Time{"a": current.Until})
		d.given(d.Reopen(), "a.example", long)
	}},
	{"whoever sets out is put off, wherever a fault strikes", func(d *desk) {
		for _, when := range []When{Before, After, Crash} {
			for n, struck := 1, true; struck; n++ {
				source := fmt.Sprintf("s%v%d", when, n)
				lease := d.claim(source)
				d.Faults.Arm(n, when)
				turn, err := d.Store.Enter(d.ctx, source+".example", long, cache.Postponement{Lease: lease, Until: future})
				struck = d.Faults.Disarm()
				due := d.due()[source]
				if err == nil && (turn.Key == "" || !due.Equal(future)) {
					d.Errorf("struck %v command %d: turn %+v, and due at %v", when, n, turn, due)
				}
				if err != nil && !(struck && errors.Is(err, ErrInjected)) {
					d.Fatalf("struck %v command %d: %v, want the fault", when, n, err)
				}
				if !due.Equal(lease.Until) && !due.Equal(future) {
					d.Errorf("struck %v command %d: due at %v, want the lease's end or the time given", when, n, due)
				}
			}
		}
	}},
	{"Record ends the visit's turns, wherever a fault strikes", func(d *desk) {
		for _, when := range []When{Before, After, Crash} {
			for n, struck := 1, true; struck; n++ {
				source := fmt.Sprintf("s%v%d", when, n)
				lease := d.claim(source)
				turns := []cache.Turn{d.given(d.Store, "one."+source, long), d.given(d.Store, "two."+source, long)}
				for i := range turns {
					turns[i].Remembered = wary(past)
				}
				d.Faults.Arm(n, when)
				err := d.Store.Record(d.ctx, lease, visit(lease, piece(source, 1)), turns...)
				struck = d.Faults.Disarm()
				if err != nil && !(struck && errors.Is(err, ErrInjected)) {
					d.Fatalf("struck %v command %d: %v, want the fault", when, n, err)
				}
				for _, turn := range turns {
					if err != nil {
						d.check(d.Store.Leave(d.ctx, turn), "struck %v command %d: Leave", when, n)
					}
					d.equal("remembered", d.given(d.Reopen(), turn.Domain, long).Remembered, wary(past))
				}
			}
		}
	}},
	{"Record passes over a turn that was given to another", func(d *desk) {
		lease := d.claim("a")
		late := d.given(d.Store, "a.example", brief)
		d.outlast()
		current := d.given(d.Reopen(), "a.example", long)
		late.Remembered = wary(past)
		d.check(d.Store.Record(d.ctx, lease, visit(lease, piece("a", 1)), late), "Record")
		d.refused(d.Store, "a.example", current.Until)
		d.leave(current, newswire.Domain{})
		d.equal("remembered", d.given(d.Store, "a.example", long).Remembered, newswire.Domain{})
	}},
}
