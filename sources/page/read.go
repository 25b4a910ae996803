package page

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/publicsuffix"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/parse"
)

// Read reads the page of one article. In the item that it returns, GUID and URL are the page's address, or the one that
// it names as canonical on the same site; a canonical address elsewhere is a link with rel=via. Publisher is the site as
// the page describes it, Rights what the page says of its terms. Time, memory and the depth of the stack are bounded by
// the length of the body.
//
// The error wraps [ErrNotPage], or is that of a selector that does not parse.
func Read(body []byte, o Options, s Selectors) (*parse.Item, error) {
	sel, err := s.compile()
	if err != nil {
		return nil, err
	}
	p, err := open(body, o)
	if err != nil {
		return nil, err
	}
	graph := graphOf(p.root)
	sel.takeOff(p.root)
	m := marksOf(p.root)
	address, elsewhere := p.canonical(m.canonical)
	var l linked
	if o := graph.article(func(a string) bool { return a != "" && p.address(a) == address }); o != nil {
		l = graph.read(o)
	}

	it := item(address, "")
	if p.base != nil {
		it.Base = p.base.String()
	}
	if elsewhere != "" {
		it.Links = []newswire.Link{{Rel: "via", URL: elsewhere}}
	}
	whole := goquery.NewDocumentFromNode(p.root).Selection
	it.Publisher = p.publisher(graph, &l)
	sites := []string{it.Publisher.Title, l.siteName, graph.siteName(), p.meta.one("og:site_name"), p.meta.one("application-name")}
	it.Title = first(first(sel.title.texts(whole)...), p.title(&l, m, sites))
	it.Published = p.dates(append(sel.published.texts(whole), p.publishedBy(&l, m)...)...)
	it.Updated = p.dates(l.modified, p.meta.one("article:modified_time", "og:updated_time", "dc:modified", "datemodified"), first(m.modified...))
	if !it.Updated.IsZero() && it.Updated.Before(it.Published) {
		it.Updated = it.Published
	}
	it.Language = p.language(&l)
	it.Summary = html.EscapeString(first(l.summary, p.meta.one("dc:description", "og:description", "weibo:article:description", "description", "twitter:description"), m.summary))
	it.Terms = p.terms(&l, m)
	it.Image = p.image(&l)
	it.Rights = newswire.Rights{
		License:   p.address(first(l.license, m.license, p.meta.one("dc:license"))),
		Statement: first(l.rights, p.meta.one("dc:rights", "copyright", "rights")),
	}
	for _, text := range sel.author.texts(whole) {
		it.Authors = join(it.Authors, byline(text)...)
	}
	if len(it.Authors) == 0 {
		it.Authors = p.authors(&l, m)
	}
	var found string
	it.Content, found = p.content(sel, &l, it.Title, namesOf(it.Authors))
	if len(it.Authors) == 0 {
		it.Authors = byline(found)
	}
	if len(it.Authors) == 0 {
		it.Authors = join(nil, l.creators...)
	}
	for i := range it.Authors {
		it.Authors[i].URL = p.address(it.Authors[i].URL)
	}
	return &it, nil
}

// takeOff removes what the operator wants off the page.
func (c *compiled) takeOff(root *html.Node) {
	whole := goquery.NewDocumentFromNode(root).Selection
	for _, s := range c.remove {
		for _, n := range s.in(whole) {
			if n.Parent != nil {
				n.Parent.RemoveChild(n)
			}
		}
	}
}

// canonical is the page's address as the page has it, if that is on the same site; else its own, and the other one apart.
func (p *page) canonical(declared string) (address, elsewhere string) {
	own := p.own()
	declared = p.address(first(declared, p.meta.one("og:url")))
	switch {
	case declared == "" || isFront(declared) && !isFront(own): // a template that names its front page on every page
		return own, ""
	case own == "" || sameSite(own, declared):
		return declared, ""
	default:
		return own, declared
	}
}

// own is the address that the page was fetched from.
func (p *page) own() string {
	return clean.Untracked(clean.Address(nil, p.URL))
}

func isFront(address string) bool {
	u, err := url.Parse(address)
	return err == nil && strings.Trim(u.Path, "/") == "" && u.RawQuery == ""
}

// sameSite says whether two addresses are under one registrable domain.
func sameSite(a, b string) bool {
	x, errX := url.Parse(a)
	y, errY := url.Parse(b)
	if errX != nil || errY != nil {
		return false
	}
	return site(x.Hostname()) == site(y.Hostname())
}

func site(host string) string {
	host = strings.ToLower(host)
	if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return domain
	}
	return host
}

// publisher is the site as the page describes it.
func (p *page) publisher(g *graph, l *linked) newswire.Publisher {
	return newswire.Publisher{
		Title:    first(p.meta.one("og:site_name"), l.siteName, g.siteName(), p.meta.one("application-name")),
		Language: p.language(&linked{}),
	}
}

// publishedBy is where a page says when its article was published, surest first.
func (p *page) publishedBy(l *linked, m *marks) []string {
	said := []string{l.published}
	said = append(said, p.meta.all("article:published_time", "og:published_time")...)
	said = append(said, m.published...)
	said = append(said, p.meta.one("datepublished", "dc:issued", "dc:created", "dc:date", "pubdate", "publishdate", "publish_date", "publishtime", "publish-date",
		"parsely-pub-date", "weibo:article:create_at", "sailthru:date", "citation_publication_date", "citation_date", "date"))
	said = append(said, m.times...)
	return append(said, m.lines...)
}

// language is the article's language, else the page's.
func (p *page) language(l *linked) string {
	said := []string{l.language}
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "html" {
			said = append(said, attribute(n, "lang"), attribute(n, "xml:lang"))
			break
		}
	}
	said = append(said, p.meta.one("content-language", "dc:language", "language"), p.meta.one("og:locale"))
	for _, s := range said {
		if tag := languageTag(s); tag != "" {
			return tag
		}
	}
	return ""
}

// terms are the article's sections, tags and keywords.
func (p *page) terms(l *linked, m *marks) []newswire.Term {
	var said []string
	for _, text := range append(append([]string{}, l.terms...), p.meta.all("article:section")...) {
		said = add(said, text)
	}
	for _, text := range append(p.meta.all("article:tag"), m.terms...) {
		said = add(said, text)
	}
	for _, list := range p.meta.all("news_keywords", "keywords", "parsely-tags") {
		for _, text := range strings.FieldsFunc(list, func(c rune) bool { return strings.ContainsRune(",;，；、", c) }) {
			said = add(said, strings.TrimSpace(text))
		}
	}
	var terms []newswire.Term
	for _, text := range said {
		terms = append(terms, newswire.Term{Term: text})
	}
	return terms
}

// image is the article's lead picture.
func (p *page) image(l *linked) *newswire.Image {
	image := l.image
	if image == nil {
		image = &newswire.Image{
			URL:   p.meta.one("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src"),
			Width: pixels(p.meta.one("og:image:width")), Height: pixels(p.meta.one("og:image:height")),
			Title: p.meta.one("og:image:alt", "twitter:image:alt"),
		}
	}
	if image.URL = p.address(image.URL); image.URL == "" {
		return nil
	}
	return image
}

// pixels reads a number of pixels; 0 for anything else.
func pixels(s string) int {
	n, err := strconv.Atoi(strings.TrimSuffix(s, "px"))
	if err != nil || n < 0 || n > 1<<20 {
		return 0
	}
	return n
}

// authors are who wrote the article by what is said for machines.
func (p *page) authors(l *linked, m *marks) []newswire.Person {
	if len(l.authors) > 0 {
		return join(nil, l.authors...)
	}
	for _, name := range []string{"dc:creator", "author", "citation_author", "parsely-author", "byl", "sailthru:author", "article:author", "weibo:article:author"} {
		var people []newswire.Person
		for _, text := range p.meta[name] {
			people = join(people, byline(text)...)
		}
		if len(people) > 0 {
			return people
		}
	}
	if len(m.authors) > 0 {
		return m.authors
	}
	for _, text := range m.lines {
		if labelled.MatchString(text) {
			if people := byline(text); len(people) > 0 {
				return people
			}
		}
	}
	return nil
}

// namesOf are people's names on one line.
func namesOf(people []newswire.Person) string {
	var names []string
	for _, p := range people {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}
