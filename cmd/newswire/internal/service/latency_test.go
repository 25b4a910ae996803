package service

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache/redistest"
)

// growing is a publisher whose feed has a new item at each visit.
type growing struct {
	mu       sync.Mutex // guards the rest
	items    []string
	answered time.Time // when the last answer was written
}

func (g *growing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/feed" {
		http.NotFound(w, r)
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.items = append(g.items, fmt.Sprintf("p%d", len(g.items)))
	w.Header().Set("Content-Type", "application/rss+xml")
	fmt.Fprint(w, `<rss version="2.0"><channel><title>Growing</title><link>http://127.0.0.1/</link><description>x</description>`)
	for _, what := range slices.Backward(g.items[max(0, len(g.items)-20):]) {
		fmt.Fprintf(w, `<item><guid isPermaLink="false">%s</guid><title>Title of %[1]s</title><link>http://127.0.0.1/%[1]s</link><description>%s</description></item>`,
			what, strings.Repeat("Words of it. ", 20))
	}
	fmt.Fprint(w, `</channel></rss>`)
	g.answered = time.Now()
}

func (g *growing) last() (what string, answered time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.items) == 0 {
		return "", time.Time{}
	}
	return g.items[len(g.items)-1], g.answered
}

// TestFromAPublishersAnswerToACategorysFeed measures how long it takes from the end of a publisher's answer until a reader
// that asks all the time is answered with the new article. It judges no time: it prints them.
func TestFromAPublishersAnswerToACategorysFeed(t *testing.T) {
	if os.Getenv("NEWSWIRE_LATENCY") == "" {
		t.Skip("NEWSWIRE_LATENCY is not set")
	}
	for name, store := range map[string]func() string{
		"SQLite": func() string { return "sqlite:" + filepath.Join(t.TempDir(), "wire.db") },
		"Redis":  func() string { return redistest.Start(t, redistest.Options{}).URL() },
	} {
		t.Run(name, func(t *testing.T) { measureVisits(t, store(), 40) })
	}
}

func measureVisits(t *testing.T, address string, visits int) {
	publisher := &growing{}
	server := httptest.NewServer(publisher)
	t.Cleanup(server.Close)
	public, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := role{address, true, true}.start(t, public, fmt.Sprintf("fetch: {allow_private: [127.0.0.0/8], domain_interval: 0s}\n"+
		"categories: [{id: c, title: C}]\nsources:\n  - {id: a, url: %q, categories: [c], rights: {policy: full}}\n", server.URL+"/feed"))
	until(t, r, "the first article", func() bool { what, _ := publisher.last(); return what != "" && r.shows(t, what) })
	store, err := r.store.Wait(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var took []time.Duration
	for range visits {
		before, _ := publisher.last()
		makeDue(t, store)
		what, answered := before, time.Time{}
		for asked := time.Now(); what == before || !r.shows(t, what); time.Sleep(time.Millisecond) {
			if what, answered = publisher.last(); what == before && time.Since(asked) > 2*time.Second {
				makeDue(t, store) // its last visit was about to give its own due time
				asked = time.Now()
			}
		}
		took = append(took, time.Since(answered))
		time.Sleep(50 * time.Millisecond) // of more than 50 articles in a second, a feed has not all
	}
	slices.Sort(took)
	t.Logf("%d visits: p50 %v, p95 %v, most %v", visits, took[visits/2], took[visits*95/100], took[visits-1])
}

// makeDue makes the source due.
func makeDue(t *testing.T, store cache.Store) {
	t.Helper()
	due, err := store.Due(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Reschedule(t.Context(), "a", due["a"], time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
}

// shows says whether the category's feed has an article.
func (r *running) shows(t *testing.T, what string) bool {
	t.Helper()
	return strings.Contains(get(t, r.public+"/feeds/category/c.rss"), "Title of "+what+"<")
}
