package lookup

import (
	"context"
	"errors"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cmd/newswire/internal/stores"
	"github.com/newswire/newswire/sources"
)

// Visited is what a visit would have us publish.
type Visited struct {
	Result   sources.Result
	Articles []newswire.Article // newest first
	Held     []newswire.Article // what looks injected or a rule holds or drops, and would not be published
	Unlisted []newswire.Article // what waits for its time, or is past it
}

// Visit visits a source of a setup by the same machinery as the service, with a store that is thrown away.
func Visit(ctx context.Context, setup sources.Setup, id string, timeout time.Duration) (_ *Visited, err error) {
	store, err := stores.OpenTemporary(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()

	v := &Visited{}
	aggregator := sources.NewAggregator(store, setup, sources.Options{
		VisitTimeout: timeout,
		Report:       func(r sources.Result) { v.Result = r },
	})
	if err := aggregator.Round(ctx, id); err != nil {
		return nil, err
	}
	for topic, list := range map[newswire.Topic]*[]newswire.Article{
		newswire.SourceTopic(id): &v.Articles, newswire.HeldTopic(id): &v.Held, newswire.UnlistedTopic(id): &v.Unlisted,
	} {
		if *list, err = Articles(ctx, store, topic); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// Articles is all of a topic.
func Articles(ctx context.Context, store cache.Store, topic newswire.Topic) ([]newswire.Article, error) {
	var all []newswire.Article
	for after := newswire.Cursor(""); ; {
		page, err := store.Articles(ctx, cache.Query{Topic: topic, After: after, Limit: 200})
		if err != nil {
			return nil, err
		}
		all = append(all, page.Articles...)
		if after = page.Next; after == "" {
			return all, nil
		}
	}
}
