package revision

import (
	"crypto/sha256"
	"encoding/binary"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/internal/parts"
)

// fragments are a feed's encoded articles, and what each was made of. What the next revision has in common with this one it
// takes from here: a new article costs the encoding of one. They take no memory but for the digests, being parts of the
// body.
type fragments struct {
	site    newswire.Site // every article's bytes depend on it
	digests []digest      // of the articles, in the feed's order
	parts   parts.Document
}

// compose encodes a gathered feed, of whose articles it is given the digests. Articles that the revision before it has are not
// encoded again; the bytes are those that encoding everything would make.
func compose(by *parts.Encoder, f *newswire.Feed, digests []digest, before *fragments) (*fragments, error) {
	env, err := by.Envelope(f)
	if err != nil {
		return nil, err
	}
	articles := f.Articles
	if by.Distinct != nil {
		articles, digests = slices.Clone(articles), slices.Clone(digests)
		var d digester
		for _, i := range by.Distinct(articles) {
			digests[i] = d.digest(&articles[i])
		}
	}
	positions := before.positions(f.Site)
	encoded := make([][]byte, len(articles))
	for i := range articles {
		if position, ok := positions[digests[i]]; ok {
			encoded[i] = before.parts.Article(position)
			continue
		}
		finished := syndication.Finish(articles[i])
		if encoded[i], err = by.Article(&finished, f.Site); err != nil {
			return nil, err
		}
	}
	return &fragments{f.Site, digests, env.Around(encoded)}, nil
}

// positions says where the articles are that a feed of a site may take over. There may be no fragments at all.
func (x *fragments) positions(site newswire.Site) map[digest]int {
	if x == nil || x.site != site {
		return nil
	}
	positions := make(map[digest]int, len(x.digests))
	for i, p := range x.digests {
		positions[p] = i
	}
	return positions
}

// fragments are those of a feed; nil if the representation is of none, or nil.
func (rep *representation) fragments() *fragments {
	if rep == nil || rep.deltas == nil {
		return nil
	}
	return rep.deltas.fragments
}

// size is what fragments take besides the body, roughly, in bytes.
func (x *fragments) size() int64 { return int64(len(x.digests)) * int64(sha256.Size+16) }

// digest tells articles apart by everything that they say, as it was before their rights were applied.
type digest [sha256.Size]byte

// digester makes digests. It goes by reflection, so that a field that the vocabulary gains tomorrow is not forgotten.
type digester struct{ buf []byte }

func (d *digester) digest(a *newswire.Article) digest {
	d.buf = d.buf[:0]
	d.write(reflect.ValueOf(a).Elem())
	return sha256.Sum256(d.buf)
}

// write appends a value so that no two different values of a type are written alike: what varies in length says how long
// it is.
func (d *digester) write(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		d.buf = binary.AppendUvarint(d.buf, uint64(v.Len()))
		d.buf = append(d.buf, v.String()...)
	case reflect.Bool:
		d.buf = strconv.AppendBool(d.buf, v.Bool())
	case reflect.Int, reflect.Int64:
		d.buf = binary.AppendVarint(d.buf, v.Int())
	case reflect.Pointer:
		d.buf = strconv.AppendBool(d.buf, v.IsNil())
		if !v.IsNil() {
			d.write(v.Elem())
		}
	case reflect.Slice:
		d.buf = binary.AppendUvarint(d.buf, uint64(v.Len()))
		for i := range v.Len() {
			d.write(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == instant {
			t := v.Addr().Interface().(*time.Time)
			d.buf = binary.AppendVarint(d.buf, t.Unix())
			d.buf = binary.AppendVarint(d.buf, int64(t.Nanosecond()))
			return
		}
		for i := range v.NumField() {
			d.write(v.Field(i))
		}
	default:
		panic("revision: an article has a field of kind " + v.Kind().String())
	}
}

var instant = reflect.TypeFor[time.Time]()
