package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

// longArchive is a store whose archive takes a thousand steps to close, of 10 ms each.
type longArchive struct {
	*webtest.Shop
	mu    sync.Mutex
	steps int
	fails error // of the next step
}

func (s *longArchive) Archive(ctx context.Context, _ cache.Closing) (newest int, more bool, err error) {
	select {
	case <-time.After(10 * time.Millisecond):
	case <-ctx.Done():
		return 0, false, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err, s.fails = s.fails, nil; err != nil {
		return 0, false, err
	}
	s.steps = min(s.steps+1, 1000)
	return s.steps, s.steps < 1000, nil
}

func (s *longArchive) fail() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails = errors.New("the disk is busy")
}

// A feed is served at once with the archive as far as it is closed, and with the whole of it once that is closed beside the
// requests, also after a step has failed.
func TestNoReaderWaitsForALongArchive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &longArchive{Shop: webtest.NewShop(webtest.ArticlesFrom(10)...)}
		s := web.New(store, webtest.Directory, web.Options{Limit: 4})
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = s.Run(ctx) })
		t.Cleanup(func() {
			cancel()
			running.Wait()
		})
		synctest.Wait()
		get := func() string {
			t.Helper()
			began, w := time.Now(), httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/feeds/all.atom", nil))
			if w.Code != http.StatusOK || time.Since(began) > 200*time.Millisecond {
				t.Errorf("GET = %d after %v", w.Code, time.Since(began))
			}
			return w.Body.String()
		}
		if body := get(); !strings.Contains(body, "/feeds/all/archive/10.atom") {
			t.Errorf("the feed does not lead to what is closed by then:\n%s", body)
		}
		time.Sleep(5 * time.Second)
		store.fail()
		time.Sleep(5 * time.Second)
		s.Invalidate() // as with the next article
		get()
		time.Sleep(30 * time.Second)
		get()
		time.Sleep(time.Second)
		if body := get(); !strings.Contains(body, "/feeds/all/archive/1000.atom") {
			t.Errorf("the feed does not lead to the whole archive:\n%s", body)
		}
	})
}
