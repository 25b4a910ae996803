package clean

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// hidden removes what the publisher's page does not show. A page that hides most of its text until a script has run
// means to show it, unless that text is links to other sites.
func (p *pass) hidden(n *html.Node) fate {
	r := p.findings
	if r == nil || len(n.Attr) == 0 || showsItself(n) {
		return keep
	}
	if p.looked > 0 && p.looked > 8*(p.size()+p.nodes)+1<<10 {
		return keep // nested in each other, to be counted again and again
	}
	how := p.concealment(n)
	if how == shown {
		return keep
	}
	text, links := r.inside(n)
	p.looked += expanse(n)
	if how == veiled && (holdsMedia(n) || text == "") || how == silenced && (!isBlock(n) || links < 2) {
		return keep
	}
	if size := letters(text); links < 3 && size*2 > p.size() {
		return keep
	}
	r.hiddenLinks += links
	r.remove(Hidden, text)
	return remove
}

// How an element is withheld from readers.
const (
	shown    = iota
	gone     // display: none, the attribute hidden
	veiled   // still laid out: transparent, out of the window, of no size. Scripts unveil pictures when they have arrived
	silenced // not read out, by aria-hidden: marks that mean nothing, or spam
)

func (p *pass) concealment(n *html.Node) int {
	if has(n, "hidden") && !strings.EqualFold(value(n, "hidden"), "until-found") {
		return gone
	}
	if style := styleOf(n); style != "" {
		s := declarations(style)
		switch {
		case s["display"] == "none":
			return gone
		case s.veils() && !p.undoes(n, s):
			return veiled
		}
	}
	if isSpeck(value(n, "width")) && isSpeck(value(n, "height")) {
		return veiled
	}
	if value(n, "aria-hidden") == "true" {
		return silenced
	}
	return shown
}

// showsItself says whether an element is no text that could be hidden: other steps know it better.
func showsItself(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Img, atom.Picture, atom.Source, atom.Iframe, atom.Embed, atom.Object, atom.Audio, atom.Video, atom.Br, atom.Hr, atom.Wbr,
		atom.Td, atom.Th, atom.Tr, atom.Tbody, atom.Col, atom.Colgroup:
		return true
	}
	return false
}

// css is the declarations of a style attribute, in lower case.
type css map[string]string

// declarations reads a style attribute as far as hiding goes.
func declarations(style string) css {
	s := css{}
	for declaration := range strings.SplitSeq(strings.ToLower(withoutComments(style)), ";") {
		name, val, _ := strings.Cut(declaration, ":")
		val, _, _ = strings.Cut(val, "!")
		s[strings.TrimSpace(name)] = strings.TrimSpace(val)
	}
	return s
}

func withoutComments(style string) string {
	if !strings.Contains(style, "/*") {
		return style
	}
	var b strings.Builder
	for found := true; found; {
		var before string
		before, style, found = strings.Cut(style, "/*")
		b.WriteString(before + " ")
		_, style, _ = strings.Cut(style, "*/")
	}
	return b.String()
}

// veils says whether the declarations leave nothing to see.
func (s css) veils() bool {
	switch s["visibility"] {
	case "hidden", "collapse":
		return true
	}
	positioned := s["position"] == "absolute" || s["position"] == "fixed"
	clipped := s["overflow"] == "hidden" || s["overflow-x"] == "hidden" || s["overflow-y"] == "hidden"
	padded := s["padding"] != "" || s["padding-top"] != "" || s["padding-bottom"] != "" // a frame that keeps its ratio
	switch {
	case isZero(s["opacity"]), isZero(s["font-size"]), isFar(s["text-indent"]):
		return true
	case (positioned || s["position"] == "relative") && (isFar(s["left"]) || isFar(s["top"]) || isFar(s["right"]) || isFar(s["bottom"])):
		return true
	case isFar(s["margin-left"]), isFar(s["margin-top"]):
		return true
	case positioned && isClip(s["clip"]), s["clip-path"] == "inset(50%)", s["clip-path"] == "inset(100%)":
		return true
	case clipped && !padded && (isSpeck(s["height"]) || isSpeck(s["max-height"]) || isSpeck(s["width"]) || isSpeck(s["max-width"])):
		return true
	}
	ink, paper := colour(s["color"]), colour(s["background-color"])
	if paper == "" {
		paper = colour(s["background"])
	}
	return ink != "" && ink == paper || ink == "transparent" && s["background-clip"] == "" && s["-webkit-background-clip"] == ""
}

// undoes says whether something inside of an element has its own word on what hides it: a size of letters, for instance,
// in a row whose own is zero to close the gaps.
func (p *pass) undoes(n *html.Node, s css) bool {
	for _, name := range []string{"font-size", "visibility"} {
		if s[name] == "" {
			continue
		}
		p.looked += expanse(n)
		if styledInside(n, name) {
			return true
		}
	}
	return false
}

func styledInside(n *html.Node, property string) bool {
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && declarations(styleOf(c))[property] != "" {
			return true
		}
	}
	return false
}

// isZero says whether a number, a length or a percentage is next to nothing.
func isZero(v string) bool {
	x, _, ok := number(v)
	return ok && x >= 0 && x < 0.02
}

// isSpeck says whether a length is a pixel or less.
func isSpeck(v string) bool {
	x, unit, ok := number(v)
	return ok && (x == 0 || x > 0 && x <= 1 && (unit == "" || unit == "px"))
}

// isFar says whether a length leads out of every window.
func isFar(v string) bool {
	x, unit, ok := number(v)
	switch unit {
	case "em", "rem":
		x *= 16
	case "%", "vw", "vh":
		x *= 5
	}
	return ok && x <= -500
}

func isClip(v string) bool {
	inner, ok := strings.CutPrefix(v, "rect(")
	if !ok {
		return false
	}
	for length := range strings.FieldsFuncSeq(strings.TrimSuffix(inner, ")"), func(c rune) bool { return c == ',' || c == ' ' }) {
		if !isSpeck(length) {
			return false
		}
	}
	return true
}

// number splits a CSS number from its unit.
func number(v string) (x float64, unit string, ok bool) {
	if v == "" {
		return 0, "", false
	}
	end := len(v)
	for end > 0 && (v[end-1] >= 'a' && v[end-1] <= 'z' || v[end-1] == '%') {
		end--
	}
	x, err := strconv.ParseFloat(v[:end], 64)
	return x, v[end:], err == nil
}

// colours are the names under which white and black go; a name that is not here stands for itself.
var colours = map[string]string{
	"white": "#ffffff", "#fff": "#ffffff", "rgb(255,255,255)": "#ffffff", "rgba(255,255,255,1)": "#ffffff",
	"black": "#000000", "#000": "#000000", "rgb(0,0,0)": "#000000", "rgba(0,0,0,1)": "#000000",
	"rgba(0,0,0,0)": "transparent", "rgba(255,255,255,0)": "transparent",
	"inherit": "", "initial": "", "unset": "", "currentcolor": "", "none": "",
}

// colour is a colour by one name, empty where it does not say which.
func colour(v string) string {
	v = strings.ReplaceAll(v, " ", "")
	if name, ok := colours[v]; ok {
		return name
	}
	if len(v) == 4 && v[0] == '#' {
		return "#" + strings.Repeat(v[1:2], 2) + strings.Repeat(v[2:3], 2) + strings.Repeat(v[3:4], 2)
	}
	return v
}

func holdsMedia(n *html.Node) bool {
	for c := range n.Descendants() {
		switch c.DataAtom {
		case atom.Img, atom.Picture, atom.Iframe, atom.Embed, atom.Object, atom.Audio, atom.Video, atom.Svg:
			return true
		}
	}
	return false
}

// inside is the text in an element that was not walked over yet, and the number of its links to other sites.
func (r *findings) inside(n *html.Node) (text string, links int) {
	var b strings.Builder
	for c := range n.Descendants() {
		switch {
		case c.Type == html.TextNode && !isSilent[c.Parent.Data]:
			b.WriteString(c.Data)
		case c.Type == html.ElementNode:
			b.WriteString(between(c.Data))
			if c.DataAtom == atom.A && r.isForeign(value(c, "href")) {
				links++
			}
		}
	}
	return spaced(Legal(b.String())), links
}

// size is the number of letters in the whole fragment.
func (p *pass) size() int {
	if !p.sized {
		p.sized = true
		for c := range p.root.Descendants() {
			p.nodes++
			if c.Type == html.TextNode && !isSilent[c.Parent.Data] {
				p.letters += letters(c.Data)
			}
		}
	}
	return p.letters
}

// expanse is what it costs to look through an element: a letter counts as one, and so does a node.
func expanse(n *html.Node) int {
	size := 1
	for c := range n.Descendants() {
		size += 1 + len(c.Data)/8
	}
	return size
}
