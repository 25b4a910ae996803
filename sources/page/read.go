package page

import (
	"cmp"
	"context"
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
// The error wraps [ErrNotPage] or [ErrTooCostly], or is that of ctx or of a selector that does not parse.
func Read(ctx context.Context, body []byte, o Options, s Selectors) (*parse.Item, error) {
	sel, err := s.compile()
	if err != nil {
		return nil, err
	}
	p, err := open(ctx, body, o)
	if err != nil {
		return nil, err
	}
	p.graph, p.rsl = graphOf(p.root), rslOf(p.root) // their scripts may be among what is to be removed
	sel.removeFrom(p.root)
	p.formats = microformatsOf(p.root)
	address, elsewhere := p.canonical()
	if o := p.graph.article(func(a string) bool { return a != "" && p.address(a) == address }); o != nil {
		p.linked = p.graph.read(o)
	}
	it := p.item(address)
	if elsewhere != "" {
		it.Links = []newswire.Link{{Rel: "via", URL: elsewhere}}
	}
	p.describe(&it)
	for _, address := range p.formats.licenses {
		if address = p.address(address); address != "" && address != it.Rights.License {
			parse.AddLicense(&it.Article, address)
		}
	}
	if err := check(ctx); err != nil {
		return nil, err
	}
	p.choose(&it, sel)
	return &it, nil
}

// describe fills in what the page says of the article as a whole.
func (p *page) describe(it *parse.Item) {
	it.Publisher = p.publisher()
	it.Updated = p.dates(p.linked.modified, p.meta.one("article:modified_time", "og:updated_time", "dc:modified", "datemodified"), cmp.Or(p.formats.modified...))
	it.Language = cmp.Or(parse.Language(p.linked.language), it.Publisher.Language)
	it.Summary = html.EscapeString(cmp.Or(p.linked.summary,
		p.meta.one("dc:description", "og:description", "weibo:article:description", "description", "twitter:description"), p.formats.summary))
	it.Terms = p.terms()
	it.Image = p.image()
	it.Rights = newswire.Rights{
		License:   p.address(cmp.Or(p.linked.license, cmp.Or(p.formats.licenses...), p.meta.one("dc:license"), p.rsl.License, p.formats.rsl)),
		Statement: cmp.Or(p.linked.rights, p.meta.one("dc:rights", "copyright", "rights"), p.rsl.Statement),
	}
}

// choose fills in what the operator may have selectors for.
func (p *page) choose(it *parse.Item, sel *compiled) {
	whole := goquery.NewDocumentFromNode(p.root).Selection
	p.noteMatches(whole, sel)
	own := teasersOf(p, sel).without
	it.Title = cmp.Or(cmp.Or(sel.title.textsOf(whole, own)...), p.title())
	it.Published = p.dates(append(sel.published.textsOf(whole, own), p.publishedBy()...)...)
	if !it.Updated.IsZero() && it.Updated.Before(it.Published) {
		it.Updated = it.Published
	}
	for _, text := range sel.author.textsOf(whole, own) {
		it.Authors = join(it.Authors, byline(text)...)
	}
	if len(it.Authors) == 0 {
		it.Authors = p.authors()
	}
	var found string
	it.Content, found = p.content(sel, it.Title, namesOf(it.Authors))
	if len(it.Authors) == 0 {
		it.Authors = byline(found)
	}
	if len(it.Authors) == 0 {
		it.Authors = join(nil, p.linked.creators...)
	}
	for i := range it.Authors {
		it.Authors[i].URL = p.address(it.Authors[i].URL)
	}
}

// removeFrom removes what the operator wants off the page.
func (c *compiled) removeFrom(root *html.Node) {
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
func (p *page) canonical() (address, elsewhere string) {
	own := p.own()
	declared := p.address(cmp.Or(p.formats.canonical, p.meta.one("og:url")))
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
func (p *page) publisher() newswire.Publisher {
	publisher := newswire.Publisher{
		Title: cmp.Or(p.meta.one("og:site_name"), p.linked.siteName, p.graph.siteName(), p.meta.one("application-name")),
	}
	for _, s := range []string{attribute(p.html(), "lang"), attribute(p.html(), "xml:lang"), p.meta.one("content-language", "dc:language", "language"), p.meta.one("og:locale")} {
		publisher.Language = cmp.Or(publisher.Language, parse.Language(s))
	}
	return publisher
}

// html is the page's outermost element.
func (p *page) html() *html.Node {
	for n := range p.root.ChildNodes() {
		if n.Type == html.ElementNode {
			return n
		}
	}
	return p.root
}

// publishedBy is where a page says when its article was published, surest first.
func (p *page) publishedBy() []string {
	said := []string{p.linked.published}
	said = append(said, p.meta.all("article:published_time", "og:published_time")...)
	said = append(said, p.formats.published...)
	said = append(said, p.meta.one("datepublished", "dc:issued", "dc:created", "dc:date", "pubdate", "publishdate", "publish_date", "publishtime", "publish-date",
		"parsely-pub-date", "weibo:article:create_at", "sailthru:date", "citation_publication_date", "citation_date", "date"))
	said = append(said, p.formats.times...)
	return append(said, p.formats.lines...)
}

// terms are the article's sections, tags and keywords.
func (p *page) terms() []newswire.Term {
	var said []string
	for _, text := range append(append([]string{}, p.linked.terms...), p.meta.all("article:section")...) {
		said = add(said, text)
	}
	for _, text := range append(p.meta.all("article:tag"), p.formats.terms...) {
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
func (p *page) image() *newswire.Image {
	image := p.linked.image
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
func (p *page) authors() []newswire.Person {
	if len(p.linked.authors) > 0 {
		return join(nil, p.linked.authors...)
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
	if len(p.formats.authors) > 0 {
		return p.formats.authors
	}
	for _, text := range p.formats.lines {
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
