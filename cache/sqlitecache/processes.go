package sqlitecache

import (
	"context"
	"database/sql"
	"time"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/internal/json"
)

// Attend says that a process is at work, and returns the others.
func (s processes) Attend(ctx context.Context, process cache.Process, lease time.Duration) (others []cache.Process, err error) {
	defer s.wrap(&err, "attend as process %s", process.ID)
	body, err := json.Marshal(process)
	if err != nil {
		return nil, err
	}
	err = s.write(ctx, func(t *tx) error {
		others = nil
		if err := t.exec(`DELETE FROM processes WHERE until <= ?`, t.clock); err != nil {
			return err
		}
		err := t.exec(`INSERT OR REPLACE INTO processes (id, until, body) VALUES (?, ?, ?)`,
			process.ID, t.clock+lease.Milliseconds(), string(body))
		if err != nil {
			return err
		}
		rows, err := t.query(`SELECT body FROM processes WHERE id <> ? ORDER BY id`, process.ID)
		return each(rows, err, func(rows *sql.Rows) error {
			var body sql.RawBytes
			if err := rows.Scan(&body); err != nil {
				return err
			}
			var p cache.Process
			err := json.Unmarshal(body, &p)
			others = append(others, p)
			return err
		})
	})
	return others, err
}

// Depart says that a process is at work no more.
func (s processes) Depart(ctx context.Context, id string) (err error) {
	defer s.wrap(&err, "depart as process %s", id)
	return s.write(ctx, func(t *tx) error { return t.exec(`DELETE FROM processes WHERE id = ?`, id) })
}
