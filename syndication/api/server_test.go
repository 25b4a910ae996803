package api_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache"
	"github.com/newswire/newswire/cache/rediscache/redistest"
	"github.com/newswire/newswire/cache/sqlitecache"
	"github.com/newswire/newswire/syndication/api"
)

func TestMain(m *testing.M) {
	// A pool of connections that is closed while its server is away notices that a second later.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"))
}

// settings are what the tests' config says.
var settings = &api.Settings{
	Site:       newswire.Site{Title: "The Wire", URL: "https://wire.example.org", Contact: "desk@example.org", Language: "en"},
	Categories: []newswire.Category{{ID: "finance", Title: "Finance"}, {ID: "trade", Title: "Trade"}},
	Sources:    []newswire.Source{{ID: "dsb", Name: "電商報", Site: "https://news.example.com/"}, {ID: "quiet"}},
	Authors:    []newswire.Author{{ID: "jin-jiang", Name: "金江"}},
}

// onEveryStore runs a test on a real SQLite file and on a real Redis server, where there is one.
func onEveryStore(t *testing.T, test func(t *testing.T, store cache.Store)) {
	t.Run("sqlite", func(t *testing.T) { test(t, openSQLite(t)) })
	t.Run("redis", func(t *testing.T) {
		store, err := rediscache.Open(t.Context(), redistest.Start(t, redistest.Options{}).URL(), rediscache.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { closeStore(t, store) })
		test(t, store)
	})
}

func openSQLite(t testing.TB) cache.Store {
	t.Helper()
	store, err := sqlitecache.Open(t.Context(), filepath.Join(t.TempDir(), "newswire.db"), sqlitecache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeStore(t, store) })
	return store
}

func closeStore(t testing.TB, store io.Closer) {
	t.Helper()
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}

// server is an API that listens on loopback.
type server struct {
	*api.API
	url      string
	settings atomic.Pointer[api.Settings]
	metrics  prometheus.Gatherer
	schema   *description
}

// serve has an API answer until the test ends.
func serve(t testing.TB, store api.Store, o api.Options) *server {
	t.Helper()
	return serveWith(t, store, settings, o)
}

// serveWith is serve with another config.
func serveWith(t testing.TB, store api.Store, with *api.Settings, o api.Options) *server {
	t.Helper()
	o.Poll = 10 * time.Millisecond
	if o.Registerer == nil {
		o.Registerer = prometheus.NewRegistry()
	}
	s := &server{metrics: o.Registerer.(prometheus.Gatherer)}
	s.settings.Store(with)
	a := api.New(store, s.settings.Load, o)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = a.Run(ctx)
	}()
	s.API, s.url = a, listen(t, a)
	t.Cleanup(func() {
		stop()
		<-done
	})
	s.schema = describe(t, s)
	return s
}

// waiting waits until so many clients wait for changes.
func (s *server) waiting(t testing.TB, n int) {
	t.Helper()
	until(t, strconv.Itoa(n)+" clients wait", func() bool {
		families, err := s.metrics.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			if f.GetName() == "newswire_api_waiting" {
				return int(f.GetMetric()[0].GetGauge().GetValue()) == n
			}
		}
		t.Fatal("no such metric")
		return false
	})
}

// listen has a handler answer on loopback until the test ends.
func listen(t testing.TB, h http.Handler) string {
	l := httptest.NewServer(h)
	t.Cleanup(func() {
		l.CloseClientConnections()
		l.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return l.URL
}

// reply is an answer that was read.
type reply struct {
	*http.Response
	body []byte
}

// get asks for a path below the API, with header fields in pairs, and holds the answer to the API's description.
func (s *server) get(t testing.TB, path string, fields ...string) reply {
	t.Helper()
	r := s.ask(t, http.MethodGet, path, fields...)
	s.schema.check(t, path, r)
	return r
}

// ask is get without a look at the answer.
func (s *server) ask(t testing.TB, method, path string, fields ...string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+api.Path+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{response, body}
}

// decode reads a reply of the status that is wanted.
func decode[T any](t testing.TB, r reply, status int) (v T) {
	t.Helper()
	if r.StatusCode != status {
		t.Fatalf("%s = %d, want %d: %s", r.Request.URL, r.StatusCode, status, r.body)
	}
	if err := json.Unmarshal(r.body, &v); err != nil {
		t.Fatalf("%s: %v in %s", r.Request.URL, err, r.body)
	}
	return v
}

// item is what the tests read of an item.
type item struct {
	Title   string
	Content string `json:"content_html"`
	Wire    struct {
		ID       string
		Revision int
		Rights   struct{ Policy newswire.Policy }
	} `json:"_newswire"`
}

type itemPage struct {
	Items []item
	Next  string
}

type change struct {
	Cursor   string
	Op       string
	Article  string
	Revision int
	Topics   []string
	At       time.Time
	Item     *item
	Tomb     *struct{ ID, Reason string } `json:"tombstone"`
}

type changePage struct {
	Changes []change
	Next    string
}

var monday = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// article is the nth article of a source, an hour after the one before.
func article(source string, n int, categories ...string) newswire.Article {
	guid := "https://" + source + ".example.com/" + strconv.Itoa(n)
	at := monday.Add(time.Duration(n) * time.Hour)
	return newswire.Article{
		ID: newswire.ArticleID(source, guid), Source: source, Revision: 1, GUID: guid, AtomID: guid, URL: guid,
		Title: "Article " + strconv.Itoa(n), Content: "<p>The whole text of article " + strconv.Itoa(n) + ". It goes on.</p>",
		Authors:   []newswire.Person{{ID: "jin-jiang", Name: "Jin"}},
		Published: at, FirstSeen: at, Listed: at, Categories: categories,
		Rights:    newswire.Rights{Policy: newswire.PolicyFull},
		Publisher: newswire.Publisher{ID: "https://" + source + ".example.com/feed", Title: "DSB", URL: "https://" + source + ".example.com/"},
	}
}

// record has a worker visit a publisher who offers the articles.
func record(t testing.TB, store cache.Store, articles ...newswire.Article) {
	t.Helper()
	ctx, source := t.Context(), articles[0].Source
	due, err := store.Due(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Reschedule(ctx, source, due[source], time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	leases, err := store.Claim(ctx, 1, time.Minute, source)
	if err != nil || len(leases) != 1 {
		t.Fatalf("Claim = %v, %v; want one lease", leases, err)
	}
	for i := range articles {
		articles[i].Offer = strconv.Itoa(articles[i].Revision)
	}
	visit := newswire.Visit{
		Source: source, At: leases[0].At, Articles: articles,
		State: newswire.State{Source: source, Due: leases[0].At.Add(time.Hour)},
	}
	if err := store.Record(ctx, leases[0], visit); err != nil {
		t.Fatal(err)
	}
}

func ids(items []item) []string {
	var out []string
	for _, it := range items {
		out = append(out, it.Wire.ID)
	}
	return out
}

func idsOf(articles []newswire.Article) []string {
	var out []string
	for i := range articles {
		out = append(out, articles[i].ID)
	}
	slices.Reverse(out) // newest first
	return out
}
