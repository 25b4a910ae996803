package revision

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/newswire/newswire"
)

// follower is where the engine is in the change log. Only [Engine.Run] moves it.
type follower struct {
	attached bool
	cursor   newswire.Cursor
	heard    atomic.Int64          // Unix nanoseconds at which the log was last known to hold no other news
	lost     atomic.Bool           // the last poll failed
	failure  atomic.Pointer[error] // of the last poll; nil when it went well
}

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
		// What was removed while no process listened must leave the snapshot too.
		e.follower.cursor = e.options.Snapshot.Cursor()
		e.follower.attached = e.follower.cursor != ""
		beside.Go(func() { e.persist(ctx) })
	}
	ticker := time.NewTicker(e.options.Poll)
	defer ticker.Stop()
	for {
		e.poll(ctx)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// poll hears all there is to hear, and notes whether that went well.
func (e *Engine) poll(ctx context.Context) {
	f := &e.follower
	began := e.options.Now()
	err := e.listen(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		f.failure.Store(&err)
		if !f.lost.Swap(true) {
			e.options.Log.WarnContext(ctx, "store lost, the last good feeds are served", "error", err)
		}
	default:
		raise(&f.heard, began.UnixNano())
		f.failure.Store(nil)
		if f.lost.Swap(false) {
			e.options.Log.InfoContext(ctx, "store found again")
		}
	}
}

// listen marks what the log names, to its end.
func (e *Engine) listen(ctx context.Context) error {
	const batch = 1000
	f := &e.follower
	if !f.attached {
		return e.attach(ctx)
	}
	defer func() { e.persister.reach(f.cursor) }()
	heard := f.heard.Load()
	for {
		changes, err := e.changes(ctx, f.cursor, batch)
		if errors.Is(err, newswire.ErrCursor) {
			e.options.Log.WarnContext(ctx, "the store is another one, or was put back from a copy: "+
				"pages of archives may get numbers again that readers have met", "cursor", f.cursor)
		}
		if errors.Is(err, newswire.ErrGone) || errors.Is(err, newswire.ErrCursor) {
			f.attached = false // the log was trimmed, or is another store's
			return e.attach(ctx)
		}
		if err != nil {
			return fmt.Errorf("follow the change log: %w", err)
		}
		for _, c := range changes {
			e.mark(c, heard)
			f.cursor = c.Cursor
		}
		if len(changes) < batch {
			return nil
		}
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

// attach begins at the end of the log. What was rendered before that may lack a change that went by unheard.
func (e *Engine) attach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, e.options.Timeout)
	defer cancel()
	head, err := e.log.Head(ctx)
	if err != nil {
		return fmt.Errorf("find the end of the change log: %w", err)
	}
	e.follower.cursor, e.follower.attached = head, true
	e.Invalidate()
	e.persister.restart(head)
	return nil
}

func (e *Engine) changes(ctx context.Context, after newswire.Cursor, limit int) ([]newswire.Change, error) {
	ctx, cancel := context.WithTimeout(ctx, e.options.Timeout)
	defer cancel()
	return e.log.Changes(ctx, after, limit)
}
