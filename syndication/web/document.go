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
	fields   []field   // of every answer, 304 included
	kind     field     // Content-Type
	forms    [codings]form
	size     atomic.Int64 // bytes, compressed forms included
}

// form is a document in one content coding.
type form struct {
	once    sync.Once
	body    []byte
	etag    string  // quoted: a strong validator, different for each coding (RFC 9110 §8.8.3.3)
	tag     field   // ETag
	payload []field // what only an answer with a body says
}

// newDocument dresses content that was made of what the store said at a time.
func newDocument(c content, read time.Time, cacheControl string) *document {
	sum := sha256.Sum256(c.body)
	d := &document{
		body:     c.body,
		tag:      base64.RawURLEncoding.EncodeToString(sum[:15]),
		modified: lastModified(c.changed, read),
		kind:     newField("Content-Type", c.mediaType),
	}
	d.fields = append(d.fields, newField("Cache-Control", cacheControl), varyField, sniffField)
	if !d.modified.IsZero() {
		d.fields = append(d.fields, newField("Last-Modified", d.modified.Format(http.TimeFormat)))
	}
	d.fields = append(d.fields, c.fields...)
	d.size.Store(int64(len(c.body)))
	return d
}

var (
	varyField  = newField("Vary", "Accept-Encoding")
	sniffField = newField("X-Content-Type-Options", "nosniff")
)

// clockDifference is by how much the store's clock may differ from ours.
const clockDifference = 2 * time.Second

// lastModified is the date to send of what the store said, at a time of ours, to have changed last. A date has whole
// seconds, so one that lies in a second which may not be over for the store could cover a later change too, and a 304
// would hide that (RFC 9110 §8.8.2.2). Such a revision is dated one second back: any later change has a later date.
func lastModified(changed, read time.Time) time.Time {
	if changed.IsZero() {
		return time.Time{}
	}
	second := changed.UTC().Truncate(time.Second)
	if read.Before(second.Add(time.Second + clockDifference)) {
		return second.Add(-time.Second)
	}
	return second
}

// form returns the document in a coding, made when it is first asked for.
func (d *document) form(c coding) *form {
	f := &d.forms[c]
	f.once.Do(func() {
		f.body, f.etag = d.body, `"`+d.tag+`"`
		f.payload = []field{d.kind}
		if c != identity {
			f.body, f.etag = c.encode(d.body), `"`+d.tag+`-`+c.String()+`"`
			f.payload = append(f.payload, newField("Content-Encoding", c.String()))
			d.size.Add(int64(len(f.body)))
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
