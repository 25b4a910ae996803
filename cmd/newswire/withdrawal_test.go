package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache/rediscache/redistest"
	"github.com/newswire/newswire/cmd/newswire/internal/stores"
)

// soonGone is within what a withdrawal reaches every reader and subscriber.
const soonGone = time.Minute

// regrettable is the title of the article that is withdrawn.
const regrettable = "Regrettable"

// endpoint is what a subscriber or a partner is told at. It can be away.
type endpoint struct {
	*httptest.Server
	gone func(body string) bool // whether it is told of the withdrawal

	mu   sync.Mutex // guards what follows
	away bool
	had  bool      // it was told of the article
	at   time.Time // it was told of the withdrawal
}

func newEndpoint(t *testing.T, gone func(body string) bool) *endpoint {
	e := &endpoint{gone: gone}
	e.Server = httptest.NewServer(e)
	t.Cleanup(e.Close)
	return e
}

// ServeHTTP implements [http.Handler].
func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if challenge := r.URL.Query().Get("hub.challenge"); challenge != "" {
		_, _ = io.WriteString(w, challenge)
		return
	}
	body, _ := io.ReadAll(r.Body)
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.away:
		w.WriteHeader(http.StatusServiceUnavailable)
	case strings.Contains(string(body), regrettable):
		e.had = true
	case e.gone(string(body)) && e.at.IsZero():
		e.at = time.Now()
	}
}

// leave has the endpoint be away, or come back.
func (e *endpoint) leave(away bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.away = away
}

func (e *endpoint) heard() (had bool, at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.had, e.at
}

// TestWithdrawalReachesEveryWayOutInTime measures how long a withdrawal takes to each way out, and from its return on to a
// subscriber that was away.
func TestWithdrawalReachesEveryWayOutInTime(t *testing.T) {
	if os.Getenv("NEWSWIRE_WITHDRAWAL") == "" {
		t.Skip("NEWSWIRE_WITHDRAWAL is not set: it takes half a minute")
	}
	for name, address := range map[string]func(t *testing.T) string{
		"sqlite":  func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "newswire.db") },
		"redis":   func(t *testing.T) string { return redistest.Start(t, redistest.Options{}).URL() },
		"cluster": func(t *testing.T) string { return redistest.StartReplicatedCluster(t, redistest.Options{}).URL() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			measureWithdrawal(t, address(t))
		})
	}
}

func measureWithdrawal(t *testing.T, address string) {
	store, err := stores.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	subscribers := newEndpoints(t)
	s := startService(t, address, subscribers.config(t))
	defer s.stop()
	eventuallyIs(t, "the service answers", func() bool { return code(t, s.url+"/api/v1/changes") == http.StatusOK })
	subscribers.subscribe(t, s.url)
	a := written("w", 0, 1)
	a.Title = regrettable
	if err := (&writer{store: store}).visit(t.Context(), "w", []newswire.Article{a, written("w", 1, 1)}); err != nil {
		t.Fatal(err)
	}
	for name, e := range subscribers {
		eventuallyIs(t, name+" is told of the article", func() bool { had, _ := e.heard(); return had })
	}
	stream, longPoll := openWays(t, s.url)
	subscribers.leave(true)

	began := time.Now()
	if _, err := store.Withdraw(t.Context(), a.ID, "a mistake"); err != nil {
		t.Fatal(err)
	}
	took := map[string]time.Duration{"stream": (<-stream).Sub(began), "long poll": (<-longPoll).Sub(began)}
	for way, gone := range waysOf(t, s.url, a.ID) {
		eventuallyIs(t, way, gone)
		took[way] = time.Since(began)
	}
	time.Sleep(time.Until(began.Add(5 * time.Second))) // those that are away have refused by now
	back := time.Now()
	subscribers.leave(false)
	for name, e := range subscribers {
		eventuallyIs(t, name+" is told of the withdrawal", func() bool { _, at := e.heard(); return !at.IsZero() })
		_, at := e.heard()
		if took[name] = at.Sub(began); strings.Contains(name, "away") {
			took[name] = at.Sub(back)
		}
	}
	took["poll by one that was away"] = pollFrom(t, s.url, "0")
	for _, way := range slices.Sorted(maps.Keys(took)) {
		t.Logf("%-28s %v", way, took[way].Round(time.Millisecond))
		if took[way] > soonGone {
			t.Errorf("the withdrawal took %v to %s, want %v at most", took[way], way, soonGone)
		}
	}
}

// endpoints are the subscribers, by name.
type endpoints map[string]*endpoint

func newEndpoints(t *testing.T) endpoints {
	removed := func(body string) bool { return strings.Contains(body, "article.remove") }
	deleted := func(body string) bool { return strings.Contains(body, "deleted-entry") }
	return endpoints{
		"webhook": newEndpoint(t, removed), "webhook that was away": newEndpoint(t, removed),
		"hub": newEndpoint(t, deleted), "hub, to one that was away": newEndpoint(t, deleted),
	}
}

// config has the service know the webhooks.
func (e endpoints) config(t *testing.T) string {
	t.Helper()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(hookSecret), 0o600); err != nil {
		t.Fatal(err)
	}
	const partner = "  - {id: %s, webhook: {url: %q, secret_file: %q}}\n"
	return "fetch: {allow_private: [127.0.0.0/8]}\npartners:\n" +
		fmt.Sprintf(partner, "one", e["webhook"].URL, secret) + fmt.Sprintf(partner, "two", e["webhook that was away"].URL, secret)
}

// subscribe has the others subscribe to a feed.
func (e endpoints) subscribe(t *testing.T, site string) {
	t.Helper()
	for _, name := range []string{"hub", "hub, to one that was away"} {
		form := url.Values{"hub.mode": {"subscribe"}, "hub.topic": {site + "/feeds/all.atom"}, "hub.callback": {e[name].URL}}
		eventuallyIs(t, "the hub accepts", func() bool { return post(t, site+"/hub", form) == http.StatusAccepted })
	}
	time.Sleep(2 * time.Second) // both are verified
}

// leave has those go away that do so, or come back.
func (e endpoints) leave(away bool) {
	for name, one := range e {
		if strings.Contains(name, "away") {
			one.leave(away)
		}
	}
}

// waysOf are the ways out that are asked, and whether the article is gone from each.
func waysOf(t *testing.T, site, id string) map[string]func() bool {
	ways := map[string]func() bool{
		"article page": func() bool { return code(t, site+"/articles/"+id) == http.StatusGone },
		"api article":  func() bool { return code(t, site+"/api/v1/articles/"+id) == http.StatusGone },
	}
	for _, path := range []string{
		"/feeds/all.atom", "/feeds/all.rss", "/feeds/all.json", "/feeds/source/w.atom", "/feeds/category/finance.rss", "/feeds/all.atom?limit=1",
		"/", "/search?q=Regrettable", "/api/v1/articles",
	} {
		ways[path] = func() bool {
			status, body := read(t, site+path)
			return status != http.StatusServiceUnavailable && !strings.Contains(strings.ReplaceAll(body, "?q="+regrettable, ""), ">"+regrettable) &&
				!strings.Contains(body, `"`+regrettable+`"`)
		}
	}
	return ways
}

// openWays has a stream and a long poll wait at the end of the log. Each tells when it has heard of a removal.
func openWays(t *testing.T, site string) (stream, longPoll chan time.Time) {
	t.Helper()
	stream, longPoll = make(chan time.Time, 1), make(chan time.Time, 1)
	_, body := read(t, site+"/api/v1/changes")
	_, next, _ := strings.Cut(body, `"next":"`)
	next, _, _ = strings.Cut(next, `"`)
	go awaitRemoval(t.Context(), site+"/api/v1/changes/stream?after="+next, stream)
	go awaitRemoval(t.Context(), site+"/api/v1/changes?wait=60s&after="+next, longPoll)
	time.Sleep(time.Second) // both wait
	return stream, longPoll
}

// awaitRemoval tells when an answer has a removal.
func awaitRemoval(ctx context.Context, address string, at chan<- time.Time) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		if strings.Contains(lines.Text(), `"op":"remove"`) {
			at <- time.Now()
			return
		}
	}
}

// pollFrom is how long a client that comes back with a cursor takes to hear of the removal.
func pollFrom(t *testing.T, site, cursor string) time.Duration {
	began := time.Now()
	eventuallyIs(t, "the poll has the removal", func() bool {
		_, body := read(t, site+"/api/v1/changes?after="+cursor)
		return strings.Contains(body, `"op":"remove"`)
	})
	return time.Since(began)
}

func read(t *testing.T, address string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return http.StatusServiceUnavailable, ""
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return http.StatusServiceUnavailable, ""
	}
	return answer.StatusCode, string(text)
}

func code(t *testing.T, address string) int {
	t.Helper()
	status, _ := read(t, address)
	return status
}

func post(t *testing.T, address string, form url.Values) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

// eventuallyIs waits until something is so.
func eventuallyIs(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * soonGone); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", 2*soonGone, what)
		}
	}
}
