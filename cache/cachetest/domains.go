package cachetest

import (
	"errors"
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
	d.check(d.Store.Leave(d.ctx, turn, remember), "Leave(%s)", turn.Domain)
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
		if err := d.Store.Leave(d.ctx, late, wary(past)); !errors.Is(err, newswire.ErrFenced) {
			d.Errorf("Leave of a turn that was given to another: %v, want ErrFenced", err)
		}
		d.refused(d.Store, "a.example", current.Until)
		d.leave(current, newswire.Domain{})
		if err := d.Store.Leave(d.ctx, late, wary(past)); !errors.Is(err, newswire.ErrFenced) {
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
			err := d.Store.Leave(d.ctx, turn, wary(past))
			if !d.Faults.Disarm() || !errors.Is(err, ErrInjected) {
				d.Errorf("Leave struck %v its first command: %v, want the fault", when, err)
			}
		}
		d.leave(turn, wary(past))
		d.given(d.Reopen(), "a.example", long)
	}},
}
