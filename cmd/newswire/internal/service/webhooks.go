package service

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/syndication/delivery"
	"github.com/newswire/newswire/syndication/delivery/post"
	"github.com/newswire/newswire/syndication/webhook"
)

// NewWebhooks is what a config means to the webhooks of partners. The agent is how we call ourselves.
func NewWebhooks(conf *config.Config, agent string) *webhook.Settings {
	client := post.NewClient(post.Options{AllowPrivate: conf.Fetch.AllowPrivate, UserAgent: agent})
	return webhook.NewSettings(conf.Site, conf.Partners, client)
}

// webhooks tells partners of changes.
type webhooks struct {
	settings atomic.Pointer[webhook.Settings]
	running  atomic.Pointer[tellers] // nil before there is a store
	wanted   func()                  // says that a partner has a webhook
	any      chan struct{}           // closed then
}

// tellers are the parts of it.
type tellers struct {
	keeper    *webhook.Keeper
	deliverer *delivery.Deliverer
}

func newWebhooks() *webhooks {
	w := &webhooks{any: make(chan struct{})}
	w.wanted = sync.OnceFunc(func() { close(w.any) })
	return w
}

// configure puts a config in force.
func (w *webhooks) configure(settings *webhook.Settings) {
	w.settings.Store(settings)
	if settings.Any() {
		w.wanted()
	}
	if t := w.running.Load(); t != nil {
		t.keeper.Reload()
	}
}

// run tells partners until ctx ends. As long as none has a webhook, the change log is not read for them.
func (w *webhooks) run(ctx context.Context, store cache.Store, registry prometheus.Registerer, log *slog.Logger) error {
	sender := webhook.NewSender(store, w.settings.Load, webhook.Options{Registerer: registry})
	d := delivery.New(store, sender, delivery.Options{Channel: cache.ChannelWebhook, Log: log, Registerer: registry})
	t := &tellers{webhook.NewKeeper(store, w.settings.Load, webhook.KeeperOptions{Changed: d.Look, Log: log, Registerer: registry}), d}
	w.running.Store(t)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return t.keeper.Run(ctx) })
	g.Go(func() error {
		select {
		case <-w.any:
			return d.Run(ctx)
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	return g.Wait()
}

// Check says which webhooks need an operator. It asks no store and returns at once.
func (w *webhooks) Check(ctx context.Context) error {
	t := w.running.Load()
	if t == nil {
		return nil
	}
	if err := t.deliverer.Check(ctx); err != nil {
		return err
	}
	return t.keeper.Check(ctx)
}
