package page

import (
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"github.com/newswire/newswire/sources/internal/stable"
)

// maxTeasers bounds the items beside an article that are looked at.
const maxTeasers = 300

// longestTeaser is more, in characters, than a list says of an article.
const longestTeaser = 1500

// teasers are what stands on an article's page for other articles: a site that lists its articles by selectors for items and
// links has such items beside its articles too. A title in one of them is not the article's.
type teasers map[*html.Node]bool

// without returns those of the nodes that are in no teaser.
func (t teasers) without(found []*html.Node) []*html.Node {
	if len(t) == 0 {
		return found
	}
	var own []*html.Node
next:
	for _, n := range found {
		for up := n; up != nil; up = up.Parent {
			if t[up] {
				continue next
			}
		}
		own = append(own, n)
	}
	return own
}

// teasersOf finds the items that lead to other documents of the site. What has the page's own heading, or a text as long as an
// article, is the article.
func teasersOf(p *page, sel *compiled) teasers {
	if sel.item == nil || sel.link == nil || sel.title == nil && sel.published == nil && sel.author == nil {
		return nil
	}
	t := teasers{}
	items := sel.item.in(goquery.NewDocumentFromNode(p.root).Selection)
	for _, n := range items[:min(len(items), maxTeasers)] {
		link, address := p.link(n, sel)
		if link == nil || stable.Address(address) == stable.Address(p.own()) || !sameSite(address, p.own()) {
			continue
		}
		if len(goquery.NewDocumentFromNode(n).Find("h1").Nodes) > 0 || utf8.RuneCountInString(clipped(n)) > longestTeaser {
			continue
		}
		t[n] = true
	}
	return t
}

// clipped is what an element says, as far as it matters whether that is long.
func clipped(n *html.Node) string {
	w := textWriter{nodes: 10 * maxLine}
	w.write(n)
	return w.String()
}
