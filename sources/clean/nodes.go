package clean

import (
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// value is the first of the attributes that is there and not empty.
func value(n *html.Node, keys ...string) string {
	for _, key := range keys {
		for _, a := range n.Attr {
			if a.Namespace == "" && a.Key == key && strings.TrimSpace(a.Val) != "" {
				return strings.TrimSpace(a.Val)
			}
		}
	}
	return ""
}

// set gives an attribute a value; an empty value takes it away.
func set(n *html.Node, key, val string) {
	for i, a := range n.Attr {
		if a.Namespace == "" && a.Key == key {
			if val == "" {
				n.Attr = append(n.Attr[:i], n.Attr[i+1:]...)
			} else {
				n.Attr[i].Val = val
			}
			return
		}
	}
	if val != "" {
		n.Attr = append(n.Attr, html.Attribute{Key: key, Val: val})
	}
}

// has says whether an attribute is there, if only by its name.
func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Namespace == "" && a.Key == key {
			return true
		}
	}
	return false
}

// previousElement is the element before a node, if nothing but a little white space is between them.
func previousElement(n *html.Node) *html.Node {
	const far = 8
	p := n.PrevSibling
	for range far {
		if p == nil {
			break
		}
		if p.Type == html.ElementNode {
			return p
		}
		if p.Type == html.TextNode && strings.TrimSpace(p.Data) != "" {
			return nil
		}
		p = p.PrevSibling
	}
	return nil
}

// nextElement is the element behind a node, if nothing but a little white space is between them.
func nextElement(n *html.Node) *html.Node {
	const far = 8
	next := n.NextSibling
	for range far {
		if next == nil || next.Type == html.ElementNode {
			return next
		}
		if next.Type == html.TextNode && strings.TrimSpace(next.Data) != "" {
			return nil
		}
		next = next.NextSibling
	}
	return nil
}

// maxStyle bounds, in bytes, how much of a style attribute is read.
const maxStyle = 4096

// styleOf is an element's style attribute.
func styleOf(n *html.Node) string {
	style := value(n, "style")
	return style[:min(len(style), maxStyle)]
}

// isTiny says whether an element is no larger than a pixel, or not to be seen.
func isTiny(n *html.Node) bool {
	for _, key := range []string{"width", "height"} {
		if v := value(n, key); v != "" {
			if size, err := strconv.Atoi(strings.TrimSuffix(v, "px")); err == nil && size <= 1 {
				return true
			}
		}
	}
	style := styleOf(n)
	if style == "" {
		return false
	}
	style = strings.ReplaceAll(strings.ToLower(style), " ", "") + ";"
	for _, hidden := range []string{"display:none", "visibility:hidden", "width:0;", "width:1px;", "height:0;", "height:1px;"} {
		if at := strings.Index(style, hidden); at == 0 || at > 0 && style[at-1] == ';' {
			return true
		}
	}
	return false
}

// host is the host of an absolute address, without www.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
}

func isHeading(n *html.Node) bool {
	switch n.DataAtom {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return true
	}
	return false
}

func isTable(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Table, atom.Caption, atom.Colgroup, atom.Col, atom.Tbody, atom.Thead, atom.Tfoot, atom.Tr, atom.Td, atom.Th:
		return true
	}
	return false
}

// isBlock says whether an element stands on lines of its own.
func isBlock(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Article, atom.Aside, atom.Blockquote, atom.Dd, atom.Details, atom.Div, atom.Dl, atom.Dt, atom.Figcaption,
		atom.Figure, atom.Footer, atom.Header, atom.Hr, atom.Li, atom.Main, atom.Ol, atom.P, atom.Pre, atom.Section,
		atom.Summary, atom.Ul:
		return true
	}
	return isHeading(n) || isTable(n)
}

// endsParagraph says whether the start of an element is the end of a paragraph (HTML, "in body" insertion mode).
func endsParagraph(n *html.Node) bool { return isBlock(n) }

// vanishes says whether an element without content is nothing at all.
func vanishes(n *html.Node) bool {
	if n.Namespace != "" {
		return n.Data == "math"
	}
	switch n.DataAtom {
	case atom.Br, atom.Hr, atom.Wbr, atom.Img, atom.Source, atom.Track, atom.Audio, atom.Video, atom.Col,
		atom.Colgroup, atom.Td, atom.Th, atom.Tr:
		return false
	}
	return true
}

// isMedia says whether an element shows something without holding text.
func isMedia(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Img, atom.Audio, atom.Video, atom.Svg:
		return true
	}
	return false
}
