package revision

import (
	"net/http"
	"slices"
	"strings"
	"sync"
)

// deltas are the answers of a feed's revision to readers that have an earlier one: the feed with only the articles that
// are new or changed (RFC 3229, with the instance manipulation "feed" by which readers ask for that). Each is made when it
// is first asked for.
type deltas struct {
	lineage   *lineage
	fragments *fragments
	mu        sync.Mutex
	made      map[int]*representation // by how many articles: the same number since a revision is the same articles
	since     map[int]*representation // by the number of the revision that the reader has; nil where only the whole will do
}

// partsVaryField is for caches that do not know RFC 3229. Without it they would answer readers that take parts with what they
// have for others, and ask on behalf of one with the tag of that: a part that starts from the cache's copy would leave the
// reader with a gap. So that caches have no copy for these readers either, whole answers to them are private.
var partsVaryField = NewField("Vary", "Accept-Encoding, A-IM")

// forReadersOfParts makes a whole answer one that no cache keeps.
func forReadersOfParts(h http.Header) {
	h.Set("Cache-Control", "private, "+h.Get("Cache-Control"))
}

// imFields are of a 226. A cache that does not know RFC 3229 must not store it, for it would answer with a part where the whole is
// wanted; one that knows it may, by the directive im (RFC 3229 §10.8).
var imFields = []Field{
	NewField("IM", "feed"),
	NewField("Cache-Control", "no-store, im"),
	NewField("Vary", "Accept-Encoding, A-IM, If-None-Match"),
}

// wantsDelta says whether a reader knows what to do with a part of a feed.
func wantsDelta(h http.Header) bool {
	for _, line := range h["A-Im"] {
		for item := range strings.SplitSeq(line, ",") {
			if name, weight, ok := parseCoding(item); ok && weight > 0 && strings.EqualFold(name, "feed") {
				return true
			}
		}
	}
	return false
}

// delta is the answer to a reader that takes parts and has an earlier revision, and the tag by which that reader knows it.
// It is nil when only the whole will do, and for a reader that has the current one as well.
func (rep *representation) delta(h http.Header) (part *representation, base string) {
	for _, list := range h["If-None-Match"] {
		for tag, rest, ok := nextTag(list); ok; tag, rest, ok = nextTag(rest) {
			name := untagged(tag)
			if tag == "*" || name == rep.tag {
				return nil, ""
			}
			if part == nil {
				part, base = rep.deltas.after(rep, name), tag
			}
		}
	}
	return part, base
}

// after is the feed with what is new or changed since the revision with a tag.
func (x *deltas) after(whole *representation, tag string) *representation {
	number := x.lineage.numberOf(tag)
	if number == 0 {
		return nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	part, known := x.since[number]
	if known {
		return part
	}
	if positions, ok := x.lineage.since(number); ok {
		part = x.of(whole, positions)
	}
	if x.since == nil {
		x.since = map[int]*representation{}
	}
	x.since[number] = part
	return part
}

// of makes the feed with the articles at some positions. The caller has the lock.
func (x *deltas) of(whole *representation, positions []int) *representation {
	if part := x.made[len(positions)]; part != nil {
		return part
	}
	part := &representation{
		body:     x.fragments.parts.Only(positions),
		tag:      whole.tag, // of what the reader has once it has put the part in its place
		modified: whole.modified,
		date:     whole.date,
		earlier:  whole.earlier,
		kind:     whole.kind,
		size:     whole.size,
	}
	for _, f := range whole.fields {
		if !slices.ContainsFunc(imFields, func(im Field) bool { return im.key == f.key }) {
			part.fields = append(part.fields, f)
		}
	}
	part.fields = append(part.fields, imFields...)
	part.size.Add(int64(len(part.body)) + overhead)
	if x.made == nil {
		x.made = map[int]*representation{}
	}
	x.made[len(positions)] = part
	return part
}
