// Package text makes what publishers wrote fit to stand in a feed: only characters that XML and HTML allow, addresses
// that are URIs, mail addresses that are one, plain text out of HTML, and excerpts that end where a word or a sentence
// does. Everything in it is a pure function.
package text

import (
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/newswire/newswire"
)

// Envelope returns a feed without its articles, with [Legal] applied to every string. As in [Article], that goes by
// reflection, so that a field which the vocabulary gains tomorrow is not forgotten.
func Envelope(f *newswire.Feed) *newswire.Feed {
	envelope := *f
	envelope.Articles = nil
	return legalOf(&envelope)
}

// Article returns a with [Legal] applied to every string: a itself where that changes nothing, as it mostly does, else a
// copy that shares no memory with it.
func Article(a *newswire.Article) *newswire.Article { return legalOf(a) }

// Site returns s with [Legal] applied to every string.
func Site(s newswire.Site) newswire.Site { return *legalOf(&s) }

func legalOf[T any](p *T) *T {
	v := reflect.ValueOf(p).Elem()
	if isLegal(v) {
		return p
	}
	c := legal(v).Interface().(T)
	return &c
}

// isLegal says whether [legal] would change nothing.
func isLegal(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		return strings.IndexFunc(v.String(), illegal) < 0
	case reflect.Pointer:
		return v.IsNil() || isLegal(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			if !isLegal(v.Index(i)) {
				return false
			}
		}
	case reflect.Struct:
		if v.Type() == instant {
			return true
		}
		for i := range v.NumField() {
			if !isLegal(v.Field(i)) {
				return false
			}
		}
	}
	return true
}

var instant = reflect.TypeFor[time.Time]() // holds no text, but a pointer to its zone's names

func legal(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.String:
		c := reflect.New(v.Type()).Elem()
		c.SetString(Legal(v.String()))
		return c
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		c := reflect.New(v.Type().Elem())
		c.Elem().Set(legal(v.Elem()))
		return c
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			c.Index(i).Set(legal(v.Index(i)))
		}
		return c
	case reflect.Struct:
		c := reflect.New(v.Type()).Elem()
		c.Set(v)
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() { // time.Time has none
				c.Field(i).Set(legal(v.Field(i)))
			}
		}
		return c
	default:
		return v
	}
}

// Legal drops what must not or should not be in a feed: invalid UTF-8, characters that XML 1.0 §2.2 forbids, the control
// characters and noncharacters that it discourages and HTML forbids, and U+FFFD, which says only that something was lost
// before it came to us.
func Legal(s string) string {
	if strings.IndexFunc(s, illegal) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if illegal(r) {
			return -1
		}
		return r
	}, s)
}

func illegal(r rune) bool {
	switch {
	case r < 0x20:
		return r != '\t' && r != '\n' && r != '\r'
	case r < 0x7F:
		return false
	case r <= 0x9F, r == utf8.RuneError, r >= 0xFDD0 && r <= 0xFDEF:
		return true
	default:
		return r&0xFFFE == 0xFFFE
	}
}
