package pace

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// Domains keep visits to one registrable domain apart: one at a time, with a pause between two, and none while the
// domain is closed. What decides is in the store, where it holds for all processes and over restarts; here the visits of
// this process queue, so that one of them at a time asks the store.
type Domains struct {
	store cache.Domains

	mu     sync.Mutex // guards queues
	queues map[string]*queue
}

// queue is the visits of this process that want to enter a domain.
type queue struct {
	head  chan struct{} // has a token while no visit is at the head
	users int           // the visits at the head and behind it; guarded by Domains.mu
}

// turn is a cache.Turn, whose Remembered is changed by what is observed during it.
type turn struct {
	cache.Turn
	domains *Domains
	queue   *queue
	given   time.Time     // by our clock
	pause   time.Duration // to keep after it

	stop      func() // ends the extensions; may be called again
	extending sync.WaitGroup
}

// BusyError says why a visit cannot go on, and when it may.
type BusyError struct {
	Until time.Time // by the store's clock
	Why   string
}

func (e *BusyError) Error() string { return e.Why }

// NewDomains keeps the domains of a store.
func NewDomains(store cache.Domains) *Domains {
	return &Domains{store: store, queues: map[string]*queue{}}
}

// another is how often a domain is asked for again while another process has its turn, which may end at any time.
const another = time.Second

// enter waits for a turn at a domain. When the visit's patience is not enough the error is a *BusyError; any other is the
// store's or ctx's. A visit that has not departed yet does so with the turn.
func (d *Domains) enter(ctx context.Context, name string, visit *Departure) (_ *turn, err error) {
	deadline := time.Now().Add(visit.patience())
	q, ahead := d.join(name)
	atHead := false
	defer func() {
		if err != nil {
			d.quit(name, q, atHead)
		}
	}()
	if atHead, err = receive(ctx, q.head, deadline); err != nil {
		return nil, err
	}
	if !atHead {
		// The others go first, and each takes a while.
		until := visit.Claim.Now().Add(time.Duration(ahead) * max(visit.Pause, time.Second))
		return nil, &BusyError{until, "waits for its turn at " + name}
	}
	for {
		postpone, err := visit.postponement(ctx)
		if err != nil {
			return nil, err
		}
		given := time.Now()
		t, err := d.store.Enter(ctx, name, visit.lease(), postpone...)
		if err != nil {
			return nil, err
		}
		if t.Key != "" {
			lasts, err := d.lasts(ctx, t, given, visit.lease())
			if err != nil {
				return nil, err
			}
			if !lasts {
				continue
			}
			visit.departed = true
			entered := &turn{Turn: t, domains: d, queue: q, given: given, pause: visit.Pause}
			entered.extend(ctx, visit.lease())
			return entered, nil
		}
		visit.yield()
		wait := t.Until.Sub(t.At)
		if t.Until.After(t.Remembered.Open()) {
			wait = min(wait, another)
		}
		if given.Add(wait).After(deadline) {
			return nil, busy(t, visit)
		}
		if err := Sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// lasts makes sure of a turn that was given some time before we heard of it, as by a store whose disk hung: it may have ended, and
// be another's.
func (d *Domains) lasts(ctx context.Context, t cache.Turn, given time.Time, lease time.Duration) (bool, error) {
	if time.Since(given) < lease/2 {
		return true, nil
	}
	err := d.store.Extend(ctx, t, lease)
	if errors.Is(err, newswire.ErrFenced) {
		return false, nil
	}
	return err == nil, err
}

// busy is why a turn was not given.
func busy(t cache.Turn, visit *Departure) *BusyError {
	if until := t.Remembered.ClosedUntil; until.After(t.At) {
		return &BusyError{until, ClosedWhy(t.Domain, t.Remembered)}
	}
	// Another process has the turn for a visit, or the domain is between two: soon.
	return &BusyError{t.At.Add(max(visit.patience(), time.Second)), "waits for its turn at " + t.Domain}
}

// join puts a visit into the queue for a domain, and says how many are ahead of it.
func (d *Domains) join(name string) (q *queue, ahead int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	q = d.queues[name]
	if q == nil {
		q = &queue{head: tokens(1)}
		d.queues[name] = q
	}
	q.users++
	return q, q.users - 1
}

// quit takes a visit out of the queue for a domain.
func (d *Domains) quit(name string, q *queue, atHead bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if q.users--; q.users == 0 {
		delete(d.queues, name)
	} else if atHead {
		q.head <- struct{}{}
	}
}

// extend keeps the turn while the visit lasts, and this process lives. Its lease is short: when the process dies, the domain
// is not closed for as long as a visit may take.
func (t *turn) extend(ctx context.Context, lease time.Duration) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	domains, stored, pause := t.domains, cache.Turn{Domain: t.Domain, Key: t.Key}, lease/extensions
	t.extending.Add(1)
	begin := time.AfterFunc(pause, func() { // most visits have ended by then
		defer t.extending.Done()
		for {
			// While the store does not answer, the next time may do.
			if errors.Is(domains.store.Extend(ctx, stored, lease), newswire.ErrFenced) || Sleep(ctx, pause) != nil {
				return
			}
		}
	})
	t.stop = func() {
		cancel()
		if begin.Stop() {
			t.extending.Done()
		}
	}
}

// extensions is how often a turn is extended within its lease.
const extensions = 4

// leave ends the turn; the pause begins. That another process has been given the turn is no error: it has ended then.
func (t *turn) leave(ctx context.Context) error {
	defer t.ended()
	err := t.domains.store.Leave(ctx, t.ending())
	if errors.Is(err, newswire.ErrFenced) {
		return nil
	}
	return err
}

// ending is the turn as it is stored when it ends now.
func (t *turn) ending() cache.Turn {
	t.Remembered.Free = t.now().Add(t.pause)
	return t.Turn
}

// ended lets the next visit of this process have the turn, which has ended in the store.
func (t *turn) ended() {
	t.stop()
	t.extending.Wait()
	t.domains.quit(t.Domain, t.queue, true)
}

// now is the store's time, as far as it is known.
func (t *turn) now() time.Time { return Clock{t.At, t.given}.Now() }

// closed says until when and why the turn's domain is closed, if it is.
func (t *turn) closed(now time.Time) *BusyError {
	if !t.Remembered.ClosedUntil.After(now) {
		return nil
	}
	return &BusyError{t.Remembered.ClosedUntil, ClosedWhy(t.Domain, t.Remembered)}
}

// DomainOf is the part of an address's host that one owner registered (RFC 7489's organizational domain, by the
// public suffix list); an IP address or a single name stands for itself.
func DomainOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return domainOfHost(u.Hostname())
}

func domainOfHost(host string) string {
	h := strings.ToLower(strings.TrimSuffix(host, "."))
	if net.ParseIP(h) != nil {
		return h
	}
	if d, err := publicsuffix.EffectiveTLDPlusOne(h); err == nil {
		return d
	}
	return h
}
