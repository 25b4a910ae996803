package sitemap

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/internal/charset"
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

// document is the state of reading one document.
type document struct {
	parse.Options
	base    *url.URL
	index   bool
	entries []entry
	repairs []string

	ambiguous bool // a date that may be of two days was noted

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
func read(body []byte, o parse.Options) (*document, error) {
	d := &document{Options: o}
	if u, err := url.Parse(o.URL); err == nil && u.Host != "" {
		d.base = u
	}
	text, notes := charset.Decode(body, o.ContentType)
	d.repairs = notes
	switch root := rootOf(text); root {
	case "urlset":
	case "sitemapindex":
		d.index = true
	case "":
		return nil, fmt.Errorf("parse: %w: a document without elements", parse.ErrNotFeed)
	default:
		return nil, fmt.Errorf("parse: %w: a document that begins with <%.60s>", parse.ErrNotFeed, root)
	}
	for t := range markup.Tokens(text) {
		switch {
		case t.Kind == markup.Text:
			d.text.WriteString(t.Text)
		case !known[t.Name]:
		case t.Kind == markup.Start:
			if !d.start(t.Name) {
				return d, nil
			}
		case t.Kind == markup.End:
			d.end(t.Name)
		}
	}
	return d, nil
}

// start opens an element. It returns false when there are entries enough.
func (d *document) start(name string) bool {
	d.text.Reset()
	switch name {
	case "url", "sitemap":
		if len(d.entries) == maxEntries {
			return false
		}
		d.entries = append(d.entries, entry{})
		d.open = d.open[:0] // the one before may not have been closed
	case "image":
		if e := d.entry(); e != nil && len(e.images) < maxImages {
			e.images = append(e.images, newswire.Image{})
		}
	case "news":
		if e := d.entry(); e != nil {
			e.news = true
		}
	}
	if len(d.open) < maxOpen {
		d.open = append(d.open, name)
	}
	return true
}

// maxOpen is deeper than any sitemap.
const maxOpen = 16

// end closes an element and assigns what it says.
func (d *document) end(name string) {
	i := len(d.open) - 1
	for i >= 0 && d.open[i] != name {
		i--
	}
	if i < 0 {
		return
	}
	d.open = d.open[:i]
	if e := d.entry(); e != nil {
		d.assign(e, name, strings.TrimSpace(d.text.String()))
	}
	d.text.Reset()
}

// entry is the entry that is being read.
func (d *document) entry() *entry {
	if len(d.entries) == 0 {
		return nil
	}
	return &d.entries[len(d.entries)-1]
}

// assign sets what an element says of an entry. The same names mean different things in a picture and in news.
func (d *document) assign(e *entry, name, value string) {
	var picture *newswire.Image
	if slices.Contains(d.open, "image") && len(e.images) > 0 {
		picture = &e.images[len(e.images)-1]
	}
	inNews := slices.Contains(d.open, "news")
	switch {
	case value == "":
	case picture != nil:
		d.assignToPicture(picture, name, value)
	case inNews && name == "title":
		e.title = oneLine(value)
	case inNews && name == "publication_date":
		e.published = d.date(value)
	case inNews && name == "name":
		e.publication = oneLine(value)
	case inNews && name == "language":
		e.language = languageOf(value)
	case inNews && name == "keywords":
		e.keywords = words(value)
	case inNews || slices.Contains(d.open, "video"):
	case name == "loc":
		e.address = d.address(value)
	case name == "lastmod":
		e.modified = d.date(value)
	}
}

func (d *document) assignToPicture(picture *newswire.Image, name, value string) {
	switch name {
	case "loc":
		picture.URL = d.address(value)
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
