package revision

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// representation is content dressed for HTTP (RFC 9110 §3.2): nothing in it changes but that a compressed form is added when
// one is first asked for.
type representation struct {
	body     []byte
	stream   func(w io.Writer) error // Content.Stream, in place of body; nil for none
	tag      string                  // of the identity form, without its quotes
	modified time.Time               // Last-Modified, in whole seconds; zero for none
	date     Field                   // Last-Modified
	earlier  Field                   // Last-Modified before it is final
	fields   []Field                 // the rest of every answer, 304 included
	kind     Field                   // Content-Type
	forms    [codings]form
	own      []Field  // of those, the ones that other representations need not have
	deltas   *deltas  // of a feed; nil for anything else
	articles []uint64 // those in it, as [Hashes] names them
	until    int64    // Content.Until, in Unix nanoseconds; 0 for none
	later    func(now time.Time) (Content, error)
	size     *atomic.Int64 // bytes in memory, with compressed forms and deltas
}

// overhead is what a representation takes besides its bytes, roughly: header fields, and its entry on the shelf. Without it, a
// great many small ones would not be bounded.
const overhead = 2 << 10

// tagLength is the length of a representation's tag, in characters.
const tagLength = 20

// compressible is the least length of a body, in bytes, that is worth compressing: a shorter one can only grow.
const compressible = 256

// form is a representation in one content coding.
type form struct {
	once    sync.Once
	made    atomic.Bool
	body    []byte
	pieces  []piece // of the gzip form
	etag    string  // quoted: a strong validator, different for each coding (RFC 9110 §8.8.3.3)
	tag     Field   // ETag
	payload []Field // what only an answer with a body says
}

// newRepresentation dresses content.
func newRepresentation(c Content, cacheControl string) *representation {
	sum := sha256.Sum256(c.Body)
	if c.Stream != nil {
		sum = sha256.Sum256([]byte(c.Tag))
	}
	rep := &representation{
		body:     c.Body,
		stream:   c.Stream,
		tag:      base64.RawURLEncoding.EncodeToString(sum[:])[:tagLength],
		modified: c.Changed.UTC().Truncate(time.Second),
		kind:     NewField("Content-Type", c.MediaType),
		fields:   append([]Field{NewField("Cache-Control", cacheControl), varyField, sniffField}, c.Fields...),
		own:      c.Fields,
		deltas:   c.deltas,
		articles: c.Articles,
		until:    endsAt(c.Until),
		later:    c.Later,
		size:     new(atomic.Int64),
	}
	rep.date = NewField("Last-Modified", rep.modified.Format(http.TimeFormat))
	rep.earlier = NewField("Last-Modified", rep.modified.Add(-time.Second).Format(http.TimeFormat))
	rep.size.Store(int64(len(c.Body)) + int64(len(c.Articles))*8 + overhead + c.Pinned)
	if c.deltas != nil {
		rep.size.Add(c.deltas.lineage.size() + c.deltas.fragments.size())
	}
	return rep
}

var (
	varyField  = NewField("Vary", "Accept-Encoding")
	sniffField = NewField("X-Content-Type-Options", "nosniff")
)

// clockDifference is by how much the store's clock may differ from ours.
const clockDifference = 2 * time.Second

// dateFinal says whether the date may be believed of a representation that was up to date at a time of ours. A date
// has whole seconds: while the second of the last change is not over for the store, one more change may come under the
// same date, and a 304 would hide it (RFC 9110 §8.8.2.2). Until then the representation is dated one second back, so that what
// follows has a later date, and no request is answered by its date.
func (rep *representation) dateFinal(current time.Time) bool {
	return !rep.modified.IsZero() && !current.Before(rep.modified.Add(time.Second+clockDifference))
}

// form returns the representation in a coding, made when it is first asked for.
func (rep *representation) form(c coding) *form { return rep.formAfter(c, nil) }

// formAfter is form, for a representation that was made after another one.
func (rep *representation) formAfter(c coding, before *representation) *form {
	f := &rep.forms[c]
	f.once.Do(func() {
		if rep.stream != nil {
			f.stream(rep, c)
			return
		}
		f.body, f.etag = rep.body, `"`+rep.tag+`"`
		f.payload = []Field{rep.kind}
		if c != identity && len(rep.body) >= compressible {
			f.etag = `"` + rep.tag + `-` + c.String() + `"`
			f.compress(rep, c, before)
			f.payload = append(f.payload, NewField("Content-Encoding", c.String()))
			rep.size.Add(int64(len(f.body)))
		}
		f.payload = append(f.payload, NewField("Content-Length", strconv.Itoa(len(f.body))))
		f.tag = NewField("ETag", f.etag)
		f.made.Store(true)
	})
	return f
}

// compress makes the body of a form in a coding, when a processor is free for it.
func (f *form) compress(rep *representation, c coding, before *representation) {
	compressors <- struct{}{}
	defer func() { <-compressors }() // after a panic too, which the caller may survive
	if c == gz {
		f.body, f.pieces = gzipped(rep.body, before)
	} else {
		f.body = c.encode(rep.body)
	}
}

// stream makes the form of a representation that is streamed: it has no body, and no length that would be known.
func (f *form) stream(rep *representation, c coding) {
	f.etag = `"` + rep.tag + `"`
	f.payload = []Field{rep.kind}
	if c != identity {
		f.etag = `"` + rep.tag + `-` + c.String() + `"`
		f.payload = append(f.payload, NewField("Content-Encoding", c.String()))
	}
	f.tag = NewField("ETag", f.etag)
	f.made.Store(true)
}

// whole is the body, also of a representation that is streamed.
func (rep *representation) whole() []byte {
	if rep.stream == nil {
		return rep.body
	}
	var b bytes.Buffer
	must(0, rep.stream(&b))
	return b.Bytes()
}

// untagged is the representation's tag in an entity tag of any of its forms, or something that is the tag of none.
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

// after is the representation to shelve when this one was made after another: the other one, with the compressed forms that
// it has, where they are the same. One from a snapshot has no deltas, and gives way. The gzip form is made at once if the other
// one was asked for in it, while there is something to take over.
func (rep *representation) after(old *representation) *representation {
	if rep.stream != nil { // the other one may stream a config that is no longer in force, and keep it in memory
		return rep
	}
	if old.same(rep) && (old.deltas != nil || rep.deltas == nil) {
		return old
	}
	if rep.deltas != nil && old.deltas != nil {
		if rep.tag == old.tag {
			rep.deltas.lineage = old.deltas.lineage
		} else {
			rep.deltas.lineage.follow(old.deltas.lineage, old.tag)
		}
	}
	if old.forms[gz].made.Load() && old.stream == nil {
		rep.formAfter(gz, old)
	}
	return rep
}

// same says whether another representation would be answered byte for byte the same, for as long.
func (rep *representation) same(other *representation) bool {
	return rep.tag == other.tag && rep.modified.Equal(other.modified) && rep.until == other.until && equalFields(rep.fields, other.fields)
}

func equalFields(a, b []Field) bool {
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
