package web

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// content is what a renderer makes: the document before it is dressed for HTTP.
type content struct {
	mediaType string
	body      []byte
	changed   time.Time // when what it is made of last changed, by the store's word; zero when that is not known
	fields    []field   // header fields of its own, which stand in place of those that all answers have
	deltas    *deltas   // of a feed; nil for anything else
	articles  []uint64  // those in it, as [snapshot.Hash] names them
}

// field is a header field, ready to be put into a map. Its values are shared by all answers and never written to.
type field struct {
	key    string // in canonical form
	values []string
}

func newField(key, value string) field {
	return field{http.CanonicalHeaderKey(key), []string{value}}
}

// document is content dressed for HTTP once and for all: nothing in it changes but that a compressed form is added when
// one is first asked for.
type document struct {
	body     []byte
	tag      string    // of the identity form, without its quotes
	modified time.Time // Last-Modified, in whole seconds; zero for none
	date     field     // Last-Modified
	earlier  field     // Last-Modified before it is settled
	fields   []field   // the rest of every answer, 304 included
	kind     field     // Content-Type
	forms    [codings]form
	own      []field       // of those, the ones that other documents need not have
	deltas   *deltas       // of a feed; nil for anything else
	articles []uint64      // those in it, as [snapshot.Hash] names them
	size     *atomic.Int64 // bytes in memory, with compressed forms and deltas
}

// overhead is what a document takes besides its bytes, roughly: header fields, and its place on the shelf. Without it, a
// great many small documents would not be bounded.
const overhead = 2 << 10

// tagLength is the length of a document's tag, in characters.
const tagLength = 20

// compressible is the least length of a document, in bytes, that is worth compressing: a shorter one can only grow.
const compressible = 256

// form is a document in one content coding.
type form struct {
	once    sync.Once
	made    atomic.Bool
	body    []byte
	pieces  []piece // of the gzip form
	etag    string  // quoted: a strong validator, different for each coding (RFC 9110 §8.8.3.3)
	tag     field   // ETag
	payload []field // what only an answer with a body says
}

// newDocument dresses content.
func newDocument(c content, cacheControl string) *document {
	sum := sha256.Sum256(c.body)
	d := &document{
		body:     c.body,
		tag:      base64.RawURLEncoding.EncodeToString(sum[:])[:tagLength],
		modified: c.changed.UTC().Truncate(time.Second),
		kind:     newField("Content-Type", c.mediaType),
		fields:   append([]field{newField("Cache-Control", cacheControl), varyField, sniffField}, c.fields...),
		own:      c.fields,
		deltas:   c.deltas,
		articles: c.articles,
		size:     new(atomic.Int64),
	}
	d.date = newField("Last-Modified", d.modified.Format(http.TimeFormat))
	d.earlier = newField("Last-Modified", d.modified.Add(-time.Second).Format(http.TimeFormat))
	d.size.Store(int64(len(c.body)) + int64(len(c.articles))*8 + overhead)
	if c.deltas != nil {
		d.size.Add(c.deltas.lineage.size() + c.deltas.fragments.size())
	}
	return d
}

var (
	varyField  = newField("Vary", "Accept-Encoding")
	sniffField = newField("X-Content-Type-Options", "nosniff")
)

// clockDifference is by how much the store's clock may differ from ours.
const clockDifference = 2 * time.Second

// settled says whether the document's date may be believed, when the document was up to date at a time of ours. A date
// has whole seconds: while the second of the last change is not over for the store, one more change may come under the
// same date, and a 304 would hide it (RFC 9110 §8.8.2.2). Until then the document is dated one second back, so that what
// follows has a later date, and no request is answered by its date.
func (d *document) settled(current time.Time) bool {
	return !d.modified.IsZero() && !current.Before(d.modified.Add(time.Second+clockDifference))
}

// form returns the document in a coding, made when it is first asked for.
func (d *document) form(c coding) *form { return d.formAfter(c, nil) }

// formAfter is form, for a document that was made after another one.
func (d *document) formAfter(c coding, before *document) *form {
	f := &d.forms[c]
	f.once.Do(func() {
		f.body, f.etag = d.body, `"`+d.tag+`"`
		f.payload = []field{d.kind}
		if c != identity && len(d.body) >= compressible {
			f.etag = `"` + d.tag + `-` + c.String() + `"`
			if c == gz {
				f.body, f.pieces = gzipped(d.body, before)
			} else {
				f.body = c.encode(d.body)
			}
			f.payload = append(f.payload, newField("Content-Encoding", c.String()))
			d.size.Add(int64(len(f.body)))
		}
		f.payload = append(f.payload, newField("Content-Length", strconv.Itoa(len(f.body))))
		f.tag = newField("ETag", f.etag)
		f.made.Store(true)
	})
	return f
}

// untagged is the document's tag in an entity tag of any of its forms, or something that is no document's.
func untagged(etag string) string {
	tag := strings.Trim(etag, `"`)
	if len(tag) <= tagLength {
		return tag
	}
	if name, ok := strings.CutPrefix(tag[tagLength:], "-"); ok && slices.Contains(codingNames[:], name) {
		return tag[:tagLength]
	}
	return tag
}

// after is the document to keep when this one was made after another: the other one, with the compressed forms that it
// has, where they are the same. One from a snapshot has no deltas, and gives way. The gzip form is made at once if the other
// one was asked for in it, while there is something to take over.
func (d *document) after(old *document) *document {
	if old.same(d) && (old.deltas != nil || d.deltas == nil) {
		return old
	}
	if d.deltas != nil && old.deltas != nil {
		if d.tag == old.tag {
			d.deltas.lineage = old.deltas.lineage
		} else {
			d.deltas.lineage.follow(old.deltas.lineage, old.tag)
		}
	}
	if old.forms[gz].made.Load() {
		d.formAfter(gz, old)
	}
	return d
}

// same says whether another document would be answered byte for byte the same.
func (d *document) same(other *document) bool {
	return d.tag == other.tag && d.modified.Equal(other.modified) && equalFields(d.fields, other.fields)
}

func equalFields(a, b []field) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].key != b[i].key || a[i].values[0] != b[i].values[0] {
			return false
		}
	}
	return true
}
