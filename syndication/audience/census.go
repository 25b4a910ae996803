package audience

import (
	"hash/maphash"
	"math/bits"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/newswire/newswire"
)

// census is the count of one day, UTC.
type census struct {
	day  time.Time
	seed maphash.Seed

	// recent has requests that were counted already, each at the index that its hash says, until another one replaces it. A
	// reader that asks again on the same connection is found there, without a lock.
	recent [4096]atomic.Uint64

	mu     sync.Mutex // guards topics
	topics map[newswire.Topic]*readership
}

func newCensus(now time.Time) *census {
	return &census{day: dayOf(now), seed: maphash.MakeSeed(), topics: map[newswire.Topic]*readership{}}
}

// dayOf is when the day of a time began, in UTC.
func dayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// count counts a request for a topic's feed in a format. An author's readers are not counted: no publisher asks for them.
func (c *census) count(topic newswire.Topic, format string, r *http.Request) {
	agents := r.Header["User-Agent"]
	if len(agents) == 0 || topic.Kind() == newswire.KindAuthor {
		return
	}
	agent, forwarded := agents[0], ""
	request := c.hash(agent) ^ bits.RotateLeft64(c.hash(r.RemoteAddr), 16) ^ bits.RotateLeft64(c.hash(r.URL.Path), 32)
	if f := r.Header["X-Forwarded-For"]; len(f) > 0 {
		forwarded = f[len(f)-1]
		request ^= bits.RotateLeft64(c.hash(forwarded), 48)
	}
	cell := &c.recent[request%uint64(len(c.recent))]
	if cell.Load() == request {
		return
	}
	reports, n := reported(agent)
	if reports == "" && robotic(agent) {
		cell.Store(request)
		return
	}
	from := c.hash(network(r.RemoteAddr, forwarded))
	c.mu.Lock()
	defer c.mu.Unlock()
	readers := c.topics[topic]
	if readers == nil {
		readers = newReadership()
		c.topics[topic] = readers
	}
	if reports != "" {
		// Not among the recent: its next request may report a number that was reported before.
		readers.report(c.hash(reports)^bits.RotateLeft64(c.hash(format), 32), from, n)
		return
	}
	readers.add(c.hash(agent)^bits.RotateLeft64(from, 32), from)
	cell.Store(request)
}

func (c *census) hash(s string) uint64 { return maphash.String(c.seed, s) }

// numbers is how many read each topic so far.
func (c *census) numbers() map[newswire.Topic]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	numbers := make(map[newswire.Topic]int, len(c.topics))
	for topic, readers := range c.topics {
		if n := readers.number(); n > 0 {
			numbers[topic] = n
		}
	}
	return numbers
}

// network is the network that a request comes from, as much of an address as two readers at one place have in common:
// 24 bits of an IPv4 address, 48 of one in IPv6. Behind a proxy of ours it is the one that the proxy names last.
func network(remote, forwarded string) string {
	from, err := netip.ParseAddrPort(remote)
	if err != nil {
		return ""
	}
	addr := from.Addr().Unmap()
	if addr.IsLoopback() || addr.IsPrivate() {
		if named, ok := lastForwarded(forwarded); ok {
			addr = named
		}
	}
	length := 48
	if addr.Is4() {
		length = 24
	}
	prefix, err := addr.WithZone("").Prefix(length)
	if err != nil {
		return ""
	}
	return prefix.String()
}
