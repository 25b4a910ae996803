package sources

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestOneVisitAtATimePerDomainWithAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDomains()
		var (
			mu     sync.Mutex
			inside int
			begins []time.Time
			wg     sync.WaitGroup
		)
		for range 5 {
			wg.Go(func() {
				leave, _ := d.enter(t.Context(), "a.example", 2*time.Second, time.Hour)
				if leave == nil {
					t.Error("no turn within an hour")
					return
				}
				mu.Lock()
				inside++
				if inside > 1 {
					t.Errorf("%d visits at once", inside)
				}
				begins = append(begins, time.Now())
				mu.Unlock()
				time.Sleep(time.Second)
				mu.Lock()
				inside--
				mu.Unlock()
				leave()
			})
		}
		wg.Wait()
		for i := 1; i < len(begins); i++ {
			if gap := begins[i].Sub(begins[i-1]); gap != 3*time.Second {
				t.Errorf("%v between two visits of 1 s, want 3 s", gap)
			}
		}
	})
}

func TestAVisitThatMayNotWaitHearsWhenToComeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDomains()
		leave, _ := d.enter(t.Context(), "a.example", 2*time.Second, time.Second)
		if again := func() time.Time {
			l, again := d.enter(t.Context(), "a.example", 2*time.Second, time.Second)
			if l != nil {
				t.Fatal("two visits at once")
			}
			return again
		}(); !again.After(time.Now()) {
			t.Errorf("come again at %v, which is not after %v", again, time.Now())
		}
		leave()
		d.hold("a.example", time.Now().Add(time.Hour))
		l, again := d.enter(t.Context(), "a.example", 2*time.Second, time.Second)
		if l != nil || time.Until(again) < time.Hour {
			t.Errorf("a held domain let a visit in, or said to come again in %v", time.Until(again))
		}
		time.Sleep(time.Hour)
		if l, _ := d.enter(t.Context(), "a.example", 2*time.Second, time.Second); l == nil {
			t.Error("a domain that is no longer held let nobody in")
		}
	})
}

func TestABurstOfRefusalsIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDomains()
		leave, _ := d.enter(t.Context(), "a.example", 0, time.Second)
		leave()
		for i, want := range []bool{false, false, true} {
			if got := d.refused("a.example", time.Now()); got != want {
				t.Errorf("refusal %d: burst %v, want %v", i+1, got, want)
			}
		}
		time.Sleep(time.Hour)
		if d.refused("a.example", time.Now()) {
			t.Error("a single refusal an hour later counts as a burst")
		}
	})
}
