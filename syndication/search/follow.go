package search

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// batch is how many articles are written at once, of those that are listed.
const batch = 500

// listener is the index as the [cache.Listener] of the log.
type listener Index

var _ cache.Listener = (*listener)(nil)

// Changed writes what changes touch as it is in the store by now: an article that was changed twice is read once, and one
// that is gone again is not missed.
func (l *listener) Changed(ctx context.Context, changes []newswire.Change) error {
	var entries []entry
	seen := map[string]bool{}
	for _, c := range changes {
		if seen[c.Article] {
			continue
		}
		seen[c.Article] = true
		e, err := l.entry(ctx, c.Article)
		if err != nil {
			return fmt.Errorf("search index: read %s: %w", c.Article, err)
		}
		entries = append(entries, e)
	}
	if err := l.file.write(ctx, entries, changes[len(changes)-1].Cursor); err != nil {
		return fmt.Errorf("search index: %w", err)
	}
	l.options.Changed(slices.ContainsFunc(changes, func(c newswire.Change) bool { return c.Op == newswire.Remove }))
	return nil
}

// entry is what is to be known of an article.
func (l *listener) entry(ctx context.Context, id string) (entry, error) {
	a, err := l.store.Article(ctx, id)
	if errors.Is(err, newswire.ErrNotFound) || errors.Is(err, newswire.ErrWithdrawn) {
		return entry{article: id}, nil
	}
	if err != nil {
		return entry{}, err
	}
	return newEntry(a, l.options.Now()), nil
}

// Reset makes the index again, beside the one that there is. What the log says meanwhile is told afterwards.
func (l *listener) Reset(ctx context.Context, head newswire.Cursor, why error) error {
	began := l.options.Now()
	l.filled.Store(false)
	if err := l.file.begin(ctx); err != nil {
		return fmt.Errorf("search index: %w", err)
	}
	total := 0
	for after := newswire.Cursor(""); ; {
		page, err := l.store.Articles(ctx, cache.Query{Topic: newswire.All, After: after, Limit: batch})
		if err != nil {
			return fmt.Errorf("search index: list all articles: %w", err)
		}
		entries := make([]entry, len(page.Articles))
		for i := range page.Articles {
			entries[i] = newEntry(page.Articles[i], l.options.Now())
		}
		if err := l.file.write(ctx, entries, ""); err != nil {
			return fmt.Errorf("search index: %w", err)
		}
		total += len(entries)
		if after = page.Next; after == "" {
			break
		}
	}
	if err := l.file.finish(ctx, head); err != nil {
		return fmt.Errorf("search index: %w", err)
	}
	l.filled.Store(true)
	l.options.Changed(true)
	log := l.options.Log
	if why != nil {
		log = log.With("why", why)
	}
	log.InfoContext(ctx, "search index made", "articles", total, "took", l.options.Now().Sub(began))
	return nil
}

// Polled notes whether a poll went well.
func (l *listener) Polled(ctx context.Context, _ time.Time, err error) {
	if err == nil {
		l.failure.Store(nil)
		return
	}
	if l.failure.Swap(&err) == nil {
		l.options.Log.WarnContext(ctx, "search does not hear of new articles", "error", err)
	}
}

// placeOf is the place in the index that belongs to a time: its second. An article whose place is taken has a later one that
// is free, so that no two share a place; see [file.find].
func placeOf(listed time.Time) int64 {
	const most = 1 << 40
	return min(max(listed.Unix(), -most), most)
}
