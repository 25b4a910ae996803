package rediscache

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

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
	defer wrap(&err, "claim %d subscriptions to %s", c.Limit, c.Channel)
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
