package revision_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/parts"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

// follow runs a server in a bubble, with the defaults of Poll and so on, until the test ends. Making a feed takes as long as
// pause does.
func follow(t *testing.T, store web.Store, pause func()) *web.Server {
	o := web.Options{Formats: web.Formats()}
	encode := o.Formats[0].Envelope
	o.Formats[0].Envelope = func(f *newswire.Feed) (parts.Envelope, error) {
		pause()
		return encode(f)
	}
	s := web.New(store, webtest.Directory, o)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = s.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	synctest.Wait()
	return s
}

// everyArticle is the feed of all that a server has, asked for without a network.
func everyArticle(t *testing.T, s http.Handler) string {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/feeds/all.atom", nil))
	if w.Code != http.StatusOK {
		t.Errorf("GET = %d", w.Code)
	}
	return w.Body.String()
}

func TestReaderJustAfterAChangeWaitsForNoRendering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000")))
		var slow atomic.Int64 // how long a rendering takes
		s := follow(t, store, func() { time.Sleep(time.Duration(slow.Load())) })
		everyArticle(t, s)
		time.Sleep(260 * time.Millisecond)
		slow.Store(int64(300 * time.Millisecond))
		store.Put(webtest.Article("b", webtest.At("10:00:00.000")), webtest.At("10:00:00.000"))
		time.Sleep(250 * time.Millisecond) // by then it was heard of

		began := time.Now()
		if strings.Contains(everyArticle(t, s), "Article b") || time.Since(began) > 0 {
			t.Errorf("a reader waited %v", time.Since(began))
		}
		time.Sleep(310 * time.Millisecond)
		if !strings.Contains(everyArticle(t, s), "Article b") || time.Since(began) > 310*time.Millisecond {
			t.Error("what a reader had met as stale was not rendered")
		}
	})
}

func TestWithdrawalAndNewConfigurationAreNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := webtest.Article("a", webtest.At("09:00:00.000")), webtest.Article("b", webtest.At("09:30:00.000"))
		store := webtest.NewShop(a, b)
		s := follow(t, store, func() { time.Sleep(100 * time.Millisecond) })
		for _, tt := range []struct {
			change func()
			gone   string
		}{
			{func() { store.Withdraw(a.ID, webtest.At("10:00:00.000")) }, "Article a"},
			{func() { // among other news of the same moment
				store.Put(webtest.Article("c", webtest.At("11:00:00.000")), webtest.At("11:00:00.000"))
				store.Withdraw(b.ID, webtest.At("11:00:00.000"))
				store.Put(webtest.Article("d", webtest.At("11:00:00.000")), webtest.At("11:00:00.000"))
			}, "Article b"},
		} {
			if !strings.Contains(everyArticle(t, s), tt.gone) {
				t.Fatalf("%s is not there", tt.gone)
			}
			tt.change()
			time.Sleep(250 * time.Millisecond)
			if strings.Contains(everyArticle(t, s), tt.gone) {
				t.Errorf("%s is shown after it was heard to be withdrawn", tt.gone)
			}
		}
		store.Put(webtest.Article("e", webtest.At("12:00:00.000")), webtest.At("12:00:00.000"))
		time.Sleep(250 * time.Millisecond)
		began := time.Now()
		s.Invalidate()
		everyArticle(t, s)
		if time.Since(began) != 100*time.Millisecond {
			t.Error("what was made with another configuration is shown")
		}
	})
}

// However long renderings take: what is shown has everything that was committed three polls before, and nothing that was
// withdrawn one poll before.
func TestStalenessIsBounded(t *testing.T) {
	for seed := range uint64(25) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 1))
			slow := time.Duration(rng.IntN(900)) * time.Millisecond
			store := webtest.NewShop()
			s := follow(t, store, func() { time.Sleep(slow) })
			came, went := map[string]time.Time{}, map[string]time.Time{}
			type answer struct {
				asked time.Time
				body  string
			}
			answers := make(chan answer, 1000)
			var readers sync.WaitGroup
			for n := range 150 {
				time.Sleep(time.Duration(rng.IntN(100_001)) * time.Microsecond)
				switch what := rng.IntN(10); {
				case what < 2 && len(store.Stock) < 40:
					a := webtest.Article(fmt.Sprintf("n%03d", n), webtest.At("09:00:00.000").Add(time.Duration(n)*time.Minute))
					store.Put(a, a.Listed)
					came[a.Title] = time.Now()
				case what == 2 && len(store.Stock) > 0:
					a := store.Stock[rng.IntN(len(store.Stock))]
					store.Withdraw(a.ID, webtest.At("22:00:00.000"))
					went[a.Title] = time.Now()
				default:
					readers.Go(func() {
						asked := time.Now()
						answers <- answer{asked, everyArticle(t, s)}
					})
				}
			}
			readers.Wait()
			close(answers)
			const poll = 250 * time.Millisecond
			for one := range answers {
				for title, when := range came {
					gone, withdrawn := went[title]
					if one.asked.Sub(when) > 3*poll && !withdrawn && !strings.Contains(one.body, title) {
						t.Errorf("seed %d: %s came %v before, and is not there", seed, title, one.asked.Sub(when))
					}
					if withdrawn && one.asked.Sub(gone) > poll && strings.Contains(one.body, title) {
						t.Errorf("seed %d: %s was withdrawn %v before, and is there", seed, title, one.asked.Sub(gone))
					}
				}
			}
		})
	}
}

func TestVariantsKeepNoPlainFeedWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000")))
		s := follow(t, store, func() { time.Sleep(100 * time.Millisecond) })
		ask := func(query string) {
			s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/feeds/all.atom"+query, nil))
		}
		variants := func() {
			var readers sync.WaitGroup
			for limit := range 20 {
				readers.Go(func() { ask(fmt.Sprintf("?limit=%d", limit+1)) })
			}
			readers.Wait()
		}
		ask("")
		variants()
		store.Put(webtest.Article("b", webtest.At("10:00:00.000")), webtest.At("10:00:00.000"))
		time.Sleep(250 * time.Millisecond)
		var readers sync.WaitGroup
		readers.Go(variants)
		synctest.Wait()
		ask("") // has it made
		time.Sleep(110 * time.Millisecond)
		if began := time.Now(); !strings.Contains(everyArticle(t, s), "Article b") || time.Since(began) > 0 {
			t.Error("a plain feed was not made while variants were")
		}
		readers.Wait()
	})
}
