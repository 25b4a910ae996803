package api

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/jsonfeed"
	"github.com/newswire/newswire/syndication/ninjs"
)

// Change is a record of the change log as clients read it, with the article in one of its two forms.
type Change[I any] struct {
	Cursor   newswire.Cursor  `json:"cursor" doc:"Continue after it."`
	Op       newswire.Op      `json:"op" enum:"put,remove" doc:"put: the article is new or changed. remove: it was withdrawn or dropped, or is no longer yours to see."`
	Article  string           `json:"article" doc:"The article's ID, as in _newswire.id."`
	Revision int              `json:"revision" doc:"Of the article when this was recorded."`
	Topics   []newswire.Topic `json:"topics" nullable:"false" doc:"Every listing that was touched."`
	At       string           `json:"at" format:"date-time"`

	Item      *I         `json:"item,omitempty" doc:"Of a put: the article as it is now, which may be newer than the record. Absent where it has gone since, as a later change says."`
	Tombstone *Tombstone `json:"tombstone,omitempty" doc:"Of a remove: there if the article was withdrawn. Keep no copy of it."`
}

// Tombstone says that an article was withdrawn.
type Tombstone struct {
	ID        string `json:"id" doc:"The item's."`
	Withdrawn string `json:"withdrawn" format:"date-time"`
	Reason    string `json:"reason,omitempty"`
}

// ChangePage is a part of the change log.
type ChangePage[I any] struct {
	Changes []Change[I]     `json:"changes" nullable:"false"`
	Next    newswire.Cursor `json:"next" doc:"The cursor to ask after next."`
}

// record is a change, and what its article is now.
type record struct {
	newswire.Change
	subject *subject
}

// subject is an article of which there are changes: shared by all of its records in memory, so that it is read once for
// all clients, and encoded once for all that see the same of it.
type subject struct {
	records int           // of it, in the tail; guarded by the tail's lock
	reading chan struct{} // holds one while the article is being read

	mu      sync.Mutex
	fresh   int // records of it that are new; without any, nothing is kept
	turn    int // counts changes of the article; what was read in an earlier turn is not kept
	known   *state
	written map[written][]byte // items
}

// state is what the store has of an article.
type state struct {
	article newswire.Article
	there   bool
	stone   *newswire.Tombstone // of an article that was withdrawn
}

// written names an encoded item.
type written struct {
	form  form
	level newswire.Policy
	site  string
}

// renew forgets what was read: the article has changed, as a new record says.
func (s *subject) renew() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn++
	s.fresh++
	s.known, s.written = nil, nil
}

// age forgets what was read when the last of its records is new no more.
func (s *subject) age() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fresh--; s.fresh <= 0 {
		s.known, s.written = nil, nil
	}
}

func newSubject() *subject { return &subject{reading: make(chan struct{}, 1)} }

// load reads the article, unless that was done since it last changed. One reads for all that ask.
func (s *subject) load(ctx context.Context, store Store, id string) (*state, error) {
	select {
	case s.reading <- struct{}{}:
		defer func() { <-s.reading }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s.mu.Lock()
	known, turn := s.known, s.turn
	s.mu.Unlock()
	if known != nil {
		return known, nil
	}
	known, err := read(ctx, store, id)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turn == turn && s.fresh > 0 {
		s.known = known
	}
	return known, nil
}

func read(ctx context.Context, store Store, id string) (*state, error) {
	a, err := store.Article(ctx, id)
	switch {
	case err == nil:
		return &state{article: a, there: true}, nil
	case errors.Is(err, newswire.ErrNotFound):
		return &state{}, nil
	case !errors.Is(err, newswire.ErrWithdrawn):
		return nil, err
	}
	stone, err := store.Tombstone(ctx, id)
	switch {
	case err == nil:
		return &state{stone: &stone}, nil
	case errors.Is(err, newswire.ErrNotFound):
		return &state{}, nil
	}
	return nil, err
}

// atOnce is how many articles one request reads at the same time.
const atOnce = 16

// load reads the articles of records, each once.
func load(ctx context.Context, store Store, records []*record) (map[string]*state, error) {
	var g errgroup.Group
	g.SetLimit(atOnce)
	var mu sync.Mutex
	states := make(map[string]*state, len(records))
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
			known, err := r.subject.load(ctx, store, r.Article)
			mu.Lock()
			defer mu.Unlock()
			states[r.Article] = known
			return err
		})
	}
	return states, g.Wait()
}

// viewer is for whom changes are written, and how.
type viewer struct {
	reader syndication.Reader
	form   form
	site   newswire.Site
	now    time.Time
}

// viewer is the client of the call.
func (c *call) viewer() viewer {
	return viewer{c.reader, c.form, c.settings.Site, c.api.options.Now()}
}

// write is a record as the viewer reads it.
func (v *viewer) write(r *record, known *state) ([]byte, error) {
	switch v.form {
	case ninjsForm:
		return writeAs(v, r, known, func(a *newswire.Article) ninjsItem { return ninjs.New(a, v.site) })
	default:
		return writeAs(v, r, known, func(a *newswire.Article) feedItem { return jsonfeed.NewItem(a, "") })
	}
}

func writeAs[I any](v *viewer, r *record, known *state, newItem func(*newswire.Article) I) ([]byte, error) {
	c := Change[encoded]{
		Cursor: r.Cursor, Op: r.Op, Article: r.Article, Revision: r.Revision, Topics: public(r.Topics), At: instant(r.At),
	}
	if known.stone != nil && r.Op == newswire.Remove {
		c.Tombstone = &Tombstone{ID: known.stone.AtomID, Withdrawn: instant(known.stone.At), Reason: newswire.Line(known.stone.Reason)}
	}
	if known.there && r.Op == newswire.Put {
		level, ok := v.reader.Level(&known.article, v.now)
		if !ok {
			c.Op = newswire.Remove // it is there, and not for this reader any more
			return encode(&c)
		}
		item, err := r.subject.item(known, written{v.form, level, v.site.URL}, func() any {
			a, _ := v.reader.Show(known.article, v.now)
			return newItem(&a)
		})
		if err != nil {
			return nil, err
		}
		c.Item = &item
	}
	return encode(&c)
}

// encoded is JSON that was written before.
type encoded []byte

// MarshalJSON implements json.Marshaler.
func (e encoded) MarshalJSON() ([]byte, error) { return e, nil }

// item is the article's item, encoded once for all that see the same.
func (s *subject) item(known *state, as written, newItem func() any) (encoded, error) {
	s.mu.Lock()
	before, ok := s.written[as]
	ok = ok && s.known == known
	s.mu.Unlock()
	if ok {
		return before, nil
	}
	body, err := encode(newItem())
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == known {
		if s.written == nil {
			s.written = map[written][]byte{}
		}
		s.written[as] = body
	}
	return body, nil
}

// public are the topics that feeds have: what is held or waits is the operator's business.
func public(topics []newswire.Topic) []newswire.Topic {
	out := make([]newswire.Topic, 0, len(topics))
	for _, t := range topics {
		if t.Public() && t.Kind() != newswire.KindFormer {
			out = append(out, t)
		}
	}
	return out
}
