package sources

import (
	"context"
	"iter"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// reclassify looks at the source's stored articles again when what they are classified by has changed, and adds those that
// come out differently to the visit.
func (v *visiting) reclassify(ctx context.Context) error {
	state, digest := &v.record.State, v.source.digests.classify
	if state.Settings == digest {
		return nil
	}
	inVisit := make(map[string]bool, len(v.record.Articles))
	for i := range v.record.Articles {
		inVisit[v.record.Articles[i].ID] = true
	}
	for _, topic := range v.source.topics() {
		for article, err := range listed(ctx, v.store, topic) {
			if err != nil {
				return err
			}
			before := article.Digest()
			v.setup.Catalog.classifyAgain(&article, v.source)
			if !inVisit[article.ID] && article.Digest() != before {
				article.Revision++
				v.record.Articles = append(v.record.Articles, article)
			}
		}
	}
	state.Settings = digest
	return nil
}

// topics list all stored articles of a source, those that are held too.
func (s *scheduled) topics() []newswire.Topic {
	return []newswire.Topic{newswire.SourceTopic(s.ID), newswire.HeldTopic(s.ID)}
}

// pageOf is how many stored articles are read together.
const pageOf = 200

// lister pages through a topic.
type lister interface {
	Articles(ctx context.Context, q cache.Query) (cache.Page, error)
}

// listed are all articles of a topic, newest first. An error ends them.
func listed(ctx context.Context, store lister, topic newswire.Topic) iter.Seq2[newswire.Article, error] {
	return func(yield func(newswire.Article, error) bool) {
		for after := newswire.Cursor(""); ; {
			page, err := store.Articles(ctx, cache.Query{Topic: topic, After: after, Limit: pageOf})
			if err != nil {
				yield(newswire.Article{}, err)
				return
			}
			for _, article := range page.Articles {
				if !yield(article, nil) {
					return
				}
			}
			if after = page.Next; after == "" {
				return
			}
		}
	}
}
