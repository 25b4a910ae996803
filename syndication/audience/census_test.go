package audience

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
)

func TestServicesSayForHowManyTheyRead(t *testing.T) {
	for _, tt := range []struct {
		agent, service string
		n              int
	}{
		{"Feedly/1.0 (+http://www.feedly.com/fetcher.html; 16 subscribers; like FeedFetcher-Google)", "Feedly/1.0 (+http://www.feedly.com/fetcher.html; # subscribers; like FeedFetcher-Google)", 16},
		{"Inoreader/1.0 (+http://www.inoreader.com/feed-fetcher; 3 subscribers; )", "Inoreader/1.0 (+http://www.inoreader.com/feed-fetcher; # subscribers; )", 3},
		{"Feedbin feed-id:12345 - 1 subscriber", "Feedbin feed-id:12345 - # subscriber", 1},
		{"Mozilla/5.0 (compatible; theoldreader.com; 7 subscribers; feed-id=4ff)", "Mozilla/5.0 (compatible; theoldreader.com; # subscribers; feed-id=4ff)", 7},
		{"NewsBlur Feed Fetcher - 1204 subscribers - http://www.newsblur.com/site/1", "NewsBlur Feed Fetcher - # subscribers - http://www.newsblur.com/site/1", 1204},
		{"LiveJournal.com_(webmaster@livejournal.com;_4_readers)", "LiveJournal.com_(webmaster@livejournal.com;_#_readers)", 4},
		{"PlainFeeder v0.0.1 (+http://plainfeeder.com/about ; Subscriber Count: 5)", "PlainFeeder v0.0.1 (+http://plainfeeder.com/about ; Subscriber Count: #)", 5},
		{"ThePort Web/1.0; subscribers 2", "ThePort Web/1.0; subscribers #", 2},
		{"newswire/1.2 (+https://wire.example.org/about/fetcher; 0 SUBSCRIBERS)", "newswire/1.2 (+https://wire.example.org/about/fetcher; # SUBSCRIBERS)", 0},
		{"Feed (1000000 subscribers)", "Feed (# subscribers)", 1_000_000},
		{"Feed (1000001 subscribers)", "", 0},
		{"Feed (99999999999999999999 subscribers)", "", 0},
		{"Reader/5", "", 0},
		{"FeedReader 3.14 (Windows)", "", 0},
		{"Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0", "", 0},
		{"", "", 0},
	} {
		if service, n := reported(tt.agent); service != tt.service || n != tt.n {
			t.Errorf("reported(%q) = %q, %d; want %q, %d", tt.agent, service, n, tt.service, tt.n)
		}
	}
}

func FuzzReported(f *testing.F) {
	f.Add("Feedbin feed-id:12345 - 1 subscriber")
	f.Add("PlainFeeder v0.0.1 (Subscriber Count: 5)")
	f.Add("A_000000007_readers")
	f.Fuzz(func(t *testing.T, agent string) {
		service, n := reported(agent)
		if service == "" {
			return
		}
		before, after, _ := strings.Cut(service, "#")
		if !strings.HasPrefix(agent, before) || !strings.HasSuffix(agent, after) && !strings.Contains(agent, "#") || n < 0 || n > mostReported {
			t.Errorf("reported(%q) = %q, %d", agent, service, n)
		}
		if again, m := reported(agent + " "); again != service+" " || m != n {
			t.Errorf("reported(%q) = %q, %d; want as without the space, %q and %d", agent+" ", again, m, service, n)
		}
	})
}

func FuzzNetwork(f *testing.F) {
	f.Add("127.0.0.1:4711", "203.0.113.9, 2001:db8:1:2::7")
	f.Add("[fe80::1%eth0]:4711", "")
	f.Fuzz(func(t *testing.T, remote, forwarded string) {
		got := network(remote, forwarded)
		if got == "" {
			return
		}
		prefix, err := netip.ParsePrefix(got)
		if err != nil || prefix != prefix.Masked() || prefix.Bits() > 48 {
			t.Errorf("network(%q, %q) = %q: more of an address than its network, %v", remote, forwarded, got, err)
		}
	})
}

func TestReadersAreToldApartByNetwork(t *testing.T) {
	for _, tt := range []struct{ name, remote, forwarded, want string }{
		{"IPv4", "192.0.2.7:4711", "", "192.0.2.0/24"},
		{"IPv6", "[2001:db8:1:2::7]:4711", "", "2001:db8:1::/48"},
		{"IPv4 in IPv6", "[::ffff:192.0.2.7]:4711", "", "192.0.2.0/24"},
		{"what a stranger says of others", "192.0.2.7:4711", "198.51.100.1", "192.0.2.0/24"},
		{"behind a proxy", "127.0.0.1:4711", "198.51.100.1", "198.51.100.0/24"},
		{"behind one in a private network", "10.0.0.2:4711", "203.0.113.9, 2001:db8:1:2::7", "2001:db8:1::/48"},
		{"behind one that says nothing", "[fd00::1]:4711", "unknown", "fd00::/48"},
		{"link-local", "[fe80::1%eth0]:4711", "", "fe80::/48"},
		{"no address", "@", "198.51.100.1", ""},
	} {
		if got := network(tt.remote, tt.forwarded); got != tt.want {
			t.Errorf("%s: network(%q, %q) = %q; want %q", tt.name, tt.remote, tt.forwarded, got, tt.want)
		}
	}
}

func TestManyReadersTakeLittleAndCountAboutRight(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 1000, mostClients, mostClients + 1, 10_000, 300_000} {
		r := newReadership()
		for range n {
			client := random.Uint64()
			r.add(client, client)
			r.add(client, client)
		}
		got, tolerance := r.number(), 0
		if n > mostClients {
			tolerance = n / 10
		}
		if len(r.clients) > mostClients || got < n-tolerance || got > n+tolerance {
			t.Errorf("%d readers counted as %d, by %d hashes", n, got, len(r.clients))
		}
	}
	r := newReadership()
	for i := range 10 * mostServices {
		for range 2 {
			r.report(uint64(i), uint64(i), 1)
		}
	}
	r.report(0, 0, 3)
	if got := r.number(); got != mostServices+2 {
		t.Errorf("%d readers by way of very many services; want %d", got, mostServices+2)
	}
}

// One client, in one network, cannot make up readers: by the names that it gives itself, by the numbers that it claims, or by
// taking the room of services that report again and again.
func TestOneClientCannotForgeReaders(t *testing.T) {
	const feedly = "Feedly/1.0 (+http://www.feedly.com/fetcher.html; %d subscribers)"
	ask := func(c *census, remote, agent string) {
		r := httptest.NewRequest(http.MethodGet, "/feeds/all.atom", nil)
		r.RemoteAddr = remote
		r.Header.Set("User-Agent", agent)
		c.count(newswire.All, "atom", r)
	}
	for _, tt := range []struct {
		name  string
		forge func(c *census)
		most  int // what all readers may come to: ten that read for one, and 500 of Feedly
	}{
		{"nothing", func(*census) {}, 510},
		{"many programs", func(c *census) {
			for i := range 5000 {
				ask(c, fmt.Sprintf("203.0.113.9:%d", i), fmt.Sprintf("Reader/%d", i))
			}
		}, 510 + mostOfNetwork},
		{"a large number", func(c *census) { ask(c, "203.0.113.9:1", "Mine (1000000 subscribers)") }, 510 + certainReaders + 10*readersForClient},
		{"many services", func(c *census) {
			for i := range 5000 {
				ask(c, "203.0.113.9:1", fmt.Sprintf("Mine/%d (1000000 subscribers)", i))
			}
		}, 510 + certainReaders + 10*readersForClient},
		{"another's name", func(c *census) {
			ask(c, "203.0.113.9:1", fmt.Sprintf(feedly, 900))
			ask(c, "203.0.113.9:1", fmt.Sprintf(feedly, 0))
		}, 510},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, first := range []bool{true, false} {
				c := newCensus(time.Now())
				if first {
					tt.forge(c)
				}
				for i := range 10 {
					ask(c, fmt.Sprintf("192.0.%d.1:1", i), "Reader/1")
				}
				for range 3 {
					ask(c, "198.51.100.1:1", fmt.Sprintf(feedly, 500))
				}
				if !first {
					tt.forge(c)
				}
				if got := c.numbers()[newswire.All]; got < 510 || got > tt.most {
					t.Errorf("counted %d; want 510 to %d", got, tt.most)
				}
			}
		})
	}
}

func TestUnprovenServicesMakeRoom(t *testing.T) {
	r := newReadership()
	for i := range mostServices {
		r.report(uint64(i+1), uint64(i), 1) // each from a network of its own, once
	}
	for range 2 {
		r.report(1000, 1000, 50)
	}
	if got := r.number(); got != mostServices-1+50 {
		t.Errorf("%d readers; want those of the service that came last among them", got)
	}
}

// BenchmarkCount is what counting adds to a request: on a connection that was used before, on a new one, and by a service.
func BenchmarkCount(b *testing.B) {
	c := newCensus(time.Now())
	r := httptest.NewRequest(http.MethodGet, "/feeds/all.atom", nil)
	remotes := make([]string, 1<<16)
	for i := range remotes {
		remotes[i] = fmt.Sprintf("192.0.%d.%d:%d", i>>8, i&255, i)
	}
	for _, bb := range []struct {
		name, agent string
		remotes     []string
	}{
		{"same connection", "Reader/1.0 (+https://reader.example/)", remotes[:1]},
		{"new connection", "Reader/1.0 (+https://reader.example/)", remotes},
		{"service", "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 16 subscribers; like FeedFetcher-Google)", remotes[:1]},
	} {
		b.Run(bb.name, func(b *testing.B) {
			r.Header.Set("User-Agent", bb.agent)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				r.RemoteAddr = bb.remotes[i%len(bb.remotes)]
				c.count(newswire.All, "atom", r)
			}
		})
	}
}
