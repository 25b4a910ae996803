// Package atom writes feeds as Atom 1.0 (RFC 4287), with the licence links of RFC 4946, the reply links of RFC 4685, the
// tombstones of RFC 6721, the archives of RFC 5005 and Media RSS for pictures.
//
// Its elements embed those of gorilla/feeds and shadow what these cannot say: several authors, categories and links, a
// source with children, texts that are HTML.
package atom

import (
	"cmp"
	"encoding/xml"
	"fmt"

	"github.com/gorilla/feeds"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/mediarss"
	"github.com/newswire/newswire/syndication/internal/parts"
	"github.com/newswire/newswire/syndication/internal/text"
)

// What a server needs to know of the format.
const (
	MediaType = "application/atom+xml; charset=utf-8"
	Extension = "atom"
)

// never is when a feed without articles was updated. RFC 4287 wants a date, there is none, and the clock's would make
// new bytes of nothing new. It is the month in which the RFC came out: older than any article is likely to be, so that
// the first article is news to a reader.
const never = "2005-12-01T00:00:00Z"

const namespace = "http://www.w3.org/2005/Atom"

// history is the namespace of RFC 5005.
const history = "http://purl.org/syndication/history/1.0"

type feed struct {
	feeds.AtomFeed
	Lang      string     `xml:"xml:lang,attr,omitempty"`
	Media     string     `xml:"xmlns:media,attr"`
	At        string     `xml:"xmlns:at,attr,omitempty"`
	History   string     `xml:"xmlns:fh,attr,omitempty"`
	Title     textual    `xml:"title"`
	Subtitle  *textual   `xml:"subtitle"`
	Link      []link     `xml:"link"`
	Rights    *textual   `xml:"rights"`
	Generator *generator `xml:"generator"`
	Archive   *struct{}  `xml:"fh:archive"`
	Deleted   []deleted  `xml:"at:deleted-entry"`
}

// FeedXml makes feed a [feeds.XmlFeed].
//
//lint:ignore ST1003 the interface has this name
func (f *feed) FeedXml() any { return f }

type generator struct {
	URI  string `xml:"uri,attr"`
	Name string `xml:",chardata"`
}

// Format encodes feeds. Equal feeds make equal bytes; a feed without articles is valid.
var Format = parts.Encoder{Envelope: encodeEnvelope, Article: encodeArticle}

// Encode writes the feed.
func Encode(f *newswire.Feed) ([]byte, error) {
	d, err := Format.Encode(f)
	return d.Body, err
}

func encodeEnvelope(f *newswire.Feed) (parts.Envelope, error) {
	f = text.Envelope(f)
	self := f.URL(Extension)
	doc := &feed{
		AtomFeed: feeds.AtomFeed{Xmlns: namespace, Id: f.SubscriptionURL(Extension), Updated: text.RFC3339(f.Updated)},
		Lang:     text.Language(f.Site.Language),
		Media:    mediarss.Namespace,
		Title:    *plain(cmp.Or(newswire.Line(f.Title), newswire.Line(f.Site.Title), self)),
		Subtitle: plain(f.Subtitle),
		Link: []link{
			to("self", self, "application/atom+xml", ""),
			to("alternate", f.HomePage(), "text/html", ""),
		},
		Rights:    plain(text.FeedRights),
		Generator: &generator{URI: "https://github.com/newswire/newswire", Name: "newswire"}, // a version would change the bytes of every feed
	}
	if doc.Updated == "" {
		doc.Updated = never
	}
	if hub := text.URL(f.Hub); hub != "" {
		doc.Link = append(doc.Link, to("hub", hub, "", ""))
	}
	if f.Page != "" {
		doc.Link = append(doc.Link, to("current", f.SubscriptionURL(Extension), "application/atom+xml", ""))
	}
	if older := f.OlderURL(Extension); older != "" {
		doc.Link = append(doc.Link, to("prev-archive", older, "application/atom+xml", ""))
		if f.Page != "" { // an archive without a link further on would be an incomplete one
			doc.History, doc.Archive = history, &struct{}{}
		}
	}
	for i := range f.Tombstones {
		doc.At = tombstones
		doc.Deleted = append(doc.Deleted, newDeleted(&f.Tombstones[i], f.Site))
	}
	env, err := parts.XMLEnvelope(f.Site, doc, "\n</feed>")
	if err != nil {
		return env, fmt.Errorf("encode Atom: %w", err)
	}
	return env, nil
}

func encodeArticle(a *newswire.Article, site newswire.Site) ([]byte, error) {
	e := newEntry(text.Article(a), text.Site(site))
	b, err := parts.XMLArticle(&e, "  ")
	if err != nil {
		return nil, fmt.Errorf("encode %s as Atom: %w", a.ID, err)
	}
	return b, nil
}

// tombstones is the namespace of RFC 6721.
const tombstones = "http://purl.org/atompub/tombstones/1.0"

// deleted says that an entry is to be dropped (RFC 6721 §3).
type deleted struct {
	Ref     string   `xml:"ref,attr"`
	When    string   `xml:"when,attr"`
	Comment *textual `xml:"at:comment"`
}

func newDeleted(t *newswire.Tombstone, site newswire.Site) deleted {
	return deleted{
		Ref:     cmp.Or(text.IRI(t.AtomID), site.URL+"/articles/"+t.Article),
		When:    text.RFC3339(t.At),
		Comment: plain(t.Reason),
	}
}

// textual is a text construct (RFC 4287 §3.1). Its < and & are hexadecimal references, which no reader and no validator
// reads as markup by mistake.
type textual struct {
	Type string `xml:"type,attr,omitempty"` // text where empty
	XML  string `xml:",innerxml"`
}

// plain is a text construct of plain text; nil for none. Text that looks like markup is sent as HTML, so that a reader
// that reads every text as HTML shows it too.
func plain(s string) *textual {
	s = newswire.Line(s)
	switch {
	case s == "":
		return nil
	case text.LooksLikeMarkup(s):
		return &textual{Type: "html", XML: text.EscapeHex(text.Escape(s))}
	default:
		return &textual{XML: text.EscapeHex(s)}
	}
}

type link struct {
	feeds.AtomLink
	XMLName xml.Name `xml:"link"`
	Title   string   `xml:"title,attr,omitempty"`
}

func to(rel, href, mediaType, title string) link {
	return link{AtomLink: feeds.AtomLink{Rel: rel, Href: href, Type: mediaType}, Title: text.Attribute(title)}
}

type person struct {
	Name textual `xml:"name"`
	feeds.AtomPerson
}

// people are person constructs (RFC 4287 §3.2), without the persons that have no name of any kind.
func people(persons []newswire.Person) []person {
	var out []person
	for _, p := range persons {
		name := text.Name(p)
		if name == "" {
			continue
		}
		if text.LooksLikeMarkup(name) {
			name = text.Plain(name) // a person's name is never HTML (RFC 4287 §3.2.1)
		}
		out = append(out, person{
			Name:       textual{XML: text.EscapeHex(name)},
			AtomPerson: feeds.AtomPerson{Uri: text.URL(p.URL), Email: text.Mail(p.Email)},
		})
	}
	return out
}

type category struct {
	Term   string `xml:"term,attr"`
	Scheme string `xml:"scheme,attr,omitempty"`
	Label  string `xml:"label,attr,omitempty"`
}

// terms are the publisher's own categories. A scheme that is no IRI, as an RSS domain need not be, cannot be said here.
func terms(list []newswire.Term) []category {
	var out []category
	seen := map[category]bool{}
	for _, t := range list {
		c := category{Term: newswire.Line(t.Term), Scheme: text.IRI(t.Scheme), Label: text.Attribute(t.Label)}
		if c.Label == c.Term {
			c.Label = ""
		}
		if c.Term != "" && !seen[c] {
			seen[c] = true
			out = append(out, c)
		}
	}
	return out
}
