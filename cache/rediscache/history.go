package rediscache

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/newswire/newswire"
)

// Revisions implements [cache.History].
func (s history) Revisions(ctx context.Context, id string) (revisions []newswire.Article, err error) {
	defer wrap(&err, "revisions of %s", id)
	k := s.keys.source(newswire.SourceOf(id))
	// As in Known: a withdrawal between the reads is seen.
	pipe := s.client.Pipeline()
	there, numbers, stone := pipe.HExists(ctx, k.known, id), pipe.HGet(ctx, k.revisions, id), pipe.HExists(ctx, k.tombstones, id)
	if err := exec(ctx, pipe); err != nil {
		return nil, err
	}
	switch {
	case stone.Val():
		return nil, newswire.ErrWithdrawn
	case !there.Val():
		return nil, newswire.ErrNotFound
	case numbers.Val() == "":
		return nil, nil
	}
	fields := strings.Fields(numbers.Val())
	for i, n := range fields {
		fields[i] = id + " " + n
	}
	texts, err := s.client.HMGet(ctx, k.revisions, fields...).Result()
	if err != nil {
		return nil, err
	}
	for _, t := range texts {
		text, ok := t.(string)
		if !ok {
			continue // dropped a moment ago
		}
		var a newswire.Article
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			return nil, err
		}
		revisions = append(revisions, a)
	}
	return revisions, nil
}
