package service

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
)

// readersEvery is how often the aggregator asks how many readers the sources have.
const readersEvery = 10 * time.Minute

// Readers knows how many readers each source has through us, for its publisher to hear.
type Readers struct {
	topics  atomic.Pointer[[]newswire.Topic]       // whose readers are to be known
	numbers atomic.Pointer[map[newswire.Topic]int] // of readers; nil before they were asked for
}

// Subscribers returns the numbers of a config's sources as they are known when it is called: 0 where nothing is.
//
// A reader may have several feeds that carry a source, so their readers are not added up: the number is that of the one
// feed with the most readers, among those with every article of the source. That is no more than there are.
func (r *Readers) Subscribers(conf *config.Config) func(source string) int {
	configured := make(map[string]*newswire.Source, len(conf.Sources))
	topics := []newswire.Topic{newswire.All}
	for _, c := range conf.Categories {
		topics = append(topics, newswire.CategoryTopic(c.ID))
	}
	for i := range conf.Sources {
		source := &conf.Sources[i]
		topics = append(topics, newswire.SourceTopic(source.ID))
		configured[source.ID] = source
	}
	r.topics.Store(&topics)
	return func(source string) int {
		numbers, s := r.numbers.Load(), configured[source]
		if numbers == nil || s == nil {
			return 0
		}
		most := max((*numbers)[newswire.All], (*numbers)[newswire.SourceTopic(source)])
		for _, id := range s.Categories {
			most = max(most, (*numbers)[newswire.CategoryTopic(id)])
		}
		return most
	}
}

// Ask learns the numbers from the store.
func (r *Readers) Ask(ctx context.Context, store cache.Audience) error {
	numbers, err := store.Readers(ctx, time.Now(), *r.topics.Load()...)
	if err == nil {
		r.numbers.Store(&numbers)
	}
	return err
}

// run asks at intervals until ctx ends.
func (r *Readers) run(ctx context.Context, store cache.Audience, log *slog.Logger) error {
	ticker := time.NewTicker(readersEvery)
	defer ticker.Stop()
	for {
		if err := r.Ask(ctx, store); err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "publishers hear an older number of readers", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
