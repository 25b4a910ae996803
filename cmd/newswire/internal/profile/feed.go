package profile

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/html/charset"
)

// feed is a document as a partner's parser reads it.
type feed struct {
	address  string // where it was fetched; empty for a file
	size     int    // bytes
	encoding string // as its XML declaration says, in lower case; empty for UTF-8
	root     *element
	format   string // "rss", "atom", "sitemap", or empty
	head     *element
	items    []*item
	ids      map[string]int // the first item with an id
}

// item is an article in it.
type item struct {
	*element
	id, title, link, summary, body, published, updated string
	authors                                            []string
	pictures                                           []picture
}

// picture is one that an item names outside of its text.
type picture struct {
	url, kind     string
	width, height int // pixels; 0 where the feed does not say
}

// element is an XML element.
type element struct {
	name     xml.Name
	attrs    []xml.Attr
	text     []byte
	children []*element
}

// The namespaces that partners name, and the prefixes by which rules do.
var prefixes = map[string]string{
	"http://purl.org/rss/1.0/modules/content/":         "content",
	"http://purl.org/dc/elements/1.1/":                 "dc",
	"http://purl.org/dc/terms/":                        "dcterms",
	"http://search.yahoo.com/mrss/":                    "media",
	"http://www.w3.org/2005/Atom":                      "atom",
	"http://schemas.ingestion.microsoft.com/common/":   "mi",
	"http://www.smartnews.be/snf":                      "snf",
	"http://www.google.com/schemas/sitemap-news/0.9":   "news",
	"http://www.sitemaps.org/schemas/sitemap/0.9":      "",
	"https://www.sitemaps.org/schemas/sitemap/0.9":     "",
	"http://www.google.com/schemas/sitemap/0.9":        "",
	"https://www.google.com/schemas/sitemap-news/0.9":  "news",
	"http://schemas.ingestion.microsoft.com/common/v3": "mi",
}

// The bounds of a document.
const (
	maxDepth    = 200
	maxElements = 500_000
)

var (
	errTooDeep = errors.New("its elements are nested too deep")
	errTooMany = errors.New("it has too many elements")
)

// parse reads a document. The error says why no partner can.
func parse(document []byte, address string) (*feed, error) {
	f := &feed{address: address, size: len(document)}
	if err := f.read(document); err != nil {
		return nil, err
	}
	switch f.root.key() {
	case "rss":
		f.format, f.head = "rss", f.root.child("channel")
	case "atom:feed":
		f.format, f.head = "atom", f.root
	case "urlset":
		f.format, f.head = "sitemap", f.root
	}
	if f.head == nil {
		f.format, f.head = "", f.root
	}
	for _, e := range f.head.children {
		switch e.key() {
		case "item":
			f.items = append(f.items, rssItem(e))
		case "atom:entry":
			f.items = append(f.items, atomItem(e))
		case "url":
			f.items = append(f.items, &item{element: e, link: e.textOf("loc"), id: e.textOf("loc"), title: e.at("news:news").textOf("news:title"), published: e.at("news:news").textOf("news:publication_date")})
		}
	}
	f.ids = make(map[string]int, len(f.items))
	for n, it := range f.items {
		if _, ok := f.ids[it.id]; !ok && it.id != "" {
			f.ids[it.id] = n
		}
	}
	return f, nil
}

// read reads the elements.
func (f *feed) read(document []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(document))
	decoder.CharsetReader = func(label string, input io.Reader) (io.Reader, error) {
		f.encoding = strings.ToLower(label)
		return charset.NewReaderLabel(label, input)
	}
	var open []*element
	for count := 0; ; count++ {
		token, err := decoder.Token()
		switch {
		case errors.Is(err, io.EOF):
			if f.root == nil {
				return errors.New("it is empty")
			}
			return nil
		case err != nil:
			return fmt.Errorf("it is not well-formed XML: %w", err)
		case count > maxElements:
			return errTooMany
		}
		switch t := token.(type) {
		case xml.StartElement:
			e := &element{name: t.Name, attrs: t.Copy().Attr}
			if len(open) > 0 {
				parent := open[len(open)-1]
				parent.children = append(parent.children, e)
			} else if f.root == nil {
				f.root = e
			}
			if open = append(open, e); len(open) > maxDepth {
				return errTooDeep
			}
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				e := open[len(open)-1]
				e.text = append(e.text, t...)
			}
		}
	}
}

func rssItem(e *element) *item {
	it := &item{
		element: e, id: e.textOf("guid"), title: e.textOf("title"), link: e.textOf("link"), summary: e.textOf("description"),
		body: e.textOf("content:encoded"), published: e.textOf("pubDate"), updated: first(e.textOf("dcterms:modified"), e.textOf("atom:updated")),
	}
	for _, c := range e.children {
		switch c.key() {
		case "dc:creator", "author":
			it.authors = append(it.authors, strings.TrimSpace(string(c.text)))
		case "enclosure":
			it.picture(c)
		}
	}
	it.media(e)
	return it
}

func atomItem(e *element) *item {
	it := &item{
		element: e, id: e.textOf("atom:id"), title: e.textOf("atom:title"), summary: e.textOf("atom:summary"), body: e.textOf("atom:content"),
		published: e.textOf("atom:published"), updated: e.textOf("atom:updated"),
	}
	for _, c := range e.children {
		switch c.key() {
		case "atom:link":
			if rel := c.attr("rel"); (rel == "" || rel == "alternate") && it.link == "" {
				it.link = c.attr("href")
			} else if rel == "enclosure" {
				it.picture(&element{attrs: append(c.attrs, xml.Attr{Name: xml.Name{Local: "url"}, Value: c.attr("href")})})
			}
		case "atom:author":
			it.authors = append(it.authors, c.textOf("atom:name"))
		}
	}
	it.media(e)
	return it
}

// media adds the pictures of Media RSS.
func (it *item) media(e *element) {
	for _, c := range e.children {
		switch c.key() {
		case "media:content", "media:thumbnail":
			it.picture(c)
		case "media:group":
			it.media(c)
		}
	}
}

// picture adds what an element names, if it is a picture.
func (it *item) picture(e *element) {
	p := picture{url: e.attr("url"), kind: e.attr("type")}
	p.width, _ = strconv.Atoi(e.attr("width"))
	p.height, _ = strconv.Atoi(e.attr("height"))
	if strings.HasPrefix(p.kind, "image/") || e.attr("medium") == "image" || e.name.Local == "thumbnail" || p.kind == "" && e.name.Local == "content" {
		it.pictures = append(it.pictures, p)
	}
}

// key is the name by which rules know an element.
func (e *element) key() string {
	if prefix := prefixes[e.name.Space]; prefix != "" {
		return prefix + ":" + e.name.Local
	}
	return e.name.Local
}

// child is the first child of that name; nil where there is none.
func (e *element) child(key string) *element {
	if e == nil {
		return nil
	}
	for _, c := range e.children {
		if c.key() == key {
			return c
		}
	}
	return nil
}

// at is child, or an empty element.
func (e *element) at(key string) *element {
	if c := e.child(key); c != nil {
		return c
	}
	return &element{}
}

func (e *element) textOf(key string) string { return strings.TrimSpace(string(e.at(key).text)) }

func (e *element) attr(name string) string {
	for _, a := range e.attrs {
		if a.Name.Local == name {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

func first(candidates ...string) string {
	for _, s := range candidates {
		if s != "" {
			return s
		}
	}
	return ""
}

// webAddress is an address over HTTP; nil for anything else.
func webAddress(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil
	}
	return u
}
