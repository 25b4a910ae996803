// Package opml writes the directory of our feeds as OPML 2.0, for a reader to import. The format is described at
// http://opml.org/spec2.opml.
//
// Nothing in it comes from the clock: equal outlines make equal bytes.
package opml

import (
	"bytes"
	"encoding/xml"
	"fmt"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/text"
)

// MediaType is what readers know OPML by.
const MediaType = "text/x-opml; charset=utf-8"

// Outline is a feed, or a group of outlines under a title.
type Outline struct {
	Title       string
	Description string // plain text; optional
	FeedURL     string // absolute; empty for a group
	HomePage    string // absolute; optional
	Language    string // BCP 47; optional
	Outlines    []Outline
}

type document struct {
	XMLName  xml.Name  `xml:"opml"`
	Version  string    `xml:"version,attr"`
	Title    string    `xml:"head>title"`
	Owner    string    `xml:"head>ownerEmail,omitempty"`
	Outlines []outline `xml:"body>outline"`
}

type outline struct {
	Text        string    `xml:"text,attr"`
	Title       string    `xml:"title,attr,omitempty"`
	Type        string    `xml:"type,attr,omitempty"`
	XMLURL      string    `xml:"xmlUrl,attr,omitempty"`
	HTMLURL     string    `xml:"htmlUrl,attr,omitempty"`
	Description string    `xml:"description,attr,omitempty"`
	Language    string    `xml:"language,attr,omitempty"`
	Outlines    []outline `xml:"outline"`
}

// Encode writes the outlines, groups nested as they are given. A group without a feed in it is left out, for OPML
// cannot say that it is empty.
func Encode(site newswire.Site, outlines []Outline) ([]byte, error) {
	doc := document{Version: "2.0", Title: plain(site.Title), Owner: text.Mail(site.Contact), Outlines: list(outlines)}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", "  ")
	if err := enc.Encode(&doc); err != nil {
		return nil, fmt.Errorf("encode OPML: %w", err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

func list(outlines []Outline) []outline {
	var out []outline
	for _, o := range outlines {
		feed := text.URL(o.FeedURL)
		inner := list(o.Outlines)
		if feed == "" && len(inner) == 0 {
			continue
		}
		title := plain(o.Title)
		if title == "" {
			title = feed
		}
		next := outline{Text: title, Outlines: inner}
		if feed != "" { // "rss" is the type of every kind of feed
			next.Title, next.Type, next.XMLURL, next.HTMLURL = title, "rss", feed, text.URL(o.HomePage)
			next.Description, next.Language = plain(o.Description), text.Language(o.Language)
		}
		out = append(out, next)
	}
	return out
}

// plain is text that readers, which read OPML's text as HTML, will show as it is.
func plain(s string) string {
	s = newswire.Line(text.Legal(s))
	if text.LooksLikeMarkup(s) {
		return text.Escape(s)
	}
	return s
}
