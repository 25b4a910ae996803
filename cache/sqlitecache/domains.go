package sqlitecache

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// Enter takes the turn at a domain.
func (s *Store) Enter(ctx context.Context, domain string, lease time.Duration) (turn cache.Turn, err error) {
	defer s.wrap(&err, "enter %s", domain)
	err = s.write(ctx, func(t *tx) error {
		turn = cache.Turn{Domain: domain, At: time.UnixMilli(t.clock).UTC()}
		var until, open sql.Null[int64]
		var state sql.Null[[]byte]
		err := t.row(`SELECT until, open, state FROM domains WHERE domain = ?`, domain).Scan(&until, &open, &state)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if state.Valid {
			if err := json.Unmarshal(state.V, &turn.Remembered); err != nil {
				return err
			}
		}
		if busy := max(until.V, open.V); busy > t.clock {
			turn.Until = time.UnixMilli(busy).UTC()
			return nil
		}
		turn.Key, turn.Until = rand.Text(), time.UnixMilli(t.clock+lease.Milliseconds()).UTC()
		return t.exec(`INSERT INTO domains (domain, turn, until) VALUES (?1, ?2, ?3)
			ON CONFLICT (domain) DO UPDATE SET turn = ?2, until = ?3`, domain, turn.Key, millis(turn.Until))
	})
	if err != nil {
		return cache.Turn{}, err
	}
	return turn, nil
}

// Leave ends a turn.
func (s *Store) Leave(ctx context.Context, turn cache.Turn, remember newswire.Domain) (err error) {
	defer s.wrap(&err, "leave %s", turn.Domain)
	state, err := json.Marshal(remember)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		var key string
		err := t.row(`SELECT turn FROM domains WHERE domain = ?`, turn.Domain).Scan(&key)
		if errors.Is(err, sql.ErrNoRows) || err == nil && key != turn.Key {
			return newswire.ErrFenced
		}
		if err != nil {
			return err
		}
		return t.exec(`UPDATE domains SET until = NULL, open = ?, state = ? WHERE domain = ?`,
			millis(remember.Open()), string(state), turn.Domain)
	})
}

// Domains returns what is remembered of domains.
func (s *Store) Domains(ctx context.Context, domains ...string) (_ map[string]newswire.Domain, err error) {
	defer s.wrap(&err, "read %d domains", len(domains))
	remembered := make(map[string]newswire.Domain, len(domains))
	rows, err := s.query(ctx, `SELECT domain, state FROM domains
		WHERE state IS NOT NULL AND domain IN (SELECT value FROM json_each(?))`, list(domains))
	err = each(rows, err, func(rows *sql.Rows) error {
		var name string
		var state []byte
		if err := rows.Scan(&name, &state); err != nil {
			return err
		}
		var d newswire.Domain
		err := json.Unmarshal(state, &d)
		remembered[name] = d
		return err
	})
	return remembered, err
}
