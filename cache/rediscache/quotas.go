package rediscache

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire/cache"
)

// Spend implements [cache.Quotas].
func (s quotas) Spend(ctx context.Context, name string, quota cache.Quota, n int) (_ cache.Spent, err error) {
	defer wrap(&err, "spend of the quota %s", name)
	reply, err := s.call(ctx, spendScript, []any{s.keys.quota(name)}, quota.Units, quota.Period.Microseconds(), n)
	if err != nil {
		return cache.Spent{}, err
	}
	parts, err := reply.StringSlice()
	if err != nil || len(parts) != 2 {
		return cache.Spent{}, fmt.Errorf("unexpected reply %v: %w", parts, err)
	}
	now, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return cache.Spent{}, err
	}
	full, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return cache.Spent{}, err
	}
	_, spent := quota.Spend(full, now, n)
	return spent, nil
}

// AddUsage implements [cache.Usage].
func (s usage) AddUsage(ctx context.Context, day time.Time, used map[string]cache.Used) (err error) {
	defer wrap(&err, "add the usage of %d partners", len(used))
	if len(used) == 0 {
		return nil
	}
	pipe := s.client.Pipeline()
	for partner, u := range used {
		key := s.keys.usage(partner, day)
		for field, n := range map[string]int64{"requests": u.Requests, "refused": u.Refused, "items": u.Items, "bytes": u.Bytes} {
			pipe.HIncrBy(ctx, key, field, n)
		}
		pipe.ExpireAt(ctx, key, day.UTC().Truncate(24*time.Hour).Add(cache.UsageKept+2*24*time.Hour)) // a day late, for clocks differ
	}
	return exec(ctx, pipe)
}

// Usage implements [cache.Usage].
func (s usage) Usage(ctx context.Context, partner string, since time.Time) (days []cache.DayUsage, err error) {
	defer wrap(&err, "usage of %s", partner)
	first := since.UTC().Truncate(24 * time.Hour)
	last := time.Now().UTC().Add(24 * time.Hour) // clocks differ
	if oldest := last.Add(-cache.UsageKept - 2*24*time.Hour); first.Before(oldest) {
		first = oldest.Truncate(24 * time.Hour)
	}
	pipe := s.client.Pipeline()
	var replies []*redis.MapStringStringCmd
	for day := first; !day.After(last); day = day.Add(24 * time.Hour) {
		replies = append(replies, pipe.HGetAll(ctx, s.keys.usage(partner, day)))
	}
	if err := exec(ctx, pipe); err != nil {
		return nil, err
	}
	for i, reply := range replies {
		fields := reply.Val()
		if len(fields) == 0 {
			continue
		}
		d := cache.DayUsage{Day: first.Add(time.Duration(i) * 24 * time.Hour)}
		for field, n := range map[string]*int64{"requests": &d.Requests, "refused": &d.Refused, "items": &d.Items, "bytes": &d.Bytes} {
			if *n, err = strconv.ParseInt(fields[field], 10, 64); err != nil {
				return nil, err
			}
		}
		days = append(days, d)
	}
	return days, nil
}
