package clean

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/newswire/newswire/sources/internal/tree"
)

// pass is one walk over a fragment.
type pass struct {
	resolver
	root     *html.Node
	findings *findings // nil: the fragment is no article
	kept     bool      // something is left that a reader would see
	unstable bool      // the tree holds what HTML's syntax cannot say, and would be parsed into another
	inside   [3]int

	sized   bool // letters and nodes were counted
	letters int  // in all of root
	nodes   int  // the same
	looked  int  // letters and nodes that were looked at for being hidden
	visited int  // nodes that were walked over
	sought  int  // nodes that were looked at for formulas and in drawings
}

// resolver makes addresses absolute, and bounds what they take then.
type resolver struct {
	base    *url.URL
	written int // bytes of addresses that were made absolute
	most    int // of these
}

// The elements that change how others are parsed inside of them, as indices of pass.inside.
const (
	insideParagraph = iota
	insideLink
	insideHeading
)

// fate is what becomes of an element.
type fate int

const (
	keep   fate = iota
	unwrap      // its children take its place
	remove      // with all that is in it
)

// step looks at an element, may change its name and attributes, and decides over it. An element passes through the steps
// in order, up to one that does not keep it.
type step func(*pass, *html.Node) fate

// steps are what cleaning consists of.
var steps = []step{
	(*pass).vendor,
	(*pass).formula,
	(*pass).active,
	(*pass).hidden,
	(*pass).drawing,
	(*pass).embedded,
	(*pass).obsolete,
	(*pass).tracker,
	(*pass).image,
	(*pass).recording,
	(*pass).link,
	(*pass).plainElement,
}

// children walks over what a node holds.
func (p *pass) children(ctx context.Context, parent *html.Node, depth int) error {
	for n := parent.FirstChild; n != nil; {
		if err := p.check(ctx); err != nil {
			return err
		}
		switch n.Type {
		case html.TextNode:
			n.Data = Legal(n.Data)
			p.kept = p.kept || strings.TrimSpace(n.Data) != ""
			if p.findings != nil {
				p.findings.weigh(n.Data, p.inside[insideLink] > 0)
			}
			n = n.NextSibling
		case html.ElementNode:
			var err error
			if n, err = p.element(ctx, n, depth); err != nil {
				return err
			}
		default:
			n = removed(n)
		}
	}
	return nil
}

// check says whether the walk may go on.
func (p *pass) check(ctx context.Context) error {
	const often = 256
	if p.visited++; p.visited%often == 0 && ctx.Err() != nil {
		return ctx.Err()
	}
	if p.written > p.most {
		return fmt.Errorf("%w: its addresses take more than %d bytes", ErrTooCostly, p.most)
	}
	return nil
}

// address makes a reference absolute.
func (r *resolver) address(ref string) string {
	address := Address(r.base, ref)
	r.written += len(address)
	return address
}

// element takes an element through the steps and, if it is kept, walks into it. It returns what to go on with.
func (p *pass) element(ctx context.Context, n *html.Node, depth int) (*html.Node, error) {
	for _, step := range steps {
		switch step(p, n) {
		case keep:
		case unwrap:
			return unwrapped(n), nil
		case remove:
			return removed(n), nil
		}
	}
	if depth >= tree.MaxDepth {
		return unwrapped(n), nil
	}
	at := p.enter(n)
	if err := p.children(ctx, n, depth+1); err != nil {
		return nil, err
	}
	if at >= 0 {
		p.inside[at]--
	}
	return p.empty(n), nil
}

// enter notes that the walk is inside of an element, and sees whether the element could be parsed where it stands. It returns
// where in inside the element counts, a negative index for nowhere.
func (p *pass) enter(n *html.Node) (at int) {
	at = -1
	switch {
	case n.DataAtom == atom.P:
		at = insideParagraph
	case n.DataAtom == atom.A:
		at = insideLink
	case isHeading(n):
		at = insideHeading
	case isTable(n), n.DataAtom == atom.Li, n.DataAtom == atom.Dd, n.DataAtom == atom.Dt, n.DataAtom == atom.Ruby:
		p.unstable = true
	}
	if p.inside[insideParagraph] > 0 && endsParagraph(n) || at >= 0 && p.inside[at] > 0 {
		p.unstable = true
	}
	if at >= 0 {
		p.inside[at]++
	}
	return at
}

// empty removes an element that nothing is left of, and returns what to go on with.
func (p *pass) empty(n *html.Node) *html.Node {
	if !isHollow(n) || !vanishes(n) {
		return n.NextSibling
	}
	if n.FirstChild != nil && !isBlock(n) {
		next := n.NextSibling
		unwrapped(n) // white space between words
		return next
	}
	return removed(n)
}

// isHollow says whether an element holds nothing but white space.
func isHollow(n *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.TextNode || strings.TrimSpace(c.Data) != "" {
			return false
		}
	}
	return true
}

// removed takes a node out and returns its next sibling.
func removed(n *html.Node) *html.Node {
	next := n.NextSibling
	n.Parent.RemoveChild(n)
	return next
}

// unwrapped puts a node's children into its place and returns the first of them, or what comes after.
func unwrapped(n *html.Node) *html.Node {
	first := n.FirstChild
	if first == nil {
		return removed(n)
	}
	for c := n.FirstChild; c != nil; c = n.FirstChild {
		n.RemoveChild(c)
		n.Parent.InsertBefore(c, n)
	}
	n.Parent.RemoveChild(n)
	return first
}

// active removes what runs, asks or styles, and unwraps what only matters to scripts.
func (p *pass) active(n *html.Node) fate {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Template, atom.Head, atom.Title, atom.Meta, atom.Link, atom.Base, atom.Input,
		atom.Button, atom.Select, atom.Textarea, atom.Option, atom.Optgroup, atom.Datalist, atom.Meter, atom.Progress,
		atom.Applet, atom.Frame, atom.Frameset, atom.Noframes, atom.Noembed, atom.Param, atom.Map, atom.Area,
		atom.Dialog, atom.Keygen, atom.Xmp, atom.Plaintext:
		return remove
	case atom.Noscript:
		// What stands in for a picture that a script would load; the picture itself has been repaired.
		if previous := previousElement(n); previous != nil && previous.DataAtom == atom.Img {
			return remove
		}
		return unwrap
	}
	return keep
}

// successors are the elements that have taken the place of obsolete ones.
var successors = map[string]atom.Atom{
	"acronym": atom.Abbr, "center": atom.Div, "dir": atom.Ul, "menu": atom.Ul, "strike": atom.S, "tt": atom.Code,
	"listing": atom.Pre, "nav": atom.Div, "hgroup": atom.Div, "fieldset": atom.Div, "address": atom.Div,
}

// obsolete gives an element its present name.
func (p *pass) obsolete(n *html.Node) fate {
	if successor, ok := successors[n.Data]; ok {
		n.Data, n.DataAtom = successor.String(), successor
	}
	return keep
}

// plainElement unwraps the elements that the gate would not let through, and takes away the attributes that it would
// not. An element without meaning of its own is unwrapped as well.
func (p *pass) plainElement(n *html.Node) fate {
	if n.Namespace != "" {
		return p.foreign(n)
	}
	attrs, ok := allowed[n.Data]
	if !ok || n.Parent.Namespace != "" {
		p.unstable = true
		return unwrap
	}
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool {
		return a.Namespace != "" || a.Key != "lang" && a.Key != "dir" && !slices.Contains(attrs, a.Key)
	})
	if n.DataAtom == atom.Span && len(n.Attr) == 0 {
		return unwrap
	}
	for i := range n.Attr {
		n.Attr[i].Val = Legal(n.Attr[i].Val)
		if n.Attr[i].Key == "cite" {
			n.Attr[i].Val = p.address(n.Attr[i].Val)
		}
	}
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Val == "" && a.Key == "cite" })
	p.kept = p.kept || isMedia(n)
	return keep
}
