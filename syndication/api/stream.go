package api

import (
	"bytes"
	"errors"
	"net/http"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/change"
)

const streamType = "text/event-stream"

// resumeField is the header field with which a client of server-sent events goes on.
const resumeField = "Last-Event-ID"

// streamed is how many changes are written to a stream at a time.
const streamed = 100

// stream answers at /changes/stream.
func stream(c *call) error {
	after, name := c.values.after, "after"
	if last := c.r.Header.Get(resumeField); last != "" {
		after, name = newswire.Cursor(last), resumeField
	}
	if after == "" {
		head, err := c.head()
		if err != nil {
			return err
		}
		after = change.Outward(head)
	}
	s := &eventStream{call: c, after: change.Inward(after)}
	// The first read is before the first byte, so that a cursor that is gone is answered by a problem.
	e := c.api.tail.state.Load()
	found, err := s.read()
	switch {
	case errors.Is(err, newswire.ErrCursor) && !errors.Is(err, newswire.ErrGone):
		return invalid(name, "is no cursor: it is the id of an event")
	case err != nil:
		return err
	}
	h := c.w.Header()
	h["Cache-Control"] = []string{"no-store"}
	h["Content-Type"] = []string{streamType}
	h["X-Accel-Buffering"] = []string{"no"} // a proxy in between must not wait for more
	if c.r.Method == http.MethodHead {
		c.code = http.StatusOK
		c.w.WriteHeader(c.code)
		return nil
	}
	return c.detach(func(c *call) error {
		s.call = c
		c.code = http.StatusOK
		c.w.WriteHeader(c.code)
		s.run(e, found)
		return nil
	})
}

// eventStream is a client that changes are written to as they come.
type eventStream struct {
	*call
	after newswire.Cursor // where it is in the log
	told  newswire.Cursor // what the client would resume after
	out   bytes.Buffer
}

// read is the changes after the stream's place, written.
func (s *eventStream) read() ([]event, error) {
	found, next, err := s.changesFor(s.after, streamed)
	if err == nil {
		s.after = next
	}
	return found, err
}

// run writes until the client or the API is gone. What it begins with was read after e.
func (s *eventStream) run(e *ending, found []event) {
	heartbeat := time.NewTicker(s.api.options.Heartbeat)
	defer heartbeat.Stop()
	var err error // of the last read; what it was to find is there without news too
	for {
		if s.write(found) != nil || e.ended {
			return
		}
		if len(found) == 0 && err == nil && !s.sleep(e, heartbeat.C) {
			return
		}
		e = s.api.tail.state.Load() // before reading, so that no news between is slept through
		if !s.identify() {
			return
		}
		if found, err = s.read(); err == nil {
			continue
		}
		if f := faultOf(err); f.resync || s.r.Context().Err() != nil {
			s.resync(f)
			return
		}
		if !s.pause() {
			return
		}
	}
}

// sleep waits for another ending of the log. It is false when the client is gone.
func (s *eventStream) sleep(e *ending, heartbeat <-chan time.Time) bool {
	for {
		select {
		case <-s.r.Context().Done():
			return false
		case <-e.wake:
			return true
		case <-heartbeat:
			if s.beat() != nil {
				return false
			}
		}
	}
}

// pause waits before the store is asked again after an error. It is false when the client is gone.
func (s *eventStream) pause() bool {
	select {
	case <-s.r.Context().Done():
		return false
	case <-time.After(s.api.options.Poll):
		return true
	}
}

// write writes changes as events, and where the stream is if that moved without any.
func (s *eventStream) write(found []event) error {
	s.out.Reset()
	for _, f := range found {
		s.out.WriteString("id: ")
		s.out.WriteString(string(f.cursor))
		s.out.WriteString("\ndata: ")
		s.out.Write(f.Body)
		s.out.WriteString("\n")
		s.told = f.cursor
	}
	s.items += len(found)
	if s.told != change.Outward(s.after) {
		// An event without data is not dispatched, but its id is remembered (HTML §9.2.6).
		s.told = change.Outward(s.after)
		s.out.WriteString("id: " + string(s.told) + "\n\n")
	}
	return s.flush()
}

// beat keeps the connection.
func (s *eventStream) beat() error {
	s.out.Reset()
	s.out.WriteString(": still here\n\n")
	return s.flush()
}

// resync says that the client's cursor is gone.
func (s *eventStream) resync(f *fault) {
	s.out.Reset()
	if body, err := change.Encode(f.problem(s.settings.Site)); err == nil {
		s.out.WriteString("event: resync\ndata: ")
		s.out.Write(body)
		s.out.WriteString("\n")
	}
	_ = s.flush() // it ends either way
}

// flush sends what was written. A client that does not read for a minute is let go.
func (s *eventStream) flush() error {
	s.longer(time.Minute)
	n, err := s.w.Write(s.out.Bytes())
	s.bytes += n
	s.account(0)
	if s.out.Cap() > 64<<10 {
		s.out = bytes.Buffer{} // a burst leaves no mark on a stream that then waits
	}
	if err != nil {
		return err
	}
	return http.NewResponseController(s.w).Flush()
}
