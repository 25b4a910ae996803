package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed/atom"
	"github.com/mmcdole/gofeed/rss"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// item is what a reader learns of an article, in any format.
type item struct {
	ID, Title, Link   string
	Authors           []string
	Published         time.Time
	Source, SourceURL string
}

// TestRealFeedsSurviveTheRoundTrip parses what we republish with a parser that is not ours, and compares it with what the
// publisher said.
func TestRealFeedsSurviveTheRoundTrip(t *testing.T) {
	t.Parallel()
	c := newCorpus(t)
	store := open(t, "sqlite:"+filepath.Join(t.TempDir(), "wire.db"))
	defer store.Close()
	c.round(t, store)
	bodies := c.feeds(t, store)
	compared := 0
	for _, id := range c.ids {
		page, err := store.Articles(t.Context(), cache.Query{Topic: newswire.SourceTopic(id), Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		for _, extension := range []string{"atom", "rss", "json"} {
			want := map[string]item{}
			for i := range page.Articles {
				it := said(&page.Articles[i], extension)
				want[it.ID] = it
			}
			got := parseBack(t, extension, bodies[newswire.FeedPath(newswire.SourceTopic(id), extension)])
			for id, it := range got {
				if w, ok := want[id]; ok && w.Title == "" && extension == "atom" {
					it.Title = "" // RFC 4287 §4.1.2 wants a title of every entry: it is the beginning of the text
					got[id] = it
				}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s as %s:\n%.3000s", id, extension, d)
			}
			compared += len(got)
		}
	}
	t.Logf("%d items compared", compared)
}

// said is what a format has room for of what the publisher said.
func said(a *newswire.Article, extension string) item {
	it := item{ID: a.AtomID, Title: a.Title, Link: a.URL, Published: a.Published, Source: a.Publisher.Title, SourceURL: a.Publisher.FeedURL}
	if a.Upstream != nil {
		it.Source, it.SourceURL = a.Upstream.Title, a.Upstream.FeedURL
	}
	for _, p := range a.Authors {
		it.Authors = append(it.Authors, p.Name)
	}
	switch extension {
	case "rss":
		it.ID = a.GUID
		it.Published = a.Modified() // RSS has one date
		if !a.Published.IsZero() {
			it.Published = a.Published
		} else if a.Updated.IsZero() {
			it.Published = time.Time{}
		}
		it.Published = it.Published.Truncate(time.Second)
	case "atom":
		// RFC 4287 §4.1.2 wants an author and a title of every entry.
		if len(it.Authors) == 0 {
			for _, p := range a.Publisher.Authors {
				it.Authors = append(it.Authors, p.Name)
			}
		}
		if len(it.Authors) == 0 {
			it.Authors = []string{a.Publisher.Title}
		}
	}
	return it
}

// parseBack reads a feed with gofeed's format parsers, or as plain JSON.
func parseBack(t *testing.T, extension, body string) map[string]item {
	t.Helper()
	parse := map[string]func(body string) ([]item, error){"atom": atomItems, "rss": rssItems, "json": jsonItems}[extension]
	list, err := parse(body)
	if err != nil {
		t.Fatal(err)
	}
	items := map[string]item{}
	for _, it := range list {
		items[it.ID] = it
	}
	return items
}

func atomItems(body string) (items []item, err error) {
	feed, err := (&atom.Parser{}).Parse(strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	for _, e := range feed.Entries {
		it := item{ID: e.ID, Title: e.Title, Source: e.Source.Title}
		if e.PublishedParsed != nil {
			it.Published = e.PublishedParsed.UTC()
		}
		for _, l := range e.Links {
			if l.Rel == "alternate" {
				it.Link = l.Href
			}
		}
		for _, l := range e.Source.Links {
			if l.Rel == "self" {
				it.SourceURL = l.Href
			}
		}
		for _, p := range e.Authors {
			it.Authors = append(it.Authors, p.Name)
		}
		items = append(items, it)
	}
	return items, nil
}

func rssItems(body string) (items []item, err error) {
	feed, err := (&rss.Parser{}).Parse(strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	for _, e := range feed.Items {
		it := item{ID: e.GUID.Value, Title: e.Title, Link: e.Link, Source: e.Source.Title, SourceURL: e.Source.URL}
		if e.PubDateParsed != nil {
			it.Published = e.PubDateParsed.UTC()
		}
		if _, name, ok := strings.Cut(e.Author, "("); ok { // mail (Name)
			it.Authors = append(it.Authors, strings.TrimSuffix(name, ")"))
		}
		if e.DublinCoreExt != nil {
			it.Authors = append(it.Authors, e.DublinCoreExt.Creator...)
		}
		items = append(items, it)
	}
	return items, nil
}

func jsonItems(body string) (items []item, err error) {
	var feed struct {
		Items []struct {
			ID, Title, URL string
			Authors        []struct{ Name string }
			DatePublished  time.Time `json:"date_published"`
			Newswire       struct {
				Source struct {
					Title   string
					FeedURL string `json:"feed_url"`
				}
			} `json:"_newswire"`
		}
	}
	if err := json.Unmarshal([]byte(body), &feed); err != nil {
		return nil, err
	}
	for _, e := range feed.Items {
		it := item{ID: e.ID, Title: e.Title, Link: e.URL, Published: e.DatePublished.UTC(), Source: e.Newswire.Source.Title, SourceURL: e.Newswire.Source.FeedURL}
		for _, p := range e.Authors {
			it.Authors = append(it.Authors, p.Name)
		}
		items = append(items, it)
	}
	return items, nil
}
