package sources

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources/fetch"
)

// Store is what an aggregator needs of the cache.
type Store interface {
	cache.Articles
	cache.Visits
	cache.Schedule
	cache.Domains

	// Withdraw is that of [cache.Tombstones].
	Withdraw(ctx context.Context, articleID, reason string) (newswire.Tombstone, error)
}

// Fetcher gets documents from publishers; [fetch.Client] does it over HTTP.
type Fetcher interface {
	Get(ctx context.Context, r fetch.Request) (*fetch.Answer, error)
}

// Robots says what a site's robots.txt lets us read (RFC 9309), and what pause it asks for. An error means that it
// could not be asked, and then the address is left alone.
type Robots interface {
	Allowed(ctx context.Context, address string) (allowed bool, delay time.Duration, err error)
}

// Setup is what a reload of the config replaces, whole.
type Setup struct {
	Catalog        *Catalog
	Fetcher        Fetcher
	Robots         Robots        // asked before an article's own page is read; default: everything may be
	DomainInterval time.Duration // between two visits to one registrable domain; 0 means none

	// Retention bounds what is kept of sources that are in the catalog no more.
	Retention newswire.Retention

	// Subscribers says how many people read a source through us, for its publisher to hear. Default: it is not known.
	Subscribers func(source string) int
}

// Options tune an aggregator. The zero value works.
type Options struct {
	Concurrency  int           // visits at once; default 32
	VisitTimeout time.Duration // bound on one visit; leases are sized by it; default 1 min
	Idle         time.Duration // the longest sleep: other processes' changes are noticed by then; default 10 s
	Tick         time.Duration // the pause after the store has failed; default 1 s
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
	ended   chan struct{} // has a token when a visit has ended
}

// NewAggregator makes an aggregator for the sources of a setup's catalog.
func NewAggregator(store Store, setup Setup, o Options) *Aggregator {
	if o.Concurrency <= 0 {
		o.Concurrency = 32
	}
	if o.VisitTimeout <= 0 {
		o.VisitTimeout = time.Minute
	}
	if o.Idle <= 0 {
		o.Idle = 10 * time.Second
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
		domains: newDomains(store), changed: make(chan struct{}, 1), ended: make(chan struct{}, 1),
	}
	a.setup.Store(&setup)
	return a
}

// Replace puts another setup in place of the current one. Visits that are under way end with the old one.
func (a *Aggregator) Replace(setup Setup) {
	a.setup.Store(&setup)
	signal(a.changed)
}

func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// patience is how long a visit waits for its domain, and then for its place among those at work, before it makes room
// for others.
const patience = 5 * time.Second

// linger is how long an ended visit waits for others to end, so that what comes next is claimed for all of them at once.
const linger = 10 * time.Millisecond

// lease is how long a claimed source and the turn at its domain stay ours: enough to wait and to visit.
func (a *Aggregator) lease() time.Duration {
	return 2*patience + a.options.VisitTimeout + 30*time.Second
}

// Run visits sources as they come due until ctx ends, then waits for the visits that are under way, which have
// VisitTimeout to finish. A store that does not answer makes visits pause; it heals by itself.
func (a *Aggregator) Run(ctx context.Context) error {
	visits, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var running sync.WaitGroup
	defer running.Wait()
	slots := make(chan struct{}, 4*a.options.Concurrency) // those who wait for their domain count too
	places := newPlaces(a.options.Concurrency)
	queue := make(chan *claimed)
	defer close(queue)
	for range cap(slots) {
		running.Go(func() {
			for lease := range queue {
				a.attend(ctx, visits, lease, places)
				<-slots
				signal(a.ended)
			}
		})
	}
	synced, healthy := false, true
	for {
		leases, pause, err := a.claim(ctx, &synced, cap(slots)-len(slots))
		switch {
		case ctx.Err() != nil && len(leases) == 0: // those that were claimed are given back below
			return nil
		case err != nil && healthy:
			a.log.ErrorContext(ctx, "visits pause: the store does not answer", "error", err)
		case err == nil && !healthy:
			a.log.WarnContext(ctx, "visits go on: the store answers again")
		}
		healthy = err == nil
		for _, lease := range leases {
			slots <- struct{}{}
			queue <- lease
		}
		select {
		case <-ctx.Done():
			return nil
		case <-a.changed:
			synced = false
		case <-a.ended: // the source may be due again before we meant to wake up
			if sleep(ctx, linger) != nil {
				return nil
			}
		case <-time.After(pause):
		}
	}
}

// attend sees one lease through, and logs what the store had against it.
func (a *Aggregator) attend(ctx, visits context.Context, lease *claimed, places places) {
	_, err := a.work(ctx, visits, lease, places)
	switch {
	case errors.Is(err, newswire.ErrFenced):
		a.log.WarnContext(ctx, "visit void: another worker has taken over", "source", lease.Source)
	case err != nil && ctx.Err() == nil:
		a.log.ErrorContext(ctx, "visit not recorded", "source", lease.Source, "error", err)
	}
}

// claim takes at most n due sources, after bringing the due index in line with the catalog if that is owed. It says how
// long there will be nothing to claim.
func (a *Aggregator) claim(ctx context.Context, synced *bool, n int) (_ []*claimed, pause time.Duration, err error) {
	if !*synced {
		if err := a.sync(ctx); err != nil {
			return nil, a.options.Tick, err
		}
		*synced = true
	}
	if n == 0 {
		return nil, a.options.Idle, nil
	}
	left, any, err := a.store.Next(ctx)
	switch {
	case err != nil:
		return nil, a.options.Tick, err
	case !any:
		return nil, a.options.Idle, nil
	case left > 0:
		return nil, min(left, a.options.Idle), nil
	}
	leases, err := a.claimDue(ctx, n)
	if err != nil || len(leases) == 0 { // another process was quicker, or a part of the store is away
		return nil, a.options.Tick, err
	}
	return leases, 0, nil
}

// work sees one lease through: wait for the domain and for a place, visit, report. When there is no turn to be had at the
// domain it postpones the visit and returns until when and why. When ctx has ended it begins nothing new; what is under way
// ends with visits.
func (a *Aggregator) work(ctx, visits context.Context, lease *claimed, places places) (_ *busyError, err error) {
	setup := a.setup.Load()
	s := setup.Catalog.sources[lease.Source]
	if s == nil {
		retiring, cancel := context.WithTimeout(visits, a.options.VisitTimeout)
		defer cancel()
		return nil, a.retire(retiring, setup.Retention, lease)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("visit %s: %w", s.ID, err)
		}
	}()
	lease.state = remembered(lease.state, s)
	state := &lease.state
	if state.Health.Stopped != "" {
		return nil, a.ageOut(visits, s, lease.Lease, *state)
	}
	departing := &departure{
		scheduled: s, state: state, lease: lease, places: places,
		silent: state.Health.Failures > 0 && state.Health.Status == 0,
	}
	defer departing.rest()
	t, err := a.domains.begin(ctx, address(s, state), setup.Fetcher, setup.DomainInterval, a.lease(), departing)
	if err != nil {
		return a.giveUp(ctx, visits, lease, err)
	}
	defer func() { err = errors.Join(err, t.end(visits)) }()
	visiting, cancel := context.WithTimeout(visits, a.options.VisitTimeout)
	defer cancel()
	r, err := a.visit(visiting, setup, lease, s, t)
	if err == nil {
		a.report(ctx, r)
	}
	return nil, err
}

// giveUp gives a source back that is not visited after all: until its domain may be visited, or to whoever comes next
// when ctx has ended.
func (a *Aggregator) giveUp(ctx, visits context.Context, lease *claimed, err error) (*busyError, error) {
	var busy *busyError
	switch {
	case errors.As(err, &busy):
		a.log.DebugContext(ctx, "visit put off", "source", lease.Source, "due", busy.until, "why", busy.why)
		return busy, a.store.Postpone(visits, lease.Lease, busy.until)
	case ctx.Err() != nil:
		return nil, errors.Join(ctx.Err(), a.store.Postpone(visits, lease.Lease, lease.Due))
	default:
		return nil, err
	}
}

// report logs a visit and tells whoever listens.
func (a *Aggregator) report(ctx context.Context, r Result) {
	if level := r.level(); a.log.Enabled(ctx, level) {
		a.log.Log(ctx, level, "source visited", r.attrs()...)
	}
	a.options.Report(r)
}

// level is how loudly a visit is to be logged.
func (r *Result) level() slog.Level {
	switch {
	case r.Outcome == Failed || r.Outcome == Stopped || r.Doubted > 0 || r.Held > 0:
		return slog.LevelWarn
	case r.New+r.Edited+r.Withdrawn+r.Dropped > 0:
		return slog.LevelInfo
	}
	return slog.LevelDebug
}

// attrs are a visit as it is logged.
func (r *Result) attrs() []any {
	attrs := []any{
		"source", r.Source, "outcome", string(r.Outcome), "status", r.Status, "offered", r.Offered,
		"new", r.New, "edited", r.Edited, "dropped", r.Dropped, "took", r.Duration, "due", r.Due, "why", r.Why,
	}
	if r.Withdrawn > 0 {
		attrs = append(attrs, "withdrawn", r.Withdrawn)
	}
	if r.Doubted > 0 {
		attrs = append(attrs, "doubted", r.Doubted)
	}
	if r.Held > 0 {
		attrs = append(attrs, "held", r.Held)
	}
	if r.Error != "" {
		attrs = append(attrs, "error", r.Error)
	}
	if len(r.Repairs) > 0 {
		attrs = append(attrs, "repairs", r.Repairs)
	}
	return attrs
}

// sync brings the due index in line with the catalog: sources that are new come due at once, those whose schedule or
// address the operator changed get a due time by the new one, and those that are gone stay or come in to be retired.
func (a *Aggregator) sync(ctx context.Context) error {
	catalog := a.setup.Load().Catalog
	due, err := a.store.Due(ctx)
	if err != nil {
		return fmt.Errorf("read the due index: %w", err)
	}
	for ids := range slices.Chunk(catalog.ids, syncAtOnce) {
		if err := a.syncSome(ctx, catalog, ids, due); err != nil {
			return err
		}
	}
	return a.enlist(ctx, catalog, due)
}

// syncAtOnce bounds the states that are held in memory at a time.
const syncAtOnce = 500

// syncSome brings some sources of a catalog in line with it.
func (a *Aggregator) syncSome(ctx context.Context, catalog *Catalog, ids []string, due map[string]time.Time) error {
	states, err := a.store.States(ctx, ids...)
	if err != nil {
		return fmt.Errorf("read the sources' states: %w", err)
	}
	now := time.Now()
	for _, id := range ids {
		s, state := catalog.sources[id], states[id]
		at, indexed := due[id]
		moved := state.Configured != "" && state.Configured != s.URL
		switch {
		case state.Health.Stopped != "" && !moved: // if it is in the index, that is to age out
		case state.Configured == "" && (!indexed || !state.Retired.IsZero()), moved && (!indexed || at.After(now)):
			err = a.store.Reschedule(ctx, id, at, now)
		case !indexed, !state.Retired.IsZero():
			err = a.store.Reschedule(ctx, id, at, later(s.schedule.Next(state.Health.LastVisit), state.NotBefore))
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
	return nil
}
