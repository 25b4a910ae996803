package sources

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/internal/tracing"
	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/internal/aipref"
	"github.com/newswire/newswire/sources/internal/stable"
	"github.com/newswire/newswire/sources/page"
	"github.com/newswire/newswire/sources/parse"
	"github.com/newswire/newswire/sources/sitemap"
)

// parse reads what the source's address answered: a feed, a news sitemap, or a page that lists articles.
func (v *visiting) parse(ctx context.Context, answer *fetch.Answer) (d *parse.Document, err error) {
	ctx, span := tracing.Start(ctx, "parse")
	defer func() { span.End(err) }()
	span.Count("newswire.bytes", len(answer.Body))
	s, mediaType := v.source, answer.Header.Get("Content-Type")
	o := parse.Options{URL: answer.URL, ContentType: mediaType, Timezone: s.Timezone, Shared: v.record.State.Shared}
	switch {
	case s.Page != nil:
		d = &parse.Document{Format: "page"}
		d.Items, err = page.List(ctx, answer.Body, page.Options{
			URL: o.URL, ContentType: mediaType, Timezone: s.Timezone, Matched: v.matched.note,
		}, page.Selectors(*s.Page))
		v.matched.list = true
		d.Hub, d.Self = page.Hub(answer.Body, page.Options{URL: o.URL, ContentType: mediaType})
	case sitemap.Is(answer.Body):
		d, err = parseSitemap(answer.Body, o)
	default:
		d, err = parse.Parse(ctx, answer.Body, o)
	}
	if err != nil {
		return nil, err
	}
	span.Text("newswire.format", d.Format)
	span.Count("newswire.offered", len(d.Items))
	d.License, d.Usage = cmp.Or(d.License, license(answer)), aipref.Usage(answer.Header)
	if last := &v.record.State.Push; v.pushed { // what the publisher states in its own answers is not loosened by its hub's
		d.License, d.Usage = cmp.Or(d.License, last.License), d.Usage.And(last.Usage)
	}
	return d, nil
}

// parseSitemap reads a news sitemap. The error for an index of sitemaps names one of them.
func parseSitemap(body []byte, o parse.Options) (*parse.Document, error) {
	d, err := sitemap.Parse(body, o)
	if errors.Is(err, sitemap.ErrIndex) {
		children, cerr := sitemap.Children(body, o)
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
			From:      a.Rights.From,
			Until:     a.Rights.Until,
			Usage:     a.Rights.Usage,
		}
		list[i] = newswire.Unread{Article: a, Base: item.Base, Position: i}
	}
	return list
}

// offer identifies what a publisher offered of an article, and how it is read. Dates are left out, as in
// [newswire.Article.Digest]; the texts are hashed as they are, for they are most of it and there are many offers. Signatures,
// times of expiry and counters in addresses are left out too: they change at every visit, and the article does not.
func offer(s *scheduled, item *parse.Item) string {
	rest := withStableAddresses(item.Article)
	rest.Summary, rest.Content = "", ""
	return newswire.Hash(pipeline, s.digests().offer, rest.Digest(),
		stable.Text(item.Summary), stable.Text(item.Content), stable.Address(item.Base)+statedLimits(&item.Rights))[:26]
}

// statedLimits tells the limits that a publisher states from others. It is empty where it states none.
func statedLimits(r *newswire.Rights) string {
	if r.From.IsZero() && r.Until.IsZero() {
		return ""
	}
	return "\x00" + r.From.Format(time.RFC3339Nano) + "/" + r.Until.Format(time.RFC3339Nano)
}

// withStableAddresses is an article for comparison with others.
func withStableAddresses(a newswire.Article) newswire.Article {
	a.URL, a.Comments = stable.Address(a.URL), stable.Address(a.Comments)
	if a.Image != nil {
		picture := *a.Image
		picture.URL = stable.Address(picture.URL)
		a.Image = &picture
	}
	a.Enclosures, a.Links = slices.Clone(a.Enclosures), slices.Clone(a.Links)
	for i := range a.Enclosures {
		a.Enclosures[i].URL = stable.Address(a.Enclosures[i].URL)
	}
	for i := range a.Links {
		a.Links[i].URL = stable.Address(a.Links[i].URL)
	}
	return a
}

// license is the address of the licence that an answer's Link headers name for it: one that people read, else a document
// of Really Simple Licensing (RSL 1.0).
func license(answer *fetch.Answer) string {
	base, err := url.Parse(answer.URL)
	if err != nil {
		return ""
	}
	document := ""
	for _, l := range fetch.Links(answer.Header) {
		if l.Params["anchor"] != "" || !slices.Contains(strings.Fields(strings.ToLower(l.Params["rel"])), "license") {
			continue
		}
		switch address := clean.Address(base, l.Target); {
		case address == "":
		case !parse.IsRSL(l.Params["type"]):
			return address
		case document == "":
			document = address
		}
	}
	return document
}
