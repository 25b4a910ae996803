package page

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"codeberg.org/readeck/go-readability/v2"
	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/newswire/newswire/sources/clean"
)

// maxElements bounds the pages whose text is looked for: what takes longer to weigh is no article. The largest in
// Mozilla's test pages has 11,000.
const maxElements = 40_000

// enough is how many characters make a text: with fewer, go-readability tries again and is less strict each time. An
// ideograph says about as much as two letters and a half.
const (
	enough           = 500
	enoughIdeographs = 200
)

// content is the article's text as HTML with absolute addresses, with the notices about it, and the line with the author's
// name that was found on the way where none is known.
func (p *page) content(s *compiled, title, author string) (text, found string) {
	chosen := s.content.in(goquery.NewDocumentFromNode(p.root).Selection)
	if len(chosen) == 0 && p.formats.content != nil {
		chosen = []*html.Node{p.formats.content}
		p.tidy(p.formats.content, known{title, author})
	}
	if len(chosen) > 0 {
		return p.rendered(chosen), ""
	}
	notices := p.notices()
	node, found := p.readable(title, author)
	said := p.linked.body
	switch {
	case said != "" && (node == nil || isShort(node) && utf8.RuneCountInString(said) > enoughIdeographs):
		return paragraphs(said), found // the page is for scripts to fill
	case node == nil:
		return "", found
	}
	p.tidy(node, known{title, author})
	text = p.rendered([]*html.Node{node})
	if notices != "" && !strings.Contains(clean.Text(text), clean.Text(notices)) {
		text += notices
	}
	return text, found
}

// rendered writes elements as HTML with absolute addresses, but for those that are inside of others of them.
func (p *page) rendered(nodes []*html.Node) string {
	var b strings.Builder
	for _, n := range outermost(nodes) {
		p.absolute(n)
		render(&b, n)
	}
	return strings.TrimSpace(b.String())
}

// outermost leaves out the elements that are inside of others of them.
func outermost(nodes []*html.Node) []*html.Node {
	chosen := make(map[*html.Node]bool, len(nodes))
	for _, n := range nodes {
		chosen[n] = true
	}
	var kept []*html.Node
next:
	for _, n := range nodes {
		for up := n.Parent; up != nil; up = up.Parent {
			if chosen[up] {
				continue next
			}
		}
		kept = append(kept, n)
	}
	return kept
}

// readable finds the text by its density. It changes the page's tree, which is needed no more.
func (p *page) readable(title, author string) (text *html.Node, byline string) {
	reader := readability.NewParser()
	reader.MaxElemsToParse = maxElements
	reader.DisableJSONLD = true
	reader.CharThresholds = enough
	if ideographs(p.root) {
		reader.CharThresholds = enoughIdeographs
	}
	replaceHead(p.root, title, author)
	article, err := reader.ParseAndMutate(p.root, p.base)
	if err != nil || article.Node == nil {
		return nil, ""
	}
	return article.Node, article.Byline()
}

// replaceHead tells go-readability what is known already, and nothing else: what a page says of itself may be ten
// megabytes long, and is compared with every heading.
func replaceHead(root *html.Node, title, author string) {
	var doomed []*html.Node
	var head *html.Node
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.DataAtom {
		case atom.Head:
			head = n
		case atom.Meta, atom.Title, atom.Link, atom.Script, atom.Style, atom.Base:
			if n.Namespace == "" {
				doomed = append(doomed, n)
			}
		}
	}
	for _, n := range doomed {
		n.Parent.RemoveChild(n)
	}
	if head == nil {
		return
	}
	for _, meta := range [][2]string{{"title", title}, {"author", author}} {
		if meta[1] != "" {
			head.AppendChild(&html.Node{
				Type: html.ElementNode, Data: "meta", DataAtom: atom.Meta,
				Attr: []html.Attribute{{Key: "name", Val: meta[0]}, {Key: "content", Val: meta[1]}},
			})
		}
	}
}

// ideographs says whether a page is written in a script that writes words together.
func ideographs(root *html.Node) bool {
	some, all := 0, 0
	for n := range root.Descendants() {
		if n.Type != html.TextNode || n.Parent.Data == "script" || n.Parent.Data == "style" {
			continue
		}
		for _, c := range n.Data[:min(len(n.Data), 4*maxLine)] {
			if isIdeograph(c) {
				some++
			}
			if c > ' ' {
				all++
			}
		}
		if all > 20*maxLine {
			break
		}
	}
	return some*3 > all
}

// isShort says whether a text is too short to be the whole of an article.
func isShort(n *html.Node) bool {
	size := 0
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			size += utf8.RuneCountInString(strings.TrimSpace(d.Data))
		}
		if size > enoughIdeographs {
			return false
		}
	}
	return true
}

// paragraphs makes HTML of plain text.
func paragraphs(text string) string {
	var b strings.Builder
	for p := range strings.SplitSeq(text, "\n") {
		if strings.Contains(p, "</") || strings.Contains(p, "<br") { // HTML, where the vocabulary has text
			p = clean.Text(p)
		}
		if p = strings.TrimSpace(p); p != "" {
			fmt.Fprintf(&b, "<p>%s</p>", html.EscapeString(html.UnescapeString(p)))
		}
	}
	return b.String()
}

// render writes an element. It cannot fail but for raw text in a place where HTML has none, which is then left out.
func render(b *strings.Builder, n *html.Node) {
	var one strings.Builder
	if err := html.Render(&one, n); err == nil {
		b.WriteString(one.String())
	}
}
