//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/fetch"
)

// comparisons are what was asked for.
func (r *rig) comparisons(ctx context.Context) ([]comparison, error) {
	r.bare = bareClient()
	r.closers = append(r.closers, r.bare.CloseIdleConnections)
	var out []comparison
	for _, measure := range []struct {
		name    string
		compare func(ctx context.Context) (comparison, error)
	}{
		{"304", r.compareNotModified},
		{"new", r.compareNewFeeds},
		{"one", r.compareOneNew},
		{"unchanged", r.compareUnchanged},
	} {
		if !r.wants(measure.name) {
			continue
		}
		c, err := measure.compare(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func (r *rig) compareNotModified(ctx context.Context) (comparison, error) {
	client := fetch.NewClient(fetch.Options{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	r.closers = append(r.closers, client.Close)
	validators := make([]newswire.Validators, r.feeds)
	err := each(ctx, r.feeds, func(ctx context.Context, i int) error {
		a, err := client.Get(ctx, fetch.Request{URL: r.publishers.url(i)})
		if err == nil {
			validators[i] = a.Validators
		}
		return err
	})
	if err != nil {
		return comparison{}, err
	}
	c := comparison{title: "a visit answered 304", bar: "bar 1.5, against a bare net/http client", subjects: []*subject{
		{name: "net/http", prepare: r.publishSame, run: func(ctx context.Context) error {
			return each(ctx, r.feeds, func(ctx context.Context, i int) error {
				return getBare(ctx, r.bare, r.publishers.url(i), validators[i])
			})
		}},
		{name: "fetch alone", prepare: func(context.Context) error { return nil }, run: func(ctx context.Context) error {
			return each(ctx, r.feeds, func(ctx context.Context, i int) error {
				at := r.publishers.url(i)
				a, err := client.Get(ctx, fetch.Request{URL: at, Validators: validators[i], ValidFor: at})
				if err == nil && a.Status != http.StatusNotModified {
					err = fmt.Errorf("status %d", a.Status)
				}
				return err
			})
		}},
	}}
	c.floors = map[string]*subject{}
	for _, name := range r.storeNames() {
		write, err := r.smallestWrite(ctx, name)
		if err != nil {
			return comparison{}, err
		}
		floor := &subject{name: "net/http and a write, " + name, prepare: r.publishSame, run: func(ctx context.Context) error {
			return each(ctx, r.feeds, func(ctx context.Context, i int) error {
				if err := getBare(ctx, r.bare, r.publishers.url(i), validators[i]); err != nil {
					return err
				}
				return write(ctx, i)
			})
		}}
		c.floors[name] = floor
		c.subjects = append(c.subjects, floor)
	}
	return r.withVisits(ctx, c, sources.NotModified)
}

func (r *rig) compareNewFeeds(context.Context) (comparison, error) {
	c := comparison{title: "a new feed of 20 articles", bar: "bar 2.5, aim 1.5, against net/http and gofeed", subjects: []*subject{
		{name: "net/http and gofeed", prepare: r.publishSame, run: r.parseAll},
	}}
	for _, name := range r.storeNames() {
		var a *aggregator
		c.subjects = append(c.subjects, &subject{name: "visit, " + name, prepare: func(ctx context.Context) (err error) {
			if a != nil {
				a.close()
			}
			if a, err = r.newAggregator(ctx, name); err != nil {
				return err
			}
			return a.makeDue(ctx)
		}, run: func(ctx context.Context) error { return a.expect(sources.Changed)(ctx) }})
		r.closers = append(r.closers, func() { a.close() })
	}
	return c, nil
}

func (r *rig) compareOneNew(ctx context.Context) (comparison, error) {
	c := comparison{title: "one new article among 20", bar: "bar 1.0, against net/http and gofeed", subjects: []*subject{
		{name: "net/http and gofeed", prepare: r.publishNext, run: r.parseAll},
	}}
	return r.withVisits(ctx, c, sources.Changed)
}

func (r *rig) compareUnchanged(ctx context.Context) (comparison, error) {
	silent := func(ctx context.Context) error { return r.publishers.set(ctx, r.revision, false) }
	c := comparison{title: "an unchanged body from a publisher without validators", bar: "against net/http and gofeed", subjects: []*subject{
		{name: "net/http and gofeed", prepare: silent, run: r.parseAll},
	}}
	for _, name := range r.storeNames() {
		a, err := r.filled(ctx, name)
		if err != nil {
			return comparison{}, err
		}
		first := true
		c.subjects = append(c.subjects, &subject{name: "visit, " + name, prepare: func(ctx context.Context) error {
			if first { // let go of the validators, and be up to date
				first = false
				if err := errors.Join(a.makeDue(ctx), a.expect("")(ctx)); err != nil {
					return err
				}
			}
			return a.makeDue(ctx)
		}, run: a.expect(sources.Unchanged)})
	}
	return c, nil
}

// withVisits adds to a comparison the visits to every source, with each store.
func (r *rig) withVisits(ctx context.Context, c comparison, outcome sources.Outcome) (comparison, error) {
	for _, name := range r.storeNames() {
		a, err := r.filled(ctx, name)
		if err != nil {
			return comparison{}, err
		}
		c.subjects = append(c.subjects, &subject{name: "visit, " + name, floor: c.floors[name], prepare: a.makeDue, run: a.expect(outcome)})
	}
	return c, nil
}

func (r *rig) storeNames() []string { return strings.Split(r.options.stores, ",") }

// publishSame has the publishers offer what they offered before.
func (r *rig) publishSame(ctx context.Context) error { return r.publishers.set(ctx, r.revision, true) }

// publishNext has each publisher offer one more item.
func (r *rig) publishNext(ctx context.Context) error {
	r.revision++
	if err := r.publishers.set(ctx, r.revision, true); err != nil {
		return err
	}
	return r.publishers.warm(ctx, r.feeds)
}

// parseAll has net/http and gofeed read each feed.
func (r *rig) parseAll(ctx context.Context) error {
	return each(ctx, r.feeds, func(ctx context.Context, i int) error { return parseBare(ctx, r.bare, r.publishers.url(i)) })
}
