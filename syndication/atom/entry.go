package atom

import (
	"cmp"
	"encoding/xml"
	"strconv"

	"github.com/gorilla/feeds"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/mediarss"
	"github.com/newswire/newswire/syndication/internal/text"
)

// entry is an article. The order of its fields is that of its elements. source comes last, because a reader is known that
// shows the title of a leading one as the entry's own.
type entry struct {
	feeds.AtomEntry
	XMLName      xml.Name            `xml:"entry"`
	Lang         string              `xml:"xml:lang,attr,omitempty"`
	Title        textual             `xml:"title"`
	Links        []link              `xml:"link"`
	Author       []person            `xml:"author"`
	Contributor  []person            `xml:"contributor"`
	Category     []category          `xml:"category"`
	Summary      *feeds.AtomSummary  `xml:"summary"`
	Content      *feeds.AtomContent  `xml:"content"`
	MediaContent []*mediarss.Content `xml:"media:content"`
	Rights       *textual            `xml:"rights"`
	Usage        *text.Usage         `xml:"newswire:usage"`
	Source       *source             `xml:"source"`
}

func newEntry(a *newswire.Article, site newswire.Site) entry {
	id := cmp.Or(text.IRI(a.AtomID), site.URL+"/articles/"+a.ID)
	title := newswire.Line(a.Title)
	if title == "" {
		title = cmp.Or(headline(a), newswire.Line(a.URL), id)
	}
	e := entry{
		AtomEntry: feeds.AtomEntry{
			Id:        id,
			Updated:   cmp.Or(text.RFC3339(a.Modified()), never),
			Published: text.RFC3339(a.Published),
		},
		Title:       *plain(title),
		Links:       links(a),
		Author:      authors(a),
		Contributor: people(a.Contributors),
		Category:    terms(a.Terms),
		Rights:      plain(text.Rights(a)),
		Usage:       text.NewUsage(a),
	}
	lang := text.Language(site.Language)
	if l := text.Language(a.Language); l != "" && l != lang {
		e.Lang, lang = l, l
	}
	for _, c := range a.Categories {
		e.Category = append(e.Category, category{Term: c, Scheme: site.CategoryScheme()})
	}
	if p := mediarss.Picture(a.Image); p != nil {
		e.MediaContent = append(e.MediaContent, p)
	}
	e.Summary, e.Content = body(a, title)
	e.Source = newSource(a)
	if e.Source != nil && e.Source.Lang == lang {
		e.Source.Lang = "" // it inherits the entry's
	}
	return e
}

// titleLength is how much of the text stands in for a title that the publisher did not give, in characters.
const titleLength = 80

// headline is the beginning of the text of an article that has no title: Atom requires one (RFC 4287 §4.1.2).
func headline(a *newswire.Article) string {
	s, cut := text.Cut(text.Plain(text.Uncredited(cmp.Or(a.Content, a.Summary))), titleLength)
	if cut {
		s += " …"
	}
	return s
}

// body is the text of an entry. An entry without an alternate link must have content (RFC 4287 §4.1.2), and one without
// content should have a summary, be it the title (§4.1.1.1).
func body(a *newswire.Article, title string) (*feeds.AtomSummary, *feeds.AtomContent) {
	summary, content := a.Summary, a.Content
	if summary == "" && content == "" {
		summary = text.Escape(title)
	}
	if content == "" && text.URL(a.URL) == "" {
		summary, content = "", summary
	}
	var s *feeds.AtomSummary
	var c *feeds.AtomContent
	if summary != "" {
		s = &feeds.AtomSummary{Content: summary, Type: "html"}
	}
	if content != "" {
		c = &feeds.AtomContent{Content: content, Type: "html"}
	}
	return s, c
}

// authors are the article's, else the publisher's, else the publisher itself. An entry always has its own, for otherwise
// the source's or the feed's would hold for it (RFC 4287 §4.2.1).
func authors(a *newswire.Article) []person {
	p := &a.Publisher
	for _, list := range [][]newswire.Person{a.Authors, p.Authors, {{Name: cmp.Or(p.Title, p.URL, p.FeedURL, p.ID, a.Source)}}} {
		if found := people(list); len(found) > 0 {
			return found
		}
	}
	return nil
}

// links are the publisher's page, the terms, further outlets, the discussion and the enclosures, each address at most
// once for a relation.
func links(a *newswire.Article) []link {
	var out []link
	type target struct{ rel, href string }
	seen := map[target]bool{}
	add := func(rel, address, mediaType, title string) *link {
		href := text.URL(address)
		if href == "" || seen[target{rel, href}] {
			return nil
		}
		seen[target{rel, href}] = true
		out = append(out, to(rel, href, text.MediaType(mediaType), title))
		return &out[len(out)-1]
	}
	add("alternate", a.URL, "", "")
	for _, address := range text.Licenses(a) {
		add("license", address, "", "")
	}
	for _, l := range a.Links {
		if l.Rel == "via" || l.Rel == "related" {
			add(l.Rel, l.URL, l.Type, l.Title)
		}
	}
	if a.Upstream != nil { // source names the upstream: say here through which publisher the article came
		add("via", cmp.Or(a.Publisher.URL, a.Publisher.FeedURL), "", a.Publisher.Title)
	}
	add("replies", a.Comments, "text/html", "")
	for _, f := range a.Enclosures {
		if l := add("enclosure", f.URL, f.Type, f.Title); l != nil && f.Length > 0 {
			l.Length = strconv.FormatInt(f.Length, 10)
		}
	}
	return out
}
