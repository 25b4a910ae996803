package revision_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

// renderedBefore are addresses of each kind that readers had before a store stalls.
func renderedBefore() []string {
	return append(webtest.Everything(webtest.Article("a", webtest.At("09:00:00.000"))),
		"/feeds.opml", "/sources", "/author/jin-jiang", "/feeds/source/dsb.atom", "/feeds/all.atom?limit=7", "/feeds/source/dsb.rss?content=title")
}

// wait is how long a reader waits for an answer, which must be a good one.
func wait(t *testing.T, s http.Handler, path string) time.Duration {
	t.Helper()
	began, w := time.Now(), httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	if w.Code != http.StatusOK {
		t.Errorf("GET %s = %d while the store stalls", path, w.Code)
	}
	return time.Since(began)
}

// stalled runs a server in a bubble that has rendered everything, and for which another article comes. After a while, in which
// readers may ask, the store owes each answer, until the test ends that.
func stalled(t *testing.T, meanwhile func(s *web.Server), test func(s *web.Server, store *webtest.Shop)) {
	synctest.Test(t, func(t *testing.T) {
		store := webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000")))
		s := follow(t, store, func() {})
		for range 3 { // a variant is kept when it is asked for again
			for _, path := range renderedBefore() {
				wait(t, s, path)
			}
		}
		time.Sleep(time.Second)
		store.Put(webtest.Article("b", webtest.At("10:00:00.000")), webtest.At("10:00:00.000"))
		meanwhile(s)
		store.Set(func(s *webtest.Shop) { s.Hang = true })
		test(s, store)
		time.Sleep(5 * time.Second) // renderings for which no reader waits end too
	})
}

// askFor has readers ask for everything, again and again for a while. None is to wait.
func askFor(t *testing.T, s http.Handler, d time.Duration, but string) {
	t.Helper()
	for moment := time.Duration(0); moment < d; moment += 20 * time.Millisecond {
		for _, path := range renderedBefore() {
			if but != "" && strings.Contains(path, but) {
				continue
			}
			if waited := wait(t, s, path); waited > 0 {
				t.Errorf("a reader of %s waited %v, after %v", path, waited, moment)
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// A store that stalls keeps no reader waiting, whenever that begins, and until it counts as lost.
func TestNoReaderWaitsForAStoreThatStalls(t *testing.T) {
	for after := time.Duration(0); after <= 500*time.Millisecond; after += 50 * time.Millisecond {
		t.Run(after.String(), func(t *testing.T) {
			stalled(t, func(s *web.Server) { askFor(t, s, after, "") }, func(s *web.Server, store *webtest.Shop) {
				askFor(t, s, 500*time.Millisecond, "?") // a variant does not linger: it waits until the stall is known
				askFor(t, s, 5*time.Second, "")
				store.Set(func(s *webtest.Shop) { s.Hang = false })
				time.Sleep(5 * time.Second)
				everyArticle(t, s)
				time.Sleep(time.Second)
				if got := everyArticle(t, s); !strings.Contains(got, "Article b") {
					t.Error("what came before the stall is not there after it")
				}
			})
		})
	}
}

// What nobody asks for is rendered by the first reader, who may come when the store has just stalled.
func TestAReaderWaitsForAStallOnlyUntilItIsKnown(t *testing.T) {
	const poll, known = 250 * time.Millisecond, 100 * time.Millisecond
	for after := 750 * time.Millisecond; after <= time.Second; after += 50 * time.Millisecond {
		for _, path := range renderedBefore() {
			t.Run(fmt.Sprint(path, " ", after), func(t *testing.T) {
				stalled(t, func(*web.Server) { time.Sleep(after) }, func(s *web.Server, _ *webtest.Shop) {
					if waited := wait(t, s, path); waited > poll+2*known {
						t.Errorf("a reader waited %v", waited)
					}
				})
			})
		}
	}
}

// slowShop is a store that takes its time.
type slowShop struct {
	*webtest.Shop
	takes atomic.Int64
}

func (s *slowShop) Changes(ctx context.Context, after newswire.Cursor, limit int) ([]newswire.Change, error) {
	time.Sleep(time.Duration(s.takes.Load()))
	return s.Shop.Changes(ctx, after, limit)
}

func (s *slowShop) Articles(ctx context.Context, q cache.Query) (cache.Page, error) {
	time.Sleep(time.Duration(s.takes.Load()))
	return s.Shop.Articles(ctx, q)
}

func TestWhatWasWithdrawnOrConfiguredIsWaitedForWhileAStoreStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := webtest.Article("a", webtest.At("09:00:00.000")), webtest.Article("b", webtest.At("09:30:00.000"))
		store := &slowShop{Shop: webtest.NewShop(a, b)}
		s := follow(t, store, func() {})
		everyArticle(t, s)
		store.Withdraw(a.ID, webtest.At("10:00:00.000"))
		time.Sleep(260 * time.Millisecond) // by then it was heard of
		store.takes.Store(int64(time.Second))
		time.Sleep(400 * time.Millisecond)
		if strings.Contains(everyArticle(t, s), "Article a") {
			t.Error("what was withdrawn is shown")
		}
		s.Invalidate()
		began := time.Now()
		if everyArticle(t, s); time.Since(began) < time.Second {
			t.Error("what was made with another configuration is shown")
		}
	})
}
