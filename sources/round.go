package sources

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/pace"
)

// roundPatience is how long a round waits for a domain. A source whose domain is closed for longer is not visited in this round.
const roundPatience = time.Minute

// Round visits each of the named sources once, or all of the catalog where none is named, and returns when every one of
// them has been reported: visited, not due, or put off because another process visits it or its domain is closed. A named source is visited although its schedule says later, but never
// sooner than its publisher wishes. The error is of the store or of ctx, or wraps [newswire.ErrNotFound] for a name that
// is not in the catalog.
func (a *Aggregator) Round(ctx context.Context, ids ...string) error {
	catalog := a.setup.Load().Catalog
	for _, id := range ids {
		if catalog.source(id) == nil {
			return fmt.Errorf("source %q is not in the config: %w", id, newswire.ErrNotFound)
		}
	}
	clock, err := a.clock(ctx)
	if err != nil {
		return err
	}
	if err := a.sync(ctx, catalog, clock.At, ids...); err != nil {
		return err
	}
	if len(ids) == 0 {
		if err := a.retireDue(ctx, a.setup.Load()); err != nil {
			return err
		}
	}
	left, err := a.due(ctx, catalog, clock, ids)
	if err != nil {
		return err
	}
	var failures []error
	for len(left) > 0 && ctx.Err() == nil {
		if err := pace.Sleep(ctx, earliest(left).Sub(clock.Now())); err != nil {
			break
		}
		claims, err := a.claimOf(ctx, clock, left)
		if err != nil {
			return err
		}
		busy, errs := a.workAll(ctx, claims)
		failures = append(failures, errs...)
		for _, claim := range claims {
			delete(left, claim.Source)
		}
		for id, b := range busy {
			if until := clock.Now().Add(roundPatience); b.Until.After(until) {
				a.report(ctx, Result{Source: id, Outcome: PutOff, Due: b.Until, Why: b.Why})
			} else {
				left[id] = b.Until
			}
		}
	}
	return errors.Join(append(failures, ctx.Err())...)
}

// clock asks the store for its time.
func (a *Aggregator) clock(ctx context.Context) (pace.Clock, error) {
	asked := time.Now()
	next, err := a.store.Next(ctx)
	if err != nil {
		return pace.Clock{}, fmt.Errorf("read the store's clock: %w", err)
	}
	return pace.Clock{At: next.At, Asked: asked}, nil
}

// due picks the sources that a round may visit, each with the time from which it may, and reports the others.
func (a *Aggregator) due(ctx context.Context, catalog *Catalog, clock pace.Clock, named []string) (map[string]time.Time, error) {
	ids := named
	if len(ids) == 0 {
		ids = catalog.ids
	}
	o, err := look(ctx, a.store, catalog, ids)
	if err != nil {
		return nil, err
	}
	now := clock.Now()
	left := map[string]time.Time{}
	for _, id := range ids {
		due, indexed := o.index[id]
		at, why := o.next(catalog.source(id))
		if len(named) > 0 {
			at, why = o.soonest(catalog.source(id), now)
		}
		switch {
		case o.states[id].Paused.On() && at.IsZero():
			a.report(ctx, Result{Source: id, Outcome: AtRest, Why: why})
			continue
		case !indexed, at.IsZero():
			a.report(ctx, Result{Source: id, Outcome: Stopped, Why: why})
			if !indexed || due.After(now) {
				continue // else its articles age out
			}
		case at.After(now):
			outcome := NotDue
			if o.states[id].Due.IsZero() { // a new source is due at once, so its first visit has begun
				why = underWay
			}
			if !due.After(now) || why == underWay {
				outcome = PutOff
			}
			a.report(ctx, Result{Source: id, Outcome: outcome, Due: at, Why: why})
			continue
		case due.After(now):
			if err := a.store.Reschedule(ctx, id, due, clock.At); err != nil {
				return nil, fmt.Errorf("schedule %s: %w", id, err)
			}
		}
		left[id] = now
	}
	return left, nil
}

// claimOf claims what may be visited by now of what is left. A source that should be due and is not was claimed by
// another process: that visit counts, and it is reported and left.
func (a *Aggregator) claimOf(ctx context.Context, clock pace.Clock, left map[string]time.Time) ([]*pace.Claim, error) {
	var names []string
	for id, from := range left {
		if !from.After(clock.Now()) {
			names = append(names, id)
		}
	}
	slices.Sort(names)
	names = names[:min(len(names), 4*a.options.Concurrency)]
	claims, err := a.claim(ctx, a.store, len(names), names...)
	if err != nil || len(claims) == len(names) {
		return claims, err
	}
	index, err := a.store.Due(ctx, names...)
	if err != nil {
		return claims, err
	}
	ours := map[string]bool{}
	for _, claim := range claims {
		ours[claim.Source] = true
	}
	for _, id := range names {
		at, indexed := index[id]
		switch {
		case ours[id]:
		case indexed && at.Before(clock.Now().Add(time.Second)):
			left[id] = later(at, clock.Now().Add(50*time.Millisecond)) // what we know of the store's clock is a little fast
		default:
			a.report(ctx, Result{Source: id, Outcome: PutOff, Due: at, Why: underWay})
			delete(left, id)
		}
	}
	return claims, nil
}

// workAll works claims off side by side. It returns the sources that were put off, and the errors of the store.
func (a *Aggregator) workAll(ctx context.Context, claims []*pace.Claim) (map[string]*pace.BusyError, []error) {
	var (
		mu     sync.Mutex // guards again and errs
		again  = map[string]*pace.BusyError{}
		errs   []error
		wg     sync.WaitGroup
		worker = worker{Aggregator: a, store: a.store, slots: pace.NewSlots(a.options.Concurrency)}
	)
	for _, claim := range claims {
		wg.Go(func() {
			busy, err := worker.work(ctx, claim)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = append(errs, err)
			} else if busy != nil {
				again[claim.Source] = busy
			}
		})
	}
	wg.Wait()
	return again, errs
}

func earliest(times map[string]time.Time) time.Time {
	return slices.MinFunc(slices.Collect(maps.Values(times)), time.Time.Compare)
}
