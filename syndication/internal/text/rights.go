package text

import (
	"slices"

	"github.com/newswire/newswire"
)

// FeedRights is what a feed of ours says of rights. It covers the articles that say nothing themselves (RFC 4287
// §4.2.10), so it must not claim them for us.
const FeedRights = "Each article belongs to its author or publisher, and is republished under their terms."

// Rights is an article's rights statement: its own, else its publisher's; empty when neither has one.
func Rights(a *newswire.Article) string {
	if s := newswire.Line(a.Rights.Statement); s != "" {
		return s
	}
	return newswire.Line(a.Publisher.Rights)
}

// Licenses are the addresses of all licences of an article, [License] first.
func Licenses(a *newswire.Article) []string {
	var all []string
	add := func(address string) {
		if u := URL(address); u != "" && !slices.Contains(all, u) {
			all = append(all, u)
		}
	}
	add(a.Rights.License)
	for _, l := range a.Links {
		if l.Rel == "license" {
			add(l.URL)
		}
	}
	return all
}

// UsageNamespace is that of the element in which RSS and Atom have what machines may do with an article: a statement of
// AI Preferences, for which the formats have no place of their own.
const UsageNamespace = "https://github.com/newswire/newswire/blob/main/docs/attribution.md#use-by-machines"

// Usage is that element.
type Usage struct {
	Namespace string `xml:"xmlns:newswire,attr"`
	Statement string `xml:",chardata"`
}

// NewUsage is what machines may do with an article; nil where nothing is known.
func NewUsage(a *newswire.Article) *Usage {
	if a.Rights.Usage == "" {
		return nil
	}
	return &Usage{UsageNamespace, string(a.Rights.Usage)}
}

// License is the address of an article's licence: the one that its terms name, else the first that it links; empty when
// there is none.
func License(a *newswire.Article) string {
	if s := URL(a.Rights.License); s != "" {
		return s
	}
	for _, l := range a.Links {
		if l.Rel == "license" {
			return URL(l.URL)
		}
	}
	return ""
}
