package sources

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources/pace"
)

const (
	// grace is how long a source that is not in our config may be in that of another process, which has yet to reload or
	// has reloaded already: no publisher's wish keeps that process from visiting it for as long.
	grace = pace.MaxWish + 24*time.Hour

	// glance is between two looks at such a source within the grace, and retirement between two after it.
	glance     = time.Hour
	retirement = 24 * time.Hour
)

// enlist puts the sources into the due index that have articles in the store and are neither in it nor in the config, so
// that they are retired.
func (a *Aggregator) enlist(ctx context.Context, catalog *Catalog, now time.Time, index map[string]time.Time) error {
	for _, kind := range []newswire.Kind{newswire.KindSource, newswire.KindHeld, newswire.KindUnlisted} {
		for after := newswire.Cursor(""); ; {
			topics, next, err := a.store.Topics(ctx, kind, after, pageOf)
			if err != nil {
				return fmt.Errorf("read which sources have articles: %w", err)
			}
			for _, l := range topics {
				id := l.Topic.ID()
				if _, indexed := index[id]; indexed || catalog.source(id) != nil {
					continue
				}
				if err := a.store.Reschedule(ctx, id, time.Time{}, now); err != nil {
					return fmt.Errorf("schedule the end of %s: %w", id, err)
				}
			}
			if after = next; after == "" {
				break
			}
		}
	}
	return nil
}

// retire has a source age out that is in the config no more. It stays in the due index, and a process that claims it
// under a config without it does this in place of a visit: at first nothing, for as long as another process may still visit
// it; then its articles count as no longer offered and go by the retention of the defaults, and when the last is gone, so is
// what was remembered of the source. A visit by a process whose config has it ends its retirement.
func (a *Aggregator) retire(ctx context.Context, keep newswire.Retention, claim *pace.Claim) (err error) {
	lease := claim.Lease
	defer func() {
		if err != nil {
			err = fmt.Errorf("retire %s: %w", lease.Source, err)
		}
	}()
	if err := a.unalign(ctx); err != nil {
		return err
	}
	visit := newswire.Visit{Source: lease.Source, At: lease.At, State: claim.State}
	state := &visit.State
	switch end := state.Retired.Add(grace); {
	case state.Retired.IsZero():
		state.Source, state.Retired = lease.Source, lease.At
		leaveHub(state, lease.At)
		a.setup.Load().scheduleVisit(state, lease.At.Add(glance))
		a.log.InfoContext(ctx, "source is in the config no more", "source", lease.Source, "ages_out_from", lease.At.Add(grace))
		return a.store.Record(ctx, lease, visit)
	case end.After(lease.At):
		return a.store.Postpone(ctx, lease, earlier(end, lease.At.Add(glance)))
	}
	dropped, left, err := a.sweepOut(ctx, lease, keep)
	if err != nil {
		return err
	}
	if dropped > 0 || !left {
		a.log.InfoContext(ctx, "source aged out", "source", lease.Source, "dropped", dropped, "forgotten", !left)
	}
	if !left {
		return a.store.Forget(ctx, lease)
	}
	// Should it come back, its document is read whole, so that what it still offers counts as offered.
	state.Validators, state.Body, state.Unread = newswire.Validators{}, "", nil
	a.setup.Load().scheduleVisit(state, lease.At.Add(retirement))
	visit.Offered = []string{}
	return a.store.Record(ctx, lease, visit)
}

// unalign has the next process that starts bring the due index in line with its catalog, where that is in line with another one
// than ours. A source that we retire may be in that one, as during a rollout: then it is to come due again with that start.
func (a *Aggregator) unalign(ctx context.Context) error {
	next, err := a.store.Next(ctx)
	if err != nil || next.Catalog == "" || next.Catalog == a.setup.Load().Catalog.schedule() {
		return err
	}
	return a.store.Align(ctx, next.Index, "")
}

// ageOut is done in place of a visit for a source that its publisher has stopped: its articles, which are offered no more,
// go by its retention, and with the last of them it leaves the due index.
func (a *Aggregator) ageOut(ctx context.Context, s *scheduled, claim *pace.Claim) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("age out %s: %w", s.ID, err)
		}
	}()
	lease, state := claim.Lease, claim.State
	dropped, left, err := a.sweepOut(ctx, lease, s.Retention)
	if err != nil {
		return err
	}
	if dropped > 0 {
		a.log.InfoContext(ctx, "stopped source ages out", "source", s.ID, "dropped", dropped, "left", left)
	}
	due := time.Time{}
	if left {
		due = lease.At.Add(retirement)
	}
	a.setup.Load().scheduleVisit(&state, due)
	return a.store.Record(ctx, lease, newswire.Visit{Source: s.ID, At: lease.At, State: state, Offered: []string{}})
}

// sweepOut drops what is not to be kept of a source any more, and says how much that was and whether anything is left.
func (a *Aggregator) sweepOut(ctx context.Context, lease cache.Lease, keep newswire.Retention) (dropped int, left bool, err error) {
	if dropped, err = a.store.Sweep(ctx, lease, keep); err != nil {
		return 0, false, err
	}
	left, err = a.anyLeft(ctx, lease.Source)
	return dropped, left, err
}

// anyLeft says whether a source has articles.
func (a *Aggregator) anyLeft(ctx context.Context, source string) (bool, error) {
	for _, topic := range topicsOf(source) {
		page, err := a.store.Articles(ctx, cache.Query{Topic: topic, Limit: 1})
		if err != nil || len(page.Articles) > 0 {
			return true, err
		}
	}
	return false, nil
}

// retireDue retires the sources that are due and in the catalog no more. It is for a round, which claims by name. A lease
// that was lost meanwhile is another process's.
func (a *Aggregator) retireDue(ctx context.Context, setup *Setup) error {
	index, err := a.store.Due(ctx)
	if err != nil {
		return err
	}
	var gone []string
	for id := range index {
		if setup.Catalog.source(id) == nil {
			gone = append(gone, id)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	claims, err := a.claim(ctx, a.store, len(gone), gone...)
	if err != nil {
		return err
	}
	for _, claim := range claims {
		if err := a.retire(ctx, setup.Retention, claim); err != nil && !errors.Is(err, newswire.ErrFenced) {
			return err
		}
	}
	return nil
}

// Articles leave by their age at most a day late, and at most a part of that age.
const (
	maxLate  = 24 * time.Hour
	latePart = 24
)

// sweep drops what is beyond the source's retention. It does not look while nothing can have come to be beyond it: most
// visits bring nothing.
func (v *visiting) sweep(ctx context.Context) (err error) {
	state, at, keep := &v.record.State, v.record.At, v.source.Retention
	quiet := v.record.Offered == nil && len(v.record.Articles) == 0
	if quiet && !state.Swept.IsZero() && state.Kept == keep && !overdue(at.Sub(state.Swept), keep) {
		return nil
	}
	v.result.Dropped, err = v.store.Sweep(ctx, v.claim.Lease, keep)
	state.Kept, state.Swept = keep, time.Time{}
	if quiet {
		state.Swept = at
	}
	return err
}

// overdue says whether an article may have been too old for long, when the last sweep was so long ago.
func overdue(ago time.Duration, keep newswire.Retention) bool {
	return keep.Age > 0 && ago >= min(maxLate, keep.Age/latePart)
}
