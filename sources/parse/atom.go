package parse

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mmcdole/gofeed/atom"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/internal/iri"
)

// fromAtom translates Atom 0.3 and 1.0.
func (r *documentReader) fromAtom(f *atom.Feed, version string) *Document {
	e := f.Extensions
	b := r.beside(e)
	doc := &Document{
		Format: "atom " + plain(version),
		Hub:    webAddress(linked(f.Links, "hub")),
		Cadence: newswire.Cadence{
			Period: period(value(e, "sy", "updateperiod"), value(e, "sy", "updatefrequency")),
			Base:   r.date(value(e, "sy", "updatebase")),
		},
		Deleted: r.xmlDeletions(e),
	}
	p := &doc.Publisher
	*p = newswire.Publisher{
		Title:    plain(f.Title),
		Subtitle: plain(f.Subtitle),
		URL:      alternate(f.Links),
		FeedURL:  cmp.Or(webAddress(linked(f.Links, "self")), r.URL),
		Updated:  r.date(f.Updated),
		Rights:   plain(f.Rights),
		Icon:     webAddress(f.Icon),
		Logo:     webAddress(f.Logo),
		Language: Language(b.first("lang")),
		Authors:  people(f.Authors),
		Terms:    atomTerms(f.Categories),
	}
	p.ID = p.FeedURL
	if id := b.first("id"); iri.IsID(id) {
		p.ID = id
	}
	feedTerms(doc, e, allLinked(f.Links, "license"), linked(f.Links, rslLicenseLink))
	doc.Items = slices.Grow(doc.Items, len(f.Entries))
	for _, entry := range f.Entries {
		doc.Items = append(doc.Items, r.atomEntry(entry, p))
	}
	return doc
}

// atomEntry translates one entry. One without authors has those of its source, and else those of its feed
// (RFC 4287 §4.2.1).
func (r *documentReader) atomEntry(x *atom.Entry, publisher *newswire.Publisher) Item {
	e := x.Extensions
	b := r.beside(e)
	var it Item
	it.GUID = b.first("id")
	it.URL = cmp.Or(webAddress(value(e, "feedburner", "origlink")), alternate(x.Links))
	it.PermaLink = it.GUID != "" && it.GUID == it.URL
	it.Title = plain(x.Title)
	it.Summary = cmp.Or(b.first("summary"), plainText(value(e, "media", "description")))
	it.Content = b.first("content")
	outOfLine(&it, b)
	if group := e["media"]["group"]; it.Summary == "" && it.Content == "" && len(group) > 0 {
		it.Summary = plainText(child(group[0], "description"))
	}
	it.Published = r.date(b.last(itemPublished), b.last("created"), value(e, "dc", "date"))
	it.Updated = r.date(b.last(itemUpdated))
	it.Language = cmp.Or(Language(b.first("contentlang")), Language(b.first("lang")),
		Language(value(e, "dc", "language")), publisher.Language)
	it.Contributors = people(x.Contributors)
	it.Terms = extensionTerms(atomTerms(x.Categories), e, b)
	for _, link := range x.Links {
		atomLinked(&it, link.Rel, newswire.Link{URL: link.Href, Type: link.Type, Title: link.Title}, link.Length)
	}
	media(&it, e)
	it.license(licenses(e)...)
	it.Rights.Statement = plain(cmp.Or(x.Rights, value(e, "dc", "rights"), value(e, "dcterms", "rights"), value(e, "media", "copyright"), value(e, "dcterms", "accessrights")))
	itemTerms(&it, e, linked(x.Links, rslLicenseLink))
	limits(r, &it, e)
	it.Authors = people(x.Authors)
	for _, creator := range bounded(append(values(e, "dc", "creator"), values(e, "dcterms", "creator")...)) {
		it.Authors = join(it.Authors, persons(creator)...)
	}
	if x.Source != nil {
		it.Upstream = r.atomSource(x.Source)
		if len(it.Authors) == 0 && it.Upstream != nil {
			it.Authors = join(nil, it.Upstream.Authors...)
		}
		it.Upstream = r.other(&it, it.Upstream)
	}
	if len(it.Authors) == 0 {
		it.Authors = join(nil, publisher.Authors...)
	}
	it.Base = cmp.Or(b.first("contentbase"), b.first("summarybase"), b.first("base"), r.URL)
	return it
}

// outOfLine keeps the address of content that is elsewhere (RFC 4287 §4.1.3.2): a recording is an enclosure, anything
// else the page itself where no other is known.
func outOfLine(it *Item, b beside) {
	address := webAddress(b.first("content src"))
	switch kind := mediaType(b.first("content type"), address); {
	case address == "":
	case strings.HasPrefix(kind, "audio/"), strings.HasPrefix(kind, "video/"), strings.HasPrefix(kind, "image/"):
		enclose(it, newswire.Enclosure{URL: address, Type: kind})
	case it.URL == "":
		it.URL = address
	}
}

// atomSource translates an atom:source.
func (r *documentReader) atomSource(s *atom.Source) *newswire.Publisher {
	p := newswire.Publisher{
		ID:       line(r.beside(s.Extensions).first("id")),
		Title:    plain(s.Title),
		Subtitle: plain(s.Subtitle),
		URL:      alternate(s.Links),
		FeedURL:  webAddress(linked(s.Links, "self")),
		Updated:  r.date(s.Updated),
		Rights:   plain(s.Rights),
		Icon:     webAddress(s.Icon),
		Logo:     webAddress(s.Logo),
		Authors:  people(s.Authors),
		Terms:    atomTerms(s.Categories),
	}
	if !iri.IsID(p.ID) {
		p.ID = p.FeedURL
	}
	if p.ID == "" && p.Title == "" && p.URL == "" {
		return nil
	}
	return &p
}

// atomLinked adds a typed link to an item.
func atomLinked(it *Item, rel string, link newswire.Link, size string) {
	const registry = "http://www.iana.org/assignments/relation/" // RFC 4287 §4.2.7.2: a relation may be spelt in full
	link.URL = webAddress(link.URL)
	if link.URL == "" {
		return
	}
	link.Rel = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(rel)), registry)
	link.Type, link.Title = mediaType(link.Type, ""), plain(link.Title)
	switch link.Rel {
	case "enclosure":
		enclose(it, newswire.Enclosure{URL: link.URL, Type: link.Type, Length: length(size), Title: link.Title})
	case "license":
		if !IsRSL(link.Type) {
			it.license(link.URL)
		}
	case "replies":
		if it.Comments == "" && (link.Type == "" || link.Type == "text/html") {
			it.Comments = link.URL
		}
	case "via", "related":
		if len(it.Links) < maxTerms {
			it.Links = append(it.Links, link)
		}
	}
}

// linked is the address of the first link with that relation.
func linked(links []*atom.Link, rel string) string {
	for _, l := range links {
		if strings.EqualFold(relationOf(l.Rel, l.Type), rel) && l.Href != "" {
			return l.Href
		}
	}
	return ""
}

// allLinked are the addresses of all links with that relation.
func allLinked(links []*atom.Link, rel string) []string {
	var addresses []string
	for _, l := range links {
		if strings.EqualFold(relationOf(l.Rel, l.Type), rel) {
			addresses = append(addresses, l.Href)
		}
	}
	return addresses
}

// alternate is the address of the page that is the same in HTML. Some publishers offer other forms as well.
func alternate(links []*atom.Link) string {
	var other string
	for _, l := range links {
		address := webAddress(l.Href)
		if address == "" || !strings.EqualFold(l.Rel, "alternate") {
			continue
		}
		if l.Type == "" || strings.Contains(strings.ToLower(l.Type), "html") {
			return address
		}
		other = cmp.Or(other, address)
	}
	return other
}

// people translates Atom's persons.
func people(persons []*atom.Person) []newswire.Person {
	var all []newswire.Person
	for _, p := range persons {
		all = join(all, severally(atomPerson(p.Name, p.Email, p.URI))...)
	}
	return all
}

// atomPerson is a person in three elements. Some publishers write the address into the name all the same.
func atomPerson(name, email, uri string) newswire.Person {
	p := person(name)
	p = named(p.Name, cmp.Or(mailAddress(email), p.Email))
	p.URL = webAddress(uri)
	if p.Name == "" {
		p.Name = p.URL
	}
	return p
}

func atomTerms(categories []*atom.Category) []newswire.Term {
	var terms []newswire.Term
	for _, c := range categories {
		terms = addTerm(terms, newswire.Term{Term: cmp.Or(c.Term, c.Label), Scheme: c.Scheme, Label: c.Label})
	}
	return terms
}
