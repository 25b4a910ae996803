package parse

import (
	stdjson "encoding/json"

	"github.com/newswire/newswire/sources/internal/charset"
)

// members are those of an object that are read, with the type that each must have.
type members map[string]func(any) (any, bool)

var (
	authorMembers     = members{"name": word, "url": word}
	attachmentMembers = members{"url": word, "mime_type": word, "title": word, "size_in_bytes": numeric, "duration_in_seconds": numeric}
	itemMembers       = members{
		"id": word, "url": word, "external_url": word, "title": word, "content_html": word, "content_text": word,
		"summary": word, "image": word, "banner_image": word, "date_published": word, "date_modified": word,
		"language": word, "tags": texts, "author": asPeople(one), "authors": asPeople(list),
		"attachments": list(attachmentMembers),
	}
	feedMembers = members{
		"version": word, "title": word, "home_page_url": word, "feed_url": word, "description": word,
		"icon": word, "favicon": word, "language": word, "author": asPeople(one), "authors": asPeople(list),
		"items": list(itemMembers),
	}
)

// coerceFeed brings every member that is read to its type, so that one that is wrong is not the end of them all.
func coerceFeed(o object) object { return feedMembers.coerce(o) }

func (m members) coerce(o object) object {
	out := make(object, len(m))
	for name, as := range m {
		if v, ok := as(o[name]); ok {
			out[name] = v
		}
	}
	return out
}

// word accepts a string or a number, which a reader must accept for one (JSON Feed 1.1, "id").
func word(v any) (any, bool) {
	s := charset.Unmojibake(coerced(v))
	return s, s != ""
}

// coerced is the text of a string or a number.
func coerced(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case stdjson.Number:
		return v.String()
	default:
		return ""
	}
}

// texts accepts a list of texts, or one alone.
func texts(v any) (any, bool) {
	all, isList := v.([]any)
	if !isList {
		all = []any{v}
	}
	out := []string{}
	for _, x := range all {
		if s := coerced(x); s != "" {
			out = append(out, s)
		}
	}
	return out, len(out) > 0
}

// numeric accepts a number, also where it is written as a string.
func numeric(v any) (any, bool) {
	n := stdjson.Number(coerced(v))
	_, err := n.Float64()
	return n, err == nil
}

// asPeople accepts authors, also those that are a name alone.
func asPeople(as func(members) func(any) (any, bool)) func(any) (any, bool) {
	return func(v any) (any, bool) { return as(authorMembers)(withName(v)) }
}

// withName makes an author of a name alone, or of each in a list.
func withName(v any) any {
	switch v := v.(type) {
	case string:
		return object{"name": v}
	case []any:
		all := make([]any, len(v))
		for i := range v {
			all[i] = withName(v[i])
		}
		return all
	default:
		return v
	}
}

// one accepts an object.
func one(m members) func(any) (any, bool) {
	return func(v any) (any, bool) {
		o, ok := v.(object)
		return m.coerce(o), ok
	}
}

// list accepts a list of objects, or one alone.
func list(m members) func(any) (any, bool) {
	return func(v any) (any, bool) {
		all, isList := v.([]any)
		if !isList {
			all = []any{v}
		}
		out := []object{}
		for _, x := range all {
			if o, ok := x.(object); ok {
				out = append(out, m.coerce(o))
			}
		}
		return out, len(out) > 0
	}
}
