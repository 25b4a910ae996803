package rediscache

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/internal/domainjson"
)

// Enter implements [cache.Domains]. The key is made here, so that it is one turn when go-redis sends the call again on
// another connection. A domain and a source lie in different slots: the postponements go out together with the question
// for the turn, and are taken back where that is not given. A crash in between puts a visit off, and makes none early.
func (s domains) Enter(ctx context.Context, domain string, lease time.Duration, postpone ...cache.Postponement) (_ cache.Turn, err error) {
	defer wrap(&err, "enter %s", domain)
	key := rand.Text()
	calls := make([]call, 1, 1+len(postpone))
	calls[0] = newCall(enterScript, []any{s.keys.domain(domain)}, key, lease.Milliseconds())
	for _, p := range postpone {
		calls = append(calls, s.moving(p.Lease, p.Until))
	}
	replies, err := s.run(ctx, calls...)
	fenced := errors.Is(err, newswire.ErrFenced)
	if err != nil && !fenced {
		return cache.Turn{}, err
	}
	turn, err := newTurn(domain, key, replies[0])
	switch {
	case err != nil:
		return cache.Turn{}, err
	case fenced && turn.Key != "":
		return cache.Turn{}, errors.Join(newswire.ErrFenced, s.Leave(ctx, turn))
	case fenced:
		return cache.Turn{}, newswire.ErrFenced
	case turn.Key == "" && len(postpone) > 0:
		for i, p := range postpone {
			calls[i+1] = s.moving(p.Lease, p.Lease.Until)
		}
		_, err = s.run(ctx, calls[1:]...)
	}
	return turn, err
}

// newTurn reads what the enter script returned.
func newTurn(domain, key string, reply *redis.Cmd) (turn cache.Turn, err error) {
	text, err := reply.Text()
	if err != nil {
		return turn, err
	}
	now, rest, _ := strings.Cut(text, " ")
	given, rest, _ := strings.Cut(rest, " ")
	until, rest, _ := strings.Cut(rest, " ")
	open, state, _ := strings.Cut(rest, " ")
	turn.Domain = domain
	if given == "1" {
		turn.Key = key
	}
	if turn.At, err = parseMS(now); err != nil {
		return turn, err
	}
	if turn.Until, err = parseMS(until); err != nil {
		return turn, err
	}
	turn.Remembered, err = newRemembered(state, open)
	return turn, err
}

// newRemembered reads what is stored of a domain. Both are empty before the first Leave.
func newRemembered(state, open string) (d newswire.Domain, err error) {
	var at time.Time
	if open != "" && open != "0" {
		if at, err = parseMS(open); err != nil {
			return d, err
		}
	}
	return domainjson.Decode(state, at)
}

// Extend implements [cache.Domains].
func (s domains) Extend(ctx context.Context, turn cache.Turn, lease time.Duration) (err error) {
	defer wrap(&err, "stay at %s", turn.Domain)
	_, err = s.call(ctx, extendScript, []any{s.keys.domain(turn.Domain)}, turn.Key, lease.Milliseconds())
	return err
}

// Leave implements [cache.Domains].
func (s domains) Leave(ctx context.Context, turn cache.Turn) (err error) {
	defer wrap(&err, "leave %s", turn.Domain)
	left, err := s.leaving(turn)
	if err != nil {
		return err
	}
	_, err = s.run(ctx, left)
	return err
}

// leaving is the call that ends a turn.
func (s *server) leaving(turn cache.Turn) (call, error) {
	state, err := domainjson.Encode(&turn.Remembered)
	open := "0"
	if at := turn.Remembered.Open(); !at.IsZero() {
		open = ms(at)
	}
	return newCall(leaveScript, []any{s.keys.domain(turn.Domain)}, turn.Key, open, state), err
}

// Domains implements [cache.Domains].
func (s domains) Domains(ctx context.Context, domains ...string) (_ map[string]newswire.Domain, err error) {
	defer wrap(&err, "read %d domains", len(domains))
	pipe := s.client.Pipeline()
	replies := make([]*redis.SliceCmd, len(domains))
	for i, name := range domains {
		replies[i] = pipe.HMGet(ctx, s.keys.domain(name), "state", "open")
	}
	if err := exec(ctx, pipe); err != nil {
		return nil, err
	}
	known := make(map[string]newswire.Domain, len(domains))
	for i, name := range domains {
		fields := replies[i].Val()
		state, left := fields[0].(string)
		if !left {
			continue
		}
		open, _ := fields[1].(string)
		if known[name], err = newRemembered(state, open); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return known, nil
}
