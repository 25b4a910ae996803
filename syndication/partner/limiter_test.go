package partner_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/partner"
)

// quotas is a store of quotas in memory, which can be away.
type quotas struct {
	full  map[string]int64
	calls int
	err   error
}

func (q *quotas) Spend(_ context.Context, name string, quota cache.Quota, n int) (s cache.Spent, err error) {
	q.calls++
	if q.err != nil {
		return s, q.err
	}
	q.full[name], s = quota.Spend(q.full[name], time.Now().UnixMicro(), n)
	return s, nil
}

var acme = &partner.Partner{ID: "acme", Rate: cache.Quota{Units: 60, Period: time.Minute}}

// spend asks n times, and counts what was allowed.
func spend(t *testing.T, l *partner.Limiter, n int) (allowed int, last partner.Verdict) {
	t.Helper()
	for range n {
		if last = l.Spend(t.Context(), acme); last.Allowed {
			allowed++
		}
	}
	return allowed, last
}

func TestLimiterHoldsToTheRateAndAsksTheStoreRarely(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &quotas{full: map[string]int64{}}
		l := partner.NewLimiter(store, nil)
		n, v := spend(t, l, 100)
		if n != 60 || v.Allowed || v.Again <= 0 || v.Again > time.Second || v.Left != 0 || v.Full <= 50*time.Second {
			t.Errorf("%d of 100 allowed, then %+v; want 60", n, v)
		}
		if store.calls > 25 {
			t.Errorf("%d calls to the store for 100 requests", store.calls)
		}
		time.Sleep(10 * time.Second)
		if n, _ := spend(t, l, 100); n < 9 || n > 11 {
			t.Errorf("%d allowed after 10 s, want 10", n)
		}
		time.Sleep(time.Hour)
		if n, v := spend(t, l, 1); n != 1 || v.Left < 55 {
			t.Errorf("after an hour %+v", v)
		}
	})
}

func TestLimitersShareARate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &quotas{full: map[string]int64{}}
		a, b := partner.NewLimiter(store, nil), partner.NewLimiter(store, nil)
		n := 0
		for range 60 {
			x, _ := spend(t, a, 1)
			y, _ := spend(t, b, 1)
			n += x + y
		}
		if n != 60 {
			t.Errorf("two processes allow %d, want 60 together", n)
		}
	})
}

func TestLimiterGoesOnWithoutTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		alone := 0
		l := partner.NewLimiter(&quotas{err: errors.New("away")}, func() { alone++ })
		if n, _ := spend(t, l, 100); n != 60 || alone == 0 {
			t.Errorf("%d of 100 allowed, %d times alone; want 60", n, alone)
		}
	})
}

// hanging is a store of quotas that answers when it is told to.
type hanging struct {
	quotas
	goOn chan struct{}
}

func (h *hanging) Spend(ctx context.Context, name string, quota cache.Quota, n int) (cache.Spent, error) {
	<-h.goOn
	return h.quotas.Spend(ctx, name, quota, n)
}

func TestAPartnerDoesNotWaitForAStoreThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &hanging{quotas: quotas{full: map[string]int64{}}, goOn: make(chan struct{})}
		l, began := partner.NewLimiter(store, nil), time.Now()
		if n, _ := spend(t, l, 100); n < 60 || n > 62 {
			t.Errorf("%d of 100 allowed, want 60", n)
		}
		if waited := time.Since(began); waited > time.Second {
			t.Errorf("the partner waited for %v; want a second at most, once", waited)
		}
		close(store.goOn)
		time.Sleep(time.Minute)
		if n, _ := spend(t, l, 100); n != 60 || store.calls < 2 {
			t.Errorf("%d of 100 allowed after that, by %d answers of the store; want 60", n, store.calls)
		}
	})
}

// usage is a store of usage in memory, which can be away.
type usage struct {
	mu   sync.Mutex
	sums map[string]cache.Used
	err  error
}

func (u *usage) fail(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.err = err
}

func (u *usage) AddUsage(_ context.Context, day time.Time, used map[string]cache.Used) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.err != nil {
		return u.err
	}
	for partner, n := range used {
		key := day.Format(time.DateOnly) + " " + partner
		sum := u.sums[key]
		sum.Requests += n.Requests
		u.sums[key] = sum
	}
	return nil
}

func TestMeterLosesNothingToAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &usage{sums: map[string]cache.Used{}, err: errors.New("away")}
		m := partner.NewMeter(store, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			m.Run(ctx)
		}()
		day := time.Now().UTC().Format(time.DateOnly)
		m.Add("acme", cache.Used{Requests: 1})
		time.Sleep(time.Minute)
		store.fail(nil)
		m.Add("acme", cache.Used{Requests: 2})
		time.Sleep(time.Minute)
		m.Add("acme", cache.Used{Requests: 4})
		stop()
		<-done
		if got := store.sums[day+" acme"].Requests; got != 7 {
			t.Errorf("%d requests stored, want 7: %v", got, store.sums)
		}
	})
}

func TestGuessesAreSlowedByAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := partner.NewGuesses()
		wrong := func(address string) time.Duration { return g.Wrong(t.Context(), address) }
		began := time.Now()
		for i := range 10 {
			if wait := wrong("192.0.2.1:1"); wait != 0 {
				t.Fatalf("the %d. wrong key is told to wait %v", i+1, wait)
			}
		}
		if wait := wrong("192.0.2.1:2"); wait != time.Second || time.Since(began) != time.Second {
			t.Errorf("the 11. wrong key waited %v and is told to wait %v", time.Since(began), wait)
		}
		for range 10 {
			wrong("[2001:db8::1]:1")
		}
		if wrong("[2001:db8::ffff]:1") == 0 {
			t.Error("another address of the same IPv6 network is not slowed")
		}
		for _, other := range []string{"192.0.2.2:1", "[2001:db8:0:1::1]:1", "nonsense"} {
			if wait := wrong(other); wait != 0 {
				t.Errorf("%s is told to wait %v", other, wait)
			}
		}
	})
}
