package search

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/newswire/newswire"
)

//go:embed schema.sql
var schema string

const (
	applicationID = 0x6e777365 // marks a file as ours: "nwse"
	version       = 2          // of the schema and of how texts become words; another one is made again

	finders = 4 // searches at once

	defaultPages = 40 << 20 // bytes
)

var errForeign = errors.New("it is a file of another program: name another one")

// file is the index on disk.
type file struct {
	writer *sql.DB
	reader *sql.DB
}

// openFile opens a file. One that is damaged, or of another version, is removed and made again.
func openFile(ctx context.Context, path string, o Options) (*file, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	f, err := tryFile(ctx, path, o)
	if code := codeOf(err); !errors.Is(err, errOld) && code != sqlite3.SQLITE_CORRUPT {
		return f, err
	}
	o.Log.WarnContext(ctx, "search index is made again", "file", path, "reason", err)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return tryFile(ctx, path, o)
}

var errOld = errors.New("it is of another version")

func tryFile(ctx context.Context, path string, o Options) (_ *file, err error) {
	f := &file{}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.close())
		}
	}()
	pages := fmt.Sprintf("cache_size(-%d)", cmp.Or(o.Pages, defaultPages)/(finders+1)>>10)
	if f.writer, err = connect(path, pages, "journal_mode(WAL)", "synchronous(NORMAL)"); err != nil {
		return nil, err
	}
	f.writer.SetMaxOpenConns(1)
	if f.reader, err = connect(path, pages, "query_only(1)"); err != nil {
		return nil, err
	}
	f.reader.SetMaxOpenConns(finders)
	f.reader.SetMaxIdleConns(finders)
	var id, was, tables int
	err = f.writer.QueryRowContext(ctx, `SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
		FROM pragma_application_id, pragma_user_version`).Scan(&id, &was, &tables)
	switch {
	case codeOf(err) == sqlite3.SQLITE_NOTADB, err == nil && id != applicationID && tables > 0:
		return nil, errForeign
	case err != nil:
		return nil, err
	case tables == 0:
		_, err = f.writer.ExecContext(ctx, fmt.Sprintf("BEGIN; %s PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT", schema, applicationID, version))
		return f, err
	case was != version:
		return nil, errOld
	}
	return f, nil
}

func connect(path string, pragmas ...string) (*sql.DB, error) {
	pragmas = append(pragmas, "busy_timeout(10000)")
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{"_pragma": pragmas}.Encode()}
	c, err := sqlite.NewConnector(dsn.String())
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(c), nil
}

func codeOf(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

func (f *file) close() error {
	var errs []error
	for _, db := range []*sql.DB{f.reader, f.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// cursor is how far the log was followed; empty when the index is to be made.
func (f *file) cursor(ctx context.Context) (c newswire.Cursor, err error) {
	err = f.reader.QueryRowContext(ctx, `SELECT cursor FROM state`).Scan(&c)
	return c, err
}

// begin begins the making of the index: what is met from now on is of the next round.
func (f *file) begin(ctx context.Context) error {
	_, err := f.writer.ExecContext(ctx, `UPDATE state SET cursor = '', round = round + 1`)
	return err
}

// finish ends the making: what was not met in its round is gone.
func (f *file) finish(ctx context.Context, cursor newswire.Cursor) error {
	return f.transact(ctx, func(t *sql.Tx) error {
		for _, statement := range []string{
			`DELETE FROM words WHERE rowid IN (SELECT place FROM articles WHERE round < (SELECT round FROM state))`,
			`DELETE FROM articles WHERE round < (SELECT round FROM state)`,
		} {
			if _, err := t.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		_, err := t.ExecContext(ctx, `UPDATE state SET cursor = ?`, cursor)
		return err
	})
}

// write writes entries, and how far the log was followed, unless that is empty.
func (f *file) write(ctx context.Context, entries []entry, cursor newswire.Cursor) error {
	return f.transact(ctx, func(t *sql.Tx) error {
		for i := range entries {
			if err := put(ctx, t, &entries[i]); err != nil {
				return err
			}
		}
		if cursor == "" {
			return nil
		}
		_, err := t.ExecContext(ctx, `UPDATE state SET cursor = ?`, cursor)
		return err
	})
}

func (f *file) transact(ctx context.Context, do func(t *sql.Tx) error) error {
	t, err := f.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(t); err != nil {
		return errors.Join(err, t.Rollback())
	}
	return t.Commit()
}

// put writes one entry, if it is not there as it is to be.
func put(ctx context.Context, t *sql.Tx, e *entry) error {
	var before int64
	var digest []byte
	err := t.QueryRowContext(ctx, `SELECT place, digest FROM articles WHERE article = ?`, e.article).Scan(&before, &digest)
	known := err == nil
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	all := e.all()
	sum := sha256.Sum256([]byte(all))
	now := sum[:16]
	if known && !e.listed.IsZero() && bytes.Equal(digest, now) {
		_, err := t.ExecContext(ctx, `UPDATE articles SET round = (SELECT round FROM state) WHERE place = ?`, before)
		return err
	}
	if known {
		for _, statement := range []string{`DELETE FROM words WHERE rowid = ?`, `DELETE FROM articles WHERE place = ?`} {
			if _, err := t.ExecContext(ctx, statement, before); err != nil {
				return err
			}
		}
	}
	if e.listed.IsZero() {
		return nil
	}
	place, err := free(ctx, t, placeOf(e.listed))
	if err != nil {
		return err
	}
	_, err = t.ExecContext(ctx, `INSERT INTO words (rowid, all_words) VALUES (?, ?)`, place, all)
	if err != nil {
		return err
	}
	_, err = t.ExecContext(ctx, `INSERT INTO articles (place, article, listed, digest, round) SELECT ?, ?, ?, ?, round FROM state`,
		place, e.article, e.listed.UnixMilli(), now)
	return err
}

// free is a place, or the next one that no other article has.
func free(ctx context.Context, t *sql.Tx, place int64) (int64, error) {
	for ; ; place++ {
		var one int
		err := t.QueryRowContext(ctx, `SELECT 1 FROM articles WHERE place = ?`, place).Scan(&one)
		if errors.Is(err, sql.ErrNoRows) {
			return place, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

// shifted is how far from the place of its time an article can be, at most, for all to be found behind another one: so many
// places after it are looked at.
const shifted = 4096

// find finds the places of articles that have the words of a query, newest first, and says whether there are more than the
// limit. The index gives them by place, which is nearly their order: an article is at the place of its time or after it. So
// what is found is complete down to a time once the places have come down to that.
func (f *file) find(ctx context.Context, w Wanted) (found []Place, more bool, err error) {
	from := int64(math.MaxInt64)
	if w.After != (Place{}) {
		from = placeOf(w.After.Listed) + shifted
	}
	for some := w.Limit + 1; ; some *= 2 {
		n, err := f.read(ctx, w, &from, some, &found)
		if err != nil {
			return nil, false, err
		}
		complete := len(found) > w.Limit && from <= placeOf(found[w.Limit-1].Listed)
		if n < some || complete {
			break
		}
	}
	if len(found) > w.Limit {
		return found[:w.Limit], true, nil
	}
	return found, false, nil
}

// read reads some matches at the places before one, puts them where they belong in what was found, and says how many there
// were. It moves from to the last of their places.
func (f *file) read(ctx context.Context, w Wanted, from *int64, some int, found *[]Place) (n int, err error) {
	// The limit is next to the index, which then reads no further than that.
	rows, err := f.reader.QueryContext(ctx, `SELECT found.rowid, articles.article, articles.listed FROM
		(SELECT rowid FROM words WHERE words MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?) AS found
		JOIN articles ON articles.place = found.rowid ORDER BY found.rowid DESC`, w.Query.expression(), *from, some)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for ; rows.Next(); n++ {
		var p Place
		var listed int64
		if err := rows.Scan(from, &p.Article, &listed); err != nil {
			return n, err
		}
		p.Listed = time.UnixMilli(listed).UTC()
		if w.After == (Place{}) || w.After.before(p) {
			i, _ := slices.BinarySearchFunc(*found, p, Place.compare)
			*found = slices.Insert(*found, i, p)
		}
	}
	return n, rows.Err()
}
