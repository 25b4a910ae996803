package sources

import (
	"context"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"
)

// domains keeps visits to one registrable domain apart: one at a time, with a pause between two, and none while the
// domain holds us off. It remembers every domain that was ever visited, which are as many as the sources have.
type domains struct {
	mu     sync.Mutex // guards all below, but for turn
	byName map[string]*domain
}

type domain struct {
	turn     chan struct{} // holds one token while nobody visits
	free     time.Time     // no visit before
	held     time.Time     // no visit before, by the domain's own answers
	refusals []time.Time   // of the latest 403s
	users    int           // visitors and those who wait
}

// A burst of refusals on one domain is a verdict on us, not on a feed.
const (
	burstOf       = 3
	burstWithin   = 10 * time.Minute
	holdByDefault = time.Hour
)

func newDomains() *domains {
	return &domains{byName: map[string]*domain{}}
}

// enter waits for a turn at a domain, at most for patience. It returns what to call when the visit is over, from when on
// the domain is left alone for interval; or nil, and when to try again.
func (d *domains) enter(ctx context.Context, name string, interval, patience time.Duration) (leave func(), again time.Time) {
	deadline := time.Now().Add(patience)
	at := d.use(name)
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-at.turn:
	case <-timer.C:
		return nil, d.giveUp(at, interval, false)
	case <-ctx.Done():
		return nil, d.giveUp(at, interval, false)
	}
	d.mu.Lock()
	free := later(at.free, at.held)
	d.mu.Unlock()
	if free.After(deadline) {
		return nil, d.giveUp(at, interval, true)
	}
	if err := sleep(ctx, time.Until(free)); err != nil {
		return nil, d.giveUp(at, interval, true)
	}
	return func() {
		d.mu.Lock()
		at.free = time.Now().Add(interval)
		at.users--
		d.mu.Unlock()
		at.turn <- struct{}{}
	}, time.Time{}
}

func (d *domains) use(name string) *domain {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := d.byName[name]
	if at == nil {
		at = &domain{turn: make(chan struct{}, 1)}
		at.turn <- struct{}{}
		d.byName[name] = at
	}
	at.users++
	return at
}

// giveUp ends a wait and says when there may be room: behind all the others who wait.
func (d *domains) giveUp(at *domain, interval time.Duration, hasTurn bool) time.Time {
	if hasTurn {
		at.turn <- struct{}{}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	at.users--
	return later(later(time.Now(), at.free), at.held).Add(time.Duration(at.users) * max(interval, time.Second))
}

// hold keeps everybody away from a domain until a time.
func (d *domains) hold(name string, until time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if at := d.byName[name]; at != nil {
		at.held = later(at.held, until)
	}
}

// refused notes a 403 and says whether it is one of a burst.
func (d *domains) refused(name string, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := d.byName[name]
	if at == nil {
		return false
	}
	at.refusals = append(at.refusals, now)
	if len(at.refusals) > burstOf {
		at.refusals = at.refusals[1:]
	}
	return len(at.refusals) == burstOf && now.Sub(at.refusals[0]) <= burstWithin
}

// registrable is the part of an address's host that one owner registered (RFC 7489's organizational domain, by the
// public suffix list); an IP address or a single name stands for itself.
func registrable(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	h := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if net.ParseIP(h) != nil {
		return h
	}
	if d, err := publicsuffix.EffectiveTLDPlusOne(h); err == nil {
		return d
	}
	return h
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// sleep waits for d or for the end of ctx, whose error it returns.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
