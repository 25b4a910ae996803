package sqlitecache

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/internal/decoded"
)

//go:embed *.sql
var statements embed.FS

// migrations are the files that bring a database from version i to i+1. Append; never change one that was released.
func migrations() []string {
	return []string{
		"schema.sql", "domains.sql", "offers.sql", "withdrawals.sql", "archives.sql", "history.sql", "audience.sql", "quotas.sql", "identity.sql",
		"processes.sql", "limits.sql", "subscriptions.sql", "notes.sql", "catalog.sql", "dictionaries.sql", "states.sql",
		"topics.sql", "pages.sql",
	}
}

// pageSize is that of new files, in bytes. A page has as many whole texts as there is room for: in pages of 4 KiB, SQLite's default, a
// third would stay empty.
const pageSize = 8 << 10

// applicationID marks a file as ours: "nwwr".
const applicationID = 0x6e777772

// ownerOnly are the rights of the file and of those beside it.
const ownerOnly = 0o600

// busyTimeout is how long to wait for another process to finish writing.
const busyTimeout = 10 * time.Second

var errForeign = cache.Misconfigured(errors.New("it is an SQLite database of another program"))

// Open opens the file, and makes it if it is not there. The directory must be there. The error wraps
// [cache.ErrMisconfigured] when the path cannot be that of our file, and the file is not damaged: it is a directory, or
// the database of another program or of a newer newswire.
func Open(ctx context.Context, path string, opts Options) (*Store, error) {
	return open(ctx, path, opts, func(c driver.Connector) driver.Connector { return c })
}

// open opens the file through connectors that the tests may wrap.
func open(ctx context.Context, path string, opts Options, wrap func(driver.Connector) driver.Connector) (_ *Store, err error) {
	s := &file{
		path: path, now: opts.Now, writing: make(chan struct{}, 1), reads: map[string]*sql.Stmt{},
		decoded: decoded.Articles{Limit: opts.Articles},
	}
	if s.now == nil {
		s.now = time.Now
	}
	defer s.wrap(&err, "open")
	// Absolute, so that no name means anything but a file, as ":memory:" would.
	abs, err := filepath.Abs(path)
	if path == "" || err != nil {
		return nil, cache.Misconfigured(errors.Join(errors.New("no file is named: write store: sqlite:newswire.db"), err))
	}
	if _, err := os.Stat(filepath.Dir(abs)); err != nil {
		return nil, err
	}
	if info, err := os.Stat(abs); err == nil && info.IsDir() {
		return nil, cache.Misconfigured(errors.New("it is a directory: name a file in it"))
	}
	if err := protect(abs); err != nil {
		return nil, err
	}
	synchronous := "synchronous(FULL)"
	if opts.Hasty {
		synchronous = "synchronous(OFF)"
	}
	connect := func(pragmas ...string) (*sql.DB, error) {
		pragmas = append(pragmas, fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), "foreign_keys(1)", synchronous)
		if opts.Pages > 0 {
			pragmas = append(pragmas, fmt.Sprintf("cache_size(-%d)", opts.Pages/(readers+1)>>10))
		}
		dsn := url.URL{Scheme: "file", Path: abs, RawQuery: url.Values{"_pragma": pragmas}.Encode()}
		c, err := sqlite.NewConnector(dsn.String())
		if err != nil {
			return nil, err
		}
		return sql.OpenDB(wrap(c)), nil
	}
	if s.db, err = connect(); err != nil {
		return nil, err
	}
	if s.pool, err = connect("query_only(1)"); err != nil {
		return nil, err
	}
	s.db.SetMaxOpenConns(1)
	s.pool.SetMaxOpenConns(readers)
	s.pool.SetMaxIdleConns(readers)
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.db.Close(), s.pool.Close())
	}
	return newStore(s), nil
}

// protect lets the owner alone read the file: it has articles that are held for review, and addresses of publishers. A
// new file is made so; SQLite gives the files beside it the same rights. Those of an older file are changed where we may.
func protect(file string) error {
	created, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_RDWR, ownerOnly)
	if err == nil {
		return created.Close()
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if info, err := os.Stat(file + suffix); err == nil && info.Mode().Perm()&^ownerOnly != 0 {
			_ = os.Chmod(file+suffix, ownerOnly) // it stays as it is when another user owns it
		}
	}
	return nil
}

// prepare checks that the file is ours, and brings it to the current version.
func (s *file) prepare(ctx context.Context) error {
	empty, err := s.checkOwner(ctx)
	if err != nil {
		return err
	}
	journal := `PRAGMA journal_mode = WAL`
	if empty {
		// Both are possible before there is anything in the file. For auto_vacuum see shrink.
		journal = fmt.Sprintf(`PRAGMA page_size = %d; PRAGMA auto_vacuum = INCREMENTAL; %s`, pageSize, journal)
	}
	if err := s.useWAL(ctx, journal); err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		var version int
		if err := t.row(`PRAGMA user_version`).Scan(&version); err != nil {
			return err
		}
		files := migrations()
		if version > len(files) {
			return cache.Misconfigured(fmt.Errorf("it was written by a newer newswire (version %d of the file, this one knows %d): update", version, len(files)))
		}
		for _, name := range files[version:] {
			migration, err := statements.ReadFile(name)
			if err != nil {
				return err
			}
			if _, err := t.conn.ExecContext(t.ctx, string(migration)); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		if version == len(files) {
			return nil
		}
		_, err := t.conn.ExecContext(t.ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, len(files)))
		return err
	})
}

// checkOwner looks, without changing anything, whether the file is empty or ours.
func (s *file) checkOwner(ctx context.Context) (empty bool, err error) {
	var id, tables int
	err = s.db.QueryRowContext(ctx, `SELECT application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id`).Scan(&id, &tables)
	if err != nil {
		return false, err
	}
	if id != applicationID && (id != 0 || tables != 0) {
		return false, errForeign
	}
	return id == 0, nil
}

// useWAL switches the file to write-ahead logging, once and for all. SQLite does not wait for its lock to do so when
// another process opens the new file at the same moment, so this waits.
func (s *file) useWAL(ctx context.Context, journal string) error {
	for deadline := time.Now().Add(busyTimeout); ; {
		_, err := s.db.ExecContext(ctx, journal)
		if code(err) != sqlite3.SQLITE_BUSY || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// code is the primary SQLite result code of an error, 0 if it has none.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// wrap says of an error what was being done, with which file, and what an operator can do about it.
func (s *file) wrap(err *error, format string, args ...any) {
	if *err == nil {
		return
	}
	op := fmt.Sprintf(format, args...)
	for _, sentinel := range []error{newswire.ErrNotFound, newswire.ErrWithdrawn, newswire.ErrGone, newswire.ErrCursor, newswire.ErrFenced, cache.ErrSubscription} {
		if errors.Is(*err, sentinel) {
			*err = fmt.Errorf("sqlitecache: %s: %w", op, *err)
			return
		}
	}
	*err = fmt.Errorf("sqlitecache: %s: %s: %w%s", op, s.path, *err, advice(*err))
}

// advice is what an operator can do about an error.
func advice(err error) string {
	switch code(err) {
	case sqlite3.SQLITE_NOTADB:
		return ": move that file away, or name another in store"
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return ": let newswire write the file and its directory"
	case sqlite3.SQLITE_CANTOPEN:
		return ": let newswire write the directory, where SQLite keeps two more files"
	case sqlite3.SQLITE_FULL:
		return ": free space on its disk; nothing that was stored is lost"
	case sqlite3.SQLITE_IOERR:
		return ": its disk fails, or has no room for the file that SQLite keeps beside it"
	case sqlite3.SQLITE_BUSY:
		return fmt.Sprintf(": another process has been writing for %v", busyTimeout)
	case sqlite3.SQLITE_CORRUPT:
		return `: the file is damaged: put back a copy, or save what is readable with sqlite3's ".recover"`
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ": make the directory, or name another in store"
	case errors.Is(err, fs.ErrPermission):
		return ": let newswire into the directory"
	case errors.Is(err, errForeign):
		return ": name another file in store"
	}
	return ""
}
