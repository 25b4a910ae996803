package propose

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/net/html"

	"github.com/newswire/newswire/sources/page"
)

// The bounds of what is looked at. Pages that list articles have a tenth of it.
const (
	maxElements = 30_000
	maxLinks    = 3000
	maxDates    = 6000
	maxNames    = 4   // of an element
	maxNesting  = 200 // of elements
)

// survey is a page as the list of its elements, in their order, with what stands in them.
type survey struct {
	doc      *page.Document
	site     site
	own      string
	elements []element
	links    []link
	dates    []dated
	byTag    map[string][]int // elements, in their order
	byName   map[string][]int // by ".class" and "#id"
	paths    map[pathKey]int
	ofItems  map[string]bool // whether header and footer are those of items, and not the page's
	text     int             // the weight of all text so far
	linked   int             // of that, the weight of links
}

// element is an element of the page. Indices are those of survey.elements.
type element struct {
	node    *html.Node
	parent  int      // -1 for none
	end     int      // the index behind the last element in it
	names   []string // its classes that can stand in a selector, the best first
	advert  string   // its class that says that it is an advertisement, if one does that can stand in a selector
	id      string   // if it can stand in a selector
	path    int      // elements with equal paths have ancestors of equal tags and names
	aside   float64  // how much it stands beside the page's matter: 0 to 1
	main    bool     // it stands in what the page says is its main part
	heading bool
	nth     int            // its number among its siblings of the same tag, from 1
	twins   map[string]int // how many elements of each tag its parent has

	text, linked [2]int // survey.text and survey.linked, before and after it
}

// weight is that of the text in an element, and of the links in it.
func (e *element) weight() (text, linked int) {
	return e.text[1] - e.text[0], e.linked[1] - e.linked[0]
}

// pathKey is what a path is made of.
type pathKey struct {
	above int
	tag   string
	name  string
}

// link is a link that leads to another document.
type link struct {
	at      int // its element
	address string
	href    string // as it is written
	text    string
	weight  int
	date    bool // the text is a date
	heading bool // it stands in a heading, or has one
	content float64
	selects []linkSelector
}

// linkSelector is a way to name a link inside of an item.
type linkSelector struct {
	text   string
	within int // the element that must be inside of the item for it
}

// dated is an element, or an attribute of it, that is a date.
type dated struct {
	at        int
	attribute string // empty for the text
	time      time.Time
	whole     bool // there is nothing but the date
}

func newSurvey(doc *page.Document) *survey {
	s := &survey{doc: doc, own: doc.Own(), byTag: map[string][]int{}, byName: map[string][]int{}, paths: map[pathKey]int{}}
	if u, err := url.Parse(s.own); err == nil {
		s.site = site(strings.TrimPrefix(u.Hostname(), "www."))
	}
	s.ofItems = severalOf(doc.Root(), "header", "footer")
	s.walk(doc.Root(), element{parent: -1}, 0)
	for i := range s.links {
		s.links[i].selects = s.linkSelectors(&s.links[i])
	}
	return s
}

// severalOf says of which tags there are more than a page has for itself.
func severalOf(root *html.Node, tags ...string) map[string]bool {
	const most = 3
	count, several := map[string]int{}, map[string]bool{}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && slices.Contains(tags, n.Data) {
			count[n.Data]++
			several[n.Data] = count[n.Data] > most
		}
	}
	return several
}

// unseen are elements whose content is not text that a reader sees.
var unseen = set("script style template noscript svg select textarea iframe head")

// walk looks at a node and all in it. What it inherits is in above.
func (s *survey) walk(n *html.Node, above element, depth int) {
	switch n.Type {
	case html.TextNode:
		s.see(n, above.parent)
		return
	case html.ElementNode:
		if unseen[n.Data] || len(s.elements) == maxElements || depth > maxNesting {
			return
		}
		at := len(s.elements)
		s.elements = append(s.elements, s.element(n, above))
		s.note(at)
		above = s.elements[at]
		above.parent = at
		defer func() {
			e := &s.elements[at]
			e.end, e.text[1] = len(s.elements), s.text
			s.leave(at)
			e.linked[1] = s.linked
		}()
	}
	twins := map[string]int{}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		before := len(s.elements)
		s.walk(c, above, depth+1)
		if before < len(s.elements) {
			twins[c.Data]++
			s.elements[before].nth, s.elements[before].twins = twins[c.Data], twins
		}
	}
}

// element is what is known of an element before what is in it.
func (s *survey) element(n *html.Node, above element) element {
	e := element{node: n, parent: above.parent, aside: above.aside, main: above.main, text: [2]int{s.text}, linked: [2]int{s.linked}}
	classes := strings.Fields(cut(page.Attribute(n, "class"), 1000))
	id := cut(page.Attribute(n, "id"), 100)
	for wanted := 3; wanted > 0; wanted-- {
		for _, c := range classes {
			if c = lasting(c); len(e.names) < maxNames && rank(c) == wanted && !slices.Contains(e.names, c) {
				e.names = append(e.names, c)
			}
		}
	}
	if rank(id) > 0 {
		e.id = id
	}
	switch n.Data {
	case "h1", "h2", "h3", "h4", "h5", "h6":
		e.heading = true
	case "main", "article":
		e.main = true
	}
	if page.Attribute(n, "role") == "main" {
		e.main = true
	}
	if !s.ofItems[n.Data] {
		e.aside = max(e.aside, asideness(n, append(classes, id), above))
	}
	for _, c := range classes {
		if has(c, adverts) && rank(c) > 0 {
			e.advert = c
		}
	}
	name := e.id
	if len(e.names) > 0 {
		name += "." + e.names[0]
	}
	e.path = s.path(pathKey{above: above.path, tag: n.Data, name: name})
	return e
}

// asideness says how much an element stands beside the page's matter by what it calls itself.
func asideness(n *html.Node, names []string, above element) float64 {
	switch n.Data {
	case "nav":
		return 1
	case "footer", "header":
		if !above.main {
			return 1
		}
	case "aside":
		return 0.7
	case "html", "body":
		return 0
	}
	switch page.Attribute(n, "role") {
	case "navigation", "banner", "contentinfo", "search":
		return 1
	case "complementary":
		return 0.7
	}
	worst := 0.0
	for _, name := range names {
		for _, w := range wordsOf(name) {
			switch {
			case w == "main" || w == "content" || w == "primary":
				return 0
			case beside[w]:
				worst = max(worst, 1)
			case around[w]:
				worst = max(worst, 0.7)
			}
		}
	}
	return worst
}

func (s *survey) path(k pathKey) int {
	id, ok := s.paths[k]
	if !ok {
		id = len(s.paths) + 1
		s.paths[k] = id
	}
	return id
}

// note enters an element into the indices, and takes the dates that its attributes are.
func (s *survey) note(at int) {
	e := &s.elements[at]
	s.byTag[e.node.Data] = append(s.byTag[e.node.Data], at)
	for _, name := range e.names {
		s.byName["."+name] = append(s.byName["."+name], at)
	}
	if e.id != "" {
		s.byName["#"+e.id] = append(s.byName["#"+e.id], at)
	}
	for i, a := range e.node.Attr {
		if i == 20 || len(s.dates) == maxDates {
			break
		}
		if a.Namespace != "" || len(a.Val) > 60 || !strings.ContainsAny(a.Val, "0123456789") || !ofDates(a.Key) || isNumber(a.Val) && len(a.Val) < 10 {
			continue
		}
		if t := s.doc.Date(a.Val); !t.IsZero() {
			s.dates = append(s.dates, dated{at: at, attribute: a.Key, time: t, whole: true})
		}
	}
}

// ofDates says whether an attribute may hold a date.
func ofDates(key string) bool {
	if key == "datetime" || key == "title" || key == "content" {
		return true
	}
	return strings.HasPrefix(key, "data-") && has(key, set("date time published publish pubdate timestamp ts created"))
}

// see takes a text: its weight, and the date that it is.
func (s *survey) see(n *html.Node, at int) {
	text := strings.TrimSpace(cut(n.Data, 8000))
	s.text += weight(text)
	if at >= 0 && len(text) < 120 && len(s.dates) < maxDates && strings.ContainsFunc(text, unicode.IsDigit) && !isNumber(text) {
		if t := s.doc.Date(text); !t.IsZero() {
			s.dates = append(s.dates, dated{at: at, time: t, whole: len(text) < 40})
		}
	}
}

// isDate says whether a text has a date in it.
func (s *survey) isDate(text string) bool {
	return strings.ContainsFunc(text, unicode.IsDigit) && !s.doc.Date(text).IsZero()
}

// isNumber says whether a text is digits alone: a count, or a year at most.
func isNumber(text string) bool {
	return !strings.ContainsFunc(text, func(c rune) bool { return c < '0' || c > '9' })
}

// leave takes a link when all in it was seen.
func (s *survey) leave(at int) {
	e := &s.elements[at]
	href := strings.TrimSpace(page.Attribute(e.node, "href"))
	if e.node.Data != "a" || href == "" || strings.HasPrefix(href, "#") || len(s.links) == maxLinks {
		return
	}
	address := s.doc.Address(href)
	if address == "" || withoutFragment(address) == withoutFragment(s.own) {
		return
	}
	l := link{at: at, address: address, href: href, text: page.LinkTitle(e.node)}
	l.weight = weight(l.text)
	l.date = l.weight < 30 && s.isDate(l.text)
	text, _ := e.weight()
	s.linked += text
	l.content = likeArticle(address)
	for up, steps := at, 0; up >= 0 && steps < 4; up, steps = s.elements[up].parent, steps+1 {
		l.heading = l.heading || s.elements[up].heading
	}
	for i := at + 1; i < e.end && i < at+20; i++ {
		l.heading = l.heading || s.elements[i].heading
	}
	if l.heading {
		l.content = max(l.content, 0)
	}
	s.links = append(s.links, l)
}

func withoutFragment(address string) string {
	before, _, _ := strings.Cut(address, "#")
	return before
}

// likeArticle says how much an address looks like that of an article: 1, or like that of a person, a tag or a form: -1.
func likeArticle(address string) float64 {
	u, err := url.Parse(address)
	if err != nil {
		return 0
	}
	path := strings.ToLower(strings.Trim(u.Path, "/"))
	for part := range strings.SplitSeq(path, "/") {
		if notArticles[part] || has(part, notArticles) && len(part) < 16 {
			return -1
		}
	}
	last := path[strings.LastIndexByte(path, '/')+1:]
	digits := 0
	for _, c := range path + u.RawQuery {
		if c >= '0' && c <= '9' {
			digits++
		}
	}
	switch {
	case path == "":
		return -0.5
	case digits >= 3, len(last) >= 15 && strings.ContainsAny(last, "-_"):
		return 1
	case strings.Contains(last, "."):
		return 0.5
	}
	return 0
}

// notArticles are words of addresses of other things.
var notArticles = set(`tag tags category categories author authors user users profile people member members memberlist login logout signin signup
	register share search about contact privacy terms legal imprint impressum cookies vote hide from section topics venue employer companies`)

// weight is the length of a text as readers feel it: a character of a script without spaces says as much as two letters.
func weight(text string) int {
	n := 0
	for _, c := range text {
		switch {
		case c >= 0x2E80 && c <= 0xD7FF || c >= 0xF900 && c <= 0xFAFF:
			n += 2
		default:
			n++
		}
	}
	return n
}

// cut bounds a text.
func cut(s string, n int) string { return s[:min(len(s), n)] }
