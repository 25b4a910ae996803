// Package web serves readers: feeds in every format, the list of all of them as OPML, and pages for people that say
// what there is, who published it and how to subscribe.
//
//	s := web.New(store, directory, web.Options{Log: log, Registerer: registry})
//	g.Go(func() error { return s.Run(ctx) })
//	srv := web.NewHTTPServer(":8080", s, log)
//
// This package says what is at an address, and renders it. When that is done, how it is kept, and what becomes of it when
// the store is away, is for package revision to decide: an error is never news.
//
// The bytes of a feed are a pure function of its articles and of the configuration, but for one number: that of the newest
// page of its archive. So is its ETag.
//
// The package refuses to negotiate a format: every address has one.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/internal/tracing"
	"github.com/newswire/newswire/syndication/audience"
	"github.com/newswire/newswire/syndication/pictures"
	"github.com/newswire/newswire/syndication/revision"
	"github.com/newswire/newswire/syndication/snapshot"
)

// Store is the part of [cache.Store] that readers need.
type Store interface {
	cache.Articles
	cache.Archives
	cache.History

	cache.ChangeLog
	audience.Store

	// Tombstones is that of [cache.Tombstones].
	Tombstones(ctx context.Context, topic newswire.Topic, limit int) ([]newswire.Tombstone, error)
}

// Options adjust a [Server]. The zero value works.
type Options struct {
	Formats []Format // of feeds, the preferred one first; default Formats()
	Limit   int      // articles in a feed and on a page; default 50

	MaxAge       time.Duration // how long a reader or a shared cache may reuse an answer; default as in [revision.Options]
	MaxBytes     int64         // of revisions kept, compressed forms included; default as in [revision.Options]
	Poll         time.Duration // how often the change log is asked for news; default as in [revision.Options]
	StoreTimeout time.Duration // of what one rendering, or one poll, asks of the store; default as in [revision.Options]

	// ArchiveWait is how long a request waits for new pages of its topic's archive. Then it is answered with those that are there,
	// and the others follow. Default 10 ms.
	ArchiveWait time.Duration

	// Snapshot has the last good feeds and lists over a restart, for a process that starts while the store is away.
	// Default: none.
	Snapshot      *snapshot.Folder
	SnapshotEvery time.Duration // how often what is new is written there; default as in [revision.Options]

	// Complete says whether a store that was found emptied, or another one than before, has again what it is to serve. Until
	// it has, readers get the last good feeds. Default: it has.
	Complete func(ctx context.Context) (bool, error)

	CountEvery time.Duration // how often the store is told how many read each topic; default as in [audience.Options]

	Search    Finder // finds articles by their words; default none, and then there is no search
	UserAgent string // what the fetcher sends to publishers, for /about/fetcher; default "newswire"

	Pictures *pictures.Proxy // for Directory.Pictures; nil: none are passed on

	Tracer     *tracing.Tracer       // as in [revision.Options]
	Log        *slog.Logger          // default: discard
	Registerer prometheus.Registerer // of the server's metrics; default: none
	Now        func() time.Time      // default time.Now
}

func (o Options) withDefaults() Options {
	if o.Formats == nil {
		o.Formats = Formats()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Limit = orDefault(o.Limit, 50)
	o.ArchiveWait = orDefault(o.ArchiveWait, 10*time.Millisecond)
	o.UserAgent = orDefault(o.UserAgent, "newswire")
	o.Log = orDefault(o.Log, slog.New(slog.DiscardHandler))
	return o
}

func orDefault[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// Server answers readers. Make one with [New], have [Server.Run] run beside it, and call [Server.Invalidate] when the
// directory was replaced.
type Server struct {
	directory func() *Directory
	options   Options
	variants  variants
	lists     lists
	engine    *revision.Engine
	audience  *audience.Counter
	requests  *prometheus.CounterVec // answered, by route and code

	routes  *http.ServeMux
	feeds   http.Handler // answers below feedsPath
	nowhere http.Handler // answers where there is nothing
}

// New returns a server of what is in the store. It asks directory for the current configuration whenever it renders,
// so a reload may replace it whole; it must never return nil, and what it returned must not change afterwards.
//
// New panics when its metrics are already registered with o.Registerer.
func New(store Store, directory func() *Directory, o Options) *Server {
	o = o.withDefaults()
	s := &Server{
		directory: directory, options: o, variants: variants{o.Limit},
		engine: revision.New(store, revision.Options{
			MaxAge: o.MaxAge, MaxBytes: o.MaxBytes, Poll: o.Poll, Timeout: o.StoreTimeout,
			Complete: o.Complete, IsAnswer: isAnswer,
			Snapshot: o.Snapshot, SnapshotEvery: o.SnapshotEvery, Site: func() string { return directory().Site.URL },
			Tracer: o.Tracer, Log: o.Log, Registerer: o.Registerer, Now: o.Now,
		}),
		audience: audience.New(store, audience.Options{Every: o.CountEvery, Timeout: o.StoreTimeout, Log: o.Log, Now: o.Now}),
		requests: newRequests(o.Registerer),
	}
	s.lists = lists{
		store: store, variants: s.variants, log: o.Log, now: o.Now,
		closer: newCloser(store, &o),
	}
	s.lists.closer.closed = s.engine.Changed
	s.feeds = s.handle(endpoint{"feed", leads(s.feed)})
	s.nowhere = s.handle(endpoint{"unknown", unknown})
	s.routes = s.newRoutes()
	return s
}

// Run follows the change log, closes archives and reports how many read each topic until ctx ends, and returns ctx.Err(). One Run at a time.
func (s *Server) Run(ctx context.Context) error {
	var beside sync.WaitGroup
	defer beside.Wait()
	beside.Go(func() { s.lists.closer.run(ctx) })
	beside.Go(func() { _ = s.audience.Run(ctx) }) // it returns the error of ctx, as the engine does
	return s.engine.Run(ctx)
}

// Invalidate has everything rendered again when it is next asked for. What comes out the same keeps its ETag.
func (s *Server) Invalidate() { s.engine.Invalidate() }

// Size is how many bytes of Options.MaxBytes are in use.
func (s *Server) Size() int64 { return s.engine.Size() }

// Ready is that of the engine: see [revision.Engine.Ready].
func (s *Server) Ready(ctx context.Context) error { return s.engine.Ready(ctx) }

// Check is that of the engine: see [revision.Engine.Check].
func (s *Server) Check(ctx context.Context) error { return s.engine.Check(ctx) }

// CheckSnapshot is that of the engine: see [revision.Engine.CheckSnapshot].
func (s *Server) CheckSnapshot(ctx context.Context) error { return s.engine.CheckSnapshot(ctx) }

// newRoutes is the table of addresses.
func (s *Server) newRoutes() *http.ServeMux {
	mux := http.NewServeMux()
	f := &files{s.engine, s.directory, s.lists.store, s.options.Pictures, s.options.Now}
	lists := directories{s}
	for pattern, e := range map[string]endpoint{
		"/{$}":           {"page", s.home},
		"/category/{id}": {"page", s.listing(newswire.CategoryTopic)},
		"/author/{id}":   {"page", leads(s.listing(newswire.AuthorTopic))},
		"/source/{id}":   {"page", s.listing(newswire.SourceTopic)},

		"/archive/{number}":               {"page", s.older(func(string) newswire.Topic { return newswire.All })},
		"/category/{id}/archive/{number}": {"page", s.older(newswire.CategoryTopic)},
		"/author/{id}/archive/{number}":   {"page", leads(s.older(newswire.AuthorTopic))},
		"/source/{id}/archive/{number}":   {"page", s.older(newswire.SourceTopic)},

		"/categories":           {"page", lists.page(newswire.KindCategory)},
		"/categories/from/{id}": {"page", lists.page(newswire.KindCategory)},
		"/sources":              {"page", lists.page(newswire.KindSource)},
		"/sources/from/{id}":    {"page", lists.page(newswire.KindSource)},
		"/authors":              {"page", lists.page(newswire.KindAuthor)},
		"/authors/from/{id}":    {"page", lists.page(newswire.KindAuthor)},
		"/articles/{id}":        {"article", s.article},
		"/search":               {"page", searches{s}.search},
		"/about/fetcher":        {"page", s.aboutFetcher},
		"/feeds.opml":           {"opml", subscriptionLists{s}.subscriptions},
		"/feeds.css":            {"file", f.feedStyle},
		"/robots.txt":           {"robots", f.robots},
		"/favicon.ico":          {"file", f.icon("favicon.ico", "image/x-icon")},
		"/favicon.svg":          {"file", f.icon("favicon.svg", "image/svg+xml")},
		"/assets/{name}":        {"file", f.asset},
		"/pictures/{name}/{id}": {"picture", f.picture},
	} {
		mux.Handle(pattern, s.handle(e))
	}
	mux.Handle("/", s.nowhere)
	return mux
}

// ServeHTTP answers one request. Everything has one address: a path that is not in its plain form, which [http.ServeMux]
// would redirect, leads nowhere. Feeds, which are asked for most by far, do not go through the table.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch p := r.URL.Path; {
	case r.URL.RawPath != "": // some character is escaped that need not be
		s.nowhere.ServeHTTP(w, r)
	case strings.HasPrefix(p, feedsPath):
		s.feeds.ServeHTTP(w, r)
	case p != path.Clean(p):
		s.nowhere.ServeHTTP(w, r)
	default:
		s.routes.ServeHTTP(w, r)
	}
}
