package discover

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
	"golang.org/x/net/publicsuffix"

	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/fetch"
)

// link is where a feed may be.
type link struct {
	url   string // absolute
	other string // to try where there is nothing at url; empty for none
	title string
}

// feedTypes are the media types of feeds.
var feedTypes = map[string]bool{
	"application/rss+xml": true, "application/atom+xml": true, "application/feed+json": true, "application/rdf+xml": true,
	"application/x.atom+xml": true, "application/x-atom+xml": true, "application/rss": true,
}

// xmlTypes are media types of feeds and of much else. JSON is not among them: there is more of it in pages than feeds.
var xmlTypes = map[string]bool{"application/xml": true, "text/xml": true}

// feedWords are what links to feeds say of themselves.
var feedWords = regexp.MustCompile(`(?i)\b(?:rss|atom|xml|feeds?|syndication)\b|订阅|訂閱|フィード|피드`)

// declared is a link as a page or a header declares it.
type declared struct {
	rel, mediaType, title string
	at                    *url.URL
}

// leadsToFeed says whether a link is one to a feed: an alternate of a feed's type, or of XML; without a type one that says so
// or that can hardly be anything else, and of JSON only the latter.
func (d declared) leadsToFeed() bool {
	relations := strings.Fields(strings.ToLower(d.rel))
	if slices.Contains(relations, "feed") {
		return true
	}
	if !slices.Contains(relations, "alternate") {
		return false
	}
	mediaType, _, _ := strings.Cut(strings.ToLower(d.mediaType), ";")
	switch mediaType = strings.TrimSpace(mediaType); {
	case feedTypes[mediaType], xmlTypes[mediaType]:
		return true
	case mediaType == "":
		return obvious(d.at) || feedWords.MatchString(d.title)
	}
	return mediaType == "application/json" && obvious(d.at)
}

// resolved is an absolute web address, or nil.
func resolved(base *url.URL, ref string) *url.URL {
	u, err := url.Parse(clean.Address(base, ref))
	if err != nil || u.Host == "" {
		return nil
	}
	u.Fragment, u.RawFragment = "", ""
	return u
}

// maxLinks bounds what is gathered of one page.
const maxLinks = 100

// pageLinks are where a page may lead to its feeds.
type pageLinks struct {
	head    []link   // that it declares, wherever they stand, for many pages have no proper head
	text    []link   // of its text, that stay with the site and can hardly be anything else
	said    []link   // of its text, that call themselves feeds
	refresh *url.URL // the page that it sends its readers to; nil for none
}

// readLinks reads the links of a page.
func readLinks(page []byte, contentType string, base *url.URL) pageLinks {
	r := linkReader{base: base, site: siteOf(base)}
	decoded, err := charset.NewReader(bytes.NewReader(page), contentType)
	if err != nil {
		return r.found
	}
	z := html.NewTokenizer(decoded)
	for len(r.found.head)+len(r.found.text)+len(r.found.said) < maxLinks {
		switch z.Next() {
		case html.ErrorToken:
			r.endAnchor()
			return r.found
		case html.StartTagToken, html.SelfClosingTagToken:
			r.start(z.Token())
		case html.TextToken:
			r.say(string(z.Text()))
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == "a" {
				r.endAnchor()
			}
		case html.CommentToken, html.DoctypeToken:
		}
	}
	return r.found
}

// linkReader gathers the links of a page from its tokens.
type linkReader struct {
	base   *url.URL
	site   string
	based  bool // whether base is what the page says
	anchor *link
	words  strings.Builder // of anchor
	found  pageLinks
}

func (r *linkReader) start(t html.Token) {
	switch t.Data {
	case "base":
		if u := resolved(r.base, attribute(t, "href")); u != nil && !r.based { // the first counts (HTML §4.2.3)
			r.base, r.based = u, true
		}
	case "link":
		if d := r.declared(t); d.at != nil && d.leadsToFeed() {
			r.found.head = append(r.found.head, link{url: d.at.String(), title: d.title})
		}
	case "meta":
		if strings.EqualFold(attribute(t, "http-equiv"), "refresh") && r.found.refresh == nil {
			r.found.refresh = refreshed(r.base, attribute(t, "content"))
		}
	case "a", "area":
		r.endAnchor()
		r.startAnchor(t)
	case "img":
		r.say(attribute(t, "alt") + " " + attribute(t, "title"))
	}
}

func (r *linkReader) declared(t html.Token) declared {
	return declared{
		rel: attribute(t, "rel"), mediaType: attribute(t, "type"), title: clean.Text(attribute(t, "title")),
		at: resolved(r.base, attribute(t, "href")),
	}
}

// startAnchor looks at a link of the text. One that only its words may tell is kept until they are known.
func (r *linkReader) startAnchor(t html.Token) {
	d := r.declared(t)
	if l, ok := feedScheme(attribute(t, "href")); ok {
		l.title = d.title
		r.found.text = append(r.found.text, l)
		return
	}
	if d.at == nil {
		return
	}
	l := link{url: d.at.String(), title: d.title}
	switch ours := siteOf(d.at) == r.site; {
	case ours && (obvious(d.at) || d.leadsToFeed()):
		r.found.text = append(r.found.text, l)
	case ours, ofFeeds.MatchString(d.at.Hostname()):
		r.anchor = &l
		r.words.Reset()
		r.say(d.title + " " + attribute(t, "aria-label") + " " + attribute(t, "alt"))
	}
}

// ofFeeds are hosts that have nothing but feeds, also those of other sites.
var ofFeeds = regexp.MustCompile(`^(?:feeds?|rss)\d*\.`)

// maxWords bounds what is read of a link's text, in bytes.
const maxWords = 200

func (r *linkReader) say(words string) {
	if r.anchor != nil && r.words.Len() < maxWords {
		r.words.WriteString(words[:min(len(words), maxWords)] + " ")
	}
}

func (r *linkReader) endAnchor() {
	if r.anchor == nil {
		return
	}
	if feedWords.MatchString(r.words.String()) {
		r.found.said = append(r.found.said, *r.anchor)
	}
	r.anchor = nil
}

// feedScheme is a link with the scheme that some browsers once knew: feed://host/path, of which https is tried and then
// http, and feed:https://host/path.
func feedScheme(href string) (link, bool) {
	href = strings.TrimSpace(href)
	if len(href) < len("feed:") || !strings.EqualFold(href[:len("feed:")], "feed:") {
		return link{}, false
	}
	tries := schemes(href[len("feed:"):])
	for i, address := range tries {
		u := resolved(nil, address)
		if u == nil {
			return link{}, false
		}
		tries[i] = u.String()
	}
	return link{url: tries[0], other: tries[len(tries)-1]}, true
}

// refreshForm is what a page says that sends its readers to another at once.
var refreshForm = regexp.MustCompile(`(?i)^\s*\d?(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?["']?([^"'\s]+)`)

// refreshed is the page that another sends its readers to within some seconds; nil for none.
func refreshed(base *url.URL, content string) *url.URL {
	m := refreshForm.FindStringSubmatch(content)
	if m == nil {
		return nil
	}
	return resolved(base, m[1])
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// siteOf is what two addresses of one publisher have in common: the registrable domain, else the host.
func siteOf(u *url.URL) string {
	if domain, err := publicsuffix.EffectiveTLDPlusOne(u.Hostname()); err == nil {
		return domain
	}
	return u.Hostname()
}

// headerLinks are the links to feeds in Link headers.
func headerLinks(h http.Header, base *url.URL) []link {
	var links []link
	for _, l := range fetch.Links(h) {
		d := declared{
			rel: l.Params["rel"], mediaType: l.Params["type"], title: clean.Text(l.Params["title"]), at: resolved(base, l.Target),
		}
		if d.at != nil && l.Params["anchor"] == "" && d.leadsToFeed() {
			links = append(links, link{url: d.at.String(), title: d.title})
		}
	}
	return links
}

// Declared are the addresses of the feeds that a page names in its Link headers and in its head, without a look at them.
func Declared(page *fetch.Answer) []string {
	base, err := url.Parse(page.URL)
	if err != nil {
		return nil
	}
	var addresses []string
	for _, l := range slices.Concat(headerLinks(page.Header, base), readLinks(page.Body, page.Header.Get("Content-Type"), base).head) {
		if !slices.Contains(addresses, l.url) {
			addresses = append(addresses, l.url)
		}
	}
	return addresses
}
