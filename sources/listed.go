package sources

import (
	"context"
	"iter"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

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
