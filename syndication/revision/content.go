package revision

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/newswire/newswire"
)

// Target is what a request asks for: something to render, and the topic whose changes make it stale. Nothing but
// [Engine.Invalidate] does so for an empty topic.
type Target struct {
	Topic   newswire.Topic
	Name    string // unlike that of any other target of the topic
	Archive bool   // it shows nothing that is new to the topic: only what happens to articles that it had makes it stale
	Variant bool   // one of the many that readers can think of
	Persist bool   // belongs into a snapshot: readers come back for it
	Render  func(ctx context.Context, draft *Draft) (Content, error)
}

// Content is what a renderer makes: a representation before it is dressed for HTTP.
type Content struct {
	MediaType string
	Body      []byte
	Changed   time.Time // when what it is made of last changed, by the store's word; zero when that is not known
	Fields    []Field   // header fields of its own, which stand in place of those that all answers have
	Articles  []uint64  // those in it, as [Hashes] names them

	// Stream stands in place of Body, for one that is too long to be kept: it is called for each answer with a body, and writes
	// the same every time. Tag names what it writes: another one than before where that may be different.
	Stream func(w io.Writer) error
	Tag    string

	Until  time.Time                            // when it may be shown no more; zero: for ever
	Later  func(now time.Time) (Content, error) // makes what is in its place then, without the store, which may be away; nil: only the store can say
	Pinned int64                                // bytes that Later and Stream keep in memory, roughly

	deltas *deltas // of a feed; nil for anything else
}

// Field is a header field, ready to be put into a map. Its values are shared by all answers and never written to.
type Field struct {
	key    string // in canonical form
	values []string
}

// NewField is a field with one value.
func NewField(key, value string) Field {
	return Field{http.CanonicalHeaderKey(key), []string{value}}
}

// Set puts the field into a header, in place of one that is there.
func (f Field) Set(h http.Header) { h[f.key] = f.values }

// Draft is a revision that is being made.
type Draft struct {
	asOf                   // a topic page that is shared may be older
	topic  *topicState     // of its resource
	before *representation // of the last good revision; nil if there is none. What both have in common need not be made again
	engine *Engine
}

// Note leaves a word for other renderers of the topic, its archive's among them. It is gone with the last revision of the
// topic.
func (d *Draft) Note(word string) { d.topic.noted.Store(&word) }

// Strike takes back a word that [Draft.Note] left, and reports false if there is another or none.
func (d *Draft) Strike(word string) bool {
	noted := d.topic.noted.Load()
	return noted != nil && *noted == word && d.topic.noted.CompareAndSwap(noted, nil)
}
