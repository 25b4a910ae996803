// Package search finds articles by their words: titles, authors, and as much of the text as readers see.
//
//	index, err := search.Open(ctx, "newswire.search", store, search.Options{Log: log})
//	g.Go(func() error { return index.Run(ctx) })
//	q, err := search.Parse(`rain -snow "city council" author:reis`)
//	found, err := index.Find(ctx, search.Wanted{Query: q, Limit: 50})
//
// The index is a file that each process has for itself: an SQLite database with its full-text index (FTS5). It follows the
// change log, so it is the same on every store, and it is made again from the store when it is lost. What a reader
// may not see is not in it.
//
// Words are compared without case, width and accents. Text in scripts that put no spaces between words, such as Chinese,
// is found by any part of it.
//
// The package refuses to rank: what is found is in the order of all listings, newest first.
package search

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// Store is the part of [cache.Store] that an index is made from.
type Store interface {
	cache.ChangeLog

	// Article is that of [cache.Articles].
	Article(ctx context.Context, id string) (newswire.Article, error)

	// Articles is that of [cache.Articles].
	Articles(ctx context.Context, q cache.Query) (cache.Page, error)
}

// Options adjust an [Index]. The zero value works.
type Options struct {
	Pages   int64              // bytes of the file that are kept in memory; default 40 MiB
	Poll    time.Duration      // how often the change log is asked for news; default as in [cache.FollowerOptions]
	Changed func(removed bool) // told when other articles may be found than before; removed: one of them is gone
	Log     *slog.Logger       // default: discard
	Now     func() time.Time   // default time.Now
}

// ErrFilling says that the index is being made, and cannot tell all that there is.
var ErrFilling = errors.New("the search index is being made")

// Index finds articles. Make one with [Open], have [Index.Run] run, and [Index.Close] it at the end.
type Index struct {
	store   Store
	file    *file
	options Options

	filled  atomic.Bool           // every article of the store was met
	failure atomic.Pointer[error] // of the last poll; nil when it went well
}

// Open opens the index in a file, and makes it if it is not there. One that is damaged, or of another version, is made
// again; a file of another program is an error.
func Open(ctx context.Context, path string, store Store, o Options) (*Index, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Changed == nil {
		o.Changed = func(bool) {}
	}
	f, err := openFile(ctx, path, o)
	if err != nil {
		return nil, fmt.Errorf("search index %s: %w", path, err)
	}
	x := &Index{store: store, file: f, options: o}
	cursor, err := f.cursor(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("search index %s: %w", path, err), f.close())
	}
	x.filled.Store(cursor != "")
	return x, nil
}

// Close closes the file.
func (x *Index) Close() error { return x.file.close() }

// rest is for how long changes are gathered that follow upon one another, to be written at once.
const rest = 100 * time.Millisecond

// Run follows the change log until ctx ends, and returns ctx.Err(). One Run at a time.
func (x *Index) Run(ctx context.Context) error {
	cursor, err := x.file.cursor(ctx)
	if err != nil {
		return err
	}
	return cache.NewFollower(x.store, (*listener)(x), cache.FollowerOptions{
		After: cursor, Poll: x.options.Poll, Rest: rest, Now: x.options.Now,
	}).Run(ctx)
}

// Check says why the index does not hear of what is new. It returns at once.
func (x *Index) Check(context.Context) error {
	if failure := x.failure.Load(); failure != nil {
		return *failure
	}
	return nil
}

// Complete says whether all articles can be found. It is false while the index is being made.
func (x *Index) Complete() bool { return x.filled.Load() }

// Wanted is what to find.
type Wanted struct {
	Query Query
	After Place // from the articles after this one on; zero: from the newest
	Limit int   // at most this many; must be positive
}

// Place is an article's place in the order of all listings: newest first by Listed and, among equals, by descending ID. It
// is the same in every index.
type Place struct {
	Listed  time.Time
	Article string // ID
}

// before says whether the place is nearer to the newest.
func (p Place) before(q Place) bool { return p.compare(q) < 0 }

func (p Place) compare(q Place) int {
	return cmp.Or(q.Listed.Compare(p.Listed), strings.Compare(q.Article, p.Article))
}

// Found is a part of what there is.
type Found struct {
	Articles []newswire.Article // newest first, as they are in the store
	Last     Place              // of the last article that was looked at; zero when there was none
	More     bool               // there may be more after Last
}
