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
	read        bool       // what follows is filled in
	text        string     // plain, one space between words
	letters     int        // letters and digits in text
	linked      int        // those of them in anchors
	anchors     []anchor
}

// anchor is a link to a page, and what it says.
type anchor struct {
	text, address string
	letters       int
}

// trailing are so many links at the end of a line that they count as a line of their own.
const trailing = 3

// linesOf takes a cleaned text apart.
func linesOf(parent *html.Node, lines []line) []line {
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
		case c.Type == html.ElementNode && (isBlock(c) || c.DataAtom != atom.A && holdsBlock(c)):
			flush()
			lines = linesOf(c, lines)
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

func holdsBlock(n *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && (isBlock(c) || c.DataAtom == atom.Br || holdsBlock(c)) {
			return true
		}
	}
	return false
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
	if l.read {
		return l
	}
	l.read = true
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
	for parent := range parents {
		for parent != root && parent.Parent != nil && isBare(parent) {
			n := parent
			parent = parent.Parent
			parent.RemoveChild(n)
		}
	}
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

// letters counts the letters and digits of a text.
func letters(s string) int {
	n := 0
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			if alphanumeric[s[i]] {
				n++
			}
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
	var out []anchor
	for _, a := range l.anchors {
		if r.isForeign(a.address) {
			out = append(out, a)
		}
	}
	return out
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
