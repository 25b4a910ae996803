package api

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/change"
)

// tail is the end of the change log in memory. One [cache.Follower] fills it for all clients: those that are nearly up to
// date read from it, and those that are quite up to date wait for it.
type tail struct {
	kept  int
	limit int64        // of size
	size  atomic.Int64 // bytes of the articles in memory, roughly
	log   *slog.Logger
	once  sync.Once

	state atomic.Pointer[ending] // where the log ends; never nil

	mu       sync.RWMutex
	base     newswire.Cursor         // of the record before the first of records
	records  []*record               // the newest, oldest first
	places   map[newswire.Cursor]int // of each record's cursor: its number, counted from the first that there ever was
	gone     int                     // records that are in memory no more
	aged     int                     // records that are new no more, those that are gone with them
	subjects map[string]*subject     // of the articles in records, by ID
}

var _ cache.Listener = (*tail)(nil)

// ending is where the log ends, as far as it was heard.
type ending struct {
	attached bool // whether head is known
	head     newswire.Cursor
	idle     []byte        // the answer to a client that has everything
	tag      string        // its entity tag
	lost     bool          // the last poll failed
	ended    bool          // the log is followed no more
	wake     chan struct{} // closed when there is another ending
}

// fresh is how many of the newest records have their articles kept in memory, at most: most clients ask for these.
const fresh = 256

func newTail(kept int, limit int64, log *slog.Logger) *tail {
	t := &tail{kept: kept, limit: limit, log: log, places: map[newswire.Cursor]int{}, subjects: map[string]*subject{}}
	t.state.Store(&ending{wake: make(chan struct{})})
	return t
}

// move goes to another ending, and wakes those that wait if there is news.
func (t *tail) move(change func(e *ending)) {
	before := t.state.Load()
	next := *before
	change(&next)
	next.wake = make(chan struct{})
	t.state.Store(&next)
	close(before.wake)
}

// Changed implements [cache.Listener].
func (t *tail) Changed(_ context.Context, changes []newswire.Change) error {
	t.mu.Lock()
	for _, c := range changes {
		s := t.subjects[c.Article]
		if s == nil {
			s = newSubject(t)
			t.subjects[c.Article] = s
		}
		s.renew()
		s.records++
		t.places[c.Cursor] = t.gone + len(t.records)
		t.records = append(t.records, &record{Change: c, subject: s})
	}
	for ; t.gone+len(t.records)-t.aged > fresh; t.aged++ {
		t.records[t.aged-t.gone].subject.age()
	}
	t.trim(len(t.records) - t.kept)
	t.mu.Unlock()
	t.move(func(e *ending) { e.reach(changes[len(changes)-1].Cursor) })
	return nil
}

// trim forgets the oldest n records. The caller has the lock.
func (t *tail) trim(n int) {
	if n <= 0 {
		return
	}
	for _, r := range t.records[:n] {
		delete(t.places, r.Cursor)
		if r.subject.records--; r.subject.records == 0 {
			r.subject.leave()
			delete(t.subjects, r.Article)
		}
	}
	t.gone += n
	t.aged = max(t.aged, t.gone)
	t.base = t.records[n-1].Cursor
	t.records = append([]*record(nil), t.records[n:]...)
}

// makeRoom has the oldest records be new no more as long as their articles take too much memory.
func (t *tail) makeRoom() {
	if t.size.Load() <= t.limit {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for ; t.size.Load() > t.limit && t.aged < t.gone+len(t.records); t.aged++ {
		t.records[t.aged-t.gone].subject.age()
	}
}

// Reset implements [cache.Listener].
func (t *tail) Reset(_ context.Context, head newswire.Cursor, _ error) error {
	t.mu.Lock()
	t.trim(len(t.records))
	t.base = head
	t.mu.Unlock()
	t.move(func(e *ending) {
		e.attached = true
		e.reach(head)
	})
	return nil
}

// reach puts the end of the log at a cursor.
func (e *ending) reach(head newswire.Cursor) {
	e.head = head
	e.idle, e.tag = idlePage(change.Outward(head))
}

// Polled implements [cache.Listener].
func (t *tail) Polled(ctx context.Context, _ time.Time, err error) {
	if lost := err != nil; lost != t.state.Load().lost {
		t.move(func(e *ending) { e.lost = lost })
		if lost {
			t.log.WarnContext(ctx, "store lost, followers of changes wait", "error", err)
		} else {
			t.log.InfoContext(ctx, "store found again, followers of changes go on")
		}
	}
}

// end tells those that wait that there will be no news any more.
func (t *tail) end() { t.once.Do(func() { t.move(func(e *ending) { e.ended = true }) }) }

// after returns the records after a cursor, at most limit. It is false where memory does not reach back to the cursor.
func (t *tail) after(cursor newswire.Cursor, limit int) ([]*record, bool) {
	if e := t.state.Load(); e.attached && e.head == cursor {
		return nil, true
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	number, ok := t.places[cursor]
	from := number + 1 - t.gone
	switch {
	case ok:
	case t.state.Load().attached && cursor == t.base:
		from = 0
	default:
		return nil, false
	}
	return t.records[from:min(len(t.records), from+limit)], true
}
