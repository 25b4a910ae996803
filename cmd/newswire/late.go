package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/web"
)

// The pauses between attempts to open a store that is away.
const (
	firstPause   = time.Second
	longestPause = 15 * time.Second
)

// lateStore is a store that may have yet to be opened. Readers are told meanwhile that it is away; who cannot do without
// it waits.
type lateStore struct {
	address string
	log     *slog.Logger
	opened  chan struct{}         // closed when store is there
	store   cache.Store           // to be read once opened is closed
	failure atomic.Pointer[error] // of the last attempt to open it
	writes  writes                // to store
}

var _ web.Store = (*lateStore)(nil)

func newLateStore(address string, log *slog.Logger) *lateStore {
	return &lateStore{address: address, log: log, opened: make(chan struct{})}
}

// openedStore is a store that was there in time.
func openedStore(store cache.Store) *lateStore {
	s := &lateStore{opened: make(chan struct{})}
	s.use(store)
	return s
}

// open tries once.
func (s *lateStore) open(ctx context.Context) error {
	store, err := openStore(ctx, s.address)
	if err != nil {
		s.failure.Store(&err)
		return err
	}
	s.use(store)
	return nil
}

// use has the store be there, and be watched.
func (s *lateStore) use(store cache.Store) {
	s.store = witnessed{store, &s.writes}
	close(s.opened)
}

// connect tries until the store is open or ctx ends, unless it is open already.
func (s *lateStore) connect(ctx context.Context) error {
	if _, err := s.get(); err == nil {
		return nil
	}
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		err := s.open(ctx)
		switch {
		case err == nil:
			s.log.InfoContext(ctx, "store opened")
			return nil
		case errors.Is(err, cache.ErrMisconfigured):
			s.log.ErrorContext(ctx, "store cannot be opened as it is configured; trying again", "error", err)
		default:
			s.log.DebugContext(ctx, "store still away", "error", err)
		}
	}
}

// wait returns the store when it is open, or the error of ctx.
func (s *lateStore) wait(ctx context.Context) (cache.Store, error) {
	select {
	case <-s.opened:
		return s.store, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// get returns the store if it is open, and otherwise why it is not.
func (s *lateStore) get() (cache.Store, error) {
	select {
	case <-s.opened:
		return s.store, nil
	default:
	}
	if failure := s.failure.Load(); failure != nil {
		return nil, fmt.Errorf("not opened yet: %w", *failure)
	}
	return nil, errors.New("not opened yet")
}

// Close closes the store if it was opened.
func (s *lateStore) Close() error {
	if store, err := s.get(); err == nil {
		return store.Close()
	}
	return nil
}

// Ping implements [cache.Store].
func (s *lateStore) Ping(ctx context.Context) error {
	store, err := s.get()
	if err != nil {
		return err
	}
	return store.Ping(ctx)
}

// from asks the store, if it is open.
func from[T any](s *lateStore, ask func(store cache.Store) (T, error)) (T, error) {
	store, err := s.get()
	if err != nil {
		var none T
		return none, err
	}
	return ask(store)
}

// Article implements [web.Store], as do those that follow.
func (s *lateStore) Article(ctx context.Context, id string) (newswire.Article, error) {
	return from(s, func(store cache.Store) (newswire.Article, error) { return store.Article(ctx, id) })
}

func (s *lateStore) Articles(ctx context.Context, q cache.Query) (cache.Page, error) {
	return from(s, func(store cache.Store) (cache.Page, error) { return store.Articles(ctx, q) })
}

func (s *lateStore) Revisions(ctx context.Context, id string) ([]newswire.Article, error) {
	return from(s, func(store cache.Store) ([]newswire.Article, error) { return store.Revisions(ctx, id) })
}

func (s *lateStore) Tombstones(ctx context.Context, topic newswire.Topic, limit int) ([]newswire.Tombstone, error) {
	return from(s, func(store cache.Store) ([]newswire.Tombstone, error) { return store.Tombstones(ctx, topic, limit) })
}

func (s *lateStore) Archive(
	ctx context.Context, topic newswire.Topic, settings string, after newswire.Cursor, size int,
) (int, error) {
	return from(s, func(store cache.Store) (int, error) { return store.Archive(ctx, topic, settings, after, size) })
}

func (s *lateStore) Archived(ctx context.Context, topic newswire.Topic, number int) (cache.ArchivePage, error) {
	return from(s, func(store cache.Store) (cache.ArchivePage, error) { return store.Archived(ctx, topic, number) })
}

func (s *lateStore) Changes(ctx context.Context, after newswire.Cursor, limit int) ([]newswire.Change, error) {
	return from(s, func(store cache.Store) ([]newswire.Change, error) { return store.Changes(ctx, after, limit) })
}

func (s *lateStore) Head(ctx context.Context) (newswire.Cursor, error) {
	return from(s, func(store cache.Store) (newswire.Cursor, error) { return store.Head(ctx) })
}

func (s *lateStore) Topics(ctx context.Context, kind newswire.Kind, after newswire.Cursor, limit int) ([]cache.Listing, newswire.Cursor, error) {
	store, err := s.get()
	if err != nil {
		return nil, "", err
	}
	return store.Topics(ctx, kind, after, limit)
}

func (s *lateStore) Count(ctx context.Context, day time.Time, readers map[newswire.Topic]int) error {
	store, err := s.get()
	if err != nil {
		return err
	}
	return store.Count(ctx, day, readers)
}
