package cachetest

import (
	"context"
	"fmt"
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

// tester works on one store as aggregator, reader and operator do. Its methods fail the test on any error.
type tester struct {
	*testing.T
	Harness
	ctx context.Context
}

func newTester(t *testing.T, h Harness) *tester {
	return &tester{T: t, Harness: h, ctx: t.Context()}
}

// check fails the test on an unexpected error.
func (t *tester) check(err error, format string, args ...any) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", fmt.Sprintf(format, args...), err)
	}
}

// equal reports a difference as an error.
func (t *tester) equal(what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// claim makes a source due, in the index or not, and takes the lease.
func (t *tester) claim(source string) cache.Lease {
	t.Helper()
	due, err := t.Store.Due(t.ctx, source)
	t.check(err, "Due(%s)", source)
	t.check(t.Store.Reschedule(t.ctx, source, due[source], past), "Reschedule(%s, %v, past)", source, due[source])
	leases, err := t.Store.Claim(t.ctx, 1, time.Hour, source)
	t.check(err, "Claim(%s)", source)
	if len(leases) != 1 || leases[0].Source != source {
		t.Fatalf("Claim(%s) = %+v, want one lease", source, leases)
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
func (t *tester) record(source string, articles ...newswire.Article) {
	t.Helper()
	lease := t.claim(source)
	t.check(t.Store.Record(t.ctx, lease, visit(lease, articles...)), "Record(%s)", source)
}

// page reads one page of a topic.
func (t *tester) page(topic newswire.Topic, after newswire.Cursor, limit int) cache.Page {
	t.Helper()
	p, err := t.Store.Articles(t.ctx, cache.Query{Topic: topic, After: after, Limit: limit})
	t.check(err, "Articles(%s, %q, %d)", topic, after, limit)
	return p
}

// listing reads a whole topic, a few articles at a time.
func (t *tester) listing(topic newswire.Topic) []newswire.Article {
	t.Helper()
	articles, err := walk(t.ctx, t.Store, topic, 7)
	t.check(err, "listing of %s", topic)
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
