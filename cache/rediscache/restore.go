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

// restore has listings and directory learn all articles of a source but those of a backlog, which they have just learned. It does
// nothing where the directory is whole and the source has had no article in the topics that were unlisted: an author's first
// article is no loss. Nothing is appended to the change log: what followers knew of these articles holds.
func (s *server) restore(ctx context.Context, source, token string, but backlog, unlisted []newswire.Topic, unlogged bool) error {
	keys := s.keys.source(source)
	fields := []string{toldTopics}
	for _, topic := range unlisted {
		fields = append(fields, topicField(topic))
	}
	noted, err := s.client.HMGet(ctx, keys.meta, fields...).Result()
	if err != nil {
		return fmt.Errorf("restore the listings of %s: %w", source, err)
	}
	had := slices.ContainsFunc(noted[1:], func(value any) bool { return value != nil })
	if noted[0] != nil && !had && !unlogged {
		return nil
	}
	stored, err := s.client.HGetAll(ctx, keys.known).Result()
	if err != nil {
		return fmt.Errorf("restore the listings of %s: %w", source, err)
	}
	for id := range but {
		delete(stored, id)
	}
	topics := map[string]any{toldTopics: 1}
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
			for topic := range some[id].Topics {
				topics[topicField(topic)] = 1
			}
		}
		if _, err := s.list(ctx, source, token, some); err != nil {
			return err
		}
		if _, err := s.log(ctx, source, token, some); err != nil {
			return err
		}
	}
	if err := s.client.HSet(ctx, keys.meta, topics).Err(); err != nil {
		return fmt.Errorf("restore the listings of %s: %w", source, err)
	}
	return nil
}

// toldTopics is the field of a source's meta that says that topics beside it are all those in which it ever had a logged article;
// without it, a program before they were noted has recorded articles.
const toldTopics = "topics"

// topicField is the field that notes a topic there, as the finish script does.
func topicField(topic newswire.Topic) string { return "+" + string(topic) }

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
