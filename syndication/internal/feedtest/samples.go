// Package feedtest has feeds to try the encoders on, golden files to compare what comes out with, and a way to ask the
// W3C's validator what it thinks of it.
package feedtest

import (
	"fmt"
	"strings"
	"time"

	"github.com/newswire/newswire"
)

// Site is the service that the samples belong to.
var Site = newswire.Site{
	Title:    "The Wire",
	URL:      "https://wire.example.org",
	Contact:  "desk@example.org",
	Language: "en",
}

// Samples are feeds by name: one for each thing that an encoder might get wrong. Each call makes new ones.
func Samples() map[string]newswire.Feed {
	return map[string]newswire.Feed{
		"empty":     feed(),
		"rich":      feed(Rich()),
		"current":   current(),
		"archived":  archived(),
		"bare":      feed(Bare()...),
		"hostile":   feed(Hostile()),
		"scripts":   feed(Scripts()...),
		"terms":     feed(terms()...),
		"repeated":  feed(repeated()...),
		"withdrawn": withdrawn(),
	}
}

func feed(articles ...newswire.Article) newswire.Feed {
	f := newswire.Feed{
		Site:     Site,
		Topic:    newswire.CategoryTopic("finance"),
		Title:    "Finance",
		Subtitle: "Money, markets and the weather",
		Articles: articles,
	}
	for _, a := range articles {
		if m := a.Modified(); m.After(f.Updated) {
			f.Updated = m
		}
	}
	return f
}

// current is a feed to subscribe to that has an archive, and archived a page of that.
func current() newswire.Feed {
	f := feed(Rich())
	f.Hub = "https://wire.example.org/hub"
	f.Older = "7"
	return f
}

func archived() newswire.Feed {
	a := Rich()
	a.GUID, a.AtomID = "https://gulls.example.net/2", "https://gulls.example.net/2"
	a.Upstream = &newswire.Publisher{ID: "https://gulls.example.net/atom", Title: "Gulls", FeedURL: "https://gulls.example.net/atom", Updated: a.Modified()}
	a.Updated = at("2026-03-02T09:15:31Z")
	f := feed(a, Rich())
	f.Page, f.Older = "7", "6"
	return f
}

func withdrawn() newswire.Feed {
	f := feed(Rich())
	f.Updated = at("2026-11-03T10:00:00Z")
	f.Tombstones = []newswire.Tombstone{
		{Article: "harbour-2", AtomID: "https://harbour.example.com/2?a=1&b=2", Reason: "The author\nasked & <b>we</b> agreed.", At: at("2026-11-03T10:00:00Z")},
		{Article: "harbour-1", AtomID: "no address", At: at("2026-11-02T10:00:00.5Z")},
	}
	return f
}

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t
}

func article(guid string) newswire.Article {
	return newswire.Article{
		ID:        newswire.ArticleID("harbour", guid),
		Source:    "harbour",
		Revision:  1,
		GUID:      guid,
		AtomID:    guid,
		FirstSeen: at("2026-03-04T05:06:07Z"),
		Listed:    at("2026-03-04T05:06:07Z"),
		Rights:    newswire.Rights{Policy: newswire.PolicyFull},
		Publisher: newswire.Publisher{
			ID:      "https://harbour.example.com/feed.xml",
			Title:   "Harbour Notes",
			URL:     "https://harbour.example.com/",
			FeedURL: "https://harbour.example.com/feed.xml",
		},
	}
}

// Rich is an article with every field set.
func Rich() newswire.Article {
	a := article("https://harbour.example.com/2026/tides")
	a.Revision = 3
	a.PermaLink = true
	a.URL = "https://harbour.example.com/2026/tides"
	a.Title = "Tides & terms: what R&D at 1&1 < 1 % means"
	a.Summary = "<p>Why the <em>harbour</em> pays for the moon.</p>"
	a.Content = `<p>Why the <em>harbour</em> pays for the moon, at length.</p><p><img src="https://harbour.example.com/i/moon.jpg" alt="The moon"/></p>`
	a.Authors = []newswire.Person{
		{ID: "ada-marsh", Name: "Ada Marsh", Email: "ada@harbour.example.com", URL: "https://harbour.example.com/people/ada"},
		{ID: "jin-jiang", Name: "金江"},
	}
	a.Contributors = []newswire.Person{{Name: "Olu Bankole of 1&1", URL: "https://olu.example.net/"}}
	a.Published = at("2026-03-01T08:30:00Z")
	a.Updated = at("2026-03-02T09:15:30.25Z")
	a.Language = "en-GB"
	a.Categories = []string{"finance", "weather"}
	a.Terms = []newswire.Term{
		{Term: "consumer-finance", Scheme: "https://harbour.example.com/tags", Label: "Consumer finance"},
		{Term: "Tides", Scheme: "harbour tags"},
		{Term: "R&D", Label: "1&1"},
	}
	a.Enclosures = []newswire.Enclosure{
		{URL: "https://harbour.example.com/a/tides.mp3", Type: "audio/mpeg", Length: 1234567, Title: "Listen", Duration: 754500 * time.Millisecond},
		{URL: "https://harbour.example.com/a/tides.pdf", Type: "application/pdf", Title: "Read"},
	}
	a.Image = &newswire.Image{
		URL: "https://harbour.example.com/i/moon.jpg", Type: "image/jpeg", Width: 1200, Height: 800,
		Title: "The moon over 1&1 moles", Credit: "Photo: Ada Marsh",
	}
	a.Comments = "https://harbour.example.com/2026/tides#comments"
	a.Links = []newswire.Link{
		{Rel: "via", URL: "https://gulls.example.net/links/17", Type: "text/html", Title: "Gulls"},
		{Rel: "related", URL: "https://moon.example.org/", Title: "The moon"},
		{Rel: "related", URL: "https://moon.example.org/1", Title: "1&1 moons, and R&D"},
	}
	a.Rights = newswire.Rights{
		Policy:    newswire.PolicyFull,
		License:   "https://creativecommons.org/licenses/by-sa/4.0/",
		Statement: "© 2026 Ada Marsh",
		Contact:   "rights@harbour.example.com",
	}
	a.Publisher = newswire.Publisher{
		ID:       "tag:harbour.example.com,2020:feed",
		Title:    "Harbour Notes",
		Subtitle: "From the mole, daily",
		URL:      "https://harbour.example.com/",
		FeedURL:  "https://harbour.example.com/feed.xml",
		Updated:  at("2026-03-02T10:00:00Z"),
		Rights:   "© Harbour Notes",
		Icon:     "https://harbour.example.com/favicon.ico",
		Logo:     "https://harbour.example.com/logo.png",
		Language: "en-GB",
		Authors:  []newswire.Person{{Name: "The desk"}},
		Terms:    []newswire.Term{{Term: "harbours"}},
	}
	return a
}

// Bare are articles that say little: each lacks what another has.
func Bare() []newswire.Article {
	untitled := article("https://harbour.example.com/untitled")
	untitled.URL = "https://harbour.example.com/untitled"
	untitled.Content = "<p>" + strings.Repeat("No title, but a good deal of text. ", 5) + "</p>"

	unlinked := article("tag:harbour.example.com,2020:harbour/unlinked")
	unlinked.GUID = "unlinked"
	unlinked.Title = "No page of its own"
	unlinked.Summary = "<p>Only a summary.</p>"

	wordless := article("https://harbour.example.com/wordless")
	wordless.URL = "https://harbour.example.com/wordless"
	wordless.Title = "Nothing but a title"

	nothing := article("tag:harbour.example.com,2020:harbour/17")
	nothing.GUID = "17"
	nothing.Publisher = newswire.Publisher{FeedURL: "https://harbour.example.com/17.xml"}

	byMail := article("https://harbour.example.com/by-mail")
	byMail.Title = "By mail"
	byMail.Authors = []newswire.Person{{Name: "Ada Marsh", Email: "ada@harbour.example.com"}}
	byMail.Summary, byMail.Content = "<p>Short.</p>", "<p>Short and long.</p>"

	nameless := article("https://harbour.example.com/nameless")
	nameless.Title = "A mail address is all we know"
	nameless.Authors = []newswire.Person{{Email: "desk@harbour.example.com"}, {URL: "https://harbour.example.com/desk"}}

	articles := []newswire.Article{untitled, unlinked, wordless, nothing, byMail, nameless}
	for i := range articles {
		articles[i].FirstSeen = articles[i].FirstSeen.Add(time.Duration(i) * time.Millisecond)
	}
	return articles
}

// Hostile is an article that fights back in every field.
func Hostile() newswire.Article {
	const bad = "a\x00\x1b\u0085\ufffd\ufffe\U0001fffe\xff]]>&lt;b</b><script>alert(1)</script>&amp; \"'\u202e\t\nz"
	a := article("https://harbour.example.com/hostile?a=1&b=<2>")
	a.AtomID = "https://harbour.example.com/hostile?a=1&b=%3C2%3E"
	a.URL = "https://harbour.example.com/ page|with{odd}^chars?q=[1]&r=\"<>#frag"
	a.Title = bad
	a.Summary = "<p>]]&gt; and \x00\u0092 and ]]\x01&gt;</p>"
	a.Content = "<p>CDATA cannot hold ]]&gt;, nor <code>]]\x00&gt;</code>, and not \U0001fffe either.</p>"
	a.Authors = []newswire.Person{
		{Name: "Ada <ada@harbour.example.com> (x)", Email: "not an address", URL: "javascript:alert(1)"},
		{Name: bad, Email: "ada@localhost", URL: "//relative"},
		{Name: " \x00 "},
	}
	a.Contributors = []newswire.Person{{Email: "a@b@c"}}
	a.Published = at("2026-03-01T08:30:00Z")
	a.Language = "en\"><x"
	a.Terms = []newswire.Term{
		{Term: bad, Scheme: bad, Label: bad},
		{Term: " ", Scheme: "https://x.example.org/ y"},
		{Term: "again"},
		{Term: "again"},
	}
	a.Enclosures = []newswire.Enclosure{
		{URL: "javascript:alert(1)", Type: "audio/mpeg"},
		{URL: "http://localhost:8080/a.mp3", Type: "not a type", Length: -5, Duration: -time.Second},
		{URL: "https://例え.example.com/音.mp3", Title: bad},
		{URL: "ftp://harbour.example.com/a.zip", Type: "application/zip", Length: 7},
		{URL: "https://harbour.example.com:8443/a b.mp3", Type: "audio/mpeg; codecs=\"mp3\"", Length: 9},
	}
	a.Image = &newswire.Image{URL: "https://harbour.example.com/m[1].png", Type: "png", Width: -3, Title: bad, Credit: bad}
	a.Comments = "data:text/html,<script>alert(1)</script>"
	a.Links = []newswire.Link{
		{Rel: "via", URL: "https://gulls.example.net/ a", Type: "bad type", Title: bad},
		{Rel: "stylesheet", URL: "https://gulls.example.net/x.css"},
		{Rel: "license", URL: "https://harbour.example.com/terms"},
		{Rel: "related", URL: "relative/path"},
	}
	a.Rights = newswire.Rights{Policy: newswire.PolicyFull, License: "none", Statement: bad, Contact: bad}
	a.Publisher = newswire.Publisher{
		ID: "not an iri", Title: bad, Subtitle: bad, URL: "https://harbour.example.com/?a&b", FeedURL: "https://harbour.example.com/f?a=1&b=2",
		Rights: bad, Icon: bad, Logo: "logo.png", Language: bad, Authors: []newswire.Person{{Name: bad}}, Terms: []newswire.Term{{Term: bad}},
	}
	return a
}

// Scripts are articles in other scripts than Latin, and of other languages than the site's.
func Scripts() []newswire.Article {
	traditional := article("https://news.example.com/2026/夜市")
	traditional.AtomID = "https://news.example.com/2026/%E5%A4%9C%E5%B8%82"
	traditional.URL = "https://news.example.com/2026/夜市?頁=1"
	traditional.Title = "夜市搬到手機上以後，誰還在排隊？"
	traditional.Content = "<p>" + strings.Repeat("攤位還在，人卻少了。老闆說：「訂單都在手機裡。」", 4) + "</p>"
	traditional.Authors = []newswire.Person{{ID: "jin-jiang", Name: "金江"}}
	traditional.Language = "zh-Hant"
	traditional.Terms = []newswire.Term{{Term: "金融"}, {Term: "電商"}}
	traditional.Published = at("2026-03-01T16:30:00Z")

	arabic := article("https://news.example.com/ar/1")
	arabic.URL = "https://news.example.com/ar/1"
	arabic.Title = "أسعار السفن ترتفع (5٪) في الميناء"
	arabic.Content = `<p dir="rtl">ارتفعت أسعار السفن في الميناء هذا الأسبوع.</p>`
	arabic.Authors = []newswire.Person{{Name: "ليلى حسن"}}
	arabic.Language = "ar"
	arabic.Published = at("2026-03-01T16:30:00.001Z")

	emoji := article("https://news.example.com/emoji")
	emoji.URL = "https://news.example.com/emoji"
	emoji.Title = "👩‍🚀 e\u0301tude 🏴󠁧󠁢󠁳󠁣󠁴󠁿"
	emoji.Summary = "<p>👩‍🚀</p>"
	emoji.Language = "fr"
	emoji.Published = at("2026-03-01T16:30:00.002Z")
	return []newswire.Article{traditional, arabic, emoji}
}

// terms are articles under different terms, one of them from a feed that had it from another.
func terms() []newswire.Article {
	own := Rich()
	own.GUID, own.AtomID = "https://harbour.example.com/own-terms", "https://harbour.example.com/own-terms"
	own.Rights.License = "https://harbour.example.com/terms"
	own.Updated = at("2026-03-02T09:15:31Z")

	publishers := Rich()
	publishers.GUID, publishers.AtomID = "https://harbour.example.com/publishers-terms", "https://harbour.example.com/publishers-terms"
	publishers.Rights = newswire.Rights{Policy: newswire.PolicyExcerpt}
	publishers.Links = nil
	publishers.Updated = at("2026-03-02T09:15:32Z")

	passed := Rich()
	passed.GUID, passed.AtomID = "https://gulls.example.net/1", "https://gulls.example.net/1"
	passed.Upstream = &newswire.Publisher{
		ID: "https://gulls.example.net/atom", Title: "Gulls <i>& terns", URL: "https://gulls.example.net/", FeedURL: "https://gulls.example.net/atom",
		Updated: at("2026-02-28T00:00:00Z"), Authors: []newswire.Person{{Name: "A gull"}}, Language: "fr",
	}
	passed.Updated = at("2026-03-02T09:15:33Z")

	none := article("https://harbour.example.com/no-terms")
	none.Title = "No terms"
	return []newswire.Article{own, publishers, passed, none}
}

// repeated are two publishers' articles that both call number 1001001.
func repeated() []newswire.Article {
	var out []newswire.Article
	for i, source := range []string{"harbour", "gulls"} {
		a := article("article-1001001")
		a.ID = newswire.ArticleID(source, a.GUID)
		a.Source = source
		a.AtomID = fmt.Sprintf("tag:%s.example.com,2020:article-1001001", source)
		a.Title = "Number 1001001 of " + source
		a.Updated = at("2026-03-01T16:30:00Z").Add(time.Duration(i) * time.Millisecond)
		out = append(out, a)
	}
	return out
}
