package service

import (
	"context"
	"log/slog"
	"maps"
	"sync/atomic"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources"
)

// readersEvery is how often the aggregator asks how many readers the sources have.
const readersEvery = 10 * time.Minute

// topicsAtOnce is of how many topics a store is asked at a time.
const topicsAtOnce = 1000

// Readers knows how many readers each source has through us, for its publisher to hear.
type Readers struct {
	numbers atomic.Pointer[map[newswire.Topic]int] // of the topics that have any; nil before they were asked for
}

// Of is the number of a source: 0 where nothing is known.
//
// A reader may have several feeds that carry a source, so their readers are not added up: the number is that of the one
// feed with the most readers, among those with every article of the source. That is no more than there are.
func (r *Readers) Of(source *newswire.Source) int {
	numbers := r.numbers.Load()
	if numbers == nil {
		return 0
	}
	most := max((*numbers)[newswire.All], (*numbers)[newswire.SourceTopic(source.ID)])
	for _, id := range source.Categories {
		most = max(most, (*numbers)[newswire.CategoryTopic(id)])
	}
	return most
}

// Ask learns the numbers of a catalog's sources from the store, some at a time, or of those alone that are named.
func (r *Readers) Ask(ctx context.Context, store cache.Audience, catalog *sources.Catalog, only ...string) error {
	now, numbers := time.Now(), map[newswire.Topic]int{}
	topics := []newswire.Topic{newswire.All}
	for _, c := range catalog.Categories() {
		topics = append(topics, newswire.CategoryTopic(c.ID))
	}
	if len(only) == 0 {
		only = catalog.Sources()
	}
	ask := func() error {
		some, err := store.Readers(ctx, now, topics...)
		maps.Copy(numbers, some)
		topics = topics[:0]
		return err
	}
	for _, id := range only {
		if topics = append(topics, newswire.SourceTopic(id)); len(topics) >= topicsAtOnce {
			if err := ask(); err != nil {
				return err
			}
		}
	}
	if err := ask(); err != nil {
		return err
	}
	r.numbers.Store(&numbers)
	return nil
}

// run asks at intervals until ctx ends.
func (r *Readers) run(ctx context.Context, store cache.Audience, setup func() *sources.Setup, log *slog.Logger) error {
	ticker := time.NewTicker(readersEvery)
	defer ticker.Stop()
	for {
		if err := r.Ask(ctx, store, setup().Catalog); err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "publishers hear an older number of readers", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
