// Package pages has what people see in a browser: the templates of pages, their style, our own words in several languages,
// and themes that replace any of these.
//
//	look := theme.Look("de")
//	body, err := look.Render("listing", pages.Listing{Page: page, Articles: articles})
//
// A page is a pure function of what it is rendered from. It works without scripts, and loads nothing but what our own origin
// has. The package refuses to know where articles come from, and how much of one may be shown: it shows what it is given.
package pages

import (
	"html/template"
	"net/url"
	"time"

	"github.com/newswire/newswire"
)

// Page is what every page has.
type Page struct {
	Site      newswire.Site
	Base      string // path of the front page, without the slash at its end
	Title     string
	Intro     string
	Canonical string // absolute address; empty for none
	NoIndex   bool
	Feeds     []FeedLink // of what the page is about
}

// FeedLink is a feed's address in one format.
type FeedLink struct {
	Format, MediaType, Title, URL string
}

// App is an address that the feed reader on a person's own device opens.
func (f FeedLink) App() template.URL { return template.URL("feed:" + f.URL) } //nolint:gosec // the address is one of ours

// ReaderLink leads to a feed reader on the web, and has it subscribe.
type ReaderLink struct{ Name, URL string }

// webReaders are feed readers on the web, with the address to which that of a feed is added.
var webReaders = []ReaderLink{
	{"Feedly", "https://feedly.com/i/subscription/feed%2F"},
	{"Inoreader", "https://www.inoreader.com/?add_feed="},
	{"NewsBlur", "https://www.newsblur.com/?url="},
	{"The Old Reader", "https://theoldreader.com/feeds/subscribe?url="},
	{"Feedbin", "https://feedbin.com/?subscribe="},
}

// Readers lead to feed readers on the web.
func (f FeedLink) Readers() []ReaderLink {
	links := make([]ReaderLink, len(webReaders))
	for i, r := range webReaders {
		links[i] = ReaderLink{r.Name, r.URL + url.QueryEscape(f.URL)}
	}
	return links
}

// Topic is a topic in a list of topics.
type Topic struct {
	Topic newswire.Topic
	Name  string
	Page  string // path
	Site  string // the publisher's own, of a source
	Count int    // of articles; 0 when it is not shown
	Feeds []FeedLink
}

// Article is an article as a page shows it.
type Article struct {
	Title     string
	URL       string // the publisher's page; empty if it has none
	Language  string
	Excerpt   string // plain text, one line
	Authors   []Person
	Publisher string
	Source    string // path of the source's page
	Date      time.Time
	Rights    newswire.Rights
	License   string   // its address
	Licenses  []string // of all that a reader has the choice of, License first
	Corrected []time.Time
}

// Person is an author.
type Person struct {
	Name string
	Page string // path; empty for an author without feeds
}

// Home is what "home" shows.
type Home struct {
	Page
	Articles            []Article
	Categories, Sources []Topic
	Authors             []Topic
	MoreAuthors         bool // than are in the list
}

// Listing is what "listing" shows.
type Listing struct {
	Page
	Kind     newswire.Kind
	Articles []Article
}

// Authors is what "authors" shows.
type Authors struct {
	Page
	Authors []Topic
	Next    newswire.Cursor // where the rest begins; empty at the end
}

// ArticlePage is what "article" shows.
type ArticlePage struct {
	Page
	Article Article
}

// Fetcher is what "fetcher" shows.
type Fetcher struct {
	Page
	UserAgent, Product string
}
