package main

import (
	"context"
	"fmt"

	"github.com/newswire/newswire/cmd/newswire/internal/edit"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/page"
)

// usualItems are selectors of what stands for one article on most pages that list articles.
func usualItems() []string {
	return []string{"article", ".post", ".entry", ".news-item", "main li", "h2", "h3", "li"}
}

// fewest is how many articles a page must list at least to be called a list.
const fewest = 3

// itemOf is the first of the usual selectors that finds a list of articles in a page.
func itemOf(ctx context.Context, answer *fetch.Answer) (selector string, ok bool) {
	o := page.Options{URL: answer.URL, ContentType: answer.Header.Get("Content-Type")}
	for _, item := range usualItems() {
		items, err := page.List(ctx, answer.Body, o, page.Selectors{Item: item})
		if err != nil {
			continue
		}
		addresses := map[string]bool{}
		for i := range items {
			if items[i].URL != "" && items[i].Title != "" {
				addresses[items[i].URL] = true
			}
		}
		if len(addresses) >= fewest {
			return item, true
		}
	}
	return "", false
}

// suggestPage says how a page without a feed becomes a source.
func (k addCommand) suggestPage(c *console, d *draft, answer *fetch.Answer) {
	if answer == nil {
		return
	}
	item, found := itemOf(c.ctx, answer)
	about := "its articles seem to be in these elements"
	if !found {
		item, about = "article", "put a CSS selector here of what stands for one article"
	}
	id := edit.SourceID(k.ID, answer.URL, d.taken)
	fmt.Fprintf(c.stderr, "newswire: a page that lists articles can be a source without a feed. Add to the sources of %s\n\n", k.Config)
	fmt.Fprintf(c.stderr, "  - id: %s\n    url: %s\n    page: {item: %q}   # %s\n\n", id, fetch.Redact(answer.URL), item, about)
	fmt.Fprintf(c.stderr, "newswire: and look at what newswire preview %s finds\n", id)
}
