package page

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"github.com/newswire/newswire/sources/clean"
)

// lazy are the attributes in which a page leaves a picture's address for its script to find, best first.
var lazy = []string{"data-src", "data-original", "data-lazy-src", "data-actualsrc", "data-orig-file", "data-url", "data-srcset", "data-lazy-srcset"}

// absolute makes every address in an element absolute, gives pictures the addresses that a script would have given them,
// and takes away what leads nowhere.
func (p *page) absolute(root *html.Node) {
	var hidden []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "noscript" {
			hidden = append(hidden, n)
		}
	}
	for _, n := range hidden {
		p.reveal(n)
	}
	p.absoluteOne(root)
	for n := range root.Descendants() {
		p.absoluteOne(n)
	}
}

// absoluteOne is absolute for one element alone.
func (p *page) absoluteOne(n *html.Node) {
	if n.Type != html.ElementNode {
		return
	}
	if n.Data == "img" || n.Data == "source" && n.Parent != nil && n.Parent.Data == "picture" {
		unlazy(n)
	}
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool {
		switch a.Key {
		case "srcdoc", "ping", "formaction", "action", "background", "manifest", "codebase", "classid", "archive":
			return true
		}
		return strings.ContainsAny(a.Key, "\"'<>=") // of a tag that was never closed; it would be parsed as another
	})
	for i := range n.Attr {
		a := &n.Attr[i]
		switch a.Key {
		case "href", "src", "poster", "cite", "data", "longdesc":
			a.Val = p.target(a.Val)
		case "srcset":
			a.Val = p.candidates(a.Val)
		}
	}
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool {
		switch a.Key {
		case "href", "src", "poster", "cite", "data", "longdesc", "srcset":
			return a.Val == ""
		}
		return slices.Contains(lazy, a.Key)
	})
}

// target is an absolute address, or one of a mailbox or a telephone.
func (p *page) target(ref string) string {
	if scheme, _, _ := strings.Cut(strings.TrimSpace(ref[:min(len(ref), 16)]), ":"); strings.EqualFold(scheme, "mailto") || strings.EqualFold(scheme, "tel") {
		return strings.TrimSpace(ref)
	}
	if isInlined(ref) {
		return ""
	}
	if strings.HasPrefix(strings.TrimSpace(ref[:min(len(ref), 16)]), "#") {
		return clean.Address(webURL(p.own()), ref) // into the page, wherever its base element leads
	}
	return clean.Address(p.base, ref)
}

// unlazy gives a picture its own address.
func unlazy(n *html.Node) {
	for _, key := range lazy {
		value := strings.TrimSpace(attribute(n, key))
		if value == "" || isInlined(value) {
			continue
		}
		to := "src"
		if strings.HasSuffix(key, "srcset") {
			to = "srcset"
		}
		setAttribute(n, to, value)
		if to == "src" {
			return
		}
	}
}

func setAttribute(n *html.Node, key, value string) {
	for i := range n.Attr {
		if n.Attr[i].Key == key {
			n.Attr[i].Val = value
			return
		}
	}
	n.Attr = append(n.Attr, html.Attribute{Key: key, Val: value})
}

var (
	candidateForm = regexp.MustCompile(`\s*([^\s,]\S*[^\s,]|[^\s,])(?:\s+([0-9.]+[wx]))?\s*(?:,|$)`)
	noscriptImage = regexp.MustCompile(`(?i)<img\s[^>]*>`)
)

// candidates makes the addresses of a srcset absolute.
func (p *page) candidates(srcset string) string {
	var kept []string
	for _, m := range candidateForm.FindAllStringSubmatch(srcset[:min(len(srcset), 16*maxLine)], maxValues) {
		if address := p.target(m[1]); strings.HasPrefix(address, "http") && !strings.ContainsAny(address, ", ") {
			kept = append(kept, strings.TrimSpace(address+" "+m[2]))
		}
	}
	return strings.Join(kept, ", ")
}

// reveal puts the picture that a noscript element holds in the place of the placeholder before it.
func (p *page) reveal(n *html.Node) {
	if n.Parent == nil || n.FirstChild == nil || n.FirstChild.Type != html.TextNode {
		return
	}
	tag := noscriptImage.FindString(n.FirstChild.Data[:min(len(n.FirstChild.Data), 8*maxLine)])
	parsed, err := html.ParseFragment(strings.NewReader(tag), &html.Node{Type: html.ElementNode, Data: "div"})
	if tag == "" || err != nil || len(parsed) == 0 {
		return
	}
	for previous := n.PrevSibling; previous != nil; previous = previous.PrevSibling {
		if previous.Type == html.ElementNode {
			if previous.Data == "img" {
				n.Parent.RemoveChild(previous)
			}
			break
		}
	}
	n.Parent.InsertBefore(parsed[0], n)
	n.Parent.RemoveChild(n)
}
