package static

import (
	"bytes"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// linksOf are the addresses within the site that an answer leads to, as paths from the site's own on. Of a page these are
// the links of its elements; of all else, every address of the site that it spells out.
func linksOf(a *answer, site string) []string {
	if a.isHTML() {
		return pageLinks(a.body.Bytes(), site)
	}
	return spelledOut(a.body.Bytes(), site)
}

// pageLinks are what the elements of a page link to, or load.
func pageLinks(page []byte, site string) []string {
	base, err := url.Parse(site + "/")
	if err != nil {
		return nil
	}
	var links []string
	z := html.NewTokenizer(bytes.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return links
		case html.StartTagToken, html.SelfClosingTagToken:
			_, more := z.TagName()
			for more {
				var key, value []byte
				key, value, more = z.TagAttr()
				switch string(key) {
				case "href", "src":
					if path, ok := within(base, string(value)); ok {
						links = append(links, path)
					}
				}
			}
		}
	}
}

// within is the path of a link from the site's own on, if it leads there. What a page links to is given from the root of
// its host, or whole.
func within(base *url.URL, link string) (string, bool) {
	if strings.HasPrefix(link, "#") {
		return "", false
	}
	u, err := base.Parse(link)
	if err != nil || u.Scheme != base.Scheme || u.Host != base.Host || u.User != nil {
		return "", false
	}
	path, ok := strings.CutPrefix(u.EscapedPath(), strings.TrimSuffix(base.Path, "/"))
	if !ok || !strings.HasPrefix(path, "/") {
		return "", false
	}
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	return path, true
}

// spelledOut are the addresses of the site in a text. Each ends where no address goes on.
func spelledOut(text []byte, site string) []string {
	var links []string
	prefix := []byte(site + "/")
	for {
		i := bytes.Index(text, prefix)
		if i < 0 {
			return links
		}
		text = text[i+len(prefix)-1:]
		end := bytes.IndexAny(text, "\"'<>&\\ \t\r\n)]")
		if end < 0 {
			end = len(text)
		}
		links = append(links, string(text[:end]))
		text = text[end:]
	}
}
