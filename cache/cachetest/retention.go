package cachetest

import (
	"errors"
	"slices"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// sweep claims the source and drops what is beyond its retention.
func (d *desk) sweep(source string, keep newswire.Retention) int {
	d.Helper()
	n, err := d.Store.Sweep(d.ctx, d.claim(source), keep)
	d.check(err, "Sweep(%s, %+v)", source, keep)
	return n
}

// offered records a visit that found articles, of which none is new or changed.
func (d *desk) offered(source string, articles ...newswire.Article) {
	d.Helper()
	l := d.claim(source)
	v := visit(l)
	v.Offered = append(v.Offered, ids(articles)...)
	d.check(d.Store.Record(d.ctx, l, v), "Record(%s)", source)
}

var retentionTests = []test{
	{"no bounds, nothing dropped", func(d *desk) {
		d.record("a", pieces("a", 1, 5)...)
		d.offered("a")
		d.Advance(20 * time.Millisecond)
		if n := d.sweep("a", newswire.Retention{}); n != 0 {
			d.Errorf("Sweep dropped %d, want 0", n)
		}
		if n := d.sweep("unheard-of", newswire.Retention{Articles: 1}); n != 0 {
			d.Errorf("Sweep of a source without articles dropped %d, want 0", n)
		}
	}},
	{"age counts from when the article was last offered, not from its date", func(d *desk) {
		keep := newswire.Retention{Age: 100 * time.Millisecond}
		d.record("a", pieces("a", 1, 4)...) // all dated years ago
		d.Advance(150 * time.Millisecond)
		if n := d.sweep("a", keep); n != 0 {
			d.Errorf("Sweep dropped %d of those still offered", n)
		}
		d.offered("a", pieces("a", 3, 4)...)
		if n := d.sweep("a", newswire.Retention{Age: time.Hour}); n != 0 {
			d.Errorf("Sweep dropped %d of those just gone", n)
		}
		d.Advance(150 * time.Millisecond)
		head := d.head()
		if n := d.sweep("a", keep); n != 2 {
			d.Errorf("Sweep dropped %d, want 2", n)
		}
		d.equal("all", ids(d.listing(newswire.All)), newestFirst(pieces("a", 3, 4)))
		log := events(d.changes(head))
		slices.SortFunc(log, func(a, b event) int { return map[bool]int{true: -1, false: 1}[a.Article == piece("a", 1).ID] })
		topics := []newswire.Topic{"all", "source/a"}
		d.equal("changes", log, []event{{newswire.Remove, piece("a", 1).ID, 1, topics}, {newswire.Remove, piece("a", 2).ID, 1, topics}})
		if _, err := d.Store.Article(d.ctx, piece("a", 1).ID); !errors.Is(err, newswire.ErrNotFound) {
			d.Errorf("Article(dropped): %v, want ErrNotFound", err)
		}
		d.equal("known", d.known("a", pieces("a", 1, 2)...), map[string]cache.Known{})
		if n := d.sweep("a", keep); n != 0 {
			d.Errorf("a second Sweep dropped %d more", n)
		}
	}},
	{"a visit without a whole document changes nothing about what is offered", func(d *desk) {
		d.record("a", pieces("a", 1, 2)...)
		for range 2 {
			l := d.claim("a")
			v := visit(l, piece("a", 3)) // a 226, or with none of them a 304
			v.Offered = nil
			d.check(d.Store.Record(d.ctx, l, v), "Record")
			d.Advance(20 * time.Millisecond)
		}
		if n := d.sweep("a", newswire.Retention{Age: time.Millisecond, Articles: 1}); n != 0 {
			d.Errorf("Sweep dropped %d, want 0", n)
		}
		d.offered("a", piece("a", 3))
		l := d.claim("a")
		v := visit(l)
		v.Offered = nil
		d.check(d.Store.Record(d.ctx, l, v), "Record")
		d.Advance(20 * time.Millisecond)
		if n := d.sweep("a", newswire.Retention{Age: time.Millisecond}); n != 2 {
			d.Errorf("Sweep dropped %d, want the two that left before the last, empty-handed visit", n)
		}
	}},
	{"by count the oldest go first, and none that is still offered", func(d *desk) {
		d.record("a", pieces("a", 1, 10)...)
		d.offered("a", pieces("a", 1, 3)...) // the oldest by date are still there
		if n := d.sweep("a", newswire.Retention{Articles: 8}); n != 2 {
			d.Errorf("Sweep to 8 dropped %d, want 2", n)
		}
		d.equal("all", ids(d.listing(newswire.All)), newestFirst(append(pieces("a", 1, 3), pieces("a", 6, 10)...)))
		if n := d.sweep("a", newswire.Retention{Articles: 1}); n != 5 {
			d.Errorf("Sweep to 1 dropped %d, want all 5 that are not offered", n)
		}
		d.equal("all", ids(d.listing(newswire.All)), newestFirst(pieces("a", 1, 3)))
	}},
	{"an article offered again is neither dropped nor new", func(d *desk) {
		d.record("a", pieces("a", 1, 3)...)
		d.offered("a", piece("a", 3))
		d.Advance(20 * time.Millisecond)
		d.offered("a", pieces("a", 2, 3)...) // the second is back
		head := d.head()
		d.equal("known", len(d.known("a", pieces("a", 1, 3)...)), 3)
		if n := d.sweep("a", newswire.Retention{Age: time.Millisecond, Articles: 1}); n != 1 {
			d.Errorf("Sweep dropped %d, want the first alone", n)
		}
		d.equal("all", ids(d.listing(newswire.All)), newestFirst(pieces("a", 2, 3)))
		if got := d.changes(head); len(got) != 1 {
			d.Errorf("%d changes, want the one removal: %v", len(got), got)
		}
	}},
	{"an article that was dropped may come back as new", func(d *desk) {
		d.record("a", pieces("a", 1, 2)...)
		d.offered("a", piece("a", 2))
		if n := d.sweep("a", newswire.Retention{Articles: 1}); n != 1 {
			d.Fatalf("Sweep dropped %d, want 1", n)
		}
		head := d.head()
		d.record("a", pieces("a", 1, 2)...)
		d.equal("all", ids(d.listing(newswire.All)), newestFirst(pieces("a", 1, 2)))
		d.equal("changes", events(d.changes(head)), []event{{newswire.Put, piece("a", 1).ID, 1, []newswire.Topic{"all", "source/a"}}})
	}},
	{"a tombstone outlives retention", func(d *desk) {
		d.record("a", pieces("a", 1, 2)...)
		d.withdraw(piece("a", 1).ID)
		d.offered("a", piece("a", 2))
		d.Advance(20 * time.Millisecond)
		if n := d.sweep("a", newswire.Retention{Age: time.Millisecond, Articles: 1}); n != 0 {
			d.Errorf("Sweep dropped %d, want 0", n)
		}
		d.record("a", pieces("a", 1, 2)...)
		d.isWithdrawn(piece("a", 1))
	}},
}
