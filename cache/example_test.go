package cache_test

import (
	"context"
	"fmt"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// printer prints what happens to articles.
type printer struct{ end context.CancelFunc }

func (p printer) Changed(_ context.Context, changes []newswire.Change) error {
	for _, c := range changes {
		fmt.Println(c.Op, c.Article, "revision", c.Revision)
	}
	return nil
}

func (p printer) Reset(_ context.Context, head newswire.Cursor, _ error) error {
	fmt.Println("following from", head)
	return nil
}

func (p printer) Polled(context.Context, time.Time, error) { p.end() }

// A follower hears of every change from now on. It would remember the last cursor, to go on from it after a restart.
func ExampleFollower() {
	ctx, cancel := context.WithCancel(context.Background())
	store := &log{heads: headsScript{head("42", nil)}} // a cache.Store
	_ = cache.NewFollower(store, printer{cancel}, cache.FollowerOptions{}).Run(ctx)

	ctx, cancel = context.WithCancel(context.Background())
	*store = log{changes: changesScript{func(context.Context, newswire.Cursor) ([]newswire.Change, error) {
		return []newswire.Change{{Cursor: "43", Op: newswire.Put, Article: "dsb-1", Revision: 1}}, nil
	}}}
	_ = cache.NewFollower(store, printer{cancel}, cache.FollowerOptions{After: "42"}).Run(ctx)
	// Output:
	// following from 42
	// put dsb-1 revision 1
}
