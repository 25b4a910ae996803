package clean

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/publicsuffix"
)

// line is a part of a text that stands on a line of its own: siblings between two line breaks or blocks.
type line struct {
	first, last *html.Node // siblings, both of it
	measured    bool       // what follows is filled in
	text        string     // plain, one space between words
	folded      string     // text, made comparable; empty: not yet
	letters     int        // letters and digits in text
	linked      int        // those of them in anchors
	anchors     []anchor

	told    bool     // what follows is filled in
	foreign []anchor // those that lead to other sites
	isLinks bool     // the line is made of these
}

// anchor is a link to a page, and what it says.
type anchor struct {
	text, address string
	letters       int
	folded        string   // text, made comparable; of foreign ones
	spam          []string // terms in it that are known for injections; of foreign ones
}

// trailing are so many links at the end of a line that they count as a line of their own.
const trailing = 3

// linesOf takes a cleaned text apart, in memory that may be there.
func linesOf(root *html.Node, memory []line) []line {
	blocks := map[*html.Node]bool{}
	noteBlocks(root, blocks)
	return appendLines(memory, root, blocks)
}

// noteBlocks notes the elements in the middle of lines that hold what stands on lines of its own.
func noteBlocks(n *html.Node, blocks map[*html.Node]bool) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		noteBlocks(c, blocks)
		if isBlock(c) || c.DataAtom == atom.Br || blocks[c] {
			if !isBlock(n) {
				blocks[n] = true
			}
		}
	}
}

// appendLines adds the lines of an element.
func appendLines(lines []line, parent *html.Node, blocks map[*html.Node]bool) []line {
	var first, last *html.Node
	flush := func() {
		if first == nil {
			return
		}
		if head, tail := splitAnchors(first, last); tail != nil {
			lines = append(lines, line{first: first, last: head}, line{first: tail, last: last})
		} else {
			lines = append(lines, line{first: first, last: last})
		}
		first = nil
	}
	for c := parent.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode && strings.TrimSpace(c.Data) == "":
		case c.Type == html.ElementNode && (c.DataAtom == atom.Br || c.DataAtom == atom.Hr):
			flush()
		case c.Type == html.ElementNode && (isBlock(c) || c.DataAtom != atom.A && blocks[c]):
			flush()
			lines = appendLines(lines, c, blocks)
		default:
			if first == nil {
				first = c
			}
			last = c
		}
	}
	flush()
	return lines
}

// splitAnchors finds many links behind the text of a line: tail is the first of them, head what stands before it. Tail is
// nil when there are few, or nothing else.
func splitAnchors(first, last *html.Node) (head, tail *html.Node) {
	count := 0
	for n := last; n != nil; n = n.PrevSibling {
		switch {
		case n.Type == html.TextNode && !strings.ContainsFunc(n.Data, isLetter):
		case n.DataAtom == atom.A:
			count++
			tail = n
		default:
			if count < trailing {
				return nil, nil
			}
			return tail.PrevSibling, tail
		}
		if n == first {
			break
		}
	}
	return nil, nil
}

// measure fills a line in.
func (l *line) measure() *line {
	if l.measured {
		return l
	}
	l.measured = true
	var b strings.Builder
	for n := l.first; ; n = n.NextSibling {
		l.collect(n, &b)
		if n == l.last {
			break
		}
	}
	l.text = spaced(b.String())
	l.letters = letters(l.text)
	return l
}

// fold is the line's text, made comparable.
func (l *line) fold() string {
	if l.folded == "" {
		l.folded = fold(l.measure().text)
	}
	return l.folded
}

func (l *line) collect(n *html.Node, b *strings.Builder) {
	if n.Type == html.TextNode {
		b.WriteString(n.Data)
		return
	}
	before := b.Len()
	b.WriteString(between(n.Data))
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		l.collect(c, b)
	}
	if n.DataAtom == atom.A {
		if address := value(n, "href"); strings.HasPrefix(address, "http") {
			a := anchor{text: spaced(b.String()[before:]), address: address}
			a.letters = letters(a.text)
			l.linked += a.letters
			l.anchors = append(l.anchors, a)
		}
	}
}

// heads says whether a line stands as a heading or a label over what follows.
func (l *line) heads() bool {
	n := l.first
	if l.first == l.last && (n.DataAtom == atom.Strong || n.DataAtom == atom.B) {
		return true
	}
	for p := n; p != nil; p = p.Parent {
		if isHeading(p) {
			return true
		}
	}
	return strings.HasSuffix(l.text, ":") || strings.HasSuffix(l.text, "：")
}

// lead is what a line says before its first link.
func (l *line) lead() string {
	if len(l.anchors) == 0 {
		return l.text
	}
	before, _, _ := strings.Cut(l.text, l.anchors[0].text)
	return strings.TrimSpace(before)
}

// removeLines takes lines out of the text, with the line breaks before them and the elements that held nothing else.
func removeLines(root *html.Node, lines []line) {
	parents := map[*html.Node]bool{}
	for i := len(lines) - 1; i >= 0; i-- {
		parents[lines[i].first.Parent] = true
		lines[i].unlink()
	}
	byDepth := map[int][]*html.Node{}
	deepest := 0
	for parent := range parents {
		depth := depthOf(parent)
		byDepth[depth] = append(byDepth[depth], parent)
		deepest = max(deepest, depth)
	}
	for depth := deepest; depth > 0; depth-- { // from the inside out, so that each element is looked at once
		for _, n := range byDepth[depth] {
			parent := n.Parent
			if n == root || parent == nil || !isBare(n) {
				continue
			}
			parent.RemoveChild(n)
			if !parents[parent] {
				parents[parent] = true
				byDepth[depth-1] = append(byDepth[depth-1], parent)
			}
		}
	}
}

func depthOf(n *html.Node) int {
	depth := 0
	for n = n.Parent; n != nil; n = n.Parent {
		depth++
	}
	return depth
}

func (l *line) unlink() {
	parent := l.first.Parent
	for p := l.first.PrevSibling; p != nil; p = l.first.PrevSibling {
		if p.DataAtom != atom.Br && (p.Type != html.TextNode || strings.TrimSpace(p.Data) != "") {
			break
		}
		parent.RemoveChild(p)
	}
	for n := l.first; ; {
		next := n.NextSibling
		parent.RemoveChild(n)
		if n == l.last {
			break
		}
		n = next
	}
}

// isBare says whether an element holds neither text nor media.
func isBare(n *html.Node) bool {
	for c := range n.Descendants() {
		if isMedia(c) || c.Type == html.TextNode && strings.TrimSpace(c.Data) != "" {
			return false
		}
	}
	return true
}

// isLetter says whether letters counts a character.
func isLetter(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c) }

// weight is one for the letters and digits of ASCII: to add it is quicker than to ask.
var weight = func() (w [utf8.RuneSelf]int) {
	for c := range w {
		if alphanumeric[c] {
			w[c] = 1
		}
	}
	return w
}()

// letters counts the letters and digits of a text.
func letters(s string) int {
	n := 0
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			n += weight[s[i]]
			i++
			continue
		}
		c, size := utf8.DecodeRuneInString(s[i:])
		if isLetter(c) {
			n++
		}
		i += size
	}
	return n
}

// isForeign says whether an address is of another site than the publisher's. Where nothing is known of that, none is.
func (r *findings) isForeign(address string) bool {
	if len(r.own) == 0 || !strings.HasPrefix(address, "http") && !strings.HasPrefix(address, "//") {
		return false
	}
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	domain := registrable(u.Hostname())
	return domain != "" && !r.own[domain]
}

// foreign are the anchors of a line that lead to other sites.
func (r *findings) foreign(l *line) []anchor {
	r.tell(l)
	return l.foreign
}

// tell fills in what a line has of links to other sites. It is asked for in each round, and found out once.
func (r *findings) tell(l *line) {
	if l.told {
		return
	}
	l.told = true
	for _, a := range l.measure().anchors {
		if r.isForeign(a.address) {
			a.folded = fold(a.text)
			a.spam = spam.in(a.folded)
			l.foreign = append(l.foreign, a)
		}
	}
	l.isLinks = r.isMadeOfLinks(l)
}

// registrable is the part of a host that was registered; an address that is a number, or a host without a public
// suffix, stands for itself.
func registrable(host string) string {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return strings.TrimPrefix(host, "www.")
	}
	return domain
}
