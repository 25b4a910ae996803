package revision_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

// clock is a clock that a test moves.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

// ending is an article that ends in a while.
func ending(guid string, at string, until time.Time) newswire.Article {
	a := webtest.Article(guid, webtest.At(at))
	a.Rights.Until = until
	return a
}

// limited are addresses that show an article which ends, of each kind that can do without it.
var limited = []string{
	"/", "/category/finance", "/source/dsb", "/author/jin-jiang", "/feeds/all.atom", "/feeds/category/finance.rss",
	"/feeds/author/jin-jiang.json", "/feeds/source/dsb.rss?content=title", "/feeds/all.atom?limit=7",
}

func TestNothingIsServedAfterItsEnd(t *testing.T) {
	for _, tt := range []struct {
		name   string
		store  func(*webtest.Shop)
		itself int // code of the article's own page
	}{
		{"the store has yet to unlist it", func(*webtest.Shop) {}, 410},
		{"the store refuses", func(s *webtest.Shop) { s.Broken = errAway }, 503},
		{"the store hangs", func(s *webtest.Shop) { s.Hang = true }, 503},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var c clock
			a, b := ending("a", "10:00:00.000", c.now().Add(time.Hour)), webtest.Article("b", webtest.At("09:00:00.000"))
			store, o := webtest.NewShop(a, b), webtest.Hasty
			o.Now = c.now
			s := webtest.Serve(t, store, o)
			s.Introduce(t, limited...)
			tags := map[string]string{}
			paths := append([]string{"/articles/" + a.ID}, limited...)
			for _, path := range paths {
				got := s.Get(t, path)
				if got.StatusCode != 200 || !strings.Contains(got.Text, "Article a") {
					t.Fatalf("GET %s before its end = %d, without the article", path, got.StatusCode)
				}
				tags[path] = got.Header.Get("ETag")
			}
			store.Set(tt.store)
			c.advance(time.Hour)
			for _, path := range limited {
				for range 2 {
					got := s.Get(t, path)
					if got.StatusCode != 200 || strings.Contains(got.Text, "Article a") || !strings.Contains(got.Text, "Article b") {
						t.Errorf("GET %s = %d; want 200 with the other article alone:\n%s", path, got.StatusCode, got.Text)
					}
					if got := s.Get(t, path, "If-None-Match", tags[path], "A-IM", "feed"); got.StatusCode == 304 || strings.Contains(got.Text, "Article a") {
						t.Errorf("GET %s by a reader that has it = %d; want an answer without it", path, got.StatusCode)
					}
				}
			}
			if got := s.Get(t, "/articles/"+a.ID); got.StatusCode != tt.itself || strings.Contains(got.Text, "Article a") {
				t.Errorf("GET its page = %d; want %d", got.StatusCode, tt.itself)
			}
		})
	}
}

func TestAnEndThatWasPutOffCountsWhenTheStoreIsBack(t *testing.T) {
	var c clock
	a := ending("a", "10:00:00.000", c.now().Add(time.Hour))
	store, o := webtest.NewShop(a), webtest.Fast
	o.Now = c.now
	s := webtest.Serve(t, store, o)
	before := s.Get(t, "/feeds/all.atom")
	store.Set(func(s *webtest.Shop) { s.Broken = errAway })
	c.advance(time.Hour)
	if got := s.Get(t, "/feeds/all.atom"); strings.Contains(got.Text, "Article a") {
		t.Error("the feed has the article after its end")
	}
	store.Set(func(s *webtest.Shop) {
		s.Broken = nil
		s.Stock[0].Rights.Until = c.now().Add(time.Hour) // in place: no record tells
	})
	webtest.Until(t, "the feed is as it was", func() bool { return s.Get(t, "/feeds/all.atom").Text == before.Text })
}

func TestCachesKeepNothingBeyondItsEnd(t *testing.T) {
	for _, tt := range []struct {
		left time.Duration
		want string
	}{
		{30*time.Second + 500*time.Millisecond, "max-age=30, stale-while-revalidate=0, stale-if-error=0"},
		{5*time.Minute + 500*time.Millisecond, "max-age=60, stale-while-revalidate=240, stale-if-error=240"},
		{48 * time.Hour, "max-age=60, stale-while-revalidate=600, stale-if-error=86400"},
		{-time.Second, "max-age=60, stale-while-revalidate=600, stale-if-error=86400"},
	} {
		now := time.Now()
		o := webtest.Fast
		o.Now = func() time.Time { return now }
		s := webtest.Serve(t, webtest.NewShop(ending("a", "10:00:00.000", now.Add(tt.left))), o)
		if got := s.Get(t, "/feeds/all.atom").Header.Get("Cache-Control"); got != tt.want {
			t.Errorf("with %v left: Cache-Control %q, want %q", tt.left, got, tt.want)
		}
	}
}

func TestTheSnapshotShowsNothingAfterItsEnd(t *testing.T) {
	var c clock
	store, dir := webtest.NewShop(ending("a", "10:00:00.000", c.now().Add(time.Hour)), webtest.Article("b", webtest.At("09:00:00.000"))), t.TempDir()
	options := func() web.Options {
		o := keeping(t, dir)
		o.Now = c.now
		return o
	}
	first := webtest.Serve(t, store, options())
	first.Introduce(t, kept...)
	for _, path := range kept {
		first.Get(t, path)
	}
	first.Stop()
	c.advance(59 * time.Minute)
	second := lost(t, store, options())
	for _, path := range kept {
		if got := second.Get(t, path); got.StatusCode != 200 {
			t.Errorf("GET %s before its end = %d, want what was kept", path, got.StatusCode)
		}
	}
	c.advance(time.Minute)
	check := func(s *webtest.Serving, when string) {
		for _, path := range kept {
			got := s.Get(t, path)
			if want := 503; path != "/authors" && got.StatusCode != want || strings.Contains(got.Text, "Article a") {
				t.Errorf("%s: GET %s = %d, want %d", when, path, got.StatusCode, want)
			}
		}
	}
	check(second, "what was recalled before its end")
	second.Stop()
	third := lost(t, store, options())
	check(third, "after another start")
}
