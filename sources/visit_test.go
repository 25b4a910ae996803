package sources_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/sourcetest"
)

// slowly answers with a feed after half a minute, or when its context ends.
type slowly struct{ asked chan<- string }

func (s slowly) Get(ctx context.Context, r fetch.Request) (*fetch.Answer, error) {
	if r.Allow != nil {
		s.asked <- r.URL
	}
	select {
	case <-time.After(30 * time.Second):
		return &fetch.Answer{Status: 200, URL: r.URL, Header: http.Header{}, Body: []byte(rss("1 One"))}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (v village) hourly(ids ...string) *sources.Catalog {
	v.Helper()
	var list []newswire.Source
	for _, id := range ids {
		list = append(list, newswire.Source{ID: id, URL: "https://" + id + ".example/feed", Schedule: "@every 1h"})
	}
	catalog, err := sources.NewCatalog(list, nil, nil)
	if err != nil {
		v.Fatal(err)
	}
	return catalog
}

func TestAServiceThatStopsFinishesItsVisits(t *testing.T) {
	inVillage(t, func(v village) {
		asked, visited := make(chan string, 1), make(chan sources.Result, 1)
		_, stop := v.run(sources.Setup{Catalog: v.hourly("a"), Fetcher: slowly{asked}}, sources.Options{
			Report: func(r sources.Result) { visited <- r },
		})
		<-asked
		stop()
		select {
		case r := <-visited:
			if r.Outcome != sources.Changed {
				v.Errorf("the visit %s (%s), want that it brought a document", r.Outcome, r.Error)
			}
		default:
			v.Error("the visit was not finished")
		}
	})
}

func TestAVisitThatWaitsForItsDomainLeavesTheSlotToOthers(t *testing.T) {
	inVillage(t, func(v village) {
		if turn, err := v.store.Enter(v.Context(), "a.example", time.Hour); err != nil || turn.Key == "" {
			v.Fatal(turn, err) // another process visits it
		}
		asked := make(chan string, 1)
		began := time.Now()
		_, stop := v.run(sources.Setup{Catalog: v.hourly("a", "b"), Fetcher: slowly{asked}}, sources.Options{Concurrency: 1})
		defer stop()
		<-asked
		if waited := time.Since(began); waited > 2*time.Second {
			v.Errorf("b waited %v while a waited for its domain, want no more than a moment", waited)
		}
	})
}

// unavailable answers that there is no document now, and counts its requests.
type unavailable struct{ requests atomic.Int64 }

func (u *unavailable) Get(_ context.Context, r fetch.Request) (*fetch.Answer, error) {
	u.requests.Add(1)
	return &fetch.Answer{Status: 503, URL: r.URL, Header: http.Header{}}, nil
}

// stalled is a store that takes half a minute to record a visit.
type stalled struct{ sources.Store }

func (s stalled) Record(ctx context.Context, lease cache.Lease, visit newswire.Visit, turns ...cache.Turn) error {
	time.Sleep(30 * time.Second)
	return s.Store.Record(ctx, lease, visit, turns...)
}

func TestAVisitThatBroughtNothingLeavesTheSlotToOthersWhileTheStoreWrites(t *testing.T) {
	inVillage(t, func(v village) {
		var asked unavailable
		setup := sources.Setup{Catalog: v.hourly("a", "b"), Fetcher: &asked}
		a := sources.NewAggregator(stalled{v.store}, setup, sources.Options{Concurrency: 1})
		ctx, cancel := context.WithCancel(v.Context())
		ended := make(chan error)
		go func() { ended <- a.Run(ctx) }()
		time.Sleep(2 * time.Second)
		if n := asked.requests.Load(); n != 2 {
			v.Errorf("%d publishers were asked while the first visit was recorded, want both", n)
		}
		cancel()
		if err := <-ended; err != nil {
			v.Error(err)
		}
	})
}

// counting is a store that counts the articles which visits write.
type counting struct {
	sources.Store
	mu      sync.Mutex // guards written
	written int
}

func (c *counting) Record(ctx context.Context, lease cache.Lease, visit newswire.Visit, turns ...cache.Turn) error {
	c.mu.Lock()
	c.written += len(visit.Articles)
	c.mu.Unlock()
	return c.Store.Record(ctx, lease, visit, turns...)
}

func TestASettingThatMakesNothingElseWritesNothing(t *testing.T) {
	h, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 One", "2 Two"))
	pub.SetHeader("Cache-Control", "")
	store := &counting{Store: h.store}
	for _, name := range []string{"", "A name for a feed that has one"} {
		catalog, err := sources.NewCatalog([]newswire.Source{{ID: "pub", URL: pub.URL(), Name: name, Schedule: "@every 1h"}}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		a := sources.NewAggregator(store, sources.Setup{Catalog: catalog, Fetcher: h.client}, sources.Options{})
		if err := a.Round(t.Context(), "pub"); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(pub.Requests()); n != 2 || pub.LastRequest().Header.Get("If-None-Match") != "" {
		t.Errorf("%d requests, the last by %q; want two without validators", n, pub.LastRequest().Header.Get("If-None-Match"))
	}
	if store.written != 2 {
		t.Errorf("%d articles were written, want two in the first visit alone", store.written)
	}
}

func TestA304ToAnUnconditionalRequestIsAFailure(t *testing.T) {
	h, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 One"))
	pub.SetHeader("Cache-Control", "")
	s := newswire.Source{ID: "pub", URL: pub.URL()}
	h.visit(nil, s)
	pub.Answer(sourcetest.Status(304))
	wantOutcome(t, h.visit(nil, s)["pub"], sources.NotModified, 0, 0)
	s.FullText = true
	r := h.visit(nil, s)["pub"]
	wantOutcome(t, r, sources.Failed, 0, 0)
	if !strings.Contains(r.Error, "304") {
		t.Errorf("error %q, want it to say that a 304 came unasked", r.Error)
	}
}

// TestAVisitEndsAtADomainThatClosesMeanwhile has a publisher answer 429 for the first of three pages.
func TestAVisitEndsAtADomainThatClosesMeanwhile(t *testing.T) {
	h, pub := newHarness(t), sourcetest.NewPublisher(t, "")
	var items strings.Builder
	for i := range 3 {
		pub.Handle(fmt.Sprintf("/%d", i), sourcetest.Status(429))
		fmt.Fprintf(&items, `<item><guid>%d</guid><link>%s/%d</link><title>News %d</title></item>`, i, pub.Site(), i, i)
	}
	pub.Publish(`<rss version="2.0"><channel><title>Pub</title>` + items.String() + `</channel></rss>`)
	h.visit(nil, newswire.Source{ID: "pub", URL: pub.URL(), FullText: true})
	if n := len(pub.Requests()); n != 2 {
		t.Errorf("%d requests, want the feed and one page", n)
	}
}

// mortal is the store as a process sees it that is killed: nothing of what it does afterwards gets there.
type mortal struct {
	sources.Store
	dead atomic.Bool
}

var errDead = errors.New("dead")

func (m *mortal) Extend(ctx context.Context, turn cache.Turn, lease time.Duration) error {
	if m.dead.Load() {
		return errDead
	}
	return m.Store.Extend(ctx, turn, lease)
}

func (m *mortal) Leave(ctx context.Context, turn cache.Turn) error {
	if m.dead.Load() {
		return errDead
	}
	return m.Store.Leave(ctx, turn)
}

func (m *mortal) Record(ctx context.Context, lease cache.Lease, visit newswire.Visit, turns ...cache.Turn) error {
	if m.dead.Load() {
		return errDead
	}
	return m.Store.Record(ctx, lease, visit, turns...)
}

func TestAKillInMidVisitDoesNotCloseTheDomainForLong(t *testing.T) {
	inVillage(t, func(v village) {
		catalog, err := sources.NewCatalog([]newswire.Source{
			{ID: "a", URL: "https://pub.example/a", Schedule: "@every 1h"}, {ID: "b", URL: "https://pub.example/b", Schedule: "@every 1h"},
		}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		asked := make(chan string, 2)
		setup := sources.Setup{Catalog: catalog, Fetcher: slowly{asked}}
		store := &mortal{Store: v.store}
		ctx, cancel := context.WithCancel(v.Context())
		died := make(chan error)
		go func() { died <- sources.NewAggregator(store, setup, sources.Options{}).Run(ctx) }()
		first := <-asked
		time.Sleep(11 * time.Second)
		store.dead.Store(true)
		cancel()
		killed := time.Now()
		_, stop := v.run(setup, sources.Options{})
		second := <-asked
		if waited := time.Since(killed); first == second || waited > 30*time.Second {
			t.Errorf("%s was asked for %v after the kill in the visit to %s, want the other source soon", second, waited, first)
		}
		stop()
		if err := <-died; err != nil {
			t.Error(err)
		}
	})
}
