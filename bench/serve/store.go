package main

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// store changes once: when it is told to, it has one article more than before. It has a page of an archive.
type store struct {
	articles []newswire.Article // the last to come first
	come     atomic.Bool        // whether that has
	closed   atomic.Pointer[string]
}

func newStore() *store { return &store{articles: articles()} }

const (
	before newswire.Cursor = "1" // the article that comes
	after  newswire.Cursor = "2"
)

func (s *store) listed() []newswire.Article {
	if s.come.Load() {
		return s.articles
	}
	return s.articles[1:]
}

func (s *store) Article(context.Context, string) (newswire.Article, error) {
	return newswire.Article{}, newswire.ErrNotFound
}

func (s *store) Revisions(context.Context, string) ([]newswire.Article, error) { return nil, nil }

func (s *store) Articles(context.Context, cache.Query) (cache.Page, error) {
	list := s.listed()
	return cache.Page{Articles: list, Changed: list[0].Listed, Next: "older"}, nil
}

func (s *store) Archive(_ context.Context, c cache.Closing) (int, bool, error) {
	s.closed.Store(&c.Settings)
	return 1, false, nil
}

func (s *store) Newest(_ context.Context, _ newswire.Topic, settings string) (int, error) {
	s.closed.Store(&settings)
	return 1, nil
}

func (s *store) Archived(context.Context, newswire.Topic, int) (cache.ArchivePage, error) {
	if settings := s.closed.Load(); settings != nil {
		return cache.ArchivePage{Articles: s.articles, Settings: *settings}, nil
	}
	return cache.ArchivePage{}, newswire.ErrNotFound
}

func (s *store) Tombstones(context.Context, newswire.Topic, int) ([]newswire.Tombstone, error) {
	return nil, nil
}

func (s *store) Topics(context.Context, newswire.Kind, newswire.Cursor, int) ([]cache.Listing, newswire.Cursor, error) {
	return nil, "", nil
}

func (s *store) Changes(_ context.Context, from newswire.Cursor, _ int) ([]newswire.Change, error) {
	if from != before || !s.come.Load() {
		return nil, nil
	}
	a := s.articles[0]
	return []newswire.Change{{Cursor: after, Op: newswire.Put, Article: a.ID, Revision: 1, Topics: a.Topics(), At: a.Listed}}, nil
}

func (s *store) Head(context.Context) (newswire.Cursor, error) {
	if s.come.Load() {
		return after, nil
	}
	return before, nil
}

func (*store) Await(ctx context.Context, _ newswire.Cursor) error {
	<-ctx.Done()
	return ctx.Err()
}

func (s *store) Tombstone(context.Context, string) (newswire.Tombstone, error) {
	return newswire.Tombstone{}, newswire.ErrNotFound
}

func (s *store) Spend(_ context.Context, _ string, _ cache.Quota, n int) (cache.Spent, error) {
	return cache.Spent{Units: n, Left: 1000}, nil
}

func (s *store) AddUsage(context.Context, time.Time, map[string]cache.Used) error { return nil }

func (s *store) Usage(context.Context, string, time.Time) ([]cache.DayUsage, error) { return nil, nil }

func (s *store) Count(context.Context, time.Time, map[newswire.Topic]int) error { return nil }
