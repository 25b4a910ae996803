// Package parts has encoded feeds that know where each of their articles is. So a feed can be sent with some of its
// articles alone (RFC 3229 with the instance manipulation "feed"), and the next revision of a feed need not encode those
// again that both have.
//
//	doc, err := atom.Format.Encode(&feed)
//	changed := doc.Only([]int{0, 3})
package parts

import (
	"bytes"
	"slices"

	"github.com/newswire/newswire"
)

// Encoder is a feed format, as pure functions that have nothing to do with each other: what it makes of an article does
// not depend on the articles around it.
type Encoder struct {
	// Envelope encodes everything but the articles.
	Envelope func(*newswire.Feed) (Envelope, error)

	// Article encodes one article of a site's feed.
	Article func(*newswire.Article, newswire.Site) ([]byte, error)

	// Distinct changes articles of a feed where this format could not tell two of them apart, and returns the indexes of
	// those that it changed; nil when the format always can.
	Distinct func([]newswire.Article) (changed []int)
}

// Envelope is an encoded feed without its articles.
type Envelope struct {
	Head    []byte
	Between string // two articles
	Tail    string
	Empty   string // Tail where there is no article
}

// Encode encodes a feed, which stays as it is.
func (e *Encoder) Encode(f *newswire.Feed) (Document, error) {
	env, err := e.Envelope(f)
	if err != nil {
		return Document{}, err
	}
	articles := f.Articles
	if e.Distinct != nil {
		articles = slices.Clone(articles)
		e.Distinct(articles)
	}
	encoded := make([][]byte, len(articles))
	for i := range articles {
		if encoded[i], err = e.Article(&articles[i], f.Site); err != nil {
			return Document{}, err
		}
	}
	return env.Around(encoded), nil
}

// Around is the feed with encoded articles inside of its envelope.
func (e *Envelope) Around(articles [][]byte) Document {
	if len(articles) == 0 {
		return Document{Body: append(e.Head, e.Empty...)}
	}
	size := len(e.Head) + len(e.Between)*(len(articles)-1) + len(e.Tail)
	for _, a := range articles {
		size += len(a)
	}
	d := Document{Body: make([]byte, 0, size), Articles: make([]Range, len(articles))}
	d.Body = append(d.Body, e.Head...)
	for i, a := range articles {
		if i > 0 {
			d.Body = append(d.Body, e.Between...)
		}
		start := len(d.Body)
		d.Body = append(d.Body, a...)
		d.Articles[i] = Range{start, len(d.Body)}
	}
	d.Body = append(d.Body, e.Tail...)
	return d
}

// Document is an encoded feed.
type Document struct {
	Body     []byte
	Articles []Range // where each article is, in the feed's order
}

// Range is a part of a feed's body: from its first byte to the one before its end.
type Range struct{ Start, End int }

// Article is the bytes of one article.
func (d *Document) Article(i int) []byte { return d.Body[d.Articles[i].Start:d.Articles[i].End] }

// Only is the feed with some of its articles, named by their indexes in ascending order. It shares no memory with the
// whole.
func (d *Document) Only(indexes []int) []byte {
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
	for n, i := range indexes {
		if n > 0 {
			b.Write(between)
		}
		b.Write(d.Article(i))
	}
	b.Write(d.Body[last.End:])
	return b.Bytes()
}
