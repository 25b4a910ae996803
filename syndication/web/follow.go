package web

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/newswire/newswire"
)

// follower is where the server is in the change log. Only [Server.Run] moves it.
type follower struct {
	attached bool
	cursor   newswire.Cursor
	heard    atomic.Int64          // Unix nanoseconds at which the log was last known to hold no other news
	lost     atomic.Bool           // the last poll failed
	failure  atomic.Pointer[error] // of the last poll; nil when it went well
}

// Run follows the change log until ctx ends, and returns ctx.Err(). What a change touches is rendered anew when it is
// next asked for, and Run does so for those who need not wait. While the store cannot be reached the place in the log is
// kept, so nothing is missed; where the log was trimmed beyond that place, everything counts as changed. Beside that it
// writes the snapshot, and reports to the store how many read each topic. One Run at a time.
func (s *Server) Run(ctx context.Context) error {
	var beside sync.WaitGroup
	defer beside.Wait()
	beside.Go(func() { s.tally(ctx) })
	for range cap(s.turns) {
		beside.Go(func() { s.renew(ctx) })
	}
	if s.options.Snapshot != nil {
		// What was removed while no process listened must leave the snapshot too.
		s.follower.cursor = s.options.Snapshot.Cursor()
		s.follower.attached = s.follower.cursor != ""
		beside.Go(func() { s.keep(ctx) })
	}
	ticker := time.NewTicker(s.options.Poll)
	defer ticker.Stop()
	for {
		s.poll(ctx)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// poll hears all there is to hear, and keeps account of whether that went well.
func (s *Server) poll(ctx context.Context) {
	f := &s.follower
	began := s.options.Now()
	err := s.listen(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		f.failure.Store(&err)
		if !f.lost.Swap(true) {
			s.options.Log.WarnContext(ctx, "store lost, the last good feeds are served", "error", err)
		}
	default:
		raise(&f.heard, began.UnixNano())
		f.failure.Store(nil)
		if f.lost.Swap(false) {
			s.options.Log.InfoContext(ctx, "store found again")
		}
	}
}

// listen marks what the log names, to its end.
func (s *Server) listen(ctx context.Context) error {
	const batch = 1000
	f := &s.follower
	if !f.attached {
		return s.attach(ctx)
	}
	defer func() { s.keeper.reach(f.cursor) }()
	heard := f.heard.Load()
	for {
		changes, err := s.changes(ctx, f.cursor, batch)
		if errors.Is(err, newswire.ErrCursor) {
			s.options.Log.WarnContext(ctx, "the store is another one, or was put back from a copy: "+
				"pages of archives may get numbers again that readers have met", "cursor", f.cursor)
		}
		if errors.Is(err, newswire.ErrGone) || errors.Is(err, newswire.ErrCursor) {
			f.attached = false // the log was trimmed, or is another store's
			return s.attach(ctx)
		}
		if err != nil {
			return fmt.Errorf("follow the change log: %w", err)
		}
		for _, c := range changes {
			n := news{mark: s.news.Add(1), after: heard}
			if c.Op == newswire.Remove {
				n.after = 0 // what is gone is shown to nobody from now on
			}
			for _, topic := range c.Topics {
				s.shelf.note(topic, n)
				if c.Op == newswire.Remove || c.Revision > 1 {
					s.shelf.note(archiveOf(topic), n)
				}
			}
			if c.Op == newswire.Remove && s.options.Snapshot != nil {
				s.keeper.remove(c)
			}
			f.cursor = c.Cursor
		}
		if len(changes) < batch {
			return nil
		}
	}
}

// attach begins at the end of the log. What was rendered before that may lack a change that went by unheard.
func (s *Server) attach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.options.StoreTimeout)
	defer cancel()
	head, err := s.store.Head(ctx)
	if err != nil {
		return fmt.Errorf("find the end of the change log: %w", err)
	}
	s.follower.cursor, s.follower.attached = head, true
	s.Invalidate()
	s.keeper.begin(head)
	return nil
}

func (s *Server) changes(ctx context.Context, after newswire.Cursor, limit int) ([]newswire.Change, error) {
	ctx, cancel := context.WithTimeout(ctx, s.options.StoreTimeout)
	defer cancel()
	return s.store.Changes(ctx, after, limit)
}

// Ready says what is wrong when there is nothing to serve at all: the store cannot be reached, and nothing was rendered
// before. A server that can answer with its last good feeds is ready, however long it will have to. It asks nobody and
// returns at once.
func (s *Server) Ready(ctx context.Context) error {
	if s.shelf.size() > 0 || s.options.Snapshot.Len() > 0 {
		return nil
	}
	return s.Check(ctx)
}

// Check says what is wrong when the server has lost the store, or has yet to find it: the feeds that it serves may then
// be behind. It asks nobody and returns at once.
func (s *Server) Check(context.Context) error {
	f := &s.follower
	heard := f.heard.Load()
	failure := f.failure.Load()
	switch {
	case failure != nil && heard == 0:
		return *failure
	case failure != nil:
		return fmt.Errorf("feeds are as of %s: %w", time.Unix(0, heard).UTC().Format(time.RFC3339), *failure)
	case heard == 0:
		return errors.New("the change log is not followed yet")
	}
	return nil
}
