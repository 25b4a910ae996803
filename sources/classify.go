package sources

import (
	"cmp"
	"context"
	"iter"
	"net/url"
	"slices"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources/identity"
)

// classify fills in what an article is in the operator's terms: categories, the ids of the article and of its authors, and
// rights. It depends on nothing but the publisher's words and the catalog, so that an article in the store can be
// classified again when the operator's settings have changed.
func (c *Catalog) classify(a *newswire.Article, s *scheduled) {
	a.Categories = slices.Clone(s.Categories)
	for _, t := range a.Terms {
		a.Categories = append(a.Categories, c.byTerm[identity.Fold(t.Term)]...)
		if t.Label != "" {
			a.Categories = append(a.Categories, c.byTerm[identity.Fold(t.Label)]...)
		}
	}
	slices.Sort(a.Categories)
	a.Categories = slices.Compact(a.Categories)

	c.identity.Identify(a, s.Source)
	a.Rights = newswire.Rights{
		Policy:    s.Rights.Policy,
		License:   cmp.Or(a.Stated.License, s.Rights.License),
		Statement: cmp.Or(a.Stated.Statement, s.Rights.Statement),
		Contact:   cmp.Or(a.Stated.Contact, s.Rights.Contact),
		Partners:  s.Rights.Partners,
		Usage:     a.Stated.Usage.And(s.Rights.Usage.Denied()), // an operator can deny, and allow nothing
	}
	a.NoCredit = s.NoCredit
}

// attribute completes what a feed said of itself with what the operator knows.
func attribute(p newswire.Publisher, s *scheduled) newswire.Publisher {
	p.FeedURL = cmp.Or(p.FeedURL, withoutUser(s.URL))
	p.ID = cmp.Or(p.ID, p.FeedURL)
	p.URL = cmp.Or(p.URL, s.Site, origin(s.URL))
	p.Title = cmp.Or(p.Title, s.Name, host(s.URL))
	return p
}

// withoutUser is an address without the credentials that an operator may have put into it.
func withoutUser(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.User = nil
	return u.String()
}

func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host + "/"
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// reclassify looks at the source's stored articles again when what they are classified by has changed, and adds those that
// come out differently to the visit.
func (v *visiting) reclassify(ctx context.Context) error {
	state, digest := &v.record.State, v.source.digests.classify
	if state.Settings == digest {
		return nil
	}
	inVisit := make(map[string]bool, len(v.record.Articles))
	for i := range v.record.Articles {
		inVisit[v.record.Articles[i].ID] = true
	}
	for _, topic := range v.source.topics() {
		for article, err := range listed(ctx, v.store, topic) {
			if err != nil {
				return err
			}
			before, limits := article.Digest(), article.Rights
			v.setup.Catalog.classifyAgain(&article, v.source)
			if !inVisit[article.ID] && (article.Digest() != before || !sameLimits(&article.Rights, &limits)) {
				article.Revision++
				v.record.Articles = append(v.record.Articles, article)
			}
		}
	}
	state.Settings = digest
	return nil
}

// topics list all stored articles of a source, those that no reader sees too.
func (s *scheduled) topics() []newswire.Topic { return topicsOf(s.ID) }

func topicsOf(source string) []newswire.Topic {
	return []newswire.Topic{newswire.SourceTopic(source), newswire.HeldTopic(source), newswire.UnlistedTopic(source)}
}

// pageOf is how many stored articles are read together.
const pageOf = 200

// lister pages through a topic.
type lister interface {
	Articles(ctx context.Context, q cache.Query) (cache.Page, error)
}

// listed are all articles of a topic, newest first. An error ends them.
func listed(ctx context.Context, store lister, topic newswire.Topic) iter.Seq2[newswire.Article, error] {
	return func(yield func(newswire.Article, error) bool) {
		for after := newswire.Cursor(""); ; {
			page, err := store.Articles(ctx, cache.Query{Topic: topic, After: after, Limit: pageOf})
			if err != nil {
				yield(newswire.Article{}, err)
				return
			}
			for _, article := range page.Articles {
				if !yield(article, nil) {
					return
				}
			}
			if after = page.Next; after == "" {
				return
			}
		}
	}
}
