package web

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// content is what a renderer makes: the document before it is dressed for HTTP.
type content struct {
	mediaType string
	body      []byte
	changed   time.Time // when what it is made of last changed, by the store's word; zero when that is not known
	fields    []field   // header fields of its own
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
	size     atomic.Int64 // bytes in memory, compressed forms included
}

// overhead is what a document takes besides its bytes, roughly: header fields, and its place on the shelf. Without it, a
// great many small documents would not be bounded.
const overhead = 2 << 10

// form is a document in one content coding.
type form struct {
	once    sync.Once
	body    []byte
	etag    string  // quoted: a strong validator, different for each coding (RFC 9110 §8.8.3.3)
	tag     field   // ETag
	payload []field // what only an answer with a body says
}

// newDocument dresses content.
func newDocument(c content, cacheControl string) *document {
	sum := sha256.Sum256(c.body)
	d := &document{
		body:     c.body,
		tag:      base64.RawURLEncoding.EncodeToString(sum[:15]),
		modified: c.changed.UTC().Truncate(time.Second),
		kind:     newField("Content-Type", c.mediaType),
		fields:   append([]field{newField("Cache-Control", cacheControl), varyField, sniffField}, c.fields...),
	}
	d.date = newField("Last-Modified", d.modified.Format(http.TimeFormat))
	d.earlier = newField("Last-Modified", d.modified.Add(-time.Second).Format(http.TimeFormat))
	d.size.Store(int64(len(c.body)) + overhead)
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
func (d *document) form(c coding) *form {
	f := &d.forms[c]
	f.once.Do(func() {
		f.body, f.etag = d.body, `"`+d.tag+`"`
		f.payload = []field{d.kind}
		if c != identity {
			if encoded := c.encode(d.body); len(encoded) < len(d.body) { // a few bytes only grow
				f.body, f.etag = encoded, `"`+d.tag+`-`+c.String()+`"`
				f.payload = append(f.payload, newField("Content-Encoding", c.String()))
				d.size.Add(int64(len(f.body)))
			}
		}
		f.payload = append(f.payload, newField("Content-Length", strconv.Itoa(len(f.body))))
		f.tag = newField("ETag", f.etag)
	})
	return f
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
