package cachetest

import (
	"errors"
	"sync"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

func (t *tester) withdraw(id string) newswire.Tombstone {
	t.Helper()
	stone, err := t.Store.Withdraw(t.ctx, id, "the author asked")
	t.check(err, "Withdraw(%s)", id)
	return stone
}

// isWithdrawn checks that the article is gone from wherever a reader looks.
func (t *tester) isWithdrawn(a newswire.Article) {
	t.Helper()
	if got, err := t.Store.Article(t.ctx, a.ID); !errors.Is(err, newswire.ErrWithdrawn) {
		t.Errorf("Article(%s) = %q, %v, want ErrWithdrawn", a.ID, got.Title, err)
	}
	for _, topic := range a.Topics() {
		for _, listed := range t.listing(topic) {
			if listed.ID == a.ID {
				t.Errorf("%s still lists the withdrawn %s", topic, a.ID)
			}
		}
	}
	t.equal("known", t.known(a.Source, a), map[string]cache.Known{a.ID: {Withdrawn: true}})
}

var tombstoneTests = []test{
	{"a withdrawn article is gone from everywhere, and a tombstone says why", func(t *tester) {
		a := within(piece("a", 1), "finance")
		t.record("a", a, piece("a", 2))
		head := t.head()
		got := t.withdraw(a.ID)
		topics := []newswire.Topic{"all", "category/finance", "source/a"}
		t.equal("tombstone", got, newswire.Tombstone{
			Article: a.ID, AtomID: a.AtomID, Source: "a", Reason: "the author asked", At: got.At, Topics: topics,
		})
		log := t.changes(head)
		t.equal("changes", events(log), []event{{newswire.Remove, a.ID, 1, topics}})
		if len(log) == 1 && (got.At.IsZero() || got.At.Sub(log[0].At).Abs() > time.Minute) {
			t.Errorf("withdrawn at %v, logged at %v", got.At, log[0].At)
		}
		t.isWithdrawn(a)
		t.equal("all", ids(t.listing(newswire.All)), []string{piece("a", 2).ID})
		again, err := t.Reopen().Tombstone(t.ctx, a.ID)
		t.check(err, "Tombstone")
		t.equal("tombstone by another handle", again, got)
	}},
	{"a second Withdraw keeps the first tombstone and logs nothing", func(t *tester) {
		t.record("a", piece("a", 1))
		first := t.withdraw(piece("a", 1).ID)
		head := t.head()
		t.Advance(5 * time.Millisecond)
		second, err := t.Store.Withdraw(t.ctx, first.Article, "another reason")
		t.check(err, "Withdraw")
		t.equal("second tombstone", second, first)
		t.equal("changes", events(t.changes(head)), []event(nil))
	}},
	{"what was never there cannot be withdrawn", func(t *tester) {
		t.record("a", piece("a", 1))
		if stone, err := t.Store.Withdraw(t.ctx, piece("a", 2).ID, "r"); !errors.Is(err, newswire.ErrNotFound) {
			t.Errorf("Withdraw of an unknown article = %+v, %v, want ErrNotFound", stone, err)
		}
		for _, n := range []int{1, 2} {
			if stone, err := t.Store.Tombstone(t.ctx, piece("a", n).ID); !errors.Is(err, newswire.ErrNotFound) {
				t.Errorf("Tombstone of article %d = %+v, %v, want ErrNotFound", n, stone, err)
			}
		}
	}},
	{"tombstones are listed by topic, newest first", func(t *tester) {
		var want []newswire.Tombstone
		for n := 1; n <= 5; n++ {
			a := within(piece("a", n), "finance")
			t.record("a", a)
			if n == 4 {
				a = revised(a)
				a.Categories = nil // it leaves the category before it goes
				t.record("a", a)
			}
			t.Advance(2 * time.Millisecond)
			want = append([]newswire.Tombstone{t.withdraw(a.ID)}, want...)
		}
		t.record("b", piece("b", 1))
		list := func(s cache.Store, topic newswire.Topic, limit int) []newswire.Tombstone {
			stones, err := s.Tombstones(t.ctx, topic, limit)
			t.check(err, "Tombstones(%s, %d)", topic, limit)
			return stones
		}
		t.equal("of all", list(t.Store, newswire.All, 10), want)
		t.equal("the newest two of a source", list(t.Store, newswire.SourceTopic("a"), 2), want[:2])
		t.equal("of a category that one of them had left", list(t.Reopen(), newswire.CategoryTopic("finance"), 4),
			append(want[:1:1], want[2:]...))
		t.equal("of a source without any", list(t.Store, newswire.SourceTopic("b"), 10), []newswire.Tombstone(nil))
		if stones, err := t.Store.Tombstones(t.ctx, newswire.All, 0); err == nil {
			t.Errorf("Tombstones with a limit of 0 = %v, want an error", stones)
		}
	}},
	{"an article offered again a thousand times stays withdrawn", func(t *tester) {
		a := within(piece("a", 1), "finance")
		t.record("a", a, piece("a", 2))
		t.withdraw(a.ID)
		head := t.head()
		l := t.claim("a")
		for n := range 1000 {
			if n%2 == 0 {
				a = revised(a)
			}
			v := visit(l, a, piece("a", 2))
			if n%3 == 0 {
				v.Offered = nil
			}
			t.check(t.Store.Record(t.ctx, l, v), "Record")
		}
		t.isWithdrawn(a)
		t.equal("changes", events(t.changes(head)), []event(nil))
		t.equal("all", ids(t.listing(newswire.All)), []string{piece("a", 2).ID})
	}},
	{"a Withdraw in the middle of a visit wins", func(t *tester) {
		a := piece("a", 1)
		t.record("a", a)
		l := t.claim("a")
		a = revised(a) // the worker has it in hand
		t.withdraw(a.ID)
		t.check(t.Store.Record(t.ctx, l, visit(l, a, piece("a", 2))), "Record")
		t.isWithdrawn(a)
		t.equal("all", ids(t.listing(newswire.All)), []string{piece("a", 2).ID})
	}},
	{"a Withdraw that races a visit wins", func(t *tester) {
		other := t.Reopen()
		for n := range 20 {
			a := piece("a", n)
			t.record("a", a)
			l := t.claim("a")
			a = within(revised(a), "finance")
			var wg sync.WaitGroup
			wg.Go(func() {
				if err := t.Store.Record(t.ctx, l, visit(l, a)); err != nil {
					t.Errorf("Record: %v", err)
				}
			})
			wg.Go(func() {
				if _, err := other.Withdraw(t.ctx, a.ID, "r"); err != nil {
					t.Errorf("Withdraw: %v", err)
				}
			})
			wg.Wait()
			t.isWithdrawn(a)
		}
		for _, kind := range []newswire.Kind{newswire.KindSource, newswire.KindCategory} {
			topics, err := directory(t.ctx, t.Store, kind)
			t.check(err, "directory")
			if len(topics) != 0 {
				t.Errorf("topics of kind %s: %v, want none", kind, topics)
			}
		}
		newAuditor(t).check(t)
	}},
}
