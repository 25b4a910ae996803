package page

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// separators stand between an article's title and the names of section and site.
var separators = regexp.MustCompile(`\s+[|｜\-–—−·•/\\»>:]+\s+|\s*(?:_+|\||｜|»|::)\s*|\s+@\s+|[—–]{2,}|\s*[-–—]\s*$`)

// title is what the article is called. What is said for machines goes before what is shown in a browser's tab, from
// which section and site are taken off; so is the site's name from all of them.
func (p *page) title() string {
	sites := []string{p.meta.one("og:site_name"), p.linked.siteName, p.graph.siteName(), p.meta.one("application-name")}
	shown := documentTitle(p.root)
	heading := p.formats.headingOf(shown)
	title := cmp.Or(
		nearest(p.linked.names, cmp.Or(heading, shown), sites),
		p.meta.one("dc:title", "og:title", "weibo:article:title", "weibo:webpage:title", "title", "twitter:title", "parsely-title", "citation_title"),
		p.formats.title,
		heading,
		withoutSections(shown),
		cmp.Or(p.formats.heading...),
	)
	return withoutSite(title, sites)
}

// documentTitle is the page's title element. One in a picture (SVG) is not.
func documentTitle(root *html.Node) string {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "title" && n.Namespace == "" {
			return textOf(n)
		}
	}
	return ""
}

// nearest is the name, of those given for an article, that the page is titled by, else the first. The site's own name,
// which some templates give to every article, is none.
func nearest(names []string, title string, sites []string) string {
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(sites, name) })
	for _, name := range names {
		if title != "" && (strings.Contains(fold(title), fold(name)) || strings.Contains(fold(name), fold(title))) {
			return name
		}
	}
	return cmp.Or(names...)
}

// fold makes titles comparable: without case, and with plain quotation marks and dashes.
func fold(s string) string {
	return strings.ToLower(strings.NewReplacer("‘", "'", "’", "'", "“", `"`, "”", `"`, "–", "-", "—", "-", "\u00A0", " ").Replace(s))
}

// headingOf is the heading that the page's title begins with, else one that it ends with, apart from the rest by a
// separator.
func (m *microformats) headingOf(title string) string {
	whole := fold(title)
	last := ""
	for _, h := range m.heading {
		h = strings.TrimSpace(strings.TrimRight(h, "¶#§ ")) // a link to the heading itself
		if utf8.RuneCountInString(h) < 4 {
			continue
		}
		if rest, ok := strings.CutPrefix(whole, fold(h)); ok && (rest == "" || startsApart(rest)) {
			return h
		}
		if rest, ok := strings.CutSuffix(whole, fold(h)); ok && endsApart(rest) && !isTitle(rest) {
			last = cmp.Or(last, h)
		}
	}
	return last
}

func startsApart(s string) bool {
	at := separators.FindStringIndex(s)
	return at != nil && at[0] == 0
}

func endsApart(s string) bool {
	all := separators.FindAllStringIndex(s, -1)
	return len(all) > 0 && all[len(all)-1][1] == len(s)
}

// maxSections bounds how many sections a title may end with.
const maxSections = 4

// withoutSections takes the last part of a title away, and with it those before that the same sign sets apart; or the
// first part, where the title proper comes last. A title that would be too short for one stays as it is.
func withoutSections(title string) string {
	whole, sign := title, ""
	for range maxSections {
		all := separators.FindAllStringIndex(title, -1)
		if len(all) == 0 {
			return title
		}
		last := all[len(all)-1]
		before, between := title[:last[0]], strings.TrimSpace(title[last[0]:last[1]])
		if sign != "" && between != sign || !isTitle(before) {
			break
		}
		title, sign = strings.TrimSpace(before), between
	}
	if sign == "" {
		if after := whole[separators.FindStringIndex(whole)[1]:]; isTitle(after) {
			return strings.TrimSpace(after)
		}
	}
	return title
}

// isTitle says whether a text is long enough for a title: more than four words, or ten letters of a script that writes
// words together.
func isTitle(s string) bool {
	return len(strings.Fields(s)) > 4 || strings.ContainsFunc(s, isIdeograph) && utf8.RuneCountInString(s) >= 10
}

func isIdeograph(c rune) bool { return c >= 0x2E80 && c <= 0xD7FF || c >= 0xF900 && c <= 0xFAFF }

// withoutSite takes the names of the site off the end of a title, and off its beginning.
func withoutSite(title string, sites []string) string {
	for range 2 { // "Title | Section | Site"
		for _, site := range sites {
			if utf8.RuneCountInString(site) < 2 || len(site) >= len(title) {
				continue
			}
			if rest, ok := cutFolded(title, site, true); ok && endsApart(rest) {
				at := separators.FindAllStringIndex(rest, -1)
				title = strings.TrimSpace(rest[:at[len(at)-1][0]])
			} else if rest, ok := cutFolded(title, site, false); ok && startsApart(rest) {
				title = strings.TrimSpace(rest[separators.FindStringIndex(rest)[1]:])
			}
		}
	}
	return title
}

// cutFolded cuts a text off the end of another, or off its beginning, without regard to case.
func cutFolded(s, part string, end bool) (string, bool) {
	if end {
		at := len(s) - len(part)
		return s[:at], strings.EqualFold(s[at:], part)
	}
	return s[len(part):], strings.EqualFold(s[:len(part)], part)
}
