package api

import (
	"errors"
	"fmt"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/change"
	"github.com/newswire/newswire/syndication/jsonfeed"
	"github.com/newswire/newswire/syndication/ninjs"
)

// ItemPage is a page of a listing, in one of the two forms of an article.
type ItemPage[I any] struct {
	Items []I             `json:"items" nullable:"false"`
	Next  newswire.Cursor `json:"next,omitempty" doc:"Ask again after it for the next page; absent on the last."`
}

// Items is a list of articles that has no pages.
type Items[I any] struct {
	Items []I `json:"items" nullable:"false"`
}

const (
	pages     = 16      // how often one request reads on in a listing or the log
	pageSize  = 50      // articles that are read from the store at a time
	largeText = 4 << 20 // bytes of text, after which an answer takes no further page
)

// articles answers at /articles.
func articles(c *call) error {
	found, next, err := c.page()
	if err != nil {
		return err
	}
	c.items = len(found)
	syndication.TermsOf(found).State(c.w.Header())
	if c.form == change.Ninjs {
		return respondJSON(c, &ItemPage[ninjsItem]{ninjsItems(c, found), next})
	}
	return respondJSON(c, &ItemPage[feedItem]{feedItems(found), next})
}

// page reads what the reader may see of a topic, on and on until the limit is reached or enough was read.
func (c *call) page() (found []newswire.Article, next newswire.Cursor, err error) {
	topic := c.values.topic
	if topic.Kind() == newswire.KindCategory && !c.reader.Gets([]string{topic.ID()}) {
		return nil, "", &fault{kind: "forbidden", detail: "This key does not get " + string(topic) + ".", parameter: "topic"}
	}
	if len(c.reader.Categories) == 1 && topic == newswire.All {
		topic = newswire.CategoryTopic(c.reader.Categories[0])
	}
	release, err := c.acquire()
	if err != nil {
		return nil, "", err
	}
	defer release()
	ctx, cancel := c.patience()
	defer cancel()
	next = c.values.after
	now, text := c.api.options.Now(), 0
	for range pages {
		p, err := c.api.store.Articles(ctx, cache.Query{Topic: topic, After: next, Limit: min(c.values.limit-len(found), pageSize)})
		if err != nil {
			return nil, "", fmt.Errorf("list %s: %w", topic, err)
		}
		for i := range p.Articles {
			if a, ok := c.reader.Show(p.Articles[i], now); ok {
				found = append(found, a)
				text += len(a.Content) + len(a.Summary)
			}
		}
		if next = p.Next; next == "" || len(found) >= c.values.limit || text > largeText {
			break
		}
	}
	return found, next, nil
}

// article answers at /articles/ID.
func article(c *call) error {
	a, err := c.shown()
	if err != nil {
		return err
	}
	c.items = 1
	syndication.TermsOf([]newswire.Article{a}).State(c.w.Header())
	if c.form == change.Ninjs {
		return respondJSON(c, new(ninjs.New(&a, c.settings.Site)))
	}
	return respondJSON(c, new(jsonfeed.NewItem(&a, "")))
}

// shown is the article that the path names, as the reader may see it.
func (c *call) shown() (newswire.Article, error) {
	a, err := c.stored()
	if err != nil {
		return a, err
	}
	shown, ok := c.reader.Show(a, c.api.options.Now())
	if !ok {
		return shown, fmt.Errorf("article %s: %w for this reader", c.id, newswire.ErrNotFound)
	}
	return shown, nil
}

// stored is the article that the path names.
func (c *call) stored() (newswire.Article, error) {
	release, err := c.acquire()
	if err != nil {
		return newswire.Article{}, err
	}
	defer release()
	ctx, cancel := c.patience()
	defer cancel()
	a, err := c.api.store.Article(ctx, c.id)
	if errors.Is(err, newswire.ErrWithdrawn) {
		f := &fault{kind: "withdrawn", cause: err}
		if stone, serr := c.api.store.Tombstone(ctx, c.id); serr == nil {
			f.detail = newswire.Line(stone.Reason)
		}
		return a, f
	}
	return a, err
}

// revisions answers at /articles/ID/revisions.
func revisions(c *call) error {
	current, err := c.stored()
	if err != nil {
		return err
	}
	now := c.api.options.Now()
	if _, ok := c.reader.Level(&current, now); !ok {
		return fmt.Errorf("article %s: %w for this reader", c.id, newswire.ErrNotFound)
	}
	ctx, cancel := c.patience()
	defer cancel()
	earlier, err := c.api.store.Revisions(ctx, c.id)
	if err != nil {
		return fmt.Errorf("revisions of %s: %w", c.id, err)
	}
	var found []newswire.Article
	for _, a := range append(earlier, current) {
		if a, ok := c.reader.ShowRevision(a, current, now); ok {
			found = append(found, a)
		}
	}
	c.items = len(found)
	syndication.TermsOf(found).State(c.w.Header())
	if c.form == change.Ninjs {
		return respondJSON(c, &Items[ninjsItem]{ninjsItems(c, found)})
	}
	return respondJSON(c, &Items[feedItem]{feedItems(found)})
}

func feedItems(found []newswire.Article) []feedItem {
	items := make([]feedItem, len(found))
	for i := range found {
		items[i] = jsonfeed.NewItem(&found[i], "")
	}
	return items
}

func ninjsItems(c *call, found []newswire.Article) []ninjsItem {
	items := make([]ninjsItem, len(found))
	for i := range found {
		items[i] = ninjs.New(&found[i], c.settings.Site)
	}
	return items
}

// respondJSON answers with a value, in the form that was asked for.
func respondJSON(c *call, value any) error {
	body, err := change.Encode(value)
	if err != nil {
		return &fault{kind: "internal", cause: err}
	}
	return c.respond(formTypes[c.form], body)
}
