package stores

import (
	"context"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// pendingArchives are the archives of a store that may have yet to be opened.
type pendingArchives struct {
	store func() (cache.Store, error)
}

var _ cache.Archives = pendingArchives{}

// Archive implements [cache.Archives], as do the methods that follow.
func (p pendingArchives) Archive(ctx context.Context, c cache.Closing) (newest int, more bool, err error) {
	store, err := p.store()
	if err != nil {
		return 0, false, err
	}
	return store.Archive(ctx, c)
}

// Newest implements [cache.Archives].
func (p pendingArchives) Newest(ctx context.Context, topic newswire.Topic, settings string) (int, error) {
	store, err := p.store()
	if err != nil {
		return 0, err
	}
	return store.Newest(ctx, topic, settings)
}

// Archived implements [cache.Archives].
func (p pendingArchives) Archived(ctx context.Context, topic newswire.Topic, number int) (cache.ArchivePage, error) {
	store, err := p.store()
	if err != nil {
		return cache.ArchivePage{}, err
	}
	return store.Archived(ctx, topic, number)
}
