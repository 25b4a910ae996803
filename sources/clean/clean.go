// Package clean makes what publishers send fit to be republished: HTML that is well-formed and harmless, with absolute
// addresses, and without what follows readers around.
//
//	body := clean.HTML(item.Content, base)
//	line := clean.Text(body)
//	read := clean.Article(item.Content, base, &clean.About{Title: item.Title})
//
// [HTML] reads a fragment into a tree, as HTML's algorithm does. It walks once over the tree (walk.go) and applies its
// steps to each element. The tree is written again, so the result is balanced. Bluemonday is the gate (gate.go): it lets
// through nothing but what it lists, even where a step has overlooked something. Cleaning what is clean changes nothing.
//
// [Article] also takes out what is not the article's own: what the page hides (hidden.go), and what stands at the end of
// the text (endings.go): injected links, related reading, notices and marks. It judges the text as a whole (suspicion.go):
// does it look injected? What it removes it returns too, for the operator to see.
//
// The package refuses to remove what may be the author's: where it is in doubt, the text stays.
package clean

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"github.com/newswire/newswire/sources/clean/internal/tree"
)

// maxPasses bounds how often a fragment is taken through a pass again because it was not parsed as it was written.
const maxPasses = 4

// HTML cleans a fragment of HTML. Relative addresses are resolved against base; where that is nil, what they lead to is
// taken away. The result holds no scripts, styles, forms, frames, event handlers, tracking pixels or tracking parameters,
// and is empty when neither text nor media are left.
func HTML(fragment string, base *url.URL) string { return run(fragment, base, nil) }

// run cleans a fragment; as an article, if there is a place for what is found.
func run(fragment string, base *url.URL, r *findings) string {
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
	return html.EscapeString(Text(fragment)) // it parses differently each time: its text is all that can be trusted
}

// once takes a fragment through one pass and the gate. It is stable if what comes out would come out of another pass
// unchanged.
func once(fragment string, base *url.URL, r *findings) (cleaned string, stable bool) {
	root := tree.Parse(fragment)
	if root == nil {
		return html.EscapeString(Text(fragment)), false
	}
	p := &pass{base: base, root: root, findings: r}
	p.children(root, 0)
	if !p.kept {
		return "", true
	}
	stable = !p.unstable
	if r != nil && !r.foot(root) {
		stable = false
	}
	return strings.TrimSpace(gate(tree.Render(root, len(fragment)))), stable
}
