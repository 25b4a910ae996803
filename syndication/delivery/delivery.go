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
	"time"

	"github.com/newswire/newswire/cache"
)

// Sender tells one subscriber.
type Sender interface {
	// Send tells a subscription what there is after its Told. It ends when ctx does, which bounds one delivery. Many are
	// under way at once, of different subscriptions.
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
