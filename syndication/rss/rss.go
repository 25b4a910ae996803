// Package rss writes feeds as RSS 2.0 (https://www.rssboard.org/rss-specification), as the RSS Board's best practices
// advise, with Dublin Core for names and rights, Media RSS for pictures, and Atom for links and for the date of the last
// change, which RSS has no word for. Archives are those of RFC 5005.
//
// Its elements embed those of gorilla/feeds and shadow what these cannot say: a source with its address, several
// categories and creators, items without a title.
package rss

import (
	"cmp"
	"fmt"

	"github.com/gorilla/feeds"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/mediarss"
	"github.com/newswire/newswire/syndication/internal/parts"
	"github.com/newswire/newswire/syndication/internal/text"
)

// What a server needs to know of the format.
const (
	MediaType = "application/rss+xml; charset=utf-8"
	Extension = "rss"
)

// history is the namespace of RFC 5005.
const history = "http://purl.org/syndication/history/1.0"

type document struct {
	feeds.RssFeedXml         // declares content
	Atom             string  `xml:"xmlns:atom,attr"`
	CreativeCommons  string  `xml:"xmlns:creativeCommons,attr"`
	DublinCore       string  `xml:"xmlns:dc,attr"`
	History          string  `xml:"xmlns:fh,attr,omitempty"`
	Media            string  `xml:"xmlns:media,attr"`
	Channel          channel `xml:"channel"`
}

// FeedXml makes document a [feeds.XmlFeed].
//
//lint:ignore ST1003 the interface has this name
func (d *document) FeedXml() any { return d }

type channel struct {
	Title       textual   `xml:"title"`
	Link        string    `xml:"link"`
	Description textual   `xml:"description"`
	AtomLink    []link    `xml:"atom:link"`
	Archive     *struct{} `xml:"fh:archive"`
	feeds.RssFeed
	Copyright textual `xml:"copyright"`
}

// Format encodes feeds. Equal feeds make equal bytes; a feed without articles is valid.
var Format = parts.Encoder{Envelope: encodeEnvelope, Article: encodeArticle, Distinct: distinct}

// Encode writes the feed.
func Encode(f *newswire.Feed) ([]byte, error) {
	d, err := Format.Encode(f)
	return d.Body, err
}

func encodeEnvelope(f *newswire.Feed) (parts.Envelope, error) {
	f = text.Envelope(f)
	self := f.URL(Extension)
	title := cmp.Or(newswire.Line(f.Title), newswire.Line(f.Site.Title), self)
	doc := &document{
		RssFeedXml:      feeds.RssFeedXml{Version: "2.0", ContentNamespace: "http://purl.org/rss/1.0/modules/content/"},
		Atom:            "http://www.w3.org/2005/Atom",
		CreativeCommons: "http://backend.userland.com/creativeCommonsRssModule",
		DublinCore:      "http://purl.org/dc/elements/1.1/",
		Media:           mediarss.Namespace,
		Channel: channel{
			Title:       *plain(title),
			Link:        f.HomePage(),
			Description: *plain(cmp.Or(newswire.Line(f.Subtitle), title)),
			AtomLink:    []link{{Rel: "self", Href: self, Type: "application/rss+xml"}},
			RssFeed: feeds.RssFeed{
				Language:      text.Language(f.Site.Language),
				LastBuildDate: text.RFC822(f.Updated),
				Generator:     "newswire", // a version would change the bytes of every feed
				Docs:          "https://www.rssboard.org/rss-specification",
			},
			Copyright: *plain(text.FeedRights),
		},
	}
	ch := &doc.Channel
	if hub := text.URL(f.Hub); hub != "" {
		ch.AtomLink = append(ch.AtomLink, link{Rel: "hub", Href: hub})
	}
	if f.Page != "" {
		ch.AtomLink = append(ch.AtomLink, link{Rel: "current", Href: f.SubscriptionURL(Extension), Type: "application/rss+xml"})
	}
	if older := f.OlderURL(Extension); older != "" {
		ch.AtomLink = append(ch.AtomLink, link{Rel: "prev-archive", Href: older, Type: "application/rss+xml"})
		if f.Page != "" { // an archive without a link further on would be an incomplete one
			doc.History, ch.Archive = history, &struct{}{}
		}
	}
	env, err := parts.XMLEnvelope(f.Site, doc, "\n  </channel>\n</rss>")
	if err != nil {
		return env, fmt.Errorf("encode RSS: %w", err)
	}
	return env, nil
}

func encodeArticle(a *newswire.Article, site newswire.Site) ([]byte, error) {
	it := newItem(text.Article(a), text.Site(site))
	b, err := parts.XMLArticle(&it, "    ")
	if err != nil {
		return nil, fmt.Errorf("encode %s as RSS: %w", a.ID, err)
	}
	return b, nil
}

type link struct {
	Rel   string `xml:"rel,attr"`
	Href  string `xml:"href,attr"`
	Type  string `xml:"type,attr,omitempty"`
	Title string `xml:"title,attr,omitempty"`
}

// textual is plain text. RSS does not say whether a title is plain or HTML; the best practices say plain, with < and &
// as hexadecimal references, the form that most readers show as meant.
type textual struct {
	XML string `xml:",innerxml"`
}

// plain is the text of an element; nil for none. Text that looks like markup is escaped once more, for a reader that
// looks whether a title is HTML will find that it is.
func plain(s string) *textual {
	s = newswire.Line(s)
	if s == "" {
		return nil
	}
	if text.LooksLikeMarkup(s) {
		s = text.Escape(s)
	}
	return &textual{XML: text.EscapeHex(s)}
}
