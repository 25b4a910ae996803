package cachetest

import (
	"errors"
	"slices"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// sweep claims the source and drops what is beyond its retention.
func (t *tester) sweep(source string, keep newswire.Retention) int {
	t.Helper()
	n, err := t.Store.Sweep(t.ctx, t.claim(source), keep)
	t.check(err, "Sweep(%s, %+v)", source, keep)
	return n
}

// offered records a visit that found articles, of which none is new or changed.
func (t *tester) offered(source string, articles ...newswire.Article) {
	t.Helper()
	l := t.claim(source)
	v := visit(l)
	v.Offered = append(v.Offered, ids(articles)...)
	t.check(t.Store.Record(t.ctx, l, v), "Record(%s)", source)
}

var retentionTests = []test{
	{"no bounds, nothing dropped", func(t *tester) {
		t.record("a", pieces("a", 1, 5)...)
		t.offered("a")
		t.Advance(20 * time.Millisecond)
		if n := t.sweep("a", newswire.Retention{}); n != 0 {
			t.Errorf("Sweep dropped %d, want 0", n)
		}
		if n := t.sweep("unheard-of", newswire.Retention{Articles: 1}); n != 0 {
			t.Errorf("Sweep of a source without articles dropped %d, want 0", n)
		}
	}},
	{"age counts from when the article was last offered, not from its date", func(t *tester) {
		keep := newswire.Retention{Age: 100 * time.Millisecond}
		t.record("a", pieces("a", 1, 4)...) // all dated years ago
		t.Advance(150 * time.Millisecond)
		if n := t.sweep("a", keep); n != 0 {
			t.Errorf("Sweep dropped %d of those still offered", n)
		}
		t.offered("a", pieces("a", 3, 4)...)
		if n := t.sweep("a", newswire.Retention{Age: time.Hour}); n != 0 {
			t.Errorf("Sweep dropped %d of those just gone", n)
		}
		t.Advance(150 * time.Millisecond)
		head := t.head()
		if n := t.sweep("a", keep); n != 2 {
			t.Errorf("Sweep dropped %d, want 2", n)
		}
		t.equal("all", ids(t.listing(newswire.All)), newestFirst(pieces("a", 3, 4)))
		log := events(t.changes(head))
		slices.SortFunc(log, func(a, b event) int { return map[bool]int{true: -1, false: 1}[a.Article == piece("a", 1).ID] })
		topics := []newswire.Topic{"all", "source/a"}
		t.equal("changes", log, []event{{newswire.Remove, piece("a", 1).ID, 1, topics}, {newswire.Remove, piece("a", 2).ID, 1, topics}})
		if _, err := t.Store.Article(t.ctx, piece("a", 1).ID); !errors.Is(err, newswire.ErrNotFound) {
			t.Errorf("Article(dropped): %v, want ErrNotFound", err)
		}
		t.equal("known", t.known("a", pieces("a", 1, 2)...), map[string]cache.Known{})
		if n := t.sweep("a", keep); n != 0 {
			t.Errorf("a second Sweep dropped %d more", n)
		}
	}},
	{"a visit without a whole document changes nothing about what is offered", func(t *tester) {
		t.record("a", pieces("a", 1, 2)...)
		for range 2 {
			l := t.claim("a")
			v := visit(l, piece("a", 3)) // a 226, or with none of them a 304
			v.Offered = nil
			t.check(t.Store.Record(t.ctx, l, v), "Record")
			t.Advance(20 * time.Millisecond)
		}
		if n := t.sweep("a", newswire.Retention{Age: time.Millisecond, Articles: 1}); n != 0 {
			t.Errorf("Sweep dropped %d, want 0", n)
		}
		t.offered("a", piece("a", 3))
		l := t.claim("a")
		v := visit(l)
		v.Offered = nil
		t.check(t.Store.Record(t.ctx, l, v), "Record")
		t.Advance(20 * time.Millisecond)
		if n := t.sweep("a", newswire.Retention{Age: time.Millisecond}); n != 2 {
			t.Errorf("Sweep dropped %d, want the two that left before the last, empty-handed visit", n)
		}
	}},
	{"by count the oldest go first, and none that is still offered", func(t *tester) {
		t.record("a", pieces("a", 1, 10)...)
		t.offered("a", pieces("a", 1, 3)...) // the oldest by date are still there
		if n := t.sweep("a", newswire.Retention{Articles: 8}); n != 2 {
			t.Errorf("Sweep to 8 dropped %d, want 2", n)
		}
		t.equal("all", ids(t.listing(newswire.All)), newestFirst(append(pieces("a", 1, 3), pieces("a", 6, 10)...)))
		if n := t.sweep("a", newswire.Retention{Articles: 1}); n != 5 {
			t.Errorf("Sweep to 1 dropped %d, want all 5 that are not offered", n)
		}
		t.equal("all", ids(t.listing(newswire.All)), newestFirst(pieces("a", 1, 3)))
	}},
	{"an article offered again is neither dropped nor new", func(t *tester) {
		t.record("a", pieces("a", 1, 3)...)
		t.offered("a", piece("a", 3))
		t.Advance(20 * time.Millisecond)
		t.offered("a", pieces("a", 2, 3)...) // the second is back
		head := t.head()
		t.equal("known", len(t.known("a", pieces("a", 1, 3)...)), 3)
		if n := t.sweep("a", newswire.Retention{Age: time.Millisecond, Articles: 1}); n != 1 {
			t.Errorf("Sweep dropped %d, want the first alone", n)
		}
		t.equal("all", ids(t.listing(newswire.All)), newestFirst(pieces("a", 2, 3)))
		if got := t.changes(head); len(got) != 1 {
			t.Errorf("%d changes, want the one removal: %v", len(got), got)
		}
	}},
	{"an article that was dropped may come back as new", func(t *tester) {
		t.record("a", pieces("a", 1, 2)...)
		t.offered("a", piece("a", 2))
		if n := t.sweep("a", newswire.Retention{Articles: 1}); n != 1 {
			t.Fatalf("Sweep dropped %d, want 1", n)
		}
		head := t.head()
		t.record("a", pieces("a", 1, 2)...)
		t.equal("all", ids(t.listing(newswire.All)), newestFirst(pieces("a", 1, 2)))
		t.equal("changes", events(t.changes(head)), []event{{newswire.Put, piece("a", 1).ID, 1, []newswire.Topic{"all", "source/a"}}})
	}},
	{"a tombstone outlives retention", func(t *tester) {
		t.record("a", pieces("a", 1, 2)...)
		t.withdraw(piece("a", 1).ID)
		t.offered("a", piece("a", 2))
		t.Advance(20 * time.Millisecond)
		if n := t.sweep("a", newswire.Retention{Age: time.Millisecond, Articles: 1}); n != 0 {
			t.Errorf("Sweep dropped %d, want 0", n)
		}
		t.record("a", pieces("a", 1, 2)...)
		t.isWithdrawn(piece("a", 1))
	}},
}
