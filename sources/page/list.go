package page

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"github.com/newswire/newswire/sources/internal/stable"
	"github.com/newswire/newswire/sources/parse"
)

// List reads a page that lists articles: in its order, each address once, with what the list itself says of an article.
// GUID, URL and AtomID are the address; Title, Authors, Published and Content are what the selectors find inside of the
// item; without them the title is the link's text and the time that of a time element or of a date in the item.
//
// The error wraps [ErrNotPage], [ErrNoItems] or [ErrTooCostly], or is that of ctx or of a selector that does not parse.
func List(ctx context.Context, body []byte, o Options, s Selectors) ([]parse.Item, error) {
	sel, err := s.compile()
	if err != nil {
		return nil, err
	}
	p, err := open(ctx, body, o)
	if err != nil {
		return nil, err
	}
	return p.list(ctx, s, sel)
}

// list is List for a page that was opened.
func (p *page) list(ctx context.Context, s Selectors, sel *compiled) ([]parse.Item, error) {
	if sel.item == nil {
		return nil, fmt.Errorf("page: %w: no selector says what an item is", ErrNoItems)
	}
	sel.removeFrom(p.root)
	found := sel.item.in(goquery.NewDocumentFromNode(p.root).Selection)
	if len(found) == 0 {
		return nil, fmt.Errorf("page: %w: the item selector %q matches nothing", ErrNoItems, s.Item)
	}
	var items []parse.Item
	known := map[string]bool{"": true, stable.Address(p.own()): true}
	for _, n := range found {
		if err := check(ctx); err != nil {
			return nil, err
		}
		link, address := p.link(n, sel)
		if known[stable.Address(address)] {
			continue
		}
		known[stable.Address(address)] = true
		if items = append(items, p.listed(n, sel, link, address)); len(items) == p.MaxItems {
			break
		}
	}
	if len(items) == 0 {
		return nil, fmt.Errorf("page: %w: of %d elements that %q matches none has a link", ErrNoItems, len(found), s.Item)
	}
	return items, nil
}

// listed reads one item of a list, of which the link is known.
func (p *page) listed(n *html.Node, sel *compiled, link *html.Node, address string) parse.Item {
	within := goquery.NewDocumentFromNode(n).Selection
	p.noteMatches(within, sel)
	it := p.item(address)
	it.Title = cmp.Or(cmp.Or(sel.title.texts(within)...), linkTitle(link), longestHeading(n))
	for _, text := range sel.author.texts(within) {
		it.Authors = join(it.Authors, byline(text)...)
	}
	m := microformatsOf(n)
	if sel.author == nil {
		it.Authors = m.authors
		for i := range it.Authors {
			it.Authors[i].URL = p.address(it.Authors[i].URL)
		}
	}
	said := sel.published.texts(within)
	said = append(append(append(said, m.published...), m.times...), m.lines...)
	it.Published = p.dates(append(said, p.besides(n, it.Title))...)
	it.Summary = html.EscapeString(cmp.Or(m.summary, summaryOf(n, it.Title)))
	it.Content = p.rendered(sel.content.in(within))
	return it
}

// link finds an item's link and its address: by the selector, else the item itself, the link around it, or the first one
// in it. The address is empty where there is none.
func (p *page) link(item *html.Node, sel *compiled) (link *html.Node, address string) {
	within := goquery.NewDocumentFromNode(item).Selection
	lookIn := func(nodes []*html.Node, key string) bool {
		for _, n := range nodes[:min(len(nodes), maxValues)] {
			href := strings.TrimSpace(attribute(n, key))
			if strings.HasPrefix(href, "#") { // a button for a script
				continue
			}
			if link, address = n, p.address(href); address != "" {
				return true
			}
		}
		return false
	}
	for _, a := range sel.link {
		if lookIn(a.in(within), cmp.Or(a.attribute, "href")) {
			return link, address
		}
	}
	if sel.link == nil && (lookIn(within.Closest("a[href]").Nodes, "href") || lookIn(within.Find("a[href]").Nodes, "href")) {
		return link, address
	}
	return nil, ""
}

// linkTitle is what a link calls its target. Lists shorten the text and keep the whole in the title attribute.
func linkTitle(n *html.Node) string {
	if n == nil {
		return ""
	}
	text, whole := textOf(n), line(attribute(n, "title"))
	short := strings.TrimSpace(strings.TrimRight(text, ".…"))
	if whole != "" && (text == "" || short != text && strings.HasPrefix(whole, short)) {
		return whole
	}
	return text
}

// longestHeading is the title of an item whose link has no text, such as one around a picture.
func longestHeading(n *html.Node) string {
	longest := ""
	for d := range n.Descendants() {
		if d.Type != html.ElementNode {
			continue
		}
		switch d.Data {
		case "h1", "h2", "h3", "h4", "h5", "h6", "a":
			if text := textOf(d); len(text) > len(longest) {
				longest = text
			}
		}
	}
	return longest
}

// besides is what an item says besides its title: the place where short lists keep the date.
func (p *page) besides(n *html.Node, title string) string {
	text := textOf(n)
	if utf8.RuneCountInString(text) > utf8.RuneCountInString(title)+200 { // the date would be one in the text
		return ""
	}
	return strings.Replace(text, title, " ", 1)
}

// summaryOf is an item's first paragraph that is one.
func summaryOf(n *html.Node, title string) string {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == "p" {
			if text := textOf(d); text != title && utf8.RuneCountInString(text) >= 40 {
				return text
			}
		}
	}
	return ""
}
