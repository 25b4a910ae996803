package sqlitecache

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/internal/texts"
)

// tx is a transaction of the writer.
type tx struct {
	*session
	codec   *texts.Codec
	dict    dictionary        // the last that was asked for
	ctx     context.Context   // of this transaction alone; cannot be cancelled
	clock   int64             // the store's time when it began, in milliseconds
	logged  int64             // the time of its change records; 0 before the first
	newest  int64             // the number of its last change record; 0 before the first
	touched map[string]*touch // nil before the first
}

// touch is what a transaction does to a topic, gathered to be written once.
type touch struct {
	id       int64  // in topics; 0 before it was asked for
	articles int    // how many more it lists
	name     string // of an author; empty when this transaction does not set it
	changed  int64  // time of the change record; 0 when nothing is logged
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

func (t *tx) touch(topic newswire.Topic) *touch {
	m := t.touched[string(topic)]
	if m == nil {
		m = &touch{}
		if t.touched == nil {
			t.touched = map[string]*touch{}
		}
		t.touched[string(topic)] = m
	}
	return m
}

// topicID is the number that listings have of a topic. One that never listed an article gets it here.
func (t *tx) topicID(topic newswire.Topic) (int64, error) {
	m := t.touch(topic)
	if m.id != 0 {
		return m.id, nil
	}
	err := t.row(`SELECT id FROM topics WHERE topic = ?`, topic).Scan(&m.id)
	if !errors.Is(err, sql.ErrNoRows) {
		return m.id, err
	}
	result, err := t.session.exec(t.ctx, `INSERT INTO topics (topic) VALUES (?)`, topic)
	if err != nil {
		return 0, err
	}
	m.id, err = result.LastInsertId()
	return m.id, err
}

// log appends a change record, which names the topics in order, each once.
func (t *tx) log(op newswire.Op, article string, revision int, topics []newswire.Topic) error {
	if t.logged == 0 {
		var last int64
		err := t.row(`SELECT at FROM changes ORDER BY seq DESC LIMIT 1`).Scan(&last)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		t.logged = max(t.clock, last) // the clock may have been set back; the log goes on
	}
	for _, topic := range topics {
		t.touch(topic).changed = t.logged
	}
	result, err := t.session.exec(t.ctx, `INSERT INTO changes (at, op, article, revision, topics) VALUES (?, ?, ?, ?, ?)`,
		t.logged, op, article, revision, list(topics))
	if err != nil {
		return err
	}
	t.newest, err = result.LastInsertId()
	return err
}

// flush writes what the transaction did to topics.
func (t *tx) flush() error {
	for _, topic := range slices.Sorted(maps.Keys(t.touched)) {
		m := t.touched[topic]
		err := t.exec(`INSERT INTO topics (topic, name, articles, changed) VALUES (?1, ?2, ?3, ?4)
			ON CONFLICT (topic) DO UPDATE SET
				name = iif(?2 = '' OR ?5 AND name <> '', name, ?2), articles = articles + ?3, changed = max(changed, ?4)`,
			topic, m.name, m.articles, m.changed, newswire.Loud(m.name))
		if err != nil {
			return err
		}
	}
	return nil
}

// stored is what an article's row says of it before it is changed.
type stored struct {
	revision int
	offer    string
	listed   int64
	topics   []newswire.Topic
}

// remove takes an article out of every listing and drops it, with a change record.
func (t *tx) remove(id string) (stored, error) {
	h, found, err := t.stored(id)
	if err != nil {
		return h, err
	}
	if !found {
		return h, newswire.ErrNotFound
	}
	for _, topic := range h.topics {
		if err := t.unlist(topic, h.listed, id); err != nil {
			return h, err
		}
	}
	if err := t.exec(`DELETE FROM articles WHERE article = ?`, id); err != nil {
		return h, err
	}
	if unlisted(h.topics) {
		return h, nil
	}
	return h, t.log(newswire.Remove, id, h.revision, h.topics)
}

func (t *tx) stored(id string) (h stored, found bool, err error) {
	var topics []byte
	err = t.row(`SELECT revision, offer, listed, topics FROM articles WHERE article = ?`, id).Scan(&h.revision, &h.offer, &h.listed, &topics)
	if errors.Is(err, sql.ErrNoRows) {
		return h, false, nil
	}
	if err != nil {
		return h, false, err
	}
	h.topics, err = parseTopics(topics)
	return h, true, err
}

func (t *tx) enlist(topic newswire.Topic, listed int64, id string) error {
	t.touch(topic).articles++
	number, err := t.topicID(topic)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO listings (topic, listed, article) VALUES (?, ?, ?)`, number, listed, id)
}

func (t *tx) unlist(topic newswire.Topic, listed int64, id string) error {
	t.touch(topic).articles--
	number, err := t.topicID(topic)
	if err != nil {
		return err
	}
	return t.exec(`DELETE FROM listings WHERE topic = ? AND listed = ? AND article = ?`, number, listed, id)
}

// at is the time of the transaction's change records.
func (t *tx) at() time.Time { return time.UnixMilli(max(t.clock, t.logged)).UTC() }
