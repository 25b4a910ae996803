package revision

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// follower is what the engine knows of the change log, as the [cache.Listener] of the one that reads it.
type follower struct {
	engine  *Engine
	cursor  newswire.Cursor       // of the last change that was read; for [Engine.Run] alone
	heard   atomic.Int64          // Unix nanoseconds at which the log was last known to hold no other news
	lost    atomic.Bool           // the last poll failed
	failure atomic.Pointer[error] // of the last poll; nil when it went well
	loop    atomic.Pointer[cache.Follower]
	asked   atomic.Int64 // Unix nanoseconds since which the log owes an answer; 0 while it does not

	mu    sync.Mutex    // guards the rest
	began time.Time     // of the last poll that went well; with its monotonic reading, unlike heard
	ended chan struct{} // closed when the next poll has ended; nil while no request waits for that
}

var _ cache.Listener = (*follower)(nil)

// Run follows the change log until ctx ends, and returns ctx.Err(). What a change touches is rendered again when it is
// next asked for, and Run does so for readers that need not wait. While the store cannot be reached the cursor stays, so
// nothing is missed; where the log was trimmed beyond the cursor, everything counts as changed. Beside that Run writes the
// snapshot. One Run at a time.
func (e *Engine) Run(ctx context.Context) error {
	var beside sync.WaitGroup
	defer beside.Wait()
	for range cap(e.slots) {
		beside.Go(func() { e.renew(ctx) })
	}
	if e.options.Snapshot != nil {
		if e.follower.cursor == "" {
			// What was removed while no process listened must leave the snapshot too.
			e.follower.cursor = e.options.Snapshot.Cursor()
		}
		beside.Go(func() { e.persist(ctx) })
	}
	loop := cache.NewFollower(watchedLog{e.log, e}, &e.follower, cache.FollowerOptions{
		After: e.follower.cursor, Poll: e.options.Poll, Timeout: e.options.Timeout, Now: e.options.Now,
	})
	e.follower.loop.Store(loop)
	return loop.Run(ctx)
}

// stall is how long the change log may owe an answer before the store counts as one that stalls. To read the end of the log is one
// short read, so that one that takes a hundred times as long says more of the store than of the read. A stall is known by
// then and a poll, which is before the time for which a stale revision lingers is over: so a reader need not meet it.
const stall = 100 * time.Millisecond

// watchedLog notes since when the log owes an answer to its follower.
type watchedLog struct {
	cache.ChangeLog
	engine *Engine
}

// Changes implements [cache.ChangeLog].
func (w watchedLog) Changes(ctx context.Context, after newswire.Cursor, limit int) ([]newswire.Change, error) {
	w.engine.follower.asked.Store(w.engine.options.Now().UnixNano())
	defer w.engine.follower.asked.Store(0)
	return w.ChangeLog.Changes(ctx, after, limit)
}

// stalls says whether the store owes an answer for so long that none is to wait for another.
func (f *follower) stalls() bool {
	asked := f.asked.Load()
	return asked != 0 && time.Duration(f.engine.options.Now().UnixNano()-asked) >= stall
}

// catchUp waits until a poll that began after the call has read the log to its end.
func (f *follower) catchUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, f.engine.options.Timeout)
	defer cancel()
	since := f.engine.options.Now()
	for {
		f.mu.Lock()
		if !f.began.Before(since) {
			f.mu.Unlock()
			return nil
		}
		if f.ended == nil {
			f.ended = make(chan struct{})
		}
		ended := f.ended
		f.mu.Unlock()
		if loop := f.loop.Load(); loop != nil {
			loop.Nudge()
		}
		select {
		case <-ended:
		case <-ctx.Done():
			return fmt.Errorf("%w: the change log was not read in time: %w", ErrBehind, ctx.Err())
		}
		if failure := f.failure.Load(); failure != nil {
			return fmt.Errorf("%w: %w", ErrBehind, *failure)
		}
	}
}

// Changed marks what changes touch.
func (f *follower) Changed(ctx context.Context, changes []newswire.Change) error {
	f.engine.options.Tracer.Heard(ctx, changes, f.engine.marks.Load()+1)
	heard := f.heard.Load()
	for _, c := range changes {
		f.engine.mark(c, heard)
		f.cursor = c.Cursor
	}
	if f.engine.refill.mark.Load() == 0 { // a process that starts while the store fills is to hear of that too
		f.engine.persister.reach(f.cursor)
	}
	return nil
}

// Reset has everything made again: what was rendered before may lack a change that went by unheard.
func (f *follower) Reset(ctx context.Context, head newswire.Cursor, why error) error {
	switch {
	case errors.Is(why, newswire.ErrReplaced):
		f.engine.options.Log.WarnContext(ctx, "the store is another one, or was put back from a copy: "+
			"pages of archives may get numbers again that readers have met", "cursor", f.cursor)
	case errors.Is(why, newswire.ErrCursor):
		f.engine.options.Log.WarnContext(ctx, "the cursor of the snapshot cannot be read: the change log is followed from its end",
			"cursor", f.cursor)
	}
	f.cursor = head
	if errors.Is(why, newswire.ErrReplaced) && f.engine.refill.await(ctx) {
		return nil
	}
	f.engine.Invalidate()
	f.engine.persister.restart(head)
	return nil
}

// Polled notes whether a poll went well.
func (f *follower) Polled(ctx context.Context, began time.Time, err error) {
	defer f.tellWaiting(began, err)
	if err != nil {
		f.failure.Store(&err)
		if !f.lost.Swap(true) {
			f.engine.options.Log.WarnContext(ctx, "store lost, the last good feeds are served", "error", err)
		}
		return
	}
	raise(&f.heard, began.UnixNano())
	f.failure.Store(nil)
	if f.lost.Swap(false) {
		f.engine.options.Log.InfoContext(ctx, "store found again")
	}
	f.engine.refill.end(ctx)
}

// tellWaiting wakes the requests that wait for the end of a poll.
func (f *follower) tellWaiting(began time.Time, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil {
		f.began = began
	}
	if f.ended != nil {
		close(f.ended)
		f.ended = nil
	}
}

// mark makes stale what a change touches. All that was committed until heard was heard of before.
func (e *Engine) mark(c newswire.Change, heard int64) {
	n := news{mark: e.marks.Add(1), after: heard}
	if c.Op == newswire.Remove {
		n.after = 0 // what is gone is shown to no reader from now on
	}
	for _, topic := range c.Topics {
		e.shelf.mark(topic, n, c.Op == newswire.Remove || c.Revision > 1)
	}
	if c.Op == newswire.Remove && e.options.Snapshot != nil {
		e.persister.remove(c)
	}
}
