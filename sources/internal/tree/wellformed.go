package tree

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/newswire/newswire/sources/internal/byteset"
)

// parseWellFormed reads a fragment that is written so that HTML's algorithm for trees (HTML §13.2.6) has nothing to decide: every
// element is listed here and ends where the elements that it holds have ended, and none begins where its start would end,
// move or repeat another. There the tree is what the tags say, and reading them costs a fifth of x/net/html's parse. It is
// nil for all else, and never a tree that x/net/html would not make: FuzzWellFormed holds it to that.
func parseWellFormed(fragment string, memory *Memory) *html.Node {
	if strings.IndexByte(fragment, 0) >= 0 || strings.IndexByte(fragment, '\r') >= 0 {
		return nil
	}
	r := reader{rest: fragment, memory: memory, root: &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}}
	r.open = append(r.stack[:0], open{node: r.root})
	for r.rest != "" {
		if !r.text() || r.rest != "" && !r.tag() {
			return nil
		}
	}
	if len(r.open) != 1 {
		return nil
	}
	return r.root
}

// way is how an element takes part in the algorithm.
type way uint8

const (
	ordinary   way = iota // in the middle of words
	formatting            // the same, and opened again where another element has closed it
	block                 // ends a paragraph that it begins in
	heading               // a block that also ends a heading
	listed                // a block of a list, which ends its kin
	leaf                  // a void element
	rule                  // a void element that ends a paragraph
)

// elements are the elements that parseWellFormed knows what to do with.
var elements = func() map[string]element {
	m := map[string]element{}
	for way, atoms := range [...][]atom.Atom{
		ordinary: {
			atom.Abbr, atom.Bdi, atom.Cite, atom.Del, atom.Dfn, atom.Ins, atom.Kbd, atom.Label, atom.Mark, atom.Picture, atom.Q, atom.Samp,
			atom.Span, atom.Sub, atom.Sup, atom.Time, atom.Var,
		},
		formatting: {atom.A, atom.B, atom.Big, atom.Code, atom.Em, atom.Font, atom.I, atom.S, atom.Small, atom.Strike, atom.Strong, atom.Tt, atom.U},
		block: {
			atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Center, atom.Details, atom.Div, atom.Dl, atom.Figcaption, atom.Figure,
			atom.Footer, atom.Header, atom.Hgroup, atom.Main, atom.Nav, atom.Ol, atom.P, atom.Pre, atom.Section, atom.Summary, atom.Ul,
		},
		heading: {atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6},
		listed:  {atom.Dd, atom.Dt, atom.Li},
		leaf:    {atom.Br, atom.Img, atom.Source, atom.Wbr},
		rule:    {atom.Hr},
	} {
		for _, a := range atoms {
			m[a.String()] = element{atom: a, name: a.String(), way: wayOf(way)}
		}
	}
	return m
}()

func wayOf(i int) way { return way(i) } //nolint:gosec // an index of the handful of ways

type element struct {
	atom atom.Atom
	name string
	way  way
}

// reader reads one fragment.
type reader struct {
	rest   string
	root   *html.Node
	open   []open // the open elements, outermost first; the first is root
	stack  [16]open
	nodes  []html.Node // made in advance
	memory *Memory
}

// open is an element that has not ended yet.
type open struct {
	node *html.Node
	way  way
}

// text reads up to the next tag.
func (r *reader) text() bool {
	end := strings.IndexByte(r.rest, '<')
	if end < 0 {
		end = len(r.rest)
	}
	if end == 0 {
		return true
	}
	s := r.rest[:end]
	r.rest = r.rest[end:]
	if parent := r.top(); parent.DataAtom == atom.Pre && parent.FirstChild == nil && s[0] == '\n' {
		return false // it may mean nothing there
	}
	n := r.node()
	n.Type, n.Data = html.TextNode, s
	if strings.IndexByte(s, '&') >= 0 {
		n.Data = html.UnescapeString(s)
	}
	r.top().AppendChild(n)
	return true
}

// tag reads a tag.
func (r *reader) tag() bool {
	if strings.HasPrefix(r.rest, "</") {
		return r.end()
	}
	name := r.name(1)
	e, known := elements[name]
	if !known || !r.fits(&e) {
		return false
	}
	r.rest = r.rest[1+len(name):]
	n := r.node()
	n.Type, n.Data, n.DataAtom = html.ElementNode, e.name, e.atom
	closed, ok := r.attributes(n)
	if !ok {
		return false
	}
	r.top().AppendChild(n)
	switch e.way {
	case leaf, rule:
		return true
	case formatting:
		slices.SortFunc(n.Attr, func(a, b html.Attribute) int { return strings.Compare(a.Key, b.Key) }) // as x/net/html does
	case ordinary, block, heading, listed:
	}
	r.open = append(r.open, open{n, e.way})
	return !closed && len(r.open) <= MaxDepth
}

// end reads an end tag, which must be of the innermost element.
func (r *reader) end() bool {
	name := r.top().Data
	after, ok := strings.CutPrefix(r.rest[2:], name)
	if !ok || !strings.HasPrefix(after, ">") || len(r.open) == 1 {
		return false
	}
	r.rest = after[1:]
	r.open = r.open[:len(r.open)-1]
	return true
}

// fits says whether the start of an element does nothing to those that are open.
func (r *reader) fits(e *element) bool {
	parent := r.top().DataAtom
	switch e.way {
	case ordinary, leaf:
		return true
	case formatting:
		return !slices.ContainsFunc(r.open, func(o open) bool { return o.node.DataAtom == e.atom })
	case listed:
		if e.atom == atom.Li && parent != atom.Ul && parent != atom.Ol || e.atom != atom.Li && parent != atom.Dl {
			return false
		}
	case block, heading, rule:
	}
	return !slices.ContainsFunc(r.open, func(o open) bool { return o.node.DataAtom == atom.P || e.way == heading && o.way == heading })
}

// attributes reads the rest of a start tag. Closed says that it ends as one of an element without content.
func (r *reader) attributes(n *html.Node) (closed, ok bool) {
	first := len(r.memory.attrs)
	for {
		space := blank.Span(r.rest)
		r.rest = r.rest[space:]
		switch {
		case strings.HasPrefix(r.rest, ">"):
			r.rest = r.rest[1:]
		case strings.HasPrefix(r.rest, "/>"):
			r.rest = r.rest[2:]
			closed = true
		case space == 0 || !r.attribute(r.memory.attrs[first:]):
			return false, false
		default:
			continue
		}
		if len(r.memory.attrs) > first {
			n.Attr = r.memory.attrs[first:len(r.memory.attrs):len(r.memory.attrs)] // an append to it makes a copy
		}
		return closed, true
	}
}

// maxAttributes bounds those of one element, for each is compared with those before it.
const maxAttributes = 40

// attribute reads one attribute, which must not be among those that its element has already.
func (r *reader) attribute(before []html.Attribute) bool {
	key := r.name(0)
	if key == "" || len(before) == maxAttributes || slices.ContainsFunc(before, func(a html.Attribute) bool { return a.Key == key }) {
		return false
	}
	r.rest = r.rest[len(key):]
	value := ""
	if strings.HasPrefix(r.rest, "=") {
		if len(r.rest) < 2 || r.rest[1] != '"' && r.rest[1] != '\'' {
			return false
		}
		end := strings.IndexByte(r.rest[2:], r.rest[1])
		if end < 0 {
			return false
		}
		var ok bool
		if value, ok = unescapeAttribute(r.rest[2 : 2+end]); !ok {
			return false
		}
		r.rest = r.rest[end+3:]
	}
	r.memory.attrs = append(r.memory.attrs, html.Attribute{Key: key, Val: value})
	return true
}

// name is the name at an offset of the rest: lower-case letters, digits and dashes after a letter.
func (r *reader) name(at int) string {
	i := at
	for i < len(r.rest) && (r.rest[i] >= 'a' && r.rest[i] <= 'z' || i > at && (r.rest[i] >= '0' && r.rest[i] <= '9' || r.rest[i] == '-')) {
		i++
	}
	return r.rest[at:i]
}

func (r *reader) top() *html.Node { return r.open[len(r.open)-1].node }

// node is a new node.
func (r *reader) node() *html.Node {
	if len(r.nodes) == 0 {
		r.nodes = r.memory.nodes()
	}
	n := &r.nodes[0]
	r.nodes = r.nodes[1:]
	return n
}

// blank is the white space between attributes, and alphanumeric are the letters and digits of ASCII.
var (
	blank        = byteset.Of(" \n\t")
	alphanumeric = byteset.Of(byteset.Letters + byteset.Digits)
)

// unescapeAttribute replaces the references in the value of an attribute, where an ampersand before a name and an equals
// sign is itself (HTML §13.2.5.73). It leaves alone what only the list of all names could tell: a name that no semicolon
// ends, or that is none.
func unescapeAttribute(s string) (_ string, ok bool) {
	if strings.IndexByte(s, '&') < 0 {
		return s, true
	}
	var b strings.Builder
	b.Grow(len(s))
	for {
		before, after, found := strings.Cut(s, "&")
		b.WriteString(before)
		if !found {
			return b.String(), true
		}
		n := alphanumeric.Span(after)
		if n == 0 && strings.HasPrefix(after, "#") {
			n = 1 + alphanumeric.Span(after[1:])
		}
		switch {
		case n == 0 || strings.HasPrefix(after[n:], "=") && after[0] != '#':
			b.WriteByte('&')
			s = after
		case !strings.HasPrefix(after[n:], ";"):
			return "", false
		default:
			reference := "&" + after[:n+1]
			value := html.UnescapeString(reference)
			if strings.HasSuffix(value, ";") && value != ";" { // not a name, or the beginning of one
				return "", false
			}
			b.WriteString(value)
			s = after[n+1:]
		}
	}
}
