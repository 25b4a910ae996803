package web

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// mostClosings bounds the topics whose archives wait to be closed. One that is left out is asked for again.
const mostClosings = 1024

// closer closes pages of archives beside the requests. The first step of a closing is taken at once, and is all that there is to
// do for an archive that grows. What takes more, an archive that is long when it is first asked for or whose settings have
// changed, is closed step by step, with pauses. No request fails with a step, or waits for more than a moment.
type closer struct {
	store   Store
	timeout time.Duration              // of a step
	wait    time.Duration              // of a request for the first step, before its feed is served with the pages that stand
	closed  func(topic newswire.Topic) // told of pages that the last rendering cannot know of
	log     *slog.Logger

	running atomic.Bool // whether run takes the steps

	first chan *closing // those without a step so far
	rest  chan *closing // those that take more

	mu     sync.Mutex                  // guards wanted, and what is in it
	wanted map[newswire.Topic]*closing // all that are in first or rest, or taking a step
}

// closing is what is to be closed of a topic, and how far that is.
type closing struct {
	cache.Closing
	renewed bool          // since the step that is being taken began
	late    bool          // some request did not wait for the first step
	done    chan struct{} // closed after that
	newest  int           // page, after the last step
	failed  bool          // the last step did
}

// stepped says whether the first step was taken.
func (g *closing) stepped() bool {
	select {
	case <-g.done:
		return true
	default:
		return false
	}
}

func newCloser(store Store, o *Options) *closer {
	return &closer{
		store: store, timeout: cmp.Or(o.StoreTimeout, 3*time.Second), wait: o.ArchiveWait, log: o.Log, closed: func(newswire.Topic) {},
		first: make(chan *closing, mostClosings), rest: make(chan *closing, mostClosings), wanted: map[newswire.Topic]*closing{},
	}
}

// start has pages closed, and returns the number of the newest page that stands.
func (c *closer) start(ctx context.Context, want cache.Closing) (newest int, err error) {
	if !c.running.Load() {
		return c.close(ctx, want)
	}
	if g := c.want(want); g != nil {
		if newest, ok := c.await(ctx, g); ok {
			return newest, nil
		}
	}
	return c.store.Newest(ctx, want.Topic, want.Settings)
}

// close takes the steps in the request, in half of the time that there is. What it leaves undone is asked for again.
func (c *closer) close(ctx context.Context, want cache.Closing) (newest int, err error) {
	began := time.Now()
	newest, more, err := c.store.Archive(ctx, want)
	for more && err == nil && time.Since(began) < c.timeout/2 {
		newest, more, err = c.store.Archive(ctx, want)
	}
	return newest, err
}

// want has a closing done. It returns nil if its first step was taken before, or there are too many.
func (c *closer) want(want cache.Closing) *closing {
	c.mu.Lock()
	defer c.mu.Unlock()
	g := c.wanted[want.Topic]
	switch {
	case g == nil && len(c.wanted) < mostClosings:
		g = &closing{Closing: want, done: make(chan struct{})}
		c.wanted[want.Topic] = g
		c.first <- g // it has room for all that are wanted
		return g
	case g == nil:
		return nil
	case g.Closing != want:
		if g.Settings != want.Settings {
			g.newest = 0
		}
		g.Closing, g.renewed = want, true
	}
	if g.stepped() {
		return nil
	}
	return g
}

// await waits a moment for the first step of a closing, and says which page is the newest then.
func (c *closer) await(ctx context.Context, g *closing) (newest int, ok bool) {
	timer := time.NewTimer(c.wait)
	defer timer.Stop()
	select {
	case <-g.done:
	case <-timer.C:
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !g.stepped() {
		g.late = true
		return 0, false
	}
	return g.newest, !g.failed && !g.renewed
}

// run closes what is wanted until ctx ends.
func (c *closer) run(ctx context.Context) {
	c.running.Store(true)
	defer c.running.Store(false)
	var both sync.WaitGroup
	defer both.Wait()
	both.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case g := <-c.first:
				c.step(ctx, g)
			}
		}
	})
	for {
		select {
		case <-ctx.Done():
			return
		case g := <-c.rest:
			began := time.Now()
			pause := c.timeout
			if c.step(ctx, g) {
				pause = time.Since(began) // so that others have their turns at the store
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
		}
	}
}

// step takes a step of a closing, and has the next one taken if there is more to do. It reports false if it failed.
func (c *closer) step(ctx context.Context, g *closing) bool {
	c.mu.Lock()
	want := g.Closing
	g.renewed = false
	c.mu.Unlock()
	stepping, cancel := context.WithTimeout(ctx, c.timeout)
	newest, more, err := c.store.Archive(stepping, want)
	cancel()
	if err != nil && ctx.Err() == nil && !g.failed {
		c.log.WarnContext(ctx, "archive not closed for now", "topic", want.Topic, "error", err)
	}
	if c.proceed(g, step{newest, more, err}) {
		c.closed(want.Topic)
	}
	return err == nil
}

// step is what came of one.
type step struct {
	newest int
	more   bool
	err    error
}

// proceed has the next step of a closing taken, if there is one, and says whether all is closed that some rendering does not
// know of. It gives up where another process retires what was closed: the next rendering asks again.
func (c *closer) proceed(g *closing, s step) (closed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	retired := s.err == nil && !g.renewed && s.newest < g.newest
	untold := g.late || g.stepped()
	if g.failed = s.err != nil; !g.failed && !g.renewed {
		g.newest = s.newest
	}
	if !g.stepped() {
		close(g.done)
	}
	if !retired && (s.err != nil || s.more || g.renewed) {
		c.rest <- g // it has room for all that are wanted
		return false
	}
	delete(c.wanted, g.Topic)
	return untold && !retired
}
