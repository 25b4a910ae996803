package sqlitecache

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/newswire/newswire"
)

// sequence is the number of the newest change record there ever was.
const sequence = `coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'changes'), 0)`

// identity is the name of the database.
const identity = `(SELECT id FROM identity)`

// Changes returns records of the change log. A cursor is a record's number, a dot and the identity; without the identity it
// is of an earlier version. A number beyond the newest record is ErrReplaced too: a copy of the file was put back.
func (s changes) Changes(ctx context.Context, after newswire.Cursor, limit int) (changes []newswire.Change, err error) {
	defer s.wrap(&err, "changes after %q", after)
	if limit <= 0 {
		return nil, errLimit
	}
	from, of, err := parseLogCursor(after)
	if err != nil {
		return nil, err
	}
	// One statement, and so one snapshot, even when there are no records.
	rows, err := s.query(ctx, `
		SELECT `+identity+`, `+sequence+`, coalesce((SELECT min(seq) FROM changes), `+sequence+` + 1), c.*
		FROM (SELECT 1)
		LEFT JOIN (SELECT seq, at, op, article, revision, topics FROM changes WHERE seq > ?1 ORDER BY seq LIMIT ?2) c`, from, limit)
	err = each(rows, err, func(rows *sql.Rows) error {
		var id string
		var newest, oldest int64
		var seq, at, revision sql.Null[int64]
		var op, article sql.Null[string]
		var topics []byte
		if err := rows.Scan(&id, &newest, &oldest, &seq, &at, &op, &article, &revision, &topics); err != nil {
			return err
		}
		switch {
		case of != "" && of != id:
			return newswire.ErrReplaced
		case from > newest:
			return fmt.Errorf("%w: its newest record is %d", newswire.ErrReplaced, newest)
		case from+1 < oldest:
			return newswire.ErrGone
		case !seq.Valid:
			return nil
		}
		c := newswire.Change{
			Cursor: logCursor(seq.V, id), At: moment(at), Op: newswire.Op(op.V), Article: article.V, Revision: int(revision.V),
		}
		c.Topics, err = parseTopics(topics)
		changes = append(changes, c)
		return err
	})
	return changes, err
}

// Latest returns the newest records of the change log.
func (s changes) Latest(ctx context.Context, limit int) (changes []newswire.Change, err error) {
	defer s.wrap(&err, "latest %d changes", limit)
	if limit <= 0 {
		return nil, errLimit
	}
	rows, err := s.query(ctx, `SELECT `+identity+`, seq, at, op, article, revision, topics FROM changes ORDER BY seq DESC LIMIT ?`, limit)
	err = each(rows, err, func(rows *sql.Rows) error {
		var id, op string
		var seq int64
		var at sql.Null[int64]
		var topics []byte
		var c newswire.Change
		if err := rows.Scan(&id, &seq, &at, &op, &c.Article, &c.Revision, &topics); err != nil {
			return err
		}
		c.Cursor, c.At, c.Op = logCursor(seq, id), moment(at), newswire.Op(op)
		var err error
		c.Topics, err = parseTopics(topics)
		changes = append(changes, c)
		return err
	})
	return changes, err
}

func logCursor(seq int64, id string) newswire.Cursor {
	return newswire.Cursor(strconv.FormatInt(seq, 10) + "." + id)
}

// parseLogCursor is the number of the record that a cursor is after, and the identity in it, if any.
func parseLogCursor(c newswire.Cursor) (seq int64, identity string, err error) {
	if c == "" {
		return 0, "", nil
	}
	number, identity, _ := strings.Cut(string(c), ".")
	unsigned, err := strconv.ParseUint(number, 10, 63)
	if err != nil {
		return 0, "", newswire.ErrCursor
	}
	return int64(unsigned), identity, nil
}

// Head is the cursor of the newest record, also when that was trimmed.
func (s changes) Head(ctx context.Context) (_ newswire.Cursor, err error) {
	defer s.wrap(&err, "head of the change log")
	rows, err := s.query(ctx, `SELECT `+sequence+`, `+identity)
	var seq int64
	var id string
	if err := (row{rows, err}).Scan(&seq, &id); err != nil || seq == 0 {
		return "", err
	}
	return logCursor(seq, id), nil
}

// Beginning is the cursor before the oldest record.
func (s changes) Beginning(ctx context.Context) (_ newswire.Cursor, err error) {
	defer s.wrap(&err, "beginning of the change log")
	rows, err := s.query(ctx, `SELECT coalesce((SELECT min(seq) FROM changes) - 1, `+sequence+`), `+identity)
	var seq int64
	var id string
	if err := (row{rows, err}).Scan(&seq, &id); err != nil || seq == 0 {
		return "", err
	}
	return logCursor(seq, id), nil
}

// TrimChanges drops the records from before a time. What has become free in the file goes back to the system then.
func (s changes) TrimChanges(ctx context.Context, before time.Time) (err error) {
	defer s.wrap(&err, "trim the change log")
	err = s.write(ctx, func(t *tx) error {
		// Times grow with numbers, so looking from the oldest record on meets just what is to go.
		return t.exec(`DELETE FROM changes WHERE seq <
			coalesce((SELECT seq FROM changes WHERE at >= ? ORDER BY seq LIMIT 1), `+sequence+` + 1)`, before.UnixMilli())
	})
	if err != nil {
		return err
	}
	return s.shrink(ctx)
}
