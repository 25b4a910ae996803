package discover

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/parse"
	"github.com/newswire/newswire/sources/sitemap"
)

// common are the places where the software that most sites run on puts feeds.
var common = []string{"feed", "rss.xml", "atom.xml", "feed.xml", "index.xml", "feed.json", "rss"}

// places are the common places of a site: those beside the page, where it has a folder of its own, and those at the top.
func places(page *url.URL) []link {
	var links []link
	for _, folder := range slices.Compact([]string{folderOf(page.Path), "/"}) {
		for _, name := range common {
			links = append(links, link{url: page.ResolveReference(&url.URL{Path: folder + name}).String()})
		}
	}
	return links
}

// folderOf is the folder that a path is, if it is one at the top: a blog that is a part of a site.
func folderOf(path string) string {
	name := strings.Trim(path, "/")
	if name == "" || strings.ContainsAny(name, "/.") {
		return "/"
	}
	return "/" + name + "/"
}

// obviousForm is the end of a path that can hardly be anything but a feed's.
var obviousForm = regexp.MustCompile(`(?i)(?:^|/)(?:rss|atom|feed)(?:2|s/[^/]+)?(?:\.xml|\.json|\.php|\.aspx?)?/?$|\.(?:rss|atom|rdf)$|/index\.xml$`)

// obvious says whether an address is a feed's by its looks.
func obvious(u *url.URL) bool {
	return obviousForm.MatchString(u.Path) || u.Query().Has("feed")
}

// maxSitemaps bounds how many of the sitemaps that a site names are looked at.
const maxSitemaps = 3

// sitemaps looks for a news sitemap among those that robots.txt names (https://www.sitemaps.org/protocol.html), and
// among those that they list.
func (s *search) sitemaps(ctx context.Context, base *url.URL) error {
	answer, err := s.get(ctx, base.ResolveReference(&url.URL{Path: "/robots.txt"}).String())
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil || answer.Status != http.StatusOK {
		return nil
	}
	for _, l := range newsFirst(named(answer.Body, base)) {
		if err := s.sitemap(ctx, l); err != nil || len(s.found) > 0 {
			return err
		}
	}
	return nil
}

// named are the sitemaps that a robots.txt names, in any group of rules.
func named(rules []byte, base *url.URL) []link {
	var links []link
	for line := range strings.Lines(string(rules)) {
		field, value, _ := strings.Cut(line, ":")
		if address := clean.Address(base, value); address != "" && len(links) < maxLinks && strings.EqualFold(strings.TrimSpace(field), "sitemap") {
			links = append(links, link{url: address})
		}
	}
	return links
}

// sitemap looks at one sitemap, and where it is an index, at those of its children that are called news.
func (s *search) sitemap(ctx context.Context, l link) error {
	if allowed, err := s.allowed(ctx, l.url); err != nil || !allowed || s.seen[l.url] {
		return ctx.Err()
	}
	answer, err := s.get(ctx, l.url)
	if err != nil || answer.Status != http.StatusOK || s.add(ctx, answer, RobotsOf, l) {
		return ctx.Err()
	}
	children, err := sitemap.Children(answer.Body, parse.Options{URL: answer.URL, ContentType: answer.Header.Get("Content-Type")})
	if err != nil {
		return nil
	}
	var news []link
	for _, c := range children {
		if isNews(c.URL) {
			news = append(news, link{url: c.URL})
		}
	}
	return s.look(ctx, RobotsOf, news[:min(len(news), maxSitemaps)], 1)
}

// newsFirst is as many sitemaps as may be looked at, those that are called news first.
func newsFirst(links []link) []link {
	slices.SortStableFunc(links, func(a, b link) int {
		switch {
		case isNews(a.url) == isNews(b.url):
			return 0
		case isNews(a.url):
			return -1
		default:
			return 1
		}
	})
	return links[:min(len(links), maxSitemaps)]
}

func isNews(address string) bool { return strings.Contains(strings.ToLower(pathOf(address)), "news") }
