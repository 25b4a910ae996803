package parse

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	ext "github.com/mmcdole/gofeed/extensions"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/internal/xmlscan"
)

// RSLType is the media type of documents of Really Simple Licensing (RSL 1.0, https://rslstandard.org/rsl).
const RSLType = "application/rsl+xml"

// RSL reads the terms in a document of Really Simple Licensing that stands in a page and is about it: the address of
// the standard licence that it names, else of the publisher's own terms, and whose the copyright is. What machines may do
// and pay for stays in the document.
func RSL(document string) newswire.Rights {
	sc := xmlscan.New(document)
	for {
		switch t := sc.Next(); {
		case t.Kind == xmlscan.EndOfDocument:
			return newswire.Rights{}
		case t.Kind == xmlscan.StartTag && localName(t.Name) == "rsl" && !t.Closed:
			x, _ := elementOf(sc, t, 0)
			return rslRights(x.Children["content"], func(string) bool { return true })
		}
	}
}

// elementOf reads an element as gofeed reads those of extensions, up to its end tag or that of an element that it is in,
// which it returns.
func elementOf(sc *xmlscan.Scanner, start xmlscan.Token, depth int) (x ext.Extension, end string) {
	x = ext.Extension{Name: localName(start.Name), Attrs: map[string]string{}, Children: map[string][]ext.Extension{}}
	for _, a := range start.Attrs {
		x.Attrs[localName(a.Name)] = a.Value
	}
	for !start.Closed {
		switch t := sc.Next(); t.Kind {
		case xmlscan.EndOfDocument:
			return x, ""
		case xmlscan.Text:
			x.Value += t.Text
		case xmlscan.EndTag:
			return x, t.Name
		case xmlscan.StartTag:
			if depth == maxContainers {
				continue
			}
			child, ended := elementOf(sc, t, depth+1)
			x.Children[child.Name] = append(x.Children[child.Name], child)
			if ended != "" && localName(ended) != child.Name {
				return x, ended
			}
		}
	}
	return x, start.Name
}

func localName(name string) string {
	_, local, _ := xmlscan.CutName(name)
	return strings.ToLower(local)
}

// rslOf are the terms that a feed's own element, or an item's, declares.
func rslOf(e ext.Extensions, about func(address string) bool) newswire.Rights {
	return rslRights(e["rsl"]["content"], about)
}

// rslRights are the terms of the first content that it is about and that names any.
func rslRights(contents []ext.Extension, about func(address string) bool) newswire.Rights {
	for _, c := range contents {
		if !about(c.Attrs["url"]) {
			continue
		}
		if r := (newswire.Rights{License: rslLicense(c), Statement: rslCopyright(c)}); r != (newswire.Rights{}) {
			return r
		}
	}
	return newswire.Rights{}
}

// rslLicense is the address of the terms of a content: a licence that others use too, which is one of Creative Commons
// where there is the choice; the publisher's own; or what it says of them to people.
func rslLicense(content ext.Extension) string {
	var standard, custom []string
	for _, license := range content.Children["license"] {
		for _, payment := range license.Children["payment"] {
			standard = append(standard, webAddresses(payment.Children["standard"])...)
			custom = append(custom, webAddresses(payment.Children["custom"])...)
		}
	}
	for _, address := range standard {
		if strings.Contains(address, "//creativecommons.org/") {
			return address
		}
	}
	all := slices.Concat(standard, custom, webAddresses(content.Children["terms"]), []string{""})
	return all[0]
}

func webAddresses(elements []ext.Extension) []string {
	var addresses []string
	for _, x := range elements {
		if address := webAddress(x.Value); address != "" {
			addresses = append(addresses, address)
		}
	}
	return addresses
}

// rslCopyright is a statement of the holder of the rights: the element may have a name alone.
func rslCopyright(content ext.Extension) string {
	holder := plain(child(content, "copyright"))
	said := strings.ToLower(holder)
	if holder == "" || strings.Contains(said, "©") || strings.Contains(said, "(c)") || strings.Contains(said, "copyright") {
		return holder
	}
	return "© " + holder
}

// isWhole says whether the url of a content covers a whole site, and not a part of it alone.
func isWhole(pattern string) bool {
	u, err := url.Parse(pattern)
	return err == nil && slices.Contains([]string{"", "/", "*", "/*"}, u.Path) && u.RawQuery == ""
}

// IsRSL says whether a link leads to a document for machines instead of a licence that people read.
func IsRSL(mediaType string) bool {
	mediaType, _, _ = strings.Cut(mediaType, ";")
	return strings.EqualFold(strings.TrimSpace(mediaType), RSLType)
}

// rslLicenseLink stands for the relation license of a link that leads to an RSL document.
const rslLicenseLink = "license " + RSLType

// relationOf is the relation of an Atom link. A licence for machines is not one for people.
func relationOf(rel, mediaType string) string {
	if strings.EqualFold(rel, "license") && IsRSL(mediaType) {
		return rslLicenseLink
	}
	return cmp.Or(rel, "alternate")
}

// feedTerms completes what a feed says of its terms in the same way. Terms of a part of the site may not be those of its
// articles.
func feedTerms(doc *Document, e ext.Extensions, linked []string, document string) {
	var all Item
	all.license(slices.Concat(linked, licenses(e))...)
	doc.License = all.Rights.License
	for _, l := range all.Links {
		doc.Licenses = append(doc.Licenses, l.URL)
	}
	rsl := rslOf(e, isWhole)
	doc.License = cmp.Or(doc.License, rsl.License, webAddress(document))
	doc.Publisher.Rights = cmp.Or(doc.Publisher.Rights, rsl.Statement)
	address, statement := termsIn(doc.Publisher.Rights)
	doc.Publisher.Rights = statement
	switch {
	case doc.License == "":
		doc.License = address
	case address != "" && address != doc.License && !slices.Contains(doc.Licenses, address):
		doc.Licenses = append(doc.Licenses, address)
	}
}

// itemTerms completes an item's rights by its RSL elements, of which some may be about its enclosures, and by a link to
// an RSL document where there is nothing else.
func itemTerms(it *Item, e ext.Extensions, document string) {
	rsl := rslOf(e, func(address string) bool {
		return !slices.ContainsFunc(it.Enclosures, func(x newswire.Enclosure) bool { return x.URL == address })
	})
	it.Rights.License = cmp.Or(it.Rights.License, rsl.License, webAddress(document))
	it.Rights.Statement = cmp.Or(it.Rights.Statement, rsl.Statement)
	address, statement := termsIn(it.Rights.Statement)
	it.Rights.Statement = statement
	it.license(address)
}

// termsIn tells a statement of rights that is no more than the address of a licence, as in arXiv's feeds, from one that people
// read.
func termsIn(statement string) (license, _ string) {
	address := strings.ToLower(statement)
	if strings.Contains(statement, " ") || webAddress(statement) == "" || !strings.Contains(address, "//creativecommons.org/") && !strings.Contains(address, "/licen") {
		return "", statement
	}
	return webAddress(statement), ""
}

// licenses are the addresses of the licences that elements of other namespaces name: Creative Commons, Dublin Core, Media RSS
// and podcasts.
func licenses(e ext.Extensions) []string {
	return slices.Concat(
		values(e, "cc", "license"), attributesOf(e, "cc", "license", "resource"),
		values(e, "dcterms", "license"), attributesOf(e, "dcterms", "license", "resource"),
		attributesOf(e, "media", "license", "href"), attributesOf(e, "podcast", "license", "url"),
	)
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

// limits reads from when and until when an item may be shown, by its publisher's word: PRISM's embargo and expiration, and
// the period of dcterms:valid. The strictest of them holds.
func limits(r *documentReader, it *Item, e ext.Extensions) {
	from, until := validity(r, value(e, "dcterms", "valid"))
	for _, s := range values(e, "prism", "embargodate") {
		if t := r.date(s); t.After(from) {
			from = t
		}
	}
	for _, s := range append(values(e, "prism", "expirationdate"), values(e, "prism", "killdate")...) {
		if t := endOf(r, s); !t.IsZero() && (until.IsZero() || t.Before(until)) {
			until = t
		}
	}
	it.Rights.From, it.Rights.Until = from, until
}

// validity reads a DCMI Period ("start=…; end=…; scheme=W3C-DTF"), an interval of ISO 8601 ("…/…"), or a date, which is the end.
func validity(r *documentReader, s string) (from, until time.Time) {
	switch start, end, interval := strings.Cut(s, "/"); {
	case strings.Contains(s, "="):
		for part := range strings.SplitSeq(s, ";") {
			switch name, said, _ := strings.Cut(part, "="); strings.ToLower(strings.TrimSpace(name)) {
			case "start":
				from = r.date(said)
			case "end":
				until = endOf(r, said)
			}
		}
	case interval && isoDay.MatchString(strings.TrimSpace(s)[:min(len(strings.TrimSpace(s)), len("2006-01-02"))]):
		from, until = r.date(start), endOf(r, end)
	default:
		until = endOf(r, s)
	}
	return from, until
}

// isoDay is a date without a time.
var isoDay = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

// endOf reads the date at which something ends. A day is over when the next one begins.
func endOf(r *documentReader, s string) time.Time {
	t := r.date(s)
	if !t.IsZero() && isoDay.MatchString(strings.TrimSpace(s)) {
		zone := r.Timezone
		if zone == nil {
			zone = time.UTC
		}
		t = t.In(zone).AddDate(0, 0, 1).UTC()
	}
	return t
}
