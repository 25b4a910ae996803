package sqlitecache

import (
	"cmp"
	"database/sql"
	"maps"
	"slices"
	"strings"

	"github.com/newswire/newswire"
)

// topics are those that a transaction has to do with. What it does to each is gathered, to be written once.
type topics map[newswire.Topic]*touch

// touch is what a transaction does to a topic.
type touch struct {
	id       int64  // in topics; 0 before it was asked for
	closed   place  // the last that was ever put in a page of its archive
	articles int    // how many more it lists
	name     string // of an author; empty when this transaction does not set it
	changed  int64  // time of the change record; 0 when nothing is logged
}

// place is a place in a topic; the zero value is none.
type place struct {
	listed  sql.Null[int64]
	article sql.Null[string]
}

// page is what a place that comes to a topic has as its page in listings.
func (m *touch) page(listed int64, article string) any {
	if m.closed.listed.Valid && cmp.Or(cmp.Compare(listed, m.closed.listed.V), cmp.Compare(article, m.closed.article.V)) <= 0 {
		return 0
	}
	return nil
}

// of is what is done to a topic.
func (m *topics) of(topic newswire.Topic) *touch {
	if *m == nil {
		*m = topics{}
	}
	one := (*m)[topic]
	if one == nil {
		one = &touch{}
		(*m)[topic] = one
	}
	return one
}

// without are those of some topics of which the number was not asked for, each once.
func (m *topics) without(some []newswire.Topic) (names []newswire.Topic) {
	for _, topic := range some {
		if m.of(topic).id == 0 {
			names = append(names, topic)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// number asks for the numbers that listings have of topics. A topic that never listed an article gets its own here.
func (t *tx) number(some []newswire.Topic) error {
	names := t.touched.without(some)
	if len(names) == 0 {
		return nil
	}
	rows, err := t.query(`SELECT id, topic, closed_listed, closed_article FROM topics WHERE topic IN (SELECT value FROM json_each(?))`, list(names))
	if err := t.readNumbers(rows, err); err != nil {
		return err
	}
	if names = t.touched.without(names); len(names) == 0 {
		return nil
	}
	rows, err = t.query(`INSERT INTO topics (topic) SELECT value FROM json_each(?) RETURNING id, topic, closed_listed, closed_article`, list(names))
	return t.readNumbers(rows, err)
}

func (t *tx) readNumbers(rows *sql.Rows, err error) error {
	return each(rows, err, func(rows *sql.Rows) error {
		var id int64
		var topic newswire.Topic
		var closed place
		err := rows.Scan(&id, &topic, &closed.listed, &closed.article)
		m := t.touched.of(topic)
		m.id, m.closed = id, closed
		return err
	})
}

// writeTopics writes what the transaction did to topics.
func (t *tx) writeTopics() error {
	if len(t.touched) == 0 { // as most transactions
		return nil
	}
	all := slices.Sorted(maps.Keys(t.touched))
	if err := t.number(all); err != nil {
		return err
	}
	for _, topic := range all {
		m := t.touched[topic]
		err := t.exec(`UPDATE topics SET
				name = iif(?2 = '' OR ?5 AND name <> '', name, ?2), articles = articles + ?3, changed = max(changed, ?4)
			WHERE id = ?1`,
			m.id, m.name, m.articles, m.changed, newswire.Loud(m.name))
		if err != nil {
			return err
		}
	}
	return nil
}

// listing is a row of listings.
type listing struct {
	topic   int64
	listed  int64
	article string
	page    any
}

// enlist lists an article in topics.
func (t *tx) enlist(id string, listed int64, all ...newswire.Topic) error {
	if err := t.number(all); err != nil {
		return err
	}
	for _, topic := range all {
		m := t.touched.of(topic)
		m.articles++
		t.enlisted = append(t.enlisted, listing{m.id, listed, id, m.page(listed, id)})
	}
	return nil
}

// writeListings writes what was enlisted, in the order of the table: SQLite then finds most places beside the one before.
func (t *tx) writeListings() error {
	slices.SortFunc(t.enlisted, func(a, b listing) int {
		return cmp.Or(cmp.Compare(a.topic, b.topic), cmp.Compare(a.listed, b.listed), cmp.Compare(a.article, b.article))
	})
	for some := range batches(t.enlisted) {
		args := make([]any, 0, 4*rowsAtOnce)
		for _, l := range some {
			args = append(args, l.topic, l.listed, l.article, l.page)
		}
		err := t.exec(`INSERT INTO listings (topic, listed, article, page) VALUES (?, ?, ?, ?)`+strings.Repeat(`, (?, ?, ?, ?)`, len(some)-1), args...)
		if err != nil {
			return err
		}
	}
	t.enlisted = t.enlisted[:0]
	return nil
}

// unlist takes an article out of topics.
func (t *tx) unlist(id string, listed int64, all ...newswire.Topic) error {
	if err := t.number(all); err != nil {
		return err
	}
	if len(all) > 0 {
		if err := t.writeListings(); err != nil { // it may be among them
			return err
		}
	}
	for _, topic := range all {
		m := t.touched.of(topic)
		m.articles--
		if err := t.exec(`DELETE FROM listings WHERE topic = ? AND listed = ? AND article = ?`, m.id, listed, id); err != nil {
			return err
		}
	}
	return nil
}
