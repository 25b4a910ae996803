package rediscache

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/internal/json"
)

// The most that one call of a script has to do, which bounds how long it holds up the server.
const (
	subscriptionsPage = 500
	subscriptionsDone = 128
)

// row is a subscription as it is stored beside its group and its since.
type row struct {
	Topics []newswire.Topic `json:"topics,omitempty"`
	Until  time.Time        `json:"until,omitzero"`
	Terms  []byte           `json:"terms,omitempty"`
}

// progress is [cache.Progress] as it is stored.
type progress struct {
	Told     string    `json:"told,omitempty"`
	At       time.Time `json:"at,omitzero"`
	Failures int       `json:"failures,omitempty"`
	Failing  time.Time `json:"failing,omitzero"`
	Why      string    `json:"why,omitempty"`
	Slow     bool      `json:"slow,omitempty"`
}

// encodeProgress is the progress as JSON, since when it fails, and whether it is slow, as the scripts take them.
func encodeProgress(p *cache.Progress) (body string, failing any, slow string, err error) {
	stored := progress(*p)
	stored.At, stored.Failing = whole(p.At), whole(p.Failing)
	b, err := json.Marshal(stored)
	if p.Slow {
		slow = "1"
	}
	return string(b), orAbsent(p.Failing), slow, err
}

// whole is a time in whole milliseconds.
func whole(t time.Time) time.Time { return t.Truncate(time.Millisecond).UTC() }

// newSubscription reads a subscription as the scripts return it.
func newSubscription(channel cache.Channel, id, stored, told, due string) (s cache.Subscription, err error) {
	defer wrap(&err, "subscription %s", id)
	parts := strings.SplitN(stored, "\n", 3)
	if len(parts) != 3 {
		return s, fmt.Errorf("unexpected row %q", stored)
	}
	var r row
	if err := json.Unmarshal([]byte(parts[2]), &r); err != nil {
		return s, err
	}
	var p progress
	if err := json.Unmarshal([]byte(told), &p); err != nil {
		return s, err
	}
	s = cache.Subscription{
		Channel: channel, ID: id, Topics: r.Topics, Group: parts[0], Until: r.Until, Terms: r.Terms, Progress: cache.Progress(p),
	}
	if s.Since, err = parseMS(parts[1]); err == nil && due != "" {
		s.Due, err = parseMS(due)
	}
	return s, err
}

// ofChannel is a call of a script of a channel's subscriptions.
func (s *server) ofChannel(sc *script, channel cache.Channel, args ...any) call {
	return newCall(sc, s.keys.subscriptions(channel).all(), args...)
}

// Subscribe implements [cache.Subscriptions].
func (s subscriptions) Subscribe(ctx context.Context, sub cache.Subscription) (err error) {
	defer wrap(&err, "subscribe %s to %s", sub.ID, sub.Channel)
	if err := sub.Validate(); err != nil {
		return err
	}
	rest, err := json.Marshal(row{sub.Topics, whole(sub.Until), sub.Terms})
	if err != nil {
		return err
	}
	told, failing, slow, err := encodeProgress(&sub.Progress)
	if err != nil {
		return err
	}
	args := []any{sub.ID, sub.Group, orAbsent(sub.Until), rest, told, failing, slow}
	for _, t := range sub.Topics {
		args = append(args, string(t))
	}
	_, err = s.run(ctx, s.ofChannel(subscribeScript, sub.Channel, args...))
	return err
}

// Unsubscribe implements [cache.Subscriptions].
func (s subscriptions) Unsubscribe(ctx context.Context, channel cache.Channel, ids ...string) (err error) {
	defer wrap(&err, "unsubscribe %d of %s", len(ids), channel)
	for len(ids) > 0 {
		n := min(len(ids), subscriptionsDone)
		args := make([]any, n)
		for i, id := range ids[:n] {
			args[i] = id
		}
		if _, err := s.run(ctx, s.ofChannel(unsubscribeScript, channel, args...)); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// Subscription implements [cache.Subscriptions].
func (s subscriptions) Subscription(ctx context.Context, channel cache.Channel, id string) (_ cache.Subscription, err error) {
	defer wrap(&err, "subscription %s to %s", id, channel)
	replies, err := s.run(ctx, s.ofChannel(subscribersScript, channel, id))
	if err != nil {
		return cache.Subscription{}, err
	}
	parts := strs(replies[0].Val())
	if len(parts) != 4 {
		return cache.Subscription{}, newswire.ErrNotFound
	}
	return newSubscription(channel, parts[0], parts[1], parts[2], parts[3])
}

// Subscriptions implements [cache.Subscriptions].
func (s subscriptions) Subscriptions(
	ctx context.Context, channel cache.Channel, after newswire.Cursor, limit int,
) (subs []cache.Subscription, next newswire.Cursor, err error) {
	defer wrap(&err, "subscriptions to %s after %q", channel, after)
	if limit <= 0 {
		return nil, "", errLimit
	}
	if err := cache.CheckSubscriptionCursor(after); err != nil {
		return nil, "", err
	}
	from := string(after)
	for len(subs) <= limit {
		replies, err := s.run(ctx, s.ofChannel(subscribersScript, channel, from, min(limit+1, subscriptionsPage)))
		if err != nil {
			return nil, "", err
		}
		parts := strs(replies[0].Val())
		for len(parts) >= 4 {
			sub, err := newSubscription(channel, parts[0], parts[1], parts[2], parts[3])
			if err != nil {
				return nil, "", err
			}
			subs, parts = append(subs, sub), parts[4:]
		}
		if len(parts) != 1 || parts[0] == "" {
			break
		}
		from = parts[0]
	}
	if len(subs) > limit {
		subs = subs[:limit]
		next = newswire.Cursor(subs[limit-1].ID)
	}
	return subs, next, nil
}

// CountSubscriptions implements [cache.Subscriptions].
func (s subscriptions) CountSubscriptions(ctx context.Context, q cache.SubscriptionQuery) (n int, err error) {
	defer wrap(&err, "count subscriptions to %s", q.Channel)
	failing := ""
	if q.Failing {
		failing = "1"
	}
	for after := ""; ; {
		replies, err := s.run(ctx, s.ofChannel(countScript, q.Channel, q.Group, string(q.Topic), failing, after))
		if err != nil {
			return 0, err
		}
		parts, err := replies[0].Slice()
		if err != nil || len(parts) != 2 {
			return 0, fmt.Errorf("unexpected reply %v: %w", parts, err)
		}
		some, _ := parts[0].(int64)
		n += int(some)
		if after, _ = parts[1].(string); after == "" {
			return n, nil
		}
	}
}

// Rewind implements [cache.Subscriptions].
func (s subscriptions) Rewind(ctx context.Context, channel cache.Channel, id, told string) (err error) {
	defer wrap(&err, "rewind the subscription %s to %s", id, channel)
	replies, err := s.run(ctx, s.ofChannel(rewindScript, channel, id, told))
	if err != nil {
		return err
	}
	if found, err := replies[0].Bool(); err != nil || !found {
		return newswire.ErrNotFound
	}
	return nil
}

// newUpcoming reads what a script says comes next.
func newUpcoming(reply any) (u cache.UpcomingSubscription, err error) {
	parts := strs(reply)
	if len(parts) != 3 {
		return u, fmt.Errorf("unexpected reply %v", reply)
	}
	var at [3]int64
	for i, part := range parts {
		if part != "" {
			if at[i], err = strconv.ParseInt(part, 10, 64); err != nil {
				return u, err
			}
		}
	}
	if parts[1] != "" {
		u.Any, u.In = true, time.Duration(at[1]-at[0])*time.Millisecond
	}
	if parts[2] != "" {
		u.Failing = time.Duration(at[0]-at[2]) * time.Millisecond
	}
	return u, nil
}

// Wake implements [cache.Subscriptions]. The first step notes what is to be woken, and is all or nothing; the others do a
// part each. What a crash in between leaves is done by the next claim.
func (s subscriptions) Wake(ctx context.Context, w cache.Waking) (_ newswire.Cursor, err error) {
	defer wrap(&err, "wake subscriptions to %s", w.Channel)
	all := ""
	if w.All {
		all = "1"
	}
	args := []any{string(w.From), string(w.To), all}
	if !w.All {
		for _, t := range w.Topics {
			args = append(args, string(t))
		}
	}
	replies, err := s.run(ctx, s.ofChannel(wakeScript, w.Channel, args...))
	if err != nil {
		return "", err
	}
	parts, err := replies[0].Slice()
	if err != nil || len(parts) != 2 {
		return "", fmt.Errorf("unexpected reply %v: %w", parts, err)
	}
	woken, _ := parts[0].(string)
	left, _ := parts[1].(int64)
	for left > 0 {
		replies, err := s.run(ctx, s.ofChannel(rouseScript, w.Channel))
		if err != nil {
			return "", err
		}
		if left, err = replies[0].Int64(); err != nil {
			return "", err
		}
	}
	return newswire.Cursor(woken), nil
}

// Woken implements [cache.Subscriptions].
func (s subscriptions) Woken(ctx context.Context, channel cache.Channel) (_ newswire.Cursor, err error) {
	defer wrap(&err, "cursor of the subscriptions to %s", channel)
	woken, err := s.client.HGet(ctx, s.keys.subscriptions(channel).meta, "woken").Result()
	if errors.Is(err, redis.Nil) {
		err = nil
	}
	return newswire.Cursor(woken), err
}

// NextSubscription implements [cache.Subscriptions].
func (s subscriptions) NextSubscription(ctx context.Context, channel cache.Channel) (u cache.UpcomingSubscription, err error) {
	defer wrap(&err, "next due time of a subscription to %s", channel)
	replies, err := s.run(ctx, s.ofChannel(upcomingScript, channel))
	if err != nil {
		return u, err
	}
	return newUpcoming(replies[0].Val())
}

// ClaimSubscriptions implements [cache.Subscriptions]. One call looks at a bounded number, so it may claim fewer than it could.
// The nonce makes it one claim when go-redis sends it again on another connection.
func (s subscriptions) ClaimSubscriptions(
	ctx context.Context, c cache.Claiming,
) (_ []cache.SubscriptionClaim, next cache.UpcomingSubscription, err error) {
	defer wrap(&err, "claim %d subscriptions to %s", c.Limit+c.Doubtful, c.Channel)
	args := []any{max(c.Limit, 0), max(c.Doubtful, 0), max(c.PerGroup, 0), c.Lease.Milliseconds()}
	for group, busy := range c.Busy {
		args = append(args, group, busy)
	}
	keys := append(s.keys.subscriptions(c.Channel).all(), s.keys.subscriptionsClaim(c.Channel, rand.Text()))
	reply, err := s.call(ctx, takeScript, keys, args...)
	if err != nil {
		return nil, next, err
	}
	parts, err := reply.Slice()
	if err != nil || len(parts) != 3 {
		return nil, next, fmt.Errorf("unexpected reply %v: %w", parts, err)
	}
	if next, err = newUpcoming(parts[0]); err != nil {
		return nil, next, err
	}
	claims, err := newClaims(&c, parts)
	return claims, next, err
}

// newClaims reads what the script returned: what comes next, the token, and of each claim its ID, row and progress.
func newClaims(c *cache.Claiming, parts []any) ([]cache.SubscriptionClaim, error) {
	text, _ := parts[1].(string)
	token, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, err
	}
	at, err := parseMS(strs(parts[0])[0])
	if err != nil {
		return nil, err
	}
	due := at.Add(c.Lease.Truncate(time.Millisecond))
	var claims []cache.SubscriptionClaim
	for part := range slices.Chunk(strs(parts[2]), 3) {
		sub, err := newSubscription(c.Channel, part[0], part[1], part[2], ms(due))
		if err != nil {
			return nil, err
		}
		claims = append(claims, cache.SubscriptionClaim{Subscription: sub, Token: token, At: at})
	}
	return claims, nil
}

// ExtendSubscriptions implements [cache.Subscriptions].
func (s subscriptions) ExtendSubscriptions(
	ctx context.Context, channel cache.Channel, lease time.Duration, claims ...cache.SubscriptionClaim,
) (err error) {
	defer wrap(&err, "extend %d claims of subscriptions to %s", len(claims), channel)
	var calls []call
	for some := range slices.Chunk(claims, subscriptionsDone) {
		args := []any{lease.Milliseconds()}
		for _, c := range some {
			args = append(args, c.ID, c.Token)
		}
		calls = append(calls, s.ofChannel(prolongScript, channel, args...))
	}
	_, err = s.run(ctx, calls...)
	return err
}

// Deliver implements [cache.Subscriptions]. Each call of the script ends some of the claims: what a crash in between leaves
// is delivered again.
func (s subscriptions) Deliver(
	ctx context.Context, channel cache.Channel, done ...cache.Delivery,
) (next cache.UpcomingSubscription, err error) {
	defer wrap(&err, "record %d deliveries to subscriptions to %s", len(done), channel)
	var calls []call
	for some := range slices.Chunk(done, subscriptionsDone) {
		args := make([]any, 0, 6*len(some))
		for i := range some {
			d := &some[i]
			told, failing, slow, err := encodeProgress(&d.Progress)
			if err != nil {
				return next, err
			}
			args = append(args, d.Claim.ID, d.Claim.Token, after(d), told, failing, slow)
		}
		calls = append(calls, s.ofChannel(deliverScript, channel, args...))
	}
	if len(calls) == 0 {
		return s.NextSubscription(ctx, channel)
	}
	replies, err := s.run(ctx, calls...)
	if err != nil {
		return next, err
	}
	return newUpcoming(replies[len(replies)-1].Val())
}

// after is what is to be done after a delivery, as the script takes it.
func after(d *cache.Delivery) string {
	switch {
	case d.Remove:
		return "x"
	case d.Again:
		return strconv.FormatInt(max(d.In, 0).Milliseconds(), 10)
	}
	return ""
}
