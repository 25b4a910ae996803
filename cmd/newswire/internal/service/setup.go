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
	options := fetch.Options{
		UserAgent:    agent,
		Timeout:      conf.Fetch.Timeout,
		MaxBytes:     conf.Fetch.MaxBytes,
		AllowPrivate: conf.Fetch.AllowPrivate,
		Proxy:        conf.Fetch.Proxy,
	}
	client := fetch.NewClient(options)
	shared := sources.Route{Fetcher: client, Robots: rules{robots.NewCache(client), agent}}
	return sources.Setup{
		Catalog:        catalog.WithRules(conf.Rules),
		Fetcher:        shared.Fetcher,
		Robots:         shared.Robots,
		Routes:         routes(conf, options, shared),
		DomainInterval: conf.Fetch.DomainInterval,
		Retention:      conf.Retention,
	}, nil
}

// routes are how sources are reached that have access, a proxy or TLS of their own. One that has credentials shares the
// connections of all; one that has more has its own, and its own copies of robots.txt, which are had by the same way. No
// robots.txt is asked for with a password, token, header or cookie: it is for everyone.
func routes(conf *config.Config, base fetch.Options, shared sources.Route) map[string]sources.Route {
	if len(conf.Access) == 0 {
		return nil
	}
	out := make(map[string]sources.Route, len(conf.Access))
	for i := range conf.Sources {
		id := conf.Sources[i].ID
		access, own := conf.Access[id]
		if !own {
			continue
		}
		client, rulesOf := shared.Fetcher.(*fetch.Client), shared.Robots
		if access.Proxy != nil || access.Direct || access.Authorities != nil || access.Credentials.Certificate != nil {
			options := base
			options.Authorities = access.Authorities
			if access.Proxy != nil || access.Direct {
				options.Proxy = access.Proxy
			}
			client = fetch.NewClient(options)
			rulesOf = rules{robots.NewCache(client.For(fetch.Credentials{
				Origin: access.Credentials.Origin, Certificate: access.Credentials.Certificate,
			})), base.UserAgent}
		}
		if !access.Credentials.IsZero() {
			client = client.For(access.Credentials)
		}
		out[id] = sources.Route{Fetcher: client, Robots: rulesOf}
	}
	return out
}

// rules are what robots.txt files say to us.
type rules struct {
	cache *robots.Cache
	agent string
}

var _ sources.Termed = rules{}

// RobotsOf are the robots.txt files that a setup of [NewSetup] knows.
func RobotsOf(setup *sources.Setup) *robots.Cache { return setup.Robots.(rules).cache }

// Allowed implements [sources.Robots].
func (r rules) Allowed(ctx context.Context, address string) (allowed bool, delay time.Duration, err error) {
	return r.cache.Allowed(ctx, r.agent, address)
}

// Terms implements [sources.Termed].
func (r rules) Terms(ctx context.Context, address string, before func(context.Context) error) (sources.SiteTerms, error) {
	terms, err := r.cache.Terms(ctx, r.agent, address, before)
	if err != nil {
		return sources.SiteTerms{}, err
	}
	return sources.SiteTerms{Usage: terms.Usage, License: terms.License}, nil
}

// UserAgent is how we call ourselves to publishers: our version, and the page that says what we do.
func UserAgent(conf *config.Config, version string) string {
	return fmt.Sprintf("newswire/%s (+%s/about/fetcher)", version, conf.Site.URL)
}

// VisitTimeout leaves a visit time to be recorded after the longest fetch.
func VisitTimeout(conf *config.Config) time.Duration {
	return conf.Fetch.Timeout + 30*time.Second
}
