package parse

import (
	"context"
	"fmt"
	"strings"

	"github.com/mmcdole/gofeed/atom"
	"github.com/mmcdole/gofeed/rss"

	"github.com/newswire/newswire/sources/internal/xmlscan"
)

// xmlFeed reads RSS and Atom.
func (r *documentReader) xmlFeed(ctx context.Context, document string) (*Document, error) {
	sc, root, err := r.findRoot(document)
	if err != nil {
		return nil, err
	}
	d, ok := dialectOf(root)
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrNotFeed, describe(document, root))
	}
	c := &canonical{documentReader: r, dialect: d, scan: sc}
	plain, err := c.run(ctx, root)
	if err != nil {
		return nil, err
	}
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
func (r *documentReader) findRoot(document string) (*xmlscan.Scanner, xmlscan.Token, error) {
	sc := xmlscan.New(document)
	t, before := firstTag(sc)
	if _, ok := dialectOf(t); !ok && !strings.EqualFold(t.Name, "html") {
		if i := strings.Index(document, "<?xml"); i > 0 {
			later := xmlscan.New(document[i:])
			if lt, _ := firstTag(later); lt.Kind == xmlscan.StartTag {
				r.repaired("%d bytes before the document were left out", i)
				return later, lt, nil
			}
		}
	}
	if t.Kind != xmlscan.StartTag {
		return sc, t, fmt.Errorf("%w: text that begins %q", ErrNotFeed, excerpt(document))
	}
	if before {
		r.repaired("text before the document was left out")
	}
	return sc, t, nil
}

// firstTag returns the first start tag, and whether there was text before it.
func firstTag(sc *xmlscan.Scanner) (_ xmlscan.Token, before bool) {
	for {
		t := sc.Next()
		switch t.Kind {
		case xmlscan.StartTag, xmlscan.EndOfDocument:
			return t, before
		case xmlscan.Text:
			before = before || strings.TrimSpace(t.Text) != ""
		case xmlscan.EndTag:
		}
	}
}

// dialectOf recognises a feed by its root element.
func dialectOf(root xmlscan.Token) (dialect, bool) {
	prefix, local, _ := xmlscan.CutName(root.Name)
	d := dialect{elements: rssElements, item: "item"}
	for _, a := range root.Attrs {
		switch {
		case a.Name == "xmlns" && prefix == "", a.Name == "xmlns:"+prefix:
			d.namespace = namespaceKey(a.Value)
		case strings.EqualFold(a.Name, "version"):
			d.version = strings.TrimSpace(a.Value)
		}
	}
	switch strings.ToLower(local) {
	case "rss":
		d.root = "rss"
	case "rdf":
		d.root, d.version = "rdf", "1.0"
		for _, a := range root.Attrs {
			if strings.Contains(namespaceKey(a.Value), "netscape.com/rdf/simple/0.9") {
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
func describe(document string, root xmlscan.Token) string {
	_, local, _ := xmlscan.CutName(root.Name)
	if !strings.EqualFold(local, "html") && !looksLikeHTML(document) {
		return fmt.Sprintf("an XML document <%s>", excerpt(root.Name))
	}
	sc := xmlscan.New(document)
	for t := sc.Next(); t.Kind != xmlscan.EndOfDocument; t = sc.Next() {
		if t.Kind == xmlscan.StartTag && strings.EqualFold(t.Name, "title") {
			return fmt.Sprintf("an HTML page titled %q", excerpt(sc.Next().Text))
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
