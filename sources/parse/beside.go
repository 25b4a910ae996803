package parse

import (
	"strconv"
	"strings"

	ext "github.com/mmcdole/gofeed/extensions"

	"github.com/newswire/newswire/sources/internal/xmlscan"
)

// beside is what a container (the feed, an item, an atom:source) says that does not go through gofeed: what gofeed would lose
// or change, and the texts of items. It would return those as they are, but encoding/xml reads a byte at a time, and nine
// bytes of ten in a feed are such texts.
type beside []property

type property struct{ name, value string }

// own is a prefix that no publisher's element gets. With it begin the names below, and that of the element by which a
// container of the canonical document has the number of what is beside it.
const (
	own      = "n"
	numbered = "beside"
)

// What becomes of elements of an RSS item that no version of RSS has, and that publishers write all the same: a picture, and
// the whole text.
const (
	itemImage = own + ":image"
	itemText  = own + ":text"
	itemTags  = own + ":tags"
)

var itemOwn = map[string]string{
	"image": itemImage, "content": itemText, "body": itemText, "yandex:full-text": itemText, "turbo:content": itemText,
	"fullitem": itemText, "pubdate": itemPublished, "tags": itemTags,
}

// What becomes of the dates of items and entries: gofeed would try to read each in its own way, which takes longer than all
// else that it does.
const (
	itemPublished = own + ":published"
	itemUpdated   = own + ":updated"
)

var entryOwn = map[string]string{
	"published": itemPublished, "issued": itemPublished, "updated": itemUpdated, "modified": itemUpdated,
}

// isLong says whether an element of an item holds one of the texts that may be long.
func isLong(name string) bool {
	switch name {
	case "description", "content:encoded", "summary", "content", itemText:
		return true
	}
	return false
}

// brief is the length of a whole text that has the line ends of XML. Longer ones keep theirs: it has been so, and of the text
// are made the ids of items that have no others.
const brief = 200

// putBeside puts a leaf beside its container, if it does not go through gofeed.
func (c *canonical) putBeside(name, value string, attrs []xmlscan.Attr) bool {
	f := c.top()
	switch {
	case name == itemText && f.beside.first(name) != "": // of these the first counts
	case strings.HasPrefix(name, own+":") && (name != itemText || len(value) <= brief), name == "id", name == "created", name == "author":
		f.beside.add(name, value)
	case f.name == c.item && isLong(name):
		f.beside.set(name, value)
	default:
		return false
	}
	switch name {
	case itemImage:
		f.beside.add(itemImage+" url", resolve(f.base, said(attrs, "url")))
		f.beside.add(itemImage+" href", resolve(f.base, said(attrs, "href")))
	case "content":
		f.beside.set("content src", resolve(f.base, said(attrs, "src")))
		f.beside.set("content type", said(attrs, "type"))
	}
	return true
}

// said is the value of an attribute by the name by which it is read.
func said(attrs []xmlscan.Attr, name string) string {
	for _, a := range attrs {
		if readAs(a) == name {
			return a.Value
		}
	}
	return ""
}

// scope notes the base and the language of a text where it has its own.
func (b *beside) scope(name string, l *leafReader) {
	base := ""
	if l.based && l.base != nil {
		base = l.base.String()
	}
	switch name {
	case "content", "content:encoded", "xhtml:body", "xhtml:div", itemText:
		b.add("contentbase", base)
		b.add("contentlang", l.lang)
	case "summary", "description":
		b.add("summarybase", base)
	}
}

// add adds a value with the line ends of XML (XML 1.0 §2.11), if it is not empty.
func (b *beside) add(name, value string) {
	if value == "" {
		return
	}
	if strings.IndexByte(value, '\r') >= 0 {
		value = unixLines.Replace(value)
	}
	b.grow()
	*b = append(*b, property{name, value})
}

// set replaces a text, by an empty one too: of several the last counts. Its line ends are its own.
func (b *beside) set(name, text string) {
	for i := range *b {
		if (*b)[i].name == name {
			(*b)[i].value = text
			return
		}
	}
	b.grow()
	*b = append(*b, property{name, text})
}

// grow makes room for as many as most items have.
func (b *beside) grow() {
	if *b == nil {
		*b = make(beside, 0, 8)
	}
}

// first is the first value of a name; empty for none.
func (b beside) first(name string) string {
	for i := range b {
		if b[i].name == name {
			return b[i].value
		}
	}
	return ""
}

// last is the last value of a name; empty for none.
func (b beside) last(name string) string {
	for i := len(b) - 1; i >= 0; i-- {
		if b[i].name == name {
			return b[i].value
		}
	}
	return ""
}

// all are the values of a name, in order.
func (b beside) all(name string) []string {
	var values []string
	for i := range b {
		if b[i].name == name {
			values = append(values, b[i].value)
		}
	}
	return values
}

// beside is what stands beside the container with those extensions.
func (r *documentReader) beside(e ext.Extensions) beside {
	n, err := strconv.Atoi(value(e, own, numbered))
	if err != nil || n < 0 || n >= len(r.besides) {
		return nil
	}
	return r.besides[n]
}
