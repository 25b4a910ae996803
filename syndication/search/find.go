package search

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/newswire/newswire"
)

const (
	readAtOnce = 8   // articles that are read from the store at a time
	mostRead   = 500 // articles that are read for a part, at most
)

// Find finds articles. One that is gone by now is left out. The index tells which articles have the words of a phrase; whether
// they follow each other is looked up in the articles, so many at most for a part, which may then have fewer articles than
// its limit and yet more after it. [ErrFilling] as long as not all are known.
func (x *Index) Find(ctx context.Context, w Wanted) (Found, error) {
	if !x.filled.Load() {
		return Found{}, ErrFilling
	}
	found := Found{Last: w.After}
	if w.Query.Empty() {
		return found, nil
	}
	for looked := 0; looked < mostRead; looked += w.Limit {
		places, more, err := x.file.find(ctx, Wanted{Query: w.Query, After: found.Last, Limit: w.Limit})
		if err != nil {
			return Found{}, fmt.Errorf("search: %w", err)
		}
		articles, err := x.read(ctx, w.Query, places)
		if err != nil {
			return Found{}, fmt.Errorf("search: %w", err)
		}
		found.More = more
		for i := range places {
			if len(found.Articles) == w.Limit {
				found.More = true
				return found, nil
			}
			found.Last = places[i]
			if articles[i].ID != "" {
				found.Articles = append(found.Articles, articles[i])
			}
		}
		if !more {
			break
		}
	}
	return found, nil
}

// read reads the articles at places. One that is gone, or has not the phrases of the query, is the zero article.
func (x *Index) read(ctx context.Context, q Query, places []Place) ([]newswire.Article, error) {
	articles, phrases, now := make([]newswire.Article, len(places)), q.phrases(), x.options.Now()
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(readAtOnce)
	for i, p := range places {
		g.Go(func() error {
			a, err := x.store.Article(ctx, p.Article)
			switch {
			case errors.Is(err, newswire.ErrNotFound), errors.Is(err, newswire.ErrWithdrawn):
				return nil
			case err != nil:
				return fmt.Errorf("article %q: %w", p.Article, err)
			}
			if phrases {
				if e := newEntry(a, now); e.listed.IsZero() || !q.agrees(&e) {
					return nil
				}
			}
			articles[i] = a
			return nil
		})
	}
	return articles, g.Wait()
}
