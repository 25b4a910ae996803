package cachetest

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

func (t *tester) enter(store cache.Store, domain string, lease time.Duration) cache.Turn {
	t.Helper()
	turn, err := store.Enter(t.ctx, domain, lease)
	t.check(err, "Enter(%s)", domain)
	if turn.Domain != domain {
		t.Errorf("Enter(%s) = %+v, which is for %s", domain, turn, turn.Domain)
	}
	return turn
}

// given enters a domain where that is possible.
func (t *tester) given(store cache.Store, domain string, lease time.Duration) cache.Turn {
	t.Helper()
	turn := t.enter(store, domain, lease)
	if turn.Key == "" {
		t.Fatalf("Enter(%s) = %+v, want the turn", domain, turn)
	}
	return turn
}

// refused asks for a turn that is not to be had before a time.
func (t *tester) refused(store cache.Store, domain string, until time.Time) {
	t.Helper()
	if turn := t.enter(store, domain, long); turn.Key != "" || !turn.Until.Equal(until) {
		t.Errorf("Enter(%s) = %+v, want no turn before %v", domain, turn, until)
	}
}

func (t *tester) leave(turn cache.Turn, remember newswire.Domain) {
	t.Helper()
	turn.Remembered = remember
	t.check(t.Store.Leave(t.ctx, turn), "Leave(%s)", turn.Domain)
}

// wary is all that can be remembered of a domain.
func wary(open time.Time) newswire.Domain {
	return newswire.Domain{
		Free: past, ClosedUntil: open, ClosedWhy: "429 Too Many Requests", Offences: 2, Offended: past, Refusals: []time.Time{past, past.Add(time.Hour)},
	}
}

var domainTests = []test{
	{"a turn is given to one at a time, at each domain", func(t *tester) {
		other := t.Reopen()
		turn := t.given(t.Store, "a.example", long)
		if turn.At.Before(past) || turn.Until.Sub(turn.At) != long {
			t.Errorf("turn %+v, want it %v long", turn, long)
		}
		t.refused(other, "a.example", turn.Until)
		t.refused(t.Store, "a.example", turn.Until)
		t.given(other, "b.example", long)
		t.leave(turn, newswire.Domain{})
		t.given(other, "a.example", long)
	}},
	{"many who ask at once are given one turn", func(t *tester) {
		var mu sync.Mutex // guards keys
		keys := map[string]bool{}
		var wg sync.WaitGroup
		for _, store := range []cache.Store{t.Store, t.Reopen(), t.Store, t.Reopen()} {
			wg.Go(func() {
				for range 5 {
					turn, err := store.Enter(t.ctx, "a.example", long)
					if err != nil {
						t.Errorf("Enter: %v", err)
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
			t.Errorf("%d turns were given at once, want one", len(keys))
		}
	}},
	{"a crashed visitor's turn ends by itself, and not before", func(t *tester) {
		late := t.given(t.Store, "a.example", brief)
		t.refused(t.Reopen(), "a.example", late.Until)
		t.outlast()
		current := t.given(t.Reopen(), "a.example", long)
		late.Remembered = wary(past)
		if err := t.Store.Leave(t.ctx, late); !errors.Is(err, newswire.ErrFenced) {
			t.Errorf("Leave of a turn that was given to another: %v, want ErrFenced", err)
		}
		t.refused(t.Store, "a.example", current.Until)
		t.leave(current, newswire.Domain{})
		if err := t.Store.Leave(t.ctx, late); !errors.Is(err, newswire.ErrFenced) {
			t.Errorf("Leave after the other left: %v, want ErrFenced", err)
		}
		if turn := t.given(t.Store, "a.example", long); turn.Remembered.Offences != 0 {
			t.Errorf("what a fenced visitor left was stored: %+v", turn.Remembered)
		}
	}},
	{"a turn that is extended lasts for longer, and one that has ended is not extended", func(t *tester) {
		turn := t.given(t.Store, "a.example", brief)
		t.check(t.Store.Extend(t.ctx, turn, long), "Extend")
		t.outlast()
		if other := t.enter(t.Reopen(), "a.example", long); other.Key != "" || !other.Until.After(turn.Until) {
			t.Errorf("Enter = %+v, want no turn before the end of the extended one", other)
		}
		t.check(t.Store.Extend(t.ctx, turn, brief), "Extend to what is sooner")
		t.outlast()
		t.check(t.Store.Extend(t.ctx, turn, brief), "Extend of a turn that ended, while no other has entered")
		t.outlast()
		current := t.given(t.Reopen(), "a.example", long)
		if err := t.Store.Extend(t.ctx, turn, long); !errors.Is(err, newswire.ErrFenced) {
			t.Errorf("Extend of a turn that was given to another: %v, want ErrFenced", err)
		}
		t.refused(t.Store, "a.example", current.Until)
		t.leave(current, newswire.Domain{})
		if err := t.Store.Extend(t.ctx, current, long); !errors.Is(err, newswire.ErrFenced) {
			t.Errorf("Extend of a turn that was left: %v, want ErrFenced", err)
		}
		t.given(t.Store, "a.example", long)
	}},
	{"a visitor whose turn ended may leave while no other has entered", func(t *tester) {
		turn := t.given(t.Store, "a.example", brief)
		t.outlast()
		t.leave(turn, wary(future))
		t.refused(t.Reopen(), "a.example", future)
	}},
	{"what a visitor leaves is remembered, by other handles too", func(t *tester) {
		t.leave(t.given(t.Store, "a.example", long), wary(past))
		t.leave(t.given(t.Store, "b.example", long), newswire.Domain{})
		t.given(t.Store, "c.example", long)
		domains, err := t.Reopen().Domains(t.ctx, "a.example", "b.example", "c.example", "d.example")
		t.check(err, "Domains")
		t.equal("remembered", domains, map[string]newswire.Domain{"a.example": wary(past), "b.example": {}})
		t.equal("on entering", t.given(t.Reopen(), "a.example", long).Remembered, wary(past))
		none, err := t.Store.Domains(t.ctx)
		t.check(err, "Domains of nothing")
		t.equal("nothing asked for", none, map[string]newswire.Domain{})
	}},
	{"no visitor enters before the domain is free, nor while it is closed", func(t *tester) {
		t.leave(t.given(t.Store, "closed.example", long), newswire.Domain{Free: past, ClosedUntil: future})
		t.refused(t.Reopen(), "closed.example", future)
		t.leave(t.given(t.Store, "pause.example", long), newswire.Domain{Free: future, ClosedUntil: past})
		t.refused(t.Reopen(), "pause.example", future)

		turn := t.given(t.Store, "brief.example", long)
		free := turn.At.Add(brief)
		t.leave(turn, newswire.Domain{Free: free})
		t.refused(t.Store, "brief.example", free)
		t.outlast()
		t.given(t.Reopen(), "brief.example", long)
	}},
	{"Leave may be repeated", func(t *tester) {
		turn := t.given(t.Store, "a.example", long)
		for _, when := range []When{Before, After} {
			t.Faults.Arm(1, when)
			err := t.Store.Leave(t.ctx, turn)
			if !t.Faults.Disarm() || !errors.Is(err, ErrInjected) {
				t.Errorf("Leave struck %v its first command: %v, want the fault", when, err)
			}
		}
		t.leave(turn, wary(past))
		t.given(t.Reopen(), "a.example", long)
	}},
	{"the claimed source is postponed with the turn", func(t *tester) {
		lease, until := t.claim("a"), future.Add(-time.Hour)
		turn, err := t.Store.Enter(t.ctx, "a.example", long, cache.Postponement{Lease: lease, Until: until})
		t.check(err, "Enter")
		if turn.Key == "" {
			t.Fatalf("Enter = %+v, want the turn", turn)
		}
		t.equal("due", t.due(), map[string]time.Time{"a": until})
		t.check(t.Store.Record(t.ctx, lease, visit(lease, piece("a", 1))), "Record")
		t.equal("due after Record", t.due(), map[string]time.Time{"a": future})
	}},
	{"a source whose visit is not given the turn is not postponed", func(t *tester) {
		lease := t.claim("a")
		t.given(t.Reopen(), "a.example", long)
		turn, err := t.Store.Enter(t.ctx, "a.example", long, cache.Postponement{Lease: lease, Until: future})
		t.check(err, "Enter")
		if turn.Key != "" {
			t.Errorf("Enter = %+v, which another has", turn)
		}
		t.equal("due", t.due(), map[string]time.Time{"a": lease.Until})
	}},
	{"a late worker is given no turn", func(t *tester) {
		late := t.claim("a")
		current := t.claim("a")
		_, err := t.Store.Enter(t.ctx, "a.example", long, cache.Postponement{Lease: late, Until: future})
		if !errors.Is(err, newswire.ErrFenced) {
			t.Errorf("Enter under an old lease: %v, want ErrFenced", err)
		}
		t.equal("due", t.due(), map[string]time.Time{"a": current.Until})
		t.given(t.Reopen(), "a.example", long)
	}},
	{"a source whose visit begins is postponed, wherever a fault strikes", func(t *tester) {
		for _, when := range []When{Before, After, Crash} {
			for n, struck := 1, true; struck; n++ {
				source := fmt.Sprintf("s%v%d", when, n)
				lease := t.claim(source)
				t.Faults.Arm(n, when)
				turn, err := t.Store.Enter(t.ctx, source+".example", long, cache.Postponement{Lease: lease, Until: future})
				struck = t.Faults.Disarm()
				due := t.due()[source]
				if err == nil && (turn.Key == "" || !due.Equal(future)) {
					t.Errorf("struck %v command %d: turn %+v, and due at %v", when, n, turn, due)
				}
				if err != nil && !(struck && errors.Is(err, ErrInjected)) {
					t.Fatalf("struck %v command %d: %v, want the fault", when, n, err)
				}
				if !due.Equal(lease.Until) && !due.Equal(future) {
					t.Errorf("struck %v command %d: due at %v, want the lease's end or the time given", when, n, due)
				}
			}
		}
	}},
	{"Record ends the visit's turns, wherever a fault strikes", func(t *tester) {
		for _, when := range []When{Before, After, Crash} {
			for n, struck := 1, true; struck; n++ {
				source := fmt.Sprintf("s%v%d", when, n)
				lease := t.claim(source)
				turns := []cache.Turn{t.given(t.Store, "one."+source, long), t.given(t.Store, "two."+source, long)}
				for i := range turns {
					turns[i].Remembered = wary(past)
				}
				t.Faults.Arm(n, when)
				err := t.Store.Record(t.ctx, lease, visit(lease, piece(source, 1)), turns...)
				struck = t.Faults.Disarm()
				if err != nil && !(struck && errors.Is(err, ErrInjected)) {
					t.Fatalf("struck %v command %d: %v, want the fault", when, n, err)
				}
				for _, turn := range turns {
					if err != nil {
						t.check(t.Store.Leave(t.ctx, turn), "struck %v command %d: Leave", when, n)
					}
					t.equal("remembered", t.given(t.Reopen(), turn.Domain, long).Remembered, wary(past))
				}
			}
		}
	}},
	{"Record passes over a turn that was given to another", func(t *tester) {
		lease := t.claim("a")
		late := t.given(t.Store, "a.example", brief)
		t.outlast()
		current := t.given(t.Reopen(), "a.example", long)
		late.Remembered = wary(past)
		t.check(t.Store.Record(t.ctx, lease, visit(lease, piece("a", 1)), late), "Record")
		t.refused(t.Store, "a.example", current.Until)
		t.leave(current, newswire.Domain{})
		t.equal("remembered", t.given(t.Store, "a.example", long).Remembered, newswire.Domain{})
	}},
}
