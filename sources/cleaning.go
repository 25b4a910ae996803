package sources

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/clean"
)

// cleaner cleans the articles of one visit.
type cleaner struct {
	source     *scheduled
	sites      clean.Sites // of the publisher with the addresses below
	site, feed string
}

// sitesOf are a publisher's own sites. An article's own address is not among them: that is what an injection brings.
func (c *cleaner) sitesOf(p *newswire.Publisher) clean.Sites {
	if c.sites == nil || c.site != p.URL || c.feed != p.FeedURL {
		c.site, c.feed = p.URL, p.FeedURL
		c.sites = clean.SitesOf(p.URL, p.FeedURL, c.source.URL, c.source.Site)
	}
	return c.sites
}

// clean replaces an article's HTML by what may be republished of it, takes over what the platform's notices say of rights
// and complaints, and holds the article if it looks injected.
// The error says that the article is too large, or that it takes too long.
func (c *cleaner) clean(ctx context.Context, article *newswire.Article, base string) error {
	at, err := url.Parse(base)
	if err != nil {
		at = nil
	}
	p := &article.Publisher
	about := &clean.About{
		URL:       article.URL,
		Title:     article.Title,
		Language:  cmp.Or(p.Language, article.Language),
		Publisher: saysOf(p) + " " + c.source.Name,
		Sites:     c.sitesOf(p),
		Block:     c.source.block,
	}
	content, err := clean.Article(ctx, article.Content, at, about)
	if err != nil {
		return fmt.Errorf("article %q: %w", nameOf(article.Title), err)
	}
	summary, err := clean.Article(ctx, article.Summary, at, about)
	if err != nil {
		return fmt.Errorf("article %q: %w", nameOf(article.Title), err)
	}
	article.Content, article.Summary = content.HTML, summary.HTML
	article.Removed = content.Removed
	if len(content.Removed) == 0 {
		article.Removed = summary.Removed // mostly of the same text
	}
	article.Held = cmp.Or(content.Suspicion, summary.Suspicion)
	if statement := cmp.Or(content.Statement, summary.Statement); statement != "" && article.Rights.Statement == "" {
		article.Stated.Statement = statement // nearer to the article than what its feed says of all of them
	}
	article.Stated.Contact = cmp.Or(article.Stated.Contact, content.Contact, summary.Contact)
	return nil
}

// nameOf is enough of a title to know the article by.
func nameOf(title string) string {
	if characters := []rune(title[:min(len(title), 400)]); len(characters) > 60 {
		return string(characters[:60]) + "…"
	}
	return title
}

// maxSubjects bounds, in bytes, what is said of a publisher's subjects: it is looked through for each article.
const maxSubjects = 4096

// saysOf is what a publisher says of its subjects.
func saysOf(p *newswire.Publisher) string {
	words := []string{p.Title, p.Subtitle}
	size := len(p.Title) + len(p.Subtitle)
	for _, t := range p.Terms {
		if size += len(t.Term) + len(t.Label); size > maxSubjects {
			break
		}
		words = append(words, t.Term, t.Label)
	}
	for i, w := range words {
		words[i] = w[:min(len(w), maxSubjects)]
	}
	return strings.Join(words, " ")
}
