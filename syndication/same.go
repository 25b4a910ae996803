package syndication

import (
	"net/url"
	"strings"

	"github.com/newswire/newswire"
)

// sameness is what the articles of two sources have in common when they are proved to be one article: the guid, the
// address, and a reason why no third party could have given that guid. It is empty for an article that is only itself.
//
// The reason is that the guid's authority is the site of the address; or that both sources may give an address as their
// guid; or, of a guid that could be given twice, that both sources are of one site. An article whose source may give its
// guid has that for its [newswire.Article.AtomID]; every other has a tag: URI there, with the source's site and the source.
// Any source may give an IRI that is no address: without an authority it proves nothing.
func sameness(a *newswire.Article) string {
	host, address := comparable(a.URL)
	if a.GUID == "" || host == "" {
		return ""
	}
	reason := "given"
	switch {
	case bare(newswire.AuthorityOf(a.GUID)) == host:
		reason = "authority"
	case a.AtomID != a.GUID:
		site, _, minted := strings.Cut(a.AtomID, ":"+a.Source+"/")
		if !minted {
			return ""
		}
		reason = site
	case !isAddress(a.GUID):
		return ""
	}
	return reason + "\x00" + a.GUID + "\x00" + host + address
}

// comparable is an address without what does not change where it leads: its scheme, "www.", a slash at the end, and a
// fragment. The host is empty for what is no web address.
func comparable(address string) (host, rest string) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return "", ""
	}
	rest = strings.TrimSuffix(u.EscapedPath(), "/")
	if u.RawQuery != "" {
		rest += "?" + u.RawQuery
	}
	if port := u.Port(); port != "" && port != "80" && port != "443" {
		rest = ":" + port + rest
	}
	return bare(u.Hostname()), rest
}

func isAddress(guid string) bool {
	host, _ := comparable(guid)
	return host != ""
}

func bare(host string) string { return strings.TrimPrefix(strings.ToLower(host), "www.") }

// copiesAmong says which articles are the same as another that is listed: the one whose source may give the guid, of
// these the one that was met first, and of these the first. So what comes later takes the place of nothing.
func copiesAmong(articles []newswire.Article) []bool {
	copies := make([]bool, len(articles))
	listed := make(map[string]int, len(articles))
	for i := range articles {
		key := sameness(&articles[i])
		if key == "" {
			continue
		}
		was, met := listed[key]
		switch {
		case !met:
			listed[key] = i
		case goesBefore(&articles[i], &articles[was]):
			copies[was], listed[key] = true, i
		default:
			copies[i] = true
		}
	}
	return copies
}

func goesBefore(a, b *newswire.Article) bool {
	if own := a.AtomID == a.GUID; own != (b.AtomID == b.GUID) {
		return own
	}
	return a.FirstSeen.Before(b.FirstSeen)
}

// distinguish leaves no two articles with one id. Two that one publisher gave one id, in two of its feeds, at different
// addresses, are not proved to be the same: the one that was met first has the id, the other is known by its page here.
func distinguish(articles []newswire.Article, site newswire.Site) {
	holder := make(map[string]int, len(articles))
	for i := range articles {
		a := &articles[i]
		if a.AtomID == "" || strings.HasPrefix(a.AtomID, pages(site)) {
			a.AtomID = pageOf(a, site)
		}
		was, met := holder[a.AtomID]
		if !met {
			holder[a.AtomID] = i
			continue
		}
		b := &articles[was]
		if a.FirstSeen.Before(b.FirstSeen) {
			holder[a.AtomID] = i
			b.AtomID = pageOf(b, site)
		} else {
			a.AtomID = pageOf(a, site)
		}
	}
}

func pages(site newswire.Site) string { return site.URL + "/articles/" }

// pageOf is the address of an article's page on the site: an id that no other article has.
func pageOf(a *newswire.Article, site newswire.Site) string { return pages(site) + a.ID }
