// Package sitemap reads sitemaps as sources: the list of a publisher's newest articles that many keep for search engines
// when they keep no feed. The formats are described at https://www.sitemaps.org/protocol.html and, for the news and image
// extensions, at https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap.
//
//	doc, err := sitemap.Parse(body, parse.Options{URL: address, ContentType: header})
//	if errors.Is(err, sitemap.ErrIndex) {
//		children, err = sitemap.Children(body, parse.Options{URL: address})
//	}
//
// What comes out has the form of a feed that was parsed, so it goes the same way from there. A news sitemap has titles,
// dates, keywords and pictures; a plain one has addresses and, if it is good, dates of change. The package refuses to
// make up what is missing, and to visit a site.
package sitemap

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/internal/charset"
	"github.com/newswire/newswire/sources/internal/markup"
	"github.com/newswire/newswire/sources/internal/stable"
	"github.com/newswire/newswire/sources/parse"
	"github.com/newswire/newswire/sources/parse/date"
)

// ErrIndex says that the document lists other sitemaps, and no articles: see [Children].
var ErrIndex = errors.New("an index of sitemaps")

// The formats, as Document.Format names them.
const (
	FormatNews  = "news sitemap"
	FormatPlain = "sitemap"
)

// maxEntries is the protocol's own bound on the entries of a sitemap and of an index.
const maxEntries = 50_000

// defaultMaxItems is that of a feed.
const defaultMaxItems = 2000

// Is says whether a document is a sitemap or an index of sitemaps.
func Is(body []byte) bool {
	head := body[:min(len(body), 4096)]
	if !bytes.Contains(head, []byte("urlset")) && !bytes.Contains(head, []byte("sitemapindex")) && bytes.IndexByte(head, 0) < 0 {
		return false // quickly, for every feed is asked this; UTF-16 and UTF-32 have zeros
	}
	text, _ := charset.Decode(head, "")
	root := rootOf(text)
	return root == "urlset" || root == "sitemapindex"
}

func rootOf(document string) string {
	for t := range markup.Tokens(document) {
		if t.Kind == markup.Start {
			return t.Name
		}
	}
	return ""
}

// Parse reads a sitemap: its newest entries first, those without a date last, and at most o.MaxItems. An article is
// known by its address, which is its guid; lastmod is when it was updated. The error wraps [ErrIndex], or
// [parse.ErrNotFeed] for what is no sitemap. It never panics, and its time and memory are bounded by the body's length.
func Parse(body []byte, o parse.Options) (*parse.Document, error) {
	d, err := read(body, o)
	if err != nil {
		return nil, err
	}
	if d.index {
		return nil, fmt.Errorf("parse: %w: name one of those that it lists", ErrIndex)
	}
	doc := &parse.Document{Format: FormatPlain, Publisher: newswire.Publisher{FeedURL: o.URL, ID: o.URL}, Repairs: d.repairs}
	seen := make(map[string]bool, len(d.entries))
	for i := range d.entries {
		e := &d.entries[i]
		if e.news {
			doc.Format = FormatNews
			doc.Publisher.Title = cmp.Or(doc.Publisher.Title, e.publication)
			doc.Publisher.Language = cmp.Or(doc.Publisher.Language, e.language)
		}
		e.address = stable.Plain(e.address)
		if guid := stable.Address(e.address); guid != "" && !seen[guid] {
			seen[guid] = true
			doc.Items = append(doc.Items, e.item())
		}
	}
	slices.SortStableFunc(doc.Items, func(a, b parse.Item) int { return b.Modified().Compare(a.Modified()) })
	if o.MaxItems <= 0 {
		o.MaxItems = defaultMaxItems
	}
	doc.Items = doc.Items[:min(len(doc.Items), o.MaxItems)]
	return doc, nil
}

// Child is a sitemap that an index lists.
type Child struct {
	URL      string    // absolute
	Modified time.Time // zero where the index does not say
}

// Children reads an index of sitemaps, the last modified first; among equals in the order of the document. The error
// wraps [parse.ErrNotFeed] for what is no index.
func Children(body []byte, o parse.Options) ([]Child, error) {
	d, err := read(body, o)
	if err != nil {
		return nil, err
	}
	if !d.index {
		return nil, fmt.Errorf("parse: %w: a sitemap that is no index", parse.ErrNotFeed)
	}
	var children []Child
	for i := range d.entries {
		if e := &d.entries[i]; e.address != "" {
			children = append(children, Child{URL: e.address, Modified: e.modified})
		}
	}
	slices.SortStableFunc(children, func(a, b Child) int { return b.Modified.Compare(a.Modified) })
	return children, nil
}

// entry is a url or sitemap element.
type entry struct {
	address  string
	modified time.Time

	news        bool
	publication string
	language    string
	title       string
	published   time.Time
	keywords    []string
	images      []newswire.Image
}

// item is the entry in the form of a feed's.
func (e *entry) item() parse.Item {
	guid := stable.Address(e.address)
	it := parse.Item{Base: e.address, Article: newswire.Article{
		GUID: guid, PermaLink: guid == e.address, AtomID: guid, URL: e.address,
		Title: e.title, Language: e.language, Published: e.published, Updated: e.modified,
	}}
	if it.Updated.Before(it.Published) { // a day without its hour, or a mistake
		it.Updated = time.Time{}
	}
	for _, k := range e.keywords {
		it.Terms = append(it.Terms, newswire.Term{Term: k})
	}
	if i := slices.IndexFunc(e.images, func(p newswire.Image) bool { return p.URL != "" }); i >= 0 {
		it.Image = &e.images[i]
	}
	return it
}

// date reads a date, and leaves a note where there is one that cannot be read.
func (d *document) date(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	t, err := date.Parse(s, d.Timezone)
	ambiguous := errors.Is(err, date.ErrAmbiguous)
	if note := fmt.Sprint(err); err != nil && len(d.repairs) < maxRepairs && !slices.Contains(d.repairs, note) && !(ambiguous && d.ambiguous) {
		d.repairs = append(d.repairs, note)
	}
	d.ambiguous = d.ambiguous || ambiguous
	return t
}

// address is an absolute web address, or empty.
func (d *document) address(s string) string { return clean.Address(d.base, s) }

// words are what stands between commas.
func words(s string) []string {
	var out []string
	for w := range strings.SplitSeq(s, ",") {
		if w = clean.Text(w); w != "" && !slices.Contains(out, w) && len(out) < maxKeywords {
			out = append(out, w)
		}
	}
	return out
}
