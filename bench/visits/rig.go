//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mmcdole/gofeed"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache"
	"github.com/newswire/newswire/cache/sqlitecache"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/fetch"
)

// concurrency is how many visits are under way at a time, here and in the baselines.
const concurrency = 32

// rig has what the subjects share.
type rig struct {
	options
	publishers *publishers
	dir        string
	revision   int
	redis      *redisServer
	closers    []func()
	stores     int // opened so far
}

func (r *rig) close() {
	for _, f := range slices.Backward(r.closers) {
		f()
	}
}

// comparisons are what was asked for.
func (r *rig) comparisons(ctx context.Context) ([]comparison, error) {
	validators := make([]newswire.Validators, r.feeds)
	bare := bareClient()
	r.closers = append(r.closers, bare.CloseIdleConnections)
	client := fetch.NewClient(fetch.Options{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	r.closers = append(r.closers, client.Close)
	if err := each(ctx, r.feeds, func(ctx context.Context, i int) error {
		a, err := client.Get(ctx, fetch.Request{URL: r.publishers.url(i)})
		if err == nil {
			validators[i] = a.Validators
		}
		return err
	}); err != nil {
		return nil, err
	}
	nothing := func(context.Context) error { return nil }
	same := func(ctx context.Context) error { return r.publishers.set(ctx, r.revision, true) }
	next := func(ctx context.Context) error {
		r.revision++
		if err := r.publishers.set(ctx, r.revision, true); err != nil {
			return err
		}
		return r.publishers.warm(ctx, r.feeds)
	}
	parsed := func(ctx context.Context) error {
		return each(ctx, r.feeds, func(ctx context.Context, i int) error { return parseBare(ctx, bare, r.publishers.url(i)) })
	}

	var out []comparison
	if r.wants("304") {
		c := comparison{title: "a visit answered 304", bar: "bar 1.5, against a bare net/http client", subjects: []*subject{
			{name: "net/http", prepare: same, run: func(ctx context.Context) error {
				return each(ctx, r.feeds, func(ctx context.Context, i int) error { return getBare(ctx, bare, r.publishers.url(i), validators[i]) })
			}},
			{name: "fetch alone", prepare: nothing, run: func(ctx context.Context) error {
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
		for _, name := range strings.Split(r.options.stores, ",") {
			d, err := r.filled(ctx, name)
			if err != nil {
				return nil, err
			}
			c.subjects = append(c.subjects, &subject{name: "visit, " + name, prepare: d.makeDue, run: d.expect(sources.NotModified)})
		}
		out = append(out, c)
	}
	if r.wants("new") {
		c := comparison{title: "a new feed of 20 articles", bar: "bar 2.5, aim 1.5, against net/http and gofeed", subjects: []*subject{
			{name: "net/http and gofeed", prepare: same, run: parsed},
		}}
		for _, name := range strings.Split(r.options.stores, ",") {
			var d *desk
			c.subjects = append(c.subjects, &subject{name: "visit, " + name, prepare: func(ctx context.Context) (err error) {
				if d != nil {
					d.close()
				}
				if d, err = r.newDesk(ctx, name); err != nil {
					return err
				}
				return d.makeDue(ctx)
			}, run: func(ctx context.Context) error { return d.expect(sources.Changed)(ctx) }})
			r.closers = append(r.closers, func() { d.close() })
		}
		out = append(out, c)
	}
	if r.wants("one") {
		c := comparison{title: "one new article among 20", bar: "bar 1.0, against net/http and gofeed", subjects: []*subject{
			{name: "net/http and gofeed", prepare: next, run: parsed},
		}}
		for _, name := range strings.Split(r.options.stores, ",") {
			d, err := r.filled(ctx, name)
			if err != nil {
				return nil, err
			}
			c.subjects = append(c.subjects, &subject{name: "visit, " + name, prepare: d.makeDue, run: d.expect(sources.Changed)})
		}
		out = append(out, c)
	}
	if r.wants("unchanged") {
		silent := func(ctx context.Context) error { return r.publishers.set(ctx, r.revision, false) }
		c := comparison{title: "an unchanged body from a publisher without validators", bar: "against net/http and gofeed", subjects: []*subject{
			{name: "net/http and gofeed", prepare: silent, run: parsed},
		}}
		for _, name := range strings.Split(r.options.stores, ",") {
			d, err := r.filled(ctx, name)
			if err != nil {
				return nil, err
			}
			first := true
			c.subjects = append(c.subjects, &subject{name: "visit, " + name, prepare: func(ctx context.Context) error {
				if first { // let go of the validators, and be up to date
					first = false
					if err := errors.Join(d.makeDue(ctx), d.expect("")(ctx)); err != nil {
						return err
					}
				}
				return d.makeDue(ctx)
			}, run: d.expect(sources.Unchanged)})
		}
		out = append(out, c)
	}
	return out, nil
}

// open opens a store that nobody has used yet.
func (r *rig) open(ctx context.Context, name string) (cache.Store, error) {
	r.stores++
	switch name {
	case "sqlite":
		return sqlitecache.Open(ctx, filepath.Join(r.dir, fmt.Sprintf("wire%d.db", r.stores)), sqlitecache.Options{})
	case "redis":
		if r.redis == nil {
			s, err := startRedis(ctx, r.dir)
			if err != nil {
				return nil, err
			}
			r.redis = s
			r.closers = append(r.closers, s.close)
		}
		return rediscache.Open(ctx, fmt.Sprintf("redis://%s/%d", r.redis.address, r.stores), rediscache.Options{})
	}
	return nil, fmt.Errorf("no store %q; there are sqlite and redis", name)
}

// bareClient has the policy of fetch.Client for connections, and nothing else of it.
func bareClient() *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	return &http.Client{
		Timeout: 30 * time.Second,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 30 * time.Second,
			MaxIdleConns: 256, MaxIdleConnsPerHost: 1, IdleConnTimeout: 30 * time.Second, ForceAttemptHTTP2: true,
		},
	}
}

// getBare makes a conditional request as plainly as it can be made.
func getBare(ctx context.Context, c *http.Client, address string, v newswire.Validators) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	request.Header.Set("If-None-Match", v.ETag)
	request.Header.Set("If-Modified-Since", v.LastModified)
	response, err := c.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusNotModified {
		return fmt.Errorf("status %d", response.StatusCode)
	}
	return nil
}

// parseBare fetches a feed and has gofeed parse it as it comes.
func parseBare(ctx context.Context, c *http.Client, address string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := c.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	parsed, err := gofeed.NewParser().Parse(response.Body)
	if err == nil && len(parsed.Items) != itemsPerFeed {
		err = fmt.Errorf("%d items", len(parsed.Items))
	}
	return err
}

// each calls f for every feed, a few at a time. It returns the first error.
func each(ctx context.Context, n int, f func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var workers sync.WaitGroup
	for range concurrency {
		workers.Go(func() {
			for i := range next {
				if err := f(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	for i := 0; i < n && ctx.Err() == nil; i++ {
		next <- i
	}
	close(next)
	workers.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}
