package tree

import (
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/newswire/newswire/sources/internal/byteset"
)

// Render writes the children of a node as html.Render would; size is about how long they will be. It cannot fail: the tree
// holds no raw text elements, and a builder takes everything.
func Render(root *html.Node, size int) string {
	p := buffers.Get().(*[]byte)
	b := slices.Grow((*p)[:0], size+size/8)
	defer func() {
		if *p = b; cap(b) <= maxPooled {
			buffers.Put(p)
		}
	}()
	for n := root.FirstChild; n != nil; n = n.NextSibling {
		var ok bool
		if b, ok = appendNode(b, n); !ok {
			return renderAny(root)
		}
	}
	return string(b)
}

// buffers are what is rendered into, before its length is known.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// maxPooled bounds what an idle buffer holds.
const maxPooled = 64 << 10

// renderAny writes the children of a node of any kind.
func renderAny(root *html.Node) string {
	var b strings.Builder
	for n := root.FirstChild; n != nil; n = n.NextSibling {
		if err := html.Render(&b, n); err != nil {
			return ""
		}
	}
	return b.String()
}

// appendNode writes a text, or an element that has no rules of its own. All others it leaves to html.Render: it is not ok.
func appendNode(b []byte, n *html.Node) (_ []byte, ok bool) {
	if n.Type == html.TextNode {
		return appendEscaped(b, n.Data), true
	}
	if n.Type != html.ElementNode || hasRules[n.Data] {
		return b, false
	}
	b = append(append(b, '<'), n.Data...)
	for i := range n.Attr {
		if n.Attr[i].Namespace != "" {
			return b, false
		}
		b = append(append(append(b, ' '), n.Attr[i].Key...), `="`...)
		b = append(appendEscaped(b, n.Attr[i].Val), '"')
	}
	if isVoid(n) {
		return append(b, "/>"...), n.FirstChild == nil
	}
	b = append(b, '>')
	if c := n.FirstChild; c != nil && n.DataAtom == atom.Pre && c.Type == html.TextNode && strings.HasPrefix(c.Data, "\n") {
		b = append(b, '\n') // a parser takes the first away
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if b, ok = appendNode(b, c); !ok {
			return b, false
		}
	}
	return append(append(append(b, "</"...), n.Data...), '>'), true
}

// hasRules are the elements that HTML writes in a way of their own (HTML §13.3): without references, or void and seldom kept.
var hasRules = map[string]bool{
	"iframe": true, "noembed": true, "noframes": true, "noscript": true, "plaintext": true, "script": true, "style": true, "xmp": true,
	"listing": true, "textarea": true, "area": true, "base": true, "embed": true, "input": true, "keygen": true, "link": true,
	"meta": true, "param": true,
}

// appendEscaped writes text with references for what would be markup.
func appendEscaped(b []byte, s string) []byte {
	start := 0
	for i := range len(s) {
		if !special[s[i]] || s[i] == 0 {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch s[i] {
		case '&':
			b = append(b, "&amp;"...)
		case '\'':
			b = append(b, "&#39;"...)
		case '<':
			b = append(b, "&lt;"...)
		case '>':
			b = append(b, "&gt;"...)
		case '"':
			b = append(b, "&#34;"...)
		case '\r':
			b = append(b, "&#13;"...)
		}
	}
	return append(b, s[start:]...)
}

// isVoid says whether an element never holds anything, of those that appendNode writes.
func isVoid(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Br, atom.Col, atom.Hr, atom.Img, atom.Source, atom.Track, atom.Wbr:
		return true
	}
	return false
}

// IsEscaped says whether text holds no character as itself that x/net/html writes as a reference, and no reference that it
// does not write.
func IsEscaped(s string) bool {
	for i := range len(s) {
		if special[s[i]] && (s[i] != '&' || !slices.ContainsFunc(references, func(r string) bool { return strings.HasPrefix(s[i:], r) })) {
			return false
		}
	}
	return true
}

// special are the bytes that x/net/html writes as references, and the one that it never writes.
var special = byteset.Of("<>&\"'\r\x00")

var references = []string{"&amp;", "&lt;", "&gt;", "&#34;", "&#39;", "&#13;"}
