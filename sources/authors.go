package sources

import (
	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/rules"
)

const (
	// maxAuthorTopics bounds the authors of one document that get a feed of their own. The largest of newsrooms has
	// fewer authors in a document; names that a program made up are endless.
	maxAuthorTopics = 500

	// maxAuthorsEach bounds those of one article.
	maxAuthorsEach = 50
)

// authorTopics bounds what the articles of one document bring of topics. The zero value has seen none.
type authorTopics struct {
	seen    map[string]bool
	refused int
}

// bound takes the IDs from authors beyond the bound. They keep their names. Authors of the operator's have their IDs in any
// case: these are not the publisher's to make.
func (t *authorTopics) bound(a *newswire.Article, c *Catalog) {
	if t.seen == nil {
		t.seen = map[string]bool{}
	}
	for i := range a.Authors {
		author := &a.Authors[i]
		switch {
		case author.ID == "" || t.seen[author.ID] && i < maxAuthorsEach || c.identity.Knows(a.Source, author.Name):
		case i >= maxAuthorsEach || len(t.seen) >= maxAuthorTopics:
			author.ID = ""
			t.refused++
		default:
			t.seen[author.ID] = true
		}
	}
}

// withheld are the authors of a stored article that have no ID.
func withheld(a *newswire.Article) map[string]bool {
	var names map[string]bool
	for _, author := range a.Authors {
		if author.ID == "" {
			if names == nil {
				names = map[string]bool{}
			}
			names[author.Name] = true
		}
	}
	return names
}

// classifyAgain classifies an article from the store: an author that got no ID when the article came gets one now only if
// it is the operator's.
func (c *Catalog) classifyAgain(a *newswire.Article, s *scheduled) []rules.Failure {
	without, since := withheld(a), a.Rights.Since
	failures := c.classify(a, s)
	s.limit(a, since)
	for i := range a.Authors {
		if author := &a.Authors[i]; without[author.Name] && !c.identity.Knows(s.ID, author.Name) {
			author.ID = ""
		}
	}
	return failures
}
