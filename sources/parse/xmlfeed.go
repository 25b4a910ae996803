package parse

import (
	"fmt"
	"strings"

	"github.com/mmcdole/gofeed/atom"
	"github.com/mmcdole/gofeed/rss"
)

// xmlFeed reads RSS and Atom.
func (r *reading) xmlFeed(document string) (*Document, error) {
	sc, root, err := r.findRoot(document)
	if err != nil {
		return nil, err
	}
	d, ok := dialectOf(root)
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrNotFeed, describe(document, root))
	}
	c := &canonical{reading: r, dialect: d, scan: sc}
	plain := c.run(root)
	if d.root == "feed" {
		feed, err := new(atom.Parser).Parse(strings.NewReader(plain))
		if err != nil {
			return nil, fmt.Errorf("atom: %w", err)
		}
		return r.fromAtom(feed, d.version), nil
	}
	feed, err := new(rss.Parser).Parse(strings.NewReader(plain))
	if err != nil {
		return nil, fmt.Errorf("rss: %w", err)
	}
	return r.fromRSS(feed, d.version), nil
}

// findRoot returns the root element and a scanner that stands behind it. Publishers' servers have been seen to put
// warnings, as text and as HTML, before the document proper.
func (r *reading) findRoot(document string) (scanner, token, error) {
	sc := scanner{s: document}
	t, before := firstTag(&sc)
	if _, ok := dialectOf(t); !ok && !strings.EqualFold(t.name, "html") {
		if i := strings.Index(document, "<?xml"); i > 0 {
			later := scanner{s: document[i:]}
			if lt, _ := firstTag(&later); lt.kind == startTag {
				r.repaired("%d bytes before the document were left out", i)
				return later, lt, nil
			}
		}
	}
	if t.kind != startTag {
		return sc, t, fmt.Errorf("%w: text that begins %q", ErrNotFeed, excerpt(document))
	}
	if before {
		r.repaired("text before the document was left out")
	}
	return sc, t, nil
}

// firstTag returns the first start tag, and whether there was text before it.
func firstTag(sc *scanner) (_ token, before bool) {
	for {
		t := sc.next()
		switch t.kind {
		case startTag, endOfDocument:
			return t, before
		case text:
			before = before || strings.TrimSpace(t.text) != ""
		case endTag:
		}
	}
}

// dialectOf recognises a feed by its root element.
func dialectOf(root token) (dialect, bool) {
	prefix, local, _ := cutName(root.name)
	d := dialect{elements: rssElements, item: "item"}
	for _, a := range root.attrs {
		switch {
		case a.name == "xmlns" && prefix == "", a.name == "xmlns:"+prefix:
			d.namespace = namespaceKey(a.value)
		case strings.EqualFold(a.name, "version"):
			d.version = strings.TrimSpace(a.value)
		}
	}
	switch strings.ToLower(local) {
	case "rss":
		d.root = "rss"
	case "rdf":
		d.root, d.version = "rdf", "1.0"
		for _, a := range root.attrs {
			if strings.Contains(namespaceKey(a.value), "netscape.com/rdf/simple/0.9") {
				d.version = "0.90"
			}
		}
	case "feed":
		d.root, d.item, d.elements = "feed", "entry", atomElements
		if d.version == "" {
			d.version = "1.0"
			if d.namespace == "http://purl.org/atom/ns" {
				d.version = "0.3"
			}
		}
	default:
		return d, false
	}
	return d, true
}

// describe says what a document is that is not a feed.
func describe(document string, root token) string {
	_, local, _ := cutName(root.name)
	if !strings.EqualFold(local, "html") && !looksLikeHTML(document) {
		return fmt.Sprintf("an XML document <%s>", excerpt(root.name))
	}
	sc := scanner{s: document}
	for t := sc.next(); t.kind != endOfDocument; t = sc.next() {
		if t.kind == startTag && strings.EqualFold(t.name, "title") {
			return fmt.Sprintf("an HTML page titled %q", excerpt(sc.next().text))
		}
	}
	return "an HTML page"
}

func looksLikeHTML(document string) bool {
	start := strings.ToLower(document[:min(len(document), 1024)])
	for _, sign := range []string{"<!doctype html", "<html", "<head", "<body", "<title", "<script", "<div", "<p>"} {
		if strings.Contains(start, sign) {
			return true
		}
	}
	return false
}

// excerpt is a short piece of a text, for an error message.
func excerpt(s string) string {
	const length = 60
	s = oneLine(s[:min(len(s), 4*length)])
	if runes := []rune(s); len(runes) > length {
		return string(runes[:length]) + "…"
	}
	return s
}
