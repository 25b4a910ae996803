package parse

import (
	"encoding/base64"
	"html"
	"net/url"
	"slices"
	"strings"

	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/internal/charset"
	"github.com/newswire/newswire/sources/internal/xmlscan"
)

// construct is how the text of an element is to be read. What is written is HTML, or plain in elements that hold no
// text for people.
type construct int

const (
	asWritten construct = iota // RSS, where text is HTML by custom; and what is not text for people
	asText                     // Atom text: an escaped tag is meant to be seen
	asHTML                     // Atom html: escaped markup
	asXHTML                    // Atom xhtml: markup inside of a div
	asBase64                   // Atom 0.3
	asNothing                  // Atom content in a format that is no text
)

// maxInline bounds the nesting of markup inside of a text.
const maxInline = 200

// voidElements of HTML have no end tag.
var voidElements = map[string]bool{
	"area": true, "br": true, "col": true, "embed": true, "hr": true, "img": true, "input": true, "link": true,
	"meta": true, "source": true, "track": true, "wbr": true,
}

// leaf reads an element of text and writes it. Markup inside of it is written as text, the way most publishers write
// it themselves.
func (c *canonical) leaf(t xmlscan.Token, name string) {
	l := leafReader{canonical: c, as: c.construct(t, name), base: c.top().base, long: isLong(name)}
	l.inherit(t.Attrs)
	if !t.Closed && !l.collect(t) {
		return // the document ended inside of it
	}
	value := strings.TrimSpace(l.value())
	if l.as == asText && isLong(name) {
		value = atLineBreaks(value)
	}
	if name == "link" {
		t, value = c.linked(t, value)
	}
	if l.markup && name == "author" {
		value = inside(value, "name")
	}
	if l.markup && name == itemImage {
		value = inside(value, "url")
	}
	if holdsAddress[name] && value != "" {
		value = resolve(l.base, value)
	}
	switch {
	case c.putBeside(name, value, t.Attrs):
	case l.as != asWritten:
		c.element(name, nil, value) // without its type, by which gofeed would read it once more
	default:
		c.element(name, t.Attrs, value)
	}
	b := &c.top().beside
	if name == "guid" && !strings.Contains(value, ":") && strings.EqualFold(attributeOf(t, "ispermalink"), "true") {
		b.add("permalink", "true") // gofeed says so of every guid that does not say otherwise
	}
	if c.top().name == c.item {
		b.scope(name, &l)
	}
}

// linked is a link as its format has it: in Atom the address is an attribute, in RSS a text. Each is written as the other too.
func (c *canonical) linked(t xmlscan.Token, value string) (_ xmlscan.Token, _ string) {
	href, rel := attributeOf(t, "href"), attributeOf(t, "rel")
	switch {
	case c.root == "feed" && href == "" && value != "":
		t.Attrs = append(t.Attrs, xmlscan.Attr{Name: "href", Value: value})
	case c.root != "feed" && value == "" && (rel == "" || strings.EqualFold(rel, "alternate")):
		value = href
	}
	return t, value
}

// attributeOf is the value of an attribute by its name in lower case.
func attributeOf(t xmlscan.Token, name string) string {
	for _, a := range t.Attrs {
		if strings.EqualFold(a.Name, name) {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// unwrapped takes off a CDATA section that was escaped, or put into another: in HTML it would be a comment.
func (l *leafReader) unwrapped(s string) string {
	for {
		inside, wrapped := strings.CutPrefix(strings.TrimSpace(s), "<![CDATA[")
		if !wrapped {
			return s
		}
		l.repaired("a text is in a CDATA section inside of another, or in one that was escaped")
		s = strings.TrimSuffix(inside, "]]>")
	}
}

// inside is what an element holds of that name in a text that was to have none: an RSS author that is written as Atom's are.
func inside(markup, name string) string {
	_, text, found := strings.Cut(markup, "<"+name+">")
	if !found {
		return markup
	}
	text, _, _ = strings.Cut(text, "</"+name+">")
	return strings.TrimSpace(text)
}

// construct tells from an element's name and attributes how to read it (RFC 4287 §3.1 and §4.1.3.1, Atom 0.3 §3.1).
func (c *canonical) construct(t xmlscan.Token, name string) construct {
	switch name {
	case "title", "subtitle", "tagline", "summary", "rights", "copyright", "content":
	case "atom:rights", "atom:summary", "at:comment":
	default:
		return asWritten
	}
	if c.root != "feed" && !strings.Contains(name, ":") {
		return asWritten
	}
	kind, mode := "", ""
	for _, a := range t.Attrs {
		prefix, local, prefixed := xmlscan.CutName(strings.ToLower(a.Name))
		switch local {
		case "type":
			if prefixed && (kind != "" || prefix == "xsi") { // XML Schema has a type of its own
				continue
			}
			kind, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(a.Value)), ";")
		case "mode":
			mode = strings.ToLower(strings.TrimSpace(a.Value))
		case "src":
			return asNothing
		}
	}
	switch {
	case mode == "base64":
		return asBase64
	case kind == "xhtml", kind == "application/xhtml+xml", kind == "text/html" && mode == "xml":
		return asXHTML
	case kind == "html", kind == "text/html", kind == "" && mode == "escaped":
		return asHTML
	case kind == "application/octet-stream" && mode == "":
		return asBase64
	case kind == "", kind == "text", strings.HasPrefix(kind, "text/"), !strings.Contains(kind, "/"):
		return asText
	default:
		return asNothing
	}
}

// leafReader collects the text of one leaf.
type leafReader struct {
	*canonical
	as     construct
	base   *url.URL
	long   bool   // it may be a long text, and is no title
	based  bool   // the leaf declares a base of its own
	lang   string // that the leaf declares
	text   leafText
	inside []string // the open elements inside of it, as written
	markup bool     // there was one
	beyond bool     // there was one beside the wrapping div
	nested int      // of inside, how many are a wrapping div
}

// leafText is the text of a leaf. Most have one piece, which is not copied.
type leafText struct {
	only string // all of it, while there is one piece
	all  strings.Builder
}

func (t *leafText) add(piece string) {
	if t.String() == "" {
		t.only = piece
		return
	}
	t.all.WriteString(t.only)
	t.only = ""
	t.all.WriteString(piece)
}

func (t *leafText) String() string {
	if t.only != "" {
		return t.only
	}
	return t.all.String()
}

// inherit reads base and language from the attributes of the leaf, or of the div that wraps its XHTML.
func (l *leafReader) inherit(attrs []xmlscan.Attr) {
	for _, a := range attrs {
		switch a.Name {
		case "xml:base":
			l.base, l.based = within(l.base, a.Value), true
		case "xml:lang":
			l.lang = a.Value
		}
	}
}

// collect reads up to the end of the leaf. It returns false if the document ended before that.
func (l *leafReader) collect(t xmlscan.Token) bool {
	for {
		at := l.scan.Offset()
		switch next := l.scan.Next(); next.Kind {
		case xmlscan.EndOfDocument:
			return false
		case xmlscan.Text:
			l.characters(next.Text)
		case xmlscan.StartTag:
			l.openInside(next)
		case xmlscan.EndTag:
			switch {
			case l.closeInside(next.Name):
			case strings.EqualFold(next.Name, t.Name):
				return true
			case l.isOpen(next.Name): // the leaf was not closed
				l.scan.Seek(at)
				return true
			}
		}
	}
}

func (l *leafReader) characters(s string) {
	if l.as == asXHTML {
		s = html.EscapeString(s)
	}
	l.text.add(s)
}

// openInside writes the start tag of an element inside of the leaf.
func (l *leafReader) openInside(t xmlscan.Token) {
	_, local, _ := xmlscan.CutName(t.Name)
	local = strings.ToLower(local)
	if l.as == asXHTML && !l.markup && local == "div" && strings.TrimSpace(l.text.String()) == "" {
		l.nested = 1
		l.inherit(t.Attrs)
	}
	wrapper := l.nested == 1 && !l.markup
	l.markup, l.beyond = true, l.beyond || !wrapper
	if len(l.inside) >= maxInline {
		return
	}
	if !wrapper {
		l.text.add("<")
		l.text.add(local)
		for _, a := range t.Attrs {
			_, name, prefixed := xmlscan.CutName(a.Name)
			if !prefixed && name != "xmlns" {
				l.text.add(" " + strings.ToLower(name) + `="` + html.EscapeString(a.Value) + `"`)
			}
		}
		l.text.add(">")
	}
	switch {
	case voidElements[local]:
	case t.Closed && !wrapper:
		l.text.add("</" + local + ">")
	case !t.Closed:
		l.inside = append(l.inside, t.Name)
	}
}

// closeInside writes the end tag of an element inside of the leaf, if one of that name is open.
func (l *leafReader) closeInside(raw string) bool {
	i := len(l.inside) - 1
	for i >= 0 && l.inside[i] != raw {
		i--
	}
	if i < 0 {
		return false
	}
	for _, open := range slices.Backward(l.inside[i:]) {
		l.inside = l.inside[:len(l.inside)-1]
		if l.nested == 1 && len(l.inside) == 0 {
			l.nested = 2 // the wrapping div is closed; what follows it is kept all the same
			continue
		}
		_, local, _ := xmlscan.CutName(open)
		l.text.add("</" + strings.ToLower(local) + ">")
	}
	return true
}

// value is the text as HTML.
func (l *leafReader) value() string {
	s := l.unwrapped(l.text.String())
	if once := charset.Unmojibake(s); once != s {
		l.repaired("a text in utf-8 was taken for windows-1252 and encoded again")
		s = once
	}
	switch l.as {
	case asText:
		return html.EscapeString(s)
	case asBase64:
		decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
		if text := clean.Legal(charset.Mixed(decoded)); err == nil && len(text) >= len(decoded) { // else it is no text
			return text
		}
		return ""
	case asNothing:
		return ""
	case asXHTML:
		if html := html.UnescapeString(s); !l.beyond && isMarkup(html) && (l.long || strings.HasPrefix(strings.TrimSpace(html), "<")) {
			l.repaired("a text of type xhtml is HTML that was escaped")
			s = html
		}
	case asWritten, asHTML:
	}
	return closedAsHTML(s)
}
