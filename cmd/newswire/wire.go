package main

import (
	"context"
	"fmt"
	"time"

	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/robots"
)

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
