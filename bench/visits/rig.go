//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/mmcdole/gofeed"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache"
	"github.com/newswire/newswire/cache/sqlitecache"
)

// concurrency is how many visits are under way at a time, here and in the baselines.
const concurrency = 32

// rig has what the subjects share.
type rig struct {
	options
	publishers *publishers
	dir        string
	revision   int
	bare       *http.Client // the baseline
	redis      *redisServer
	closers    []func()
	files      int // of SQLite, opened so far
	databases  int // of Redis, opened so far
}

func (r *rig) close() {
	for _, f := range slices.Backward(r.closers) {
		f()
	}
}

// open opens an empty store.
func (r *rig) open(ctx context.Context, name string) (cache.Store, error) {
	switch name {
	case "sqlite":
		r.files++
		return sqlitecache.Open(ctx, filepath.Join(r.dir, fmt.Sprintf("wire%d.db", r.files)), sqlitecache.Options{})
	case "redis":
		address, err := r.redisAddress(ctx)
		if err != nil {
			return nil, err
		}
		return rediscache.Open(ctx, address, rediscache.Options{})
	}
	return nil, fmt.Errorf("no store %q; there are sqlite and redis", name)
}

// redisAddress is the address of an empty database.
func (r *rig) redisAddress(ctx context.Context) (string, error) {
	if r.redis == nil {
		s, err := startRedis(ctx, r.dir)
		if err != nil {
			return "", err
		}
		r.redis = s
		r.closers = append(r.closers, s.close)
	}
	r.databases++
	return fmt.Sprintf("redis://%s/%d", r.redis.address, r.databases), nil
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
