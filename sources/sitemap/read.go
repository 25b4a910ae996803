package sitemap

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/internal/markup"
	"github.com/newswire/newswire/sources/parse"
)

// Bounds on what one entry may say, and on what is said of mistakes.
const (
	maxKeywords = 100
	maxImages   = 20
	maxRepairs  = 20
	maxTitle    = 1000 // characters
)

// reading is the state of one reading of a document.
type reading struct {
	parse.Options
	base    *url.URL
	index   bool
	entries []entry
	repairs []string

	open []string // names of the open elements that are known, outermost first
	text strings.Builder
}

// known are the elements that mean something. All others are as if they were not there.
var known = map[string]bool{
	"urlset": true, "sitemapindex": true, "url": true, "sitemap": true, "loc": true, "lastmod": true,
	"news": true, "publication": true, "name": true, "language": true, "publication_date": true, "title": true, "keywords": true,
	"image": true, "caption": true, "video": true,
}

// read reads the entries of a sitemap or of an index.
func read(body []byte, o parse.Options) (*reading, error) {
	r := &reading{Options: o}
	if u, err := url.Parse(o.URL); err == nil && u.Host != "" {
		r.base = u
	}
	document := markup.Decode(body, o.ContentType)
	switch root := rootOf(document); root {
	case "urlset":
	case "sitemapindex":
		r.index = true
	case "":
		return nil, fmt.Errorf("parse: %w: a document without elements", parse.ErrNotFeed)
	default:
		return nil, fmt.Errorf("parse: %w: a document that begins with <%.60s>", parse.ErrNotFeed, root)
	}
	for t := range markup.Tokens(document) {
		switch {
		case t.Kind == markup.Text:
			r.text.WriteString(t.Text)
		case !known[t.Name]:
		case t.Kind == markup.Start:
			if !r.begin(t.Name) {
				return r, nil
			}
		case t.Kind == markup.End:
			r.end(t.Name)
		}
	}
	return r, nil
}

// begin opens an element. It returns false when there are entries enough.
func (r *reading) begin(name string) bool {
	r.text.Reset()
	switch name {
	case "url", "sitemap":
		if len(r.entries) == maxEntries {
			return false
		}
		r.entries = append(r.entries, entry{})
		r.open = r.open[:0] // the one before may not have been closed
	case "image":
		if e := r.entry(); e != nil && len(e.images) < maxImages {
			e.images = append(e.images, newswire.Image{})
		}
	case "news":
		if e := r.entry(); e != nil {
			e.news = true
		}
	}
	if len(r.open) < maxOpen {
		r.open = append(r.open, name)
	}
	return true
}

// maxOpen is deeper than any sitemap.
const maxOpen = 16

// end closes an element and takes what it says.
func (r *reading) end(name string) {
	i := len(r.open) - 1
	for i >= 0 && r.open[i] != name {
		i--
	}
	if i < 0 {
		return
	}
	r.open = r.open[:i]
	if e := r.entry(); e != nil {
		r.take(e, name, strings.TrimSpace(r.text.String()))
	}
	r.text.Reset()
}

// entry is the entry that is being read.
func (r *reading) entry() *entry {
	if len(r.entries) == 0 {
		return nil
	}
	return &r.entries[len(r.entries)-1]
}

// take takes what an element says of an entry. The same names mean different things in a picture and in news.
func (r *reading) take(e *entry, name, value string) {
	var picture *newswire.Image
	if slices.Contains(r.open, "image") && len(e.images) > 0 {
		picture = &e.images[len(e.images)-1]
	}
	inNews := slices.Contains(r.open, "news")
	switch {
	case value == "":
	case picture != nil:
		r.takePicture(picture, name, value)
	case inNews && name == "title":
		e.title = oneLine(value)
	case inNews && name == "publication_date":
		e.published = r.date(value)
	case inNews && name == "name":
		e.publication = oneLine(value)
	case inNews && name == "language":
		e.language = languageOf(value)
	case inNews && name == "keywords":
		e.keywords = words(value)
	case inNews || slices.Contains(r.open, "video"):
	case name == "loc":
		e.address = r.address(value)
	case name == "lastmod":
		e.modified = r.date(value)
	}
}

func (r *reading) takePicture(picture *newswire.Image, name, value string) {
	switch name {
	case "loc":
		picture.URL = r.address(value)
	case "title":
		picture.Title = oneLine(value)
	case "caption":
		if picture.Title == "" {
			picture.Title = oneLine(value)
		}
	}
}

// oneLine is a line of plain text, no longer than a title may be.
func oneLine(s string) string {
	s = clean.Text(s)
	if runes := []rune(s); len(runes) > maxTitle {
		return strings.TrimSpace(string(runes[:maxTitle-1])) + "…"
	}
	return s
}

// languageOf brings a language to the form of BCP 47. Google's own zh-cn and zh-tw are that already.
func languageOf(s string) string {
	tag, err := language.Raw.Parse(s)
	if err != nil || len(s) > 35 {
		return ""
	}
	return tag.String()
}
