package sqlitecache

import (
	"context"
	"sync"

	"github.com/newswire/newswire"
)

// Await waits for a record of this process. Those of other processes are not heard of.
func (s changes) Await(ctx context.Context, after newswire.Cursor) (err error) {
	defer s.wrap(&err, "await changes after %q", after)
	from, _, err := parseLogCursor(after)
	if err != nil {
		return err
	}
	for {
		newest, grown := s.end.state()
		if newest > from {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-grown:
		}
	}
}

// logEnd is the end of the change log, as far as this process wrote it. The zero value is that of a process that wrote none.
type logEnd struct {
	mu     sync.Mutex    // guards the rest
	newest int64         // number of the newest record; 0 for none
	grown  chan struct{} // closed when there is a newer one; nil while nothing waits for it
}

// raise tells of a record, once it is committed. 0 is none.
func (l *logEnd) raise(newest int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if newest <= l.newest {
		return
	}
	l.newest = newest
	if l.grown != nil {
		close(l.grown)
		l.grown = nil
	}
}

// state is the number of the newest record, and what is closed when there is another.
func (l *logEnd) state() (int64, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.grown == nil {
		l.grown = make(chan struct{})
	}
	return l.newest, l.grown
}
