package sources

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/internal/tracing"
	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/internal/aipref"
	"github.com/newswire/newswire/sources/pace"
	"github.com/newswire/newswire/sources/parse"
)

// termsTime bounds how long a visit waits for the robots.txt that has a site's terms.
const termsTime = 10 * time.Second

// errUnasked says that a site is not asked for its terms: nothing was asked of it in this visit.
var errUnasked = errors.New("the site is not asked")

// siteTerms are the terms of the site that answered. While they cannot be asked for, what they said last of the document
// holds for all in it, so that nothing is loosened by a failure.
func (r *askedRobots) siteTerms(ctx context.Context, address string, state *newswire.State) SiteTerms {
	terms, known := r.terms(ctx, address)
	if !known {
		last := state.Usage
		return SiteTerms{Usage: func(string) newswire.Usage { return last }, License: state.License}
	}
	state.Usage, state.License = terms.Usage(address), terms.License
	return terms
}

// terms asks for the terms of a site. The pause at the domain is kept before a request.
func (r *askedRobots) terms(ctx context.Context, address string) (terms SiteTerms, known bool) {
	termed, ok := r.robots.(Termed)
	if !ok || short(ctx, r.pause+termsTime) {
		return SiteTerms{}, false
	}
	ctx, cancel := context.WithTimeout(ctx, r.pause+termsTime)
	defer cancel()
	ctx, span := tracing.Start(ctx, "robots.txt")
	terms, err := termed.Terms(ctx, address, func(ctx context.Context) error {
		if r.unasked {
			return errUnasked
		}
		return pace.Sleep(ctx, r.pause)
	})
	if span.End(err); err != nil {
		return SiteTerms{}, false
	}
	terms.License = absolute(address, terms.License)
	return terms, true
}

// state gives an article's page what is stated of it outside of it.
func (r *pageReader) state(ctx context.Context, item *parse.Item, answer *fetch.Answer) {
	item.Rights.License = cmp.Or(item.Rights.License, license(answer))
	item.Rights.Usage = aipref.Usage(answer.Header)
	if terms, known := r.robots.terms(ctx, answer.URL); known {
		item.Rights.License = cmp.Or(item.Rights.License, terms.License)
		item.Rights.Usage = item.Rights.Usage.And(terms.Usage(answer.URL))
	}
}

// absolute is an address that may be relative to another one; empty where it is none.
func absolute(base, address string) string {
	u, err := url.Parse(base)
	if err != nil || address == "" {
		return ""
	}
	return clean.Address(u, address)
}

// state gives items what is stated of them outside of the document: by the answer that brought it, by the feed as a whole,
// and by the site.
func (t SiteTerms) state(d *parse.Document, address string) {
	for i := range d.Items {
		a := &d.Items[i].Article
		a.Rights.Usage = a.Rights.Usage.And(d.Usage)
		if t.Usage != nil {
			a.Rights.Usage = a.Rights.Usage.And(t.Usage(address)).And(t.Usage(a.URL))
		}
		if a.Rights.License == "" && d.License != "" {
			for _, other := range d.Licenses {
				parse.AddLicense(a, other)
			}
		}
	}
	d.License = cmp.Or(d.License, t.License)
}
