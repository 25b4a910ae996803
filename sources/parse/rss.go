package parse

import (
	"cmp"
	"slices"
	"strings"

	ext "github.com/mmcdole/gofeed/extensions"
	"github.com/mmcdole/gofeed/rss"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/internal/stable"
)

// fromRSS translates RSS 0.9x, 1.0 and 2.0.
func (r *documentReader) fromRSS(f *rss.Feed, version string) *Document {
	e := f.Extensions
	doc := &Document{
		Format: strings.TrimSpace("rss " + plain(version)),
		Hub:    webAddress(atomLink(e, "hub")),
		Cadence: newswire.Cadence{
			TTL:       ttl(f.TTL),
			SkipHours: skipHours(f.SkipHours),
			SkipDays:  skipDays(f.SkipDays),
			Period:    period(value(e, "sy", "updateperiod"), value(e, "sy", "updatefrequency")),
			Base:      r.date(value(e, "sy", "updatebase")),
		},
		Deleted: r.xmlDeletions(e),
	}
	doc.Publisher = r.channel(f)
	feedTerms(doc, e, atomLinks(e, "license"), atomLink(e, rslLicenseLink))
	doc.Items = slices.Grow(doc.Items, len(f.Items))
	for _, item := range f.Items {
		doc.Items = append(doc.Items, r.rssItem(item, doc.Publisher))
	}
	return doc
}

// channel is what the channel says of itself.
func (r *documentReader) channel(f *rss.Feed) newswire.Publisher {
	e := f.Extensions
	b := r.beside(e)
	p := newswire.Publisher{
		Title:    plain(cmp.Or(f.Title, value(e, "dc", "title"))),
		Subtitle: plain(cmp.Or(f.Description, value(e, "itunes", "subtitle"), value(e, "itunes", "summary"))),
		URL:      webAddress(cmp.Or(firstAddress(f.Links), atomLink(e, "alternate"))),
		FeedURL:  cmp.Or(webAddress(atomLink(e, "self")), r.URL),
		Updated: r.date(f.LastBuildDate, f.PubDate, value(e, "dc", "date"), value(e, "atom", "updated"),
			value(e, "dcterms", "modified"), value(e, "dcterms", "issued"), value(e, "dcterms", "created")),
		Rights:   plain(cmp.Or(f.Copyright, value(e, "dc", "rights"), value(e, "dcterms", "rights"), value(e, "media", "copyright"), value(e, "dcterms", "accessrights"))),
		Icon:     webAddress(value(e, "atom", "icon")),
		Language: Language(cmp.Or(f.Language, value(e, "dc", "language"), b.first("lang"))),
	}
	p.ID = p.FeedURL
	if f.Image != nil {
		p.Logo = webAddress(f.Image.URL)
	}
	p.Logo = cmp.Or(p.Logo, webAddress(value(e, "atom", "logo")), itunesImage(e))
	p.Authors = join(p.Authors, persons(f.ManagingEditor)...)
	for _, creator := range bounded(slices.Concat(values(e, "dc", "creator"), values(e, "dc", "author"), b.all("author"))) {
		p.Authors = join(p.Authors, persons(creator)...)
	}
	p.Authors = join(p.Authors, atomPeople(e, "author")...)
	p.Authors = join(p.Authors, persons(value(e, "itunes", "author"))...)
	p.Terms = extensionTerms(rssTerms(f.Categories), e, b)
	return p
}

// rssItem translates one item.
func (r *documentReader) rssItem(x *rss.Item, publisher newswire.Publisher) Item {
	e := x.Extensions
	b := r.beside(e)
	var it Item
	if x.GUID != nil {
		it.GUID = x.GUID.Value
		it.PermaLink = !strings.EqualFold(strings.TrimSpace(x.GUID.IsPermalink), "false") && webAddress(it.GUID) != ""
	}
	it.GUID = cmp.Or(it.GUID, b.first("about"), value(e, "atom", "id"))
	it.URL = webAddress(cmp.Or(value(e, "feedburner", "origlink"), firstAddress(x.Links), atomLink(e, "alternate")))
	switch {
	case it.URL != "" || x.GUID == nil:
	case it.PermaLink:
		it.URL = webAddress(it.GUID)
	case isPath(x.GUID, b.first("permalink")):
		it.URL = webAddress(resolve(cmp.Or(baseOf(publisher.URL), r.base), it.GUID))
	}
	it.Title = plain(cmp.Or(x.Title, value(e, "dc", "title"), value(e, "itunes", "title"), value(e, "media", "title")))
	it.Summary, it.Content = rssTexts(e, b)
	it.Published = r.date(b.last(itemPublished), value(e, "dc", "date"), value(e, "dcterms", "issued"), value(e, "dcterms", "created"), value(e, "atom", "published"))
	it.Updated = r.date(value(e, "dcterms", "modified"), value(e, "atom", "updated"))
	it.Language = cmp.Or(Language(value(e, "dc", "language")), Language(b.first("contentlang")),
		Language(b.first("lang")), publisher.Language)
	it.Authors = rssAuthors(e, b)
	for _, name := range values(e, "dc", "contributor") {
		it.Contributors = join(it.Contributors, persons(name)...)
	}
	it.Contributors = join(it.Contributors, atomPeople(e, "contributor")...)
	it.Contributors = join(it.Contributors, podcastPeople(e)...)
	it.Terms = extensionTerms(rssTerms(x.Categories), e, b)
	for _, enclosure := range x.Enclosures {
		enclose(&it, newswire.Enclosure{URL: enclosure.URL, Type: enclosure.Type, Length: length(enclosure.Length)})
	}
	for _, link := range e["atom"]["link"] {
		atomLinked(&it, link.Attrs["rel"], newswire.Link{URL: link.Attrs["href"], Type: link.Attrs["type"], Title: link.Attrs["title"]}, link.Attrs["length"])
	}
	media(&it, e)
	if it.Image == nil {
		it.Image = picture(cmp.Or(b.first(itemImage), b.first(itemImage+" url"), b.first(itemImage+" href")))
	}
	it.Comments = webAddress(x.Comments)
	it.license(licenses(e)...)
	it.Rights.Statement = plain(cmp.Or(value(e, "dc", "rights"), value(e, "dcterms", "rights"), value(e, "atom", "rights"),
		value(e, "media", "copyright"), value(e, "dcterms", "accessrights")))
	itemTerms(&it, e, atomLink(e, rslLicenseLink))
	limits(r, &it, e)
	if x.Source != nil {
		it.Upstream = r.other(&it, upstream(x.Source))
	}
	it.Base = cmp.Or(b.first("contentbase"), b.first("summarybase"), b.first("base"), it.URL,
		publisher.URL, r.URL)
	return it
}

// isPath says whether a guid is the path of a permalink: it begins as one, or was said to be one.
func isPath(guid *rss.GUID, said string) bool {
	value := strings.TrimSpace(guid.Value)
	if strings.ContainsAny(value, " \t\n:") || strings.EqualFold(strings.TrimSpace(guid.IsPermalink), "false") {
		return false
	}
	return strings.HasPrefix(value, "/") || said != "" && strings.Contains(value, "/")
}

// upstream is where the publisher took an item from.
func upstream(s *rss.Source) *newswire.Publisher {
	p := newswire.Publisher{Title: plain(s.Title), FeedURL: webAddress(s.URL)}
	p.ID = p.FeedURL
	if p.Title == "" && p.FeedURL == "" {
		return nil
	}
	return &p
}

// other is the upstream of an item, unless it is the item itself or the feed that has it: forum software names a topic as
// the source of each of its posts.
func (r *documentReader) other(it *Item, upstream *newswire.Publisher) *newswire.Publisher {
	switch {
	case upstream == nil:
		return nil
	case upstream.FeedURL != "" && upstream.FeedURL == r.URL:
		return nil
	case it.GUID != "" && upstream.ID == it.GUID:
		return nil
	case upstream.FeedURL == "" && upstream.URL == "" && strings.EqualFold(upstream.Title, it.Title):
		return nil
	}
	for _, place := range []string{upstream.FeedURL, upstream.URL} {
		if place == "" || it.URL == "" {
			continue
		}
		sameTitle := it.Title != "" && strings.EqualFold(upstream.Title, it.Title)
		if stable.Same(place, it.URL) || isUnder(place, it.URL) || sameTitle && hostOf(place) == hostOf(it.URL) {
			return nil
		}
	}
	return upstream
}

// rssTexts are the abstract and the whole text of an item. A description is the whole text where there is no other, but
// that cannot be told from an abstract, so it stays the summary.
func rssTexts(e ext.Extensions, b beside) (summary, content string) {
	content = cmp.Or(b.first("content:encoded"), value(e, "xhtml", "body"), value(e, "xhtml", "div"), b.first(itemText))
	summary = atLineBreaks(cmp.Or(b.first("description"), value(e, "dc", "description"), value(e, "atom", "summary"), value(e, "dcterms", "abstract")))
	if summary == "" {
		summary = plainText(cmp.Or(value(e, "itunes", "summary"), value(e, "media", "description"), value(e, "itunes", "subtitle")))
	}
	if content = atLineBreaks(content); summary == content {
		summary = ""
	}
	return summary, content
}

// rssAuthors are an item's own authors. The channel's are not made its own: an editor of a channel has not written it all.
func rssAuthors(e ext.Extensions, b beside) []newswire.Person {
	var authors []newswire.Person
	for _, name := range []string{"creator", "author"} {
		for _, creator := range bounded(values(e, "dc", name)) {
			authors = join(authors, persons(creator)...)
		}
	}
	for _, creator := range bounded(values(e, "dcterms", "creator")) {
		authors = join(authors, persons(creator)...)
	}
	authors = join(authors, atomPeople(e, "author")...)
	for _, author := range bounded(b.all("author")) { // gofeed keeps the last alone
		authors = join(authors, persons(author)...)
	}
	if len(authors) == 0 {
		authors = join(authors, persons(value(e, "itunes", "author"))...)
	}
	return authors
}

// atomPeople are the people of Atom elements inside of RSS.
func atomPeople(e ext.Extensions, name string) []newswire.Person {
	var people []newswire.Person
	for _, x := range e["atom"][name] {
		people = join(people, severally(atomPerson(child(x, "name"), child(x, "email"), child(x, "uri")))...)
	}
	return people
}

// podcastPeople are those that take part in an episode (Podcast Namespace 1.0, "Person").
func podcastPeople(e ext.Extensions) []newswire.Person {
	var people []newswire.Person
	for _, x := range e["podcast"]["person"] {
		people = join(people, newswire.Person{Name: plain(x.Value), URL: webAddress(x.Attrs["href"])})
	}
	return people
}

// atomLink is the address of the first Atom link with that relation.
func atomLink(e ext.Extensions, rel string) string {
	for _, x := range e["atom"]["link"] {
		if strings.EqualFold(relationOf(x.Attrs["rel"], x.Attrs["type"]), rel) && x.Attrs["href"] != "" {
			return x.Attrs["href"]
		}
	}
	return ""
}

// atomLinks are the addresses of all Atom links with that relation.
func atomLinks(e ext.Extensions, rel string) []string {
	var addresses []string
	for _, x := range e["atom"]["link"] {
		if strings.EqualFold(relationOf(x.Attrs["rel"], x.Attrs["type"]), rel) {
			addresses = append(addresses, x.Attrs["href"])
		}
	}
	return addresses
}

// firstAddress is the first of the strings that is a web address.
func firstAddress(candidates []string) string {
	for _, c := range candidates {
		if webAddress(c) != "" {
			return c
		}
	}
	return ""
}

func rssTerms(categories []*rss.Category) []newswire.Term {
	var terms []newswire.Term
	for _, c := range categories {
		terms = addTerm(terms, newswire.Term{Term: c.Value, Scheme: c.Domain})
	}
	return terms
}

// addKeywords adds terms from lists that are divided by commas.
func addKeywords(terms []newswire.Term, lists ...string) []newswire.Term {
	for _, list := range lists {
		for keyword := range strings.SplitSeq(list, ",") {
			terms = addTerm(terms, newswire.Term{Term: keyword})
		}
	}
	return terms
}

// extensionTerms adds the terms that extensions have.
func extensionTerms(terms []newswire.Term, e ext.Extensions, b beside) []newswire.Term {
	for _, subject := range values(e, "dc", "subject") {
		terms = addTerm(terms, newswire.Term{Term: subject})
	}
	for _, c := range e["media"]["category"] { // Media RSS, "media:category"
		scheme := cmp.Or(c.Attrs["scheme"], "http://search.yahoo.com/mrss/category_schema")
		terms = addTerm(terms, newswire.Term{Term: c.Value, Scheme: scheme, Label: c.Attrs["label"]})
	}
	terms = itunesCategories(terms, e["itunes"]["category"])
	return addKeywords(terms, b.first(itemTags), value(e, "itunes", "keywords"), value(e, "media", "keywords"))
}

// itunesCategories adds the categories of iTunes, each with those inside of it.
func itunesCategories(terms []newswire.Term, categories []ext.Extension) []newswire.Term {
	for _, c := range categories {
		terms = addTerm(terms, newswire.Term{Term: c.Attrs["text"], Scheme: "http://www.itunes.com/"})
		terms = itunesCategories(terms, c.Children["category"])
	}
	return terms
}

// maxTerms bounds the terms of one item.
const maxTerms = 100

// addTerm adds a term that is not empty and not there yet.
func addTerm(terms []newswire.Term, t newswire.Term) []newswire.Term {
	t.Term, t.Scheme, t.Label = plain(t.Term), line(t.Scheme), plain(t.Label)
	if t.Term == "" || len(terms) >= maxTerms {
		return terms
	}
	for _, known := range terms {
		if known.Term == t.Term && known.Scheme == t.Scheme {
			return terms
		}
	}
	return append(terms, t)
}
