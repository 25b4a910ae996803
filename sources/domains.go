package sources

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources/fetch"
)

// domains keeps visits to one registrable domain apart: one at a time, with a pause between two, and none while the
// domain holds us off. What decides is in the store, where it holds for all processes and over restarts; here those of
// this process line up, so that one of them at a time asks the store.
type domains struct {
	store cache.Domains

	mu    sync.Mutex // guards lines
	lines map[string]*line
}

// line is the visitors of this process who want to a domain.
type line struct {
	head  chan struct{} // holds one token while nobody is at the head
	users int           // those at the head and behind it; guarded by domains.mu
}

// turn is a cache.Turn, whose Remembered takes in what is learned during it.
type turn struct {
	cache.Turn
	domains *domains
	line    *line
	given   time.Time     // by our clock
	pause   time.Duration // to keep after it
}

// busyError says why a visit cannot go on at a domain, and when it may.
type busyError struct {
	domain string
	until  time.Time // by the store's clock
	why    string
}

func (e *busyError) Error() string { return e.why }

func newDomains(store cache.Domains) *domains {
	return &domains{store: store, lines: map[string]*line{}}
}

// another is how often a domain is asked for again while another process has its turn, which may end at any time.
const another = time.Second

// enter waits for a turn at a domain, at most for patience. When that is not enough the error is a *busyError; any other
// is the store's or ctx's. A visit that is yet to set out, where there is one, does so with the turn.
func (d *domains) enter(ctx context.Context, name string, pause, lease, patience time.Duration, v *departure) (_ *turn, err error) {
	deadline := time.Now().Add(patience)
	l, behind := d.join(name)
	atHead := false
	defer func() {
		if err != nil {
			d.quit(name, l, atHead)
		}
	}()
	if atHead, err = take(ctx, l.head, deadline); err != nil {
		return nil, err
	}
	if !atHead {
		// The others go first, and each takes a while.
		until := time.Now().UTC().Add(time.Duration(behind) * max(pause, time.Second))
		return nil, &busyError{name, until, "waits for its turn at " + name}
	}
	for {
		postpone, err := v.ready(ctx)
		if err != nil {
			return nil, err
		}
		given := time.Now()
		t, err := d.store.Enter(ctx, name, lease, postpone...)
		if err != nil {
			return nil, err
		}
		if t.Key != "" {
			return &turn{Turn: t, domains: d, line: l, given: given, pause: pause}, nil
		}
		v.rest()
		wait := t.Until.Sub(t.At)
		if t.Until.After(t.Remembered.Open()) {
			wait = min(wait, another)
		}
		if given.Add(wait).After(deadline) {
			return nil, busy(t, patience)
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// busy is why a turn was not given.
func busy(t cache.Turn, patience time.Duration) *busyError {
	if held := t.Remembered.Held; held.After(t.At) {
		return &busyError{t.Domain, held, heldWhy(t.Domain, t.Remembered)}
	}
	// Another process has the turn for a visit, or the domain is between two: soon.
	return &busyError{t.Domain, t.At.Add(max(patience, time.Second)), "waits for its turn at " + t.Domain}
}

func heldWhy(name string, d newswire.Domain) string {
	return fmt.Sprintf("%s is held until %s after %s", name, d.Held.Format(time.RFC3339), d.Why)
}

func (d *domains) join(name string) (l *line, behind int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l = d.lines[name]
	if l == nil {
		l = &line{head: tokens(1)}
		d.lines[name] = l
	}
	l.users++
	return l, l.users - 1
}

func (d *domains) quit(name string, l *line, atHead bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if l.users--; l.users == 0 {
		delete(d.lines, name)
	} else if atHead {
		l.head <- struct{}{}
	}
}

// leave ends the turn, from when on the domain is left alone for a pause. That another process has taken the turn over
// is no error: it has ended then.
func (t *turn) leave(ctx context.Context) error {
	defer t.left()
	err := t.domains.store.Leave(ctx, t.leaving())
	if errors.Is(err, newswire.ErrFenced) {
		return nil
	}
	return err
}

// leaving is the turn as it is stored when it ends now.
func (t *turn) leaving() cache.Turn {
	t.Remembered.Free = t.now().Add(t.pause)
	return t.Turn
}

// left lets the next of this process have the turn, which has ended in the store.
func (t *turn) left() { t.domains.quit(t.Domain, t.line, true) }

// now is the store's time, as far as we know it.
func (t *turn) now() time.Time { return t.At.Add(time.Since(t.given)).UTC().Truncate(time.Millisecond) }

// trip is one visit's way over the net: it gets documents, and before each request takes the turn at the domain, where
// it has not got it yet. So a redirect leads to no domain that is held or busy. The pause is kept between visits: a redirect
// within a domain is followed at once.
type trip struct {
	fetcher Fetcher
	domains *domains
	pause   time.Duration // after each turn
	lease   time.Duration // of each turn
	turns   []*turn       // that have not ended
	first   *turn         // whose clock counts
	at      *turn         // at the domain that was asked last
}

// begin starts the trip of a visit with the turn at an address's domain. The error is as of enter.
func (d *domains) begin(ctx context.Context, address string, fetcher Fetcher, pause, lease time.Duration, v *departure) (*trip, error) {
	t := &trip{fetcher: fetcher, domains: d, pause: pause, lease: lease}
	if err := t.enter(ctx, registrable(address), v); err != nil {
		return nil, err
	}
	t.first = t.at
	return t, nil
}

func (t *trip) enter(ctx context.Context, name string, v *departure) error {
	if taken := t.turn(name); taken != nil {
		t.at = taken
		if held := taken.held(taken.now()); held != nil {
			return held
		}
		return nil
	}
	taken, err := t.domains.enter(ctx, name, t.pause, t.lease, patience, v)
	if err != nil {
		return err
	}
	t.turns, t.at = append(t.turns, taken), taken
	return nil
}

// turn is the one at a domain, nil if the trip has none there.
func (t *trip) turn(name string) *turn {
	for _, taken := range t.turns {
		if taken.Domain == name {
			return taken
		}
	}
	return nil
}

// Get gets a document, and learns from the answer what the domain thinks of our manners. The error is a *busyError when
// that took the visit to a domain that may not be visited now.
func (t *trip) Get(ctx context.Context, r fetch.Request) (*fetch.Answer, error) {
	r.Allow = func(ctx context.Context, at *url.URL) error { return t.enter(ctx, registrableHost(at.Hostname()), nil) }
	answer, err := t.fetcher.Get(ctx, r)
	if err != nil {
		return nil, err
	}
	learn(&t.at.Remembered, answer, t.at.now())
	return answer, nil
}

// held says until when and why an address's domain is held, if the trip has the turn there and it is.
func (t *trip) held(address string, now time.Time) *busyError {
	if taken := t.turn(registrable(address)); taken != nil {
		return taken.held(now)
	}
	return nil
}

// held says until when and why the turn's domain is held, if it is.
func (t *turn) held(now time.Time) *busyError {
	if !t.Remembered.Held.After(now) {
		return nil
	}
	return &busyError{t.Domain, t.Remembered.Held, heldWhy(t.Domain, t.Remembered)}
}

// now is the store's time, as far as the trip knows it.
func (t *trip) now() time.Time { return t.first.now() }

// leaving are the turns as they are stored when they end now.
func (t *trip) leaving() []cache.Turn {
	turns := make([]cache.Turn, 0, len(t.turns))
	for _, taken := range t.turns {
		turns = append(turns, taken.leaving())
	}
	return turns
}

// left is called when all turns have ended in the store.
func (t *trip) left() {
	for _, taken := range t.turns {
		taken.left()
	}
	t.turns = nil
}

// end ends all turns that have not ended yet, also when ctx has ended.
func (t *trip) end(ctx context.Context) error {
	var errs []error
	for _, taken := range t.turns {
		errs = append(errs, taken.leave(context.WithoutCancel(ctx)))
	}
	return errors.Join(errs...)
}

// registrable is the part of an address's host that one owner registered (RFC 7489's organizational domain, by the
// public suffix list); an IP address or a single name stands for itself.
func registrable(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return registrableHost(u.Hostname())
}

func registrableHost(host string) string {
	h := strings.ToLower(strings.TrimSuffix(host, "."))
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
