//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/fetch"
)

// aggregator is an aggregator that runs, with its store.
type aggregator struct {
	store   cache.Store
	client  *fetch.Client
	cancel  context.CancelFunc
	ended   chan struct{} // closed when visits have
	feeds   int
	due     time.Time // of all sources
	visited chan sources.Result
	idle    atomic.Bool // visited is not read
}

// newAggregator starts one with an empty store, in which every source is due in an hour.
func (r *rig) newAggregator(ctx context.Context, name string) (*aggregator, error) {
	store, err := r.open(ctx, name)
	if err != nil {
		return nil, err
	}
	list := make([]newswire.Source, r.feeds)
	for i := range list {
		list[i] = newswire.Source{
			ID: fmt.Sprintf("p%05d", i), Name: fmt.Sprintf("Publisher %d", i), URL: r.publishers.url(i), Schedule: "@every 24h",
			Categories: []string{"news"}, Rights: newswire.Rights{Policy: newswire.PolicyFull},
			Retention: newswire.Retention{Age: 30 * 24 * time.Hour, Articles: 5000},
		}
	}
	catalog, err := sources.NewCatalog(list, []newswire.Category{{ID: "news"}, {ID: "markets", Match: []string{"market", "tariff", "budget"}}}, nil)
	if err != nil {
		return nil, err
	}
	a := &aggregator{
		store: store, feeds: r.feeds, ended: make(chan struct{}), visited: make(chan sources.Result, 1024),
		client: fetch.NewClient(fetch.Options{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}),
	}
	later := time.Now().Add(time.Hour)
	for _, s := range list {
		if err := store.Reschedule(ctx, s.ID, time.Time{}, later); err != nil {
			return nil, err
		}
	}
	a.idle.Store(true)
	worker := sources.NewAggregator(store, sources.Setup{Catalog: catalog, Fetcher: a.client}, sources.Options{
		Concurrency: concurrency, Idle: 100 * time.Millisecond, Report: func(r sources.Result) {
			if !a.idle.Load() {
				a.visited <- r
			}
		},
	})
	ctx, a.cancel = context.WithCancel(ctx)
	go func() {
		defer close(a.ended)
		_ = worker.Run(ctx) // it ends with ctx
	}()
	return a, nil
}

// filled starts an aggregator and waits until it has visited every source once.
func (r *rig) filled(ctx context.Context, name string) (*aggregator, error) {
	if err := r.publishers.set(ctx, r.revision, true); err != nil {
		return nil, err
	}
	a, err := r.newAggregator(ctx, name)
	if err != nil {
		return nil, err
	}
	r.closers = append(r.closers, a.close)
	if err := errors.Join(a.makeDue(ctx), a.expect(sources.Changed)(ctx)); err != nil {
		return nil, err
	}
	return a, nil
}

func (a *aggregator) close() {
	if a == nil || a.cancel == nil {
		return
	}
	a.cancel()
	<-a.ended
	a.cancel = nil
	a.client.Close()
	_ = a.store.Close() // its folder goes next
}

// makeDue has every source come due at one moment a little later, and waits until just before it.
func (a *aggregator) makeDue(ctx context.Context) error {
	index, err := a.store.Due(ctx)
	if err != nil {
		return err
	}
	a.due = time.Now().Add(time.Second + time.Duration(a.feeds)*2*time.Millisecond)
	for id, at := range index {
		if err := a.store.Reschedule(ctx, id, at, a.due); err != nil {
			return err
		}
	}
	a.idle.Store(false) // some may be visited before expect is called
	early := time.Until(a.due)
	if early < 50*time.Millisecond {
		return errors.New("the sources came due before the visits were counted")
	}
	time.Sleep(early - 50*time.Millisecond)
	return nil
}

// expect waits until every source was visited with an outcome; the empty one is any.
func (a *aggregator) expect(outcome sources.Outcome) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		defer a.idle.Store(true)
		giveUp := time.After(10 * time.Minute)
		for range a.feeds {
			select {
			case r := <-a.visited:
				if outcome != "" && r.Outcome != outcome {
					return fmt.Errorf("%s: %s %d instead of %s: %s", r.Source, r.Outcome, r.Status, outcome, r.Error)
				}
			case <-giveUp:
				return errors.New("not every source was visited in time")
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	}
}
