package service

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/newswire/newswire/cache/rediscache/redistest"
)

var pushed = regexp.MustCompile(`Title of (p\d+)<`)

// heardOf is a subscriber of our hub, which notes when it hears of what for the first time.
type heardOf struct {
	mu   sync.Mutex // guards what follows
	at   map[string]time.Time
	news chan struct{} // has a token when it has heard something
}

func (h *heardOf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if challenge := r.URL.Query().Get("hub.challenge"); challenge != "" {
		_, _ = io.WriteString(w, challenge)
		return
	}
	body, _ := io.ReadAll(r.Body)
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, m := range pushed.FindAllSubmatch(body, -1) {
		if _, known := h.at[string(m[1])]; !known {
			h.at[string(m[1])] = time.Now()
		}
	}
	select {
	case h.news <- struct{}{}:
	default:
	}
}

func (h *heardOf) when(what string) (time.Time, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at, heard := h.at[what]
	return at, heard
}

// TestFromAPublishersPushToASubscribers measures how long it takes from a publisher's hub that delivers to us, until our hub
// has delivered to a subscriber. It judges no time: it prints them.
func TestFromAPublishersPushToASubscribers(t *testing.T) {
	if os.Getenv("NEWSWIRE_PUSH_LATENCY") == "" {
		t.Skip("NEWSWIRE_PUSH_LATENCY is not set")
	}
	for name, store := range map[string]func() string{
		"SQLite": func() string { return "sqlite:" + filepath.Join(t.TempDir(), "wire.db") },
		"Redis":  func() string { return redistest.Start(t, redistest.Options{}).URL() },
	} {
		t.Run(name, func(t *testing.T) { measurePushes(t, store(), 200) })
	}
}

func measurePushes(t *testing.T, store string, pushes int) {
	h := newHubbed(t)
	public, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := role{store, true, true}.start(t, public, fmt.Sprintf("fetch: {allow_private: [127.0.0.0/8], domain_interval: 0s}\n"+
		"sources:\n  - {id: a, url: %q, rights: {policy: full}}\n", h.pub.URL()))
	until(t, r, "a subscription", func() bool { return len(h.hub.Subscribers()) == 1 })
	ours := &heardOf{at: map[string]time.Time{}, news: make(chan struct{}, 1)}
	subscriber := httptest.NewServer(ours)
	t.Cleanup(subscriber.Close)
	response, err := http.PostForm(r.public+"/hub", url.Values{
		"hub.mode": {"subscribe"}, "hub.topic": {r.public + "/feeds/source/a.rss"}, "hub.callback": {subscriber.URL},
	})
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusAccepted {
		t.Fatalf("our hub answers %d", response.StatusCode)
	}
	time.Sleep(time.Second) // it verifies
	var took []time.Duration
	for n := range pushes {
		what, began := fmt.Sprintf("p%d", n), time.Now()
		h.hub.Push(item(what))
		for at, heard := ours.when(what); ; at, heard = ours.when(what) {
			if heard {
				took = append(took, at.Sub(began))
				break
			}
			select {
			case <-ours.news:
			case <-time.After(20 * time.Second):
				t.Fatalf("%s was not delivered; the log is\n%s", what, r.log.String())
			}
		}
	}
	slices.Sort(took)
	t.Logf("%d pushes: p50 %v, p95 %v, most %v", pushes, took[pushes/2], took[pushes*95/100], took[pushes-1])
}
