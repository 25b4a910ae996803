package diagnosis

import (
	"context"
	"maps"
	"sync"

	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/fetch"
)

// recorder is a fetcher that remembers the first thing it got in a visit: the source's document, or why there is none.
type recorder struct {
	fetcher sources.Fetcher

	mu    sync.Mutex // guards first
	first *fetched
}

type fetched struct {
	answer *fetch.Answer
	err    error
}

// record has a setup reach each source by a recorder of its own.
func record(setup *sources.Setup, conf *config.Config) map[string]*recorder {
	routes, recorders := map[string]sources.Route{}, map[string]*recorder{}
	maps.Copy(routes, setup.Routes)
	for i := range conf.Sources {
		id := conf.Sources[i].ID
		route, own := routes[id]
		if !own {
			route = sources.Route{Fetcher: setup.Fetcher, Robots: setup.Robots}
		}
		recorders[id] = &recorder{fetcher: route.Fetcher}
		route.Fetcher = recorders[id]
		routes[id] = route
	}
	setup.Routes = routes
	return recorders
}

// Get implements [sources.Fetcher].
func (r *recorder) Get(ctx context.Context, request fetch.Request) (*fetch.Answer, error) {
	answer, err := r.fetcher.Get(ctx, request)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.first == nil {
		r.first = &fetched{answer, err}
	}
	return answer, err
}

// take returns what was remembered, which may be nothing, and forgets it.
func (r *recorder) take() fetched {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.first == nil {
		return fetched{}
	}
	first := *r.first
	*r.first = fetched{}
	return first
}
