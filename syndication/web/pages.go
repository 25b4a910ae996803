package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/pages"
	"github.com/newswire/newswire/syndication/revision"
)

const htmlType = "text/html; charset=utf-8"

// pageFields let a page load nothing but what our own origin has, run no other script, and send nothing anywhere. Pictures come
// from publishers where the operator wants it, and a recording from anywhere on a page that has one: a person starts it.
func (d *Directory) pageFields(p permissions) []revision.Field {
	policy := "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'"
	if d.Pictures == PicturesDirectly {
		policy += " https: http:"
	}
	if p.plays {
		policy += "; media-src https: http:"
	}
	forms := "'none'"
	if p.asks {
		forms = "'self'"
	}
	return []revision.Field{
		revision.NewField("Content-Security-Policy", policy+"; base-uri 'none'; form-action "+forms+"; frame-ancestors 'none'"),
		revision.NewField("Referrer-Policy", "strict-origin-when-cross-origin"),
	}
}

// permissions are what some pages may do, and others may not.
type permissions struct {
	plays bool // a recording
	asks  bool // has a form, which is sent to us
}

func newPage(d *Directory, title, intro string) pages.Page {
	return pages.Page{Site: d.Site, Base: d.base(), Title: title, Intro: intro, CanSearch: d.CanSearch}
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
	return revision.Content{MediaType: htmlType, Body: body, Changed: changed, Fields: d.pageFields(permissions{})}, nil
}

// homeTopics bounds the topics of a kind on the front page; the rest is a link away.
const homeTopics = 24

// home answers at /: what there is, and what is new.
func (s *Server) home(w http.ResponseWriter, r *http.Request) error {
	lists := directories{s}
	return s.engine.Show(w, r, revision.Target{Topic: newswire.All, Name: "home", Persist: true, Render: func(ctx context.Context, draft *revision.Draft) (revision.Content, error) {
		d := s.directory()
		l, err := s.lists.list(ctx, d, newswire.All, s.variants.plain(), withoutCredit)
		if err != nil {
			return revision.Content{}, err
		}
		older, err := s.olderPath(ctx, d, &l, draft)
		if err != nil {
			return revision.Content{}, err
		}
		data := pages.Home{Page: l.about(d, s.options.Formats), Pager: pages.Pager{Older: older}}
		data.Topics, err = lists.home(ctx, d)
		if err != nil {
			return revision.Content{}, err
		}
		return l.timed(func(l *listed) (revision.Content, error) {
			shown := data
			shown.Days = pages.Days(articleViews(d, &l.feed))
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
		return s.engine.Show(w, r, revision.Target{Topic: topic, Name: "page", Persist: true, Render: func(ctx context.Context, draft *revision.Draft) (revision.Content, error) {
			d := s.directory()
			l, err := s.lists.list(ctx, d, topic, s.variants.plain(), withoutCredit)
			if err != nil {
				return revision.Content{}, err
			}
			older, err := s.olderPath(ctx, d, &l, draft)
			if err != nil {
				return revision.Content{}, err
			}
			return l.timed(func(l *listed) (revision.Content, error) {
				view := pages.Listing{
					Page:    l.about(d, s.options.Formats),
					Kind:    topic.Kind(),
					Days:    pages.Days(articleViews(d, &l.feed)),
					Pager:   pages.Pager{Older: older},
					Related: d.related(topic, l.feed.Articles),
				}
				if topic.Kind() == newswire.KindSource {
					view.Publisher, view.Fares = d.publisher(l.feed.Articles), d.fares(l.feed.Articles)
				}
				return d.page("listing", view, l.changed)
			})
		}})
	}
}

// olderPath is the path of the newest page of a topic's archive, which has what the topic's own page has no place for; empty
// where there is none.
func (s *Server) olderPath(ctx context.Context, d *Directory, l *listed, draft *revision.Draft) (string, error) {
	if l.next == "" {
		return "", nil
	}
	number, err := s.lists.archive(ctx, d, l.feed.Topic, l.next, draft)
	if err != nil || number == "0" {
		return "", err
	}
	return d.topicPath(l.feed.Topic) + archivePath + number, nil
}

// topicPath is the path of a topic's page, without a slash at its end.
func (d *Directory) topicPath(t newswire.Topic) string {
	if t == newswire.All {
		return d.base()
	}
	return d.base() + "/" + string(t)
}

// older answers at the pages of a topic's archive: those of its feeds, for people. One that was retired leads to the next older
// one that stands, and after the last to the topic's own page.
func (s *Server) older(topicOf func(id string) newswire.Topic) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		topic, number := topicOf(r.PathValue("id")), r.PathValue("number")
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || strconv.Itoa(n) != number {
			return fmt.Errorf("page %q of %s: %w", number, topic, newswire.ErrNotFound)
		}
		if topic, err = newswire.ParseTopic(string(topic)); err != nil {
			return err
		}
		t := revision.Target{Topic: topic, Name: "page " + number, Archive: true, Variant: true}
		t.Render = func(ctx context.Context, draft *revision.Draft) (revision.Content, error) {
			d := s.directory()
			l, older, err := s.lists.archivedPage(ctx, d, topic, n, draft)
			if err != nil {
				return revision.Content{}, err
			}
			return l.timed(func(l *listed) (revision.Content, error) {
				view := pages.Listing{Page: l.about(d, s.options.Formats), Kind: topic.Kind(), Days: pages.Days(articleViews(d, &l.feed))}
				view.Canonical, view.NoIndex = "", true
				view.Newest, view.Older = cmp.Or(d.topicPath(topic), "/"), ""
				if older > 0 {
					view.Older = d.topicPath(topic) + archivePath + strconv.Itoa(older)
				}
				return d.page("listing", view, l.changed)
			})
		}
		err = s.engine.Show(w, r, t)
		var next retired
		switch {
		case !errors.As(err, &next):
			return err
		case next > 0:
			return moved(w, r, strconv.Itoa(int(next)))
		case topic == newswire.All:
			return moved(w, r, "../")
		}
		return moved(w, r, "../../"+topic.ID())
	}
}

// aboutFetcher answers at /about/fetcher, the address in the User-Agent that publishers find in their logs.
func (s *Server) aboutFetcher(w http.ResponseWriter, r *http.Request) error {
	return s.engine.Show(w, r, revision.Target{Topic: "", Name: "fetcher", Render: func(context.Context, *revision.Draft) (revision.Content, error) {
		d := s.directory()
		product, _, _ := strings.Cut(s.options.UserAgent, "/")
		p := newPage(d, d.words().Text("fetcher.title"), "")
		p.Canonical = d.Site.URL + "/about/fetcher"
		return d.page("fetcher", pages.Fetcher{Page: p, UserAgent: s.options.UserAgent, Product: product}, d.Changed)
	}})
}

// errorPage tells people of a refusal.
func (s *Server) errorPage(a answer) []byte {
	d := s.directory()
	p := newPage(d, d.words().Text("error."+strconv.Itoa(a.code)), a.in(d.words()))
	p.NoIndex = true
	c, err := d.page("error", p, time.Time{})
	if err != nil {
		return []byte(a.line())
	}
	return c.Body
}
