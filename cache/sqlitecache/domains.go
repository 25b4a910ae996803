package sqlitecache

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/internal/domainjson"
)

// Enter takes the turn at a domain, and moves due times with it.
func (s domains) Enter(
	ctx context.Context, domain string, lease time.Duration, postpone ...cache.Postponement,
) (turn cache.Turn, err error) {
	defer s.wrap(&err, "enter %s", domain)
	key := rand.Text()
	err = s.write(ctx, func(t *tx) error {
		turn, err = t.enter(domain, key, lease)
		if err != nil || turn.Key == "" {
			return err
		}
		for _, p := range postpone {
			if err := t.postpone(p.Lease, p.Until); err != nil {
				return fmt.Errorf("postpone %s: %w", p.Lease.Source, err)
			}
		}
		return nil
	})
	if err != nil {
		return cache.Turn{}, err
	}
	return turn, nil
}

// enter gives the turn, unless another visitor has it or the domain is not open.
func (t *tx) enter(domain, key string, lease time.Duration) (cache.Turn, error) {
	turn := cache.Turn{Domain: domain, Key: key, At: time.UnixMilli(t.clock).UTC(), Until: time.UnixMilli(t.clock + lease.Milliseconds()).UTC()}
	var state sql.Null[string]
	var open sql.Null[int64]
	err := t.row(`INSERT INTO domains (domain, turn, until) VALUES (?1, ?2, ?3)
		ON CONFLICT (domain) DO UPDATE SET turn = ?2, until = ?3 WHERE coalesce(until, 0) <= ?4 AND coalesce(open, 0) <= ?4
		RETURNING state, open`, domain, key, millis(turn.Until), t.clock).Scan(&state, &open)
	if errors.Is(err, sql.ErrNoRows) {
		turn.Key = ""
		var busy sql.Null[int64]
		err = t.row(`SELECT max(coalesce(until, 0), coalesce(open, 0)), state, open FROM domains WHERE domain = ?`, domain).Scan(&busy, &state, &open)
		turn.Until = moment(busy)
	}
	if err == nil {
		turn.Remembered, err = domainjson.Decode(state.V, moment(open))
	}
	return turn, err
}

// Extend moves the end of a turn.
func (s domains) Extend(ctx context.Context, turn cache.Turn, lease time.Duration) (err error) {
	defer s.wrap(&err, "stay at %s", turn.Domain)
	return s.write(ctx, func(t *tx) error {
		return t.fenced(`UPDATE domains SET until = ? WHERE domain = ? AND turn = ? AND until IS NOT NULL`,
			t.clock+lease.Milliseconds(), turn.Domain, turn.Key)
	})
}

// Leave ends a turn.
func (s domains) Leave(ctx context.Context, turn cache.Turn) (err error) {
	defer s.wrap(&err, "leave %s", turn.Domain)
	return s.write(ctx, func(t *tx) error { return t.leave(turn) })
}

func (t *tx) leave(turn cache.Turn) error {
	state, err := domainjson.Encode(&turn.Remembered)
	if err != nil {
		return err
	}
	return t.fenced(`UPDATE domains SET until = NULL, open = ?, state = ? WHERE domain = ? AND turn = ?`,
		millis(turn.Remembered.Open()), state, turn.Domain, turn.Key)
}

// Domains returns what is remembered of domains.
func (s domains) Domains(ctx context.Context, domains ...string) (_ map[string]newswire.Domain, err error) {
	defer s.wrap(&err, "read %d domains", len(domains))
	known := make(map[string]newswire.Domain, len(domains))
	rows, err := s.query(ctx, `SELECT domain, state, open FROM domains
		WHERE state IS NOT NULL AND domain IN (SELECT value FROM json_each(?))`, list(domains))
	err = each(rows, err, func(rows *sql.Rows) error {
		var name, state string
		var open sql.Null[int64]
		if err := rows.Scan(&name, &state, &open); err != nil {
			return err
		}
		known[name], err = domainjson.Decode(state, moment(open))
		return err
	})
	return known, err
}
