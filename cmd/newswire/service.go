package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/robfig/cron/v3"
	"golang.org/x/sync/errgroup"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/stores"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/syndication/admin"
	"github.com/newswire/newswire/syndication/snapshot"
	"github.com/newswire/newswire/syndication/web"
)

const (
	// drainTimeout is how long readers that are being answered have after a signal.
	drainTimeout = 10 * time.Second

	// changesKept is how long a follower of the change log may be away and still go on where it was.
	changesKept = 30 * 24 * time.Hour
)

// service is everything that runs until a signal: the aggregator, the listeners, and the service's own periodic jobs.
type service struct {
	conf       *config.Config
	store      *stores.Pending
	snapshot   *snapshot.Folder // nil when none is kept
	log        *slog.Logger
	aggregates bool
	public     net.Listener // nil when it does not answer readers
	admin      net.Listener
	watch      *watcher // of the config file; nil when there is none

	directory  atomic.Pointer[web.Directory]
	setup      atomic.Pointer[sources.Setup]
	audience   audience
	aggregator atomic.Pointer[sources.Aggregator] // nil while it does not aggregate
	web        *web.Server                        // nil when it does not answer readers
}

// run runs the service until ctx ends, then drains: readers get their answers, visits that are under way are recorded.
func (s *service) run(ctx context.Context) error {
	registry := prometheus.NewRegistry()
	g, ctx := errgroup.WithContext(ctx)

	setup, err := newSetup(s.conf)
	if err != nil {
		return err
	}
	setup.Subscribers = s.audience.subscribers(s.conf)
	s.notices(s.conf)
	s.directory.Store(newDirectory(s.conf, s.watch.modified()))
	s.setup.Store(&setup)
	debug.FreeOSMemory() // to read a long config takes several times the memory that it leaves in use
	g.Go(func() error { return s.store.Connect(ctx) })
	registry.MustRegister(s.store.Health().Metric())
	if s.aggregates {
		metrics := newVisitMetrics(registry)
		g.Go(func() error { return s.aggregate(ctx, metrics) })
	}
	if s.public != nil {
		s.web = web.New(s.store, s.directory.Load, web.Options{
			Snapshot: s.snapshot, UserAgent: userAgent(s.conf), Log: s.log, Registerer: registry,
		})
		g.Go(func() error { return s.web.Run(ctx) })
		s.listen(ctx, g, "public", s.public, s.web)
	}
	s.listen(ctx, g, "admin", s.admin, admin.New(admin.Options{
		Addr: s.admin.Addr().String(), Token: s.conf.AdminToken, Checks: s.checks(), Registry: registry,
	}))
	if s.watch != nil {
		g.Go(func() error { return s.watch.run(ctx, s.reload) })
	}
	err = g.Wait()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	s.log.InfoContext(ctx, "stopped")
	return err
}

// checks are what operators and load balancers are told of. A store that is away takes nobody out of rotation who has
// feeds to serve: with it gone for all replicas at once, that would be the end of the service.
func (s *service) checks() []admin.Check {
	checks := []admin.Check{{Name: "writes", Func: s.store.Health().Check, Warns: true}}
	if s.watch != nil {
		checks = append(checks, admin.Check{Name: "config", Func: s.watch.check, Warns: true})
	}
	if s.web == nil {
		return append(checks, admin.Check{Name: "store", Func: s.store.Ping})
	}
	return append(
		checks,
		admin.Check{Name: "feeds", Func: s.web.Ready},
		admin.Check{Name: "store", Func: s.web.Check, Warns: true},
		admin.Check{Name: "snapshot", Func: s.web.CheckSnapshot, Warns: true},
	)
}

// aggregate visits publishers as soon as there is a store.
func (s *service) aggregate(ctx context.Context, metrics *visitMetrics) error {
	store, err := s.store.Wait(ctx)
	if err != nil {
		return err
	}
	setup := s.setup.Load()
	a := sources.NewAggregator(store, *setup, sources.Options{
		Concurrency:  s.conf.Fetch.Concurrency,
		VisitTimeout: visitTimeout(s.conf),
		Log:          s.log,
		Report:       metrics.count,
	})
	s.aggregator.Store(a)
	if latest := s.setup.Load(); latest != setup { // a reload came too early to find it
		a.Replace(*latest)
	}
	var g errgroup.Group
	g.Go(func() error { return a.Run(ctx) })
	g.Go(func() error { return s.jobs(ctx, store) })
	g.Go(func() error { return s.audience.run(ctx, store, s.log) })
	return g.Wait()
}

// listen answers on a listener until ctx ends.
func (s *service) listen(ctx context.Context, g *errgroup.Group, name string, l net.Listener, h http.Handler) {
	server := web.NewHTTPServer(l.Addr().String(), h, s.log)
	s.log.InfoContext(ctx, "listening", "for", name, "address", l.Addr().String())
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
			s.log.WarnContext(ctx, "readers cut off at shutdown", "for", name, "error", err)
			return server.Close()
		}
		return nil
	})
}

// jobs runs what the service does for itself, by the clock.
func (s *service) jobs(ctx context.Context, store cache.Changes) error {
	log := cronLog{s.log}
	c := cron.New(cron.WithLogger(log), cron.WithChain(cron.Recover(log), cron.SkipIfStillRunning(log)))
	_, err := c.AddFunc("@every 1h", func() {
		if err := store.TrimChanges(ctx, time.Now().Add(-changesKept)); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "change log not trimmed", "error", err)
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
func (s *service) reload(conf *config.Config) error {
	setup, err := newSetup(conf)
	if err != nil {
		return err
	}
	setup.Subscribers = s.audience.subscribers(conf)
	for key, differs := range map[string]bool{
		"listen":   conf.Listen != s.conf.Listen,
		"admin":    conf.Admin != s.conf.Admin || conf.AdminToken != s.conf.AdminToken,
		"store":    conf.Store != s.conf.Store,
		"snapshot": conf.Snapshot != s.conf.Snapshot,
	} {
		if differs {
			s.log.Warn("a changed setting needs a restart to take effect", "key", key)
		}
	}
	s.notices(conf)
	s.directory.Store(newDirectory(conf, s.watch.modified()))
	s.setup.Store(&setup)
	if a := s.aggregator.Load(); a != nil {
		a.Replace(setup)
	}
	if s.web != nil {
		s.web.Invalidate()
	}
	debug.FreeOSMemory() // as at the start
	s.log.Info("config reloaded", "sources", len(conf.Sources), "categories", len(conf.Categories), "authors", len(conf.Authors))
	return nil
}

func (s *service) notices(conf *config.Config) {
	for _, n := range conf.Notices {
		s.log.Warn("config", "notice", n.String())
	}
}

// newDirectory is what a config means to readers.
func newDirectory(conf *config.Config, changed time.Time) *web.Directory {
	return &web.Directory{
		Site: conf.Site, Categories: conf.Categories, Sources: conf.Sources, Authors: conf.Authors, Changed: changed,
	}
}
