// Package web serves readers: feeds in every format, the list of all of them as OPML, and pages for people that say
// what there is, who published it and how to subscribe.
//
//	s := web.New(store, directory, web.Options{Log: log, Registerer: registry})
//	g.Go(func() error { return s.Run(ctx) })
//	srv := web.NewHTTPServer(":8080", s, log)
//
// Nothing is rendered for a request that can be answered from what is there. Whatever was asked for once is kept as an
// immutable revision behind an atomic pointer, compressed once, and answered without a call to the store and without
// a lock held. [Server.Run] follows the change log and marks as stale what a change touches; the next request for it has
// it rendered anew, once, however many ask, and few at a time. For a moment readers get the revision before it and do not
// wait; no answer lacks what was committed three polls of the change log before. When the store cannot be reached, the last
// good revision goes on being served, with an honest Age, and [Server.Check] says what is wrong: an error is never news.
// Options.Snapshot lets these revisions outlive the process.
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
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/singleflight"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/snapshot"
)

// Store is the part of [cache.Store] that readers need.
type Store interface {
	cache.Articles
	cache.Archives
	cache.History

	// Tombstones is that of [cache.Tombstones].
	Tombstones(ctx context.Context, topic newswire.Topic, limit int) ([]newswire.Tombstone, error)

	// Changes and Head are those of [cache.Changes].
	Changes(ctx context.Context, after newswire.Cursor, limit int) ([]newswire.Change, error)
	Head(ctx context.Context) (newswire.Cursor, error)

	// Count is that of [cache.Audience].
	Count(ctx context.Context, day time.Time, readers map[newswire.Topic]int) error
}

// Options adjust a [Server]. The zero value works.
type Options struct {
	Formats []Format // of feeds, the preferred one first; default Formats()
	Limit   int      // articles in a feed and on a page; default 50

	MaxAge       time.Duration // how long a reader or a shared cache may reuse an answer; default 1 minute
	MaxBytes     int64         // of rendered documents kept, compressed forms included; default 256 MiB
	Poll         time.Duration // how often the change log is asked for news; no answer lacks what came three polls before; default 250 ms
	StoreTimeout time.Duration // of what one rendering, or one poll, asks of the store; default 3 s

	// Snapshot keeps the last good feeds and lists over a restart, for one that finds the store away. Default: nothing.
	Snapshot      *snapshot.Folder
	SnapshotEvery time.Duration // how often what is new is written there; default 5 s

	CountEvery time.Duration // how often the store is told how many read each topic; default 10 min

	Hub       string // address of the WebSub hub that announces changes of feeds; default none
	UserAgent string // what the fetcher sends to publishers, for /about/fetcher; default "newswire"

	Log        *slog.Logger          // default: discard
	Registerer prometheus.Registerer // of the server's metrics; default: none
	Now        func() time.Time      // default time.Now
}

func (o Options) withDefaults() Options {
	if o.Formats == nil {
		o.Formats = Formats()
	}
	o.Limit = orDefault(o.Limit, 50)
	o.MaxAge = orDefault(o.MaxAge, time.Minute)
	o.MaxBytes = orDefault(o.MaxBytes, 256<<20)
	o.Poll = orDefault(o.Poll, 250*time.Millisecond)
	o.StoreTimeout = orDefault(o.StoreTimeout, 3*time.Second)
	o.CountEvery = orDefault(o.CountEvery, 10*time.Minute)
	o.SnapshotEvery = orDefault(o.SnapshotEvery, 5*time.Second)
	o.UserAgent = orDefault(o.UserAgent, "newswire")
	o.Log = orDefault(o.Log, slog.New(slog.DiscardHandler))
	if o.Now == nil {
		o.Now = time.Now
	}
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
	store     Store
	directory func() *Directory
	options   Options

	routes   *http.ServeMux
	feeds    http.Handler // answers below feedsPath
	nowhere  http.Handler // answers where there is nothing
	shelf    shelf
	readings readings
	metrics  metrics

	news         atomic.Int64 // counts marks; a revision older than the mark that concerns it is stale
	everyone     atomic.Int64 // the mark that concerns every revision
	follower     follower
	keeper       keeper
	audience     audience
	flights      singleflight.Group // one rendering of a resource at a time
	turns        chan struct{}      // holds one for each rendering under way, but for variants
	variantTurns chan struct{}      // holds one for each variant that is being rendered
	renewals     chan renewal       // renderings that nobody waits for
	archives     sync.Map           // by topic: the settings under which this server last had its archive closed
}

// New returns a server of what is in the store. It asks directory for the current configuration whenever it renders,
// so a reload may replace it whole; it must never return nil, and what it returned must not change afterwards.
//
// New panics when its metrics are already registered with o.Registerer.
func New(store Store, directory func() *Directory, o Options) *Server {
	s := &Server{
		store: store, directory: directory, options: o.withDefaults(),
		turns:        make(chan struct{}, runtime.GOMAXPROCS(0)+1), // one of which may be waiting for the store
		variantTurns: make(chan struct{}, variantsAtOnce),
		renewals:     make(chan renewal, mostRenewals),
	}
	s.shelf.limit = s.options.MaxBytes
	s.audience.today.Store(newCensus(s.options.Now()))
	s.metrics = newMetrics(s)
	s.feeds = s.handle(endpoint{"feed", s.feed})
	s.nowhere = s.handle(endpoint{"unknown", s.unknown})
	s.routes = s.newRoutes()
	return s
}

// Invalidate has everything rendered anew when it is next asked for. What comes out the same keeps its ETag.
func (s *Server) Invalidate() {
	raise(&s.everyone, s.news.Add(1))
}

// newRoutes is the table of addresses.
func (s *Server) newRoutes() *http.ServeMux {
	mux := http.NewServeMux()
	for pattern, e := range map[string]endpoint{
		"/{$}":           {"page", s.home},
		"/category/{id}": {"page", s.listing(newswire.CategoryTopic)},
		"/author/{id}":   {"page", s.listing(newswire.AuthorTopic)},
		"/source/{id}":   {"page", s.listing(newswire.SourceTopic)},
		"/authors":       {"page", s.authors},
		"/articles/{id}": {"article", s.article},
		"/about/fetcher": {"page", s.aboutFetcher},
		"/feeds.opml":    {"opml", s.subscriptions},
		"/robots.txt":    {"robots", s.robots},
		"/favicon.ico":   {"favicon", s.favicon},
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
