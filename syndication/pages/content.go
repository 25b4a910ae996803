package pages

import (
	"html/template"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Whole is an article's clean HTML for its page. Its pictures come from where picture says, and where that is empty the text
// for them stands alone. Recordings wait until they are asked for. Headings begin below the page's own.
//
// A fragment that cannot be parsed is empty.
func Whole(fragment string, picture func(address string) string) template.HTML {
	root := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := html.ParseFragment(strings.NewReader(fragment), root)
	if err != nil {
		return ""
	}
	for _, n := range nodes {
		root.AppendChild(n)
	}
	var elements []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			elements = append(elements, n)
		}
	}
	for _, n := range elements {
		show(n, picture)
	}
	var b strings.Builder
	for n := range root.ChildNodes() {
		if err := html.Render(&b, n); err != nil {
			return ""
		}
	}
	return template.HTML(b.String()) //nolint:gosec // it was cleaned before it was stored
}

// show makes an element one that our pages may have.
func show(n *html.Node, picture func(address string) string) {
	switch n.DataAtom {
	case atom.H1:
		n.Data, n.DataAtom = "h2", atom.H2
	case atom.Img:
		src := picture(attribute(n, "src"))
		if src == "" {
			alone(n)
			return
		}
		drop(n, "srcset", "sizes", "loading")
		set(n, "src", src)
		set(n, "loading", "lazy")
		if !slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "alt" }) {
			set(n, "alt", "")
		}
	case atom.Audio, atom.Video:
		drop(n, "poster", "autoplay")
		set(n, "preload", "none")
		set(n, "controls", "")
	case atom.Source:
		if n.Parent != nil && n.Parent.DataAtom == atom.Picture { // its img is there for all browsers
			n.Parent.RemoveChild(n)
		}
	case atom.Track:
		n.Parent.RemoveChild(n)
	}
}

// alone puts the text of a picture in its place.
func alone(n *html.Node) {
	if alt := strings.TrimSpace(attribute(n, "alt")); alt != "" {
		n.Parent.InsertBefore(&html.Node{Type: html.TextNode, Data: "[" + alt + "]"}, n)
	}
	n.Parent.RemoveChild(n)
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func drop(n *html.Node, keys ...string) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return slices.Contains(keys, a.Key) })
}

func set(n *html.Node, key, value string) {
	drop(n, key)
	n.Attr = append(n.Attr, html.Attribute{Key: key, Val: value})
}

// PicturesIn are the addresses of the pictures that [Whole] would ask for.
func PicturesIn(fragment string) []string {
	var addresses []string
	Whole(fragment, func(address string) string {
		addresses = append(addresses, address)
		return ""
	})
	return addresses
}

// Plays says whether an article's HTML has a recording or a film.
func Plays(fragment template.HTML) bool {
	return strings.Contains(string(fragment), "<audio") || strings.Contains(string(fragment), "<video")
}
