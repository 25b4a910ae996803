// Package audience counts how many read the feeds of each topic in a day, so that publishers can be told.
//
//	counter := audience.New(store, audience.Options{Log: log})
//	g.Go(func() error { return counter.Run(ctx) })
//	counter.Count(newswire.All, "atom", request) // for each feed that was served
//
// It keeps numbers for keyed hashes of where requests come from and of what sends them, never these themselves. The key is
// made by chance for each process and each day, and is gone with it.
//
// The package refuses to count robots, and the readers of an author: no publisher asks for them.
package audience

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/newswire/newswire"
)

// Store is the part of [cache.Audience] that takes the numbers.
type Store interface {
	Count(ctx context.Context, day time.Time, readers map[newswire.Topic]int) error
}

// Options adjust a [Counter]. The zero value works.
type Options struct {
	Every   time.Duration // how often the store is told; default 10 min
	Timeout time.Duration // of one call to the store; default 3 s

	Log *slog.Logger     // default: discard
	Now func() time.Time // default time.Now
}

// Counter counts readers.
type Counter struct {
	store   Store
	options Options
	today   atomic.Pointer[census]
}

// New returns a counter that reports to a store.
func New(store Store, o Options) *Counter {
	if o.Every == 0 {
		o.Every = 10 * time.Minute
	}
	if o.Timeout == 0 {
		o.Timeout = 3 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	c := &Counter{store: store, options: o}
	c.today.Store(newCensus(o.Now()))
	return c
}

// Count counts a request for a topic's feed in a format, after it was answered.
func (c *Counter) Count(topic newswire.Topic, format string, r *http.Request) {
	c.today.Load().count(topic, format, r)
}

// Run reports to the store every now and then and when ctx ends, and begins another count each day. It returns ctx.Err().
func (c *Counter) Run(ctx context.Context) error {
	ticker := time.NewTicker(c.options.Every)
	defer ticker.Stop()
	failing := false
	for {
		ended := false
		select {
		case <-ctx.Done():
			ended = true
		case <-ticker.C:
		}
		census := c.today.Load()
		if now := c.options.Now(); !dayOf(now).Equal(census.day) {
			c.today.Store(newCensus(now))
		}
		err := c.report(context.WithoutCancel(ctx), census)
		switch {
		case err != nil && !failing && !ended:
			c.options.Log.WarnContext(ctx, "readers not counted for now", "error", err)
		case err == nil && failing:
			c.options.Log.InfoContext(ctx, "readers counted again")
		}
		failing = err != nil
		if ended {
			return ctx.Err()
		}
	}
}

func (c *Counter) report(ctx context.Context, of *census) error {
	numbers := of.numbers()
	if len(numbers) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	return c.store.Count(ctx, of.day, numbers)
}
