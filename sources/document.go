package sources

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/page"
	"github.com/newswire/newswire/sources/parse"
	"github.com/newswire/newswire/sources/sitemap"
)

// document reads what a source's address answered: a feed, a news sitemap, or a page that lists articles. Shared is what was
// learned of the guids in the document before.
func document(s *scheduled, answer *fetch.Answer, shared map[string]string) (*parse.Document, error) {
	mediaType := answer.Header.Get("Content-Type")
	if s.Page != nil {
		items, err := page.List(answer.Body, page.Options{URL: answer.URL, ContentType: mediaType, Timezone: s.Timezone}, page.Selectors(*s.Page))
		if err != nil {
			return nil, err
		}
		return &parse.Document{Format: "page", Items: items}, nil
	}
	o := parse.Options{URL: answer.URL, ContentType: mediaType, Timezone: s.Timezone, Shared: shared}
	if !sitemap.Is(answer.Body) {
		return parse.Parse(answer.Body, o)
	}
	d, err := sitemap.Parse(answer.Body, o)
	if errors.Is(err, sitemap.ErrIndex) {
		children, cerr := sitemap.Children(answer.Body, o)
		if cerr == nil && len(children) > 0 {
			return nil, fmt.Errorf("%w: give the address of one of them as the source's url, such as %s", err, fetch.Redact(children[0].URL))
		}
	}
	return d, err
}

// offers makes articles of a document's items, as offered: named and attributed, but not yet cleaned or classified.
func offers(s *scheduled, d *parse.Document, publisher newswire.Publisher) []newswire.Unread {
	list := make([]newswire.Unread, len(d.Items))
	for i := range d.Items {
		item := &d.Items[i]
		a := item.Article
		a.Offer = offer(s, item)
		a.ID = newswire.ArticleID(s.ID, a.GUID)
		a.Source, a.Publisher = s.ID, publisher
		a.Language = cmp.Or(a.Language, publisher.Language)
		a.Stated = newswire.Rights{
			License:   cmp.Or(a.Rights.License, d.License),
			Statement: cmp.Or(a.Rights.Statement, publisher.Rights),
		}
		list[i] = newswire.Unread{Article: a, Base: item.Base, Position: i}
	}
	return list
}

// offer identifies what a publisher offered of an article, and how we read it. Dates are left out, as in
// [newswire.Article.Digest]; the texts are hashed as they are, for they are most of it and there are many offers.
func offer(s *scheduled, item *parse.Item) string {
	rest := item.Article
	rest.Summary, rest.Content = "", ""
	return newswire.Hash(pipeline, s.reading, rest.Digest(), item.Summary, item.Content, item.Base)[:26]
}
