// Package clean makes what publishers send fit to be republished: HTML that is well-formed and harmless, with absolute
// addresses, and without what follows readers around.
//
//	body := clean.HTML(item.Content, base)
//	line := clean.Text(body)
//
// [HTML] walks over the parsed fragment once and applies its steps to each element on the way (steps.go); what comes
// out is rendered anew, so it is balanced, and passes bluemonday as a gate (gate.go) that lets through nothing but what
// it lists, whatever the steps have overlooked. Cleaning what is clean changes nothing.
//
// The package refuses to judge what the text says.
package clean

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxDepth bounds the nesting of elements. What is nested deeper comes out without its elements, as text.
const maxDepth = 100

// maxPasses bounds how often a fragment is taken through a pass again because it was not parsed as it was written.
const maxPasses = 4

// HTML cleans a fragment of HTML. Relative addresses are resolved against base; where that is nil, what they lead to is
// taken away. The result holds no scripts, styles, forms, frames, event handlers, tracking pixels or tracking parameters,
// and is empty when neither text nor media are left.
func HTML(fragment string, base *url.URL) string {
	fragment = strings.TrimSpace(Legal(fragment))
	for range maxPasses {
		if fragment == "" {
			return ""
		}
		cleaned, stable := once(fragment, base)
		if stable || cleaned == fragment {
			return cleaned
		}
		fragment = cleaned
	}
	return html.EscapeString(Text(fragment)) // made to be parsed anew each time: its text is all that can be trusted
}

// once takes a fragment through one pass and the gate. It is stable if what comes out would come out of another pass
// unchanged.
func once(fragment string, base *url.URL) (cleaned string, stable bool) {
	root := parse(fragment)
	if root == nil {
		return html.EscapeString(Text(fragment)), false
	}
	p := &pass{base: base}
	p.children(root, 0)
	if !p.kept {
		return "", true
	}
	return strings.TrimSpace(gate(render(root))), !p.unstable
}

// parse reads a fragment as the content of an article. It is nil for what the parser refuses, which is elements nested
// too deep to be meant.
func parse(fragment string) *html.Node {
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

// render writes the children of a node. It cannot fail: the tree holds no raw text elements, and a builder takes
// everything.
func render(root *html.Node) string {
	var b strings.Builder
	for n := root.FirstChild; n != nil; n = n.NextSibling {
		if err := html.Render(&b, n); err != nil {
			return ""
		}
	}
	return b.String()
}
