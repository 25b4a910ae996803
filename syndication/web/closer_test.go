package web_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

// archiving is a store of whose archives each step closes a page, and takes a while.
type archiving struct {
	*webtest.Shop
	step time.Duration

	mu    sync.Mutex             // guards what follows
	left  map[newswire.Topic]int // pages to close
	stood map[newswire.Topic]int // pages that were closed
	fails error                  // of the next step
}

func newArchiving(step time.Duration, left map[newswire.Topic]int) *archiving {
	return &archiving{Shop: webtest.NewShop(webtest.ArticlesFrom(10)...), step: step, left: left, stood: map[newswire.Topic]int{}}
}

func (s *archiving) Archive(ctx context.Context, c cache.Closing) (newest int, more bool, err error) {
	select {
	case <-time.After(s.step):
	case <-ctx.Done():
		return 0, false, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err, s.fails = s.fails, nil; err != nil {
		return 0, false, err
	}
	if s.left[c.Topic] > 0 {
		s.left[c.Topic]--
		s.stood[c.Topic]++
	}
	return s.stood[c.Topic], s.left[c.Topic] > 0, nil
}

func (s *archiving) Newest(_ context.Context, topic newswire.Topic, _ string) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stood[topic], nil
}

func (s *archiving) fail() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails = errors.New("the disk is busy")
}

// readers returns a function that asks a server of the store for a feed, and for the page of its archive that the feed leads to:
// 0 for none. No answer takes longer than 30 ms.
func readers(t *testing.T, store web.Store) (s *web.Server, older func(topic newswire.Topic) int) {
	t.Helper()
	s = web.New(store, webtest.Directory, web.Options{Limit: 4, ArchiveWait: 20 * time.Millisecond})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = s.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	synctest.Wait()
	return s, func(topic newswire.Topic) int {
		t.Helper()
		began, w := time.Now(), httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, newswire.FeedPath(topic, "atom"), nil))
		if took := time.Since(began); w.Code != http.StatusOK || took > 30*time.Millisecond {
			t.Errorf("GET %s = %d after %v", topic, w.Code, took)
		}
		_, rest, ok := strings.Cut(w.Body.String(), "/feeds/"+string(topic)+archivePath)
		if !ok {
			return 0
		}
		var n int
		if _, err := fmt.Sscanf(rest, "%d.atom", &n); err != nil {
			t.Errorf("%s leads to %.20q", topic, rest)
		}
		return n
	}
}

const archivePath = "/archive/"

// A feed is served at once with the archive as far as it is closed, and with the whole of it once that is closed beside the
// requests, also after a step has failed.
func TestNoReaderWaitsForALongArchive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newArchiving(10*time.Millisecond, map[newswire.Topic]int{newswire.All: 1000})
		s, older := readers(t, store)
		if n := older(newswire.All); n != 1 {
			t.Errorf("the feed leads to page %d, want 1, which is closed by then", n)
		}
		time.Sleep(5 * time.Second)
		store.fail()
		time.Sleep(5 * time.Second)
		s.Invalidate() // as with the next article
		if n := older(newswire.All); n < 200 || n > 600 {
			t.Errorf("the feed leads to page %d of those that are closed by then", n)
		}
		time.Sleep(30 * time.Second)
		older(newswire.All)
		time.Sleep(time.Second)
		if n := older(newswire.All); n != 1000 {
			t.Errorf("the feed leads to page %d, want 1000", n)
		}
	})
}

// A store that takes no writes for a while, for another has them, keeps no reader waiting, and makes no answer an error.
func TestNoReaderWaitsForAStoreThatTakesNoWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newArchiving(time.Hour, map[newswire.Topic]int{newswire.All: 3})
		store.stood[newswire.All] = 7
		_, older := readers(t, store)
		if n := older(newswire.All); n != 7 {
			t.Errorf("the feed leads to page %d, want 7, the newest that stands", n)
		}
		time.Sleep(4 * time.Second) // a step has failed
		if n := older(newswire.All); n != 7 {
			t.Errorf("the feed leads to page %d, want 7", n)
		}
	})
}

// A page that was closed a moment too late for the request that wanted it is in the next answer.
func TestFeedLeadsToAPageThatWasClosedLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, older := readers(t, newArchiving(100*time.Millisecond, map[newswire.Topic]int{newswire.All: 1}))
		if n := older(newswire.All); n != 0 {
			t.Errorf("the feed leads to page %d, which is not closed yet", n)
		}
		time.Sleep(time.Second)
		older(newswire.All)
		time.Sleep(time.Second)
		if n := older(newswire.All); n != 1 {
			t.Errorf("the feed leads to page %d, want 1", n)
		}
	})
}

func TestNoArchiveWaitsForALongOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, older := readers(t, newArchiving(10*time.Millisecond, map[newswire.Topic]int{newswire.All: 1000, "source/dsb": 50, "category/finance": 1}))
		older(newswire.All)
		older("source/dsb")
		time.Sleep(200 * time.Millisecond)
		if n := older("category/finance"); n != 1 {
			t.Errorf("the feed of the category leads to page %d, want 1", n)
		}
		time.Sleep(5 * time.Second)
		older("source/dsb")
		time.Sleep(time.Second)
		if n := older("source/dsb"); n != 50 {
			t.Errorf("the feed of the source leads to page %d, want 50", n)
		}
	})
}

// A server that is not run, as that of a command, closes in the request what there is time for.
func TestServerThatIsNotRunClosesInTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for pages, want := range map[int]int{20: 20, 1000: 150} {
			store := newArchiving(10*time.Millisecond, map[newswire.Topic]int{newswire.All: pages})
			s, w := web.New(store, webtest.Directory, web.Options{Limit: 4}), httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/feeds/all.atom", nil))
			if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), fmt.Sprintf("/feeds/all/archive/%d.atom", want)) {
				t.Errorf("GET = %d, and does not lead to page %d of %d", w.Code, want, pages)
			}
		}
	})
}
