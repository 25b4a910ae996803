//go:build linux

package main

import (
	"encoding/xml"
	"fmt"
	"html"
	"math/rand/v2"
	"strings"
	"time"
)

// itemsPerFeed is what most publishers offer at a time.
const itemsPerFeed = 20

// epoch is the date of every feed's oldest item.
var epoch = time.Date(2026, 10, 1, 6, 0, 0, 0, time.UTC)

var vocabulary = strings.Fields(`the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which one
	you were her all she there would their we him been has when who will more no if out so said what up its about into than them can only other new some
	could time these two may then do first any my now such like our over man me even most made after also did many before must through years where much
	harbour council budget growers market vessel tariff minister quarter percent morning evening river bridge inspection committee statement reported
	agreement district shipment forecast measured announced residents temperature engineers published although meanwhile according significant`)

// feed is the document of one publisher at a revision: every revision has one item more, of which the newest 20 are
// offered. The same numbers always give the same bytes. Every third publisher writes Atom, the others RSS.
func feed(publisher, revision int, site string) string {
	items := make([]item, itemsPerFeed)
	for i := range items {
		items[i] = newItem(publisher, revision+itemsPerFeed-1-i, site)
	}
	if publisher%3 == 2 {
		return atomFeed(publisher, items, site)
	}
	return rssFeed(publisher, items, site)
}

// item is an article of some 2 to 4 KB of HTML: paragraphs with links and emphasis, a picture, a quotation, a list.
type item struct {
	url, title, author, summary, content string
	terms                                []string
	at                                   time.Time
}

func newItem(publisher, n int, site string) item {
	r := rand.New(rand.NewPCG(uint64(publisher), uint64(n))) //nolint:gosec // reproducible text needs no secrecy
	it := item{
		url:    fmt.Sprintf("%s/2026/%d/%s", site, n, strings.Join(words(r, 4), "-")),
		title:  sentence(r, 6+r.IntN(6)) + " &",
		author: strings.ToUpper(words(r, 1)[0][:1]) + ". " + capital(words(r, 1)[0]),
		at:     epoch.Add(time.Duration(n)*3*time.Hour + time.Duration(publisher%7200)*time.Second),
		terms:  words(r, 1+r.IntN(4)),
	}
	it.summary = sentence(r, 25)
	var b strings.Builder
	fmt.Fprintf(&b, `<figure><img src="/media/%d.jpg" alt="%s" width="1200" height="800" loading="lazy" class="wp-image"><figcaption>%s</figcaption></figure>`, n, sentence(r, 4), sentence(r, 8))
	for p := range 5 + r.IntN(6) {
		b.WriteString("<p>")
		b.WriteString(sentence(r, 12+r.IntN(20)))
		fmt.Fprintf(&b, ` <a href="%s/tag/%s?utm_source=rss" rel="tag">%s</a> &mdash; <em>%s</em> %s`, site, words(r, 1)[0], words(r, 1)[0], sentence(r, 3), sentence(r, 10+r.IntN(12)))
		b.WriteString("</p>\n")
		switch p {
		case 2:
			fmt.Fprintf(&b, `<blockquote cite="%s"><p>%s</p></blockquote>`, it.url, sentence(r, 18))
		case 4:
			fmt.Fprintf(&b, `<h2 id="more">%s</h2><ul><li>%s</li><li><strong>%s</strong> %s</li></ul>`, sentence(r, 4), sentence(r, 6), sentence(r, 2), sentence(r, 7))
		}
	}
	it.content = b.String()
	return it
}

func rssFeed(publisher int, items []item, site string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel><title>Publisher %d</title><link>%s/</link><description>What there is to say</description><language>en</language>
<atom:link href="%s/feed" rel="self" type="application/rss+xml"/><lastBuildDate>%s</lastBuildDate><generator>bench</generator>
`, publisher, site, site, items[0].at.Format(time.RFC1123Z))
	for _, it := range items {
		fmt.Fprintf(&b, "<item>\n<title>%s</title>\n<link>%s</link>\n<guid isPermaLink=\"true\">%s</guid>\n<pubDate>%s</pubDate>\n<dc:creator><![CDATA[%s]]></dc:creator>\n",
			html.EscapeString(it.title), it.url, it.url, it.at.Format(time.RFC1123Z), it.author)
		for _, t := range it.terms {
			fmt.Fprintf(&b, "<category><![CDATA[%s]]></category>\n", t)
		}
		fmt.Fprintf(&b, "<description><![CDATA[<p>%s</p>]]></description>\n<content:encoded><![CDATA[%s]]></content:encoded>\n</item>\n", it.summary, it.content)
	}
	b.WriteString("</channel></rss>\n")
	return b.String()
}

func atomFeed(publisher int, items []item, site string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Publisher %d</title><id>%s/</id><updated>%s</updated>
<link rel="alternate" type="text/html" href="%s/"/><link rel="self" href="%s/feed"/>
`, publisher, site, items[0].at.Format(time.RFC3339), site, site)
	for _, it := range items {
		fmt.Fprintf(&b, "<entry><title type=\"text\">%s</title><id>%s</id><link rel=\"alternate\" href=\"%s\"/><published>%s</published><updated>%s</updated><author><name>%s</name></author>\n",
			html.EscapeString(it.title), it.url, it.url, it.at.Format(time.RFC3339), it.at.Format(time.RFC3339), it.author)
		for _, t := range it.terms {
			fmt.Fprintf(&b, "<category term=\"%s\"/>", t)
		}
		b.WriteString(`<summary type="text">`)
		_ = xml.EscapeText(&b, []byte(it.summary)) // a strings.Builder takes everything
		b.WriteString("</summary><content type=\"html\">")
		_ = xml.EscapeText(&b, []byte(it.content))
		b.WriteString("</content></entry>\n")
	}
	b.WriteString("</feed>\n")
	return b.String()
}

func words(r *rand.Rand, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = vocabulary[r.IntN(len(vocabulary))]
	}
	return out
}

func sentence(r *rand.Rand, n int) string { return capital(strings.Join(words(r, n), " ")) + "." }

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
