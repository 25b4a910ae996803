package web

import (
	"context"
	"fmt"
	"net/http"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/opml"
	"github.com/newswire/newswire/syndication/revision"
)

// opmlAuthors bounds the authors in the list of feeds.
const opmlAuthors = 2000

// subscriptionLists answers where all feeds are listed.
type subscriptionLists struct{ *Server }

// subscriptions answers at /feeds.opml: everything that there is, for a reader to import. It is there once for each topic, in
// the preferred format, lest a reader subscribe three times.
func (s subscriptionLists) subscriptions(w http.ResponseWriter, r *http.Request) error {
	return s.engine.Show(w, r, revision.Target{Topic: newswire.All, Name: "opml", Persist: true, Render: func(ctx context.Context, _ *revision.Draft) (revision.Content, error) {
		d := s.directory()
		outlines, err := s.outlines(ctx, d)
		if err != nil {
			return revision.Content{}, err
		}
		body, err := opml.Encode(d.Site, outlines)
		if err != nil {
			return revision.Content{}, fmt.Errorf("list of feeds: %w", err)
		}
		// Without a date: a list that loses an author does not say when.
		return revision.Content{MediaType: opml.MediaType, Body: body, Fields: dataFields(d.Site.URL+"/feeds.opml", "")}, nil
	}})
}

func (s subscriptionLists) outlines(ctx context.Context, d *Directory) ([]opml.Outline, error) {
	outline := func(t newswire.Topic, name string) opml.Outline {
		if name == "" {
			name = t.ID()
		}
		title, subtitle := titles(d, t, name, nil)
		f := newswire.Feed{Site: d.Site, Topic: t}
		return opml.Outline{
			Title:       title,
			Description: subtitle,
			FeedURL:     f.URL(s.options.Formats[0].Extension),
			HomePage:    f.HomePage(),
			Language:    d.Site.Language,
		}
	}
	categories := opml.Outline{Title: "Categories"}
	for _, c := range d.Categories {
		categories.Outlines = append(categories.Outlines, outline(newswire.CategoryTopic(c.ID), c.Title))
	}
	names, err := s.lists.sourceNames(ctx, d)
	if err != nil {
		return nil, err
	}
	sources := opml.Outline{Title: "Sources"}
	for i := range d.Sources {
		sources.Outlines = append(sources.Outlines, outline(newswire.SourceTopic(d.Sources[i].ID), names[i]))
	}
	authors := opml.Outline{Title: "Authors"}
	list, err := s.authorsFrom(ctx, d, "", opmlAuthors)
	if err != nil {
		return nil, err
	}
	if list.next != "" {
		authors.Title = fmt.Sprintf("Authors (some of them; all are at %s/authors)", d.Site.URL)
	}
	for _, a := range list.authors {
		authors.Outlines = append(authors.Outlines, outline(a.Topic, a.Name))
	}
	return []opml.Outline{outline(newswire.All, d.Site.Title), categories, sources, authors}, nil
}
