package sources

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/newswire/newswire"
)

// classify fills in what an article is in the operator's terms: categories, author IDs and rights. It depends on
// nothing but the publisher's words and the catalog, so that an article in the store can be classified again when the
// operator's settings have changed.
func (c *Catalog) classify(a *newswire.Article, s *scheduled) {
	a.Categories = slices.Clone(s.Categories)
	for _, t := range a.Terms {
		a.Categories = append(a.Categories, c.byTerm[fold(t.Term)]...)
		if t.Label != "" {
			a.Categories = append(a.Categories, c.byTerm[fold(t.Label)]...)
		}
	}
	slices.Sort(a.Categories)
	a.Categories = slices.Compact(a.Categories)

	for i := range a.Authors {
		a.Authors[i].ID = c.authorID(s.ID, a.Authors[i].Name)
	}
	a.Rights = newswire.Rights{
		Policy:    s.Rights.Policy,
		License:   cmp.Or(a.Stated.License, s.Rights.License),
		Statement: cmp.Or(a.Stated.Statement, s.Rights.Statement),
		Contact:   cmp.Or(a.Stated.Contact, s.Rights.Contact),
		Partners:  s.Rights.Partners,
	}
	a.NoCredit = s.NoCredit
}

// authorID is the operator's ID for a name where it has one. Elsewhere it is made of the source and the name, since two
// publishers' "Editor" are two people: readable where the name is plain ASCII, a digest where it is not.
func (c *Catalog) authorID(source, name string) string {
	folded := fold(name)
	if folded == "" {
		return ""
	}
	if id := c.operatorsID(source, name); id != "" {
		return id
	}
	if slug := slug(folded); slug != "" && newswire.ValidID(source+"-"+slug) {
		return source + "-" + slug
	}
	return source + "-" + newswire.Hash(folded)[:12]
}

// operatorsID is the operator's ID for a name; empty where it has none.
func (c *Catalog) operatorsID(source, name string) string {
	for _, at := range []string{source, ""} {
		if a, ok := c.byAlias[newswire.Alias{Source: at, Name: fold(name)}]; ok {
			return a.ID
		}
	}
	return ""
}

// slug is a name in lower-case ASCII letters, digits and dashes, or nothing when the name has other letters.
func slug(folded string) string {
	var b strings.Builder
	for _, r := range folded {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= 0x80:
			return ""
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimSuffix(b.String(), "-")
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
