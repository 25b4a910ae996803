package rediscache

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire"
)

// Count implements [cache.Audience].
func (s audience) Count(ctx context.Context, day time.Time, readers map[newswire.Topic]int) (err error) {
	defer wrap(&err, "count the readers of %d topics", len(readers))
	if len(readers) == 0 {
		return nil
	}
	scores := make([]redis.Z, 0, len(readers))
	for topic, n := range readers {
		scores = append(scores, redis.Z{Member: string(topic), Score: float64(n)})
	}
	key := s.keys.audience(day)
	pipe := s.client.Pipeline()
	pipe.ZAddArgs(ctx, key, redis.ZAddArgs{GT: true, Members: scores})
	pipe.ExpireAt(ctx, key, day.UTC().Truncate(24*time.Hour).Add(3*24*time.Hour)) // a day late, for clocks differ
	return exec(ctx, pipe)
}

// Readers implements [cache.Audience].
func (s audience) Readers(ctx context.Context, day time.Time, topics ...newswire.Topic) (_ map[newswire.Topic]int, err error) {
	defer wrap(&err, "read the audience of %d topics", len(topics))
	readers := make(map[newswire.Topic]int, len(topics))
	if len(topics) == 0 {
		return readers, nil
	}
	members := make([]string, len(topics))
	for i, topic := range topics {
		members[i] = string(topic)
	}
	pipe := s.client.Pipeline()
	replies := []*redis.FloatSliceCmd{
		pipe.ZMScore(ctx, s.keys.audience(day), members...),
		pipe.ZMScore(ctx, s.keys.audience(day.Add(-24*time.Hour)), members...),
	}
	if err := exec(ctx, pipe); err != nil {
		return nil, err
	}
	for _, reply := range replies {
		for i, n := range reply.Val() { // 0 for one that is not there
			if n := int(n); n > readers[topics[i]] {
				readers[topics[i]] = n
			}
		}
	}
	return readers, nil
}
