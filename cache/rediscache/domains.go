package rediscache

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// Enter implements [cache.Domains]. The key is made here, so that it is one turn when go-redis sends the call again on
// another connection.
func (s *Store) Enter(ctx context.Context, domain string, lease time.Duration) (_ cache.Turn, err error) {
	defer wrap(&err, "enter %s", domain)
	turn := cache.Turn{Domain: domain, Key: rand.Text()}
	reply, err := s.call(ctx, enterScript, []string{s.keys.domain(domain)}, turn.Key, lease.Milliseconds())
	if err != nil {
		return cache.Turn{}, err
	}
	parts, err := reply.Slice()
	if err != nil || len(parts) != 4 {
		return cache.Turn{}, fmt.Errorf("unexpected reply %v: %w", parts, err)
	}
	now, _ := parts[0].(string)
	given, _ := parts[1].(int64)
	until, _ := parts[2].(string)
	state, _ := parts[3].(string)
	if turn.At, err = parseMS(now); err != nil {
		return cache.Turn{}, err
	}
	if turn.Until, err = parseMS(until); err != nil {
		return cache.Turn{}, err
	}
	if given == 0 {
		turn.Key = ""
	}
	if state != "" {
		if err := json.Unmarshal([]byte(state), &turn.Remembered); err != nil {
			return cache.Turn{}, err
		}
	}
	return turn, nil
}

// Leave implements [cache.Domains].
func (s *Store) Leave(ctx context.Context, turn cache.Turn, remember newswire.Domain) (err error) {
	defer wrap(&err, "leave %s", turn.Domain)
	state, err := json.Marshal(remember)
	if err != nil {
		return err
	}
	open := "0"
	if at := remember.Open(); !at.IsZero() {
		open = ms(at)
	}
	_, err = s.call(ctx, leaveScript, []string{s.keys.domain(turn.Domain)}, turn.Key, open, state)
	return err
}

// Domains implements [cache.Domains].
func (s *Store) Domains(ctx context.Context, domains ...string) (_ map[string]newswire.Domain, err error) {
	defer wrap(&err, "read %d domains", len(domains))
	pipe := s.client.Pipeline()
	replies := make([]*redis.StringCmd, len(domains))
	for i, name := range domains {
		replies[i] = pipe.HGet(ctx, s.keys.domain(name), "state")
	}
	if err := exec(ctx, pipe); err != nil {
		return nil, err
	}
	remembered := make(map[string]newswire.Domain, len(domains))
	for i, name := range domains {
		state, err := replies[i].Bytes()
		if errors.Is(err, redis.Nil) {
			continue
		}
		if err != nil {
			return nil, err
		}
		var d newswire.Domain
		if err := json.Unmarshal(state, &d); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		remembered[name] = d
	}
	return remembered, nil
}
