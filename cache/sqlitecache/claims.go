package sqlitecache

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// endedAtOnce bounds how many subscriptions that have ended one claim removes.
const endedAtOnce = 500

// Wake makes the subscriptions due that changes concern.
func (s subscriptions) Wake(ctx context.Context, w cache.Waking) (woken newswire.Cursor, err error) {
	defer s.wrap(&err, "wake subscriptions to %s", w.Channel)
	err = s.change(ctx, func(t subscribing) error {
		woken, err = t.woken(w.Channel)
		if err != nil || !w.All && woken != w.From {
			return err
		}
		woken = w.To
		if err := t.exec(`INSERT INTO subscription_channels (channel, woken) VALUES (?1, ?2)
			ON CONFLICT (channel) DO UPDATE SET woken = ?2`, w.Channel, w.To); err != nil {
			return err
		}
		return t.wake(w)
	})
	return woken, err
}

// wake makes due what waits, and is not waiting for the end of its backoff, and marks what is claimed.
func (t subscribing) wake(w cache.Waking) error {
	const wake = `UPDATE subscriptions SET due = CASE WHEN claim IS NULL THEN ?1 ELSE due END, since_claim = max(since_claim, claim IS NOT NULL)
		WHERE channel = ?2 AND CASE WHEN claim IS NOT NULL THEN since_claim = 0 ELSE due IS NULL OR failing IS NULL AND due > ?1 END`
	if w.All {
		return t.exec(wake, t.clock, w.Channel)
	}
	return t.exec(wake+` AND id IN (SELECT id FROM subscription_topics WHERE channel = ?2 AND topic IN (SELECT value FROM json_each(?3)))`,
		t.clock, w.Channel, list(w.Topics))
}

func (t subscribing) woken(channel cache.Channel) (woken newswire.Cursor, err error) {
	err = t.row(`SELECT woken FROM subscription_channels WHERE channel = ?`, channel).Scan(&woken)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return woken, err
}

// Woken returns the cursor up to which Wake was done.
func (s subscriptions) Woken(ctx context.Context, channel cache.Channel) (woken newswire.Cursor, err error) {
	defer s.wrap(&err, "cursor of the subscriptions to %s", channel)
	rows, err := s.query(ctx, `SELECT woken FROM subscription_channels WHERE channel = ?`, channel)
	err = row{rows, err}.Scan(&woken)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return woken, err
}

// upcoming are the times at which a channel's subscriptions come due or end.
const upcoming = `SELECT
	(SELECT min(due) FROM subscriptions WHERE channel = ?1 AND due IS NOT NULL AND doubtful = 0),
	(SELECT min(due) FROM subscriptions WHERE channel = ?1 AND due IS NOT NULL AND doubtful = 1),
	(SELECT min(until) FROM subscriptions WHERE channel = ?1 AND until IS NOT NULL),
	(SELECT min(failing) FROM subscriptions WHERE channel = ?1 AND failing IS NOT NULL)`

// NextSubscription says what comes due next.
func (s subscriptions) NextSubscription(ctx context.Context, channel cache.Channel) (u cache.UpcomingSubscription, err error) {
	defer s.wrap(&err, "next due time of a subscription to %s", channel)
	rows, err := s.query(ctx, upcoming, channel)
	return scanUpcoming(row{rows, err}, s.now())
}

func (t subscribing) upcoming(channel cache.Channel) (cache.UpcomingSubscription, error) {
	return scanUpcoming(t.row(upcoming, channel), time.UnixMilli(t.clock))
}

// scanUpcoming reads the row of upcoming.
func scanUpcoming(r row, now time.Time) (u cache.UpcomingSubscription, err error) {
	var times [3]sql.Null[int64]
	var failing sql.Null[int64]
	if err := r.Scan(&times[0], &times[1], &times[2], &failing); err != nil {
		return u, err
	}
	for _, at := range times {
		if in := moment(at).Sub(now); at.Valid && (!u.Any || in < u.In) {
			u.Any, u.In = true, in
		}
	}
	if failing.Valid {
		u.Failing = now.Sub(moment(failing))
	}
	return u, nil
}

// ClaimSubscriptions takes due subscriptions. It looks before it takes the write lock, so that idle processes do not delay
// writes.
func (s subscriptions) ClaimSubscriptions(
	ctx context.Context, c cache.Claiming,
) (claims []cache.SubscriptionClaim, next cache.UpcomingSubscription, err error) {
	defer s.wrap(&err, "claim %d subscriptions to %s", c.Limit+c.Doubtful, c.Channel)
	next, err = s.NextSubscription(ctx, c.Channel)
	if err != nil || !next.Any || next.In > 0 {
		return nil, next, err
	}
	err = s.change(ctx, func(t subscribing) error {
		claims = nil
		if err := t.removeEnded(c.Channel); err != nil {
			return err
		}
		chosen, err := t.choose(&c)
		if err != nil {
			return err
		}
		if len(chosen) > 0 {
			if claims, err = t.claim(&c, chosen); err != nil {
				return err
			}
		}
		next, err = t.upcoming(c.Channel)
		return err
	})
	if err != nil {
		return nil, next, err
	}
	return claims, next, nil
}

// removeEnded removes subscriptions whose Until has passed.
func (t subscribing) removeEnded(channel cache.Channel) error {
	var ended []string
	rows, err := t.query(`SELECT id FROM subscriptions WHERE channel = ? AND until <= ? LIMIT ?`, channel, t.clock, endedAtOnce)
	err = each(rows, err, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		ended = append(ended, id)
		return err
	})
	for _, id := range ended {
		if err == nil {
			err = t.unsubscribe(channel, id)
		}
	}
	return err
}

// candidate is a due subscription.
type candidate struct {
	id, group string
	due       int64
}

// choose finds the subscriptions to claim, the longest due first.
func (t subscribing) choose(c *cache.Claiming) ([]candidate, error) {
	const dueRows = `SELECT due, id, grp FROM subscriptions WHERE channel = ? AND due <= ? AND due IS NOT NULL AND doubtful = `
	const inOrder = ` ORDER BY due, id`
	doubtful, err := t.candidates(dueRows+`1`+inOrder, c, c.Doubtful)
	if err != nil {
		return nil, err
	}
	prompt, err := t.candidates(dueRows+`0`+inOrder, c, c.Limit)
	if err != nil {
		return nil, err
	}
	all := append(prompt, doubtful...)
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(a.due, b.due) })
	groups := newGroups(c)
	chosen := all[:0]
	for _, one := range all {
		if groups.admit(one.group) {
			chosen = append(chosen, one)
		}
	}
	return chosen, nil
}

// candidates are at most n of the rows of a query, without those whose group has enough.
func (t subscribing) candidates(query string, c *cache.Claiming, n int) (found []candidate, err error) {
	if n <= 0 {
		return nil, nil
	}
	rows, err := t.query(query, c.Channel, t.clock)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	groups := newGroups(c)
	for len(found) < n && rows.Next() {
		var one candidate
		if err := rows.Scan(&one.due, &one.id, &one.group); err != nil {
			return nil, err
		}
		if groups.admit(one.group) {
			found = append(found, one)
		}
	}
	return found, errors.Join(rows.Err(), rows.Close())
}

// groups counts what is claimed of each group.
type groups struct {
	most  int // zero: no bound
	busy  map[string]int
	count map[string]int // besides those that are busy
}

func newGroups(c *cache.Claiming) groups {
	return groups{most: c.PerGroup, busy: c.Busy, count: map[string]int{}}
}

// admit counts one more of a group, or says that it has enough.
func (g groups) admit(group string) bool {
	if group == "" || g.most <= 0 {
		return true
	}
	if g.busy[group]+g.count[group] >= g.most {
		return false
	}
	g.count[group]++
	return true
}

// claim claims the subscriptions that were chosen.
func (t subscribing) claim(c *cache.Claiming, chosen []candidate) ([]cache.SubscriptionClaim, error) {
	var token int64
	err := t.row(`INSERT INTO subscription_channels (channel, token) VALUES (?1, ?2)
		ON CONFLICT (channel) DO UPDATE SET token = max(token + 1, ?2) RETURNING token`, c.Channel, t.clock).Scan(&token)
	if err != nil {
		return nil, err
	}
	place := make(map[string]int, len(chosen))
	ids := make([]string, len(chosen))
	for i, one := range chosen {
		place[one.id], ids[i] = i, one.id
	}
	claims := make([]cache.SubscriptionClaim, len(chosen))
	rows, err := t.query(`UPDATE subscriptions SET claim = ?, since_claim = 0, due = ?
		WHERE channel = ? AND id IN (SELECT value FROM json_each(?)) RETURNING `+subscriptionColumns,
		token, t.clock+c.Lease.Milliseconds(), c.Channel, list(ids))
	err = each(rows, err, func(rows *sql.Rows) error {
		sub, err := scanSubscription(rows)
		claims[place[sub.ID]] = cache.SubscriptionClaim{Subscription: sub, Token: token, At: time.UnixMilli(t.clock).UTC()}
		return err
	})
	return claims, err
}

// ExtendSubscriptions moves the end of claims.
func (s subscriptions) ExtendSubscriptions(
	ctx context.Context, channel cache.Channel, lease time.Duration, claims ...cache.SubscriptionClaim,
) (err error) {
	defer s.wrap(&err, "extend %d claims of subscriptions to %s", len(claims), channel)
	if len(claims) == 0 {
		return nil
	}
	return s.change(ctx, func(t subscribing) error {
		for _, c := range claims {
			err := t.exec(`UPDATE subscriptions SET due = ? WHERE channel = ? AND id = ? AND claim = ?`,
				t.clock+lease.Milliseconds(), channel, c.ID, c.Token)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Deliver ends claims.
func (s subscriptions) Deliver(ctx context.Context, channel cache.Channel, done ...cache.Delivery) (next cache.UpcomingSubscription, err error) {
	defer s.wrap(&err, "record %d deliveries to subscriptions to %s", len(done), channel)
	err = s.change(ctx, func(t subscribing) error {
		for i := range done {
			if err := t.deliver(channel, &done[i]); err != nil {
				return err
			}
		}
		next, err = t.upcoming(channel)
		return err
	})
	return next, err
}

func (t subscribing) deliver(channel cache.Channel, d *cache.Delivery) error {
	id, token := d.Claim.ID, d.Claim.Token
	var sinceClaim int
	err := t.row(`SELECT since_claim FROM subscriptions WHERE channel = ? AND id = ? AND claim = ?`, channel, id, token).Scan(&sinceClaim)
	const woken, rewound = 1, 2
	switch {
	case errors.Is(err, sql.ErrNoRows): // the claim was lost
		return nil
	case err != nil:
		return err
	case sinceClaim == rewound:
		return t.exec(`UPDATE subscriptions SET claim = NULL, since_claim = 0, due = ? WHERE channel = ? AND id = ?`, t.clock, channel, id)
	case d.Remove:
		return t.unsubscribe(channel, id)
	}
	var due any
	switch {
	case sinceClaim == woken && (d.Progress.Failures == 0 || !d.Again):
		due = t.clock
	case d.Again:
		due = t.clock + d.In.Milliseconds()
	}
	p := d.Progress
	return t.exec(`UPDATE subscriptions SET told = ?, told_at = ?, failures = ?, failing = ?, why = ?, slow = ?, due = ?, claim = NULL, since_claim = 0
		WHERE channel = ? AND id = ?`,
		p.Told, millis(p.At), p.Failures, millis(p.Failing), p.Why, p.Slow, due, channel, id)
}
