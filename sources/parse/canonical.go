package parse

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/newswire/newswire/sources/internal/xmlscan"
)

// dialect is what the root element tells of a document.
type dialect struct {
	root      string           // rss, rdf or feed
	item      string           // the element of one article
	elements  map[string]shape // of the format itself
	namespace string           // of the root, by namespaceKey
	version   string
}

// canonical rewrites a document: well-formed, in UTF-8, with canonical names, absolute addresses and no markup that
// is not text, so that gofeed reads what the publisher meant. Prefixes are not declared: gofeed takes one that is not for
// what it says, and would make a map of all that are for each element.
//
// It lets everything pass that it knows and leaves out the rest. Elements that were never closed are closed; an item
// that was cut off by the end of the document is left out.
type canonical struct {
	*documentReader
	dialect
	scan      *xmlscan.Scanner
	out       strings.Builder
	stack     []frame // the open containers, outermost first
	items     int
	itemStart int // where in out the open item begins
	omitted   int // items beyond MaxItems
}

// frame is an open container.
type frame struct {
	name, raw string      // canonical, and as written
	prefixes  []namespace // declared here
	base      *url.URL
	lang      string
	beside    beside
}

// namespace is one that a document declares.
type namespace struct {
	prefix string // as declared
	key    string // by namespaceKey
	known  string // its canonical prefix; empty: it is none that is read
}

func namespaceOf(prefix, uri string) namespace {
	key := namespaceKey(uri)
	return namespace{prefix, key, knownNamespace(prefix, key)}
}

// maxContainers bounds the nesting of containers. Real documents need six.
const maxContainers = 16

// checkEvery is after how many tokens it is looked whether the parsing is to end.
const checkEvery = 1024

// maxPrefixes bounds the namespaces that one element declares, which are looked through for each element inside of it.
const maxPrefixes = 256

// run rewrites the document behind its root element. The error is that of the context.
func (c *canonical) run(ctx context.Context, root xmlscan.Token) (string, error) {
	c.open(root, c.root)
	for tokens := 0; len(c.stack) > 0; tokens++ {
		if tokens%checkEvery == 0 && ctx.Err() != nil {
			return "", ctx.Err()
		}
		switch t := c.scan.Next(); t.Kind {
		case xmlscan.StartTag:
			c.start(t)
		case xmlscan.EndTag:
			c.end(t.Name)
		case xmlscan.EndOfDocument:
			c.cutOff()
		case xmlscan.Text: // between elements, where it means nothing
		}
	}
	if c.omitted > 0 {
		c.repaired("%d items beyond the first %d were left out", c.omitted, c.MaxItems)
	}
	return c.out.String(), nil
}

// start writes what becomes of a start tag.
func (c *canonical) start(t xmlscan.Token) {
	name := c.canonicalName(t)
	if name == c.item {
		c.closeItem()
		if c.items >= c.MaxItems {
			c.omitted++
			c.skip(t)
			return
		}
	}
	if name == "categories" {
		return // a wrapper that some publishers put around an item's categories: these are the item's own
	}
	if c.top().name == c.item {
		as := itemOwn[name]
		if c.root == "feed" {
			as = entryOwn[name]
		}
		if as != "" {
			c.leaf(t, as)
			return
		}
	}
	if name == "homepage" && c.root == "feed" {
		name = "url" // as Atom 0.3 has it
	}
	switch c.shapeOf(name) {
	case container:
		if len(c.stack) >= maxContainers {
			c.skip(t)
			return
		}
		c.open(t, name)
		if t.Closed {
			c.close()
		}
	case leaf:
		c.leaf(t, name)
	case skipped:
		c.skip(t)
	}
}

// shapeOf is what becomes of an element.
func (c *canonical) shapeOf(name string) shape {
	if name == c.root {
		return skipped
	}
	if s, ok := c.elements[name]; ok {
		return s
	}
	return extensions[name]
}

func (c *canonical) top() *frame { return &c.stack[len(c.stack)-1] }

// open writes a container's start tag, and what gofeed would lose of its attributes.
func (c *canonical) open(t xmlscan.Token, name string) {
	f := frame{name: name, raw: t.Name}
	if len(c.stack) > 0 {
		f.base, f.lang = c.top().base, c.top().lang
	} else {
		f.base = c.base
	}
	explicit := len(c.stack) > 0 && f.base != c.base
	about := ""
	for _, a := range t.Attrs {
		switch prefix, local, _ := xmlscan.CutName(a.Name); {
		case (prefix == "xmlns" || a.Name == "xmlns") && len(f.prefixes) == maxPrefixes:
		case a.Name == "xmlns":
			f.prefixes = append(f.prefixes, namespaceOf("", a.Value))
		case prefix == "xmlns":
			f.prefixes = append(f.prefixes, namespaceOf(local, a.Value))
		case a.Name == "xml:base":
			f.base, explicit = within(f.base, a.Value), true
		case a.Name == "xml:lang":
			f.lang = a.Value
		case local == "about":
			about = a.Value
		}
	}
	if name == c.item {
		c.items++
		c.itemStart = c.out.Len()
	}
	c.stack = append(c.stack, f)
	c.tag(name, t.Attrs)
	if name == c.item || name == c.root {
		b := &c.top().beside
		if explicit && f.base != nil {
			b.add("base", f.base.String())
		}
		b.add("lang", f.lang)
		b.add("about", about)
	}
}

// tag writes a start tag with the attributes that are read.
func (c *canonical) tag(name string, attrs []xmlscan.Attr) {
	c.out.WriteByte('<')
	c.out.WriteString(c.written(name))
	base := c.top().base
	for _, a := range attrs {
		name := readAs(a)
		if name == "" {
			continue
		}
		value := a.Value
		if namesAddress[name] {
			value = resolve(base, value)
		}
		c.out.WriteByte(' ')
		c.out.WriteString(name)
		c.out.WriteString(`="`)
		_, _ = attributeEscaper.WriteString(&c.out, value) // a strings.Builder does not fail
		c.out.WriteByte('"')
	}
	c.out.WriteByte('>')
}

// readAs is the name by which an attribute is read; empty for one that is not.
func readAs(a xmlscan.Attr) string {
	if strings.HasPrefix(a.Name, "xml") {
		return ""
	}
	_, local, _ := xmlscan.CutName(a.Name)
	return attributes[strings.ToLower(local)]
}

var attributeEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&#34;", "\n", "&#10;", "\t", "&#9;")

// written is the name of an element in the canonical document.
func (c *canonical) written(name string) string {
	if name == "rdf" {
		return "rdf:RDF"
	}
	return name
}

// element writes a whole leaf.
func (c *canonical) element(name string, attrs []xmlscan.Attr, value string) {
	c.tag(name, attrs)
	c.text(value)
	c.out.WriteString("</")
	c.out.WriteString(name)
	c.out.WriteByte('>')
}

// text writes characters, which gofeed takes verbatim from CDATA sections.
func (c *canonical) text(s string) {
	if !strings.ContainsAny(s, "<&>") {
		c.out.WriteString(s)
		return
	}
	c.out.WriteString("<![CDATA[")
	c.out.WriteString(strings.ReplaceAll(s, "]]>", "]]]]><![CDATA[>"))
	c.out.WriteString("]]>")
}

// end handles an end tag: it closes the innermost container of that name and what is open inside of it. One that
// closes nothing is passed over.
func (c *canonical) end(raw string) {
	for i := len(c.stack) - 1; i >= 0; i-- {
		if !strings.EqualFold(c.stack[i].raw, raw) {
			continue
		}
		for len(c.stack) > i {
			c.close()
		}
		return
	}
}

// close writes the end tag of the innermost container, and the number of what is beside it.
func (c *canonical) close() {
	if b := c.top().beside; len(b) > 0 {
		c.element(own+":"+numbered, nil, strconv.Itoa(len(c.besides)))
		c.besides = append(c.besides, b)
	}
	c.out.WriteString("</")
	c.out.WriteString(c.written(c.top().name))
	c.out.WriteByte('>')
	c.stack = c.stack[:len(c.stack)-1]
}

// closeItem closes an item, or a deletion, that is still open where an item begins.
func (c *canonical) closeItem() {
	i := slices.IndexFunc(c.stack, func(f frame) bool { return f.name == c.item || f.name == "at:deleted-entry" })
	if i < 0 {
		return
	}
	c.repaired("an %s was not closed", c.stack[i].name)
	for len(c.stack) > i {
		c.close()
	}
}

// cutOff ends a document that ended too early: the item it was in the middle of is dropped, since what is missing
// from it cannot be known.
func (c *canonical) cutOff() {
	i := slices.IndexFunc(c.stack, func(f frame) bool { return f.name == c.item })
	if i >= 0 {
		head := c.out.String()[:c.itemStart]
		c.out.Reset()
		c.out.WriteString(head)
		c.stack = c.stack[:i]
		c.items--
	}
	c.repaired("the document is cut off after %d complete items", c.items)
	for len(c.stack) > 0 {
		c.close()
	}
}

// skip passes over an element with all that is in it. The end of a container that it is in ends it too.
func (c *canonical) skip(t xmlscan.Token) {
	for open := 1; !t.Closed && open > 0; {
		at := c.scan.Offset()
		switch next := c.scan.Next(); {
		case next.Kind == xmlscan.EndOfDocument:
			return
		case next.Kind == xmlscan.StartTag && next.Name == t.Name && !next.Closed:
			open++
		case next.Kind == xmlscan.EndTag && next.Name == t.Name:
			open--
		case next.Kind == xmlscan.EndTag && c.isOpen(next.Name):
			c.scan.Seek(at)
			return
		}
	}
}

// isOpen says whether a container of that name, as written, is open.
func (c *canonical) isOpen(raw string) bool {
	return slices.ContainsFunc(c.stack, func(f frame) bool { return f.raw == raw })
}

// canonicalName is the name by which the tables know an element: in lower case, with the canonical prefix of its
// namespace, or none if it belongs to the format itself.
func (c *canonical) canonicalName(t xmlscan.Token) string {
	prefix, local, _ := xmlscan.CutName(t.Name)
	local = strings.ToLower(local)
	space, ok := c.lookup(prefix, t.Attrs)
	if !ok && prefix != "" {
		if known := conventional[strings.ToLower(prefix)]; known != "" {
			return c.prefixed(known, local)
		}
		return prefix + ":" + local
	}
	key, known := space.key, space.known
	switch {
	case key == "" && known == "" || key == c.namespace && (known == "" || prefix == "" || c.root == "feed"):
		return local
	case c.root != "feed" && rssNamespaces[key]:
		return local
	case known == "":
		return "?:" + local
	default:
		return c.prefixed(known, local)
	}
}

// prefixed is a name with a canonical prefix; in Atom documents Atom itself has none. What Dublin Core has in both of its
// namespaces means the same in both.
func (c *canonical) prefixed(prefix, local string) string {
	if prefix == "atom" && c.root == "feed" {
		return local
	}
	if prefix == "dcterms" && extensions["dc:"+local] != skipped && extensions["dcterms:"+local] == skipped {
		prefix = "dc"
	}
	return prefix + ":" + local
}

// lookup finds the namespace of a prefix for an element with those attributes. Where there is none, it is the empty one.
func (c *canonical) lookup(prefix string, attrs []xmlscan.Attr) (_ namespace, ok bool) {
	for _, a := range attrs {
		if p, local, _ := xmlscan.CutName(a.Name); a.Name == "xmlns" && prefix == "" || p == "xmlns" && local == prefix {
			return namespaceOf(prefix, a.Value), true
		}
	}
	for i := len(c.stack) - 1; i >= 0; i-- {
		for _, d := range c.stack[i].prefixes {
			if d.prefix == prefix {
				return d, true
			}
		}
	}
	return namespace{}, false
}
