package page

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"github.com/newswire/newswire"
)

// linked is what a page says of its article in JSON-LD, by the vocabulary of schema.org.
type linked struct {
	names     []string // headline, name
	authors   []newswire.Person
	creators  []newswire.Person // often an account and not the author
	published string
	modified  string
	summary   string
	body      string // plain text
	language  string
	image     *newswire.Image
	url       string
	license   string
	rights    string
	siteName  string
	terms     []string
}

// object is a JSON object.
type object = map[string]any

// Bounds on JSON-LD: real pages have a handful of objects, a few levels deep.
const (
	maxScripts = 50
	maxScript  = 1 << 20 // bytes
	maxObjects = 2000
	maxLevels  = 12
)

// graph are the objects of all the page's JSON-LD, in its order.
type graph struct {
	objects []object
	byID    map[string]object
}

// graphOf reads the page's JSON-LD.
func graphOf(root *html.Node) *graph {
	g := &graph{byID: map[string]object{}}
	scripts := 0
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "script" || n.FirstChild == nil || !isLinkedData(n) || len(n.FirstChild.Data) > maxScript {
			continue
		}
		if scripts++; scripts > maxScripts {
			break
		}
		if value, ok := lenientJSON(n.FirstChild.Data); ok {
			g.collect(value, 0)
		}
	}
	return g
}

func isLinkedData(script *html.Node) bool {
	kind, _, _ := strings.Cut(strings.ToLower(attribute(script, "type")), ";")
	return strings.TrimSpace(kind) == "application/ld+json"
}

var (
	jsonWrapping   = regexp.MustCompile(`^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)+|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>|;)+\s*$`)
	trailingCommas = regexp.MustCompile(`,(\s*[}\]])`)
)

// lenientJSON reads JSON as templates write it: wrapped for browsers of the past, with line breaks in strings, commas
// at the end of lists, or escaped as HTML.
func lenientJSON(text string) (any, bool) {
	var value any
	if json.Unmarshal([]byte(text), &value) == nil {
		return value, true
	}
	text = jsonWrapping.ReplaceAllString(text, "")
	text = strings.Map(func(c rune) rune {
		if c < ' ' {
			return ' '
		}
		return c
	}, text)
	text = trailingCommas.ReplaceAllString(text, "$1")
	for _, s := range []string{text, html.UnescapeString(text)} {
		// What stands behind the first value, such as a second one, is left alone.
		if json.NewDecoder(strings.NewReader(s)).Decode(&value) == nil {
			return value, true
		}
	}
	return nil, false
}

// collect gathers the objects of a value and of what is inside of it.
func (g *graph) collect(value any, level int) {
	if level > maxLevels {
		return
	}
	switch v := value.(type) {
	case []any:
		for _, x := range v {
			g.collect(x, level+1)
		}
	case object:
		if len(g.objects) >= maxObjects {
			return
		}
		g.objects = append(g.objects, v)
		if id := str(v["@id"]); id != "" && len(v) > 1 && g.byID[id] == nil {
			g.byID[id] = v
		}
		for _, key := range []string{"@graph", "mainEntity", "mainEntityOfPage", "hasPart", "itemListElement", "item", "author", "publisher", "isPartOf", "image"} {
			g.collect(v[key], level+1)
		}
	}
}

var articleType = regexp.MustCompile(`^(?:\w*Article|\w*BlogPosting|Report|SocialMediaPosting|DiscussionForumPosting|APIReference)$`)

// isType says whether an object is of a type that fits.
func isType(o object, fits func(string) bool) bool {
	return slices.ContainsFunc(strs(o["@type"]), func(t string) bool {
		return fits(t[strings.LastIndexAny(t, "/:")+1:])
	})
}

// article is the object of the article at that address, else the first of an article; nil when there is none.
func (g *graph) article(isHere func(address string) bool) object {
	var found object
	for _, o := range g.objects {
		if !isType(o, articleType.MatchString) {
			continue
		}
		if isHere(str(o["url"])) || isHere(str(o["@id"])) || isHere(g.address(o["mainEntityOfPage"])) {
			return o
		}
		if found == nil {
			found = o
		}
	}
	return found
}

// read translates an article's object.
func (g *graph) read(o object) linked {
	l := linked{
		names:     strs(o["headline"]),
		published: cmp.Or(str(o["datePublished"]), str(o["dateCreated"])),
		modified:  str(o["dateModified"]),
		summary:   cmp.Or(str(o["description"]), str(o["abstract"])),
		body:      long(o["articleBody"]),
		language:  cmp.Or(str(o["inLanguage"]), str(g.object(o["inLanguage"])["alternateName"])),
		image:     g.image(o),
		url:       cmp.Or(str(o["url"]), g.address(o["mainEntityOfPage"])),
		license:   g.address(o["license"]),
		rights:    str(o["copyrightNotice"]),
		siteName:  g.name(o["publisher"]),
		terms:     append(strs(o["articleSection"]), strs(o["keywords"])...),
	}
	l.names = append(l.names, strs(o["name"])...)
	l.authors, l.creators = g.people(o["author"]), g.people(o["creator"])
	return l
}

// people reads persons and organisations: names, objects, references to objects, or a list of these.
func (g *graph) people(value any) []newswire.Person {
	var people []newswire.Person
	for _, x := range list(value) {
		if text, ok := x.(string); ok {
			people = append(people, byline(text)...)
			continue
		}
		o := g.object(x)
		names := byline(g.name(o))
		if len(names) == 1 { // an address given for several belongs to none of them
			names[0].URL = cmp.Or(str(o["url"]), str(o["sameAs"]))
		}
		people = append(people, names...)
	}
	return people
}

// object is an object, or the one that it refers to; nil when there is none.
func (g *graph) object(value any) object {
	for _, x := range list(value) {
		o, ok := x.(object)
		if !ok {
			continue
		}
		if full := g.byID[str(o["@id"])]; full != nil && len(full) > len(o) {
			return full
		}
		return o
	}
	return nil
}

// name is the name of an object, or a text by itself.
func (g *graph) name(value any) string {
	if s := str(value); s != "" {
		return s
	}
	o := g.object(value)
	return cmp.Or(str(o["name"]), strings.TrimSpace(str(o["givenName"])+" "+str(o["familyName"])))
}

// address is the address of an object, or an address by itself.
func (g *graph) address(value any) string {
	if s := str(value); s != "" {
		return s
	}
	o := g.object(value)
	return cmp.Or(str(o["url"]), str(o["contentUrl"]), str(o["@id"]))
}

// image is an article's first picture.
func (g *graph) image(o object) *newswire.Image {
	for _, x := range append(list(o["image"]), list(o["thumbnailUrl"])...) {
		if s := str(x); s != "" {
			return &newswire.Image{URL: s}
		}
		picture := g.object(x)
		address := cmp.Or(str(picture["url"]), str(picture["contentUrl"]))
		if address == "" {
			continue
		}
		return &newswire.Image{
			URL: address, Width: pixels(str(picture["width"])), Height: pixels(str(picture["height"])),
			Title: str(picture["caption"]), Credit: cmp.Or(str(picture["creditText"]), g.name(picture["creator"])),
		}
	}
	return nil
}

// siteName is the name of the site that the page is part of, by itself.
func (g *graph) siteName() string {
	for _, o := range g.objects {
		if isType(o, func(t string) bool { return t == "WebSite" }) {
			return str(o["name"])
		}
	}
	return ""
}

// list is a list, or a value alone as a list.
func list(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return v[:min(len(v), maxValues)]
	default:
		return []any{v}
	}
}

// str is a text or a number, the first of a list, or what JSON-LD wraps as a value with its language.
func str(value any) string {
	if all := strs(value); len(all) > 0 {
		return all[0]
	}
	return ""
}

func strs(value any) []string {
	var texts []string
	for _, x := range list(value) {
		s := ""
		switch v := x.(type) {
		case string:
			s = plain(v)
		case float64:
			b, err := json.Marshal(v)
			if err == nil {
				s = string(b)
			}
		case object:
			if wrapped, ok := v["@value"].(string); ok {
				s = plain(wrapped)
			}
		}
		if s != "" {
			texts = append(texts, s)
		}
	}
	return texts
}

// long is a text that may be of any length.
func long(value any) string {
	s, ok := value.(string)
	if !ok {
		return ""
	}
	return s
}
