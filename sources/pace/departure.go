package pace

import (
	"cmp"
	"context"
	"net/url"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources/fetch"
)

// Patience is how long a visit waits for its domain, and then for a slot, before it makes room for others.
const Patience = 5 * time.Second

// TurnLease is for how long a domain is busy after the process that had the turn there died.
const TurnLease = 20 * time.Second

// Claim is a lease with the state of its source.
type Claim struct {
	cache.Lease
	State newswire.State
	Asked time.Time // when the lease was asked for, by our clock
}

// Now is the store's time, as far as it is known.
func (c *Claim) Now() time.Time { return Clock{c.At, c.Asked}.Now() }

// Fetcher gets documents from publishers; [fetch.Client] does it over HTTP.
type Fetcher interface {
	Get(ctx context.Context, r fetch.Request) (*fetch.Answer, error)
}

// Poster sends forms to hubs; [fetch.Client] does it over HTTP.
type Poster interface {
	Post(ctx context.Context, r fetch.Request, form url.Values) (*fetch.Answer, error)
}

// Departure is a claimed visit that is about to set out. It sets out when it has a slot and the turn at its domain, and both
// at once: a visit that has to wait for the one gives the other back.
type Departure struct {
	Claim    *Claim
	Plan     *Plan
	Address  string
	Fetcher  Fetcher
	Slots    *Slots        // one is kept until the trip ends, or makes room
	Pause    time.Duration // kept at a domain after each turn
	Lease    time.Duration // of each turn, which is extended while the visit lasts; default [TurnLease]
	Patience time.Duration // default [Patience]

	silent   bool // its publisher did not answer the last time
	hasSlot  bool
	departed bool // it has the first turn; those at other domains are for its redirects
}

func (d *Departure) lease() time.Duration { return cmp.Or(d.Lease, TurnLease) }

func (d *Departure) patience() time.Duration { return cmp.Or(d.Patience, Patience) }

// postponement waits for a slot and says what is to be stored with the turn: the due time that would follow. So a crash in
// the middle of the request does not visit the publisher again at once. It is no sooner than the lease ends, for under a
// visit that takes longer than its schedule is apart the source would come due again, and that visit would be void. There is
// nothing to store when the visit has departed already. The error is a *BusyError or ctx's.
func (d *Departure) postponement(ctx context.Context) ([]cache.Postponement, error) {
	if d.departed {
		return nil, nil
	}
	if !d.hasSlot {
		health := &d.Claim.State.Health
		d.silent = health.Failures > 0 && health.Status == 0
		var err error
		if d.hasSlot, err = d.Slots.acquire(ctx, d.silent, time.Now().Add(d.patience())); err != nil {
			return nil, err
		}
		if !d.hasSlot {
			return nil, &BusyError{Until: d.Claim.Now().Add(d.patience()), Why: "waits for other visits to end"}
		}
	}
	now := d.Claim.Now()
	// The wait may have led into an hour that the publisher keeps free.
	if at, why := Earliest(now, &d.Claim.State); at.After(now) {
		return nil, &BusyError{Until: at, Why: why}
	}
	until := later(d.Plan.presumed(now, &d.Claim.State), d.Claim.Until)
	return []cache.Postponement{{Lease: d.Claim.Lease, Until: until}}, nil
}

// yield gives the slot back while the visit waits for its first turn.
func (d *Departure) yield() {
	if !d.departed {
		d.releaseSlot()
	}
}

func (d *Departure) releaseSlot() {
	if d.hasSlot {
		d.Slots.release(d.silent)
		d.hasSlot = false
	}
}
