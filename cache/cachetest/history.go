package cachetest

import (
	"errors"
	"slices"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// revisions asks for what an article was.
func (t *tester) revisions(id string) []newswire.Article {
	t.Helper()
	revisions, err := t.Store.Revisions(t.ctx, id)
	t.check(err, "Revisions(%s)", id)
	return revisions
}

var historyTests = []test{
	{"what was never corrected has no history", func(t *tester) {
		a := piece("a", 1)
		t.record("a", a)
		a.Publisher.Title = "The publisher's new name"
		t.record("a", a) // in place
		t.equal("revisions", t.revisions(a.ID), []newswire.Article(nil))
		if got, err := t.Store.Revisions(t.ctx, piece("a", 2).ID); !errors.Is(err, newswire.ErrNotFound) {
			t.Errorf("Revisions of an unknown article = %v, %v, want ErrNotFound", got, err)
		}
	}},
	{"earlier revisions are kept as they were, oldest first", func(t *tester) {
		first := full("a", 1)
		written := first
		written.Publisher.Title = "The publisher's new name"
		second := within(revised(written), "finance")
		third := released(held(revised(second)))
		t.record("a", first, piece("a", 2))
		t.record("a", written)
		t.record("a", second, piece("a", 2))
		t.record("a", third)
		t.record("a", third)
		want := []newswire.Article{written, second}
		t.equal("revisions", t.revisions(first.ID), want)
		again, err := t.Reopen().Revisions(t.ctx, first.ID)
		t.check(err, "Revisions by another handle")
		t.equal("revisions by another handle", again, want)
		t.equal("of another article", t.revisions(piece("a", 2).ID), []newswire.Article(nil))
	}},
	{"a revision of the same offer takes the place of another", func(t *tester) {
		a := piece("a", 1)
		b := within(a, "finance")
		b.Revision = 2
		c := revised(b)
		t.record("a", a)
		t.record("a", b)
		t.equal("revisions after the operator's change", t.revisions(a.ID), []newswire.Article(nil))
		t.record("a", c)
		t.equal("revisions after the publisher's", t.revisions(a.ID), []newswire.Article{b})
	}},
	{"the first is kept, and the last before the current one", func(t *tester) {
		a := piece("a", 1)
		all := []newswire.Article{a}
		t.record("a", a)
		for range cache.RevisionsKept + 5 {
			a = revised(a)
			all = append(all, a)
			t.record("a", a)
			earlier := all[:len(all)-1]
			want := earlier
			if gone := len(earlier) - 1 - cache.RevisionsKept; gone > 0 {
				want = append(slices.Clone(earlier[:1]), earlier[1+gone:]...)
			}
			t.equal("revisions", t.revisions(a.ID), want)
		}
	}},
	{"history goes with a withdrawn article", func(t *tester) {
		a := piece("a", 1)
		t.record("a", a)
		t.record("a", revised(a))
		t.withdraw(a.ID)
		t.record("a", revised(revised(a)))
		if got, err := t.Store.Revisions(t.ctx, a.ID); !errors.Is(err, newswire.ErrWithdrawn) {
			t.Errorf("Revisions of a withdrawn article = %v, %v, want ErrWithdrawn", got, err)
		}
	}},
	{"history goes with an article that retention drops, and does not come back with it", func(t *tester) {
		a := piece("a", 1)
		t.record("a", a, piece("a", 2))
		t.record("a", revised(a), piece("a", 2))
		t.offered("a", piece("a", 2))
		t.Advance(20 * time.Millisecond)
		if n := t.sweep("a", newswire.Retention{Age: time.Millisecond}); n != 1 {
			t.Fatalf("Sweep dropped %d, want 1", n)
		}
		if got, err := t.Store.Revisions(t.ctx, a.ID); !errors.Is(err, newswire.ErrNotFound) {
			t.Errorf("Revisions of a dropped article = %v, %v, want ErrNotFound", got, err)
		}
		t.record("a", a)
		t.equal("revisions when it is back", t.revisions(a.ID), []newswire.Article(nil))
	}},
	{"a visit that is refused keeps nothing", func(t *tester) {
		a := piece("a", 1)
		t.record("a", a)
		late := t.claim("a")
		t.claim("a")
		if err := t.Store.Record(t.ctx, late, visit(late, revised(a))); !errors.Is(err, newswire.ErrFenced) {
			t.Fatalf("Record under a lost lease: %v, want ErrFenced", err)
		}
		t.equal("revisions", t.revisions(a.ID), []newswire.Article(nil))
	}},
}
