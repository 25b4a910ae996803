package text

import "github.com/newswire/newswire"

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
