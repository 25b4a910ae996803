package web_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

// counting counts what a store is asked, and the rows that it answers with.
type counting struct {
	*webtest.Shop
	calls, rows atomic.Int64
}

func (s *counting) count(rows int) {
	s.calls.Add(1)
	s.rows.Add(int64(rows))
}

func (s *counting) Articles(ctx context.Context, q cache.Query) (cache.Page, error) {
	page, err := s.Shop.Articles(ctx, q)
	s.count(len(page.Articles))
	return page, err
}

func (s *counting) Topics(ctx context.Context, kind newswire.Kind, after newswire.Cursor, limit int) ([]cache.Listing, newswire.Cursor, error) {
	listings, next, err := s.Shop.Topics(ctx, kind, after, limit)
	s.count(len(listings))
	return listings, next, err
}

func (s *counting) Tombstones(ctx context.Context, topic newswire.Topic, limit int) ([]newswire.Tombstone, error) {
	stones, err := s.Shop.Tombstones(ctx, topic, limit)
	s.count(len(stones))
	return stones, err
}

// cost is what a page takes.
type cost struct{ calls, rows, bytes int64 }

// costs are those of pages of a site with n topics of each kind.
func costs(t *testing.T, n int, paths []string) map[string]cost {
	t.Helper()
	shop, d := large(n)
	store := &counting{Shop: shop}
	s := webtest.ServeDirectory(t, store, func() *web.Directory { return d }, webtest.Patient)
	found := map[string]cost{}
	for _, path := range paths {
		calls, rows := store.calls.Load(), store.rows.Load()
		got := s.Get(t, path)
		if got.StatusCode != 200 {
			t.Fatalf("GET %s = %d", path, got.StatusCode)
		}
		found[path] = cost{store.calls.Load() - calls, store.rows.Load() - rows, int64(len(got.Text))}
	}
	return found
}

// Ten times as many topics in the config and in the store make no page longer, and have it ask the store for no more. The list
// of all feeds is longer, but not what it asks the store for.
func TestNoPageGrowsWithTheSite(t *testing.T) {
	paths := []string{
		"/", "/categories", "/sources", "/authors", "/sources/from/m", "/authors/from/w5", "/category/finance", "/source/a-0", "/author/w610",
		"/feeds/category/finance.json", "/feeds/source/a-0.rss", "/feeds/author/w610.atom", "/feeds.opml",
	}
	small, large := costs(t, 600, paths), costs(t, 6000, paths)
	for _, path := range paths {
		s, l := small[path], large[path]
		if path == "/feeds.opml" {
			s.rows, s.bytes = 2000, l.bytes
		}
		if l.calls > s.calls || l.rows > s.rows || l.bytes > s.bytes+s.bytes/10 {
			t.Errorf("GET %s asks the store %d times for %d rows and has %d bytes; on a site ten times as large %d times, %d rows, %d bytes",
				path, s.calls, s.rows, s.bytes, l.calls, l.rows, l.bytes)
		}
	}
	if most := int64(120_000); large["/"].bytes > most {
		t.Errorf("the front page has %d bytes; want at most %d", large["/"].bytes, most)
	}
}
