package page

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/parse"
)

// microformats are what a page's own elements say of the article, by the marks that they carry: microformats (h-entry),
// microdata (itemprop), rel values and the time element.
type microformats struct {
	title     string            // p-name, itemprop=headline
	authors   []newswire.Person // p-author, itemprop=author, rel=author
	signed    *html.Node        // where the authors stand
	published []string          // dt-published, itemprop=datePublished, <time pubdate>
	modified  []string          // dt-updated, itemprop=dateModified
	times     []string          // <time> of no declared meaning, in the page's order
	lines     []string          // elements whose class or text says that they hold a date or an author
	summary   string            // p-summary
	content   *html.Node        // e-content; the older names are given to too much else
	terms     []string          // p-category, rel=tag
	licenses  []string          // rel=license, for people
	rsl       string            // the same to a document of Really Simple Licensing
	canonical string            // rel=canonical
	heading   []string          // every h1 and then every h2
}

// entryDepth is how the walk knows whether it is inside of an h-entry, and of something that is not about the article.
type entryDepth struct {
	entry bool // inside an h-entry
	aside bool // inside an aside, nav, footer or a nested card: comments, related articles
}

// microformatsOf walks once over the page.
func microformatsOf(root *html.Node) *microformats {
	m := &microformats{}
	var seconds []string
	var walk func(n *html.Node, in entryDepth)
	walk = func(n *html.Node, in entryDepth) {
		if n.Type == html.ElementNode {
			switch n.Data {
			case "script", "style", "template", "svg", "noscript":
				return
			case "aside", "nav", "footer":
				in.aside = true
			case "h1":
				m.heading = add(m.heading, textOf(n))
			case "h2":
				seconds = add(seconds, textOf(n))
			}
			classes := words(n, "class")
			switch {
			case slices.Contains(classes, "h-entry"), slices.Contains(classes, "hentry"):
				in = entryDepth{entry: !in.entry && !in.aside, aside: in.aside || in.entry}
			case slices.Contains(classes, "h-cite"):
				in.aside = true
			}
			if !in.aside {
				m.see(n, classes, in.entry)
			}
			m.seeRel(n, in.aside)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, in)
		}
	}
	walk(root, entryDepth{})
	m.heading = append(m.heading, seconds...)
	return m
}

// see takes what an element's classes and properties say. The older hAtom names count inside of an entry alone.
func (m *microformats) see(n *html.Node, classes []string, entry bool) {
	has := func(name string) bool { return entry && slices.Contains(classes, name) }
	is := func(name string) bool { return slices.Contains(words(n, "itemprop"), name) }
	switch {
	case has("p-name"), has("entry-title"), is("headline"):
		m.title = cmp.Or(m.title, valueOf(n))
	case has("p-author"), is("author"), is("creator"):
		m.sign(n)
	case has("p-summary"):
		m.summary = cmp.Or(m.summary, valueOf(n))
	case has("e-content") && m.content == nil:
		m.content = n
	case has("p-category"):
		m.terms = add(m.terms, valueOf(n))
	}
	switch {
	case has("dt-published"), is("datePublished"), has("published"), n.Data == "time" && hasAttribute(n, "pubdate"):
		m.published = add(m.published, valueOf(n))
	case has("dt-updated"), is("dateModified"), has("updated"):
		m.modified = add(m.modified, valueOf(n))
	case n.Data == "time":
		m.times = add(m.times, valueOf(n))
	case isInfoLine(n, classes):
		m.lines = add(add(m.lines, textOf(n)), apartTextOf(n))
	}
}

// seeRel takes what a link says of where it leads.
func (m *microformats) seeRel(n *html.Node, aside bool) {
	if n.Data != "a" && n.Data != "link" {
		return
	}
	href := strings.TrimSpace(attribute(n, "href"))
	for _, rel := range words(n, "rel") {
		switch strings.ToLower(rel) {
		case "canonical":
			if n.Data == "link" {
				m.canonical = cmp.Or(m.canonical, href)
			}
		case "license":
			if parse.IsRSL(attribute(n, "type")) {
				m.rsl = cmp.Or(m.rsl, href)
			} else {
				m.licenses = add(m.licenses, href)
			}
		case "author":
			if n.Data == "a" && !aside {
				m.sign(n)
			}
		case "tag":
			if n.Data == "a" && !aside {
				m.terms = add(m.terms, textOf(n))
			}
		}
	}
}

// sign takes an author. Others after the first count if they stand beside it: those further down are of other articles.
func (m *microformats) sign(n *html.Node) {
	people := person(n)
	if len(people) == 0 {
		return
	}
	place := n
	for range 3 {
		if place.Parent == nil {
			break
		}
		if place = place.Parent; place == m.signed {
			break
		}
	}
	if m.signed == nil {
		m.signed = place
	}
	if m.signed == place {
		m.authors = join(m.authors, people...)
	}
}

// person reads an author from the element that is marked as one. Inside, a name may be marked for itself.
func person(n *html.Node) []newswire.Person {
	text, link := "", ""
	nodes := 0
	for d := range n.Descendants() {
		if nodes++; nodes > maxLine {
			break
		}
		if d.Type != html.ElementNode {
			continue
		}
		if slices.Contains(words(d, "itemprop"), "name") || slices.Contains(words(d, "class"), "p-name") || slices.Contains(words(d, "class"), "fn") {
			text = cmp.Or(text, valueOf(d))
		}
		if d.Data == "a" {
			link = cmp.Or(link, attribute(d, "href"))
		}
	}
	if n.Data == "a" {
		link = attribute(n, "href")
	}
	people := byline(cmp.Or(text, valueOf(n)))
	if len(people) == 1 {
		people[0].URL = link
	}
	return people
}

// valueOf is what an element says for machines, else for people.
func valueOf(n *html.Node) string {
	for _, key := range []string{"datetime", "content", "title"} {
		if key == "title" && n.Data != "abbr" {
			continue
		}
		if s := line(attribute(n, key)); s != "" {
			return s
		}
	}
	return textOf(n)
}

// isInfoLine says whether an element is the line with author and date, by what templates call it or by how it begins.
func isInfoLine(n *html.Node, classes []string) bool {
	switch n.Data {
	case "span", "div", "p", "li", "small", "em", "i", "b", "dd", "td", "font", "h4", "h5", "h6":
	default:
		return false
	}
	if c := n.FirstChild; c != nil && c.Type == html.TextNode && labelled.MatchString(c.Data[:min(len(c.Data), maxLine)]) {
		return shortText(n)
	}
	for _, name := range append(classes, attribute(n, "id")) {
		name = strings.ToLower(name[:min(len(name), 64)])
		for _, word := range []string{"date", "time", "publish", "info", "meta", "source", "byline"} {
			if strings.Contains(name, word) {
				return shortText(n)
			}
		}
	}
	return false
}

// shortText says whether an element is a line, and no container of the article.
func shortText(n *html.Node) bool {
	size, nodes := 0, 0
	for d := range n.Descendants() {
		if nodes++; nodes > 100 {
			return false
		}
		if d.Type == html.TextNode {
			size += len(strings.TrimSpace(d.Data))
		}
	}
	return size > 0 && size < 500
}

func hasAttribute(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key && a.Namespace == "" })
}

// add adds a text to a list, once, and while there is room.
func add(texts []string, s string) []string {
	if s == "" || len(texts) >= maxValues || slices.Contains(texts, s) {
		return texts
	}
	return append(texts, s)
}
