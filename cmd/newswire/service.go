package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/robfig/cron/v3"
	"golang.org/x/sync/errgroup"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/syndication/admin"
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
	store      cache.Store
	log        *slog.Logger
	aggregates bool
	public     net.Listener // nil when it does not answer readers
	admin      net.Listener
	watch      *watcher // of the config file; nil when there is none

	directory  atomic.Pointer[web.Directory]
	aggregator *sources.Aggregator // nil when it does not aggregate
	web        *web.Server         // nil when it does not answer readers
}

// run runs the service until ctx ends, then drains: readers get their answers, visits that are under way are recorded.
func (s *service) run(ctx context.Context) error {
	registry := prometheus.NewRegistry()
	checks := []admin.Check{{Name: "store", Func: s.store.Ping}}
	g, ctx := errgroup.WithContext(ctx)

	setup, err := newSetup(s.conf)
	if err != nil {
		return err
	}
	s.notices(s.conf)
	s.directory.Store(newDirectory(s.conf, s.watch.modified()))
	if s.aggregates {
		metrics := newVisitMetrics(registry)
		s.aggregator = sources.NewAggregator(s.store, setup, sources.Options{
			Concurrency:  s.conf.Fetch.Concurrency,
			VisitTimeout: visitTimeout(s.conf),
			Log:          s.log,
			Report:       metrics.count,
		})
		g.Go(func() error { return s.aggregator.Run(ctx) })
		g.Go(func() error { return s.jobs(ctx) })
	}
	if s.public != nil {
		s.web = web.New(s.store, s.directory.Load, web.Options{UserAgent: userAgent(s.conf), Log: s.log, Registerer: registry})
		checks = append(checks, admin.Check{Name: "feeds", Func: s.web.Check})
		g.Go(func() error { return s.web.Run(ctx) })
		s.listen(ctx, g, "public", s.public, s.web)
	}
	s.listen(ctx, g, "admin", s.admin, admin.New(admin.Options{
		Addr: s.admin.Addr().String(), Token: s.conf.AdminToken, Checks: checks, Registry: registry,
	}))
	if s.watch != nil {
		g.Go(func() error { return s.watch.run(ctx, s.reload) })
	}
	err = g.Wait()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	s.log.Info("stopped")
	return err
}

// listen answers on a listener until ctx ends.
func (s *service) listen(ctx context.Context, g *errgroup.Group, name string, l net.Listener, h http.Handler) {
	server := web.NewHTTPServer(l.Addr().String(), h, s.log)
	s.log.Info("listening", "for", name, "address", l.Addr().String())
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
			s.log.Warn("readers cut off at shutdown", "for", name, "error", err)
			return server.Close()
		}
		return nil
	})
}

// jobs runs what the service does for itself, by the clock.
func (s *service) jobs(ctx context.Context) error {
	log := cronLog{s.log}
	c := cron.New(cron.WithLogger(log), cron.WithChain(cron.Recover(log), cron.SkipIfStillRunning(log)))
	_, err := c.AddFunc("@every 1h", func() {
		if err := s.store.TrimChanges(ctx, time.Now().Add(-changesKept)); err != nil && ctx.Err() == nil {
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

func (l cronLog) Info(msg string, kv ...any) { l.log.Debug("cron: "+msg, kv...) }

func (l cronLog) Error(err error, msg string, kv ...any) {
	l.log.Error("cron: "+msg, append(kv, "error", err)...)
}

// reload puts a new config in place. What cannot change without a restart is said and stays.
func (s *service) reload(conf *config.Config) error {
	setup, err := newSetup(conf)
	if err != nil {
		return err
	}
	for key, differs := range map[string]bool{
		"listen": conf.Listen != s.conf.Listen,
		"admin":  conf.Admin != s.conf.Admin || conf.AdminToken != s.conf.AdminToken,
		"store":  conf.Store != s.conf.Store,
	} {
		if differs {
			s.log.Warn("a changed setting needs a restart to take effect", "key", key)
		}
	}
	s.notices(conf)
	s.directory.Store(newDirectory(conf, s.watch.modified()))
	if s.aggregator != nil {
		s.aggregator.Replace(setup)
	}
	if s.web != nil {
		s.web.Invalidate()
	}
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
