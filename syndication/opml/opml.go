// Package opml writes the directory of our feeds as OPML 2.0, for a reader to import. The format is described at
// http://opml.org/spec2.opml.
//
//	err := opml.Encode(w, site, slices.Values([]opml.Outline{{Title: "Trade", FeedURL: address, Path: []string{"Categories"}}}))
//
// The outlines are written as they come, so that a directory of any length takes no more memory than a short one. Nothing in
// it comes from the clock: equal outlines make equal bytes.
package opml

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/text"
)

// MediaType is what readers know OPML by.
const MediaType = "text/x-opml; charset=utf-8"

// Outline is a feed in the directory.
type Outline struct {
	Title       string
	Description string   // plain text; optional
	FeedURL     string   // absolute; an outline without one is left out
	HomePage    string   // absolute; optional
	Language    string   // BCP 47; optional
	Path        []string // titles of the groups that it is in, from the outermost on
}

// Encode writes the outlines. Those that follow each other under one path are in one group.
func Encode(w io.Writer, site newswire.Site, outlines iter.Seq[Outline]) error {
	e := &encoder{w: bufio.NewWriterSize(w, 32<<10)}
	e.open(site)
	for o := range outlines {
		if e.err != nil {
			break
		}
		e.outline(&o)
	}
	e.close()
	if e.err != nil {
		return fmt.Errorf("encode OPML: %w", e.err)
	}
	return nil
}

// encoder writes a document. After the first error it writes nothing.
type encoder struct {
	w    *bufio.Writer
	path []string // of the last outline
	err  error
}

func (e *encoder) write(parts ...string) {
	for _, s := range parts {
		if e.err == nil {
			_, e.err = e.w.WriteString(s)
		}
	}
}

// escape writes a value or a text. Few have a character that must not stand there as it is.
func (e *encoder) escape(s string) {
	if !strings.ContainsAny(s, "\"'&<>\t\n\r") && utf8.ValidString(s) {
		e.write(s)
	} else if e.err == nil {
		e.err = xml.EscapeText(e.w, []byte(s))
	}
}

// attribute writes one that is not empty.
func (e *encoder) attribute(name, value string) {
	if value != "" {
		e.write(" ", name, `="`)
		e.escape(value)
		e.write(`"`)
	}
}

func (e *encoder) open(site newswire.Site) {
	e.write(xml.Header, "<opml version=\"2.0\">\n  <head>\n    <title>")
	e.escape(plain(site.Title))
	e.write("</title>\n")
	if owner := text.Mail(site.Contact); owner != "" {
		e.write("    <ownerEmail>")
		e.escape(owner)
		e.write("</ownerEmail>\n")
	}
	e.write("  </head>\n  <body>\n")
}

func (e *encoder) close() {
	e.enter(nil)
	e.write("  </body>\n</opml>\n")
	if e.err == nil {
		e.err = e.w.Flush()
	}
}

// indent begins a line within so many groups.
func (e *encoder) indent(groups int) { e.write("    ", strings.Repeat("  ", groups)) }

// enter closes the groups that the next outline is not in, and opens those that it is in.
func (e *encoder) enter(path []string) {
	same := 0
	for same < min(len(path), len(e.path)) && path[same] == e.path[same] {
		same++
	}
	for n := len(e.path) - 1; n >= same; n-- {
		e.indent(n)
		e.write("</outline>\n")
	}
	for n, title := range path[same:] {
		e.indent(same + n)
		e.write("<outline")
		e.attribute("text", plain(title))
		e.write(">\n")
	}
	if len(path) != len(e.path) || same < len(path) {
		e.path = slices.Clone(path)
	}
}

func (e *encoder) outline(o *Outline) {
	feed := text.URL(o.FeedURL)
	if feed == "" {
		return
	}
	e.enter(o.Path)
	title := plain(o.Title)
	if title == "" {
		title = feed
	}
	e.indent(len(o.Path))
	e.write("<outline")
	e.attribute("text", title)
	e.attribute("title", title)
	e.attribute("type", "rss") // of every kind of feed
	e.attribute("xmlUrl", feed)
	e.attribute("htmlUrl", text.URL(o.HomePage))
	e.attribute("description", plain(o.Description))
	e.attribute("language", text.Language(o.Language))
	e.write("></outline>\n")
}

// plain is text that readers, which read OPML's text as HTML, will show as it is.
func plain(s string) string {
	s = newswire.Line(text.Legal(s))
	if text.LooksLikeMarkup(s) {
		return text.Escape(s)
	}
	return s
}
