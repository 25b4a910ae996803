package sqlitecache

import (
	"context"
	"database/sql"
	"time"

	"github.com/newswire/newswire"
)

// Count raises the numbers of topics' readers on a day.
func (s audience) Count(ctx context.Context, day time.Time, readers map[newswire.Topic]int) (err error) {
	defer s.wrap(&err, "count the readers of %d topics", len(readers))
	return s.write(ctx, func(t *tx) error {
		if err := t.exec(`DELETE FROM audience WHERE day < ?`, dayOf(day)-1); err != nil {
			return err
		}
		for topic, n := range readers {
			err := t.exec(`INSERT INTO audience (day, topic, readers) VALUES (?1, ?2, ?3)
				ON CONFLICT (day, topic) DO UPDATE SET readers = max(readers, ?3)`, dayOf(day), topic, n)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Readers returns how many read topics lately.
func (s audience) Readers(ctx context.Context, day time.Time, topics ...newswire.Topic) (_ map[newswire.Topic]int, err error) {
	defer s.wrap(&err, "read the audience of %d topics", len(topics))
	readers := make(map[newswire.Topic]int, len(topics))
	rows, err := s.query(ctx, `SELECT topic, max(readers) FROM audience
		WHERE day BETWEEN ?1 - 1 AND ?1 AND topic IN (SELECT value FROM json_each(?2)) GROUP BY topic`, dayOf(day), list(topics))
	err = each(rows, err, func(rows *sql.Rows) error {
		var topic newswire.Topic
		var n int
		err := rows.Scan(&topic, &n)
		readers[topic] = n
		return err
	})
	return readers, err
}

// dayOf numbers the day of a time, in UTC.
func dayOf(t time.Time) int64 { return t.Unix() / (24 * 60 * 60) }
