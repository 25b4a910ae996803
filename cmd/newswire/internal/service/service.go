// Package service is newswire at work: it visits publishers, answers readers and operators, and follows its config file,
// until it is told to end.
//
//	conf, file, err := service.Load("newswire.yaml", log)
//	s := &service.Service{Config: conf, File: file, Store: stores.NewPending(conf.Store, log), Visits: true, …}
//	err = s.Run(ctx)
//
// Commands that visit publishers on their own take from it what a config means to the aggregator ([NewSetup]).
package service

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/robfig/cron/v3"
	"golang.org/x/sync/errgroup"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/stores"
	"github.com/newswire/newswire/internal/heap"
	"github.com/newswire/newswire/internal/tracing"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/websub"
	"github.com/newswire/newswire/syndication/admin"
	"github.com/newswire/newswire/syndication/api"
	"github.com/newswire/newswire/syndication/partner"
	"github.com/newswire/newswire/syndication/pictures"
	"github.com/newswire/newswire/syndication/search"
	"github.com/newswire/newswire/syndication/snapshot"
	"github.com/newswire/newswire/syndication/web"
)

const (
	// drainTimeout is how long readers that are being answered have after a signal.
	drainTimeout = 10 * time.Second

	// idle is how long a store that was emptied goes unnoticed at most.
	idle = 2 * time.Second

	// changesKept is how long a follower of the change log may be away and still go on where it was.
	changesKept = 30 * 24 * time.Hour
)

// Service is everything that runs until a signal: the aggregator, the listeners, and the service's own periodic jobs.
type Service struct {
	Config   *config.Config
	File     *File  // that Config is from; nil when there is none
	Version  string // of the command
	Store    *stores.Pending
	Snapshot *snapshot.Folder // nil when none is kept
	Search   string           // file of the search index; empty for no search
	Log      *slog.Logger
	Visits   bool         // whether publishers are visited
	Public   net.Listener // nil when readers are not answered
	Admin    net.Listener
	Formats  []web.Format // that feeds are written in; default web.Formats()

	budget     Budget // of memory
	directory  atomic.Pointer[web.Directory]
	settings   atomic.Pointer[api.Settings]
	setup      atomic.Pointer[sources.Setup]
	readers    Readers
	partners   atomic.Pointer[[]partner.Partner]
	aggregator atomic.Pointer[sources.Aggregator] // nil while there is no store
	hubs       atomic.Pointer[websub.Handler]     // answers publishers' hubs; nil while there is no store
	web        *web.Server                        // nil when readers are not answered
	index      *search.Index                      // nil when readers cannot search
	announcer  *announcer                         // nil when there is no hub
	tracer     *tracing.Tracer                    // nil when nothing is traced
	neighbours *neighbours
	webhooks   *webhooks
}

// Run runs the service until ctx ends, then drains: readers get their answers, visits that are under way are recorded.
func (s *Service) Run(ctx context.Context) error {
	registry := prometheus.NewRegistry()
	g, ctx := errgroup.WithContext(ctx)

	setup, err := NewSetup(s.Config, s.Version)
	if err != nil {
		return err
	}
	traces, err := newTraces(ctx, s.Config, s.Version, s.Log)
	if err != nil {
		return err
	}
	defer traces.flush(ctx)
	s.tracer = traces.tracer()
	setup.Subscribers, setup.Push = s.readers.Of, newPush(s.Config, &setup)
	s.notices(s.Config)
	s.directory.Store(s.newDirectory(s.Config))
	s.settings.Store(newSettings(s.Config))
	s.setup.Store(&setup)
	s.partners.Store(&s.Config.Partners)
	s.webhooks = newWebhooks()
	s.webhooks.configure(NewWebhooks(s.Config, UserAgent(s.Config, s.Version)))
	s.budget = NewBudget(s.Config)
	defer heap.Keep(s.budget.Heap).Stop()
	if group := memoryOfGroup(); s.budget.Total > group {
		s.Log.WarnContext(ctx, "memory in the config is more than the control group of this process may take", "memory", s.budget.Total, "group", group)
	}
	memory := newMemoryMetrics(registry, &s.budget)
	memory.watch("articles", s.budget.Store.Articles, s.Store.Decoded)
	s.forgetSources()
	g.Go(func() error { return s.Store.Connect(ctx) })
	s.neighbours = newNeighbours(s.Config.Site.URL, stores.Local(s.Config.Store), s.Log)
	g.Go(func() error { return s.attend(ctx) })
	g.Go(func() error { return s.keepLimits(ctx) })
	registry.MustRegister(s.Store.Health().Metric())
	visits, pushes := newVisitMetrics(registry), newPushMetrics(registry)
	g.Go(func() error { return s.aggregate(ctx, visits, pushes) })
	if s.Public != nil {
		s.answer(ctx, g, registry, memory)
		if s.index != nil {
			defer s.index.Close()
		}
	}
	s.listen(ctx, g, "admin", s.Admin, admin.New(admin.Options{
		Addr: s.Admin.Addr().String(), Token: s.Config.AdminToken, Checks: s.checks(), Registry: registry, Console: s.newConsole(),
	}))
	if s.File != nil {
		g.Go(func() error { return s.File.run(ctx, s.reload) })
	}
	debug.FreeOSMemory() // to read a long config takes several times the memory that it leaves in use
	err = g.Wait()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	s.Log.InfoContext(ctx, "stopped")
	return err
}

// forgetSources has Config be what cannot change without a restart. What a reload replaces would be kept in memory for ever.
func (s *Service) forgetSources() {
	kept := *s.Config
	kept.Sources, kept.Access, kept.Authors, kept.Rules = nil, nil, nil, nil
	s.Config = &kept
}

// answer answers readers and partners, and tells subscribers.
func (s *Service) answer(ctx context.Context, g *errgroup.Group, registry *prometheus.Registry, memory *memoryMetrics) {
	options := siteOptions(s.Config, &s.budget, s.Version)
	options.Formats, options.Snapshot, options.Log, options.Registerer = s.Formats, s.Snapshot, s.Log, registry
	options.Complete, options.Tracer = s.allVisited, s.tracer
	if s.index = s.openSearch(ctx); s.index != nil {
		options.Search = s.index
	}
	s.web = web.New(s.Store, s.directory.Load, options)
	if s.index != nil {
		g.Go(func() error { return s.index.Run(ctx) })
	}
	g.Go(func() error { return s.web.Run(ctx) })
	partners := api.New(s.Store, s.settings.Load, api.Options{MaxBytes: s.budget.Changes, Log: s.Log, Registerer: registry})
	memory.watch("rendered", s.budget.Rendered, s.web.Size)
	memory.watch("pictures", s.budget.Pictures, options.Pictures.Size)
	memory.watch("changes", s.budget.Changes, partners.Size)
	g.Go(func() error { return partners.Run(ctx) })
	g.Go(func() error { return s.push(ctx, registry) })
	if !s.Config.Hub.Off {
		s.announcer = s.newAnnouncer(registry)
		memory.watch("hub", s.budget.Hub, s.announcer.hub.Size)
		g.Go(func() error { return s.announcer.run(ctx, s) })
	}
	s.listen(ctx, g, "public", s.Public, withoutBase(s.basePath, s.withHubs(s.withHub(withAPI(partners, s.web)))))
}

// checks are what operators and load balancers are told of. A process that has feeds to serve stays in rotation while
// the store is away: it is away for all replicas at once, and none would be left.
func (s *Service) checks() []admin.Check {
	checks := []admin.Check{
		{Name: "writes", Func: s.Store.Health().Check, Warns: true},
		{Name: "neighbours", Func: s.neighbours.Check, Warns: true},
	}
	if s.File != nil {
		checks = append(checks, admin.Check{Name: "config", Func: s.File.check, Warns: true})
	}
	if s.Visits {
		checks = append(checks, admin.Check{Name: "sources", Func: s.checkSources, Warns: true})
	}
	if s.web == nil {
		return append(checks, admin.Check{Name: "store", Func: s.Store.Ping})
	}
	if s.index != nil {
		checks = append(checks, admin.Check{Name: "search", Func: s.index.Check, Warns: true})
	}
	if s.announcer != nil {
		checks = append(checks, admin.Check{Name: "hub", Func: s.announcer.check, Warns: true})
	}
	return append(
		checks,
		admin.Check{Name: "feeds", Func: s.web.Ready},
		admin.Check{Name: "store", Func: s.web.Check, Warns: true},
		admin.Check{Name: "webhooks", Func: s.webhooks.Check, Warns: true},
		admin.Check{Name: "snapshot", Func: s.web.CheckSnapshot, Warns: true},
	)
}

// attend has the store know of this process as soon as there is a store.
func (s *Service) attend(ctx context.Context) error {
	store, err := s.Store.Wait(ctx)
	if err != nil {
		return err
	}
	return s.neighbours.run(ctx, store)
}

// keepLimits has articles come and go at their times as soon as there is a store. Every process does so, that of a role which
// visits no publisher too: what ends must end while the others are away.
func (s *Service) keepLimits(ctx context.Context) error {
	store, err := s.Store.Wait(ctx)
	if err != nil {
		return err
	}
	return cache.KeepLimits(ctx, store, func(err error) {
		s.Log.WarnContext(ctx, "articles do not come and go at their times for now", "error", err)
	})
}

// push tells partners of changes as soon as there is a store.
func (s *Service) push(ctx context.Context, registry prometheus.Registerer) error {
	store, err := s.Store.Wait(ctx)
	if err != nil {
		return err
	}
	return s.webhooks.run(ctx, store, registry, s.Log)
}

// checkSources says whether sources are visited again because the store was emptied.
func (s *Service) checkSources(ctx context.Context) error {
	if a := s.aggregator.Load(); a != nil {
		return a.Check(ctx)
	}
	return nil
}

// allVisited says whether the store has the result of a visit to every source.
func (s *Service) allVisited(ctx context.Context) (bool, error) {
	const atOnce = 500
	for some := range slices.Chunk(s.directory.Load().Sources, atOnce) {
		ids := make([]string, len(some))
		for i := range some {
			ids[i] = some[i].ID
		}
		unvisited, err := cache.Unvisited(ctx, s.Store, ids...)
		if err != nil || len(unvisited) > 0 {
			return false, err
		}
	}
	return true, nil
}

// aggregate visits publishers as soon as there is a store, and receives what their hubs send, as far as this process does.
func (s *Service) aggregate(ctx context.Context, visits *visitMetrics, pushes *pushMetrics) error {
	store, err := s.Store.Wait(ctx)
	if err != nil {
		return err
	}
	setup := s.setup.Load()
	a := sources.NewAggregator(store, *setup, sources.Options{
		Concurrency:  s.Config.Fetch.Concurrency,
		VisitTimeout: VisitTimeout(s.Config),
		Idle:         idle,
		Log:          s.Log,
		Report:       visits.count,
		Tracer:       s.tracer,
	})
	s.aggregator.Store(a)
	if latest := s.setup.Load(); latest != setup { // a reload came too early to find it
		a.Replace(*latest)
	}
	var g errgroup.Group
	if s.Public != nil {
		receiver := sources.NewReceiver(a)
		s.hubs.Store(websub.NewHandler(receiver, websub.Options{
			MaxBytes: s.Config.Fetch.MaxBytes, Log: s.Log,
			Report: func(o websub.Outcome) { pushes.requests.WithLabelValues(string(o)).Inc() },
		}))
		g.Go(func() error { return receiver.Run(ctx) })
	}
	if s.Visits {
		g.Go(func() error { return a.Run(ctx) })
		g.Go(func() error { return s.jobs(ctx, store) })
		g.Go(func() error { return s.readers.run(ctx, store, s.setup.Load, s.Log) })
		g.Go(func() error {
			return pushes.watch(ctx, store, func() *sources.Catalog { return s.setup.Load().Catalog }, s.Log)
		})
	}
	return g.Wait()
}

// listen answers on a listener until ctx ends.
func (s *Service) listen(ctx context.Context, g *errgroup.Group, name string, l net.Listener, h http.Handler) {
	server := web.NewHTTPServer(l.Addr().String(), h, s.Log)
	s.Log.InfoContext(ctx, "listening", "for", name, "address", l.Addr().String())
	g.Go(func() error {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
		defer cancel()
		if err := server.Shutdown(draining); err != nil {
			s.Log.WarnContext(ctx, "readers cut off at shutdown", "for", name, "error", err)
			return server.Close()
		}
		return nil
	})
}

// jobs runs what the service does for itself, by the clock.
func (s *Service) jobs(ctx context.Context, store cache.Changes) error {
	log := cronLog{s.Log}
	c := cron.New(cron.WithLogger(log), cron.WithChain(cron.Recover(log), cron.SkipIfStillRunning(log)))
	_, err := c.AddFunc("@every 1h", func() {
		if err := store.TrimChanges(ctx, time.Now().Add(-changesKept)); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "change log not trimmed", "error", err)
		}
	})
	if err != nil {
		return err
	}
	c.Start()
	<-ctx.Done()
	<-c.Stop().Done()
	return nil
}

// cronLog passes on what cron has to say: skipped and panicked jobs.
type cronLog struct{ log *slog.Logger }

func (l cronLog) Info(msg string, kv ...any) {
	l.log.Debug("periodic job", append(kv, "event", msg)...)
}

func (l cronLog) Error(err error, msg string, kv ...any) {
	l.log.Error("periodic job failed", append(kv, "event", msg, "error", err)...)
}

// reload puts a new config in place. What cannot change without a restart is said and stays.
func (s *Service) reload(conf *config.Config) error {
	setup, err := NewSetup(conf, s.Version)
	if err != nil {
		return err
	}
	setup.Subscribers, setup.Push = s.readers.Of, newPush(conf, &setup)
	for key, differs := range map[string]bool{
		"listen":   conf.Listen != s.Config.Listen,
		"admin":    conf.Admin != s.Config.Admin || conf.AdminToken != s.Config.AdminToken,
		"store":    conf.Store != s.Config.Store,
		"snapshot": conf.Snapshot != s.Config.Snapshot,
		"search":   conf.Search != s.Config.Search,
		"memory":   conf.Memory != s.Config.Memory,
		"hub":      conf.Hub != s.Config.Hub,
		"tracing":  conf.Tracing != s.Config.Tracing,
	} {
		if differs {
			s.Log.Warn("a changed setting needs a restart to take effect", "key", key)
		}
	}
	s.notices(conf)
	s.directory.Store(s.newDirectory(conf))
	s.settings.Store(newSettings(conf))
	s.setup.Store(&setup)
	s.partners.Store(&conf.Partners)
	s.webhooks.configure(NewWebhooks(conf, UserAgent(conf, s.Version)))
	if a := s.aggregator.Load(); a != nil {
		a.Replace(setup)
	}
	if s.web != nil {
		s.web.Invalidate()
	}
	debug.FreeOSMemory() // as at the start
	s.Log.Info("config reloaded", "sources", len(conf.Sources), "categories", len(conf.Categories), "authors", len(conf.Authors),
		"partners", len(conf.Partners))
	return nil
}

func (s *Service) notices(conf *config.Config) {
	for _, n := range conf.Notices {
		s.Log.Warn("config", "notice", n.String())
	}
}

// basePath is the path of the address of the site, as the config in force has it.
func (s *Service) basePath() string { return basePath(s.directory.Load().Site.URL) }

// siteOptions are what a config means to the pages and feeds that readers see.
func siteOptions(conf *config.Config, b *Budget, version string) web.Options {
	agent := UserAgent(conf, version)
	return web.Options{
		UserAgent: agent, MaxBytes: b.Rendered,
		Pictures: pictures.New(pictures.Options{UserAgent: agent, AllowPrivate: conf.Fetch.AllowPrivate, CacheBytes: b.Pictures}),
	}
}

// NewSite is what the service would answer readers with, for a command that asks for all of it. It need not be run.
func NewSite(store web.Store, conf *config.Config, file *File, o SiteOptions) *web.Server {
	directory := NewDirectory(conf, file.modified())
	directory.CanSearch = false
	budget := NewBudget(conf)
	options := siteOptions(conf, &budget, o.Version)
	options.Formats, options.Log = o.Formats, o.Log
	options.StoreTimeout = 10 * time.Minute // a long archive is closed before its feed is answered
	return web.New(store, func() *web.Directory { return directory }, options)
}

// SiteOptions adjust a site.
type SiteOptions struct {
	Version string       // of the command
	Formats []web.Format // of feeds
	Log     *slog.Logger
}

// NewDirectory is what a config means to readers.
func NewDirectory(conf *config.Config, changed time.Time) *web.Directory {
	shown := web.Pictures(conf.Pictures)
	if conf.Pictures == "off" {
		shown = web.NoPictures
	}
	return &web.Directory{
		Pictures: shown, Theme: conf.Theme, CanSearch: conf.Search != "",
		Site: conf.Site, Categories: conf.Categories, Sources: conf.Sources, Authors: conf.Authors, Changed: changed,
	}
}
