package sources

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/sqlitecache"
)

// counting is a store that counts what is asked of it.
type counting struct {
	Store
	calls, longest int // calls, and the most sources in one
	rescheduled    atomic.Int64
}

func (c *counting) Topics(ctx context.Context, kind newswire.Kind, after newswire.Cursor, limit int) ([]cache.Listing, newswire.Cursor, error) {
	c.calls++
	return c.Store.Topics(ctx, kind, after, limit)
}

func (c *counting) Next(ctx context.Context) (cache.Upcoming, error) {
	c.calls++
	return c.Store.Next(ctx)
}

func (c *counting) Align(ctx context.Context, index, catalog string) error {
	c.calls++
	return c.Store.Align(ctx, index, catalog)
}

func (c *counting) Reschedule(ctx context.Context, source string, from, to time.Time) error {
	c.rescheduled.Add(1)
	return c.Store.Reschedule(ctx, source, from, to)
}

func (c *counting) Due(ctx context.Context, only ...string) (map[string]time.Time, error) {
	c.calls++
	if len(only) == 0 {
		c.longest = 1 << 30
	}
	c.longest = max(c.longest, len(only))
	return c.Store.Due(ctx, only...)
}

func (c *counting) States(ctx context.Context, ids ...string) (map[string]newswire.State, error) {
	c.calls++
	c.longest = max(c.longest, len(ids))
	return c.Store.States(ctx, ids...)
}

func emptyStore(t *testing.T) Store {
	t.Helper()
	store, err := sqlitecache.Open(t.Context(), filepath.Join(t.TempDir(), "wire.db"), sqlitecache.Options{Hasty: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

func longCatalog(t *testing.T, sources int) *Catalog {
	t.Helper()
	list := make([]newswire.Source, sources)
	for i := range list {
		list[i] = newswire.Source{ID: fmt.Sprintf("s%d", i), URL: "https://a.example/feed", Schedule: "@hourly"}
	}
	catalog, err := NewCatalog(list, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

// TestAnUnchangedConfigIsNotReadAgainstTheStore counts what a start asks of a store that another start left in line.
func TestAnUnchangedConfigIsNotReadAgainstTheStore(t *testing.T) {
	store := emptyStore(t)
	for _, tt := range []struct {
		name           string
		sources, calls int
		rescheduled    int64
	}{
		{"a new store", 2000, 1 + 1 + 4 + 3 + 1 + 1, 2000}, // Next, Due, States of 500, Topics of three kinds, Next, Align
		{"the same config", 2000, 1, 0},
		{"a source more", 2001, 12, 1},
		{"a source less", 2000, 11, 0},
		{"the same config again", 2000, 1, 0},
	} {
		counted := &counting{Store: store}
		a := NewAggregator(counted, Setup{Catalog: longCatalog(t, tt.sources)}, Options{})
		if _, err := a.next(t.Context(), &dueIndex{}); err != nil {
			t.Fatal(err)
		}
		if got := counted.rescheduled.Load(); counted.calls != tt.calls || got != tt.rescheduled {
			t.Errorf("%s: %d calls and %d sources rescheduled, want %d and %d", tt.name, counted.calls, got, tt.calls, tt.rescheduled)
		}
	}
}

// TestStandingsAreReadSomeAtATime counts what is asked of the store for long lists of sources.
func TestStandingsAreReadSomeAtATime(t *testing.T) {
	store := emptyStore(t)
	for _, tt := range []struct {
		n    int
		only []string
		want int // calls at most
	}{{n: 1000, want: 4}, {n: 10_000, want: 40}, {n: 10_000, only: []string{"s7"}, want: 2}} {
		catalog := longCatalog(t, tt.n)
		counted, told := &counting{Store: store}, 0
		err := EachStanding(t.Context(), counted, catalog, func(some []Standing) error {
			told += len(some)
			return nil
		}, tt.only...)
		if err != nil {
			t.Fatal(err)
		}
		if want := max(len(tt.only), tt.n*(1-len(tt.only))); told != want {
			t.Errorf("%d of %d sources were told of", told, want)
		}
		if counted.calls > tt.want || counted.longest > syncAtOnce {
			t.Errorf("%d sources: %d calls, of at most %d sources; want %d of %d", tt.n, counted.calls, counted.longest, tt.want, syncAtOnce)
		}
	}
}
