package sources

import (
	"cmp"
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
func (c *cleaner) clean(article *newswire.Article, base string) {
	at, err := url.Parse(base)
	if err != nil {
		at = nil
	}
	p := &article.Publisher
	about := &clean.About{
		Title:     article.Title,
		Language:  cmp.Or(p.Language, article.Language),
		Publisher: saysOf(p) + " " + c.source.Name,
		Sites:     c.sitesOf(p),
		Block:     c.source.block,
	}
	content, summary := clean.Article(article.Content, at, about), clean.Article(article.Summary, at, about)
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
}

// saysOf is what a publisher says of its subjects.
func saysOf(p *newswire.Publisher) string {
	words := []string{p.Title, p.Subtitle}
	for _, t := range p.Terms {
		words = append(words, t.Term, t.Label)
	}
	return strings.Join(words, " ")
}
