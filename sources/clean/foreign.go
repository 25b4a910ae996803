package clean

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/newswire/newswire/sources/internal/tree"
)

// mathElements are those of MathML Core, with their attributes. Its token elements hold text, the others hold elements.
var mathElements = func() map[string][]string {
	m := map[string][]string{
		"math": {"display", "displaystyle"}, "mfrac": {"linethickness"}, "mi": {"mathvariant"}, "mstyle": {"displaystyle", "scriptlevel"},
		"mo": {
			"form", "fence", "separator", "lspace", "rspace", "stretchy", "symmetric", "maxsize", "minsize", "largeop", "movablelimits", "accent",
		},
		"mspace": {"width", "height", "depth"}, "mpadded": {"width", "height", "depth", "lspace", "voffset"},
		"mtd": {"columnspan", "rowspan"}, "mover": {"accent"}, "munder": {"accentunder"}, "munderover": {"accent", "accentunder"},
	}
	for _, name := range []string{
		"merror", "mmultiscripts", "mn", "mphantom", "mprescripts", "mroot", "mrow", "ms", "msqrt", "msub", "msubsup", "msup", "mtable",
		"mtext", "mtr",
	} {
		m[name] = nil
	}
	return m
}()

// mathTokens are the elements of MathML that hold text. HTML would be parsed inside of them, so they hold nothing else.
var mathTokens = map[string]bool{"mi": true, "mn": true, "mo": true, "ms": true, "mtext": true}

// mathSuccessors are what stands for elements that MathML Core has not.
var mathSuccessors = map[string]string{"mfenced": "mrow", "menclose": "mrow", "none": "mrow", "mlabeledtr": "mtr"}

// svgElements are those of which a drawing may be made: shapes and words, and nothing that leads, loads, moves or styles.
var svgElements = func() map[string][]string {
	paint := []string{
		"fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity", "stroke-linecap", "stroke-linejoin",
		"stroke-dasharray", "opacity", "transform",
	}
	m := map[string][]string{"svg": {"viewbox", "width", "height", "role", "aria-label"}}
	for name, shape := range map[string][]string{
		"g": nil, "path": {"d"}, "rect": {"x", "y", "width", "height", "rx", "ry"}, "circle": {"cx", "cy", "r"},
		"ellipse": {"cx", "cy", "rx", "ry"}, "line": {"x1", "y1", "x2", "y2"}, "polyline": {"points"}, "polygon": {"points"},
		"text":  {"x", "y", "dx", "dy", "font-size", "font-weight", "text-anchor"},
		"tspan": {"x", "y", "dx", "dy", "font-size", "font-weight"},
	} {
		m[name] = slices.Concat(shape, paint)
	}
	return m
}()

// harmless are the values that an attribute in a formula or a drawing may have: numbers, names and lists of them. A
// reference to something else is none.
var harmless = regexp.MustCompile(`^[A-Za-z0-9 \t\r\n.,#%()+-]*$`)

// foreign says of an element of a formula or a drawing whether it stays, and takes away the attributes that do not.
func (p *pass) foreign(n *html.Node) fate {
	elements := mathElements
	if n.Namespace == "svg" {
		elements = svgElements
	}
	attrs, ok := elements[n.Data]
	if !ok || mathTokens[n.Parent.Data] && n.Parent.Namespace == "math" || n.Parent.Namespace != n.Namespace && n.Data != "math" && n.Data != "svg" {
		p.unstable = true
		return unwrap
	}
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool {
		return a.Namespace != "" || !slices.Contains(attrs, a.Key) || a.Key != "aria-label" && (!harmless.MatchString(a.Val) || strings.Contains(strings.ToLower(a.Val), "url("))
	})
	for i := range n.Attr {
		n.Attr[i].Val = Legal(n.Attr[i].Val)
	}
	p.kept = p.kept || n.Data == "svg"
	return keep
}

// formula keeps one of the forms in which programs write a formula several times: MathML before pictures, and boxes that
// were laid out.
func (p *pass) formula(n *html.Node) fate {
	switch {
	case n.Namespace == "math":
		return p.mathElement(n)
	case n.DataAtom == atom.Script:
		return p.formulaScript(n)
	case n.Data != "mjx-container" && value(n, "class") == "":
		return keep
	}
	switch classes := value(n, "class"); {
	case classOf(classes, "katex-html"):
		if p.mathIn(n.Parent) != nil {
			return remove
		}
	case classOf(classes, "MathJax_Preview"):
		if next := nextElement(n); next != nil && strings.Contains(value(next, "class"), "MathJax") {
			return remove
		}
	case n.Data == "mjx-container" || slices.ContainsFunc(renderers, func(name string) bool { return classOf(classes, name) }):
		math := p.mathIn(n)
		if math == nil {
			math = p.mathOf(value(n, "data-mathml"))
		}
		if math == nil {
			return keep
		}
		if math.Parent != nil {
			math.Parent.RemoveChild(math)
		}
		for n.FirstChild != nil {
			n.RemoveChild(n.FirstChild)
		}
		n.AppendChild(math)
		return unwrap
	}
	return keep
}

// renderers are the classes under which programs put all forms of one formula.
var renderers = []string{
	"katex", "katex-display", "MathJax", "MathJax_Display", "MathJax_SVG", "MathJax_SVG_Display", "MathJax_CHTML", "MJXc-display", "mjx-chtml",
	"mwe-math-element",
}

func classOf(classes, name string) bool {
	at := strings.Index(classes, name)
	return at >= 0 && slices.Contains(strings.Fields(classes[:min(len(classes), maxStyle)]), name)
}

// mathIn is the first formula in an element.
func (p *pass) mathIn(n *html.Node) *html.Node {
	for c := range n.Descendants() {
		if p.sought++; p.sought > p.most {
			return nil
		}
		if c.DataAtom == atom.Math && c.Namespace == "math" {
			return c
		}
	}
	return nil
}

// mathOf is the formula that a text holds.
func (p *pass) mathOf(text string) *html.Node {
	if text == "" || p.sought > p.most {
		return nil
	}
	p.sought += len(text)
	root := tree.Parse(text)
	if root == nil {
		return nil
	}
	return p.mathIn(root)
}

// formulaScript leaves the formula that a script element holds, where no form of it was laid out before it.
func (p *pass) formulaScript(n *html.Node) fate {
	kind := strings.ToLower(value(n, "type"))
	if !strings.HasPrefix(kind, "math/") || n.FirstChild == nil {
		return keep
	}
	if previous := previousElement(n); previous != nil && (previous.DataAtom == atom.Math || strings.Contains(value(previous, "class"), "MathJax")) {
		return remove
	}
	text := n.FirstChild.Data
	if strings.HasPrefix(kind, "math/mml") {
		if math := p.mathOf(text); math != nil {
			math.Parent.RemoveChild(math)
			n.RemoveChild(n.FirstChild)
			n.AppendChild(math)
			return unwrap
		}
		return remove
	}
	open, end := `\(`, `\)`
	if strings.Contains(kind, "mode=display") {
		open, end = `\[`, `\]`
	}
	n.FirstChild.Data = open + strings.TrimSpace(text) + end
	return unwrap
}

// mathElement gives an element of a formula its name in MathML Core, and removes what the formula says in other languages.
func (p *pass) mathElement(n *html.Node) fate {
	switch n.Data {
	case "annotation", "annotation-xml", "script", "style":
		return remove
	case "mfenced":
		fence(n)
	}
	if successor, ok := mathSuccessors[n.Data]; ok {
		n.Data, n.DataAtom = successor, atom.Lookup([]byte(successor))
	}
	return keep
}

// fence writes out the signs that mfenced puts around and between what it holds.
func fence(n *html.Node) {
	sign := func(key, usual string) *html.Node {
		text := usual
		if has(n, key) {
			text = value(n, key)
		}
		mo := &html.Node{Type: html.ElementNode, Data: "mo", DataAtom: atom.Mo, Namespace: "math"}
		mo.AppendChild(&html.Node{Type: html.TextNode, Data: text})
		return mo
	}
	separators := []rune(strings.Join(strings.Fields(value(n, "separators")), ""))
	if !has(n, "separators") {
		separators = []rune(",")
	}
	elements := 0
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		if elements > 0 && len(separators) > 0 {
			mo := sign("", "")
			mo.FirstChild.Data = string(separators[min(elements-1, len(separators)-1)])
			n.InsertBefore(mo, c)
		}
		elements++
	}
	n.InsertBefore(sign("open", "("), n.FirstChild)
	n.AppendChild(sign("close", ")"))
}

// drawing keeps a drawing that is made of nothing but shapes and words, and is no icon. Of any other it leaves what it is
// called.
func (p *pass) drawing(n *html.Node) fate {
	if n.DataAtom != atom.Svg || n.Namespace != "svg" || n.Parent.Namespace == "svg" {
		return keep
	}
	label := drawingLabel(n)
	if value(n, "aria-hidden") == "true" {
		label = ""
	}
	width, height := drawingSize(n)
	if value(n, "aria-hidden") == "true" || width < minDrawing || height < minDrawing || p.inside[insideLink] > 0 || !p.isDrawing(n) {
		for n.FirstChild != nil {
			n.RemoveChild(n.FirstChild)
		}
		if label == "" {
			return remove
		}
		n.AppendChild(&html.Node{Type: html.TextNode, Data: label})
		return unwrap
	}
	for i := range n.Attr {
		if n.Attr[i].Key == "viewBox" {
			n.Attr[i].Key = "viewbox" // HTML knows it by either; a filter that reads tags knows this one
		}
	}
	set(n, "width", strconv.Itoa(width))
	set(n, "height", strconv.Itoa(height))
	set(n, "role", "img")
	set(n, "aria-label", label)
	return keep
}

const (
	minDrawing = 64   // pixels: what is smaller is an icon
	maxDrawing = 2000 // what is larger is made smaller
)

// drawingLabel is what a drawing is called.
func drawingLabel(n *html.Node) string {
	label := spaced(value(n, "aria-label"))
	for c, few := n.FirstChild, 0; c != nil && few < maxLate; c, few = c.NextSibling, few+1 {
		if label == "" && (c.Data == "title" || c.Data == "desc") && c.FirstChild != nil && c.FirstChild.Type == html.TextNode {
			label = spaced(c.FirstChild.Data)
		}
	}
	return cut(Legal(label), maxExcerpt)
}

// drawingSize is the size of a drawing in pixels, by its own word or by that of its coordinates; 0 where it is not known.
func drawingSize(n *html.Node) (width, height int) {
	width, height = number10(value(n, "width")), number10(value(n, "height"))
	box := strings.FieldsFunc(value(n, "viewBox", "viewbox"), func(c rune) bool { return c == ' ' || c == ',' || c == '\n' || c == '\t' })
	if len(box) == 4 {
		w, h := number10(box[2]), number10(box[3])
		switch {
		case w == 0 || h == 0:
		case width == 0 && height == 0:
			width, height = w, h
		case width == 0:
			width = height * w / h
		case height == 0:
			height = width * h / w
		}
	}
	if largest := max(width, height); largest > maxDrawing {
		width, height = width*maxDrawing/largest, height*maxDrawing/largest
	}
	return width, height
}

// number10 is a number of pixels, rounded; 0 for anything else.
func number10(s string) int {
	x, err := strconv.ParseFloat(strings.TrimSuffix(s, "px"), 64)
	if err != nil || x < 1 || x > 1e6 {
		return 0
	}
	return int(x + 0.5)
}

// isDrawing says whether there are shapes in an element, and nothing that a drawing may not be made of.
func (p *pass) isDrawing(svg *html.Node) bool {
	shapes := 0
	var aside []*html.Node
	for n := range svg.Descendants() {
		if p.sought++; p.sought > p.most {
			return false
		}
		if n.Type != html.ElementNode || n.Parent.Data == "metadata" {
			continue
		}
		switch _, ok := svgElements[n.Data]; {
		case n.Data == "title" || n.Data == "desc" || n.Data == "metadata":
			aside = append(aside, n)
		case !ok || n.Namespace != "svg" || n.Data == "svg":
			return false
		case n.Data != "g":
			shapes++
		}
		for _, a := range n.Attr[:min(len(n.Attr), maxLate)] {
			if a.Key == "style" || a.Key == "href" || strings.HasPrefix(a.Key, "on") || strings.Contains(a.Val, "url(") {
				return false
			}
		}
	}
	for _, n := range aside {
		n.Parent.RemoveChild(n)
	}
	return shapes > 0
}
