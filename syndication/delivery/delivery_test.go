package delivery_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire/syndication/delivery"
)

func TestChangeReachesEachSubscriberOnce(t *testing.T) {
	inRig(t, func(r *rig) {
		ids := append(names("a.example-", 3), names("b.example-", 3)...)
		r.subscribe(ids...)
		r.run(r, delivery.Options{})
		time.Sleep(time.Second)
		for range 3 {
			r.publish(2)
			time.Sleep(time.Second)
		}
		for _, id := range ids {
			if twice, last := r.got(id); twice > 0 || last > 500*time.Millisecond {
				t.Errorf("%s got %d changes twice, and the last after %v", id, twice, last)
			}
		}
	})
}

func TestNothingDueCallsNoStore(t *testing.T) {
	inRig(t, func(r *rig) {
		r.subscribe(names("a.example-", 100)...)
		r.run(r, delivery.Options{})
		time.Sleep(10 * time.Second)
		before, reads := r.store.calls(), r.store.reads.Load()
		time.Sleep(time.Minute)
		if n := r.store.calls() - before; n > 6 { // each quarter of a minute, and two counts
			t.Errorf("%d calls in an idle minute, want 6 at most", n)
		}
		if n := r.store.reads.Load() - reads; n < 230 || n > 250 {
			t.Errorf("%d looks at the change log in a minute, want 4 a second", n)
		}
	})
}

func TestLoneDeliveryTakesThreeCalls(t *testing.T) {
	inRig(t, func(r *rig) {
		r.subscribe("a.example-1")
		r.run(r, delivery.Options{})
		time.Sleep(10 * time.Second)
		before := r.store.calls()
		r.publish(1)
		time.Sleep(2 * time.Second)
		r.got("a.example-1")
		if n := r.store.calls() - before; n != 3 {
			t.Errorf("%d calls for one delivery, want 3", n)
		}
		synctest.Wait()
	})
}
