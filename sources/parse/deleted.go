package parse

import (
	"slices"
	"strings"
	"time"

	ext "github.com/mmcdole/gofeed/extensions"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/clean"
)

// Deletion is the publisher's word that it has withdrawn an article: an at:deleted-entry (RFC 6721 §3), or a tombstone in
// the _newswire object of a JSON Feed.
type Deletion struct {
	GUID   string    // of the article
	When   time.Time // zero where it does not say
	Reason string    // plain text, one line; often empty
}

// xmlDeletions are those among a feed's extensions.
func (r *documentReader) xmlDeletions(e ext.Extensions) []Deletion {
	var out []Deletion
	for _, x := range e["at"]["deleted-entry"] {
		out = append(out, Deletion{GUID: x.Attrs["ref"], When: r.date(x.Attrs["when"]), Reason: plain(child(x, "comment"))})
	}
	return out
}

// jsonDeletions are those in a feed's _newswire object.
func (r *documentReader) jsonDeletions(o object) []Deletion {
	extension, _ := o["_newswire"].(object)
	stones, _ := extension["tombstones"].([]any)
	var out []Deletion
	for _, s := range stones {
		if stone, ok := s.(object); ok {
			out = append(out, Deletion{
				GUID: coerced(stone["id"]), When: r.date(coerced(stone["withdrawn"])), Reason: line(coerced(stone["reason"])),
			})
		}
	}
	return out
}

// undelete brings the guids of what was deleted to the form of items' guids, and leaves out what means nothing: a
// deletion without a guid, one that is repeated, and one of an item that the document itself has in a later version.
func (r *documentReader) undelete(doc *Document) {
	modified := make(map[string]time.Time, len(doc.Items))
	for i := range doc.Items {
		modified[doc.Items[i].GUID] = doc.Items[i].Modified()
	}
	seen := map[string]bool{}
	doc.Deleted = slices.DeleteFunc(doc.Deleted, func(d Deletion) bool {
		guid := guidOf(d.GUID)
		repeated := seen[guid]
		seen[guid] = true
		return guid == "" || repeated || !d.When.IsZero() && modified[guid].After(d.When)
	})
	for i := range doc.Deleted {
		doc.Deleted[i].GUID = guidOf(doc.Deleted[i].GUID)
	}
	if len(doc.Deleted) > r.MaxItems {
		r.repaired("%d deletions beyond the first %d were left out", len(doc.Deleted)-r.MaxItems, r.MaxItems)
		doc.Deleted = doc.Deleted[:r.MaxItems]
	}
}

// guidOf is a guid as articles have it: whole, unless it is longer than any honest one.
func guidOf(said string) string {
	guid := strings.TrimSpace(clean.Legal(said))
	if len(guid) > maxGUID {
		return newswire.Hash(guid)
	}
	return guid
}
