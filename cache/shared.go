package cache

import (
	"context"
	"runtime"
	"sync"

	"github.com/newswire/newswire"
)

// SharedLog is a change log for the followers of one process. All of them stand at its end most of the time and ask the same, so that one
// question to the store does for those that ask together. What they are told is shared too, and is not to be changed.
//
// Whatever it answers was asked of the log after the call: an answer that is on its way already is not for a new call, which waits for the
// next one.
type SharedLog struct {
	log ChangeLog

	mu      sync.Mutex // guards the rest
	next    map[question]*reply
	current map[question]*reply
	growth  map[newswire.Cursor]*reply // of those that await it
}

var _ ChangeLog = (*SharedLog)(nil)

// question is a call of Changes.
type question struct {
	after newswire.Cursor
	limit int
}

// reply is what several calls get. One of them asks.
type reply struct {
	done    chan struct{} // closed when the rest is there
	changes []newswire.Change
	err     error
	left    bool // the one that asked has gone, and the others are to ask again
}

// NewSharedLog makes a SharedLog of a log.
func NewSharedLog(log ChangeLog) *SharedLog {
	return &SharedLog{
		log: log, next: map[question]*reply{}, current: map[question]*reply{}, growth: map[newswire.Cursor]*reply{},
	}
}

// Head implements [ChangeLog].
func (s *SharedLog) Head(ctx context.Context) (newswire.Cursor, error) { return s.log.Head(ctx) }

// Changes implements [ChangeLog].
func (s *SharedLog) Changes(ctx context.Context, after newswire.Cursor, limit int) ([]newswire.Change, error) {
	q := question{after, limit}
	r, err := together(ctx, func() (*reply, bool) { return s.join(q) }, func(r *reply) { s.ask(ctx, q, r) })
	if err != nil {
		return nil, err
	}
	return r.changes, r.err
}

// together has a call share a reply that it joins, and ask for it where it is the first.
func together(ctx context.Context, join func() (r *reply, first bool), ask func(r *reply)) (*reply, error) {
	for {
		r, first := join()
		if first {
			ask(r)
			r.left = r.err != nil && ctx.Err() != nil
			close(r.done)
			return r, nil
		}
		select {
		case <-r.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if !r.left {
			return r, nil
		}
	}
}

// join is the reply to the next time that something is asked, and whether the call is the first that waits for it.
func (s *SharedLog) join(q question) (r *reply, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r = s.next[q]; r != nil {
		return r, false
	}
	r = &reply{done: make(chan struct{})}
	s.next[q] = r
	return r, true
}

// ask asks the log once the reply before this one is there.
func (s *SharedLog) ask(ctx context.Context, q question, r *reply) {
	runtime.Gosched() // the same tick has woken others, whose question this is too
	s.mu.Lock()
	before := s.current[q]
	s.mu.Unlock()
	if before != nil {
		select {
		case <-before.done:
		case <-ctx.Done():
		}
	}
	s.mu.Lock()
	s.current[q] = r
	delete(s.next, q)
	s.mu.Unlock()
	r.changes, r.err = s.log.Changes(ctx, q.after, q.limit)
	s.mu.Lock()
	if s.current[q] == r {
		delete(s.current, q)
	}
	s.mu.Unlock()
}

// Await implements [ChangeLog].
func (s *SharedLog) Await(ctx context.Context, after newswire.Cursor) error {
	join := func() (*reply, bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if r := s.growth[after]; r != nil {
			return r, false
		}
		r := &reply{done: make(chan struct{})}
		s.growth[after] = r
		return r, true
	}
	r, err := together(ctx, join, func(r *reply) {
		r.err = s.log.Await(ctx, after)
		s.mu.Lock()
		delete(s.growth, after)
		s.mu.Unlock()
	})
	if err != nil {
		return err
	}
	return r.err
}
