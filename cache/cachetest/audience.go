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

func (d *desk) count(at time.Time, readers tally) {
	d.Helper()
	d.check(d.Store.Count(d.ctx, at, readers), "Count(%v, %v)", at, readers)
}

// reads compares what each handle says of the readers of topics.
func (d *desk) reads(at time.Time, want tally, topics ...newswire.Topic) {
	d.Helper()
	for _, store := range []cache.Store{d.Store, d.Reopen()} {
		got, err := store.Readers(d.ctx, at, topics...)
		d.check(err, "Readers(%v)", at)
		d.equal("readers", got, want)
	}
}

var audienceTests = []test{
	{"what was counted is there for all", func(d *desk) {
		a, b := newswire.SourceTopic("a"), newswire.CategoryTopic("b")
		d.reads(noonToday(), tally{}, newswire.All, a)
		d.count(noonToday(), tally{newswire.All: 3, a: 1, b: 1_000_000})
		d.count(noonToday(), nil)
		d.reads(noonToday(), tally{newswire.All: 3, b: 1_000_000}, newswire.All, b, newswire.SourceTopic("c"))
		d.reads(noonToday(), tally{})
	}},
	{"of several counts of a day the largest stands", func(d *desk) {
		start := noonToday().Truncate(day)
		d.count(start, tally{newswire.All: 5})
		d.check(d.Reopen().Count(d.ctx, start.Add(day-time.Millisecond), tally{newswire.All: 3}), "Count")
		d.reads(start, tally{newswire.All: 5}, newswire.All)
		d.count(start.In(time.FixedZone("", 9*60*60)), tally{newswire.All: 7})
		d.reads(start, tally{newswire.All: 7}, newswire.All)
	}},
	{"the day before counts while the day is young, and no other day", func(d *desk) {
		now := noonToday()
		d.count(now.Add(-day), tally{newswire.All: 9})
		d.count(now, tally{newswire.All: 2})
		d.reads(now.Add(-day), tally{newswire.All: 9}, newswire.All)
		d.reads(now, tally{newswire.All: 9}, newswire.All)
		d.reads(now.Add(day), tally{newswire.All: 2}, newswire.All)
		d.reads(now.Add(2*day), tally{}, newswire.All)
		d.count(now.Add(day), tally{newswire.All: 1})
		d.reads(now.Add(day), tally{newswire.All: 2}, newswire.All)
		d.reads(now.Add(2*day), tally{newswire.All: 1}, newswire.All)
	}},
	{"many who count at once lose nothing", func(d *desk) {
		at := noonToday()
		var wg sync.WaitGroup
		for i, store := range []cache.Store{d.Store, d.Reopen(), d.Store, d.Reopen()} {
			wg.Go(func() {
				for n := range 5 {
					if err := store.Count(d.ctx, at, tally{newswire.All: 10*i + n + 1}); err != nil {
						d.Errorf("Count: %v", err)
					}
				}
			})
		}
		wg.Wait()
		d.reads(at, tally{newswire.All: 35}, newswire.All)
	}},
	{"Count may be repeated", func(d *desk) {
		for _, when := range []When{Before, After} {
			d.Faults.Arm(1, when)
			err := d.Store.Count(d.ctx, noonToday(), tally{newswire.All: 4})
			if !d.Faults.Disarm() || !errors.Is(err, ErrInjected) {
				d.Errorf("Count struck %v its first command: %v, want the fault", when, err)
			}
		}
		d.count(noonToday(), tally{newswire.All: 4})
		d.reads(noonToday(), tally{newswire.All: 4}, newswire.All)
	}},
}
