package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication"
)

// feed answers at /feeds/TOPIC.EXTENSION.
func (s *Server) feed(w http.ResponseWriter, r *http.Request) error {
	address := r.PathValue("address")
	dot := strings.LastIndexByte(address, '.')
	if dot < 0 {
		return fmt.Errorf("feed %q: %w", address, newswire.ErrNotFound)
	}
	topic, err := newswire.ParseTopic(address[:dot])
	if err != nil {
		return err
	}
	for i := range s.options.Formats {
		if f := &s.options.Formats[i]; f.Extension == address[dot+1:] {
			return s.show(w, r, target{topic, f.Extension, func(ctx context.Context, d *Directory) (content, error) {
				return s.renderFeed(ctx, d, topic, f)
			}})
		}
	}
	return fmt.Errorf("feed %q: %w", address, newswire.ErrNotFound)
}

func (s *Server) renderFeed(ctx context.Context, d *Directory, topic newswire.Topic, format *Format) (content, error) {
	l, err := s.list(ctx, d, topic, withCredit)
	if err != nil {
		return content{}, err
	}
	body, err := format.Encode(&l.feed)
	if err != nil {
		return content{}, fmt.Errorf("encode %s as %s: %w", topic, format.Extension, err)
	}
	return content{
		mediaType: format.MediaType,
		body:      body,
		changed:   l.changed,
		fields:    dataFields(l.feed.URL(format.Extension), l.feed.Hub),
	}, nil
}

// dataFields are those of a document for programs: the address under which it wants to be known, and the hub that
// announces its changes if there is one (RFC 8288; WebSub §4); that it is not for search engines; and that scripts of any
// site may read it.
func dataFields(self, hub string) []field {
	link := "<" + self + `>; rel="self"`
	if hub != "" {
		link += ", <" + hub + `>; rel="hub"`
	}
	return append([]field{newField("Link", link), robotsField}, corsFields...)
}

// robotsField keeps the text of articles that others published out of search engines, so that the publisher's page is
// what people find. That is what search engines ask of syndication partners: a rel=canonical is a hint, and a feed has
// no place for one. Links are still followed, to the publisher.
var robotsField = newField("X-Robots-Tag", "noindex")

// listed is the newest of a topic, ready to be shown.
type listed struct {
	name    string // of the topic
	feed    newswire.Feed
	changed time.Time // of the articles or the directory, whichever is later; zero if neither is known
}

// credit says whether an article's text ends with its line of credit, as it must in a feed. A page says the same itself.
type credit bool

const (
	withCredit    credit = true
	withoutCredit credit = false
)

// list reads the newest articles of a topic. It is ErrNotFound if neither the directory nor the store has heard of it.
func (s *Server) list(ctx context.Context, d *Directory, topic newswire.Topic, c credit) (listed, error) {
	page, err := s.store.Articles(ctx, cache.Query{Topic: topic, Limit: s.options.Limit})
	if err != nil {
		return listed{}, fmt.Errorf("list %s: %w: %w", topic, errStore, err)
	}
	name, known := d.name(topic)
	if !known && page.Changed.IsZero() && len(page.Articles) == 0 {
		return listed{}, fmt.Errorf("topic %q: %w", topic, newswire.ErrNotFound)
	}
	if name == "" {
		name = nameFrom(page.Articles, topic)
	}
	if c == withoutCredit {
		page.Articles = uncredited(page.Articles)
	}
	title, subtitle := titles(d.Site, topic, name)
	feed := syndication.Build(d.Site, topic, title, subtitle, page.Articles)
	feed.Hub = s.options.Hub
	return listed{
		name:    name,
		feed:    feed,
		changed: later(page.Changed, d.Changed),
	}, nil
}

// nameFrom is what the articles of a topic call it, when the operator does not: the newest has the word.
func nameFrom(articles []newswire.Article, topic newswire.Topic) string {
	id := topic.ID()
	for i := range articles {
		switch a := &articles[i]; topic.Kind() {
		case newswire.KindSource:
			if a.Publisher.Title != "" {
				return a.Publisher.Title
			}
		case newswire.KindAuthor:
			for _, p := range a.Authors {
				if p.ID == id && p.Name != "" {
					return p.Name
				}
			}
		}
	}
	return id
}

// titles are what a topic's feed is called in a reader's list, and what it says of itself.
func titles(site newswire.Site, topic newswire.Topic, name string) (title, subtitle string) {
	switch topic.Kind() {
	case newswire.KindCategory:
		return name + " – " + site.Title, "Articles on " + name + ", each with its publisher and its author."
	case newswire.KindAuthor:
		return name + " – " + site.Title, "Articles by " + name + ", from every publisher that " + site.Title + " follows."
	case newswire.KindSource:
		return name + " – " + site.Title, "Articles published by " + name + ", as republished by " + site.Title + "."
	default:
		return site.Title, "The newest articles of all publishers that " + site.Title + " follows."
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// uncredited copies articles so that they are built without a line of credit.
func uncredited(articles []newswire.Article) []newswire.Article {
	articles = slices.Clone(articles)
	for i := range articles {
		articles[i].NoCredit = true
	}
	return articles
}
