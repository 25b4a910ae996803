package cachetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// Times that are due, and not due, by any clock a store may have.
var (
	past   = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	future = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
)

// desk works on one store as aggregator, reader and operator do. Its methods fail the test on any error.
type desk struct {
	*testing.T
	Harness
	ctx context.Context
}

func newDesk(t *testing.T, h Harness) *desk {
	return &desk{T: t, Harness: h, ctx: t.Context()}
}

// check fails the test on an unexpected error.
func (d *desk) check(err error, format string, args ...any) {
	d.Helper()
	if err != nil {
		d.Fatalf("%s: %v", fmt.Sprintf(format, args...), err)
	}
}

// equal reports a difference as an error.
func (d *desk) equal(what string, got, want any) {
	d.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		d.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// piece is the n-th article of a source, with its IDs and times; the larger n, the newer.
func piece(source string, n int) newswire.Article {
	guid := fmt.Sprintf("urn:example:%s:%d", source, n)
	at := past.Add(time.Duration(n) * time.Minute)
	return newswire.Article{
		ID:        newswire.ArticleID(source, guid),
		Source:    source,
		Revision:  1,
		GUID:      guid,
		AtomID:    guid,
		Title:     fmt.Sprintf("Article %d of %s", n, source),
		Content:   "<p>As first reported.</p>",
		Offer:     newswire.Hash("as first offered", guid),
		Published: at,
		FirstSeen: at,
		Listed:    at,
	}
}

// pieces are articles from to to of a source, both included.
func pieces(source string, from, to int) []newswire.Article {
	var articles []newswire.Article
	for n := from; n <= to; n++ {
		articles = append(articles, piece(source, n))
	}
	return articles
}

// revised is the article with new content and the next revision.
func revised(a newswire.Article) newswire.Article {
	a.Revision++
	a.Content = fmt.Sprintf("<p>As corrected, revision %d.</p>", a.Revision)
	a.Offer = newswire.Hash(a.Content)
	return a
}

// within is the article in other categories.
func within(a newswire.Article, categories ...string) newswire.Article {
	a.Categories = categories
	return a
}

// claim makes a source due, whatever it was, and takes the lease.
func (d *desk) claim(source string) cache.Lease {
	d.Helper()
	due, err := d.Store.Due(d.ctx)
	d.check(err, "Due()")
	d.check(d.Store.Reschedule(d.ctx, source, due[source], past), "Reschedule(%s, %v, past)", source, due[source])
	leases, err := d.Store.Claim(d.ctx, 1, time.Hour, source)
	d.check(err, "Claim(%s)", source)
	if len(leases) != 1 || leases[0].Source != source {
		d.Fatalf("Claim(%s) = %+v, want one lease", source, leases)
	}
	return leases[0]
}

// visit is the result of a visit that found a document with just these articles, all of them new or changed.
func visit(lease cache.Lease, articles ...newswire.Article) newswire.Visit {
	return newswire.Visit{
		Source:   lease.Source,
		At:       lease.At,
		Articles: articles,
		Offered:  append([]string{}, ids(articles)...),
		State:    newswire.State{Source: lease.Source, Due: future},
	}
}

// record claims the source and records a visit that found just these articles.
func (d *desk) record(source string, articles ...newswire.Article) {
	d.Helper()
	lease := d.claim(source)
	d.check(d.Store.Record(d.ctx, lease, visit(lease, articles...)), "Record(%s)", source)
}

func ids(articles []newswire.Article) []string {
	var out []string
	for _, a := range articles {
		out = append(out, a.ID)
	}
	return out
}

// newestFirst are the IDs of articles in the order of a listing.
func newestFirst(articles []newswire.Article) []string {
	sorted := slices.Clone(articles)
	slices.SortFunc(sorted, func(a, b newswire.Article) int {
		if c := b.Listed.Compare(a.Listed); c != 0 {
			return c
		}
		if a.ID < b.ID {
			return 1
		}
		return -1
	})
	return ids(sorted)
}

// page reads one page of a topic.
func (d *desk) page(topic newswire.Topic, after newswire.Cursor, limit int) cache.Page {
	d.Helper()
	p, err := d.Store.Articles(d.ctx, cache.Query{Topic: topic, After: after, Limit: limit})
	d.check(err, "Articles(%s, %q, %d)", topic, after, limit)
	return p
}

// listing reads a whole topic, a few articles at a time.
func (d *desk) listing(topic newswire.Topic) []newswire.Article {
	d.Helper()
	articles, err := walk(d.ctx, d.Store, topic, 7)
	d.check(err, "listing of %s", topic)
	return articles
}

// walk reads a whole topic by pages of limit.
func walk(ctx context.Context, store cache.Articles, topic newswire.Topic, limit int) ([]newswire.Article, error) {
	var articles []newswire.Article
	q := cache.Query{Topic: topic, Limit: limit}
	for {
		p, err := store.Articles(ctx, q)
		if err != nil {
			return nil, err
		}
		articles = append(articles, p.Articles...)
		if p.Next == "" {
			return articles, nil
		}
		q.After = p.Next
	}
}

// directory reads all topics of a kind, a few at a time.
func directory(ctx context.Context, store cache.Articles, kind newswire.Kind) ([]cache.Listing, error) {
	var all []cache.Listing
	var after newswire.Cursor
	for {
		some, next, err := store.Topics(ctx, kind, after, 2)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
		if next == "" {
			return all, nil
		}
		after = next
	}
}
