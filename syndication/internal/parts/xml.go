package parts

import (
	"bytes"
	"encoding/xml"

	"github.com/gorilla/feeds"
)

// XMLEnvelope encodes a document without articles and cuts it before the end tags of the elements that hold them: tail.
func XMLEnvelope(document feeds.XmlFeed, tail string) (Envelope, error) {
	var b bytes.Buffer
	if err := feeds.WriteXML(document, &b); err != nil {
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
