// Package change writes records of the change log as their readers get them: by the API, and by webhooks.
//
//	v := change.View{Reader: p.Reader(), Site: site, Now: time.Now()}
//	state, err := change.Read(ctx, store, record.Article)
//	written, err := v.Write(&record, state, nil)
//
// A record names an article; what is written with it is the article as it is now, as far as the reader may see it. The
// package refuses to decide how far that is: [syndication.Reader] does.
package change

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"time"

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

// Form is how articles are written.
type Form int

// The forms.
const (
	JSONFeed Form = iota // JSON Feed items
	Ninjs                // IPTC ninjs
	Forms                // how many there are
)

// Store is the part of a store that the articles of changes are read from.
type Store interface {
	Article(ctx context.Context, id string) (newswire.Article, error)
	Tombstone(ctx context.Context, articleID string) (newswire.Tombstone, error)
}

// State is what the store has of an article.
type State struct {
	article newswire.Article
	there   bool
	stone   *newswire.Tombstone // of an article that was withdrawn
}

// Over says whether the article is there, and its time has ended.
func (s *State) Over(now time.Time) bool { return s.there && s.article.Rights.Over(now) }

// Size is how many bytes the state takes in memory, roughly.
func (s *State) Size() int64 { return int64(len(s.article.Content)+len(s.article.Summary)) + 2<<10 }

// Read reads what the store has of an article. That it has nothing is no error.
func Read(ctx context.Context, store Store, id string) (*State, error) {
	a, err := store.Article(ctx, id)
	switch {
	case err == nil:
		return &State{article: a, there: true}, nil
	case errors.Is(err, newswire.ErrNotFound):
		return &State{}, nil
	case !errors.Is(err, newswire.ErrWithdrawn):
		return nil, err
	}
	stone, err := store.Tombstone(ctx, id)
	switch {
	case err == nil:
		return &State{stone: &stone}, nil
	case errors.Is(err, newswire.ErrNotFound):
		return &State{}, nil
	}
	return nil, err
}

// View is for whom changes are written, and how.
type View struct {
	Reader syndication.Reader
	Form   Form
	Site   newswire.Site
	Now    time.Time // by which articles are over
}

// Item names an article's item: equal ones of one [State] have the same bytes.
type Item struct {
	Form  Form
	Level newswire.Policy
	Site  string
}

// ItemCache remembers items that were encoded. It calls encode for one that it does not have.
type ItemCache func(as Item, encode func() ([]byte, error)) ([]byte, error)

// Written is a change as its reader gets it.
type Written struct {
	Op   newswire.Op // a Put that is no longer the reader's to see is a Remove
	Body []byte      // a line of JSON

	Article bool              // an article is in it
	Terms   syndication.Terms // of that
}

// Write writes a record. Items may be nil.
func (v *View) Write(r *newswire.Change, state *State, items ItemCache) (Written, error) {
	if items == nil {
		items = func(_ Item, encode func() ([]byte, error)) ([]byte, error) { return encode() }
	}
	c := Change[encoded]{
		Cursor: r.Cursor, Op: r.Op, Article: r.Article, Revision: r.Revision, Topics: public(r.Topics), At: Instant(r.At),
	}
	if state.stone != nil && r.Op == newswire.Remove {
		c.Tombstone = &Tombstone{ID: state.stone.AtomID, Withdrawn: Instant(state.stone.At), Reason: newswire.Line(state.stone.Reason)}
	}
	if state.there && r.Op == newswire.Put {
		item, shown, err := v.item(&state.article, items)
		switch {
		case err != nil:
			return Written{}, err
		case shown:
			c.Item = &item
		default:
			c.Op = newswire.Remove // it is there, and not for this reader any more
		}
	}
	written := Written{Op: c.Op, Article: c.Item != nil}
	if written.Article {
		written.Terms = syndication.TermsOf([]newswire.Article{state.article})
	}
	var err error
	written.Body, err = Encode(&c)
	return written, err
}

// item is an article as the reader may see it. It is false where the reader may not.
func (v *View) item(a *newswire.Article, items ItemCache) (item encoded, shown bool, err error) {
	level, ok := v.Reader.Level(a, v.Now)
	if !ok {
		return nil, false, nil
	}
	item, err = items(Item{v.Form, level, v.Site.URL}, func() ([]byte, error) {
		a, _ := v.Reader.Show(*a, v.Now)
		if v.Form == Ninjs {
			return Encode(new(ninjs.New(&a, v.Site)))
		}
		return Encode(new(jsonfeed.NewItem(&a, "")))
	})
	return item, true, err
}

// encoded is JSON that was written before.
type encoded []byte

// MarshalJSON implements json.Marshaler.
func (e encoded) MarshalJSON() ([]byte, error) { return e, nil }

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

// beginning is the cursor before the first record of a log that never had one. The store's own is empty, which a client could
// not tell from none.
const beginning = "0"

// Outward is a cursor as clients have it.
func Outward(c newswire.Cursor) newswire.Cursor {
	if c == "" {
		return beginning
	}
	return c
}

// Inward is a client's cursor as the store has it.
func Inward(c newswire.Cursor) newswire.Cursor {
	if c == beginning {
		return ""
	}
	return c
}

// Instant is a time as changes have it.
func Instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// Encode writes a value as JSON on a line, with < and > as they are: an answer is not pasted into a script element.
func Encode(value any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
