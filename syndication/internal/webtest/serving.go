// Package webtest has what tests of the front and of its engine share: a store that can be broken, articles for it, and a
// server on loopback.
//
//	store := webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000")))
//	s := webtest.Serve(t, store, webtest.Fast)
//	reply := s.Get(t, "/feeds/all.atom")
package webtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/web"
)

// Serving is a server under test on loopback, with its follower running.
type Serving struct {
	*web.Server
	URL  string
	Stop func() // ends it before the test ends

	client *http.Client
}

// Serve starts a server, and its follower unless told otherwise, until the test ends.
func Serve(t testing.TB, store web.Store, o web.Options) *Serving {
	t.Helper()
	return ServeDirectory(t, store, Directory, o)
}

// ServeDirectory is [Serve], for another configuration.
func ServeDirectory(t testing.TB, store web.Store, d func() *web.Directory, o web.Options) *Serving {
	t.Helper()
	s := Start(t, store, d, o)
	Until(t, "the follower is attached", func() bool { return s.Check(t.Context()) == nil })
	return s
}

// Start starts a server whose store may be away.
func Start(t testing.TB, store web.Store, d func() *web.Directory, o web.Options) *Serving {
	t.Helper()
	s := web.New(store, d, o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	srv := httptest.NewServer(s)
	client := newClient()
	stop := sync.OnceFunc(func() {
		client.CloseIdleConnections()
		srv.Close()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run returned %v; want context.Canceled", err)
		}
	})
	t.Cleanup(stop)
	return &Serving{s, srv.URL, stop, client}
}

// Fast polls so often that a test need not wait, and leaves the store the time that it takes on a busy machine.
var Fast = web.Options{Poll: 2 * time.Millisecond, StoreTimeout: time.Minute, ArchiveWait: time.Minute}

// Hasty is [Fast] for a store that hangs: it soon gives up.
var Hasty = web.Options{Poll: Fast.Poll, StoreTimeout: 250 * time.Millisecond, ArchiveWait: time.Minute}

// patience bounds every wait for what is to come.
const patience = time.Minute

// Until waits for a condition.
func Until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// Reply is what came back, the body as it was on the wire.
type Reply struct {
	*http.Response
	Text string
}

// newClient asks for nothing that it was not told to ask for, and follows no redirect.
func newClient() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Ask sends a request with header fields given as name, value, name, value.
func (s *Serving) Ask(t testing.TB, method, path string, fields ...string) Reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		req.Header.Add(fields[i], fields[i+1])
	}
	resp, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return Reply{resp, string(body)}
}

// Get is [Serving.Ask] for a GET.
func (s *Serving) Get(t testing.TB, path string, fields ...string) Reply {
	t.Helper()
	return s.Ask(t, http.MethodGet, path, fields...)
}

// Introduce asks once for those paths that are variants: the next request for one has it kept.
func (s *Serving) Introduce(t testing.TB, paths ...string) {
	t.Helper()
	for _, path := range paths {
		if strings.Contains(path, "?") {
			s.Get(t, path)
		}
	}
}

// ArticlesFrom are n articles that came one minute after another.
func ArticlesFrom(n int) []newswire.Article {
	articles := make([]newswire.Article, n)
	for i := range articles {
		articles[i] = Article(fmt.Sprintf("n%03d", i), At("08:00:00.000").Add(time.Duration(i)*time.Minute))
	}
	return articles
}

// Four articles are in a feed of these options, and on a page of its archive.
var Four = web.Options{Poll: 10 * time.Millisecond, Limit: 4, ArchiveWait: time.Minute}

// LockedBuffer is a buffer for a log.
type LockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements [io.Writer].
func (b *LockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// String is what was written.
func (b *LockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// Everything is one address of each kind that is rendered from the store.
func Everything(a newswire.Article) []string {
	return []string{"/", "/authors", "/category/finance", "/source/dsb", "/articles/" + a.ID, "/feeds/all.atom", "/feeds/category/finance.rss", "/feeds/author/jin-jiang.json"}
}

// Noted is an answer's fields that a reader goes by.
func Noted(r Reply) [6]string {
	var out [6]string
	for i, key := range []string{"Etag", "Last-Modified", "Content-Type", "Link", "Cache-Control", "Content-Encoding"} {
		out[i] = r.Header.Get(key)
	}
	return out
}
