package page

import (
	"cmp"
	"strings"

	"golang.org/x/net/html"
)

// metadata are the values of a page's meta elements by their names in lower case, with colons between their parts:
// "og:title", "dc:creator".
type metadata map[string][]string

// metadataOf reads the meta elements. A property may be several at once, apart by spaces; and where a name is also a
// property, the property counts, for it says by which vocabulary it is meant.
func metadataOf(root *html.Node) metadata {
	properties, names := metadata{}, metadata{}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "meta" {
			continue
		}
		value := plain(attribute(n, "content"))
		if value == "" {
			continue
		}
		declared := append(words(n, "property"), words(n, "itemprop")...)
		for _, name := range declared[:min(len(declared), 8)] {
			properties.add(name, value)
		}
		if name := cmp.Or(attribute(n, "name"), attribute(n, "http-equiv")); len(declared) == 0 && name != "" {
			names.add(name, value)
		}
	}
	for name, values := range names {
		if properties[name] == nil {
			properties[name] = values
		}
	}
	return properties
}

// maxNames bounds how many names a page's metadata may have.
const maxNames = 500

func (m metadata) add(name, value string) {
	name = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(name[:min(len(name), 64)]), ".", ":"))
	name = aliases.Replace(name)
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

// aliases bring together names that mean the same.
var aliases = strings.NewReplacer("dcterms:", "dc:", "dcterm:", "dc:", "og:article:", "article:")
