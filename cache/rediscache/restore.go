package rediscache

import (
	"context"
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
		texts, err := s.textsOf(ctx, source, ids) // for the names of authors
		if err != nil {
			return fmt.Errorf("restore the listings of %s: %w", source, err)
		}
		some := make(backlog, len(ids))
		for _, t := range texts {
			a, err := s.decode(t)
			if err != nil {
				return err
			}
			if some[t.id], err = restored(stored[t.id], &a); err != nil {
				return fmt.Errorf("article %s: %w", t.id, err)
			}
			for topic := range some[t.id].Topics {
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

// textsOf are the articles of a source that are there.
func (s *server) textsOf(ctx context.Context, source string, ids []string) (texts []storedText, err error) {
	values, err := s.client.HMGet(ctx, s.keys.source(source).articles, ids...).Result()
	if err != nil {
		return nil, err
	}
	for i, v := range values {
		if text, ok := v.(string); ok { // else it was withdrawn a moment ago
			texts = append(texts, storedText{id: ids[i], text: text})
		}
	}
	return texts, s.findFrames(ctx, texts)
}

// restored is what listings and directory have to learn of a stored article.
func restored(beside string, a *newswire.Article) (*pending, error) {
	k, err := parseKnown(a.ID, beside)
	if err != nil {
		return nil, err
	}
	p := k.pending(a)
	p.restored = true
	return &p, nil
}
