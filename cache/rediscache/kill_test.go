package rediscache

import (
	"context"
	"os"
	"testing"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/cachetest"
	"github.com/newswire/newswire/cache/rediscache/redistest"
)

// openFor opens a store for a process that is to be killed.
func openFor(ctx context.Context, address string) (cache.Store, error) {
	s, err := Open(ctx, address, Options{})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func TestMain(m *testing.M) {
	cachetest.Worker(openFor)
	os.Exit(m.Run())
}

func TestNothingRecordedIsLostWhenProcessOrServerAreKilled(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{AppendOnly: true})
	cachetest.Kills{Address: s.URL(), Open: openFor, Servers: []func(){s.Restart}}.Run(t)
}

func TestNothingRecordedIsLostWhenProcessOrNodesAreKilled(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, redistest.Options{AppendOnly: true})
	k := cachetest.Kills{Address: c.URL(), Open: openFor}
	for i := range c.Nodes {
		k.Servers = append(k.Servers, func() { c.Restart(i) })
	}
	k.Run(t)
}
