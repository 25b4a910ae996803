package cachetest

import (
	"errors"
	"sync"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

func (d *desk) withdraw(id string) newswire.Tombstone {
	d.Helper()
	stone, err := d.Store.Withdraw(d.ctx, id, "the author asked")
	d.check(err, "Withdraw(%s)", id)
	return stone
}

// isWithdrawn checks that the article is gone from wherever a reader looks.
func (d *desk) isWithdrawn(a newswire.Article) {
	d.Helper()
	if got, err := d.Store.Article(d.ctx, a.ID); !errors.Is(err, newswire.ErrWithdrawn) {
		d.Errorf("Article(%s) = %q, %v, want ErrWithdrawn", a.ID, got.Title, err)
	}
	for _, topic := range a.Topics() {
		for _, listed := range d.listing(topic) {
			if listed.ID == a.ID {
				d.Errorf("%s still lists the withdrawn %s", topic, a.ID)
			}
		}
	}
	d.equal("known", d.known(a.Source, a), map[string]cache.Known{a.ID: {Withdrawn: true}})
}

var tombstoneTests = []test{
	{"a withdrawn article is gone from everywhere, and a tombstone says why", func(d *desk) {
		a := within(piece("a", 1), "finance")
		d.record("a", a, piece("a", 2))
		head := d.head()
		got := d.withdraw(a.ID)
		topics := []newswire.Topic{"all", "category/finance", "source/a"}
		d.equal("tombstone", got, newswire.Tombstone{
			Article: a.ID, AtomID: a.AtomID, Source: "a", Reason: "the author asked", At: got.At, Topics: topics,
		})
		log := d.changes(head)
		d.equal("changes", events(log), []event{{newswire.Remove, a.ID, 1, topics}})
		if len(log) == 1 && (got.At.IsZero() || got.At.Sub(log[0].At).Abs() > time.Minute) {
			d.Errorf("withdrawn at %v, logged at %v", got.At, log[0].At)
		}
		d.isWithdrawn(a)
		d.equal("all", ids(d.listing(newswire.All)), []string{piece("a", 2).ID})
		again, err := d.Reopen().Tombstone(d.ctx, a.ID)
		d.check(err, "Tombstone")
		d.equal("tombstone by another handle", again, got)
	}},
	{"a second Withdraw keeps the first tombstone and logs nothing", func(d *desk) {
		d.record("a", piece("a", 1))
		first := d.withdraw(piece("a", 1).ID)
		head := d.head()
		d.Advance(5 * time.Millisecond)
		second, err := d.Store.Withdraw(d.ctx, first.Article, "another reason")
		d.check(err, "Withdraw")
		d.equal("second tombstone", second, first)
		d.equal("changes", events(d.changes(head)), []event(nil))
	}},
	{"what was never there cannot be withdrawn", func(d *desk) {
		d.record("a", piece("a", 1))
		if stone, err := d.Store.Withdraw(d.ctx, piece("a", 2).ID, "r"); !errors.Is(err, newswire.ErrNotFound) {
			d.Errorf("Withdraw of an unknown article = %+v, %v, want ErrNotFound", stone, err)
		}
		for _, n := range []int{1, 2} {
			if stone, err := d.Store.Tombstone(d.ctx, piece("a", n).ID); !errors.Is(err, newswire.ErrNotFound) {
				d.Errorf("Tombstone of article %d = %+v, %v, want ErrNotFound", n, stone, err)
			}
		}
	}},
	{"tombstones are listed by topic, newest first", func(d *desk) {
		var want []newswire.Tombstone
		for n := 1; n <= 5; n++ {
			a := within(piece("a", n), "finance")
			d.record("a", a)
			if n == 4 {
				a = revised(a)
				a.Categories = nil // it leaves the category before it goes
				d.record("a", a)
			}
			d.Advance(2 * time.Millisecond)
			want = append([]newswire.Tombstone{d.withdraw(a.ID)}, want...)
		}
		d.record("b", piece("b", 1))
		list := func(s cache.Store, topic newswire.Topic, limit int) []newswire.Tombstone {
			stones, err := s.Tombstones(d.ctx, topic, limit)
			d.check(err, "Tombstones(%s, %d)", topic, limit)
			return stones
		}
		d.equal("of all", list(d.Store, newswire.All, 10), want)
		d.equal("the newest two of a source", list(d.Store, newswire.SourceTopic("a"), 2), want[:2])
		d.equal("of a category that one of them had left", list(d.Reopen(), newswire.CategoryTopic("finance"), 4),
			append(want[:1:1], want[2:]...))
		d.equal("of a source without any", list(d.Store, newswire.SourceTopic("b"), 10), []newswire.Tombstone(nil))
		if stones, err := d.Store.Tombstones(d.ctx, newswire.All, 0); err == nil {
			d.Errorf("Tombstones with a limit of 0 = %v, want an error", stones)
		}
	}},
	{"an article offered again a thousand times stays withdrawn", func(d *desk) {
		a := within(piece("a", 1), "finance")
		d.record("a", a, piece("a", 2))
		d.withdraw(a.ID)
		head := d.head()
		l := d.claim("a")
		for n := range 1000 {
			if n%2 == 0 {
				a = revised(a)
			}
			v := visit(l, a, piece("a", 2))
			if n%3 == 0 {
				v.Offered = nil
			}
			d.check(d.Store.Record(d.ctx, l, v), "Record")
		}
		d.isWithdrawn(a)
		d.equal("changes", events(d.changes(head)), []event(nil))
		d.equal("all", ids(d.listing(newswire.All)), []string{piece("a", 2).ID})
	}},
	{"a Withdraw in the middle of a visit wins", func(d *desk) {
		a := piece("a", 1)
		d.record("a", a)
		l := d.claim("a")
		a = revised(a) // the worker has it in hand
		d.withdraw(a.ID)
		d.check(d.Store.Record(d.ctx, l, visit(l, a, piece("a", 2))), "Record")
		d.isWithdrawn(a)
		d.equal("all", ids(d.listing(newswire.All)), []string{piece("a", 2).ID})
	}},
	{"a Withdraw that races a visit wins", func(d *desk) {
		other := d.Reopen()
		for n := range 20 {
			a := piece("a", n)
			d.record("a", a)
			l := d.claim("a")
			a = within(revised(a), "finance")
			var wg sync.WaitGroup
			wg.Go(func() {
				if err := d.Store.Record(d.ctx, l, visit(l, a)); err != nil {
					d.Errorf("Record: %v", err)
				}
			})
			wg.Go(func() {
				if _, err := other.Withdraw(d.ctx, a.ID, "r"); err != nil {
					d.Errorf("Withdraw: %v", err)
				}
			})
			wg.Wait()
			d.isWithdrawn(a)
		}
		for _, kind := range []newswire.Kind{newswire.KindSource, newswire.KindCategory} {
			topics, err := directory(d.ctx, d.Store, kind)
			d.check(err, "directory")
			if len(topics) != 0 {
				d.Errorf("topics of kind %s: %v, want none", kind, topics)
			}
		}
		newFollower(d).check(d)
	}},
}
