package page

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/newswire/newswire/sources/clean"
)

// maxLine bounds, in characters, what is meant to be one line: titles, names, dates. Real ones are a tenth of it.
const maxLine = 1000

// maxValues bounds what is kept of anything that a page may say several times: authors, terms, values of a name.
const maxValues = 50

// line makes one line of plain text, and no longer than a line may be.
func line(s string) string {
	cut := s[:min(len(s), 8*maxLine)] // white space aside, the rest would be cut off anyway
	cut = strings.Join(strings.Fields(clean.Legal(cut)), " ")
	if len(cut) <= maxLine || utf8.RuneCountInString(cut) <= maxLine {
		return cut
	}
	return strings.TrimSpace(string([]rune(cut)[:maxLine-1])) + "…"
}

// plain makes one line of a text that may have been written as HTML once or, by mistake, twice.
func plain(s string) string {
	s = s[:min(len(s), 8*maxLine)]
	if strings.Contains(s, "&") {
		s = html.UnescapeString(s)
	}
	if strings.Contains(s, "</") || strings.Contains(s, "<br") {
		s = clean.Text(s)
	}
	return line(s)
}

// attribute is the value of an attribute; empty where there is none.
func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}

// textOf is what an element says, as one line.
func textOf(n *html.Node) string {
	w := textWriter{nodes: 10 * maxLine}
	w.write(n)
	return line(w.String())
}

// apartTextOf is textOf with a space between all elements: "<i>28</i><i>March</i>" is two words, as its style has it.
func apartTextOf(n *html.Node) string {
	w := textWriter{nodes: 10 * maxLine, apart: true}
	w.write(n)
	return line(w.String())
}

// textWriter writes what a reader sees of an element, until that is longer than any line or the element larger than
// anything that says one.
type textWriter struct {
	strings.Builder
	nodes int  // that may still be visited
	apart bool // no element stands in the middle of a word
}

func (w *textWriter) write(n *html.Node) {
	if w.nodes--; w.nodes < 0 || w.Len() > 8*maxLine {
		return
	}
	switch n.Type {
	case html.TextNode:
		w.WriteString(n.Data[:min(len(n.Data), 8*maxLine)])
		return
	case html.ElementNode:
		switch n.Data {
		case "script", "style", "template", "noscript", "select", "textarea", "svg", "iframe":
			return
		}
	}
	apart := n.Type == html.ElementNode && (w.apart || !inline[n.Data])
	if apart {
		w.WriteByte(' ')
	}
	for c := n.FirstChild; c != nil && w.nodes > 0; c = c.NextSibling {
		w.write(c)
	}
	if apart {
		w.WriteByte(' ')
	}
}

// inline are the elements that stand in the middle of words.
var inline = map[string]bool{
	"a": true, "abbr": true, "b": true, "bdi": true, "bdo": true, "big": true, "cite": true, "code": true, "del": true,
	"em": true, "font": true, "i": true, "ins": true, "mark": true, "q": true, "s": true, "small": true, "span": true,
	"strong": true, "sub": true, "sup": true, "time": true, "tt": true, "u": true, "wbr": true,
}

// words are the words in an attribute such as class and rel.
func words(n *html.Node, key string) []string {
	s := attribute(n, key)
	return strings.Fields(s[:min(len(s), 4*maxLine)])
}
