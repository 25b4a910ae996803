// Package tree reads a fragment of HTML into a tree, and writes the tree.
//
//	root := tree.Parse(`<p>A <b>crane`)
//	written := tree.Render(root, 0) // <p>A <b>crane</b></p>
//
// Both do what x/net/html does, and where a short way must come to the same they go that way (wellformed.go, render.go).
// What only looks like a tag is text (falsetags.go), and what ends as in XML has ended (selfclosed.go). The package judges nothing of what it reads.
package tree

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// MaxDepth bounds the nesting of elements. What is nested deeper is not read the short way, and is not kept as elements.
const MaxDepth = 100

// Parse reads a fragment as the content of an article. It is nil for elements that are nested too deep to be meant, which
// the parser refuses, and for what would make a tree out of proportion.
func Parse(fragment string) *html.Node {
	if root := parseWellFormed(fragment, new(Memory)); root != nil {
		return root
	}
	return parseAsWritten(fragment)
}

// parseAsWritten reads what is not well-formed.
func parseAsWritten(fragment string) *html.Node {
	if fragment = escapeFalseTags(CloseAsXML(fragment)); IsCostly(fragment) {
		return nil
	}
	return parseAny(fragment)
}

// parseAny reads a fragment however it is written.
func parseAny(fragment string) *html.Node {
	root := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := html.ParseFragmentWithOptions(strings.NewReader(fragment), root, html.ParseOptionEnableScripting(false))
	if err != nil {
		return nil
	}
	for _, n := range nodes {
		root.AppendChild(n)
	}
	return root
}
