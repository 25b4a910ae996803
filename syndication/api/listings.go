package api

import (
	"context"
	"fmt"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/change"
)

// Listings is a list of what articles are listed by.
type Listings struct {
	Items []Listing       `json:"items" nullable:"false"`
	Next  newswire.Cursor `json:"next,omitempty" doc:"Ask again after it for the next page; absent on the last."`
}

// Listing is a category, an author or a source.
type Listing struct {
	ID          string         `json:"id"`
	Topic       newswire.Topic `json:"topic" doc:"What to give as topic to list its articles."`
	Title       string         `json:"title,omitempty"`
	HomePageURL string         `json:"home_page_url,omitempty" format:"uri" doc:"Of a source: the publisher's site, where the operator names it."`
	FeedURL     string         `json:"feed_url,omitempty" format:"uri" doc:"The feed of these articles here."`
	Articles    int            `json:"articles" doc:"How many are listed now."`
	Changed     string         `json:"changed,omitempty" format:"date-time" doc:"When one of them last changed, came or went."`
}

// counted is what the store knows of the topics of a kind.
func (c *call) counted(kind newswire.Kind) (map[newswire.Topic]Listing, error) {
	ctx, cancel := c.patience()
	defer cancel()
	counted := map[newswire.Topic]Listing{}
	for after := newswire.Cursor(""); ; {
		found, next, err := c.listed(ctx, kind, after, 1000)
		if err != nil {
			return nil, err
		}
		for _, l := range found {
			counted[l.Topic] = l
		}
		if after = next; after == "" {
			return counted, nil
		}
	}
}

// listed is a page of the topics of a kind, as the store knows them.
func (c *call) listed(ctx context.Context, kind newswire.Kind, after newswire.Cursor, limit int) ([]Listing, newswire.Cursor, error) {
	release, err := c.acquire()
	if err != nil {
		return nil, "", err
	}
	defer release()
	topics, next, err := c.api.store.Topics(ctx, kind, after, limit)
	if err != nil {
		return nil, "", fmt.Errorf("topics of kind %s: %w", kind, err)
	}
	found := make([]Listing, len(topics))
	for i, t := range topics {
		found[i] = c.listing(t.Topic, t.Name)
		found[i].Articles = t.Articles
		if !t.Changed.IsZero() {
			found[i].Changed = change.Instant(t.Changed)
		}
	}
	return found, next, nil
}

func (c *call) listing(t newswire.Topic, title string) Listing {
	return Listing{ID: t.ID(), Topic: t, Title: newswire.Line(title), FeedURL: c.settings.Site.URL + newswire.FeedPath(t, "json")}
}

// merge completes a listing from the config with what the store counted.
func (l *Listing) merge(counted map[newswire.Topic]Listing) {
	known := counted[l.Topic]
	l.Articles, l.Changed = known.Articles, known.Changed
}

// categories answers at /categories: those that the reader gets, in the operator's order.
func categories(c *call) error {
	counted, err := c.counted(newswire.KindCategory)
	if err != nil {
		return err
	}
	list := Listings{Items: []Listing{}}
	for _, k := range c.settings.Categories {
		if c.reader.Gets([]string{k.ID}) {
			l := c.listing(newswire.CategoryTopic(k.ID), k.Title)
			l.merge(counted)
			list.Items = append(list.Items, l)
		}
	}
	return respondPlain(c, &list)
}

// sources answers at /sources: those of the config, in its order.
func sources(c *call) error {
	counted, err := c.counted(newswire.KindSource)
	if err != nil {
		return err
	}
	list := Listings{Items: []Listing{}}
	for i := range c.settings.Sources {
		s := &c.settings.Sources[i]
		l := c.listing(newswire.SourceTopic(s.ID), s.Name)
		l.HomePageURL = s.Site
		l.merge(counted)
		list.Items = append(list.Items, l)
	}
	return respondPlain(c, &list)
}

// authors answers at /authors: those whom the store knows, for most are in no config.
func authors(c *call) error {
	ctx, cancel := c.patience()
	defer cancel()
	found, next, err := c.listed(ctx, newswire.KindAuthor, c.values.after, c.values.limit)
	if err != nil {
		return err
	}
	for i := range found {
		for _, a := range c.settings.Authors {
			if a.ID == found[i].ID {
				found[i].Title = a.Name
			}
		}
	}
	return respondPlain(c, &Listings{Items: found, Next: next})
}

// respondPlain answers with a value that has but one form.
func respondPlain(c *call, value any) error {
	c.form = change.JSONFeed
	return respondJSON(c, value)
}
