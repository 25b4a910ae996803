// Package delivery tells subscribers of changes: it follows the change log, wakes the subscriptions that a change concerns,
// and has a [Sender] tell each of them, so that one that is away, slow or broken delays no other.
//
//	d := delivery.New(store, sender, delivery.Options{Channel: cache.ChannelHub, Log: log})
//	g.Go(func() error { return d.Run(ctx) })
//
// Each subscription has one delivery at a time, under a claim in the store, so that any number of processes share the work
// and what a crashed one had under way is delivered again. What a delivery holds, and how it is sent, is the Sender's.
//
// The package refuses to keep messages: a subscription is told what there is after its mark, however often it was woken.
package delivery

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

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
	Concurrency int                   // deliveries at once; default 256. Those that failed last time, or were slow, have half of that
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
