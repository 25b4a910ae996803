package service

import (
	"context"
	"fmt"
	"time"

	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/robots"
)

// NewSetup is what a config means to the aggregator. The version becomes part of the User-Agent.
func NewSetup(conf *config.Config, version string) (sources.Setup, error) {
	catalog, err := sources.NewCatalog(conf.Sources, conf.Categories, conf.Authors)
	if err != nil {
		return sources.Setup{}, err
	}
	agent := UserAgent(conf, version)
	client := fetch.NewClient(fetch.Options{
		UserAgent:    agent,
		Timeout:      conf.Fetch.Timeout,
		MaxBytes:     conf.Fetch.MaxBytes,
		AllowPrivate: conf.Fetch.AllowPrivate,
	})
	return sources.Setup{
		Catalog:        catalog,
		Fetcher:        client,
		Robots:         rules{robots.NewCache(client), agent},
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

// UserAgent is how we call ourselves to publishers: our version, and the page that says what we do.
func UserAgent(conf *config.Config, version string) string {
	return fmt.Sprintf("newswire/%s (+%s/about/fetcher)", version, conf.Site.URL)
}

// VisitTimeout leaves a visit time to be recorded after the longest fetch.
func VisitTimeout(conf *config.Config) time.Duration {
	return conf.Fetch.Timeout + 30*time.Second
}
