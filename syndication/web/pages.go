package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/text"
	"github.com/newswire/newswire/syndication/revision"
)

//go:embed pages.html
var pagesSource string

//go:embed style.css
var style string

// pages are the templates. The style stands in the page itself, so that a page is one request.
var pages = template.Must(template.New("pages").Funcs(template.FuncMap{
	"style": func() template.CSS { return template.CSS(style) },
}).Parse(pagesSource))

const htmlType = "text/html; charset=utf-8"

// pageFields let a page load nothing, run nothing, and send nothing anywhere. Its one style is named by its hash, taken
// as the element has it.
var pageFields = []revision.Field{
	revision.NewField("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+hash(style)+"'; "+
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
	revision.NewField("Referrer-Policy", "strict-origin-when-cross-origin"),
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// page is what every page has.
type page struct {
	Site      newswire.Site
	Base      string // path of the front page, without the slash at its end
	Title     string
	Intro     string
	Canonical string // absolute address; empty for none
	NoIndex   bool
	Feeds     []feedLink // of what the page is about
}

// feedLink is a feed's address in one format.
type feedLink struct {
	Format, MediaType, Title, URL string
}

// topicView is a topic in a list of topics.
type topicView struct {
	topic newswire.Topic
	Name  string
	Page  string // path
	Site  string // the publisher's own, of a source
	Count int    // of articles; 0 when it is not shown
	Feeds []feedLink
}

func newPage(d *Directory, title, intro string) page {
	return page{Site: d.Site, Base: d.base(), Title: title, Intro: intro}
}

// about is the page of a topic.
func (l *listed) about(d *Directory, formats []Format) page {
	p := newPage(d, l.name, l.feed.Subtitle)
	p.Canonical = l.feed.HomePage()
	p.Feeds = d.feedLinks(l.feed.Topic, l.feed.Title, formats)
	return p
}

func (d *Directory) feedLinks(t newswire.Topic, title string, formats []Format) []feedLink {
	links := make([]feedLink, len(formats))
	for i, f := range formats {
		mediaType, _, _ := strings.Cut(f.MediaType, ";") // programs that look for feeds compare it as it is
		links[i] = feedLink{f.Name, mediaType, title, d.Site.URL + newswire.FeedPath(t, f.Extension)}
	}
	return links
}

func (d *Directory) topicView(t newswire.Topic, name string, formats []Format) topicView {
	if name == "" {
		name = t.ID()
	}
	return topicView{topic: t, Name: name, Page: d.base() + "/" + string(t), Feeds: d.feedLinks(t, name, formats)}
}

// pageContent executes a template.
func pageContent(name string, data any, changed time.Time) (revision.Content, error) {
	var buf bytes.Buffer
	if err := pages.ExecuteTemplate(&buf, name, data); err != nil {
		return revision.Content{}, fmt.Errorf("page %s: %w", name, err)
	}
	return revision.Content{MediaType: htmlType, Body: buf.Bytes(), Changed: changed, Fields: pageFields}, nil
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
		data := struct {
			page
			Categories, Sources []topicView
			Authors             authorList
			Articles            []articleView
		}{
			page:    l.about(d, s.options.Formats),
			Authors: authors,
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
			return pageContent("home", shown, l.changed)
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
				return pageContent("listing", struct {
					page
					Kind     string
					Articles []articleView
				}{l.about(d, s.options.Formats), string(topic.Kind()), articleViews(d, &l.feed, s.options.Limit)}, l.changed)
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
		return pageContent("fetcher", struct {
			page
			UserAgent, Product string
		}{p, s.options.UserAgent, product}, d.Changed)
	}})
}

// errorPage says to people what a refusal says to programs.
func (s *Server) errorPage(a answer) []byte {
	p := newPage(s.directory(), http.StatusText(a.code), a.text)
	p.NoIndex = true
	c, err := pageContent("error", p, time.Time{})
	if err != nil {
		return []byte(a.text)
	}
	return c.Body
}
