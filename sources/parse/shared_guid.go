package parse

import (
	"cmp"
	"slices"
	"strings"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/internal/stable"
)

// What tells articles apart that share a guid. Behind a colon may stand the print of the one that keeps the guid itself.
const (
	byAddress = "address"
	byDate    = "date"
	byTitle   = "title"

	alone = "one" // nothing yet: one item has the guid, which is its address
)

// maxPrints bounds the prints that are remembered of one feed.
const maxPrints = 200

// separate tells different articles apart that share a guid, or shared it in the document before with others that have
// left. Unnamed are the guids of items that have none of their own.
//
// Items that share a guid are offers of the same article, of which the latest is kept. But a guid may have been given
// twice by mistake, or to everything; and items without guids may all have the address of the page that they stand on.
// Different addresses, dates together with titles, or titles together with texts, make different articles, and each is
// known by what tells it from the others. All of them are, lest the guid pass from one article to another when the feed
// moves on; and the last that is left is still known so. One alone keeps the guid: that which had it when it was the only
// one. What is told apart by one thing may share it with others: so there are several rounds.
func (r *documentReader) separate(items []Item, unnamed map[string]bool) (shared map[string]string) {
	shared = map[string]string{}
	for range 3 {
		separated := false
		for _, group := range groupsOf(items) {
			guid := group[0].GUID
			if len(group) == 1 && len(r.Shared) == 0 && !unnamed[guid] {
				continue
			}
			key := newswire.Hash(guid)[:26]
			by, keeper, _ := strings.Cut(r.Shared[key], ":")
			if by == alone {
				by = ""
			}
			switch by = cmp.Or(by, distinction(group)); {
			case shared[key] != "" && !strings.HasPrefix(shared[key], alone): // in an earlier round
			case by != "":
				r.repaired("guid %q names different articles: they are known by their %s", excerpt(guid), plural[by])
				for _, it := range group {
					if keeper == "" || printOf(it) != keeper {
						it.know(by)
					}
				}
				shared[key] = strings.TrimSuffix(by+":"+keeper, ":")
				separated = true
			case unnamed[guid] && len(unnamed) <= maxPrints:
				shared[key] = alone + ":" + printOf(group[0])
			}
		}
		if !separated {
			break
		}
	}
	r.keepPrints(shared)
	if len(shared) == 0 {
		return nil
	}
	return shared
}

// keepPrints goes on to remember which article keeps a guid that others shared, also when none of them is offered.
func (r *documentReader) keepPrints(shared map[string]string) {
	for key, value := range r.Shared {
		by, keeper, _ := strings.Cut(value, ":")
		if by != alone && keeper != "" && shared[key] == "" && len(shared) < maxPrints {
			shared[key] = value
		}
	}
}

// printOf is by what an item is known again that shares its guid.
func printOf(it *Item) string { return newswire.Hash(cmp.Or(it.Title, it.Summary, it.Content))[:12] }

var plural = map[string]string{byAddress: "addresses", byDate: "dates", byTitle: "titles"}

// groupsOf are the items that share a guid, in the order of the first of each.
func groupsOf(items []Item) [][]*Item {
	at := make(map[string]int, len(items))
	groups := make([][]*Item, 0, len(items))
	for i := range items {
		it := &items[i]
		n, known := at[it.GUID]
		if !known {
			n = len(groups)
			at[it.GUID] = n
			groups = append(groups, nil)
		}
		groups[n] = append(groups[n], it)
	}
	return groups
}

// know gives an item that shares its guid one of its own.
func (it *Item) know(by string) {
	guid := it.GUID
	switch by {
	case byAddress:
		if it.URL != "" {
			it.GUID = stable.Address(it.URL)
			it.PermaLink = it.GUID == it.URL
		} else {
			it.PermaLink = false
		}
	case byDate:
		it.GUID, it.PermaLink = newswire.Hash(guid, it.Published.String()), false
	case byTitle:
		it.GUID, it.PermaLink = newswire.Hash(guid, byTitle, cmp.Or(it.Title, it.Summary, it.Content)), false
	}
}

// distinction is what tells items apart that have the same guid; nothing where they are offers of one article.
func distinction(group []*Item) string {
	first, key := group[0], stable.Key(group[0].URL)
	differs := func(differ func(a, b *Item) bool) bool {
		return slices.ContainsFunc(group[1:], func(it *Item) bool { return differ(it, first) })
	}
	switch {
	case differs(func(a, b *Item) bool { return a.URL != "" && a.URL != b.URL && stable.Key(a.URL) != key }):
		return byAddress
	case differs(datesDiffer):
		return byDate
	case differs(titlesDiffer):
		return byTitle
	}
	return ""
}

// datesDiffer says whether two items with the same guid and address are different articles by their dates, and not one
// article that was offered again after a change, with its title.
func datesDiffer(a, b *Item) bool {
	if a.Published.IsZero() || b.Published.IsZero() || a.Published.Equal(b.Published) {
		return false
	}
	return a.Title != b.Title || a.Title == "" && !sameText(a, b)
}

// titlesDiffer says whether they are so by title and text together. Without a text the title decides, and without a title
// the text.
func titlesDiffer(a, b *Item) bool {
	if a.Title == b.Title {
		return a.Title == "" && !sameText(a, b)
	}
	return !sameText(a, b) || a.Summary+a.Content == ""
}

func sameText(a, b *Item) bool { return a.Summary == b.Summary && a.Content == b.Content }

// latest keeps one item of each guid: the last modified, and among equals the first.
func (r *documentReader) latest(items []Item) []Item {
	index := make(map[string]int, len(items))
	kept := items[:0]
	for _, it := range items {
		at, repeated := index[it.GUID]
		if !repeated {
			index[it.GUID] = len(kept)
			kept = append(kept, it)
			continue
		}
		r.repaired("guid %q is repeated: the latest is kept", excerpt(it.GUID))
		if it.Modified().After(kept[at].Modified()) {
			kept[at] = it
		}
	}
	return kept
}
