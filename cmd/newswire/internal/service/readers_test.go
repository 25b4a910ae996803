package service

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
)

// census is a cache.Audience in memory.
type census struct {
	cache.Audience
	numbers map[newswire.Topic]int
	asked   []newswire.Topic
	err     error
}

func (c *census) Readers(_ context.Context, _ time.Time, topics ...newswire.Topic) (map[newswire.Topic]int, error) {
	c.asked = topics
	return c.numbers, c.err
}

func TestPublishersHearOfTheFeedWithTheMostReaders(t *testing.T) {
	conf := &config.Config{
		Categories: []newswire.Category{{ID: "trade"}, {ID: "sport"}},
		Sources:    []newswire.Source{{ID: "a", Categories: []string{"trade", "sport"}}, {ID: "b"}},
	}
	var readers Readers
	subscribers := readers.Subscribers(conf)
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
		if err := readers.Ask(t.Context(), store); err != nil {
			t.Fatal(err)
		}
		if got := []int{subscribers("a"), subscribers("b"), subscribers("gone")}; got[0] != tt.a || got[1] != tt.b || got[2] != 0 {
			t.Errorf("%s: a has %d, b %d and one that is not there %d; want %d, %d and 0", tt.name, got[0], got[1], got[2], tt.a, tt.b)
		}
		if len(store.asked) != 5 {
			t.Errorf("asked for %v", store.asked)
		}
	}
	if err := readers.Ask(t.Context(), &census{err: errors.New("away")}); err == nil || subscribers("a") != 9 {
		t.Errorf("ask of a store that is away: %v, then %d; want its error, and what is known", err, subscribers("a"))
	}
}
