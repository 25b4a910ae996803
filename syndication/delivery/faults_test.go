package delivery_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/delivery"
)

func TestKillBetweenSendAndRecordDeliversAgainAndLosesNone(t *testing.T) {
	inRig(t, func(r *rig) {
		ids := hosts("a", 40)
		r.subscribe(ids...)
		killed := &watched{Store: r.store.Store}
		_, kill := r.runOn(killed, r, delivery.Options{})
		time.Sleep(time.Second)
		die := func() error { return errAway }
		killed.onDeliver.Store(&die) // from here on what was sent is not recorded
		r.publish(3)
		time.Sleep(time.Second)
		kill()
		r.run(r, delivery.Options{})
		time.Sleep(time.Minute)
		for _, id := range ids {
			if twice, _ := r.got(id); twice != 3 {
				t.Errorf("%s got %d changes twice, want the 3 that were not recorded", id, twice)
			}
		}
	})
}

func TestTwoProcessesShareSubscriptions(t *testing.T) {
	inRig(t, func(r *rig) {
		ids := hosts("a", 1000)
		r.subscribe(ids...)
		first, second := &watched{Store: r.store.Store}, &watched{Store: r.store.Store}
		r.runOn(first, r, delivery.Options{Concurrency: 32})
		time.Sleep(100 * time.Millisecond)
		r.runOn(second, r, delivery.Options{Concurrency: 32})
		time.Sleep(10 * time.Second)
		for n := range 10 {
			r.publish(n + 1)
			time.Sleep(time.Duration(137*n) * time.Millisecond)
		}
		time.Sleep(20 * time.Second)
		if last := r.latest(ids...); last > 5*time.Second {
			t.Errorf("the last change came after %v", last)
		}
		a, b := first.recorded.Load(), second.recorded.Load()
		if a < 1000 || b < 1000 {
			t.Errorf("the processes made %d and %d deliveries, want a share for each", a, b)
		}
		calls := float64(first.calls()+second.calls()) / float64(a+b)
		t.Logf("%.3f calls of the store for each delivery", calls)
		if calls > 0.5 {
			t.Errorf("%.2f calls of the store for each delivery, want far less than 1", calls)
		}
	})
}

func TestSlowStoreIsCalledForMany(t *testing.T) {
	inRig(t, func(r *rig) {
		ids := hosts("a", 1000)
		r.subscribe(ids...)
		slow := func() error {
			time.Sleep(10 * time.Millisecond)
			return nil
		}
		r.store.onDeliver.Store(&slow)
		r.run(r, delivery.Options{Concurrency: 64})
		time.Sleep(time.Minute)
		before, recorded := r.store.calls(), r.store.recorded.Load()
		r.publish(1)
		time.Sleep(10 * time.Second)
		r.latest(ids...)
		if calls := float64(r.store.calls()-before) / float64(r.store.recorded.Load()-recorded); calls > 0.1 {
			t.Errorf("%.2f calls of the store for each delivery", calls)
		}
	})
}

func TestDeadAndDrippingDelayNoOther(t *testing.T) {
	var alone time.Duration
	for _, bad := range []bool{false, true} {
		inRig(t, func(r *rig) {
			healthy := hosts("a", 800)
			r.subscribe(healthy...)
			if bad {
				r.subscribe(slices.Concat(hosts("dead", 100), hosts("dripping", 100))...)
			}
			r.run(r, delivery.Options{Concurrency: 64})
			time.Sleep(time.Minute)
			for range 6 {
				r.publish(1)
				time.Sleep(3 * time.Second)
			}
			last := r.latest(healthy...)
			t.Logf("with dead and dripping ones %v: the last came after %v", bad, last)
			if !bad {
				alone = last
			} else if last > alone+alone/10 || last > 2*time.Second {
				t.Errorf("the last change came after %v, and without dead and dripping ones after %v", last, alone)
			}
			if bad && len(r.tries("dead0-")) > 8 {
				t.Errorf("%d deliveries to one that is dead, want backoff", len(r.tries("dead0-")))
			}
		})
	}
}

func TestManyOfOneHostTakeNotAllSlots(t *testing.T) {
	inRig(t, func(r *rig) {
		crowd, others := names("unhurried-", 300), hosts("a", 100)
		r.subscribe(crowd...)
		time.Sleep(time.Second)
		r.subscribe(others...)
		r.run(r, delivery.Options{Concurrency: 64, PerGroup: 8})
		time.Sleep(time.Minute)
		r.publish(1)
		time.Sleep(time.Minute)
		if last := r.latest(others...); last > time.Second {
			t.Errorf("the last change came to the others after %v", last)
		}
		r.latest(crowd...)
		if most := r.most["unhurried"]; most > 8 {
			t.Errorf("%d deliveries at once to one host, want 8 at most", most)
		}
	})
}

func TestBurstIsFewDeliveries(t *testing.T) {
	inRig(t, func(r *rig) {
		ids := hosts("a", 20)
		r.subscribe(ids...)
		r.run(r, delivery.Options{})
		time.Sleep(10 * time.Second)
		before := len(r.tries(ids[0]))
		for range 10 { // 1,000 changes in half a second
			r.publish(100)
			time.Sleep(50 * time.Millisecond)
		}
		time.Sleep(10 * time.Second)
		r.latest(ids...)
		for _, id := range ids {
			if n := len(r.tries(id)) - before; n > 5 {
				t.Errorf("%d deliveries of 1,000 changes, want 5 at most", n)
			}
		}
	})
}

func TestChangeDuringADeliveryIsNotLost(t *testing.T) {
	inRig(t, func(r *rig) {
		r.subscribe("dripping-1", "unhurried-1")
		r.run(r, delivery.Options{})
		time.Sleep(time.Minute)
		for range 30 {
			r.publish(1)
			time.Sleep(211 * time.Millisecond)
		}
		time.Sleep(time.Minute)
		r.latest("dripping-1", "unhurried-1")
	})
}

func TestClaimIsExtendedWhileADeliveryLasts(t *testing.T) {
	inRig(t, func(r *rig) {
		ids := hosts("dripping", 20)
		r.subscribe(ids...)
		r.run(r, delivery.Options{Lease: 3 * time.Second})
		r.runOn(&watched{Store: r.store.Store}, r, delivery.Options{Lease: 3 * time.Second})
		time.Sleep(time.Minute)
		before := len(r.tries(ids[0]))
		r.publish(1)
		time.Sleep(time.Minute)
		r.latest(ids...)
		if n := len(r.tries(ids[0])) - before; n != 1 {
			t.Errorf("%d deliveries of one change, want 1", n)
		}
	})
}

func TestFailuresBackOffAndEndWithASuccess(t *testing.T) {
	inRig(t, func(r *rig) {
		r.subscribe("refusing-1", "panicking-1", "a-1")
		d, _ := r.run(r, delivery.Options{Poll: time.Minute})
		time.Sleep(48 * time.Hour)
		for _, id := range []string{"refusing-1", "panicking-1"} {
			tries := r.tries(id)
			if len(tries) < 15 || len(tries) > 25 {
				t.Errorf("%s: %d deliveries in two days", id, len(tries))
			}
			for i := 1; i < len(tries); i++ {
				pause := tries[i].Sub(tries[i-1])
				if least := 10 * time.Second << min(i-1, 11) * 3 / 4; pause < min(least, 4*time.Hour) || pause > 6*time.Hour+time.Minute {
					t.Errorf("%s: a pause of %v after failure %d", id, pause, i)
				}
			}
			sub := r.subscription(id)
			if sub.Failures != len(tries) || sub.Failing.Sub(tries[0]).Abs() > time.Second || !strings.Contains(sub.Why, map[string]string{
				"refusing-1": "answers 500", "panicking-1": "panic: at the disco",
			}[id]) {
				t.Errorf("%s is stored as %+v after %d failures since %v", id, sub.Progress, len(tries), tries[0])
			}
		}
		r.publish(1)
		time.Sleep(2 * time.Minute)
		r.latest("a-1")
		if err := d.Check(r.Context()); err != nil {
			t.Errorf("Check() = %v; two that fail are their own matter", err)
		}
	})
}

func TestWhatIsUnderWayAtTheEndHasAMomentAndIsGivenBack(t *testing.T) {
	inRig(t, func(r *rig) {
		r.subscribe("unhurried-1", "dripping-1")
		_, stop := r.run(r, delivery.Options{})
		time.Sleep(time.Minute)
		r.publish(1)
		time.Sleep(400 * time.Millisecond)
		began := time.Now()
		stop()
		if took := time.Since(began); took > 6*time.Second {
			t.Errorf("the end took %v", took)
		}
		r.latest("unhurried-1")
		if sub := r.subscription("dripping-1"); sub.Failures > 0 || sub.Due.IsZero() || sub.Due.After(time.Now()) {
			t.Errorf("what was cut short is %+v, want it due at once and no failure", sub)
		}
		r.run(r, delivery.Options{})
		time.Sleep(10 * time.Second)
		r.latest("unhurried-1", "dripping-1")
	})
}

func TestOutageOfTheStoreLosesNothingAndIsTold(t *testing.T) {
	inRig(t, func(r *rig) {
		ids := hosts("a", 50)
		r.subscribe(ids...)
		d, _ := r.run(r, delivery.Options{})
		time.Sleep(10 * time.Second)
		r.store.away.Store(true)
		r.publish(3)
		time.Sleep(30 * time.Second)
		if err := d.Check(r.Context()); err != nil {
			t.Errorf("Check() = %v in a short outage", err)
		}
		time.Sleep(40 * time.Second)
		if err := d.Check(r.Context()); !errors.Is(err, errAway) {
			t.Errorf("Check() = %v in a long outage, want the store's error", err)
		}
		r.store.away.Store(false)
		time.Sleep(3 * time.Second)
		r.latest(ids...)
		if err := d.Check(r.Context()); err != nil {
			t.Errorf("Check() = %v after the outage", err)
		}
	})
}

func TestLogThatBeginsElsewhereWakesAll(t *testing.T) {
	inRig(t, func(r *rig) {
		r.subscribe("a-1")
		_, stop := r.run(r, delivery.Options{})
		time.Sleep(time.Second)
		stop()
		r.publish(3)
		r.check(r.store.TrimChanges(r.Context(), time.Now().Add(time.Hour)), "TrimChanges")
		before := len(r.tries("a-1"))
		r.run(r, delivery.Options{})
		time.Sleep(time.Second)
		if n := len(r.tries("a-1")); n != before+1 {
			t.Errorf("%d deliveries after the log was trimmed, want one", n-before)
		}
	})
}

func TestWhatAnotherProcessStoresOrRewindsIsFound(t *testing.T) {
	inRig(t, func(r *rig) {
		r.subscribe("a-1")
		r.publish(2)
		d, _ := r.run(r, delivery.Options{})
		time.Sleep(time.Minute)
		r.check(r.store.Rewind(r.Context(), cache.ChannelHub, "a-1", ""), "Rewind")
		time.Sleep(16 * time.Second)
		if twice, _ := r.got("a-1"); twice != 2 {
			t.Errorf("got %d changes again after a rewind, want 2", twice)
		}
		r.subscribe("b-1")
		d.Look()
		time.Sleep(100 * time.Millisecond)
		if n := len(r.tries("b-1")); n != 1 {
			t.Errorf("%d deliveries after Look, want 1", n)
		}
	})
}

func TestCheckSaysWhenMostSubscribersFail(t *testing.T) {
	inRig(t, func(r *rig) {
		r.subscribe(hosts("a", 11)...)
		r.subscribe(hosts("refusing", 12)...)
		d, _ := r.run(r, delivery.Options{})
		time.Sleep(5 * time.Minute)
		if err := d.Check(r.Context()); err != nil {
			t.Errorf("Check() = %v after five minutes", err)
		}
		time.Sleep(15 * time.Minute)
		if err := d.Check(r.Context()); err == nil || !strings.Contains(err.Error(), "12 of 23") || !strings.Contains(err.Error(), "answers 500") {
			t.Errorf("Check() = %v, want that most fail, and why", err)
		}
	})
}

// Memory is bounded by what is under way, however many subscriptions there are.
func TestMemoryIsFlatWithManySubscriptions(t *testing.T) {
	if testing.Short() {
		t.Skip("storing them takes seconds")
	}
	inRig(t, func(r *rig) {
		const n = 5000 // 100,000 give the same figure, and take 20 s
		var wg sync.WaitGroup
		for worker := range 100 {
			wg.Go(func() {
				for i := worker; i < n; i += 100 {
					err := r.store.Subscribe(r.Context(), cache.Subscription{
						Channel: cache.ChannelHub, ID: fmt.Sprintf("s%d", i), Group: fmt.Sprintf("g%d", i%5000),
						Topics: []newswire.Topic{newswire.All}, Terms: make([]byte, 300),
					})
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		var before, during runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		sender := &quick{}
		r.runOn(r.store, sender, delivery.Options{})
		for sender.count() < n {
			time.Sleep(time.Second)
			runtime.GC()
			var now runtime.MemStats
			if runtime.ReadMemStats(&now); now.HeapAlloc > during.HeapAlloc {
				during = now
			}
		}
		grown := int64(during.HeapAlloc) - int64(before.HeapAlloc)
		t.Logf("%d KB more while %d subscriptions were told", grown/1024, n)
		if grown > 4<<20 {
			t.Errorf("memory grew by %d KB", grown/1024)
		}
	})
}
