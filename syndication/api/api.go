// Package api is what partner sites pull from: articles, and the change log with a cursor, under /api/v1.
//
//	a := api.New(store, settings, api.Options{Log: log, Registerer: registry})
//	g.Go(func() error { return a.Run(ctx) })
//	mux.Handle(api.Path, a)
//
// A client takes a snapshot and then follows: it asks /changes without a cursor and remembers next, reads /articles page
// by page, and then asks /changes after what it remembers, for ever. No change is missed and none is told twice, over
// restarts of either side: the cursor is a place in the change log, and nothing is remembered of a client. A cursor that
// the log has been trimmed beyond is 410 and says where to begin again.
//
// [API.Run] follows the change log once for all clients: those that wait (long polls, event streams) are woken from
// memory, and cost the store nothing while nothing changes.
//
// The operations are one table, which the description of the API (OpenAPI 3.1) is made of as well. How much of an article
// a reader sees is decided by [syndication.Reader] alone.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/partner"
)

// Path is what all addresses of the API begin with.
const Path = "/api/v1/"

// Store is the part of [cache.Store] that the API reads.
type Store interface {
	cache.Articles
	cache.History
	cache.ChangeLog
	cache.Quotas
	cache.Usage

	// Tombstone is that of [cache.Tombstones].
	Tombstone(ctx context.Context, articleID string) (newswire.Tombstone, error)
}

// Settings are what the configuration says. They must not change afterwards; a reload replaces them whole.
type Settings struct {
	Site       newswire.Site
	Categories []newswire.Category
	Sources    []newswire.Source
	Authors    []newswire.Author
	Partners   *partner.Roster // nil: without any
}

// Options adjust an [API]. The zero value works.
type Options struct {
	Poll         time.Duration // how often the change log is asked for news; default 250 ms
	StoreTimeout time.Duration // of what one request asks of the store, waiting left out; default 10 s
	Heartbeat    time.Duration // between two comments on a stream where nothing happens; default 15 s
	Waiting      int           // clients that wait for a change, by long poll or stream; default 10,000
	Kept         int           // change records in memory, for clients that are nearly up to date; default 4096
	MaxBytes     int64         // of the articles of the newest of these, roughly; default 32 MiB

	Log        *slog.Logger          // default: discard
	Registerer prometheus.Registerer // of the API's metrics; default: none
	Now        func() time.Time      // by which articles are over; default time.Now
}

func (o Options) withDefaults() Options {
	if o.Poll <= 0 {
		o.Poll = 250 * time.Millisecond
	}
	if o.StoreTimeout <= 0 {
		o.StoreTimeout = 10 * time.Second
	}
	if o.Heartbeat <= 0 {
		o.Heartbeat = 15 * time.Second
	}
	if o.Waiting <= 0 {
		o.Waiting = 10_000
	}
	if o.Kept <= 0 {
		o.Kept = 4096
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 32 << 20
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// API answers partners and the public. Make one with [New], and have [API.Run] run beside it.
type API struct {
	store     Store
	settings  func() *Settings
	options   Options
	endpoints map[string]*endpoint // by path below Path, of addresses without an ID
	article   *endpoint
	revisions *endpoint
	problems  *endpoint
	nowhere   *endpoint
	tail      *tail
	waiters   waiters
	public    chan struct{} // holds one for each request without a key that reads from the store
	metrics   *metrics
	limiter   *partner.Limiter
	meter     *partner.Meter
	guesses   *partner.Guesses
	described sync.Map // descriptions by the site's address
}

// New returns the API of what is in the store. It asks settings for the current configuration with every request, which
// must never be nil. New panics when its metrics are already registered with o.Registerer.
func New(store Store, settings func() *Settings, o Options) *API {
	a := &API{store: store, settings: settings, options: o.withDefaults(), public: make(chan struct{}, publicAtOnce)}
	a.metrics = newMetrics(a.options.Registerer)
	a.tail = newTail(a.options.Kept, a.options.MaxBytes, a.options.Log)
	a.waiters.most = a.options.Waiting
	a.metrics.watch(a.options.Registerer, a)
	a.limiter = partner.NewLimiter(store, a.metrics.alone.Inc)
	a.meter = partner.NewMeter(store, a.options.Log)
	a.guesses = partner.NewGuesses()
	a.endpoints = map[string]*endpoint{}
	for _, op := range operations() {
		e := a.newEndpoint(op)
		switch op.path {
		case "articles/{id}":
			a.article = e
		case "articles/{id}/revisions":
			a.revisions = e
		case "problems/{name}":
			a.problems = e
		default:
			a.endpoints[op.path] = e
		}
	}
	a.nowhere = a.newEndpoint(operation{path: "unknown", serve: unknown})
	return a
}

// Run follows the change log, and reports usage to the store, until ctx ends, and returns ctx.Err(). Those that wait get their answers then, and
// streams end. One Run at a time.
func (a *API) Run(ctx context.Context) error {
	metering, stop := context.WithCancel(context.WithoutCancel(ctx))
	var beside sync.WaitGroup
	beside.Go(func() { a.meter.Run(metering) })
	defer beside.Wait()
	defer stop()
	defer a.waiters.end() // what they were given is metered, too
	defer a.tail.end()
	return cache.NewFollower(a.store, a.tail, cache.FollowerOptions{Poll: a.options.Poll}).Run(ctx)
}

// Size is how many bytes of Options.MaxBytes are in use.
func (a *API) Size() int64 { return a.tail.size.Load() }

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e, id := a.route(strings.TrimPrefix(r.URL.Path, Path))
	if r.URL.RawPath != "" { // some character is escaped that need not be
		e = a.nowhere
	}
	e.ServeHTTP(w, r, id) //nolint:contextcheck // the context is that of the request
}

// route finds what answers at a path, and the ID or the name in it.
func (a *API) route(path string) (e *endpoint, id string) {
	if e, ok := a.endpoints[path]; ok {
		return e, ""
	}
	if name, ok := strings.CutPrefix(path, "problems/"); ok {
		return a.problems, name
	}
	id, ok := strings.CutPrefix(path, "articles/")
	if !ok {
		return a.nowhere, ""
	}
	e = a.article
	if of, ok := strings.CutSuffix(id, "/revisions"); ok {
		e, id = a.revisions, of
	}
	if !newswire.ValidID(id) {
		return a.nowhere, ""
	}
	return e, id
}
