package sources_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache/sqlitecache"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/sourcetest"
	"github.com/newswire/newswire/sources/websub"
)

// moody is a publisher and its hub in virtual time, without a network. The hub fails or forgets now and then, and verifies
// late. It counts the time in which it could not have delivered.
type moody struct {
	lease   time.Duration // granted
	fails   float64       // part of the requests that it refuses, and of those that it forgets
	handler http.Handler

	mu       sync.Mutex // guards what follows
	chance   *rand.Rand
	requests int
	until    time.Time // end of the lease
	gaps     time.Duration
	secret   string
	callback string
	visits   int
	verifies sync.WaitGroup
}

func (m *moody) RoundTrip(r *http.Request) (*http.Response, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	w := httptest.NewRecorder()
	if r.Method == http.MethodGet {
		m.visits++
		w.Header().Set("Link", `<https://hub.example/>; rel=hub`)
		_, _ = io.WriteString(w, rss("one first"))
		return w.Result(), nil
	}
	_ = r.ParseForm()
	m.requests++
	switch mood := m.chance.Float64(); {
	case mood < m.fails:
		w.WriteHeader(http.StatusServiceUnavailable)
	case mood < 2*m.fails:
		w.WriteHeader(http.StatusAccepted)
	default:
		w.WriteHeader(http.StatusAccepted)
		late := time.Duration(m.chance.Int64N(int64(20 * time.Second)))
		m.verifies.Go(func() { m.verify(r.PostForm, late) })
	}
	return w.Result(), nil
}

func (m *moody) verify(form url.Values, late time.Duration) {
	time.Sleep(late)
	q := url.Values{
		"hub.mode": {form.Get("hub.mode")}, "hub.topic": {form.Get("hub.topic")}, "hub.challenge": {"c"},
		"hub.lease_seconds": {fmt.Sprint(int(m.lease.Seconds()))},
	}
	u, _ := url.Parse(form.Get("hub.callback"))
	w := httptest.NewRecorder()
	m.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, u.Path+"?"+q.Encode(), nil))
	if w.Code != http.StatusOK || w.Body.String() != "c" {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if now := time.Now(); !m.until.IsZero() && now.After(m.until) {
		m.gaps += now.Sub(m.until)
	}
	m.until, m.secret, m.callback = time.Now().Add(m.lease), form.Get("hub.secret"), u.Path
}

// push delivers a document, and returns the status.
func (m *moody) push(document string) int {
	m.mu.Lock()
	secret, callback := m.secret, m.callback
	m.mu.Unlock()
	r := httptest.NewRequest(http.MethodPost, callback, strings.NewReader(document))
	r.Header.Set("X-Hub-Signature", sourcetest.Sign("sha256", secret, document))
	w := httptest.NewRecorder()
	m.handler.ServeHTTP(w, r)
	return w.Code
}

func TestLeasesOverVirtualDays(t *testing.T) {
	for _, tt := range []struct {
		name     string
		days     int
		lease    time.Duration
		fails    float64
		requests int // at most
	}{
		{"ten days", 60, 10 * day, 0, 14},
		{"ten days, of a hub that often fails", 60, 10 * day, 0.3, 60},
		{"a day", 60, day, 0, 125},
		{"a day, of a hub that often fails", 60, day, 0.3, 500},
		{"an hour", 7, hour, 0, 7 * 50},
		{"a year, which is not believed", 60, 365 * day, 0, 10},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "wire.db")
			synctest.Test(t, func(t *testing.T) {
				renewFor(t, path, tt.days, &moody{lease: tt.lease, fails: tt.fails, chance: rand.New(rand.NewPCG(1, 2))}, tt.requests)
			})
		})
	}
}

// renewFor lives with a moody hub for so many days, in which it delivers once a day.
func renewFor(t *testing.T, path string, days int, m *moody, most int) {
	store, err := sqlitecache.Open(t.Context(), path, sqlitecache.Options{Hasty: true})
	if err != nil {
		t.Fatal(err)
	}
	client := fetch.NewClient(fetch.Options{Transport: m})
	catalog, err := sources.NewCatalog([]newswire.Source{{ID: "a", URL: "https://a.example/feed", Schedule: "@every 1h", Rights: newswire.Rights{Policy: newswire.PolicyFull}}}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	a := sources.NewAggregator(store, sources.Setup{
		Catalog: catalog, Fetcher: client, Push: &sources.Push{Site: "https://wire.example", Poster: client}, DomainInterval: 2 * time.Second,
	}, sources.Options{Idle: hour})
	receiver := sources.NewReceiver(a)
	m.handler = websub.NewHandler(receiver, websub.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = a.Run(ctx) })
	running.Go(func() { _ = receiver.Run(ctx) })
	refused := 0
	for n := range days {
		time.Sleep(day)
		if status := m.push(rss(fmt.Sprintf("%d title", n))); status != http.StatusAccepted {
			refused++
		}
		time.Sleep(time.Second)
	}
	cancel()
	running.Wait()
	m.verifies.Wait()
	if m.gaps > 0 || m.requests > most || m.requests == 0 || refused > 0 {
		t.Errorf("in %d days: gaps of %v, %d requests, %d of %d deliveries refused; want no gap and at most %d requests", days, m.gaps, m.requests, refused, days, most)
	}
	if m.visits > days+25 {
		t.Errorf("%d visits in %d days of a hub that works", m.visits, days)
	}
	t.Logf("%d requests to the hub, %d visits", m.requests, m.visits)
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}
