package web

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
// takes from here: a new article costs the encoding of one. They take no memory but for the prints, being parts of the
// document.
type fragments struct {
	site   newswire.Site // every article's bytes depend on it
	prints []print       // of the articles, in the document's order
	parts  parts.Document
}

// print is a digest of everything that an article says, as it was before its rights were applied.
type print [sha256.Size]byte

// compose encodes a gathered feed, of whose articles it is given the prints. Articles that the revision before it has are not
// encoded again; the bytes are those that encoding everything would make.
func compose(format *Format, f *newswire.Feed, prints []print, before *fragments) (*fragments, error) {
	env, err := format.Envelope(f)
	if err != nil {
		return nil, err
	}
	articles := f.Articles
	if format.Distinct != nil {
		articles, prints = slices.Clone(articles), slices.Clone(prints)
		var p printer
		for _, i := range format.Distinct(articles) {
			prints[i] = p.print(&articles[i])
		}
	}
	places := before.places(f.Site)
	encoded := make([][]byte, len(articles))
	for i := range articles {
		if place, ok := places[prints[i]]; ok {
			encoded[i] = before.parts.Article(place)
			continue
		}
		finished := syndication.Finish(articles[i])
		if encoded[i], err = format.Article(&finished, f.Site); err != nil {
			return nil, err
		}
	}
	return &fragments{f.Site, prints, env.Around(encoded)}, nil
}

// places says where the articles are that a feed of a site may take over. There may be no fragments at all.
func (x *fragments) places(site newswire.Site) map[print]int {
	if x == nil || x.site != site {
		return nil
	}
	places := make(map[print]int, len(x.prints))
	for i, p := range x.prints {
		places[p] = i
	}
	return places
}

// kept are the fragments of a document's feed; nil if it is none.
func (d *document) kept() *fragments {
	if d == nil || d.deltas == nil {
		return nil
	}
	return d.deltas.fragments
}

// size is what fragments take besides the document, roughly, in bytes.
func (x *fragments) size() int64 { return int64(len(x.prints)) * int64(sha256.Size+16) }

// printer makes prints. It goes by reflection, so that a field which the vocabulary gains tomorrow is not forgotten.
type printer struct{ buf []byte }

func (p *printer) print(a *newswire.Article) print {
	p.buf = p.buf[:0]
	p.write(reflect.ValueOf(a).Elem())
	return sha256.Sum256(p.buf)
}

// write appends a value so that no two different values of a type are written alike: what varies in length says how long
// it is.
func (p *printer) write(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		p.buf = binary.AppendUvarint(p.buf, uint64(v.Len()))
		p.buf = append(p.buf, v.String()...)
	case reflect.Bool:
		p.buf = strconv.AppendBool(p.buf, v.Bool())
	case reflect.Int, reflect.Int64:
		p.buf = binary.AppendVarint(p.buf, v.Int())
	case reflect.Pointer:
		p.buf = strconv.AppendBool(p.buf, v.IsNil())
		if !v.IsNil() {
			p.write(v.Elem())
		}
	case reflect.Slice:
		p.buf = binary.AppendUvarint(p.buf, uint64(v.Len()))
		for i := range v.Len() {
			p.write(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == instant {
			t := v.Addr().Interface().(*time.Time)
			p.buf = binary.AppendVarint(p.buf, t.Unix())
			p.buf = binary.AppendVarint(p.buf, int64(t.Nanosecond()))
			return
		}
		for i := range v.NumField() {
			p.write(v.Field(i))
		}
	default:
		panic("web: an article has a field of kind " + v.Kind().String())
	}
}

var instant = reflect.TypeFor[time.Time]()
