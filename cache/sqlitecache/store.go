// Package sqlitecache is the store in one SQLite file: the default, for which nothing has to be installed.
//
//	store, err := sqlitecache.Open(ctx, "newswire.db", sqlitecache.Options{})
//	defer store.Close()
//
// Several processes may have the file open, "newswire fetch" beside "newswire serve", say. Each has one connection that
// writes, in short transactions that take the file's write lock first (BEGIN IMMEDIATE), and a few that read without
// waiting (WAL). What is committed is on the disk (synchronous=FULL), and a method that writes returns after that; writes that wait
// while the disk is busy share the next transaction. A visit is recorded in one transaction, so the contract's
// "whole or repeated" is simply whole here. Any sqlite3 can open the file: schema.sql and the migrations beside it
// explain each column.
//
// The package refuses a file on a network share no more than SQLite does, that is, badly: for several machines there is
// rediscache. It also refuses files of other programs, and those of a newer version.
package sqlitecache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/internal/batch"
	"github.com/newswire/newswire/cache/internal/decoded"
	"github.com/newswire/newswire/cache/internal/json"
	"github.com/newswire/newswire/cache/internal/texts"
)

// readers is how many connections read at once.
const readers = 4

// Options are what may be said of a store. The zero value works.
type Options struct {
	Now func() time.Time // the store's clock; default time.Now

	// Hasty does not wait for the disk. What is stored outlives the process, but not a power cut. It is for tests.
	Hasty bool

	Pages    int64 // bytes of the file that all connections keep in memory; default 2 MB for each, SQLite's own
	Articles int64 // bytes of decoded articles in memory; default 32 MiB
}

// Store is a store in an SQLite file. Its methods may be called by many goroutines at once. Each interface of [cache.Store]
// is implemented by a part of it, in a file of its own; the parts share the file.
type Store struct {
	*file
	articles
	archives
	history
	visits
	limits
	changes
	schedule
	domains
	tombstones
	audience
	quotas
	usage
	processes
	subscriptions
}

var _ cache.Store = (*Store)(nil)

// newStore is a store whose parts share a file.
func newStore(f *file) *Store {
	return &Store{
		f,
		articles{f},
		archives{f},
		history{f},
		visits{f},
		limits{f},
		changes{f},
		schedule{f},
		domains{f},
		tombstones{f},
		audience{f},
		quotas{f},
		usage{f},
		processes{f},
		subscriptions{f},
	}
}

// The parts of a store.
type (
	articles      struct{ *file }
	archives      struct{ *file }
	history       struct{ *file }
	visits        struct{ *file }
	limits        struct{ *file }
	changes       struct{ *file }
	schedule      struct{ *file }
	domains       struct{ *file }
	tombstones    struct{ *file }
	audience      struct{ *file }
	quotas        struct{ *file }
	usage         struct{ *file }
	processes     struct{ *file }
	subscriptions struct{ *file }
)

var (
	_ cache.Articles      = articles{}
	_ cache.Archives      = archives{}
	_ cache.History       = history{}
	_ cache.Visits        = visits{}
	_ cache.Limits        = limits{}
	_ cache.Changes       = changes{}
	_ cache.Schedule      = schedule{}
	_ cache.Domains       = domains{}
	_ cache.Tombstones    = tombstones{}
	_ cache.Audience      = audience{}
	_ cache.Quotas        = quotas{}
	_ cache.Usage         = usage{}
	_ cache.Processes     = processes{}
	_ cache.Subscriptions = subscriptions{}
)

// file is an open SQLite file, with a connection that writes and some that read.
type file struct {
	path string
	now  func() time.Time
	db   *sql.DB // of the writer
	pool *sql.DB // of the readers

	waiting batch.Batch[*job] // writes that wait
	writing chan struct{}     // holds a token while a transaction is open; guards writer and crowded
	writer  *session          // nil when it is to be opened again
	crowded bool              // whether several wrote in the last transaction

	mu    sync.Mutex // guards reads
	reads map[string]*sql.Stmt

	codec   texts.Codec
	decoded decoded.Articles // of pages
	end     logEnd           // of the change log, as far as this process wrote it
}

// Decoded is how many bytes the decoded articles in memory take, roughly.
func (s *file) Decoded() int64 { return s.decoded.Size() }

// Ping says whether the file can be read.
func (s *file) Ping(ctx context.Context) (err error) {
	defer s.wrap(&err, "ping")
	rows, err := s.query(ctx, `SELECT source FROM sources LIMIT 1`)
	if err != nil {
		return err
	}
	return rows.Close()
}

// Close waits for a write that is under way, and closes the file.
func (s *file) Close() error {
	s.writing <- struct{}{}
	defer func() { <-s.writing }()
	if s.writer != nil {
		s.writer.close()
		s.writer = nil
	}
	if err := errors.Join(s.pool.Close(), s.db.Close()); err != nil {
		return fmt.Errorf("sqlitecache: close %s: %w", s.path, err)
	}
	return nil
}

// query reads, from one snapshot of the file.
func (s *file) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// A read is short and waits for no lock. To watch the context during it would cost as much as a small read.
	ctx = context.WithoutCancel(ctx)
	s.mu.Lock()
	stmt := s.reads[query]
	if stmt == nil {
		var err error
		if stmt, err = s.pool.PrepareContext(ctx, query); err != nil {
			s.mu.Unlock()
			return nil, err
		}
		s.reads[query] = stmt
	}
	s.mu.Unlock()
	return stmt.QueryContext(ctx, args...)
}

// millis is a time as it is stored.
func millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// moment is a stored time.
func moment(ms sql.Null[int64]) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return time.UnixMilli(ms.V).UTC()
}

// list is a list of strings as JSON, for SQLite's json_each.
func list[S ~string](items []S) string {
	size := 2
	for _, s := range items {
		if !plain(s) {
			return escaped(items)
		}
		size += len(s) + len(`"",`)
	}
	b := append(make([]byte, 0, size), '[')
	for i, s := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), s...), '"')
	}
	return string(append(b, ']'))
}

// plain says whether a string is written in JSON as it is. IDs and topics are.
func plain[S ~string](s S) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func escaped[S ~string](items []S) string {
	b, err := json.Marshal(items)
	if err != nil {
		panic("sqlitecache: strings do not marshal: " + err.Error())
	}
	return string(b)
}
