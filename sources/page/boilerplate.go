package page

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// tidy takes out of a text that was found by its density what density cannot tell from it: menus, notices about cookies,
// the lines with the date, calls to read or to subscribe to something else. What is in doubt stays.
func (p *page) tidy(root *html.Node, said known) {
	removeAll(root, isFurniture)
	blocks := p.blocksOf(root)
	doomed := make([]bool, len(blocks))
	aboveText(blocks, doomed, said)
	for _, rule := range []func([]block, []bool){calls, promotions, underHeadings} {
		rule(blocks, doomed)
	}
	if !leavesText(blocks, doomed) {
		return
	}
	for i := len(blocks) - 1; i >= 0; i-- { // from the end, so that what is left of a list is found at once
		if doomed[i] {
			blocks[i].remove(root)
		}
	}
}

// known is what was found of an article before its text.
type known struct{ title, author string }

// block is an element that stands on lines of its own and holds no other that does.
type block struct {
	node    *html.Node
	text    string
	size    int  // characters of text
	linked  int  // those of them in links
	links   int  // to pages, not to places in this one
	foreign bool // one of them leads to another site
	figure  bool // it is in a figure, and says what that shows
	heading bool
}

// blocksOf are the blocks of an element, in their order.
func (p *page) blocksOf(root *html.Node) []block {
	own, _ := url.Parse(p.own())
	var blocks []block
	var walk func(n *html.Node, figure bool, link *html.Node) (holds bool)
	walk = func(n *html.Node, figure bool, link *html.Node) (holds bool) {
		switch n.Data {
		case "figure", "figcaption":
			figure = true
		case "a":
			link = n
		}
		at := len(blocks)
		var lines []*html.Node // in the middle of which no block stands
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			switch {
			case c.Type != html.ElementNode:
			case walk(c, figure, link):
				holds = true
			default:
				lines = append(lines, c)
			}
		}
		if holds && len(lines) > 0 {
			mixed := blocks[at:]
			for _, c := range lines {
				if b := newBlock(c, link, own); b.size > 0 && isAlone(c) {
					b.figure = figure
					mixed = append(mixed, b)
				}
			}
			blocks = append(blocks[:at], mixed...)
		}
		if !isBlock(n) {
			return holds
		}
		if !holds && n.Data != "td" && n.Data != "th" {
			if b := newBlock(n, link, own); b.size > 0 {
				b.figure = figure
				blocks = append(blocks, b)
			}
		}
		return true
	}
	walk(root, false, nil)
	return blocks
}

// isAlone says whether no words stand beside an element on its line.
func isAlone(n *html.Node) bool {
	for _, s := range []*html.Node{n.PrevSibling, n.NextSibling} {
		if s != nil && (s.Type == html.TextNode && strings.TrimSpace(s.Data) != "" || s.Type == html.ElementNode && !isBlock(s) && s.Data != "br" && s.Data != "img") {
			return false
		}
	}
	return true
}

// newBlock reads a block; around is the link that it stands in, or nil.
func newBlock(n, around *html.Node, own *url.URL) block {
	b := block{node: n, text: textOf(n)}
	b.size = utf8.RuneCountInString(b.text)
	switch n.Data {
	case "h1", "h2", "h3", "h4", "h5", "h6":
		b.heading = true
	}
	if around != nil {
		b.link(around, own)
		b.linked = b.size
		return b
	}
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == "a" {
			b.link(d, own)
			b.linked += utf8.RuneCountInString(textOf(d))
		}
	}
	return b
}

// link counts a link.
func (b *block) link(a *html.Node, own *url.URL) {
	href := strings.TrimSpace(attribute(a, "href"))
	if href == "" || strings.HasPrefix(href, "#") {
		return
	}
	b.links++
	u, err := url.Parse(href)
	if err != nil || u.Host != "" && (own == nil || site(u.Hostname()) != site(own.Hostname())) {
		b.foreign = true
	}
}

// isLink says whether a block says nothing but what its links say.
func (b *block) isLink() bool { return b.links > 0 && b.linked*10 >= b.size*9 }

// isProse says whether a block is a paragraph of a text and no line beside one.
func (b *block) isProse() bool {
	return !b.heading && !b.figure && b.linked*2 < b.size && (b.size >= 140 || b.size >= 40 && strings.ContainsFunc(b.text, isIdeograph))
}

// remove takes a block out, and the elements around it that hold nothing without it.
func (b *block) remove(root *html.Node) {
	for n := b.node; n != root && n.Parent != nil; {
		parent := n.Parent
		parent.RemoveChild(n)
		if !isBare(parent) {
			return
		}
		n = parent
	}
}

// isBare says whether an element holds neither elements nor text.
func isBare(n *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode || c.Type == html.TextNode && strings.TrimSpace(c.Data) != "" {
			return false
		}
	}
	return true
}

func isBlock(n *html.Node) bool {
	switch n.Data {
	case "p", "div", "li", "ul", "ol", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6",
		"section", "article", "header", "footer", "aside", "main", "nav", "blockquote", "figure", "figcaption",
		"table", "tbody", "tr", "td", "th", "pre", "center", "form", "address", "details", "summary", "body", "html":
		return n.Type == html.ElementNode
	}
	return false
}

// leavesText says whether most of the prose is left.
func leavesText(blocks []block, doomed []bool) bool {
	all, left := 0, 0
	for i := range blocks {
		all += blocks[i].size
		if !doomed[i] {
			left += blocks[i].size
		}
	}
	return left*2 > all
}

// removeAll takes the outermost elements of a kind out of an element, where they hold less than a third of its text.
func removeAll(root *html.Node, is func(*html.Node) bool) {
	var found []*html.Node
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Type == html.ElementNode && is(c) {
				found = append(found, c)
			} else {
				walk(c)
			}
		}
	}
	walk(root)
	whole := lengthOf(root)
	for _, n := range found {
		if lengthOf(n)*3 < whole {
			n.Parent.RemoveChild(n)
		}
	}
}

// lengthOf is the bytes of text in an element, without white space around them.
func lengthOf(n *html.Node) int {
	size := 0
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			size += len(strings.TrimSpace(d.Data))
		}
	}
	return size
}

// furniture are names of what belongs to the page and not to the article.
var furniture = regexp.MustCompile(`(?i)breadcrumb|cookie[-_]?(?:law|bar|notice|banner|consent|policy)|gdpr|\bconsent|skip[-_]?(?:link|to)|site[-_]?nav|social[-_]?share|share[-_]?(?:bar|tools|buttons)|\bcopyright|author[-_]?(?:bio|box)|about[-_]?(?:the[-_]?)?author|recirc|outbrain|taboola|most[-_]?(?:read|popular)|trending|related[-_]?(?:articles?|posts?|stories|content|links)|more[-_]?from`)

// isFurniture says whether an element is a menu or a notice of the site.
func isFurniture(n *html.Node) bool {
	if n.Data == "nav" || attribute(n, "role") == "navigation" {
		return true
	}
	for _, key := range []string{"id", "class"} {
		names := attribute(n, key)
		if furniture.MatchString(names[:min(len(names), 400)]) {
			return true
		}
	}
	return false
}

var (
	// dateline is how a line begins that says when an article was published, and by whom.
	dateline = regexp.MustCompile(`(?i)^[|•·\s]*(?:(?:first |last )?(?:updated?|posted|published|modified|created)\b|by\b|written by\b|date:|time:|\d+ (?:minutes?|hours?|days?|weeks?|months?) ago|\d+ min(?:ute)?s? read|reading time|tempo de leitura|发布|發佈|发表|來源|来源|作者)`)

	// address is a line that is nothing but an address.
	addressLine = regexp.MustCompile(`^https?://\S+$`)
)

// aboveText dooms the lines above the first paragraph that say when the article was published, by whom, and how it is called.
func aboveText(blocks []block, doomed []bool, said known) {
	const few = 30
	for i := range blocks[:min(len(blocks), few)] {
		b := &blocks[i]
		if b.isProse() {
			return
		}
		if b.figure {
			continue
		}
		switch {
		case b.size <= 120 && (isDateline(b.text) || addressLine.MatchString(b.text)),
			b.heading && said.title != "" && fold(b.text) == fold(said.title),
			said.author != "" && b.size <= len(said.author)+60 && strings.HasPrefix(fold(b.text), fold(said.author)):
			doomed[i] = true
		}
	}
}

func isDateline(text string) bool {
	return dateline.MatchString(text) && (strings.ContainsAny(text, "0123456789") || utf8.RuneCountInString(text) < 60)
}

var (
	// call is what is said in the middle of a text and is not of it: in whole lines, and at the beginning of lines that lead
	// elsewhere.
	call = regexp.MustCompile(`(?i)^(?:advert(?:isement|ising)?s?(?: - (?:continue|story).*)?|media caption|ad|sponsored|iklan|publicité|anzeige|publicidade|publicidad|(?:story|article)? ?continues below.*|continue reading(?: below| the main story)?|skip to (?:main )?content|(?:latest|breaking) news|enlarge (?:this )?(?:image|photo)|\d+ of \d+|tell us what you think[?.]*|this slideshow requires javascript\.?|image \d+ of ?/? ?\d+|caption|close|comments?|\d+ comments?|leave a (?:comment|reply)|share(?: this.{0,30})?|print|e-?mail|tweet|loading\.*|read (?:more|next|also)|see (?:more|also)|don['’]t miss|related(?: (?:news|articles?|stories|posts?|content))?|more:?|more on this (?:story|topic)|recommended|you may also like.{0,10}|filed under.{0,80}|tags?:.{0,120}|topics?:.{0,120}|via syndigate\.info|source: news agencies|(?:image|photo|picture|video)(?: (?:copyright|credit|by|courtesy))?\s*:.{0,80}|相关阅读|推荐阅读|延伸阅读|広告)\s*[:：|]*$`)

	// changed is when the article was published or changed.
	changed = regexp.MustCompile(`(?i)^\W*(?:(?:first |last )?(?:updated|posted|published|modified)\b)[^.!?]*\d[^!?]*$`)

	// dangling are calls that stand as headings, over what was taken off already.
	dangling = regexp.MustCompile(`(?i)^(?:(?:latest|breaking) news|tell us|comments?|share|(?:story )?continues)`)

	// lure begins a line that leads elsewhere.
	lure = regexp.MustCompile(`(?i)^\W*(?:read (?:more|next|also|this)|see (?:more|also)|also(?: read| see)?|more|don['’]t miss|watch|click here|subscribe|sign up|join (?:us|our)|follow|get the latest|get access|have a tip|listen to|download|visit|opinion|in pictures|view (?:gallery|more)|continue reading|tap here|find out more|from our partners|keep reading|what to read|further reading|mehr|lesen sie auch|lire aussi|à lire|lea también|leia (?:mais|também)|veja também|baca juga|читайте также)\b`)

	// invitation is a sentence that asks the reader for something else than to read on.
	invitation = regexp.MustCompile(`(?i)download the .{0,30}\bapp\b|on the go by clicking|by clicking here|this (?:web)?site uses cookies|your email address will not be published|opt[- ]out if you wish|may be reached at|news tip, correction`)
)

// calls dooms the lines that ask the reader to do something else than to read on.
func calls(blocks []block, doomed []bool) {
	for i := range blocks {
		b := &blocks[i]
		switch {
		case b.figure:
		case b.size <= 140 && call.MatchString(b.text):
			doomed[i] = !b.heading || dangling.MatchString(b.text)
		case b.size <= 200 && lure.MatchString(b.text) && b.links > 0 && b.linked*10 >= b.size*4:
			doomed[i] = true
		case b.size <= 100 && changed.MatchString(b.text):
			doomed[i] = true
		case b.size <= 320 && invitation.MatchString(b.text):
			doomed[i] = true
		}
	}
}

// promotions dooms lines that are nothing but links to the site's own pages: several one after the other behind the text, or
// one that is set in capitals between paragraphs.
func promotions(blocks []block, doomed []bool) {
	const several = 3
	prose, last := false, -1
	for i := range blocks {
		if blocks[i].isProse() {
			last = i
		}
	}
	for i := 0; i < len(blocks); {
		b := &blocks[i]
		if !b.isLink() || b.foreign || b.figure {
			prose = prose || b.isProse()
			i++
			continue
		}
		end := i
		for end < len(blocks) && blocks[end].isLink() && !blocks[end].foreign && !blocks[end].figure {
			end++
		}
		titles := end-i >= several && areTitles(blocks[i:end]) && end > last
		for j := i; j < end && prose; j++ {
			if titles || isShouted(blocks[j].text) {
				doomed[j] = true
			}
		}
		i = end
	}
}

// areTitles says whether links are as long as titles of articles are. The entries of a glossary, or of what an author
// refers to, are shorter.
func areTitles(links []block) bool {
	size := 0
	for i := range links {
		size += links[i].size
		if strings.ContainsFunc(links[i].text, isIdeograph) {
			size += links[i].size
		}
	}
	return size >= 30*len(links)
}

// isShouted says whether a line of some words is set in capitals.
func isShouted(text string) bool {
	upper, lower := 0, 0
	for _, c := range text {
		switch {
		case unicode.IsUpper(c):
			upper++
		case unicode.IsLower(c):
			lower++
		}
	}
	return len(strings.Fields(text)) >= 4 && lower*5 <= upper
}

// overLinks is a heading of links elsewhere.
var overLinks = regexp.MustCompile(`(?i)^\W*(?:related|recommended|you may also like|more from|more on|more:|read (?:more|next|also)|also read|don['’]t miss|trending|most (?:read|popular)|latest|top stories|popular|holiday gift guides|相关|推荐|延伸)`)

// underHeadings dooms the links under a heading that says they lead elsewhere, and the heading.
func underHeadings(blocks []block, doomed []bool) {
	for i := range blocks {
		if blocks[i].size > 80 || !overLinks.MatchString(blocks[i].text) || blocks[i].figure {
			continue
		}
		end := i + 1
		for end < len(blocks) && blocks[end].linked*10 >= blocks[end].size*8 && blocks[end].links > 0 && !blocks[end].foreign {
			end++
		}
		if end-i > 1 && areTitles(blocks[i+1:end]) {
			for j := i; j < end; j++ {
				doomed[j] = true
			}
		}
	}
}
