package cachetest

import (
	"errors"
	"slices"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// revisions asks for what an article was.
func (d *desk) revisions(id string) []newswire.Article {
	d.Helper()
	revisions, err := d.Store.Revisions(d.ctx, id)
	d.check(err, "Revisions(%s)", id)
	return revisions
}

var historyTests = []test{
	{"what was never corrected has no history", func(d *desk) {
		a := piece("a", 1)
		d.record("a", a)
		a.Publisher.Title = "The publisher's new name"
		d.record("a", a) // in place
		d.equal("revisions", d.revisions(a.ID), []newswire.Article(nil))
		if got, err := d.Store.Revisions(d.ctx, piece("a", 2).ID); !errors.Is(err, newswire.ErrNotFound) {
			d.Errorf("Revisions of an unknown article = %v, %v, want ErrNotFound", got, err)
		}
	}},
	{"earlier revisions are kept as they were, oldest first", func(d *desk) {
		first := full("a", 1)
		written := first
		written.Publisher.Title = "The publisher's new name"
		second := within(revised(written), "finance")
		third := released(held(revised(second)))
		d.record("a", first, piece("a", 2))
		d.record("a", written)
		d.record("a", second, piece("a", 2))
		d.record("a", third)
		d.record("a", third)
		want := []newswire.Article{written, second}
		d.equal("revisions", d.revisions(first.ID), want)
		again, err := d.Reopen().Revisions(d.ctx, first.ID)
		d.check(err, "Revisions by another handle")
		d.equal("revisions by another handle", again, want)
		d.equal("of another article", d.revisions(piece("a", 2).ID), []newswire.Article(nil))
	}},
	{"a revision of the same offer takes the place of another", func(d *desk) {
		a := piece("a", 1)
		b := within(a, "finance")
		b.Revision = 2
		c := revised(b)
		d.record("a", a)
		d.record("a", b)
		d.equal("revisions after the operator's change", d.revisions(a.ID), []newswire.Article(nil))
		d.record("a", c)
		d.equal("revisions after the publisher's", d.revisions(a.ID), []newswire.Article{b})
	}},
	{"the first is kept, and the last before the current one", func(d *desk) {
		a := piece("a", 1)
		all := []newswire.Article{a}
		d.record("a", a)
		for range cache.RevisionsKept + 5 {
			a = revised(a)
			all = append(all, a)
			d.record("a", a)
			earlier := all[:len(all)-1]
			want := earlier
			if gone := len(earlier) - 1 - cache.RevisionsKept; gone > 0 {
				want = append(slices.Clone(earlier[:1]), earlier[1+gone:]...)
			}
			d.equal("revisions", d.revisions(a.ID), want)
		}
	}},
	{"history goes with a withdrawn article", func(d *desk) {
		a := piece("a", 1)
		d.record("a", a)
		d.record("a", revised(a))
		d.withdraw(a.ID)
		d.record("a", revised(revised(a)))
		if got, err := d.Store.Revisions(d.ctx, a.ID); !errors.Is(err, newswire.ErrWithdrawn) {
			d.Errorf("Revisions of a withdrawn article = %v, %v, want ErrWithdrawn", got, err)
		}
	}},
	{"history goes with an article that retention drops, and does not come back with it", func(d *desk) {
		a := piece("a", 1)
		d.record("a", a, piece("a", 2))
		d.record("a", revised(a), piece("a", 2))
		d.offered("a", piece("a", 2))
		d.Advance(20 * time.Millisecond)
		if n := d.sweep("a", newswire.Retention{Age: time.Millisecond}); n != 1 {
			d.Fatalf("Sweep dropped %d, want 1", n)
		}
		if got, err := d.Store.Revisions(d.ctx, a.ID); !errors.Is(err, newswire.ErrNotFound) {
			d.Errorf("Revisions of a dropped article = %v, %v, want ErrNotFound", got, err)
		}
		d.record("a", a)
		d.equal("revisions when it is back", d.revisions(a.ID), []newswire.Article(nil))
	}},
	{"a visit that is refused keeps nothing", func(d *desk) {
		a := piece("a", 1)
		d.record("a", a)
		late := d.claim("a")
		d.claim("a")
		if err := d.Store.Record(d.ctx, late, visit(late, revised(a))); !errors.Is(err, newswire.ErrFenced) {
			d.Fatalf("Record under a lost lease: %v, want ErrFenced", err)
		}
		d.equal("revisions", d.revisions(a.ID), []newswire.Article(nil))
	}},
}
