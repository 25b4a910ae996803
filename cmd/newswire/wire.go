package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache"
	"github.com/newswire/newswire/cache/sqlitecache"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/robots"
)

// storeTimeout bounds the wait for a store at the start.
const storeTimeout = 15 * time.Second

// openStore opens the store that a config names. It is the only place that knows the drivers.
func openStore(ctx context.Context, address string) (cache.Store, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	scheme, rest, _ := strings.Cut(address, ":")
	switch scheme {
	case "sqlite":
		store, err := sqlitecache.Open(ctx, rest, sqlitecache.Options{})
		if err != nil {
			return nil, err // not a nil *Store in an interface
		}
		return store, nil
	case "redis", "rediss", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster":
		store, err := rediscache.Open(ctx, address, rediscache.Options{})
		if err != nil {
			return nil, err
		}
		return store, nil
	default:
		return nil, cache.Misconfigured(fmt.Errorf("store: there is no driver for %q", scheme))
	}
}

// newSetup is what a config means to the aggregator.
func newSetup(conf *config.Config) (sources.Setup, error) {
	catalog, err := sources.NewCatalog(conf.Sources, conf.Categories, conf.Authors)
	if err != nil {
		return sources.Setup{}, err
	}
	client := fetch.NewClient(fetch.Options{
		UserAgent:    userAgent(conf),
		Timeout:      conf.Fetch.Timeout,
		MaxBytes:     conf.Fetch.MaxBytes,
		AllowPrivate: conf.Fetch.AllowPrivate,
	})
	return sources.Setup{
		Catalog:        catalog,
		Fetcher:        client,
		Robots:         rules{robots.NewCache(client), userAgent(conf)},
		DomainInterval: conf.Fetch.DomainInterval,
		Retention:      conf.Retention,
	}, nil
}

// rules are what robots.txt files say to us.
type rules struct {
	cache *robots.Cache
	agent string
}

// Allowed implements [sources.Robots].
func (r rules) Allowed(ctx context.Context, address string) (allowed bool, delay time.Duration, err error) {
	return r.cache.Allowed(ctx, r.agent, address)
}

// userAgent says who visits and where to read about it.
func userAgent(conf *config.Config) string {
	return fmt.Sprintf("newswire/%s (+%s/about/fetcher)", versionString(), conf.Site.URL)
}

// visitTimeout leaves a visit time to be recorded after the longest fetch.
func visitTimeout(conf *config.Config) time.Duration {
	return conf.Fetch.Timeout + 30*time.Second
}
