package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources"
)

// census is a cache.Audience in memory.
type census struct {
	cache.Audience
	numbers map[newswire.Topic]int
	asked   []int // topics, in each call
	err     error
}

func (c *census) Readers(_ context.Context, _ time.Time, topics ...newswire.Topic) (map[newswire.Topic]int, error) {
	c.asked = append(c.asked, len(topics))
	return c.numbers, c.err
}

func newCatalog(t *testing.T, list ...newswire.Source) *sources.Catalog {
	t.Helper()
	for i := range list {
		list[i].Schedule = "@hourly"
	}
	catalog, err := sources.NewCatalog(list, []newswire.Category{{ID: "trade"}, {ID: "sport"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

// TestReadersOfManySourcesAreAskedForSomeAtATime counts the topics of each call to the store.
func TestReadersOfManySourcesAreAskedForSomeAtATime(t *testing.T) {
	list := make([]newswire.Source, 2*topicsAtOnce)
	for i := range list {
		list[i].ID = fmt.Sprintf("s%d", i)
	}
	catalog := newCatalog(t, list...)
	for _, tt := range []struct {
		only []string
		want []int
	}{{nil, []int{topicsAtOnce, topicsAtOnce, 3}}, {[]string{"s1", "s7"}, []int{5}}} {
		var readers Readers
		store := &census{}
		if err := readers.Ask(t.Context(), store, catalog, tt.only...); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(store.asked, tt.want) {
			t.Errorf("asked for %v topics, want %v", store.asked, tt.want)
		}
	}
}

func TestPublishersHearOfTheFeedWithTheMostReaders(t *testing.T) {
	catalog := newCatalog(t, newswire.Source{ID: "a", Categories: []string{"trade", "sport"}}, newswire.Source{ID: "b"})
	var readers Readers
	subscribers := func(id string) int { return readers.Of(catalog.Source(id)) }
	if got := subscribers("a"); got != 0 {
		t.Errorf("%d before anything is known", got)
	}
	for _, tt := range []struct {
		name    string
		numbers map[newswire.Topic]int
		a, b    int
	}{
		{"without readers", nil, 0, 0},
		{"its own", map[newswire.Topic]int{"source/a": 3, "source/b": 2}, 3, 2},
		{"no sums", map[newswire.Topic]int{"source/a": 3, "category/trade": 2, "all": 2}, 3, 2},
		{"a category that has all of it", map[newswire.Topic]int{"source/a": 3, "category/sport": 7, "source/b": 1}, 7, 1},
		{"all", map[newswire.Topic]int{"source/a": 3, "category/sport": 7, "all": 9}, 9, 9},
	} {
		store := &census{numbers: tt.numbers}
		if err := readers.Ask(t.Context(), store, catalog); err != nil {
			t.Fatal(err)
		}
		if a, b := subscribers("a"), subscribers("b"); a != tt.a || b != tt.b {
			t.Errorf("%s: a has %d and b %d; want %d and %d", tt.name, a, b, tt.a, tt.b)
		}
		if !slices.Equal(store.asked, []int{5}) {
			t.Errorf("asked for %v topics, want 5 at once", store.asked)
		}
	}
	if err := readers.Ask(t.Context(), &census{err: errors.New("away")}, catalog); err == nil || subscribers("a") != 9 {
		t.Errorf("ask of a store that is away: %v, then %d; want its error, and what is known", err, subscribers("a"))
	}
}
