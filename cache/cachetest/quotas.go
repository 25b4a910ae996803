package cachetest

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/newswire/newswire/cache"
)

func (t *tester) spend(store cache.Store, quota cache.Quota, n int) cache.Spent {
	t.Helper()
	s, err := store.Spend(t.ctx, "partner/acme", quota, n)
	t.check(err, "Spend(%v, %d)", quota, n)
	return s
}

var quotaTests = []test{
	{"all units may be had at once, by all handles together, and then they come back", func(t *tester) {
		quota := cache.Quota{Units: 10, Period: time.Hour}
		other := t.Reopen()
		if s := t.spend(t.Store, quota, 4); s.Units != 4 || s.Left != 6 || s.Next != 0 {
			t.Errorf("the first 4 of 10 are %+v", s)
		}
		if s := t.spend(other, quota, 4); s.Units != 4 || s.Left != 2 {
			t.Errorf("the next 4 are %+v", s)
		}
		if s := t.spend(t.Store, quota, 4); s.Units != 2 || s.Left != 0 || s.Next <= 5*time.Minute || s.Next > 6*time.Minute || s.Full < 59*time.Minute {
			t.Errorf("the last 2 are %+v; want 6 minutes to the next, and an hour to all", s)
		}
		if s := t.spend(other, quota, 1); s.Units != 0 || s.Next <= 5*time.Minute {
			t.Errorf("after the last: %+v", s)
		}
		if s, err := t.Store.Spend(t.ctx, "partner/other", quota, 20); err != nil || s.Units != 10 {
			t.Errorf("another's quota is %+v, %v; want it whole", s, err)
		}
	}},
	{"units come back by the store's clock", func(t *tester) {
		quota := cache.Quota{Units: 4, Period: 400 * time.Millisecond}
		t.spend(t.Store, quota, 4)
		t.Advance(450 * time.Millisecond)
		if s := t.spend(t.Store, quota, 9); s.Units != 4 {
			t.Errorf("after the period %+v, want 4 units", s)
		}
	}},
	{"a quota that changes holds from then on", func(t *tester) {
		t.spend(t.Store, cache.Quota{Units: 10, Period: time.Hour}, 10)
		if s := t.spend(t.Store, cache.Quota{Units: 1000, Period: 10 * time.Millisecond}, 1); s.Next > 10*time.Millisecond {
			t.Errorf("of a larger quota %+v", s)
		}
	}},
	{"many who spend at once get no more than there is", func(t *tester) {
		quota := cache.Quota{Units: 50, Period: time.Hour}
		var given atomic.Int64
		var wg sync.WaitGroup
		for _, store := range []cache.Store{t.Store, t.Reopen(), t.Store, t.Reopen()} {
			wg.Go(func() {
				for range 10 {
					s, err := store.Spend(t.ctx, "partner/acme", quota, 3)
					if err != nil {
						t.Errorf("Spend: %v", err)
					}
					given.Add(int64(s.Units))
				}
			})
		}
		wg.Wait()
		if n := given.Load(); n != 50 {
			t.Errorf("%d units were given, want 50", n)
		}
	}},
	{"a fault gives nothing twice", func(t *tester) {
		for _, when := range []When{Before, After} {
			t.Faults.Arm(1, when)
			_, err := t.Store.Spend(t.ctx, "partner/acme", cache.Quota{Units: 10, Period: time.Hour}, 1)
			if !t.Faults.Disarm() || err != nil && !errors.Is(err, ErrInjected) { // a client may repeat the call
				t.Errorf("Spend struck %v its first command: %v, want the fault", when, err)
			}
		}
		if s := t.spend(t.Store, cache.Quota{Units: 10, Period: time.Hour}, 10); s.Units < 8 || s.Units > 10 {
			t.Errorf("after two faults %d of 10 are there", s.Units)
		}
	}},
}

var usageTests = []test{
	{"what was added is there, day by day", func(t *tester) {
		today := noonToday()
		yesterday := today.Add(-day)
		add := func(store cache.Store, at time.Time, used map[string]cache.Used) {
			t.check(store.AddUsage(t.ctx, at, used), "AddUsage(%v)", at)
		}
		add(t.Store, yesterday, map[string]cache.Used{"acme": {Requests: 1, Items: 2, Bytes: 3}})
		add(t.Store, today, map[string]cache.Used{"acme": {Requests: 10, Refused: 4, Items: 20, Bytes: 1 << 40}, "other": {Requests: 7}})
		add(t.Reopen(), today.Add(day/2-time.Millisecond), map[string]cache.Used{"acme": {Requests: 1}})
		add(t.Store, today, nil)
		want := []cache.DayUsage{
			{Day: yesterday.Truncate(day), Used: cache.Used{Requests: 1, Items: 2, Bytes: 3}},
			{Day: today.Truncate(day), Used: cache.Used{Requests: 11, Refused: 4, Items: 20, Bytes: 1 << 40}},
		}
		for _, store := range []cache.Store{t.Store, t.Reopen()} {
			for since, days := range map[time.Time][]cache.DayUsage{
				today.Add(-30 * day): want, yesterday: want, today: want[1:], {}: want, today.Add(day): nil,
			} {
				got, err := store.Usage(t.ctx, "acme", since)
				t.check(err, "Usage(since %v)", since)
				t.equal("usage", got, days)
			}
		}
		got, err := t.Store.Usage(t.ctx, "absent", yesterday)
		t.check(err, "Usage of a partner without any")
		t.equal("usage of a partner without any", len(got), 0)
	}},
}
