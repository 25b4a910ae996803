package service

import (
	"context"
	"net/http"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/syndication/delivery"
	"github.com/newswire/newswire/syndication/hub"
	"github.com/newswire/newswire/syndication/web"
)

// announcer is the hub, and the loop that tells its subscribers.
type announcer struct {
	hub      *hub.Hub
	registry *prometheus.Registry
	loop     atomic.Pointer[delivery.Deliverer] // nil until there is a store
}

// newAnnouncer makes the hub of what s.web answers.
func (s *Service) newAnnouncer(registry *prometheus.Registry) *announcer {
	a := &announcer{registry: registry}
	a.hub = hub.New(s.Store, s.web, hub.Options{
		Site:         func() string { return s.directory.Load().Site.URL },
		Lease:        s.Config.Hub.Lease,
		MaxLease:     s.Config.Hub.MaxLease,
		PerHost:      s.Config.Hub.PerHost,
		MaxBytes:     s.budget.Hub,
		Stored:       a.look,
		AllowPrivate: s.Config.Fetch.AllowPrivate,
		UserAgent:    UserAgent(s.Config, s.Version),
		Log:          s.Log,
		Registerer:   registry,
	})
	return a
}

// run verifies subscriptions, and tells subscribers as soon as there is a store.
func (a *announcer) run(ctx context.Context, s *Service) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return a.hub.Run(ctx) })
	g.Go(func() error {
		store, err := s.Store.Wait(ctx)
		if err != nil {
			return err
		}
		loop := delivery.New(store, a.hub, delivery.Options{Channel: cache.ChannelHub, Log: s.Log, Registerer: a.registry})
		a.loop.Store(loop)
		return loop.Run(ctx)
	})
	return g.Wait()
}

// look has a subscription told at once that was just stored.
func (a *announcer) look() {
	if loop := a.loop.Load(); loop != nil {
		loop.Look()
	}
}

// check says why subscribers are not told, where the operator must act.
func (a *announcer) check(ctx context.Context) error {
	if loop := a.loop.Load(); loop != nil {
		return loop.Check(ctx)
	}
	return nil
}

// withHub answers subscribers on the listener of readers, if there is a hub of ours. What hubs of publishers send is for
// withHubs.
func (s *Service) withHub(readers http.Handler) http.Handler {
	if s.announcer == nil {
		return readers
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == hub.Path {
			s.announcer.hub.ServeHTTP(w, r)
		} else {
			readers.ServeHTTP(w, r)
		}
	})
}

// newDirectory is what a config means to the readers of this process, which may have a hub.
func (s *Service) newDirectory(conf *config.Config) *web.Directory {
	d := NewDirectory(conf, s.File.modified())
	if s.Public != nil && !s.Config.Hub.Off {
		d.Hub = conf.Site.URL + hub.Path
	}
	return d
}
