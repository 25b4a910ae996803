package sources

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources/fetch"
)

// Store is what an aggregator needs of the cache.
type Store interface {
	cache.Visits
	cache.Schedule
	Articles(ctx context.Context, q cache.Query) (cache.Page, error)
}

// Fetcher gets documents from publishers; [fetch.Client] does it over HTTP.
type Fetcher interface {
	Get(ctx context.Context, r fetch.Request) (*fetch.Answer, error)
}

// Setup is what a reload of the config replaces, whole.
type Setup struct {
	Catalog        *Catalog
	Fetcher        Fetcher
	DomainInterval time.Duration // between two visits to one registrable domain; 0 means none
}

// Options tune an aggregator. The zero value works.
type Options struct {
	Concurrency  int           // visits at once; default 32
	VisitTimeout time.Duration // bound on one visit; leases are sized by it; default 1 min
	Tick         time.Duration // how often the due index is looked at; default 1 s
	Log          *slog.Logger  // default: none

	// Jitter picks a pause in [0, d) after a failure; default: evenly by chance.
	Jitter func(d time.Duration) time.Duration
	// Report hears of every visit; calls may overlap. Default: nobody.
	Report func(Result)
}

// Aggregator visits sources when they are due and records what they offer. Any number may share one store.
type Aggregator struct {
	store   Store
	options Options
	log     *slog.Logger
	domains *domains
	setup   atomic.Pointer[Setup]
	changed chan struct{} // has a token when the setup was replaced
}

// NewAggregator makes an aggregator for the sources of a setup's catalog.
func NewAggregator(store Store, setup Setup, o Options) *Aggregator {
	if o.Concurrency <= 0 {
		o.Concurrency = 32
	}
	if o.VisitTimeout <= 0 {
		o.VisitTimeout = time.Minute
	}
	if o.Tick <= 0 {
		o.Tick = time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Jitter == nil {
		o.Jitter = func(d time.Duration) time.Duration { return rand.N(max(d, 1)) } //nolint:gosec // spreading load needs no secrecy
	}
	if o.Report == nil {
		o.Report = func(Result) {}
	}
	a := &Aggregator{
		store: store, options: o, log: o.Log,
		domains: newDomains(), changed: make(chan struct{}, 1),
	}
	a.setup.Store(&setup)
	return a
}

// Replace puts another setup in place of the current one. Visits that are under way end with the old one.
func (a *Aggregator) Replace(setup Setup) {
	a.setup.Store(&setup)
	select {
	case a.changed <- struct{}{}:
	default:
	}
}

// patience is how long a visit waits for its domain before it makes room for others.
const patience = 5 * time.Second

// lease is how long a claimed source stays ours: enough to wait for the domain and to visit.
func (a *Aggregator) lease() time.Duration { return patience + a.options.VisitTimeout + 30*time.Second }

// Run visits sources as they come due until ctx ends, then waits for the visits that are under way, which have
// VisitTimeout to finish. A store that does not answer makes visits pause; it heals by itself.
func (a *Aggregator) Run(ctx context.Context) error {
	visits, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var running sync.WaitGroup
	defer running.Wait()
	slots := make(chan struct{}, 4*a.options.Concurrency) // those who wait for their domain count too
	working := make(chan struct{}, a.options.Concurrency)
	synced, healthy := false, true
	for {
		free := cap(slots) - len(slots)
		leases, err := a.claim(ctx, &synced, free)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && healthy:
			a.log.ErrorContext(ctx, "visits pause: the store does not answer", "error", err)
		case err == nil && !healthy:
			a.log.WarnContext(ctx, "visits go on: the store answers again")
		}
		healthy = err == nil
		for _, lease := range leases {
			slots <- struct{}{}
			running.Go(func() {
				defer func() { <-slots }()
				_, err := a.work(ctx, visits, lease, working)
				switch {
				case errors.Is(err, newswire.ErrFenced):
					a.log.WarnContext(ctx, "visit void: another worker has taken over", "source", lease.Source)
				case err != nil && ctx.Err() == nil:
					a.log.ErrorContext(ctx, "visit not recorded", "source", lease.Source, "error", err)
				}
			})
		}
		pause := a.options.Tick
		if len(leases) > 0 && len(leases) == free {
			pause = a.options.Tick / 10 // there may be more
		}
		select {
		case <-ctx.Done():
			return nil
		case <-a.changed:
			synced = false
		case <-time.After(pause):
		}
	}
}

// claim takes due sources, after bringing the due index in line with the catalog if that is owed.
func (a *Aggregator) claim(ctx context.Context, synced *bool, n int) ([]cache.Lease, error) {
	if !*synced {
		if err := a.sync(ctx); err != nil {
			return nil, err
		}
		*synced = true
	}
	if n == 0 {
		return nil, nil
	}
	return a.store.Claim(ctx, n, a.lease())
}

// work sees one lease through: wait for the domain, visit, report. When the domain is busy for longer it postpones the
// visit and returns until when. When ctx has ended it begins nothing new; what is under way ends with visits.
func (a *Aggregator) work(ctx, visits context.Context, lease cache.Lease, working chan struct{}) (again time.Time, err error) {
	setup := a.setup.Load()
	s := setup.Catalog.sources[lease.Source]
	if s == nil {
		return time.Time{}, nil // removed from the config; sync takes it out of the index
	}
	leave, again := a.domains.enter(ctx, registrable(s.URL), setup.DomainInterval, patience)
	if leave == nil {
		return again, a.store.Postpone(visits, lease, again)
	}
	defer leave()
	select {
	case working <- struct{}{}:
		defer func() { <-working }()
	case <-ctx.Done():
		return time.Time{}, ctx.Err()
	}
	visiting, cancel := context.WithTimeout(visits, a.options.VisitTimeout)
	defer cancel()
	r, err := a.visit(visiting, setup, lease, s)
	if err == nil {
		a.report(ctx, r)
	}
	return time.Time{}, err
}

// report logs a visit and tells whoever listens.
func (a *Aggregator) report(ctx context.Context, r Result) {
	level := slog.LevelDebug
	switch {
	case r.Outcome == Failed || r.Outcome == Stopped:
		level = slog.LevelWarn
	case r.New+r.Edited+r.Dropped > 0:
		level = slog.LevelInfo
	}
	attrs := []any{
		"source", r.Source, "outcome", string(r.Outcome), "status", r.Status, "offered", r.Offered,
		"new", r.New, "edited", r.Edited, "dropped", r.Dropped, "took", r.Duration, "due", r.Due, "why", r.Why,
	}
	if r.Error != "" {
		attrs = append(attrs, "error", r.Error)
	}
	if len(r.Repairs) > 0 {
		attrs = append(attrs, "repairs", r.Repairs)
	}
	a.log.Log(ctx, level, "source visited", attrs...)
	a.options.Report(r)
}

// sync brings the due index in line with the catalog: sources that are new come due at once, those that are gone leave,
// and those whose schedule or address the operator changed get a due time by the new one.
func (a *Aggregator) sync(ctx context.Context) error {
	catalog := a.setup.Load().Catalog
	due, err := a.store.Due(ctx)
	if err != nil {
		return fmt.Errorf("read the due index: %w", err)
	}
	states, err := a.store.States(ctx, catalog.ids...)
	if err != nil {
		return fmt.Errorf("read the sources' states: %w", err)
	}
	now := time.Now()
	for _, id := range catalog.ids {
		s, state := catalog.sources[id], states[id]
		at, indexed := due[id]
		moved := state.Configured != "" && state.Configured != s.URL
		switch {
		case state.Health.Stopped != "" && !moved:
			continue
		case !indexed && state.Configured == "", moved && (!indexed || at.After(now)):
			err = a.store.Reschedule(ctx, id, at, now)
		case !indexed:
			err = a.store.Reschedule(ctx, id, at, later(now, state.NotBefore))
		case state.Schedule != "" && state.Schedule != s.Schedule:
			next := later(s.schedule.Next(state.Health.LastVisit), state.NotBefore)
			if state.Health.Failures == 0 && next.Before(at) {
				err = a.store.Reschedule(ctx, id, at, next)
			}
		}
		if err != nil {
			return fmt.Errorf("schedule %s: %w", id, err)
		}
	}
	for id, at := range due {
		if catalog.sources[id] == nil {
			if err := a.store.Reschedule(ctx, id, at, time.Time{}); err != nil {
				return fmt.Errorf("unschedule %s: %w", id, err)
			}
		}
	}
	return nil
}
