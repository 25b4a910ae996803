package api

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/change"
)

// ChangePage is a part of the change log.
type ChangePage[I any] struct {
	Changes []change.Change[I] `json:"changes" nullable:"false"`
	Next    newswire.Cursor    `json:"next" doc:"The cursor to ask after next."`
}

// record is a change, and what its article is now.
type record struct {
	newswire.Change
	subject *subject
}

// subject is an article of which there are changes: shared by all of its records in memory, so that it is read once for
// all clients, and encoded once for all that see the same of it.
type subject struct {
	tail    *tail         // that has records of it; nil for none
	records int           // of it, in the tail; guarded by the tail's lock
	reading chan struct{} // holds one while the article is being read

	mu      sync.Mutex
	fresh   int // records of it that are new; without any, nothing is kept
	turn    int // counts changes of the article; what was read in an earlier turn is not kept
	known   *change.State
	written map[change.Item][]byte // items
	size    int64                  // bytes of these, as far as the tail counts them
}

// renew forgets what was read: the article has changed, as a new record says.
func (s *subject) renew() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn++
	s.fresh++
	s.forget()
}

// age forgets what was read when the last of its records is new no more.
func (s *subject) age() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fresh--; s.fresh <= 0 {
		s.forget()
	}
}

// leave forgets what was read for good: no record of it is in the tail.
func (s *subject) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fresh = 0
	s.forget()
}

// forget forgets what was read. The caller has the lock.
func (s *subject) forget() {
	s.known, s.written = nil, nil
	s.count(-s.size)
}

// count counts bytes that what is remembered takes. The caller has the lock.
func (s *subject) count(n int64) {
	if n != 0 {
		s.size += n
		s.tail.size.Add(n)
	}
}

// newSubject is an article of which a tail has records, or none where it is nil.
func newSubject(t *tail) *subject { return &subject{tail: t, reading: make(chan struct{}, 1)} }

// load reads the article, unless that was done since it last changed. One reads for all that ask. One whose end has come is read
// again: an end can be put off without a change record.
func (s *subject) load(ctx context.Context, store Store, id string, now time.Time) (*change.State, error) {
	select {
	case s.reading <- struct{}{}:
		defer func() { <-s.reading }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s.mu.Lock()
	known, turn := s.known, s.turn
	s.mu.Unlock()
	if known != nil && !known.Over(now) {
		return known, nil
	}
	known, err := change.Read(ctx, store, id)
	if err != nil {
		return nil, err
	}
	s.keep(known, turn)
	return known, nil
}

// keep keeps what was read in a turn, if that is the present one and the article is of a new record.
func (s *subject) keep(known *change.State, turn int) {
	s.mu.Lock()
	if s.turn != turn || s.fresh <= 0 {
		s.mu.Unlock()
		return
	}
	s.forget() // what was read before is over
	s.known = known
	s.count(known.Size())
	s.mu.Unlock()
	s.tail.makeRoom()
}

// atOnce is how many articles one request reads at the same time.
const atOnce = 16

// load reads the articles of records, each once.
func load(ctx context.Context, store Store, records []*record, now time.Time) (map[string]*change.State, error) {
	var g errgroup.Group
	g.SetLimit(atOnce)
	var mu sync.Mutex
	states := make(map[string]*change.State, len(records))
	for _, r := range records {
		mu.Lock()
		_, begun := states[r.Article]
		if !begun {
			states[r.Article] = nil
		}
		mu.Unlock()
		if begun {
			continue
		}
		g.Go(func() error {
			known, err := r.subject.load(ctx, store, r.Article, now)
			mu.Lock()
			defer mu.Unlock()
			states[r.Article] = known
			return err
		})
	}
	return states, g.Wait()
}

// view is how the client of the call sees changes.
func (c *call) view() change.View {
	return change.View{Reader: c.reader, Form: c.form, Site: c.settings.Site, Now: c.api.options.Now()}
}

// items remembers the article's items, each encoded once for all that see the same.
func (s *subject) items(known *change.State) change.ItemCache {
	return func(as change.Item, encode func() ([]byte, error)) ([]byte, error) {
		s.mu.Lock()
		before, ok := s.written[as]
		ok = ok && s.known == known
		s.mu.Unlock()
		if ok {
			return before, nil
		}
		body, err := encode()
		if err != nil {
			return nil, err
		}
		s.write(known, as, body)
		return body, nil
	}
}

// write keeps an item of what was read, if that is still known.
func (s *subject) write(known *change.State, as change.Item, body []byte) {
	s.mu.Lock()
	if _, ok := s.written[as]; ok || s.known != known {
		s.mu.Unlock()
		return
	}
	if s.written == nil {
		s.written = map[change.Item][]byte{}
	}
	s.written[as] = body
	s.count(int64(len(body)))
	s.mu.Unlock()
	s.tail.makeRoom()
}
