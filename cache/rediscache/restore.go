package rediscache

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/newswire/newswire"
)

// restoredAtOnce bounds how long one call of a script holds up a node.
const restoredAtOnce = 200

// restore has listings and directory learn all articles of a source but those of a backlog, which they have just learned. A
// source that is new has no others. Nothing is appended to the change log: what followers knew of these articles holds.
func (s *server) restore(ctx context.Context, source, token string, but backlog) error {
	keys := s.keys.source(source)
	stored, err := s.client.HGetAll(ctx, keys.known).Result()
	if err != nil {
		return fmt.Errorf("restore the listings of %s: %w", source, err)
	}
	for id := range but {
		delete(stored, id)
	}
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(stored)), restoredAtOnce) {
		texts, err := s.client.HMGet(ctx, keys.articles, ids...).Result() // for the names of authors
		if err != nil {
			return fmt.Errorf("restore the listings of %s: %w", source, err)
		}
		some := make(backlog, len(ids))
		for i, id := range ids {
			text, ok := texts[i].(string)
			if !ok {
				continue // withdrawn a moment ago
			}
			if some[id], err = restored(stored[id], text); err != nil {
				return fmt.Errorf("article %s: %w", id, err)
			}
		}
		if _, err := s.list(ctx, source, token, some); err != nil {
			return err
		}
		if _, err := s.log(ctx, source, token, some); err != nil {
			return err
		}
	}
	return nil
}

// restored is what listings and directory have to learn of a stored article.
func restored(beside, text string) (*pending, error) {
	var k known
	if err := json.Unmarshal([]byte(beside), &k); err != nil {
		return nil, err
	}
	var a newswire.Article
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return nil, err
	}
	p := k.pending(&a)
	p.restored = true
	return &p, nil
}
