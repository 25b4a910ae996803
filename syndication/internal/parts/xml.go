package parts

import (
	"bytes"
	"encoding/xml"
	"html"
	"net/url"

	"github.com/gorilla/feeds"

	"github.com/newswire/newswire"
)

// StylePath is the address, below that of the site, of the style sheet for feeds that are opened in a browser.
const StylePath = "/feeds.css"

// XMLEnvelope encodes a site's document without articles and cuts it before the end tags of the elements that hold them:
// tail. It names a style sheet (https://www.w3.org/TR/xml-stylesheet/), by a path alone, for a browser takes none from
// another origin.
func XMLEnvelope(site newswire.Site, document feeds.XmlFeed, tail string) (Envelope, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	if u, err := url.Parse(site.URL); err == nil {
		b.WriteString(`<?xml-stylesheet type="text/css" href="` + html.EscapeString(u.EscapedPath()+StylePath) + `"?>` + "\n")
	}
	e := xml.NewEncoder(&b)
	e.Indent("", "  ")
	if err := e.Encode(document.FeedXml()); err != nil {
		return Envelope{}, err
	}
	b.Truncate(b.Len() - len(tail))
	tail += "\n"
	return Envelope{Head: b.Bytes(), Tail: tail, Empty: tail}, nil
}

// XMLArticle encodes an article, on lines of its own that begin with indent. Between the parts of [XMLEnvelope] the bytes
// are those that encoding all at once would make.
func XMLArticle(article any, indent string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('\n')
	e := xml.NewEncoder(&b)
	e.Indent(indent, "  ")
	if err := e.Encode(article); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
