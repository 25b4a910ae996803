package sqlitecache

import (
	"context"
	"database/sql"
	"time"

	"github.com/newswire/newswire/cache"
)

// Due returns the whole due index, or what it says of the named sources.
func (s schedule) Due(ctx context.Context, only ...string) (_ map[string]time.Time, err error) {
	defer s.wrap(&err, "due index")
	due := map[string]time.Time{}
	query, args := `SELECT source, due FROM sources WHERE due IS NOT NULL`, []any(nil)
	if len(only) > 0 {
		query, args = `SELECT source, due FROM sources WHERE source IN (SELECT value FROM json_each(?)) AND +due IS NOT NULL`, []any{list(only)}
	}
	rows, err := s.query(ctx, query, args...)
	err = each(rows, err, func(rows *sql.Rows) error {
		var source string
		var at sql.Null[int64]
		err := rows.Scan(&source, &at)
		due[source] = moment(at)
		return err
	})
	return due, err
}

// Reschedule moves a source from one due time to another, if it is still there.
func (s schedule) Reschedule(ctx context.Context, source string, from, to time.Time) (err error) {
	defer s.wrap(&err, "reschedule %s", source)
	return s.write(ctx, func(t *tx) error {
		if from.IsZero() && !to.IsZero() {
			if err := t.exec(`INSERT INTO sources (source) VALUES (?) ON CONFLICT DO NOTHING`, source); err != nil {
				return err
			}
		}
		return t.exec(`UPDATE sources SET due = ? WHERE source = ? AND due IS ?`, millis(to), source, millis(from))
	})
}

// What selects the sources that are due, and of those in a list the ones that are due. The plus keeps SQLite from walking all
// that are due to find the few that are named.
const (
	due      = `SELECT source, due, token + 1 FROM sources WHERE due <= ?1 AND ?2 = '[]' ORDER BY due, source LIMIT ?3`
	dueNamed = `SELECT source, due, token + 1 FROM sources
		WHERE source IN (SELECT value FROM json_each(?2)) AND +due <= ?1 ORDER BY +due, source LIMIT ?3`
)

// Claim takes due sources. It looks before it takes the write lock, so that idle workers do not delay writes.
func (s schedule) Claim(ctx context.Context, n int, lease time.Duration, only ...string) (leases []cache.Lease, err error) {
	defer s.wrap(&err, "claim %d sources", n)
	if n <= 0 {
		return nil, nil
	}
	names, query := list(only), due
	if len(only) > 0 {
		query = dueNamed
	}
	any := false
	rows, err := s.query(ctx, query, s.now().UnixMilli(), names, 1)
	err = each(rows, err, func(*sql.Rows) error { any = true; return nil })
	if err != nil || !any {
		return nil, err
	}
	err = s.write(ctx, func(t *tx) error {
		leases = nil
		rows, err := t.query(query, t.clock, names, n)
		err = each(rows, err, func(rows *sql.Rows) error {
			l := cache.Lease{At: time.UnixMilli(t.clock).UTC(), Until: time.UnixMilli(t.clock + lease.Milliseconds()).UTC()}
			var at sql.Null[int64]
			err := rows.Scan(&l.Source, &at, &l.Token)
			l.Due = moment(at)
			leases = append(leases, l)
			return err
		})
		if err != nil {
			return err
		}
		claimed := make([]string, len(leases))
		for i, l := range leases {
			claimed[i] = l.Source
		}
		return t.exec(`UPDATE sources SET due = ?, token = token + 1 WHERE source IN (SELECT value FROM json_each(?))`,
			t.clock+lease.Milliseconds(), list(claimed))
	})
	if err != nil {
		return nil, err
	}
	return leases, nil
}

// Next says what comes due next.
func (s schedule) Next(ctx context.Context) (_ cache.Upcoming, err error) {
	defer s.wrap(&err, "next due time")
	var at sql.Null[int64]
	var index, catalog string
	rows, err := s.query(ctx, `SELECT (SELECT min(due) FROM sources WHERE due IS NOT NULL), id, catalog FROM identity`)
	if err := (row{rows, err}).Scan(&at, &index, &catalog); err != nil {
		return cache.Upcoming{}, err
	}
	now := s.now()
	next := cache.Upcoming{Any: at.Valid, At: now.UTC().Truncate(time.Millisecond), Index: index}
	if at.Valid {
		next.In, next.Catalog = moment(at).Sub(now), catalog
	}
	return next, nil
}

// Align notes with which catalog the due times are in line.
func (s schedule) Align(ctx context.Context, index, catalog string) (err error) {
	defer s.wrap(&err, "align the due index")
	return s.write(ctx, func(t *tx) error { return t.exec(`UPDATE identity SET catalog = ? WHERE id = ?`, catalog, index) })
}

// Postpone moves a claimed source's due time.
func (s schedule) Postpone(ctx context.Context, lease cache.Lease, until time.Time) (err error) {
	defer s.wrap(&err, "postpone %s", lease.Source)
	return s.write(ctx, func(t *tx) error { return t.postpone(lease, until) })
}

func (t *tx) postpone(lease cache.Lease, until time.Time) error {
	return t.fenced(`UPDATE sources SET due = ? WHERE source = ? AND token = ?`, millis(until), lease.Source, lease.Token)
}
