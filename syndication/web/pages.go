package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/text"
	"github.com/newswire/newswire/syndication/pages"
	"github.com/newswire/newswire/syndication/revision"
)

const htmlType = "text/html; charset=utf-8"

// pageFields let a page load nothing but the style, the script and the pictures of our own origin, run nothing else, and send
// nothing anywhere.
var pageFields = []revision.Field{
	revision.NewField("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "+
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
	revision.NewField("Referrer-Policy", "strict-origin-when-cross-origin"),
}

func newPage(d *Directory, title, intro string) pages.Page {
	return pages.Page{Site: d.Site, Base: d.base(), Title: title, Intro: intro}
}

// about is the page of a topic.
func (l *listed) about(d *Directory, formats []Format) pages.Page {
	p := newPage(d, l.name, l.feed.Subtitle)
	p.Canonical = l.feed.HomePage()
	p.Feeds = d.feedLinks(l.feed.Topic, l.feed.Title, formats)
	return p
}

func (d *Directory) feedLinks(t newswire.Topic, title string, formats []Format) []pages.FeedLink {
	links := make([]pages.FeedLink, len(formats))
	for i, f := range formats {
		mediaType, _, _ := strings.Cut(f.MediaType, ";") // programs that look for feeds compare it as it is
		links[i] = pages.FeedLink{Format: f.Name, MediaType: mediaType, Title: title, URL: d.Site.URL + newswire.FeedPath(t, f.Extension)}
	}
	return links
}

func (d *Directory) topicView(t newswire.Topic, name string, formats []Format) pages.Topic {
	if name == "" {
		name = t.ID()
	}
	return pages.Topic{Topic: t, Name: name, Page: d.base() + "/" + string(t), Feeds: d.feedLinks(t, name, formats)}
}

// page renders a page from what is made for it.
func (d *Directory) page(name string, data any, changed time.Time) (revision.Content, error) {
	body, err := d.look().Render(name, data)
	if err != nil {
		return revision.Content{}, err
	}
	return revision.Content{MediaType: htmlType, Body: body, Changed: changed, Fields: pageFields}, nil
}

// homeAuthors and homeArticles bound the front page; the rest is a link away.
const (
	homeAuthors  = 60
	homeArticles = 20
)

// home answers at /: what there is, and what is new.
func (s *Server) home(w http.ResponseWriter, r *http.Request) error {
	return s.engine.Show(w, r, revision.Target{Topic: newswire.All, Name: "home", Persist: true, Render: func(ctx context.Context, _ *revision.Draft) (revision.Content, error) {
		d := s.directory()
		l, err := s.lists.list(ctx, d, newswire.All, s.variants.plain(), withoutCredit)
		if err != nil {
			return revision.Content{}, err
		}
		authors, err := s.authorsFrom(ctx, d, "", homeAuthors)
		if err != nil {
			return revision.Content{}, err
		}
		data := pages.Home{
			Page:        l.about(d, s.options.Formats),
			Authors:     authors.authors,
			MoreAuthors: authors.next != "",
		}
		for _, c := range d.Categories {
			data.Categories = append(data.Categories, d.topicView(newswire.CategoryTopic(c.ID), c.Title, s.options.Formats))
		}
		names, err := s.lists.sourceNames(ctx, d)
		if err != nil {
			return revision.Content{}, err
		}
		for i := range d.Sources {
			source := &d.Sources[i]
			v := d.topicView(newswire.SourceTopic(source.ID), names[i], s.options.Formats)
			v.Site = text.URL(source.Site)
			data.Sources = append(data.Sources, v)
		}
		return l.timed(func(l *listed) (revision.Content, error) {
			shown := data
			shown.Articles = articleViews(d, &l.feed, homeArticles)
			return d.page("home", shown, l.changed)
		})
	}})
}

// listing answers at a topic's page.
func (s *Server) listing(topicOf func(id string) newswire.Topic) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		topic, err := newswire.ParseTopic(string(topicOf(r.PathValue("id"))))
		if err != nil {
			return err
		}
		return s.engine.Show(w, r, revision.Target{Topic: topic, Name: "page", Persist: true, Render: func(ctx context.Context, _ *revision.Draft) (revision.Content, error) {
			d := s.directory()
			l, err := s.lists.list(ctx, d, topic, s.variants.plain(), withoutCredit)
			if err != nil {
				return revision.Content{}, err
			}
			return l.timed(func(l *listed) (revision.Content, error) {
				return d.page("listing", pages.Listing{
					Page:     l.about(d, s.options.Formats),
					Kind:     topic.Kind(),
					Articles: articleViews(d, &l.feed, s.options.Limit),
				}, l.changed)
			})
		}})
	}
}

// aboutFetcher answers at /about/fetcher, the address in the User-Agent that publishers find in their logs.
func (s *Server) aboutFetcher(w http.ResponseWriter, r *http.Request) error {
	return s.engine.Show(w, r, revision.Target{Topic: "", Name: "fetcher", Render: func(context.Context, *revision.Draft) (revision.Content, error) {
		d := s.directory()
		product, _, _ := strings.Cut(s.options.UserAgent, "/")
		p := newPage(d, "Who visits your site", "")
		p.Canonical = d.Site.URL + "/about/fetcher"
		return d.page("fetcher", pages.Fetcher{Page: p, UserAgent: s.options.UserAgent, Product: product}, d.Changed)
	}})
}

// errorPage says to people what a refusal says to programs.
func (s *Server) errorPage(a answer) []byte {
	d := s.directory()
	p := newPage(d, http.StatusText(a.code), a.text)
	p.NoIndex = true
	c, err := d.page("error", p, time.Time{})
	if err != nil {
		return []byte(a.text)
	}
	return c.Body
}
