package sources

import (
	"context"
	"fmt"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// claimed is a lease with the state of its source.
type claimed struct {
	cache.Lease
	asked time.Time // when it was asked for, by our clock
	state newswire.State
}

// now is the store's time, as far as we know it.
func (c *claimed) now() time.Time {
	return c.At.Add(time.Since(c.asked)).UTC().Truncate(time.Millisecond)
}

// claimDue claims at most n due sources, or of the named ones, and reads their states.
func (a *Aggregator) claimDue(ctx context.Context, n int, only ...string) ([]*claimed, error) {
	asked := time.Now()
	leases, err := a.store.Claim(ctx, n, a.lease(), only...)
	if err != nil || len(leases) == 0 {
		return nil, err
	}
	ids := make([]string, len(leases))
	for i, l := range leases {
		ids[i] = l.Source
	}
	// Also when ctx ends meanwhile: they are ours, and whoever drops them keeps them from everybody until their leases end.
	states, err := a.store.States(context.WithoutCancel(ctx), ids...)
	if err != nil {
		return nil, fmt.Errorf("read the states of claimed sources: %w", err)
	}
	list := make([]*claimed, len(leases))
	for i, l := range leases {
		list[i] = &claimed{Lease: l, asked: asked, state: states[l.Source]}
	}
	return list, nil
}

// departure is a visit that is about to set out. A nil one has set out already.
type departure struct {
	*scheduled
	state  *newswire.State
	lease  *claimed
	places places
	silent bool // whether its publisher gave no answer the last time
	placed bool // whether it has a place
}

// ready waits for a place among the visits at work, at most for patience, and says what is to be stored when the visit
// sets out now: the due time that would follow. So a crash in the middle of the request does not visit the publisher again
// at once. It is no sooner than the lease ends, for under a visit that takes longer than its schedule is apart the source would
// come due again, and that visit would be void. The error is a *busyError or ctx's.
func (d *departure) ready(ctx context.Context) ([]cache.Postponement, error) {
	if d == nil {
		return nil, nil
	}
	if !d.placed {
		var err error
		if d.placed, err = d.places.take(ctx, d.silent); err != nil {
			return nil, err
		}
		if !d.placed {
			return nil, &busyError{until: d.lease.now().Add(patience), why: "waits for other visits to end"}
		}
	}
	now := d.lease.now()
	// The wait may have led into an hour that the publisher keeps free.
	if at, why := welcome(now, d.state); at.After(now) {
		return nil, &busyError{until: at, why: why}
	}
	until := later(presumed(now, d.scheduled, d.state), d.lease.Until)
	return []cache.Postponement{{Lease: d.lease.Lease, Until: until}}, nil
}

// rest gives the place back: the visit has ended, or has to wait for its domain.
func (d *departure) rest() {
	if d != nil && d.placed {
		d.places.leave(d.silent)
		d.placed = false
	}
}
