package service

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/newswire/newswire/cache/rediscache/redistest"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/stores"
	"github.com/newswire/newswire/sources/sourcetest"
)

func TestHubsAreAskedOnlyWhereTheyCanReachUs(t *testing.T) {
	private := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("127.0.0.0/8")}
	for _, tt := range []struct {
		site            string
		public, allowed bool // without private ranges, and with those above
	}{
		{"https://wire.example.org", true, true},
		{"https://wire.example.org/news/", true, true},
		{"http://192.0.2.7:8080", true, true},
		{"https://[2001:4860:4860::8888]/", true, true},
		{"http://localhost:8080", false, true},
		{"http://wire.localhost", false, true},
		{"http://127.0.0.1:8080", false, true},
		{"http://10.1.2.3", false, true},
		{"http://[::ffff:10.1.2.3]", false, true},
		{"http://192.168.1.2", false, false},
		{"http://[::1]:8080", false, false},
		{"http://wire", false, false},
		{"", false, false},
		{"ftp://wire.example.org", false, false},
	} {
		if got := reachable(tt.site, nil); got != tt.public {
			t.Errorf("%s: %v; want %v", tt.site, got, tt.public)
		}
		if got := reachable(tt.site, private); got != tt.allowed {
			t.Errorf("%s, where it may be private: %v; want %v", tt.site, got, tt.allowed)
		}
	}
}

// hubbed is a publisher whose feed names a hub.
type hubbed struct {
	pub *sourcetest.Publisher
	hub *sourcetest.Hub
}

func newHubbed(t *testing.T) *hubbed {
	h := &hubbed{sourcetest.NewPublisher(t, ""), sourcetest.NewHub(t)}
	h.pub.SetHeader("Link", fmt.Sprintf(`<%s>; rel=hub, <%s>; rel=self`, h.hub.URL(), h.pub.URL()))
	h.pub.Publish(item("one"))
	return h
}

func item(guid string) string {
	return `<rss version="2.0"><channel><title>T</title><item><guid>` + guid + `</guid><title>Title of ` + guid +
		`</title><description>Words enough.</description></item></channel></rss>`
}

// role is a service that visits, or answers readers and hubs, or both.
type role struct {
	store           string
	visits, answers bool
}

// start starts the service at its own address.
func (l role) start(t *testing.T, public net.Listener, conf string) *running {
	t.Helper()
	parsed, err := config.Parse("newswire.yaml", fmt.Appendf(nil, "site: {title: Wire, url: 'http://%s'}\nstore: %s\n%s", public.Addr(), l.store, conf))
	if err != nil {
		t.Fatal(err)
	}
	r := &running{public: "http://" + public.Addr().String()}
	log := slog.New(slog.NewTextHandler(&r.log, nil))
	s := &Service{Config: parsed, Version: "test", Store: stores.NewPending(l.store, stores.Memory{}, log), Log: log, Visits: l.visits}
	if l.answers {
		s.Public = public
	}
	if s.Admin, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	r.admin, r.store = "http://"+s.Admin.Addr().String(), s.Store
	if err := s.Store.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the service ended with %v", err)
		}
		_ = s.Store.Close()
	})
	return r
}

func TestWhatAHubSendsIsServed(t *testing.T) {
	for name, tt := range map[string]struct {
		store func(t *testing.T) string
		apart bool // a process visits, and another one answers
	}{
		"on SQLite":                   {func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "wire.db") }, false},
		"on Redis, by processes each": {func(t *testing.T) string { return redistest.Start(t, redistest.Options{}).URL() }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, h := tt.store(t), newHubbed(t)
			public, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			conf := fmt.Sprintf("fetch: {allow_private: [127.0.0.0/8], domain_interval: 0s}\nsources:\n  - {id: a, url: %q}\n", h.pub.URL())
			r := role{store, !tt.apart, true}.start(t, public, conf)
			if tt.apart {
				role{store, true, false}.start(t, public, conf)
			}
			until(t, r, "a subscription", func() bool { return len(h.hub.Subscribers()) == 1 })
			visits := len(h.pub.Requests())
			if status := h.hub.Push(item("two")); status != 202 {
				t.Errorf("a delivery is answered %d", status)
			}
			until(t, r, "what the hub has sent", func() bool { return strings.Contains(get(t, r.public+"/feeds/source/a.rss"), "Title of two") })
			if n := len(h.pub.Requests()); n != visits {
				t.Errorf("the publisher was visited %d times for it", n-visits)
			}
			if metrics := get(t, r.admin+"/metrics"); !strings.Contains(metrics, `newswire_push_requests_total{outcome="accepted"} 1`) ||
				!strings.Contains(metrics, `newswire_push_requests_total{outcome="verified"} 1`) {
				t.Error("the metrics do not count what the hub did")
			}
			for callback := range h.hub.Subscribers() {
				_, token, _ := strings.Cut(callback, "/a.")
				if strings.Contains(r.log.String(), token) {
					t.Error("the log has the callback's token")
				}
			}
		})
	}
}
