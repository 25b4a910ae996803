//go:build linux

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/web"
)

// work is what is done with a store of one size.
type work struct {
	store     cache.Store
	directory *web.Directory
	size      size
	each      int   // articles of a source
	now       int64 // tells the articles of this run from those of others
	rand      *rand.Rand
}

func newWork(store cache.Store, s size) *work {
	d := &web.Directory{Site: newswire.Site{Title: "The Wire", URL: "https://wire.example.org", Language: "en"}}
	for i := range categories {
		d.Categories = append(d.Categories, newswire.Category{ID: fmt.Sprintf("c%d", i), Title: fmt.Sprintf("Category %d", i)})
	}
	for i := range s.sources {
		d.Sources = append(d.Sources, newswire.Source{ID: sourceID(i), Name: "Publisher " + sourceID(i), Categories: []string{fmt.Sprintf("c%d", i%categories)}})
	}
	return &work{store: store, directory: d, size: s, each: s.articles / s.sources, now: time.Now().UnixNano(), rand: rand.New(rand.NewPCG(1, 2))}
}

// newSite is one that answers from the store, and has rendered nothing yet.
func (w *work) newSite() http.Handler {
	return web.New(w.store, func() *web.Directory { return w.directory }, web.Options{})
}

// source is one of all, at random.
func (w *work) source() int { return w.rand.IntN(w.size.sources) }

// things are what is measured. What a page or a feed costs is that of its first rendering.
func (w *work) things() []thing {
	return []thing{
		{"record 20 new articles", w.recordNew},
		{"record a visit without news", w.recordNothing},
		{"claim a source by name", w.claimNamed},
		{"what comes due next", func(ctx context.Context, _ int) error { _, err := w.store.Next(ctx); return err }},
		{"what is known of 20 articles", w.known},
		{"one article", func(ctx context.Context, _ int) error {
			_, err := w.store.Article(ctx, article(w.source(), 0).ID)
			return err
		}},
		{"the newest 50 articles", func(ctx context.Context, _ int) error { return w.page(ctx, newswire.All) }},
		{"the newest articles of a source", func(ctx context.Context, _ int) error { return w.page(ctx, newswire.SourceTopic(sourceID(w.source()))) }},
		{"50 topics of authors", func(ctx context.Context, _ int) error {
			_, _, err := w.store.Topics(ctx, newswire.KindAuthor, "", 50)
			return err
		}},
		{"the log has nothing new", w.nothingNew},
		{"front page", w.first("/")},
		{"a source's page", w.ofSource("/source/%s")},
		{"a source's feed", w.ofSource("/feeds/source/%s.atom")},
		{"a category's feed", w.first("/feeds/category/c1.rss")},
		{"authors", w.first("/authors")},
		{"all feeds as OPML", w.first("/feeds.opml")},
	}
}

func (w *work) recordNew(ctx context.Context, i int) error {
	articles := make([]newswire.Article, 20)
	source := w.source()
	for n := range articles {
		articles[n] = article(source, w.each+20*i+n)
		articles[n].GUID = fmt.Sprintf("%s-%d", articles[n].GUID, w.now)
		articles[n].ID = newswire.ArticleID(sourceID(source), articles[n].GUID)
	}
	return record(ctx, w.store, source, articles)
}

func (w *work) recordNothing(ctx context.Context, _ int) error {
	lease, err := claim(ctx, w.store, w.source())
	if err != nil {
		return err
	}
	return w.store.Record(ctx, lease, newswire.Visit{Source: lease.Source, At: lease.At, State: newswire.State{Source: lease.Source, Due: lease.At.Add(24 * time.Hour)}})
}

func (w *work) claimNamed(ctx context.Context, _ int) error {
	lease, err := claim(ctx, w.store, w.source())
	if err != nil {
		return err
	}
	return w.store.Postpone(ctx, lease, time.Now().Add(time.Hour))
}

func (w *work) known(ctx context.Context, _ int) error {
	source := w.source()
	ids := make([]string, min(20, w.each))
	for n := range ids {
		ids[n] = article(source, n).ID
	}
	_, err := w.store.Known(ctx, sourceID(source), ids)
	return err
}

func (w *work) page(ctx context.Context, topic newswire.Topic) error {
	_, err := w.store.Articles(ctx, cache.Query{Topic: topic, Limit: 50})
	return err
}

func (w *work) nothingNew(ctx context.Context, _ int) error {
	head, err := w.store.Head(ctx)
	if err != nil {
		return err
	}
	_, err = w.store.Changes(ctx, head, 100)
	return err
}

// first asks a site for an address that has rendered nothing before.
func (w *work) first(address string) func(context.Context, int) error {
	return func(ctx context.Context, _ int) error { return get(ctx, w.newSite(), address) }
}

// ofSource asks for the address of another source each time.
func (w *work) ofSource(address string) func(context.Context, int) error {
	return func(ctx context.Context, _ int) error {
		return get(ctx, w.newSite(), fmt.Sprintf(address, sourceID(w.source())))
	}
}

func get(ctx context.Context, site http.Handler, address string) error {
	answer := httptest.NewRecorder()
	site.ServeHTTP(answer, httptest.NewRequestWithContext(ctx, http.MethodGet, address, nil))
	if answer.Code != http.StatusOK {
		return fmt.Errorf("%s answers %d", address, answer.Code)
	}
	return nil
}
