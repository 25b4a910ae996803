package web

import (
	"context"
	"fmt"
	"net/http"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/opml"
	"github.com/newswire/newswire/syndication/revision"
)

// subscriptions answers at /feeds.opml: everything that the operator lists, for a reader to import. It is there once
// for each topic, in the preferred format, lest a reader subscribe three times.
func (s *Server) subscriptions(w http.ResponseWriter, r *http.Request) error {
	return s.engine.Show(w, r, revision.Target{Topic: "", Name: "opml", Render: func(context.Context, *revision.Draft) (revision.Content, error) {
		d := s.directory()
		body, err := opml.Encode(d.Site, s.outlines(d))
		if err != nil {
			return revision.Content{}, fmt.Errorf("list of feeds: %w", err)
		}
		fields := dataFields(d.Site.URL+"/feeds.opml", "")
		return revision.Content{MediaType: opml.MediaType, Body: body, Changed: d.Changed, Fields: fields}, nil
	}})
}

func (s *Server) outlines(d *Directory) []opml.Outline {
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
	sources := opml.Outline{Title: "Sources"}
	for i := range d.Sources {
		sources.Outlines = append(sources.Outlines, outline(newswire.SourceTopic(d.Sources[i].ID), d.Sources[i].Name))
	}
	authors := opml.Outline{Title: "Authors"}
	for _, a := range d.Authors {
		authors.Outlines = append(authors.Outlines, outline(newswire.AuthorTopic(a.ID), a.Name))
	}
	return []opml.Outline{outline(newswire.All, d.Site.Title), categories, sources, authors}
}
