// Package delivery tells subscribers of changes: it follows the change log, wakes the subscriptions that a change concerns,
// and has a [Sender] tell each of them, so that one that is away, slow or broken delays no other.
//
//	d := delivery.New(store, sender, delivery.Options{Channel: cache.ChannelHub, Log: log})
//	g.Go(func() error { return d.Run(ctx) })
//
// Each subscription has one delivery at a time, under a claim in the store, so that any number of processes share the work
// and what a crashed one had under way is delivered again. What a delivery holds, and how it is sent, is the Sender's.
//
// The way of a change: follow.go reads it and wakes subscriptions, dispatch.go claims those that are due while there are
// slots free (slots.go), has them told, and records what came of it, many in one step (backoff.go says when a failed one is
// tried again).
//
// The package refuses to keep messages: a subscription is told what there is after its Told, however often it was woken.
package delivery

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/newswire/newswire/cache"
)

// Store is what the loop needs of a [cache.Store].
type Store interface {
	cache.ChangeLog
	cache.Subscriptions
}

// Sender tells one subscriber.
type Sender interface {
	// Send tells a subscription what there is after its Told. It ends when ctx does, which bounds one delivery. Many are
	// under way at once, of different subscriptions. A panic counts as a failure of this subscription alone.
	Send(ctx context.Context, sub *cache.Subscription) Outcome
}

// Outcome is what came of a delivery.
type Outcome struct {
	Told    string        // how far the subscription was told now; as before after an error
	Sent    bool          // something was sent, and accepted; false where there was nothing to say
	More    bool          // there is more to tell at once
	End     bool          // the subscriber wants no more of it: the subscription is removed
	Err     error         // why the delivery failed, for the operator
	Retry   time.Duration // how long the subscriber asked us to wait after a failure; zero where it did not
	Refused bool          // the answer was an error of the subscriber's, not of the network; for metrics
}

// Options adjust a [Deliverer]. The zero value works, but for Channel.
type Options struct {
	Channel     cache.Channel         // whose subscriptions are told
	Concurrency int                   // deliveries at once; default 256. Those that failed last time, or were slow, have half as many of their own
	PerGroup    int                   // deliveries at once to one group, such as a host; default 16
	Timeout     time.Duration         // of one delivery; default 30 s
	Lease       time.Duration         // after which what a crashed process had under way is delivered again; default 30 s
	Poll        time.Duration         // between two looks at the change log; default 250 ms
	MinBackoff  time.Duration         // after the first failure; default 10 s. It doubles with each, more or less
	MaxBackoff  time.Duration         // default 6 h
	Log         *slog.Logger          // default: none
	Registerer  prometheus.Registerer // of the metrics; default: none
	Now         func() time.Time      // default time.Now
}

func (o *Options) defaults() {
	o.Concurrency = cmp.Or(o.Concurrency, 256)
	o.PerGroup = cmp.Or(o.PerGroup, 16)
	o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	o.Lease = cmp.Or(o.Lease, 30*time.Second)
	o.Poll = cmp.Or(o.Poll, 250*time.Millisecond)
	o.MinBackoff = cmp.Or(o.MinBackoff, 10*time.Second)
	o.MaxBackoff = max(cmp.Or(o.MaxBackoff, 6*time.Hour), o.MinBackoff)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}

// Deliverer tells the subscriptions of one channel. [New] makes one, and [Deliverer.Run] does the work.
type Deliverer struct {
	store   Store
	sender  Sender
	options Options
	metrics *metrics
	look    chan struct{} // holds a token when something may be due

	mu     sync.Mutex // guards health
	health health
}

// New panics when its metrics are already registered with o.Registerer for the channel.
func New(store Store, sender Sender, o Options) *Deliverer {
	o.defaults()
	d := &Deliverer{store: store, sender: sender, options: o, look: make(chan struct{}, 1)}
	d.metrics = newMetrics(&d.options, d.oldest)
	return d
}

// Run tells subscribers until ctx ends, and returns ctx.Err(). What is under way then has a moment to end; the claims of the
// rest are given back.
func (d *Deliverer) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.follow(ctx) })
	g.Go(func() error { return newDispatcher(d).run(ctx) })
	return g.Wait()
}

// Look has the loop look at once for what is due, such as a subscription that was stored a moment ago. One that another
// process has stored or rewound is found within lookEvery.
func (d *Deliverer) Look() {
	select {
	case d.look <- struct{}{}:
	default:
	}
}
