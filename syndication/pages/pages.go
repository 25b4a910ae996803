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
	CanSearch bool       // whether there is a page to search on
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
	Page      string // path of our own page about it
	Language  string
	Excerpt   string        // plain text, one line
	Whole     template.HTML // of [Whole]; empty where less is shown
	Minutes   int           // to read it at the publisher's; 0 when unknown
	Picture   *Picture      // nil for none
	Media     []Media
	Topics    []Link   // our categories
	Tags      []string // the publisher's own words
	Authors   []Person
	Publisher string
	Source    string // path of the source's page
	Date      time.Time
	Listed    time.Time // its place in a list
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

// Link leads to a page of ours.
type Link struct {
	Name string
	Page string // path
}

// Day is the articles of a list that follow each other and have their places on one day, in UTC.
type Day struct {
	Date     time.Time
	Articles []Article
}

// Days divides a list by days.
func Days(articles []Article) []Day {
	var days []Day
	for _, a := range articles {
		date := a.Listed.UTC().Truncate(24 * time.Hour)
		if last := len(days) - 1; last >= 0 && days[last].Date.Equal(date) {
			days[last].Articles = append(days[last].Articles, a)
			continue
		}
		days = append(days, Day{date, []Article{a}})
	}
	return days
}

// Pager leads through the pages of a topic. Its paths are empty where there is nowhere to go.
type Pager struct {
	Older  string // the next older page
	Newest string // the topic's own page, from a page of its archive
}

// Home is what "home" shows.
type Home struct {
	Page
	Pager
	Days   []Day
	Topics []Topics
}

// Topics are topics of one kind, under a heading.
type Topics struct {
	Kind     newswire.Kind
	ID, Name string // of the heading
	Topics   []Topic
	All      string // path of the page that lists all; empty where these are all
}

// Listing is what "listing" shows.
type Listing struct {
	Page
	Kind newswire.Kind
	Pager
	Days []Day

	Publisher *Publisher // of a source
	Fares     string     // a sentence on how a source fares
	Related   []Group    // topics of the articles in the list
}

// Publisher is who publishes a source.
type Publisher struct {
	Name, URL string
	Subtitle  string
	Icon      *Picture
}

// Group is topics of one kind.
type Group struct {
	ID, Name string // of its heading
	Links    []Link
}

// Directory is what "directory" shows: a part of all topics of one kind. Its paths are empty where there is nowhere to go.
type Directory struct {
	Page
	Topics  []Topic
	Letters []Link // to where the IDs begin with each
	First   string // the first page, from another one
	Next    string
}

// Search is what "search" shows: a form and, where something was looked for, what was found.
type Search struct {
	Page
	Query string
	Days  []Day
	Older string // path of the page with what is older; empty for none
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
