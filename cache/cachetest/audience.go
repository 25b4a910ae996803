package cachetest

import (
	"errors"
	"sync"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// tally is how many read each topic.
type tally = map[newswire.Topic]int

const day = 24 * time.Hour

// noonToday is by the real clock, for a driver may forget by that.
func noonToday() time.Time { return time.Now().UTC().Truncate(day).Add(day / 2) }

func (t *tester) count(at time.Time, readers tally) {
	t.Helper()
	t.check(t.Store.Count(t.ctx, at, readers), "Count(%v, %v)", at, readers)
}

// reads compares what each handle says of the readers of topics.
func (t *tester) reads(at time.Time, want tally, topics ...newswire.Topic) {
	t.Helper()
	for _, store := range []cache.Store{t.Store, t.Reopen()} {
		got, err := store.Readers(t.ctx, at, topics...)
		t.check(err, "Readers(%v)", at)
		t.equal("readers", got, want)
	}
}

var audienceTests = []test{
	{"what was counted is there for all", func(t *tester) {
		a, b := newswire.SourceTopic("a"), newswire.CategoryTopic("b")
		t.reads(noonToday(), tally{}, newswire.All, a)
		t.count(noonToday(), tally{newswire.All: 3, a: 1, b: 1_000_000})
		t.count(noonToday(), nil)
		t.reads(noonToday(), tally{newswire.All: 3, b: 1_000_000}, newswire.All, b, newswire.SourceTopic("c"))
		t.reads(noonToday(), tally{})
	}},
	{"of several counts of a day the largest stands", func(t *tester) {
		start := noonToday().Truncate(day)
		t.count(start, tally{newswire.All: 5})
		t.check(t.Reopen().Count(t.ctx, start.Add(day-time.Millisecond), tally{newswire.All: 3}), "Count")
		t.reads(start, tally{newswire.All: 5}, newswire.All)
		t.count(start.In(time.FixedZone("", 9*60*60)), tally{newswire.All: 7})
		t.reads(start, tally{newswire.All: 7}, newswire.All)
	}},
	{"the day before counts while the day is young, and no other day", func(t *tester) {
		now := noonToday()
		t.count(now.Add(-day), tally{newswire.All: 9})
		t.count(now, tally{newswire.All: 2})
		t.reads(now.Add(-day), tally{newswire.All: 9}, newswire.All)
		t.reads(now, tally{newswire.All: 9}, newswire.All)
		t.reads(now.Add(day), tally{newswire.All: 2}, newswire.All)
		t.reads(now.Add(2*day), tally{}, newswire.All)
		t.count(now.Add(day), tally{newswire.All: 1})
		t.reads(now.Add(day), tally{newswire.All: 2}, newswire.All)
		t.reads(now.Add(2*day), tally{newswire.All: 1}, newswire.All)
	}},
	{"many who count at once lose nothing", func(t *tester) {
		at := noonToday()
		var wg sync.WaitGroup
		for i, store := range []cache.Store{t.Store, t.Reopen(), t.Store, t.Reopen()} {
			wg.Go(func() {
				for n := range 5 {
					if err := store.Count(t.ctx, at, tally{newswire.All: 10*i + n + 1}); err != nil {
						t.Errorf("Count: %v", err)
					}
				}
			})
		}
		wg.Wait()
		t.reads(at, tally{newswire.All: 35}, newswire.All)
	}},
	{"Count may be repeated", func(t *tester) {
		for _, when := range []When{Before, After} {
			t.Faults.Arm(1, when)
			err := t.Store.Count(t.ctx, noonToday(), tally{newswire.All: 4})
			if !t.Faults.Disarm() || !errors.Is(err, ErrInjected) {
				t.Errorf("Count struck %v its first command: %v, want the fault", when, err)
			}
		}
		t.count(noonToday(), tally{newswire.All: 4})
		t.reads(noonToday(), tally{newswire.All: 4}, newswire.All)
	}},
}
