package sqlitecache

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"iter"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/internal/texts"
)

// tx is a transaction of the writer.
type tx struct {
	*session
	codec   *texts.Codec
	dict    dictionary      // the last that was asked for
	ctx     context.Context // of this transaction alone; cannot be cancelled
	clock   int64           // the store's time when it began, in milliseconds
	logged  int64           // the time of its change records; 0 before the first
	newest  int64           // the number of its last change record; 0 until that is written
	touched topics

	// Rows that are not yet written.
	enlisted []listing
	log      []record
}

func (t *tx) exec(query string, args ...any) error {
	_, err := t.session.exec(t.ctx, query, args...)
	return err
}

// fenced changes the one row that a lease or a turn is for, or fails where that has been given to another since.
func (t *tx) fenced(query string, args ...any) error {
	result, err := t.session.exec(t.ctx, query, args...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return cmp.Or(err, newswire.ErrFenced)
	}
	return nil
}

func (t *tx) query(query string, args ...any) (*sql.Rows, error) {
	stmt, err := t.prepared(t.ctx, query)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(t.ctx, args...)
}

// row is the one row of a query.
func (t *tx) row(query string, args ...any) row {
	rows, err := t.query(query, args...)
	return row{rows, err}
}

type row struct {
	rows *sql.Rows
	err  error
}

// Scan is as that of sql.Row.
func (r row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		return cmp.Or(r.rows.Err(), sql.ErrNoRows)
	}
	return errors.Join(r.rows.Scan(dest...), r.rows.Close())
}

// each calls scan for each row.
func each(rows *sql.Rows, err error, scan func(*sql.Rows) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// fence fails unless the lease is the source's last.
func (t *tx) fence(lease cache.Lease) error {
	var token int64
	err := t.row(`SELECT token FROM sources WHERE source = ?`, lease.Source).Scan(&token)
	if errors.Is(err, sql.ErrNoRows) || err == nil && token != lease.Token {
		return newswire.ErrFenced
	}
	return err
}

// record is a change record without its number and its time.
type record struct {
	op       newswire.Op
	article  string
	revision int
	topics   []newswire.Topic // in order, each once
}

// append appends a record to the change log.
func (t *tx) append(r record) error {
	if t.logged == 0 {
		var last int64
		err := t.row(`SELECT at FROM changes ORDER BY seq DESC LIMIT 1`).Scan(&last)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		t.logged = max(t.clock, last) // the clock may have been set back; the log goes on
	}
	for _, topic := range r.topics {
		t.touched.of(topic).changed = t.logged
	}
	t.log = append(t.log, r)
	return nil
}

// flush writes what the transaction gathered.
func (t *tx) flush() error {
	if err := t.writeListings(); err != nil {
		return err
	}
	for records := range batches(t.log) {
		if err := t.writeLog(records); err != nil {
			return err
		}
	}
	return t.writeTopics()
}

// rowsAtOnce is how many rows one statement inserts at most.
const rowsAtOnce = 16

// batches divides rows into as few as there are of which each has a power of two: the statement for each number is kept prepared.
func batches[T any](rows []T) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		for n := rowsAtOnce; len(rows) > 0; {
			if n > len(rows) {
				n /= 2
				continue
			}
			if !yield(rows[:n]) {
				return
			}
			rows = rows[n:]
		}
	}
}

// writeLog writes some change records.
func (t *tx) writeLog(records []record) error {
	args := []any{t.logged}
	for _, r := range records {
		args = append(args, r.op, r.article, r.revision, list(r.topics))
	}
	result, err := t.session.exec(t.ctx, `INSERT INTO changes (at, op, article, revision, topics) VALUES (?1, ?2, ?3, ?4, ?5)`+
		strings.Repeat(`, (?1, ?, ?, ?, ?)`, len(records)-1), args...)
	if err != nil {
		return err
	}
	t.newest, err = result.LastInsertId()
	return err
}

// stored is what an article's row says of it before it is changed. The zero value is that of an article without a row.
type stored struct {
	found     bool
	withdrawn bool // has a tombstone, and so no row
	revision  int
	offer     string
	listed    int64
	topics    []newswire.Topic
}

// remove takes an article out of every listing and drops it, with a change record.
func (t *tx) remove(id string, h stored) error {
	if err := t.unlist(id, h.listed, h.topics...); err != nil {
		return err
	}
	if err := t.exec(`DELETE FROM articles WHERE article = ?`, id); err != nil {
		return err
	}
	if unlisted(h.topics) {
		return nil
	}
	return t.append(record{newswire.Remove, id, h.revision, h.topics})
}

// stored reads the rows of articles, and which are withdrawn, by their IDs.
func (t *tx) stored(ids ...string) (map[string]stored, error) {
	all := make(map[string]stored, len(ids))
	rows, err := t.query(`SELECT article, 1, revision, offer, listed, topics FROM articles
			WHERE article IN (SELECT value FROM json_each(?1))
		UNION ALL SELECT article, 0, 0, '', 0, '[]' FROM tombstones
			WHERE article IN (SELECT value FROM json_each(?1))`, list(ids))
	err = each(rows, err, func(rows *sql.Rows) error {
		var id string
		var h stored
		var topics sql.RawBytes // decoded before the next row
		if err := rows.Scan(&id, &h.found, &h.revision, &h.offer, &h.listed, &topics); err != nil {
			return err
		}
		var err error
		h.withdrawn = !h.found
		h.topics, err = parseTopics(topics)
		all[id] = h
		return err
	})
	return all, err
}

// at is the time of the transaction's change records.
func (t *tx) at() time.Time { return time.UnixMilli(max(t.clock, t.logged)).UTC() }
