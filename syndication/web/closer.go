package web

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

const (
	// closingTime is what a request may spend on closing pages before its feed is served with those that stand.
	closingTime = 100 * time.Millisecond

	// mostClosings bounds the topics whose archives wait to be closed. One that is left out is asked for again.
	mostClosings = 1024
)

// closer closes beside the requests what they had no time for: a long archive, when it is first asked for or its settings
// have changed.
type closer struct {
	store   Store
	timeout time.Duration              // of a step
	closed  func(topic newswire.Topic) // told when there is no more to do
	log     *slog.Logger

	running atomic.Bool // whether run takes steps

	mu     sync.Mutex                       // guards wanted
	wanted map[newswire.Topic]cache.Closing // that have yet to be done
	wake   chan struct{}                    // has a token when something is wanted
}

func newCloser(store Store, timeout time.Duration, log *slog.Logger) *closer {
	return &closer{store: store, timeout: timeout, log: log, wanted: map[newswire.Topic]cache.Closing{}, wake: make(chan struct{}, 1)}
}

// start takes the steps of a closing that there is time for, has the rest of them taken by run, and returns the number of
// the newest page that stands.
func (c *closer) start(ctx context.Context, closing cache.Closing) (newest int, err error) {
	began := time.Now()
	newest, more, err := c.store.Archive(ctx, closing)
	for more && err == nil && (time.Since(began) < closingTime || !c.running.Load()) {
		newest, more, err = c.store.Archive(ctx, closing)
	}
	if more && err == nil { // what run leaves undone when it ends is asked for again
		c.want(closing)
	}
	return newest, err
}

func (c *closer) want(closing cache.Closing) {
	c.mu.Lock()
	if _, known := c.wanted[closing.Topic]; known || len(c.wanted) < mostClosings {
		c.wanted[closing.Topic] = closing
	}
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// next removes some closing from those that are wanted.
func (c *closer) next() (cache.Closing, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for topic, closing := range c.wanted {
		delete(c.wanted, topic)
		return closing, true
	}
	return cache.Closing{}, false
}

// run closes what is wanted until ctx ends.
func (c *closer) run(ctx context.Context) {
	c.running.Store(true)
	defer c.running.Store(false)
	for {
		closing, ok := c.next()
		if ok {
			c.finish(ctx, closing)
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-c.wake:
		}
	}
}

// finish takes the steps of a closing. After each it pauses for as long as that took, so that others have their turns at the
// store. It gives up when a step fails, and when another process retires what was closed: the next rendering asks again.
func (c *closer) finish(ctx context.Context, closing cache.Closing) {
	for last := 0; ; {
		began := time.Now()
		newest, more, err := c.step(ctx, closing)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			c.log.WarnContext(ctx, "archive not closed for now", "topic", closing.Topic, "error", err)
			return
		case newest < last:
			return
		case !more:
			c.closed(closing.Topic)
			return
		}
		last = newest
		select {
		case <-ctx.Done():
		case <-time.After(time.Since(began)):
		}
	}
}

func (c *closer) step(ctx context.Context, closing cache.Closing) (newest int, more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	return c.store.Archive(ctx, closing)
}
