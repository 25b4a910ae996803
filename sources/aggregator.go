// Package sources visits publishers and fills the cache: the half of the service between a publisher's server and the
// store.
//
//	catalog, err := sources.NewCatalog(list, categories, authors)
//	setup := sources.Setup{Catalog: catalog, Fetcher: fetch.NewClient(fetch.Options{})}
//	a := sources.NewAggregator(store, setup, sources.Options{})
//	err = a.Run(ctx) // until ctx ends
//
// A visit (visit.go) reads as the pipeline that it is: fetch, parse, clean, classify, compare, record; failure.go has what
// becomes of one that brought nothing. When a source is visited is decided by package pace. Every due time has its reason,
// which standing.go tells.
//
// The package refuses to visit a publisher sooner than it wishes, to drop what a publisher merely stopped offering, and to
// know how anything is served.
package sources

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/internal/tracing"
	"github.com/newswire/newswire/sources/pace"
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
type Fetcher = pace.Fetcher

// Robots says what a site's robots.txt lets us read (RFC 9309), and what pause it asks for. An error means that it
// could not be asked, and then the address is left alone.
type Robots interface {
	Allowed(ctx context.Context, address string) (allowed bool, delay time.Duration, err error)
}

// SiteTerms are the terms on which a site offers what is on it, as its robots.txt states them. The zero value states none.
type SiteTerms struct {
	Usage   func(address string) newswire.Usage // what machines may do with what is at an address (AI Preferences)
	License string                              // address of the terms for machines (RSL 1.0), as written
}

// Termed is a [Robots] that also knows the terms of the site that an address is on. It calls before right before it asks the
// site, and gives up on an error of that. An error means that the terms are not known.
type Termed interface {
	Terms(ctx context.Context, address string, before func(context.Context) error) (SiteTerms, error)
}

// Route is how a source is reached: with credentials, by a proxy, or by TLS of the operator's own. None of these is anywhere
// else, so that no other source uses its connections.
type Route struct {
	Fetcher Fetcher
	Robots  Robots
}

// route is how a source is reached.
func (s *Setup) route(source string) Route {
	if r, own := s.Routes[source]; own {
		return r
	}
	return Route{s.Fetcher, s.Robots}
}

// Setup is what a reload of the config replaces, whole.
type Setup struct {
	Catalog        *Catalog
	Fetcher        Fetcher
	Robots         Robots           // asked before an article's own page is read; default: everything may be
	Routes         map[string]Route // of the sources that are not reached by Fetcher and Robots, by ID
	DomainInterval time.Duration    // between two visits to one registrable domain; 0 means none

	// Retention bounds what is kept of sources that are in the catalog no more.
	Retention newswire.Retention

	// Push has sources subscribe to the hubs that their feeds name. Nil: they are visited alone.
	Push *Push

	// Subscribers says how many people read a source through this service; its publisher is told. Default: it is not known.
	Subscribers func(source *newswire.Source) int
}

// Options tune an aggregator. The zero value works.
type Options struct {
	Concurrency  int           // visits at once; default 32
	VisitTimeout time.Duration // bound on one visit; leases are sized by it; default 1 min
	Idle         time.Duration // the longest sleep: other processes' changes are noticed by then; default 10 s
	Tick         time.Duration // the pause after the store has failed, before it is asked again; default 1 s
	Log          *slog.Logger  // default: none

	// Jitter picks a pause in [0, d) after a failure; default: evenly by chance.
	Jitter func(d time.Duration) time.Duration
	// Report is called after every visit; calls may overlap. Default: none.
	Report func(Result)
	// Tracer traces visits. Default: none are traced.
	Tracer *tracing.Tracer
}

// Aggregator visits sources when they are due and records what they offer. Any number may share one store.
type Aggregator struct {
	store   Store
	options Options
	log     *slog.Logger
	domains *pace.Domains
	setup   atomic.Pointer[Setup]
	changed chan struct{} // has a token when the setup was replaced
	ended   chan struct{} // has a token when a visit has ended
	refill  refill
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
		domains: pace.NewDomains(store), changed: make(chan struct{}, 1), ended: make(chan struct{}, 1),
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

// linger is how long an ended visit waits for others to end, so that what comes next is claimed for all of them at once.
const linger = 10 * time.Millisecond

// lease is how long a claimed source stays ours: enough to wait and to visit.
func (a *Aggregator) lease() time.Duration {
	return 2*pace.Patience + a.options.VisitTimeout + 30*time.Second
}

// Run visits sources as they come due until ctx ends, then waits for the visits that are under way, which have
// VisitTimeout to finish. A store that does not answer makes visits pause; it heals by itself.
func (a *Aggregator) Run(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	claimed := make(chan struct{}, 4*a.options.Concurrency) // visits that wait for their domain count too
	queue := make(chan *pace.Claim)
	defer close(queue)
	worker := worker{Aggregator: a, store: repeating{a.store, a.options.Tick}, slots: pace.NewSlots(a.options.Concurrency), finishes: true}
	for range cap(claimed) {
		running.Go(func() {
			for claim := range queue {
				worker.attend(ctx, claim)
				<-claimed
				signal(a.ended)
			}
		})
	}
	index, healthy := dueIndex{}, true
	for {
		claims, pause, err := a.claimNext(ctx, &index, cap(claimed)-len(claimed))
		switch {
		case ctx.Err() != nil && len(claims) == 0: // those that were claimed are given back below
			return nil
		case err != nil && healthy:
			a.log.ErrorContext(ctx, "visits pause: the store does not answer", "error", err)
		case err == nil && !healthy:
			a.log.WarnContext(ctx, "visits go on: the store answers again")
		}
		healthy = err == nil
		for _, claim := range claims {
			claimed <- struct{}{}
			queue <- claim
		}
		select {
		case <-ctx.Done():
			return nil
		case <-a.changed:
			index.synced = false
		case <-a.ended: // the source may be due again before we meant to wake up
			if pace.Sleep(ctx, linger) != nil {
				return nil
			}
		case <-time.After(pause):
		}
	}
}

// claimNext claims at most n due sources, after bringing the due index in line with the catalog if that is owed. It says how
// long there will be nothing to claim.
func (a *Aggregator) claimNext(ctx context.Context, index *dueIndex, n int) (_ []*pace.Claim, pause time.Duration, err error) {
	next, err := a.next(ctx, index)
	switch {
	case err != nil:
		return nil, a.options.Tick, err
	case n == 0, !next.Any:
		return nil, a.options.Idle, nil
	case next.In > 0:
		return nil, min(next.In, a.options.Idle), nil
	}
	claims, err := a.claim(ctx, repeating{a.store, a.options.Tick}, n)
	if err != nil || len(claims) == 0 { // another process was quicker, or a part of the store is away
		return nil, a.options.Tick, err
	}
	return claims, 0, nil
}

// claim claims at most n due sources, or of the named ones, and reads their states.
func (a *Aggregator) claim(ctx context.Context, store Store, n int, only ...string) ([]*pace.Claim, error) {
	asked := time.Now()
	leases, err := store.Claim(ctx, n, a.lease(), only...)
	if err != nil || len(leases) == 0 {
		return nil, err
	}
	ids := make([]string, len(leases))
	for i, l := range leases {
		ids[i] = l.Source
	}
	// Also when ctx ends meanwhile: the sources are ours, and without a word from us no process has them until the leases end.
	states, err := store.States(context.WithoutCancel(ctx), ids...)
	if err != nil {
		return nil, fmt.Errorf("read the states of claimed sources: %w", err)
	}
	claims := make([]*pace.Claim, len(leases))
	for i, l := range leases {
		claims[i] = &pace.Claim{Lease: l, Asked: asked, State: states[l.Source]}
	}
	return claims, nil
}

// dueIndex is what an aggregator knows of the store's due index.
type dueIndex struct {
	synced bool   // whether it is in line with the catalog
	name   string // of the index that is; empty before it had one
}

// next says what comes due next, after bringing the due index in line with the catalog if that is owed. An index of another
// name than before was emptied, or is another store's, and lacks the sources.
func (a *Aggregator) next(ctx context.Context, index *dueIndex) (cache.Upcoming, error) {
	next, err := a.store.Next(ctx)
	if err != nil {
		return next, err
	}
	emptied := index.name != "" && next.Index != index.name
	if emptied {
		a.log.WarnContext(ctx, "the store was emptied, or is another one: all sources are visited again")
		a.refill.begin(time.Now())
	}
	if catalog := a.setup.Load().Catalog; emptied || !index.synced && next.Catalog != catalog.schedule() {
		if err := a.sync(ctx, catalog, next.At); err != nil {
			return next, err
		}
		if next, err = a.store.Next(ctx); err != nil { // there may be sources now that are due
			return next, err
		}
		if err := a.store.Align(ctx, next.Index, catalog.schedule()); err != nil {
			return next, err
		}
	}
	index.synced, index.name = true, next.Index
	return next, a.checkRefill(ctx)
}

// sync brings the due index in line with the catalog: sources that are new come due at once, those whose schedule or
// address the operator changed get a due time by the new one, and those that are gone stay or come in to be retired. What comes
// due at once does so now, by the store's clock. With names, it does so for those of the catalog that are named.
func (a *Aggregator) sync(ctx context.Context, catalog *Catalog, now time.Time, only ...string) error {
	due, err := a.store.Due(ctx, only...)
	if err != nil {
		return fmt.Errorf("read the due index: %w", err)
	}
	ids := catalog.ids
	if len(only) > 0 {
		ids = only
	}
	for some := range slices.Chunk(ids, syncAtOnce) {
		if err := a.syncSome(ctx, catalog, now, some, due); err != nil {
			return err
		}
	}
	if len(only) > 0 {
		return nil
	}
	return a.enlist(ctx, catalog, now, due)
}

// syncAtOnce bounds the states that are held in memory at a time.
const syncAtOnce = 500

// syncSome brings some sources of a catalog in line with it. What it has to change is written together, for stores gather what
// is written at the same time.
func (a *Aggregator) syncSome(ctx context.Context, catalog *Catalog, now time.Time, ids []string, due map[string]time.Time) error {
	states, err := a.store.States(ctx, ids...)
	if err != nil {
		return fmt.Errorf("read the sources' states: %w", err)
	}
	g, ctx := errgroup.WithContext(ctx)
	for _, id := range ids {
		s, state := catalog.source(id), states[id]
		at, indexed := due[id]
		to, differs := s.resync(&state, at, indexed, now)
		if !differs {
			continue
		}
		g.Go(func() error {
			if err := a.store.Reschedule(ctx, id, at, to); err != nil {
				return fmt.Errorf("schedule %s: %w", id, err)
			}
			return nil
		})
	}
	return g.Wait()
}

// resync is when a source is to come due by its settings, if it does not do so by the index.
func (s *scheduled) resync(state *newswire.State, at time.Time, indexed bool, now time.Time) (to time.Time, differs bool) {
	moved := state.Configured != "" && !configuredAs(state.Configured, s.URL)
	switch {
	case state.Health.Stopped != "" && !moved: // if it is in the index, that is to age out
	case state.Configured == "" && (!indexed || !state.Retired.IsZero()), moved && (!indexed || at.After(now)):
		return now, true
	case !indexed, !state.Retired.IsZero():
		return later(s.plan.Next(state.Health.LastVisit), state.NotBefore), true
	case state.Schedule != "" && state.Schedule != s.Schedule:
		next := later(s.plan.Next(state.Health.LastVisit), state.NotBefore)
		return next, state.Health.Failures == 0 && next.Before(at)
	}
	return time.Time{}, false
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// refill is what an aggregator knows of a store that was emptied, until all sources were visited again.
type refill struct {
	mu      sync.Mutex // guards what follows
	since   time.Time  // when that was noticed; zero when all sources were visited
	checked time.Time  // when left was counted
	left    int        // sources that have yet to be visited
}

// refillChecks is the pause between two counts of what is left.
const refillChecks = time.Second

func (r *refill) begin(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.since, r.checked, r.left = now, time.Time{}, 0
}

// owed says whether it is to be counted what is left.
func (r *refill) owed(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.since.IsZero() && now.Sub(r.checked) >= refillChecks
}

// count stores what is left, and says whether that is nothing.
func (r *refill) count(left int, now time.Time) (filled bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checked, r.left = now, left
	if left == 0 {
		r.since = time.Time{}
	}
	return left == 0
}

// checkRefill counts the sources that have yet to be visited in a store that was emptied.
func (a *Aggregator) checkRefill(ctx context.Context) error {
	if !a.refill.owed(time.Now()) {
		return nil
	}
	left := 0
	for ids := range slices.Chunk(a.setup.Load().Catalog.ids, syncAtOnce) {
		unvisited, err := cache.Unvisited(ctx, a.store, ids...)
		if err != nil {
			return fmt.Errorf("count the sources that have yet to be visited: %w", err)
		}
		left += len(unvisited)
	}
	if a.refill.count(left, time.Now()) {
		a.log.InfoContext(ctx, "all sources were visited again since the store was emptied")
	}
	return nil
}

// Check says that the store was emptied while Run was at work, and how many sources have yet to be visited again. It asks no
// store and returns at once.
func (a *Aggregator) Check(context.Context) error {
	a.refill.mu.Lock()
	defer a.refill.mu.Unlock()
	if a.refill.since.IsZero() {
		return nil
	}
	since := a.refill.since.UTC().Format(time.RFC3339)
	if a.refill.left == 0 { // not counted yet
		return fmt.Errorf("the store was found empty, or another one, at %s: all sources are visited again", since)
	}
	return fmt.Errorf("the store was found empty, or another one, at %s: %d sources have yet to be visited again", since, a.refill.left)
}
