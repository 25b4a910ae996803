package discover

import (
	"bytes"
	"net/http"
	"net/url"
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
	title string
}

// feedTypes are the media types of feeds.
var feedTypes = map[string]bool{
	"application/rss+xml": true, "application/atom+xml": true, "application/feed+json": true, "application/rdf+xml": true,
	"application/x.atom+xml": true, "application/x-atom+xml": true, "application/rss": true,
}

// looseTypes are media types of feeds and of much else.
var looseTypes = map[string]bool{"application/json": true, "application/xml": true, "text/xml": true}

// leadsToFeed says whether a link is one to a feed: an alternate of a feed's type, or of a type that may be one at an
// address that can hardly be anything else.
func leadsToFeed(rel, mediaType string, at *url.URL) bool {
	relations := strings.Fields(strings.ToLower(rel))
	if slices.Contains(relations, "feed") {
		return true
	}
	mediaType, _, _ = strings.Cut(strings.ToLower(mediaType), ";")
	mediaType = strings.TrimSpace(mediaType)
	return slices.Contains(relations, "alternate") && (feedTypes[mediaType] || looseTypes[mediaType] && obvious(at))
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

// pageLinks are the links to feeds in a page: those that its head declares, and those in its text that can hardly be
// anything else and stay with the site. Declarations count wherever they stand, for many pages have no proper head.
func pageLinks(page []byte, contentType string, base *url.URL) (head, text []link) {
	decoded, err := charset.NewReader(bytes.NewReader(page), contentType)
	if err != nil {
		return nil, nil
	}
	site, based := siteOf(base), false
	z := html.NewTokenizer(decoded)
	for len(head) < maxLinks && len(text) < maxLinks {
		switch z.Next() {
		case html.ErrorToken:
			return head, text
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			u := resolved(base, attribute(t, "href"))
			switch {
			case u == nil:
			case t.Data == "base" && !based: // the first counts (HTML §4.2.3)
				base, based = u, true
			case t.Data == "link" && leadsToFeed(attribute(t, "rel"), attribute(t, "type"), u):
				head = append(head, link{url: u.String(), title: clean.Text(attribute(t, "title"))})
			case t.Data == "a" && siteOf(u) == site && (obvious(u) || leadsToFeed(attribute(t, "rel"), attribute(t, "type"), u)):
				text = append(text, link{url: u.String(), title: clean.Text(attribute(t, "title"))})
			}
		case html.TextToken, html.EndTagToken, html.CommentToken, html.DoctypeToken:
		}
	}
	return head, text
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
		if u := resolved(base, l.Target); u != nil && l.Params["anchor"] == "" && leadsToFeed(l.Params["rel"], l.Params["type"], u) {
			links = append(links, link{url: u.String(), title: clean.Text(l.Params["title"])})
		}
	}
	return links
}
