package rediscache

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// slotMapAge bounds the age of a Cluster client's map of slots. When a master does not answer any more, no node tells
	// the client that its slots have moved: the client learns of that failover from a newer map alone.
	slotMapAge = time.Second

	// slotMapTimeout bounds the question for the map to one node, which may be the one that does not answer.
	slotMapTimeout = time.Second
)

// newClient is a client of one server, of a Sentinel's, or of a Cluster.
func newClient(u *redis.UniversalOptions) redis.UniversalClient {
	if !u.IsClusterMode {
		return redis.NewUniversalClient(u)
	}
	o := u.Cluster()
	o.ClusterStateReloadInterval = slotMapAge
	c := redis.NewClusterClient(o)
	c.OnNewNode(func(node *redis.Client) { node.AddHook(slotMapHook{}) })
	return c
}

// slotMapHook bounds each question for the map of slots, so that the next node is asked soon.
type slotMapHook struct{}

// DialHook implements [redis.Hook].
func (slotMapHook) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements [redis.Hook].
func (slotMapHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if cmd.Name() == "cluster" {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, slotMapTimeout)
			defer cancel()
		}
		return next(ctx, cmd)
	}
}

// ProcessPipelineHook implements [redis.Hook].
func (slotMapHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}
