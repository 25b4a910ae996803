//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// An article's text has at least so many bytes.
const (
	leastText = 1300
	mostText  = 6300
)

// categories is how many categories there are.
const categories = 20

var firstDay = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func sourceID(i int) string { return fmt.Sprintf("s%06d", i) }

// article is the n-th of a source, which has three authors.
func article(source, n int) newswire.Article {
	id := sourceID(source)
	guid := fmt.Sprintf("%s-%d", id, n)
	aid := newswire.ArticleID(id, guid)
	author := fmt.Sprintf("%s-a%d", id, n%3)
	text := newProse(uint64(source)<<32 | uint64(n))
	at := firstDay.Add(time.Duration(source)*time.Second + time.Duration(n)*3*time.Hour)
	return newswire.Article{
		ID: aid, Source: id, Revision: 1, GUID: guid, AtomID: "tag:wire.example.org,2026:" + aid, Offer: guid,
		URL: "https://" + id + ".example.com/" + guid, Title: text.sentence(), Summary: text.html(200), Content: text.html(leastText + text.rand.IntN(mostText-leastText)),
		Authors: []newswire.Person{{ID: author, Name: "Author " + author}}, Published: at, FirstSeen: at, Listed: at,
		Categories: []string{fmt.Sprintf("c%d", source%categories)}, Rights: newswire.Rights{Policy: newswire.PolicyFull},
		Publisher: newswire.Publisher{ID: "https://" + id + ".example.com/", Title: "Publisher " + id, URL: "https://" + id + ".example.com/"},
	}
}

// fill records visits until the store has a size. A store that has it stays as it is.
func fill(ctx context.Context, store cache.Store, s size) error {
	last := sourceID(s.sources - 1)
	states, err := store.States(ctx, last)
	if err != nil || states[last].Source != "" {
		return err
	}
	each := s.articles / s.sources
	for source := range s.sources {
		articles := make([]newswire.Article, each)
		for n := range articles {
			articles[n] = article(source, n)
		}
		if err := record(ctx, store, source, articles); err != nil {
			return err
		}
	}
	return nil
}

// record records a visit that found just these articles.
func record(ctx context.Context, store cache.Store, source int, articles []newswire.Article) error {
	lease, err := claim(ctx, store, source)
	if err != nil {
		return err
	}
	return store.Record(ctx, lease, visit(lease, articles))
}

// visit is one that found articles.
func visit(lease cache.Lease, articles []newswire.Article) newswire.Visit {
	offered := make([]string, len(articles))
	for i := range articles {
		offered[i] = articles[i].ID
	}
	return newswire.Visit{
		Source: lease.Source, At: lease.At, Articles: articles, Offered: offered,
		State: newswire.State{Source: lease.Source, Due: lease.At.Add(24 * time.Hour)},
	}
}

var errNotDue = errors.New("the source was not due")

// claim makes a source due, and takes its lease.
func claim(ctx context.Context, store cache.Store, source int) (cache.Lease, error) {
	id := sourceID(source)
	due, err := store.Due(ctx, id)
	if err != nil {
		return cache.Lease{}, err
	}
	if err := store.Reschedule(ctx, id, due[id], time.UnixMilli(1)); err != nil {
		return cache.Lease{}, err
	}
	leases, err := store.Claim(ctx, 1, time.Minute, id)
	if err != nil {
		return cache.Lease{}, err
	}
	if len(leases) != 1 {
		return cache.Lease{}, errNotDue
	}
	return leases[0], nil
}
