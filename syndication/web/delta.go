package web

import (
	"net/http"
	"slices"
	"strings"
	"sync"
)

// deltas are the answers of a feed's revision to readers who have an earlier one: the feed with only the articles that
// are new or changed (RFC 3229, with the instance manipulation "feed" by which readers ask for that). Each is made when it
// is first asked for.
type deltas struct {
	lineage   *lineage
	fragments *fragments
	mu        sync.Mutex
	made      map[int]*document // by how many articles: the same number since a revision is the same articles
}

// partsVaryField of a feed keeps caches that do not know RFC 3229 from answering readers who take parts with what they have for
// others, and from asking on behalf of one with the tag of that: a part that starts from the cache's copy would leave the
// reader with a gap. So that they have no copy for these readers either, whole answers to them are private.
var partsVaryField = newField("Vary", "Accept-Encoding, A-IM")

// forReadersOfParts makes a whole answer one that no cache keeps.
func forReadersOfParts(h http.Header) {
	h.Set("Cache-Control", "private, "+h.Get("Cache-Control"))
}

// imFields are of a 226. What does not know RFC 3229 must not keep it, for it would answer with a part where the whole is
// wanted; what knows it may, by the directive im (RFC 3229 §10.8).
var imFields = []field{
	newField("IM", "feed"),
	newField("Cache-Control", "no-store, im"),
	newField("Vary", "Accept-Encoding, A-IM, If-None-Match"),
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

// delta is the answer to a reader who takes parts and has an earlier revision, and the tag by which that reader knows it.
// It is nil when only the whole will do, and for one who has the current one as well.
func (d *document) delta(h http.Header) (part *document, base string) {
	var places []int
	for _, list := range h["If-None-Match"] {
		for tag, rest, ok := nextTag(list); ok; tag, rest, ok = nextTag(rest) {
			if tag == "*" || untagged(tag) == d.tag {
				return nil, ""
			}
			if base == "" {
				if p, ok := d.deltas.lineage.since(untagged(tag)); ok {
					places, base = p, tag
				}
			}
		}
	}
	if base == "" {
		return nil, ""
	}
	return d.deltas.of(d, places), base
}

// of makes the document with the articles at some places.
func (x *deltas) of(whole *document, places []int) *document {
	x.mu.Lock()
	defer x.mu.Unlock()
	if d := x.made[len(places)]; d != nil {
		return d
	}
	d := &document{
		body:     x.fragments.parts.Only(places),
		tag:      whole.tag, // of what the reader has once it has put the part in its place
		modified: whole.modified,
		date:     whole.date,
		earlier:  whole.earlier,
		kind:     whole.kind,
		size:     whole.size,
	}
	for _, f := range whole.fields {
		if !slices.ContainsFunc(imFields, func(im field) bool { return im.key == f.key }) {
			d.fields = append(d.fields, f)
		}
	}
	d.fields = append(d.fields, imFields...)
	d.size.Add(int64(len(d.body)) + overhead)
	if x.made == nil {
		x.made = map[int]*document{}
	}
	x.made[len(places)] = d
	return d
}
