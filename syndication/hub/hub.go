// Package hub is the WebSub hub of our own feeds (W3C Recommendation of 23 January 2018): it takes subscriptions, has each
// verified at its callback, and sends subscribers what has changed.
//
//	h := hub.New(store, readers, hub.Options{Site: site, UserAgent: agent})
//	mux.Handle(hub.Path, h)
//	g.Go(func() error { return h.Run(ctx) })
//	g.Go(func() error { return delivery.New(store, h, delivery.Options{Channel: cache.ChannelHub}).Run(ctx) })
//
// A topic is the address of a feed, a variant's too. What is sent is what a GET of that address answers: the articles that
// are new since the last delivery where the format and the feed's lineage allow that, else the whole feed.
//
// The package refuses what a stranger could use against others: callbacks are dialled through internal/guard, each time; no
// redirect is followed; and requests for one callback host are bounded, in number and in pace. It refuses hub.mode=publish,
// for it hears of changes by itself.
package hub

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/delivery"
)

// Path is where the hub is, below the address of the site.
const Path = "/hub"

// Feeds are the topics.
type Feeds interface {
	// ForHub answers at the addresses of feeds, below the address of the site. No answer lacks a change that was committed
	// before the request.
	ForHub() http.Handler

	// FeedTopic is the topic of which each change may be one of the feed at an address. The error wraps
	// [newswire.ErrNotFound], or says in words why there is nothing to subscribe to.
	FeedTopic(address *url.URL) (newswire.Topic, error)
}

// Store is the part of [cache.Subscriptions] that the hub needs itself. The rest is for package delivery.
type Store interface {
	Subscribe(ctx context.Context, sub cache.Subscription) error
	Unsubscribe(ctx context.Context, channel cache.Channel, ids ...string) error
	Subscription(ctx context.Context, channel cache.Channel, id string) (cache.Subscription, error)
	Subscriptions(ctx context.Context, channel cache.Channel, after newswire.Cursor, limit int) ([]cache.Subscription, newswire.Cursor, error)
	CountSubscriptions(ctx context.Context, q cache.SubscriptionQuery) (int, error)
	Rewind(ctx context.Context, channel cache.Channel, id, told string) error
}

// Options adjust a [Hub]. The zero value works, but for Site.
type Options struct {
	Site func() string // address of the site, without a slash at its end; asked for each request

	Lease    time.Duration // of a subscription that asks for none; default 10 days
	MaxLease time.Duration // of one that asks for more; default 30 days
	PerHost  int           // subscriptions at most with callbacks of one registrable domain; default 100
	PerTopic int           // subscriptions at most that one topic wakes; default 100,000

	MaxBytes int64 // of what was sent last, kept for the next subscriber; default 32 MiB

	Stored func() // called when a subscription was stored, for [delivery.Deliverer.Look]; default: nothing

	AllowPrivate []netip.Prefix // private ranges in which callbacks may be; default none
	Resolver     *net.Resolver  // of callbacks' names; default the system's
	UserAgent    string         // default "newswire"
	Timeout      time.Duration  // of one request to a callback; default 10 s

	Log        *slog.Logger          // default: discard
	Registerer prometheus.Registerer // of the hub's metrics; default: none
	Now        func() time.Time      // default time.Now
}

// LeastLease is the shortest lease: a subscriber that asks for less gets this.
const LeastLease = 5 * time.Minute

func (o Options) withDefaults() Options {
	o.Lease = cmp.Or(o.Lease, 10*24*time.Hour)
	o.MaxLease = cmp.Or(o.MaxLease, 30*24*time.Hour)
	o.PerHost = cmp.Or(o.PerHost, 100)
	o.PerTopic = cmp.Or(o.PerTopic, 100_000)
	o.MaxBytes = cmp.Or(o.MaxBytes, 32<<20)
	o.UserAgent = cmp.Or(o.UserAgent, "newswire")
	o.Timeout = cmp.Or(o.Timeout, 10*time.Second)
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Hub answers at [Path], verifies subscriptions, and tells subscribers. Make one with [New], and have [Hub.Run] run beside it.
type Hub struct {
	store    Store
	feeds    Feeds
	options  Options
	contents *contents
	callers  *caller
	intents  *intents
	metrics  metrics
}

var (
	_ http.Handler    = (*Hub)(nil)
	_ delivery.Sender = (*Hub)(nil)
)

// New returns a hub of feeds, whose subscriptions are in a store.
//
// New panics when its metrics are already registered with o.Registerer.
func New(store Store, feeds Feeds, o Options) *Hub {
	o = o.withDefaults()
	return &Hub{
		store: store, feeds: feeds, options: o,
		contents: newContents(feeds.ForHub(), o.MaxBytes),
		callers:  newCaller(&o),
		intents:  newIntents(o.PerHost),
		metrics:  newMetrics(o.Registerer),
	}
}

// Size is how many bytes of Options.MaxBytes are in use.
func (h *Hub) Size() int64 { return h.contents.size() }

// Run verifies what was asked for until ctx ends, and returns ctx.Err(). Requests whose callbacks were not asked by then are
// forgotten: their subscribers hear nothing and ask again. A verification that was cut off begins again within two minutes, in
// this process or another.
func (h *Hub) Run(ctx context.Context) error {
	defer h.callers.close()
	var resuming sync.WaitGroup
	defer resuming.Wait()
	resuming.Go(func() { _ = h.resume(ctx) })
	return h.intents.run(ctx, h.verify)
}
