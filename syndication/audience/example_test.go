package audience_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/audience"
)

// printed is an audience.Store.
type printed struct{}

func (printed) Count(_ context.Context, _ time.Time, readers map[newswire.Topic]int) error {
	fmt.Println(readers)
	return nil
}

func ExampleCounter() {
	counter := audience.New(printed{}, audience.Options{})
	for _, agent := range []string{"A/1", "A/1", "B/1", "Somebot/1"} {
		r := httptest.NewRequest(http.MethodGet, "/feeds/all.atom", nil)
		r.Header.Set("User-Agent", agent)
		counter.Count(newswire.All, "atom", r)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop() // it reports when it ends, too
	_ = counter.Run(ctx)
	// Output:
	// map[all:2]
}
