// Package clean makes what publishers send fit to be republished: HTML that is well-formed and harmless, with absolute
// addresses, and without what follows readers around.
//
//	body := clean.HTML(item.Content, base)
//	line := clean.Text(body)
//	read := clean.Article(item.Content, base, &clean.About{Title: item.Title})
//
// [HTML] reads a fragment as HTML's algorithm does, or the short way where that must come to the same (neat.go). It walks
// over it once and applies its steps to each element on the way (steps.go); what comes out is rendered anew, so it is
// balanced, and passes bluemonday as a gate (gate.go) that lets through nothing but what it lists, whatever the steps have
// overlooked. Cleaning what is clean changes nothing.
//
// [Article] also takes out what is not the article's own: what the page hides (hidden.go), and at the end of the text
// (foot.go) injected links, related reading, notices and marks. It judges by the whole of a text whether somebody injected
// that (suspicion.go), and what it removes it hands over for the operator to see.
//
// The package refuses to remove what may be the author's: where it is in doubt, the text stays.
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
func HTML(fragment string, base *url.URL) string { return run(fragment, base, nil) }

// run cleans a fragment; as an article, if there is a reading of it.
func run(fragment string, base *url.URL, r *reading) string {
	fragment = strings.TrimSpace(Legal(fragment))
	for range maxPasses {
		if fragment == "" {
			return ""
		}
		cleaned, stable := once(fragment, base, r)
		if stable || cleaned == fragment {
			return cleaned
		}
		fragment = cleaned
	}
	return html.EscapeString(Text(fragment)) // made to be parsed anew each time: its text is all that can be trusted
}

// once takes a fragment through one pass and the gate. It is stable if what comes out would come out of another pass
// unchanged.
func once(fragment string, base *url.URL, r *reading) (cleaned string, stable bool) {
	root := parse(fragment)
	if root == nil {
		return html.EscapeString(Text(fragment)), false
	}
	p := &pass{base: base, root: root, reading: r}
	p.children(root, 0)
	if !p.kept {
		return "", true
	}
	stable = !p.unstable
	if r != nil && !r.foot(root) {
		stable = false
	}
	return strings.TrimSpace(gate(render(root, len(fragment)))), stable
}

// parse reads a fragment as the content of an article. It is nil for what the parser refuses, which is elements nested
// too deep to be meant.
func parse(fragment string) *html.Node {
	if root := neat(fragment); root != nil {
		return root
	}
	return parseAny(literal(fragment))
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
