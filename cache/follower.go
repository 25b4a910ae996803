package cache

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/newswire/newswire"
)

// ChangeLog is the part of [Changes] that a follower reads.
type ChangeLog interface {
	Changes(ctx context.Context, after newswire.Cursor, limit int) ([]newswire.Change, error)
	Head(ctx context.Context) (newswire.Cursor, error)
	Await(ctx context.Context, after newswire.Cursor) error
}

var _ ChangeLog = Changes(nil)

// Listener is told what a [Follower] reads. Its methods are called one at a time.
type Listener interface {
	// Changed tells the records that follow the last ones, oldest first, at least one. The Cursor of the last is the place
	// to go on from after a restart. After an error the same records are told again with the next poll, and newer ones with
	// them. A crash of a writer may repeat a record: see [newswire.Change].
	Changed(ctx context.Context, changes []newswire.Change) error

	// Reset tells that the log is followed from a new place, its end, and that records before that place are not told: what
	// was derived from earlier ones is to be made again from a listing. Why is nil where a Follower begins without a cursor.
	// Otherwise it wraps ErrGone when the records were trimmed, ErrReplaced when the store is another one or was emptied, or
	// ErrCursor when the cursor cannot be read. After an
	// error the log's end is looked up again with the next poll, and told with the same why.
	Reset(ctx context.Context, head newswire.Cursor, why error) error

	// Polled tells how a poll ended. Without an error, the Listener has been told every record that was in the log when
	// the poll began. It is not called for a poll that the end of the context cut short.
	Polled(ctx context.Context, began time.Time, err error)
}

// FollowerOptions adjust a [Follower]. The zero value works.
type FollowerOptions struct {
	After   newswire.Cursor  // follow from after this record; empty: from the end of the log, told as a Reset
	Poll    time.Duration    // between two polls; default 250 ms
	Rest    time.Duration    // after the beginning of a poll, before the log's growth causes another; default 2 ms
	Timeout time.Duration    // of each call to the store; default 3 s
	Batch   int              // records at most in one call; default 1000
	Now     func() time.Time // for Polled; default time.Now
}

// Follower reads the change log in batches, and tells its [Listener] each record once and in order. While the store cannot
// be reached it remembers its cursor, so nothing is missed. It is the one loop for all that react to changes: rendered
// feeds, a hub, webhooks, streams.
type Follower struct {
	log      ChangeLog
	listener Listener
	options  FollowerOptions
	nudged   chan struct{}        // holds one when the next poll is wanted at once
	read     chan newswire.Cursor // holds the one up to which all was told, for await

	cursor   newswire.Cursor
	attached bool  // whether cursor is where to go on
	why      error // why it was given up; nil for the first place
}

// NewFollower makes a Follower of a log. Its [Follower.Run] does the work.
func NewFollower(log ChangeLog, listener Listener, o FollowerOptions) *Follower {
	if o.Poll <= 0 {
		o.Poll = 250 * time.Millisecond
	}
	if o.Rest <= 0 {
		o.Rest = 2 * time.Millisecond
	}
	if o.Timeout <= 0 {
		o.Timeout = 3 * time.Second
	}
	if o.Batch <= 0 {
		o.Batch = 1000
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Follower{
		log: log, listener: listener, options: o, nudged: make(chan struct{}, 1), read: make(chan newswire.Cursor, 1),
		cursor: o.After, attached: o.After != "",
	}
}

// Nudge has the log polled soon, for a caller that cannot wait for the next poll. It returns at once. Many calls together are
// one: see Rest of the options.
func (f *Follower) Nudge() {
	select {
	case f.nudged <- struct{}{}:
	default: // one is on its way
	}
}

// Run follows the log until ctx ends, and returns ctx.Err(). It polls at once, then when the log says that it grew, and
// whenever the time is a multiple of Poll of the options. One Run at a time; another may go on where it ended.
func (f *Follower) Run(ctx context.Context) error {
	var awaiting sync.WaitGroup
	defer awaiting.Wait()
	awaiting.Go(func() { f.await(ctx) })
	tick := time.NewTimer(0)
	defer tick.Stop()
	for {
		begun, began := time.Now(), f.options.Now()
		err := f.poll(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			f.expect()
		}
		f.listener.Polled(ctx, began, err)
		tick.Reset(untilTick(begun, f.options.Poll))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		case <-f.nudged:
			if err := pause(ctx, min(f.options.Rest, f.options.Rest-f.options.Now().Sub(began))); err != nil { // the clock may be set back
				return err
			}
			select { // the poll is for those too that asked meanwhile
			case <-f.nudged:
			default:
			}
		}
	}
}

// untilTick is how long it is until the poll after one that began at a time. Those of all followers begin at the same moments, so that a
// process at rest wakes up once for all of them, and a [SharedLog] is asked once.
func untilTick(began time.Time, poll time.Duration) time.Duration {
	return min(poll, time.Until(began.Truncate(poll).Add(poll))) // the clock may be set back
}

// expect has await wait for what follows the cursor.
func (f *Follower) expect() {
	f.unexpect()
	f.read <- f.cursor
}

// unexpect takes back a cursor for which await had no time. It is out of date.
func (f *Follower) unexpect() {
	select {
	case <-f.read:
	default:
	}
}

// await nudges the loop when the log grows, until ctx ends. After a failure it waits for the next poll that goes well.
func (f *Follower) await(ctx context.Context) {
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case cursor := <-f.read:
			if f.log.Await(ctx, cursor) == nil {
				f.unexpect()
				f.Nudge()
			}
		}
	}
}

// pause waits, unless ctx ends before that.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// poll tells what is in the log, to its end.
func (f *Follower) poll(ctx context.Context) error {
	for f.attached {
		changes, err := f.changes(ctx)
		switch {
		case errors.Is(err, newswire.ErrGone), errors.Is(err, newswire.ErrCursor):
			f.attached, f.why = false, err
			continue
		case err != nil:
			return fmt.Errorf("follow the change log: %w", err)
		case len(changes) == 0:
			return nil
		}
		if err := f.listener.Changed(ctx, changes); err != nil {
			return err
		}
		f.cursor = changes[len(changes)-1].Cursor
		if len(changes) < f.options.Batch {
			return nil
		}
	}
	return f.attach(ctx)
}

// attach goes to the end of the log.
func (f *Follower) attach(ctx context.Context) error {
	head, err := f.head(ctx)
	if err != nil {
		return fmt.Errorf("find the end of the change log: %w", err)
	}
	if err := f.listener.Reset(ctx, head, f.why); err != nil {
		return err
	}
	f.cursor, f.attached = head, true
	return nil
}

func (f *Follower) changes(ctx context.Context) ([]newswire.Change, error) {
	ctx, cancel := context.WithTimeout(ctx, f.options.Timeout)
	defer cancel()
	return f.log.Changes(ctx, f.cursor, f.options.Batch)
}

func (f *Follower) head(ctx context.Context) (newswire.Cursor, error) {
	ctx, cancel := context.WithTimeout(ctx, f.options.Timeout)
	defer cancel()
	return f.log.Head(ctx)
}
