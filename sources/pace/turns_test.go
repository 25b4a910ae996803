package pace

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/sqlitecache"
	"github.com/newswire/newswire/sources/fetch"
)

// openStore opens a store whose clock is that of the bubble.
func openStore(t *testing.T, dir string) *sqlitecache.Store {
	t.Helper()
	store, err := sqlitecache.Open(t.Context(), filepath.Join(dir, "wire.db"), sqlitecache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// inBubble runs a test with two handles on one store, as two processes have.
func inBubble(t *testing.T, test func(t *testing.T, one, other *Domains)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, b := openStore(t, dir), openStore(t, dir)
		defer a.Close()
		defer b.Close()
		test(t, NewDomains(a), NewDomains(b))
	})
}

// onTheWay is a visit that has departed, with the pause that it keeps at a domain, and its patience.
func onTheWay(pause, patience time.Duration) *Departure {
	return claimedAt(time.Now(), pause, patience)
}

// claimedAt is onTheWay with what the clock of the store said now.
func claimedAt(now time.Time, pause, patience time.Duration) *Departure {
	claim := &Claim{Lease: cache.Lease{At: now}, Asked: time.Now()}
	return &Departure{Claim: claim, Pause: pause, Patience: patience, Lease: time.Minute, departed: true}
}

func wantBusy(t *testing.T, err error, why string) time.Time {
	t.Helper()
	var busy *BusyError
	if !errors.As(err, &busy) || busy.Why != why {
		t.Fatalf("error %v, want that %q", err, why)
	}
	return busy.Until
}

func TestOneVisitAtATimePerDomainWithAPause(t *testing.T) {
	inBubble(t, func(t *testing.T, one, other *Domains) {
		var (
			mu     sync.Mutex // guards inside and begins
			inside int
			begins []time.Time
			wg     sync.WaitGroup
		)
		for i := range 6 {
			d := one
			if i%3 == 0 {
				d = other
			}
			wg.Go(func() {
				turn, err := d.enter(t.Context(), "a.example", onTheWay(2*time.Second, time.Hour))
				if err != nil {
					t.Errorf("no turn within an hour: %v", err)
					return
				}
				mu.Lock()
				if inside++; inside > 1 {
					t.Errorf("%d visits at once", inside)
				}
				begins = append(begins, time.Now())
				mu.Unlock()
				time.Sleep(time.Second)
				mu.Lock()
				inside--
				mu.Unlock()
				if err := turn.leave(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for i := 1; i < len(begins); i++ {
			if gap := begins[i].Sub(begins[i-1]); gap < 3*time.Second || gap > 5*time.Second {
				t.Errorf("%v between two visits of 1 s, want 3 s and a little", gap)
			}
		}
		if len(one.queues)+len(other.queues) != 0 {
			t.Errorf("%d and %d domains are remembered after all have left", len(one.queues), len(other.queues))
		}
	})
}

func TestAVisitThatMayNotWaitHearsWhenToComeAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, one, other *Domains) {
		turn, err := one.enter(t.Context(), "a.example", onTheWay(2*time.Second, time.Second))
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range []*Domains{one, other} {
			_, err := d.enter(t.Context(), "a.example", onTheWay(2*time.Second, time.Second))
			if until := wantBusy(t, err, "waits for its turn at a.example"); !until.After(time.Now()) {
				t.Errorf("come again at %v, which is not after %v", until, time.Now())
			}
		}
		observe(&turn.Remembered, &fetch.Answer{Status: 429, Header: headers("Retry-After", "7200")}, time.Now())
		until := time.Now().Add(2 * time.Hour)
		if err := turn.leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, d := range []*Domains{one, other} {
			_, err := d.enter(t.Context(), "a.example", onTheWay(0, time.Second))
			why := "a.example is held until " + until.UTC().Format(time.RFC3339) + " after 429 Too Many Requests"
			if got := wantBusy(t, err, why); got.Sub(until).Abs() > time.Millisecond {
				t.Errorf("come again at %v, want when the domain opens, %v", got, until)
			}
		}
		time.Sleep(2 * time.Hour)
		turn, err = other.enter(t.Context(), "a.example", onTheWay(0, time.Second))
		if err != nil {
			t.Fatalf("a domain that is open again: %v", err)
		}
		if err := turn.leave(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// When to come again is said by the store's clock, for the store puts the source off until then: a process whose own clock is an
// hour off must not have its sources visited an hour late, or claimed again at once.
func TestAVisitThatMayNotWaitHearsTheTimeOfTheStore(t *testing.T) {
	inBubble(t, func(t *testing.T, one, _ *Domains) {
		turn, err := one.enter(t.Context(), "a.example", onTheWay(time.Second, time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		for _, off := range []time.Duration{-time.Hour, time.Hour} {
			store := time.Now().Add(off)
			_, err := one.enter(t.Context(), "a.example", claimedAt(store, time.Second, time.Second))
			until := wantBusy(t, err, "waits for its turn at a.example")
			if left := until.Sub(store); left < time.Second || left > 3*time.Second {
				t.Errorf("with a clock %v off it is to come again in %v", off, left)
			}
		}
		if err := turn.leave(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestACrashedVisitorsTurnEnds(t *testing.T) {
	inBubble(t, func(t *testing.T, one, other *Domains) {
		crashed, err := one.enter(t.Context(), "a.example", onTheWay(0, time.Second))
		if err != nil {
			t.Fatal(err)
		}
		crashed.stop()
		began := time.Now()
		turn, err := other.enter(t.Context(), "a.example", onTheWay(0, time.Hour))
		if err != nil || time.Since(began) < 59*time.Second || time.Since(began) > 61*time.Second {
			t.Fatalf("turn after %v (%v), want it when the crashed visitor's ends, after a minute", time.Since(began), err)
		}
		if err := crashed.leave(t.Context()); err != nil {
			t.Errorf("leaving a turn that has ended: %v, want nothing", err)
		}
		if err := turn.leave(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestAVisitThatIsStoppedLeavesTheQueue(t *testing.T) {
	inBubble(t, func(t *testing.T, one, _ *Domains) {
		turn, err := one.enter(t.Context(), "a.example", onTheWay(0, time.Second))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := one.enter(ctx, "a.example", onTheWay(0, time.Hour)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want that of the context", err)
		}
		if err := turn.leave(t.Context()); err != nil {
			t.Error(err)
		}
		if len(one.queues) != 0 {
			t.Errorf("%d domains have a queue, want none", len(one.queues))
		}
	})
}

func TestATurnLastsAsLongAsItsVisit(t *testing.T) {
	inBubble(t, func(t *testing.T, one, other *Domains) {
		turn, err := one.enter(t.Context(), "a.example", onTheWay(0, time.Second))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Minute) // its lease is a minute
		if _, err := other.enter(t.Context(), "a.example", onTheWay(0, time.Second)); err == nil {
			t.Error("another visit entered while the first was there")
		}
		if err := turn.leave(t.Context()); err != nil {
			t.Error(err)
		}
		if turn, err = other.enter(t.Context(), "a.example", onTheWay(0, time.Second)); err != nil {
			t.Fatalf("when the first has left: %v", err)
		}
		if err := turn.leave(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// slow is a store that gives its first turn, and says so later.
type slow struct {
	*sqlitecache.Store
	by time.Duration
}

func (s *slow) Enter(ctx context.Context, domain string, lease time.Duration, postpone ...cache.Postponement) (cache.Turn, error) {
	turn, err := s.Store.Enter(ctx, domain, lease, postpone...)
	time.Sleep(s.by)
	s.by = 0
	return turn, err
}

func TestATurnThatEndedBeforeItWasHeardOfIsNotTaken(t *testing.T) {
	inBubble(t, func(t *testing.T, one, other *Domains) {
		one.store = &slow{one.store.(*sqlitecache.Store), 90 * time.Second}
		first := make(chan *turn)
		go func() {
			turn, err := one.enter(t.Context(), "a.example", onTheWay(0, time.Hour))
			if err != nil {
				t.Error(err)
			}
			first <- turn
		}()
		time.Sleep(61 * time.Second) // the turn of a minute has ended
		second, err := other.enter(t.Context(), "a.example", onTheWay(0, time.Second))
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-first:
			t.Error("two visits have the turn")
		case <-time.After(40 * time.Second):
		}
		if err := second.leave(t.Context()); err != nil {
			t.Error(err)
		}
		if err := (<-first).leave(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestATurnThatWasHeardOfLateLastsFromThenOn(t *testing.T) {
	inBubble(t, func(t *testing.T, one, other *Domains) {
		one.store = &slow{one.store.(*sqlitecache.Store), 59 * time.Second}
		turn, err := one.enter(t.Context(), "a.example", onTheWay(0, time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second) // a minute after it was given, and before it is extended the next time
		if _, err := other.enter(t.Context(), "a.example", onTheWay(0, time.Second)); err == nil {
			t.Error("two visits have the turn")
		}
		if err := turn.leave(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
