package rediscache

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire"
)

// block is for how long the server is asked to wait for an entry. A connection that was lost unnoticed is found out so.
const block = 5 * time.Second

// Await has the server wait for an entry after the cursor (XREAD BLOCK), on a connection of its own.
func (s changes) Await(ctx context.Context, after newswire.Cursor) (err error) {
	defer wrap(&err, "await changes after %q", after)
	entry, _ := entryOf(after)
	if _, ok := parseStreamID(entry); !ok {
		return newswire.ErrCursor
	}
	// The client does not give up a read when ctx ends; see Close.
	done := make(chan error, 1)
	s.awaiting.Go(func() { done <- s.grown(ctx, entry) })
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// grown returns nil when the log has an entry after one.
func (s *server) grown(ctx context.Context, entry string) error {
	for ctx.Err() == nil {
		err := s.client.XRead(ctx, &redis.XReadArgs{Streams: []string{s.keys.log(), entry}, Count: 1, Block: block}).Err()
		if !errors.Is(err, redis.Nil) {
			return err
		}
	}
	return ctx.Err()
}
