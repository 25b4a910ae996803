package parse

import (
	"strings"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/internal/iri"
	"github.com/newswire/newswire/sources/internal/stable"
)

// maxGUID is longer than any honest guid; a longer one is known by its hash.
const maxGUID = 2048

// identify gives every item a guid and an atom:id, and makes both unique in the document.
//
// An item without a guid is known by its address, without what changes in it from visit to visit, and without an address
// by a hash of its title, date and text. Items that share a guid are told apart by [documentReader.separate].
func (r *documentReader) identify(doc *Document) {
	unnamed, several := map[string]bool{}, addressesOfSeveral(doc.Items)
	for i := range doc.Items {
		it := &doc.Items[i]
		if plain := stable.Plain(it.URL); plain != it.URL {
			if it.Base == it.URL {
				it.Base = plain
			}
			it.URL = plain
		}
		it.GUID = strings.TrimSpace(clean.Legal(it.GUID))
		switch {
		case len(it.GUID) > maxGUID:
			r.repaired("a guid of %d bytes was replaced by its hash", len(it.GUID))
			it.GUID, it.PermaLink = newswire.Hash(it.GUID), false
		case it.GUID == "" && it.URL != "":
			if it.GUID = stable.Address(it.URL); several[it.GUID] {
				it.GUID = it.URL
			}
			it.PermaLink = it.GUID == it.URL
			unnamed[it.GUID] = true
		case it.GUID == "":
			it.GUID = newswire.Hash(it.Title, it.Published.String(), it.Summary, it.Content)
		}
	}
	doc.Shared = r.separate(doc.Items, unnamed)
	doc.Items = r.latest(doc.Items)
	used := make(map[string]bool, len(doc.Items))
	authority := authorityOf(doc.Publisher.URL, doc.Publisher.FeedURL, r.URL)
	for i := range doc.Items {
		it := &doc.Items[i]
		it.AtomID = atomID(it.GUID, authority)
		if used[it.AtomID] {
			it.AtomID = iri.Tag(authority, newswire.Hash(it.GUID))
		}
		used[it.AtomID] = true
	}
}

// addressesOfSeveral are the stable forms of addresses that are those of several items: there what seemed to be a counter
// names the item.
func addressesOfSeveral(items []Item) map[string]bool {
	first, several := make(map[string]string, len(items)), map[string]bool{}
	for i := range items {
		plain := stable.Plain(items[i].URL)
		form := stable.Address(plain)
		if known := first[form]; known != "" && known != plain {
			several[form] = true
		}
		first[form] = plain
	}
	return several
}

// atomID is the guid where that can be an atom:id, else a tag: URI for it.
func atomID(guid, authority string) string {
	if iri.IsID(guid) {
		return guid
	}
	return iri.Tag(authority, guid)
}

// authorityOf is the authority of a publisher's tag: URIs: the host of the first address that has one, in the
// characters of a DNS name.
func authorityOf(addresses ...string) string {
	for _, address := range addresses {
		u := baseOf(webAddress(address))
		if u == nil {
			continue
		}
		if host := iri.Authority(u.Hostname()); host != "" {
			return host
		}
	}
	return iri.Nowhere
}
