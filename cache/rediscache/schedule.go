package rediscache

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire/cache"
)

// Due implements [cache.Schedule].
func (s schedule) Due(ctx context.Context, only ...string) (_ map[string]time.Time, err error) {
	defer wrap(&err, "due index")
	if len(only) > 0 {
		return s.dueOf(ctx, only)
	}
	entries, err := s.client.ZRangeWithScores(ctx, s.keys.due, 0, -1).Result()
	if err != nil {
		return nil, err
	}
	due := make(map[string]time.Time, len(entries))
	for _, e := range entries {
		source, _ := e.Member.(string)
		due[source] = fromMS(int64(e.Score))
	}
	return due, nil
}

// dueOf is what the due index says of some sources. Scores are read one by one: ZMSCORE's absent ones cannot be told from 0.
func (s schedule) dueOf(ctx context.Context, sources []string) (map[string]time.Time, error) {
	pipe := s.client.Pipeline()
	scores := make([]*redis.FloatCmd, len(sources))
	for i, source := range sources {
		scores[i] = pipe.ZScore(ctx, s.keys.due, source)
	}
	if err := exec(ctx, pipe); err != nil {
		return nil, err
	}
	due := make(map[string]time.Time, len(sources))
	for i, source := range sources {
		if scores[i].Err() == nil {
			due[source] = fromMS(int64(scores[i].Val()))
		}
	}
	return due, nil
}

// orAbsent is a time as the scripts take it, empty for zero.
func orAbsent(t time.Time) any {
	if t.IsZero() {
		return ""
	}
	return t.UnixMilli()
}

// Reschedule implements [cache.Schedule].
func (s schedule) Reschedule(ctx context.Context, source string, from, to time.Time) (err error) {
	defer wrap(&err, "reschedule %s", source)
	_, err = s.call(ctx, rescheduleScript, s.keys.index, source, orAbsent(from), orAbsent(to))
	return err
}

// Claim implements [cache.Schedule]. A source whose slot of a Cluster cannot be reached is left out, and comes due again
// soon. It is an error only if nothing else was claimed.
func (s schedule) Claim(ctx context.Context, n int, lease time.Duration, only ...string) (_ []cache.Lease, err error) {
	defer wrap(&err, "claim")
	if n <= 0 {
		return nil, nil
	}
	args := []any{n, lease.Milliseconds()}
	for _, source := range only {
		args = append(args, source)
	}
	// The nonce makes it one claim when go-redis sends it again on another connection.
	reply, err := s.call(ctx, claimScript, append(slices.Clip(s.keys.index), s.keys.claim(rand.Text())), args...)
	if err != nil {
		return nil, err
	}
	parts, err := reply.Slice()
	if err != nil || len(parts) != 2 {
		return nil, fmt.Errorf("unexpected reply %v: %w", parts, err)
	}
	text, _ := parts[0].(string)
	now, err := parseMS(text)
	if err != nil {
		return nil, err
	}
	leases, err := newLeases(strs(parts[1]), now, lease)
	if err != nil || len(leases) == 0 {
		return nil, err
	}
	return s.fence(ctx, leases)
}

// unreached is when a source comes due again whose slot could not be reached: a failover takes a few seconds, and meanwhile
// such sources must not keep others from being claimed.
const unreached = 5 * time.Second

// newLeases reads what the claim script returned: source, token, due, and so on.
func newLeases(flat []string, now time.Time, lease time.Duration) ([]cache.Lease, error) {
	var leases []cache.Lease
	for part := range slices.Chunk(flat, 3) {
		token, err := strconv.ParseInt(part[1], 10, 64)
		if err != nil {
			return nil, err
		}
		due, err := parseMS(part[2])
		if err != nil {
			return nil, err
		}
		leases = append(leases, cache.Lease{
			Source: part[0], Token: token, Due: due, At: now, Until: now.Add(lease.Truncate(time.Millisecond)),
		})
	}
	return leases, nil
}

// fence puts the tokens on the sources' slots, from where they fence off earlier leases, and returns the leases that
// hold: a claim that was slow here may have lost some to later ones.
func (s schedule) fence(ctx context.Context, leases []cache.Lease) ([]cache.Lease, error) {
	calls := make([]call, len(leases))
	for i, l := range leases {
		calls[i] = newCall(fenceScript, []any{s.keys.meta(l.Source)}, l.Token)
	}
	replies, err := s.run(ctx, calls...)
	var fenced []cache.Lease
	var back []call
	for i, r := range replies {
		switch ok, err := r.Bool(); {
		case err != nil:
			back = append(back, s.moving(leases[i], leases[i].At.Add(unreached)))
		case ok:
			fenced = append(fenced, leases[i])
		}
	}
	if len(back) > 0 {
		_, _ = s.run(ctx, back...) // or else they come due when their leases, which no worker holds, end
	}
	if len(fenced) == 0 {
		return nil, err
	}
	return fenced, nil
}

// Next implements [cache.Schedule].
func (s schedule) Next(ctx context.Context) (next cache.Upcoming, err error) {
	defer wrap(&err, "next due time")
	reply, err := s.call(ctx, nextScript, s.keys.index)
	if err != nil {
		return next, err
	}
	parts, err := reply.Slice()
	if err != nil || len(parts) < 2 {
		return next, fmt.Errorf("unexpected reply %v: %w", parts, err)
	}
	now, _ := parts[0].(int64)
	next.At = fromMS(now)
	next.Index, _ = parts[1].(string)
	if len(parts) > 3 {
		left, _ := parts[3].(int64)
		next.Any, next.In = true, time.Duration(left)*time.Millisecond
		next.Catalog, _ = parts[2].(string)
	}
	return next, nil
}

// Align implements [cache.Schedule].
func (s schedule) Align(ctx context.Context, index, catalog string) (err error) {
	defer wrap(&err, "align the due index")
	_, err = s.call(ctx, alignScript, s.keys.index[1:], index, catalog)
	return err
}

// Postpone implements [cache.Schedule].
func (s schedule) Postpone(ctx context.Context, lease cache.Lease, until time.Time) (err error) {
	defer wrap(&err, "postpone %s", lease.Source)
	_, err = s.run(ctx, s.moving(lease, until))
	return err
}

// moving is the call that moves a leased source in the due index, or takes it out if the time is zero. ErrFenced.
func (s *server) moving(lease cache.Lease, due time.Time) call {
	return newCall(moveScript, s.keys.index, lease.Source, lease.Token, orAbsent(due))
}
