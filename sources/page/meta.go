package page

import (
	"strings"

	"golang.org/x/net/html"
)

// metadata are the values of a page's meta elements by their names in lower case, with colons between their parts:
// "og:title", "dc:creator".
type metadata map[string][]string

// metadataOf reads the meta elements. A property may be several at once, apart by spaces.
func metadataOf(root *html.Node) metadata {
	m := metadata{}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "meta" {
			continue
		}
		value := plain(attribute(n, "content"))
		if value == "" {
			continue
		}
		names := append(words(n, "property"), words(n, "itemprop")...)
		if len(names) == 0 {
			names = []string{attribute(n, "name")}
		}
		if len(names) == 0 || names[0] == "" {
			names = []string{attribute(n, "http-equiv")}
		}
		for _, name := range names[:min(len(names), 8)] {
			m.add(name, value)
		}
	}
	return m
}

// maxNames bounds how many names a page's metadata may have.
const maxNames = 500

func (m metadata) add(name, value string) {
	name = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(name[:min(len(name), 64)]), ".", ":"))
	name = strings.Replace(strings.Replace(name, "dcterms:", "dc:", 1), "dcterm:", "dc:", 1)
	if len(m[name]) < maxValues && (m[name] != nil || len(m) < maxNames) {
		m[name] = append(m[name], value)
	}
}

// one is the first value of the first name that has any.
func (m metadata) one(names ...string) string {
	for _, name := range names {
		if values := m[name]; len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

// all are the values of the first name that has any.
func (m metadata) all(names ...string) []string {
	for _, name := range names {
		if values := m[name]; len(values) > 0 {
			return values
		}
	}
	return nil
}
