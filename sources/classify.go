package sources

import (
	"cmp"
	"net/url"
	"slices"

	"github.com/newswire/newswire"
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
