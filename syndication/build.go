// Package syndication turns articles into feeds: [Build] applies each article's rights and adds the credit that people
// see, and the packages below it encode the result as rss, atom and jsonfeed, list the feeds as opml, and serve them as
// web.
//
//	feed := syndication.Build(site, newswire.CategoryTopic("finance"), "Finance", "", articles)
//	body, err := atom.Encode(&feed)
//
// Everything is a pure function of the articles: nothing comes from the clock, so equal articles make equal bytes, on
// every replica and after every restart. The package refuses to know where articles come from.
package syndication

import (
	"html"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/text"
)

// Lengths of excerpts, in characters as people count them.
const (
	excerptLength = 400  // of an excerpt that we make
	summaryLength = 1000 // a publisher's summary that is longer is the article by another name, and is cut like it
)

// Build makes the feed of a topic from its articles, newest first. It
//
//   - shows of each article what its rights allow: the whole text (full), the publisher's summary or else the first few
//     hundred characters (excerpt), or title and link alone (title). An article without a policy gets an excerpt;
//   - ends what remains with a credit line that links the article and its publisher, unless NoCredit is set;
//   - lists an article that came twice, by two feeds of one publisher, once, and gives no two articles one id, for that
//     must not repeat within a feed (RFC 4287 §4.1.1); see [Gather];
//   - says that the feed was updated when the newest of its articles was.
//
// Its arguments stay as they are.
func Build(site newswire.Site, topic newswire.Topic, title, subtitle string, articles []newswire.Article) newswire.Feed {
	f := Gather(site, topic, title, subtitle, articles)
	for i := range f.Articles {
		f.Articles[i] = Finish(f.Articles[i])
	}
	return f
}

// Gather is the part of [Build] that concerns the feed: which articles it has, under which ids, and when it was updated.
// Each of them has yet to go through [Finish].
//
// Two articles of two sources are one where that is proved (see [sameness]); the feed lists the one that was there first.
// All others are listed, however alike they look.
func Gather(site newswire.Site, topic newswire.Topic, title, subtitle string, articles []newswire.Article) newswire.Feed {
	f := newswire.Feed{Site: site, Topic: topic, Title: title, Subtitle: subtitle, Articles: make([]newswire.Article, 0, len(articles))}
	copies := copiesAmong(articles)
	for i := range articles {
		a := &articles[i]
		if copies[i] {
			continue
		}
		if m := a.Modified(); m.After(f.Updated) {
			f.Updated = m
		}
		f.Articles = append(f.Articles, *a)
	}
	distinguish(f.Articles, site)
	return f
}

// Finish is the part of [Build] that concerns an article: its rights and its credit line. What it makes of an article
// depends on nothing else.
func Finish(a newswire.Article) newswire.Article { return credited(permitted(a)) }

// Withdraw has the feed say which articles were withdrawn, by their tombstones, newest first. One whose id an article of
// the feed has is left out: another feed of the publisher offers that article still, and a reader would drop it.
func Withdraw(f *newswire.Feed, stones []newswire.Tombstone) {
	said := make(map[string]bool, len(f.Articles)+len(stones))
	for i := range f.Articles {
		said[f.Articles[i].AtomID] = true
	}
	for _, t := range stones {
		if said[t.AtomID] {
			continue
		}
		said[t.AtomID] = true
		f.Tombstones = append(f.Tombstones, t)
		if t.At.After(f.Updated) {
			f.Updated = t.At
		}
	}
}

// permitted is an article with no more text than its rights allow, and never the same text twice.
func permitted(a newswire.Article) newswire.Article {
	switch a.Rights.Policy {
	case newswire.PolicyFull:
		if a.Summary != "" && (a.Summary == a.Content || text.Plain(a.Summary) == text.Plain(a.Content)) {
			if a.Content == "" {
				a.Content = a.Summary
			}
			a.Summary = ""
		}
	case newswire.PolicyTitle:
		a.Summary, a.Content = "", ""
	default:
		a.Summary, a.Content = excerpt(a), ""
	}
	return a
}

// excerpt is the publisher's own summary where there is one, else the beginning of the text as one paragraph.
func excerpt(a newswire.Article) string {
	whole := a.Summary
	if whole == "" || whole == a.Content {
		whole = a.Content
	} else if _, long := text.Cut(text.Plain(whole), summaryLength); !long {
		return whole
	}
	short, cut := text.Cut(text.Plain(whole), excerptLength)
	switch {
	case short == "":
		return ""
	case cut:
		short += " …"
	}
	return "<p>" + html.EscapeString(short) + "</p>"
}
