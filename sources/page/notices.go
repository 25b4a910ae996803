package page

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// noticeForms are what the notices at the foot of an article are about: whose views it has, whose it is, and where
// complaints go. Two of these in a few lines make notices.
var noticeForms = []*regexp.Regexp{
	regexp.MustCompile(`(?i)观点|觀點|立场|立場|views? (?:and opinions )?expressed|opinions? (?:are|of) the author`),
	regexp.MustCompile(`(?i)版权|版權|著作权|著作權|转载|轉載|copyright|all rights reserved`),
	regexp.MustCompile(`(?i)侵权|侵權|投诉|投訴|举报|舉報|联系我们|聯繫我們|infring|complain`),
}

const (
	maxNotices      = 1500 // bytes of text: the notices of real platforms have a third of it
	maxNoticePlaces = 200  // in which they are looked for
)

// notices is the block of notices about the article that stands apart from its text, as HTML; empty where there is none.
// What the foot of every page says of the whole site is not meant.
func (p *page) notices() string {
	places := 0
	for n := range p.root.Descendants() {
		if n.Type != html.TextNode || kindsOfNotice(n.Data[:min(len(n.Data), maxNotices)]) == 0 {
			continue
		}
		if places++; places > maxNoticePlaces {
			return ""
		}
		if block := noticeBlock(n); block != nil && !isFoot(block) {
			return p.rendered([]*html.Node{block})
		}
	}
	return ""
}

// noticeBlock is the smallest element around a text that holds notices, and those around it that hold little more.
func noticeBlock(n *html.Node) *html.Node {
	var found *html.Node
	size := 0
	for up := n.Parent; up != nil && up.Type == html.ElementNode && up.Data != "body"; up = up.Parent {
		text := textOf(up)
		switch {
		case len(text) > maxNotices, up.Data == "a", up.Data == "noscript", holdsMore(up):
			return found
		case found == nil && kindsOfNotice(text) >= 2, found != nil && len(text) <= 3*size:
			found, size = up, len(text)
		case found != nil:
			return found
		}
	}
	return found
}

// holdsMore says whether an element holds what notices do not: headings, pictures, forms, a number of links.
func holdsMore(n *html.Node) bool {
	nodes, links := 0, 0
	for d := range n.Descendants() {
		if nodes++; nodes > maxNoticePlaces {
			return true
		}
		if d.Type != html.ElementNode {
			continue
		}
		switch d.Data {
		case "h1", "h2", "h3", "h4", "h5", "h6", "img", "form", "input", "button", "script", "style", "iframe", "video":
			return true
		case "a":
			links++
		}
	}
	return links > 3
}

func kindsOfNotice(text string) int {
	kinds := 0
	for _, form := range noticeForms {
		if form.MatchString(text) {
			kinds++
		}
	}
	return kinds
}

// isFoot says whether an element is in the foot of the page, or in what leads elsewhere.
func isFoot(n *html.Node) bool {
	for up := n; up != nil && up.Data != "body"; up = up.Parent {
		switch up.Data {
		case "footer", "nav", "aside", "form":
			return true
		}
		names := append(words(up, "class"), attribute(up, "id"))
		if slices.ContainsFunc(names, func(s string) bool {
			return strings.Contains(strings.ToLower(s[:min(len(s), 64)]), "foot")
		}) {
			return true
		}
	}
	return false
}
