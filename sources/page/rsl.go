package page

import (
	"golang.org/x/net/html"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/parse"
)

// rslOf reads the first document of Really Simple Licensing that a page holds and that is about all of it: it stands in
// the page's head, or right in what holds its text. One elsewhere is about the element that it stands in (RSL 1.0).
func rslOf(root *html.Node) newswire.Rights {
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "script" || n.FirstChild == nil || !parse.IsRSL(attribute(n, "type")) {
			continue
		}
		switch n.Parent.Data {
		case "head", "body", "main", "article":
			if len(n.FirstChild.Data) <= maxScript {
				return parse.RSL(n.FirstChild.Data)
			}
		}
	}
	return newswire.Rights{}
}
