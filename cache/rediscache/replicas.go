package rediscache

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"
)

const (
	// replicaWait is how long a write waits for a replica. One that is further behind is not waited for: that it is would stop
	// all visits.
	replicaWait = time.Second

	// touchKept is how long the key stays that is written so that there is something to wait for.
	touchKept = 10 * time.Second
)

// masters are the nodes of a Cluster that a step writes to and that have a replica, each with one of the step's keys.
type masters map[*redis.Client]string

// mastersOf are the masters of some keys. Of a server that is no Cluster there are none.
func (s *server) mastersOf(ctx context.Context, keys []string) (masters, error) {
	cluster, ok := s.client.(*redis.ClusterClient)
	if !ok {
		return nil, nil
	}
	m := masters{}
	for _, key := range keys {
		master, err := cluster.MasterForKey(ctx, key)
		if err != nil {
			return nil, err
		}
		if _, known := m[master]; known {
			continue
		}
		replica, err := cluster.SlaveForKey(ctx, key) // the master, where there is none
		if err != nil {
			return nil, err
		}
		if replica.Options().Addr != master.Options().Addr {
			m[master] = key
		}
	}
	return m, nil
}

// replicated returns when each master has a replica that has all that was written until now, so that this outlives the
// master. An error says that a master is one no longer: what was written may be lost, and has to be written again.
func (m masters) replicated(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for master, key := range m {
		group.Go(func() error {
			pipe := master.Pipeline()
			// WAIT is for what its own connection has written.
			touch := pipe.Set(ctx, key+":touched", "", touchKept)
			waited := pipe.Do(ctx, "WAIT", "1", strconv.FormatInt(replicaWait.Milliseconds(), 10))
			_, _ = pipe.Exec(ctx) // each has its own error
			if err := touch.Err(); err != nil {
				return fmt.Errorf("wait for a replica: %w", err)
			}
			if err := waited.Err(); err != nil && !refused(err) { // a user without the right goes on as it is
				return fmt.Errorf("wait for a replica: %w", err)
			}
			return nil
		})
	}
	return group.Wait()
}
