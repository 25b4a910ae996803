package sources

import (
	"context"
	"errors"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources/pace"
)

// repeating is a store that is asked again while it does not answer. It is for what belongs to a claimed source: without that, a
// failover of a second would cost each visit that is under way, and leave its source alone until the lease ends.
type repeating struct {
	Store
	pause time.Duration // between two attempts
}

// mostRepeats is how often one call is repeated. A store that is away for longer is waited for without claims.
const mostRepeats = 30

// answers are the errors with which a store answers. Any other says that it could not be asked.
var answers = []error{newswire.ErrFenced, newswire.ErrNotFound, newswire.ErrWithdrawn, newswire.ErrCursor, newswire.ErrGone}

// repeat calls the store until it answers, ctx ends, or that was too often.
func repeat[T any](ctx context.Context, s repeating, call func() (T, error)) (T, error) {
	for n := 0; ; n++ {
		got, err := call()
		if err == nil || isAnswer(err) || n == mostRepeats || pace.Sleep(ctx, s.pause) != nil {
			return got, err
		}
	}
}

func isAnswer(err error) bool {
	for _, answer := range answers {
		if errors.Is(err, answer) {
			return true
		}
	}
	return false
}

// do is repeat for a call that returns nothing else.
func (s repeating) do(ctx context.Context, call func() error) error {
	_, err := repeat(ctx, s, func() (struct{}, error) { return struct{}{}, call() })
	return err
}

func (s repeating) States(ctx context.Context, sources ...string) (map[string]newswire.State, error) {
	return repeat(ctx, s, func() (map[string]newswire.State, error) { return s.Store.States(ctx, sources...) })
}

func (s repeating) Known(ctx context.Context, source string, ids []string) (map[string]cache.Known, error) {
	return repeat(ctx, s, func() (map[string]cache.Known, error) { return s.Store.Known(ctx, source, ids) })
}

func (s repeating) Articles(ctx context.Context, q cache.Query) (cache.Page, error) {
	return repeat(ctx, s, func() (cache.Page, error) { return s.Store.Articles(ctx, q) })
}

func (s repeating) Article(ctx context.Context, id string) (newswire.Article, error) {
	return repeat(ctx, s, func() (newswire.Article, error) { return s.Store.Article(ctx, id) })
}

func (s repeating) Withdraw(ctx context.Context, id, reason string) (newswire.Tombstone, error) {
	return repeat(ctx, s, func() (newswire.Tombstone, error) { return s.Store.Withdraw(ctx, id, reason) })
}

func (s repeating) Sweep(ctx context.Context, lease cache.Lease, keep newswire.Retention) (int, error) {
	return repeat(ctx, s, func() (int, error) { return s.Store.Sweep(ctx, lease, keep) })
}

func (s repeating) Record(ctx context.Context, lease cache.Lease, visit newswire.Visit, turns ...cache.Turn) error {
	return s.do(ctx, func() error { return s.Store.Record(ctx, lease, visit, turns...) })
}

func (s repeating) Postpone(ctx context.Context, lease cache.Lease, until time.Time) error {
	return s.do(ctx, func() error { return s.Store.Postpone(ctx, lease, until) })
}
