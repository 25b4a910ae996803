// Package demo holds sample publishers for `newswire demo`: five small sites on loopback, each with a feed of another
// kind and with pages that its links lead to.
//
//	pubs, err := demo.Start(ctx)
//	defer pubs.Close()
//	config := pubs.Config(demo.Settings{SiteURL: "http://127.0.0.1:8080"})
//
// What they publish is fixed, apart from the address they happen to listen on and from one ticker that has a new
// article every few seconds. They answer as good publishers do: ETag, Last-Modified, 304, gzip, max-age. They refuse
// to leave the machine.
package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Publishers are the sample publishers, running.
type Publishers struct {
	sites   []*site
	servers []*http.Server
	done    sync.WaitGroup // the goroutines that serve
}

// Publisher is where one sample publisher is to be found.
type Publisher struct {
	ID   string // the ID of its source in [Publishers.Config]
	Name string
	URL  string // its front page, with a trailing slash
	Feed string // its feed's address
	Kind string // what its feed shows: "RSS 2.0 with several authors"
}

// Start starts the sample publishers, each on a free port of 127.0.0.1. They answer until Close; when ctx ends, so do
// the requests that are under way.
func Start(ctx context.Context) (*Publishers, error) {
	p := &Publishers{}
	for _, s := range append(samples(), tickerSite(time.Now)) {
		if err := p.start(ctx, s); err != nil {
			return nil, errors.Join(fmt.Errorf("demo: start %s: %w", s.ID, err), p.Close())
		}
	}
	return p, nil
}

func (p *Publishers) start(ctx context.Context, s *site) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.Base = "http://" + l.Addr().String()
	srv := &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: 5 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	p.sites = append(p.sites, s)
	p.servers = append(p.servers, srv)
	p.done.Go(func() {
		// Serve always ends with an error: ErrServerClosed after Close, which is the only thing that ends it.
		_ = srv.Serve(l)
	})
	return nil
}

// Close stops the publishers and waits until they have stopped.
func (p *Publishers) Close() error {
	var errs []error
	for _, srv := range p.servers {
		errs = append(errs, srv.Close())
	}
	p.done.Wait()
	return errors.Join(errs...)
}

// All returns the publishers, in the order of the config.
func (p *Publishers) All() []Publisher {
	all := make([]Publisher, 0, len(p.sites))
	for _, s := range p.sites {
		all = append(all, Publisher{ID: s.ID, Name: s.Name, URL: s.Base + "/", Feed: s.FeedURL(), Kind: s.Kind})
	}
	return all
}
