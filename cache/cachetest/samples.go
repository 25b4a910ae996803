package cachetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/newswire/newswire"
)

// piece is the n-th article of a source, with its IDs and times; the larger n, the newer.
func piece(source string, n int) newswire.Article {
	guid := fmt.Sprintf("urn:example:%s:%d", source, n)
	at := past.Add(time.Duration(n) * time.Minute)
	return newswire.Article{
		ID:        newswire.ArticleID(source, guid),
		Source:    source,
		Revision:  1,
		GUID:      guid,
		AtomID:    guid,
		Title:     fmt.Sprintf("Article %d of %s", n, source),
		Content:   "<p>As first reported.</p>",
		Offer:     newswire.Hash("as first offered", guid),
		Published: at,
		FirstSeen: at,
		Listed:    at,
	}
}

// pieces are articles from to to of a source, both included.
func pieces(source string, from, to int) []newswire.Article {
	var articles []newswire.Article
	for n := from; n <= to; n++ {
		articles = append(articles, piece(source, n))
	}
	return articles
}

// revised is the article with new content and the next revision.
func revised(a newswire.Article) newswire.Article {
	a.Revision++
	a.Content = fmt.Sprintf("<p>As corrected, revision %d.</p>", a.Revision)
	a.Offer = newswire.Hash(a.Content)
	return a
}

// within is the article in other categories.
func within(a newswire.Article, categories ...string) newswire.Article {
	a.Categories = categories
	return a
}

func ids(articles []newswire.Article) []string {
	var out []string
	for _, a := range articles {
		out = append(out, a.ID)
	}
	return out
}

// newestFirst are the IDs of articles in the order of a listing.
func newestFirst(articles []newswire.Article) []string {
	sorted := slices.Clone(articles)
	slices.SortFunc(sorted, func(a, b newswire.Article) int {
		if c := b.Listed.Compare(a.Listed); c != 0 {
			return c
		}
		if a.ID < b.ID {
			return 1
		}
		return -1
	})
	return ids(sorted)
}
