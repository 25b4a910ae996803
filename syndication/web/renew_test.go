package web_test

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
	s := web.New(store, directory, o)
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
		store := newShop(article("a", at("09:00:00.000")))
		var slow atomic.Int64 // how long a rendering takes
		s := follow(t, store, func() { time.Sleep(time.Duration(slow.Load())) })
		everyArticle(t, s)
		time.Sleep(260 * time.Millisecond)
		slow.Store(int64(300 * time.Millisecond))
		store.put(article("b", at("10:00:00.000")), at("10:00:00.000"))
		time.Sleep(250 * time.Millisecond) // by then it was heard of

		began := time.Now()
		if strings.Contains(everyArticle(t, s), "Article b") || time.Since(began) > 0 {
			t.Errorf("a reader waited %v", time.Since(began))
		}
		time.Sleep(310 * time.Millisecond)
		if !strings.Contains(everyArticle(t, s), "Article b") || time.Since(began) > 310*time.Millisecond {
			t.Error("nobody rendered what a reader had met as stale")
		}
	})
}

func TestWithdrawalAndNewConfigurationAreNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := article("a", at("09:00:00.000")), article("b", at("09:30:00.000"))
		store := newShop(a, b)
		s := follow(t, store, func() { time.Sleep(100 * time.Millisecond) })
		for _, tt := range []struct {
			change func()
			gone   string
		}{
			{func() { store.withdraw(a.ID, at("10:00:00.000")) }, "Article a"},
			{func() { // among other news of the same moment
				store.put(article("c", at("11:00:00.000")), at("11:00:00.000"))
				store.withdraw(b.ID, at("11:00:00.000"))
				store.put(article("d", at("11:00:00.000")), at("11:00:00.000"))
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
		store.put(article("e", at("12:00:00.000")), at("12:00:00.000"))
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
			store := newShop()
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
				case what < 2 && len(store.articles) < 40:
					a := article(fmt.Sprintf("n%03d", n), at("09:00:00.000").Add(time.Duration(n)*time.Minute))
					store.put(a, a.Listed)
					came[a.Title] = time.Now()
				case what == 2 && len(store.articles) > 0:
					a := store.articles[rng.IntN(len(store.articles))]
					store.withdraw(a.ID, at("22:00:00.000"))
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
		store := newShop(article("a", at("09:00:00.000")))
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
		store.put(article("b", at("10:00:00.000")), at("10:00:00.000"))
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
