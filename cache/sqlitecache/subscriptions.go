package sqlitecache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/internal/json"
)

// live says of a row that it has not ended; the parameter is the time.
const live = `(until IS NULL OR until > ?)`

// subscribing is a transaction that changes subscriptions.
type subscribing struct{ *tx }

func (s subscriptions) change(ctx context.Context, do func(subscribing) error) error {
	return s.write(ctx, func(t *tx) error { return do(subscribing{t}) })
}

// Subscribe stores a subscription.
func (s subscriptions) Subscribe(ctx context.Context, sub cache.Subscription) (err error) {
	defer s.wrap(&err, "subscribe %s to %s", sub.ID, sub.Channel)
	if err := sub.Validate(); err != nil {
		return err
	}
	return s.change(ctx, func(t subscribing) error {
		var ended bool
		err := t.row(`SELECT NOT `+live+` FROM subscriptions WHERE channel = ? AND id = ?`, t.clock, sub.Channel, sub.ID).Scan(&ended)
		switch {
		case err == nil && !ended:
			return t.resubscribe(&sub)
		case err == nil:
			if err := t.unsubscribe(sub.Channel, sub.ID); err != nil {
				return err
			}
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
		err = t.exec(`INSERT INTO subscriptions (channel, id, topics, grp, until, terms, since, told, told_at, failures, failing, why, slow, due)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			sub.Channel, sub.ID, list(sub.Topics), sub.Group, millis(sub.Until), sub.Terms, t.clock,
			sub.Told, millis(sub.At), sub.Failures, millis(sub.Failing), sub.Why, sub.Slow, t.clock)
		if err != nil {
			return err
		}
		return t.want(&sub)
	})
}

// resubscribe gives a subscription that is there what it is to be from now on.
func (t subscribing) resubscribe(sub *cache.Subscription) error {
	if err := t.unwant(sub.Channel, sub.ID); err != nil {
		return err
	}
	err := t.exec(`UPDATE subscriptions SET topics = ?, grp = ?, until = ?, terms = ? WHERE channel = ? AND id = ?`,
		list(sub.Topics), sub.Group, millis(sub.Until), sub.Terms, sub.Channel, sub.ID)
	if err != nil {
		return err
	}
	return t.want(sub)
}

// want enters a subscription under its topics.
func (t subscribing) want(sub *cache.Subscription) error {
	return t.exec(`INSERT OR IGNORE INTO subscription_topics (channel, topic, id) SELECT ?1, value, ?2 FROM json_each(?3)`,
		sub.Channel, sub.ID, list(sub.Topics))
}

// unwant takes a subscription out from under its topics, which its row still has.
func (t subscribing) unwant(channel cache.Channel, id string) error {
	return t.exec(`DELETE FROM subscription_topics WHERE channel = ?1 AND id = ?2 AND topic IN (
		SELECT value FROM json_each((SELECT topics FROM subscriptions WHERE channel = ?1 AND id = ?2)))`, channel, id)
}

func (t subscribing) unsubscribe(channel cache.Channel, id string) error {
	if err := t.unwant(channel, id); err != nil {
		return err
	}
	return t.exec(`DELETE FROM subscriptions WHERE channel = ? AND id = ?`, channel, id)
}

// Unsubscribe removes subscriptions.
func (s subscriptions) Unsubscribe(ctx context.Context, channel cache.Channel, ids ...string) (err error) {
	defer s.wrap(&err, "unsubscribe %d of %s", len(ids), channel)
	return s.change(ctx, func(t subscribing) error {
		for _, id := range ids {
			if err := t.unsubscribe(channel, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// subscriptionColumns are those of a row that scanSubscription reads.
const subscriptionColumns = `channel, id, topics, grp, until, terms, since, told, told_at, failures, failing, why, slow, due`

// scanSubscription reads a row, and what follows its columns.
func scanSubscription(rows *sql.Rows, more ...any) (sub cache.Subscription, err error) {
	var topics []byte
	var until, since, at, failing, due sql.Null[int64]
	err = rows.Scan(append([]any{
		&sub.Channel, &sub.ID, &topics, &sub.Group, &until, &sub.Terms, &since, &sub.Told, &at, &sub.Failures, &failing, &sub.Why, &sub.Slow, &due,
	}, more...)...)
	if err != nil {
		return sub, err
	}
	sub.Until, sub.Since, sub.At, sub.Failing, sub.Due = moment(until), moment(since), moment(at), moment(failing), moment(due)
	if err := json.Unmarshal(topics, &sub.Topics); err != nil {
		return sub, fmt.Errorf("topics of the subscription %s: %w", sub.ID, err)
	}
	return sub, nil
}

// Subscription returns one subscription.
func (s subscriptions) Subscription(ctx context.Context, channel cache.Channel, id string) (sub cache.Subscription, err error) {
	defer s.wrap(&err, "subscription %s to %s", id, channel)
	found := false
	rows, err := s.query(ctx, `SELECT `+subscriptionColumns+` FROM subscriptions WHERE channel = ? AND id = ? AND `+live,
		channel, id, s.now().UnixMilli())
	err = each(rows, err, func(rows *sql.Rows) error {
		found = true
		sub, err = scanSubscription(rows)
		return err
	})
	if err == nil && !found {
		err = newswire.ErrNotFound
	}
	return sub, err
}

// Subscriptions returns a page of a channel. Its cursor is the last ID.
func (s subscriptions) Subscriptions(
	ctx context.Context, channel cache.Channel, after newswire.Cursor, limit int,
) (subs []cache.Subscription, next newswire.Cursor, err error) {
	defer s.wrap(&err, "subscriptions to %s after %q", channel, after)
	if limit <= 0 {
		return nil, "", errLimit
	}
	if err := cache.CheckSubscriptionCursor(after); err != nil {
		return nil, "", err
	}
	rows, err := s.query(ctx, `SELECT `+subscriptionColumns+` FROM subscriptions WHERE channel = ? AND id > ? AND `+live+`
		ORDER BY id LIMIT ?`, channel, after, s.now().UnixMilli(), limit+1)
	err = each(rows, err, func(rows *sql.Rows) error {
		sub, err := scanSubscription(rows)
		subs = append(subs, sub)
		return err
	})
	if err == nil && len(subs) > limit {
		subs = subs[:limit]
		next = newswire.Cursor(subs[limit-1].ID)
	}
	return subs, next, err
}

// countOfTopic counts those of a topic without a look at each: only at those that have ended, which the next claim removes.
const countOfTopic = `SELECT coalesce((SELECT n FROM subscription_counts WHERE channel = ?1 AND topic = ?2), 0) -
	(SELECT count(*) FROM subscriptions s JOIN subscription_topics t ON t.channel = s.channel AND t.topic = ?2 AND t.id = s.id
		WHERE s.channel = ?1 AND s.until <= ?3)`

// CountSubscriptions counts subscriptions.
func (s subscriptions) CountSubscriptions(ctx context.Context, q cache.SubscriptionQuery) (n int, err error) {
	defer s.wrap(&err, "count subscriptions to %s", q.Channel)
	query, args := `SELECT count(*) FROM subscriptions s WHERE channel = ? AND `+live, []any{q.Channel, s.now().UnixMilli()}
	if q.Topic != "" && q.Group == "" && !q.Failing {
		query, args = countOfTopic, []any{q.Channel, q.Topic, s.now().UnixMilli()}
		q.Topic = ""
	}
	if q.Group != "" {
		query, args = query+` AND grp = ?`, append(args, q.Group)
	}
	if q.Topic != "" {
		query += ` AND EXISTS (SELECT 1 FROM subscription_topics t WHERE t.channel = s.channel AND t.topic = ? AND t.id = s.id)`
		args = append(args, q.Topic)
	}
	if q.Failing {
		query += ` AND failing IS NOT NULL`
	}
	rows, err := s.query(ctx, query, args...)
	err = row{rows, err}.Scan(&n)
	return n, err
}

// Rewind has a subscription told from another place.
func (s subscriptions) Rewind(ctx context.Context, channel cache.Channel, id, told string) (err error) {
	defer s.wrap(&err, "rewind the subscription %s to %s", id, channel)
	return s.change(ctx, func(t subscribing) error {
		err := t.fenced(`UPDATE subscriptions SET told = ?, failures = 0, failing = NULL, why = '', slow = 0,
			due = CASE WHEN claim IS NULL THEN ? ELSE due END, since_claim = CASE WHEN claim IS NULL THEN 0 ELSE 2 END
			WHERE channel = ? AND id = ? AND `+live, told, t.clock, channel, id, t.clock)
		if errors.Is(err, newswire.ErrFenced) {
			return newswire.ErrNotFound // there is no such row
		}
		return err
	})
}
