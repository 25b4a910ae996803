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

// desk is an aggregator at work, with its store.
type desk struct {
	store   cache.Store
	client  *fetch.Client
	cancel  context.CancelFunc
	ended   chan struct{} // closed when visits have
	feeds   int
	due     time.Time // of all sources
	visited chan sources.Result
	idle    atomic.Bool // nobody listens
}

// newDesk begins with an empty store, in which every source is due in an hour.
func (r *rig) newDesk(ctx context.Context, name string) (*desk, error) {
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
	d := &desk{
		store: store, feeds: r.feeds, ended: make(chan struct{}), visited: make(chan sources.Result, 1024),
		client: fetch.NewClient(fetch.Options{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}),
	}
	later := time.Now().Add(time.Hour)
	for _, s := range list {
		if err := store.Reschedule(ctx, s.ID, time.Time{}, later); err != nil {
			return nil, err
		}
	}
	d.idle.Store(true)
	a := sources.NewAggregator(store, sources.Setup{Catalog: catalog, Fetcher: d.client}, sources.Options{
		Concurrency: concurrency, Idle: 100 * time.Millisecond, Report: func(r sources.Result) {
			if !d.idle.Load() {
				d.visited <- r
			}
		},
	})
	ctx, d.cancel = context.WithCancel(ctx)
	go func() {
		defer close(d.ended)
		_ = a.Run(ctx) // it ends when it is told to
	}()
	return d, nil
}

// filled is a desk that has visited everybody once.
func (r *rig) filled(ctx context.Context, name string) (*desk, error) {
	if err := r.publishers.set(ctx, r.revision, true); err != nil {
		return nil, err
	}
	d, err := r.newDesk(ctx, name)
	if err != nil {
		return nil, err
	}
	r.closers = append(r.closers, d.close)
	if err := errors.Join(d.makeDue(ctx), d.expect(sources.Changed)(ctx)); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *desk) close() {
	if d == nil || d.cancel == nil {
		return
	}
	d.cancel()
	<-d.ended
	d.cancel = nil
	d.client.Close()
	_ = d.store.Close() // its folder goes next
}

// makeDue has every source come due at one moment a little later, and waits until just before it.
func (d *desk) makeDue(ctx context.Context) error {
	index, err := d.store.Due(ctx)
	if err != nil {
		return err
	}
	d.due = time.Now().Add(time.Second + time.Duration(d.feeds)*2*time.Millisecond)
	for id, at := range index {
		if err := d.store.Reschedule(ctx, id, at, d.due); err != nil {
			return err
		}
	}
	d.idle.Store(false) // some may be visited before expect is called
	early := time.Until(d.due)
	if early < 50*time.Millisecond {
		return errors.New("the sources came due before anybody looked")
	}
	time.Sleep(early - 50*time.Millisecond)
	return nil
}

// expect waits until every source was visited with an outcome; the empty one is any.
func (d *desk) expect(outcome sources.Outcome) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		defer d.idle.Store(true)
		giveUp := time.After(10 * time.Minute)
		for range d.feeds {
			select {
			case r := <-d.visited:
				if outcome != "" && r.Outcome != outcome {
					return fmt.Errorf("%s: %s %d instead of %s: %s", r.Source, r.Outcome, r.Status, outcome, r.Error)
				}
			case <-giveUp:
				return errors.New("not everybody was visited in time")
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	}
}
