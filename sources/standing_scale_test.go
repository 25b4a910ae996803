package sources

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache/sqlitecache"
)

// counting is a store that counts what is asked of it.
type counting struct {
	Store
	calls, longest int // calls, and the most sources in one
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

// TestStandingsAreReadSomeAtATime counts what is asked of the store for long lists of sources.
func TestStandingsAreReadSomeAtATime(t *testing.T) {
	store, err := sqlitecache.Open(t.Context(), filepath.Join(t.TempDir(), "wire.db"), sqlitecache.Options{Hasty: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	for _, tt := range []struct {
		n    int
		only []string
		want int // calls at most
	}{{n: 1000, want: 4}, {n: 10_000, want: 40}, {n: 10_000, only: []string{"s7"}, want: 2}} {
		list := make([]newswire.Source, tt.n)
		for i := range list {
			list[i] = newswire.Source{ID: fmt.Sprintf("s%d", i), URL: "https://a.example/feed", Schedule: "@hourly"}
		}
		catalog, err := NewCatalog(list, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		counted, told := &counting{Store: store}, 0
		err = EachStanding(t.Context(), counted, catalog, func(some []Standing) error {
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
