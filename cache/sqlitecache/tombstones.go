package sqlitecache

import (
	"context"
	"database/sql"
	"errors"

	"github.com/newswire/newswire"
)

// Withdraw puts a tombstone in the article's place, in one transaction.
func (s tombstones) Withdraw(ctx context.Context, id, reason string) (stone newswire.Tombstone, err error) {
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
		a, err := t.readText(id)
		if errors.Is(err, sql.ErrNoRows) {
			return newswire.ErrNotFound
		}
		if err != nil {
			return err
		}
		all, err := t.stored(id)
		if err != nil {
			return err
		}
		was := all[id]
		if err := t.remove(id, was); err != nil {
			return err
		}
		stone = newswire.Tombstone{Article: id, AtomID: a.AtomID, Source: a.Source, Reason: reason, At: t.at(), Topics: was.topics}
		err = t.exec(`INSERT INTO tombstones (article, atom_id, source, reason, at, topics) VALUES (?, ?, ?, ?, ?, ?)`,
			id, a.AtomID, a.Source, reason, stone.At.UnixMilli(), list(was.topics))
		if err != nil {
			return err
		}
		return t.exec(`INSERT INTO withdrawals SELECT value, at, article FROM tombstones, json_each(topics) WHERE article = ?`, id)
	})
	if err != nil {
		return newswire.Tombstone{}, err
	}
	return stone, nil
}

const (
	selectTombstone  = `SELECT article, atom_id, source, reason, at, topics FROM tombstones WHERE article = ?`
	selectTombstones = `SELECT t.article, t.atom_id, t.source, t.reason, t.at, t.topics
		FROM withdrawals w JOIN tombstones t ON t.article = w.article
		WHERE w.topic = ? ORDER BY w.at DESC, w.article DESC LIMIT ?`
)

// Tombstone returns the tombstone of an article.
func (s tombstones) Tombstone(ctx context.Context, id string) (_ newswire.Tombstone, err error) {
	defer s.wrap(&err, "tombstone of %s", id)
	rows, err := s.query(ctx, selectTombstone, id)
	return scanTombstone(rows, err)
}

// Tombstones returns the newest tombstones of a topic.
func (s tombstones) Tombstones(ctx context.Context, topic newswire.Topic, limit int) (stones []newswire.Tombstone, err error) {
	defer s.wrap(&err, "tombstones of %s", topic)
	if limit <= 0 {
		return nil, errLimit
	}
	rows, err := s.query(ctx, selectTombstones, string(topic), limit)
	err = each(rows, err, func(r *sql.Rows) error {
		stone, err := readTombstone(r)
		stones = append(stones, stone)
		return err
	})
	return stones, err
}

func scanTombstone(rows *sql.Rows, err error) (newswire.Tombstone, error) {
	stone, err := readTombstone(row{rows, err})
	if errors.Is(err, sql.ErrNoRows) {
		return stone, newswire.ErrNotFound
	}
	return stone, err
}

// readTombstone reads one row of what selectTombstone and selectTombstones have.
func readTombstone(r interface{ Scan(dest ...any) error }) (stone newswire.Tombstone, err error) {
	var at sql.Null[int64]
	var topics []byte
	if err := r.Scan(&stone.Article, &stone.AtomID, &stone.Source, &stone.Reason, &at, &topics); err != nil {
		return stone, err
	}
	stone.At = moment(at)
	stone.Topics, err = parseTopics(topics)
	return stone, err
}
