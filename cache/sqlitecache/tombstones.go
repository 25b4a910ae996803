package sqlitecache

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/newswire/newswire"
)

// Withdraw puts a tombstone in the article's place, in one transaction.
func (s *Store) Withdraw(ctx context.Context, id, reason string) (stone newswire.Tombstone, err error) {
	defer s.wrap(&err, "withdraw %s", id)
	stone, err = s.Tombstone(ctx, id)
	if !errors.Is(err, newswire.ErrNotFound) {
		return stone, err
	}
	err = s.write(ctx, func(t *tx) error {
		rows, err := t.query(selectTombstone, id)
		if stone, err = scanTombstone(rows, err); !errors.Is(err, newswire.ErrNotFound) {
			return err
		}
		var body []byte
		err = t.row(`SELECT body FROM texts WHERE article = ?`, id).Scan(&body)
		if errors.Is(err, sql.ErrNoRows) {
			return newswire.ErrNotFound
		}
		if err != nil {
			return err
		}
		var a newswire.Article
		if err := json.Unmarshal(body, &a); err != nil {
			return err
		}
		was, err := t.remove(id)
		if err != nil {
			return err
		}
		stone = newswire.Tombstone{Article: id, AtomID: a.AtomID, Source: a.Source, Reason: reason, At: t.at(), Topics: was.topics}
		return t.exec(`INSERT INTO tombstones (article, atom_id, source, reason, at, topics) VALUES (?, ?, ?, ?, ?, ?)`,
			id, a.AtomID, a.Source, reason, stone.At.UnixMilli(), list(was.topics))
	})
	if err != nil {
		return newswire.Tombstone{}, err
	}
	return stone, nil
}

const selectTombstone = `SELECT article, atom_id, source, reason, at, topics FROM tombstones WHERE article = ?`

// Tombstone returns the tombstone of an article.
func (s *Store) Tombstone(ctx context.Context, id string) (_ newswire.Tombstone, err error) {
	defer s.wrap(&err, "tombstone of %s", id)
	rows, err := s.query(ctx, selectTombstone, id)
	return scanTombstone(rows, err)
}

func scanTombstone(rows *sql.Rows, err error) (stone newswire.Tombstone, _ error) {
	var at sql.Null[int64]
	var topics []byte
	err = row{rows, err}.Scan(&stone.Article, &stone.AtomID, &stone.Source, &stone.Reason, &at, &topics)
	if errors.Is(err, sql.ErrNoRows) {
		return stone, newswire.ErrNotFound
	}
	if err != nil {
		return stone, err
	}
	stone.At = moment(at)
	stone.Topics, err = parseTopics(topics)
	return stone, err
}
