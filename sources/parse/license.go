package parse

import (
	"slices"

	ext "github.com/mmcdole/gofeed/extensions"

	"github.com/newswire/newswire"
)

// licenses are the addresses of the licences that elements of other namespaces name: Creative Commons, Dublin Core, Media RSS
// and podcasts.
func licenses(e ext.Extensions) []string {
	return slices.Concat(
		values(e, "cc", "license"), attributesOf(e, "cc", "license", "resource"),
		values(e, "dcterms", "license"), attributesOf(e, "dcterms", "license", "resource"),
		attributesOf(e, "media", "license", "href"), attributesOf(e, "podcast", "license", "url"),
	)
}

// attributesOf are the values of an attribute of an extension's elements, in order.
func attributesOf(e ext.Extensions, prefix, name, attr string) []string {
	var values []string
	for _, x := range e[prefix][name] {
		values = append(values, x.Attrs[attr])
	}
	return values
}

// maxLicenses bounds the licences of one item.
const maxLicenses = 10

// license adds licences to those of the item. The first is its licence; the others, of which a reader has the choice
// (RFC 4946 §2), are links.
func (it *Item) license(addresses ...string) {
	for _, address := range addresses {
		address = webAddress(address)
		switch {
		case address == "" || address == it.Rights.License:
		case it.Rights.License == "":
			it.Rights.License = address
		default:
			AddLicense(&it.Article, address)
		}
	}
}

// AddLicense adds the address of one more licence to an article that has one.
func AddLicense(a *newswire.Article, address string) {
	count := 1
	for _, l := range a.Links {
		if l.Rel != "license" {
			continue
		}
		if count++; l.URL == address || count >= maxLicenses {
			return
		}
	}
	a.Links = append(a.Links, newswire.Link{Rel: "license", URL: address})
}
