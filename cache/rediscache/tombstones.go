package rediscache

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache/internal/json"
)

// tombstone is a newswire.Tombstone as the withdraw script writes it.
type tombstone struct {
	AtomID string                  `json:"atom_id"`
	Reason string                  `json:"reason"`
	At     int64                   `json:"at"`     // Unix milliseconds
	Topics map[newswire.Topic]bool `json:"topics"` // all true: a set
}

// parseTombstone reads the tombstone of an article.
func parseTombstone(articleID, text string) (newswire.Tombstone, error) {
	var t tombstone
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return newswire.Tombstone{}, err
	}
	return newswire.Tombstone{
		Article: articleID, AtomID: t.AtomID, Source: newswire.SourceOf(articleID),
		Reason: t.Reason, At: fromMS(t.At), Topics: slices.Sorted(maps.Keys(t.Topics)),
	}, nil
}

// Withdraw implements [cache.Tombstones]. From the first step the article is gone for readers and for visits; the others
// take it out of the listings, log that, and mark it as done.
func (s tombstones) Withdraw(ctx context.Context, articleID, reason string) (_ newswire.Tombstone, err error) {
	defer wrap(&err, "withdraw %s", articleID)
	source := newswire.SourceOf(articleID)
	reply, err := s.call(ctx, withdrawScript, s.keys.source(source).all(), articleID, reason)
	if err != nil {
		return newswire.Tombstone{}, err
	}
	parts := strs(reply.Val())
	if len(parts) == 0 {
		return newswire.Tombstone{}, newswire.ErrNotFound
	}
	t, err := parseTombstone(articleID, parts[0])
	if err != nil || len(parts) == 1 || parts[1] == "" {
		return t, err
	}
	w, err := newBacklog([]string{articleID, parts[1]})
	if err != nil {
		return t, err
	}
	if err := s.propagate(ctx, source, noToken, w); err != nil {
		return t, err
	}
	return t, s.finish(ctx, source, noToken, nil, w)
}

// Tombstone implements [cache.Tombstones].
func (s tombstones) Tombstone(ctx context.Context, articleID string) (_ newswire.Tombstone, err error) {
	defer wrap(&err, "tombstone of %s", articleID)
	text, err := s.client.HGet(ctx, s.keys.source(newswire.SourceOf(articleID)).tombstones, articleID).Result()
	if errors.Is(err, redis.Nil) {
		return newswire.Tombstone{}, newswire.ErrNotFound
	}
	if err != nil {
		return newswire.Tombstone{}, err
	}
	return parseTombstone(articleID, text)
}

// Tombstones implements [cache.Tombstones]. A place may stand in a topic that the article had left, when no visit had come
// to say so yet: the tombstone knows better.
func (s tombstones) Tombstones(ctx context.Context, topic newswire.Topic, limit int) (stones []newswire.Tombstone, err error) {
	defer wrap(&err, "tombstones of %s", topic)
	if limit <= 0 {
		return nil, errLimit
	}
	for max := "+"; len(stones) < limit; {
		want := limit - len(stones)
		members, err := s.client.ZRevRangeByLex(ctx, s.keys.topic(topic).withdrawn, &redis.ZRangeBy{Max: max, Min: "-", Count: int64(want)}).Result()
		if err != nil {
			return nil, err
		}
		pipe := s.client.Pipeline()
		texts := make([]*redis.StringCmd, len(members))
		for i, p := range members {
			texts[i] = pipe.HGet(ctx, s.keys.source(newswire.SourceOf(memberID(p))).tombstones, memberID(p))
		}
		if err := exec(ctx, pipe); err != nil {
			return nil, err
		}
		for i, p := range members {
			stone, err := parseTombstone(memberID(p), texts[i].Val())
			if err != nil {
				return nil, err
			}
			if slices.Contains(stone.Topics, topic) {
				stones = append(stones, stone)
			}
		}
		if len(members) < want {
			break
		}
		max = "(" + members[len(members)-1]
	}
	return stones, nil
}
