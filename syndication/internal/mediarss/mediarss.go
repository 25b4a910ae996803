// Package mediarss writes Media RSS 1.5.1 elements (https://www.rssboard.org/media-rss), which both RSS and Atom use
// for what they have no word for: pictures with their credit, playing times, more than one enclosure to an item.
package mediarss

import (
	"strconv"
	"strings"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/text"
)

// Namespace is bound to the prefix media.
const Namespace = "http://search.yahoo.com/mrss/"

// Content is a media:content element.
type Content struct {
	URL      string `xml:"url,attr"`
	FileSize int64  `xml:"fileSize,attr,omitempty"` // bytes
	Type     string `xml:"type,attr,omitempty"`
	Medium   string `xml:"medium,attr,omitempty"`
	Duration string `xml:"duration,attr,omitempty"` // seconds
	Height   int    `xml:"height,attr,omitempty"`
	Width    int    `xml:"width,attr,omitempty"`
	Title    *Text  `xml:"media:title"`
	Credit   string `xml:"media:credit,omitempty"`
}

// Text is plain text, or HTML where the text itself looks like markup.
type Text struct {
	Type string `xml:"type,attr"`
	XML  string `xml:",innerxml"`
}

// Picture describes the lead picture; nil when there is none to be followed.
func Picture(i *newswire.Image) *Content {
	if i == nil || text.URL(i.URL) == "" {
		return nil
	}
	return &Content{
		URL:    text.URL(i.URL),
		Type:   text.MediaType(i.Type),
		Medium: "image",
		Height: max(0, i.Height),
		Width:  max(0, i.Width),
		Title:  title(i.Title),
		Credit: newswire.Line(i.Credit),
	}
}

// File describes an enclosure; nil when there is none to be followed.
func File(e *newswire.Enclosure) *Content {
	if text.URL(e.URL) == "" {
		return nil
	}
	c := &Content{
		URL:      text.URL(e.URL),
		FileSize: max(0, e.Length),
		Type:     text.MediaType(e.Type),
		Medium:   medium(e.Type),
		Title:    title(e.Title),
	}
	if e.Duration > 0 {
		c.Duration = strconv.FormatFloat(e.Duration.Seconds(), 'f', -1, 64)
	}
	return c
}

func medium(mediaType string) string {
	kind, _, _ := strings.Cut(strings.ToLower(mediaType), "/")
	switch kind {
	case "image", "audio", "video":
		return kind
	case "application", "text":
		return "document"
	default:
		return ""
	}
}

func title(s string) *Text {
	s = newswire.Line(s)
	switch {
	case s == "":
		return nil
	case text.LooksLikeMarkup(s):
		return &Text{Type: "html", XML: text.EscapeHex(text.Escape(s))}
	default:
		return &Text{Type: "plain", XML: text.EscapeHex(s)}
	}
}
