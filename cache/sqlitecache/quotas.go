package sqlitecache

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/newswire/newswire/cache"
)

// Spend gives units of a quota.
func (s quotas) Spend(ctx context.Context, name string, quota cache.Quota, n int) (spent cache.Spent, err error) {
	defer s.wrap(&err, "spend of the quota %s", name)
	err = s.write(ctx, func(t *tx) error {
		var full int64
		err := t.row(`SELECT "full" FROM quotas WHERE name = ?`, name).Scan(&full)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		full, spent = quota.Spend(full, t.clock*1000, n)
		return t.exec(`INSERT INTO quotas (name, "full") VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET "full" = ?2`, name, full)
	})
	return spent, err
}

// AddUsage adds to what partners used on a day.
func (s usage) AddUsage(ctx context.Context, day time.Time, used map[string]cache.Used) (err error) {
	defer s.wrap(&err, "add the usage of %d partners", len(used))
	return s.write(ctx, func(t *tx) error {
		if err := t.exec(`DELETE FROM usage WHERE day < ?`, dayOf(day.Add(-cache.UsageKept))); err != nil {
			return err
		}
		for partner, u := range used {
			err := t.exec(`INSERT INTO usage (partner, day, requests, refused, items, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
				ON CONFLICT (partner, day) DO UPDATE SET requests = requests + ?3, refused = refused + ?4, items = items + ?5,
				bytes = bytes + ?6`, partner, dayOf(day), u.Requests, u.Refused, u.Items, u.Bytes)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Usage returns what a partner used, day by day.
func (s usage) Usage(ctx context.Context, partner string, since time.Time) (days []cache.DayUsage, err error) {
	defer s.wrap(&err, "usage of %s", partner)
	rows, err := s.query(ctx, `SELECT day, requests, refused, items, bytes FROM usage WHERE partner = ? AND day >= ? ORDER BY day`,
		partner, dayOf(since))
	err = each(rows, err, func(rows *sql.Rows) error {
		var number int64
		var d cache.DayUsage
		err := rows.Scan(&number, &d.Requests, &d.Refused, &d.Items, &d.Bytes)
		d.Day = time.Unix(number*24*60*60, 0).UTC()
		days = append(days, d)
		return err
	})
	return days, err
}
