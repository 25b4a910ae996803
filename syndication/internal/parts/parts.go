// Package parts has encoded feeds that know where each of their articles is, so that a feed can be sent with some of them
// only (RFC 3229 with the instance manipulation "feed").
//
//	doc, err := atom.Parts(&feed)
//	changed := doc.Only([]int{0, 3})
package parts

import (
	"bytes"
	"encoding/xml"

	"github.com/gorilla/feeds"
)

// Document is an encoded feed.
type Document struct {
	Body     []byte
	Articles []Range // where each article is, in the feed's order
}

// Range is a part of a document's body: from its first byte to the one before its end.
type Range struct{ Start, End int }

// Article is the bytes of one article.
func (d *Document) Article(i int) []byte { return d.Body[d.Articles[i].Start:d.Articles[i].End] }

// Only is the document with some of its articles, named by their places in ascending order. It shares no memory with the
// whole.
func (d *Document) Only(places []int) []byte {
	if len(d.Articles) == 0 {
		return bytes.Clone(d.Body)
	}
	first, last := d.Articles[0], d.Articles[len(d.Articles)-1]
	var between []byte // two articles
	if len(d.Articles) > 1 {
		between = d.Body[first.End:d.Articles[1].Start]
	}
	var b bytes.Buffer
	b.Write(d.Body[:first.Start])
	for n, i := range places {
		if n > 0 {
			b.Write(between)
		}
		b.Write(d.Article(i))
	}
	b.Write(d.Body[last.End:])
	return b.Bytes()
}

// XML encodes a document without articles, then each article, and puts them in before the end tags of the elements that
// hold them: tail. The bytes are those that encoding all at once would make.
func XML[A any](envelope feeds.XmlFeed, tail, indent string, articles []A) (Document, error) {
	var b bytes.Buffer
	if err := feeds.WriteXML(envelope, &b); err != nil {
		return Document{}, err
	}
	b.Truncate(b.Len() - len(tail))
	d := Document{Articles: make([]Range, len(articles))}
	e := xml.NewEncoder(&b)
	e.Indent(indent, "  ")
	for i := range articles {
		d.Articles[i].Start = b.Len()
		if i == 0 {
			b.WriteByte('\n') // the encoder begins only later elements on a new line
		}
		if err := e.Encode(&articles[i]); err != nil {
			return Document{}, err
		}
		d.Articles[i].End = b.Len()
	}
	b.WriteString(tail)
	b.WriteByte('\n')
	d.Body = b.Bytes()
	return d, nil
}
