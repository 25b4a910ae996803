package rediscache

import (
	"context"
	"embed"
	"errors"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire"
)

//go:embed lua
var sources embed.FS

// The scripts: each is one atomic step in one slot, and says in its first lines what it takes and returns.
var (
	recordScript     = script("source", "record")
	sweepScript      = script("source", "sweep")
	forgetScript     = script("source", "forget")
	withdrawScript   = script("source", "withdraw")
	finishScript     = script("finish")
	placeScript      = script("place")
	listScript       = script("topic", "list")
	healScript       = script("topic", "heal")
	archiveScript    = script("topic", "archive")
	pageScript       = script("topic", "page")
	adoptScript      = script("topic", "adopt")
	appendScript     = script("append")
	readScript       = script("read")
	headScript       = script("head")
	trimScript       = script("trim")
	claimScript      = script("claim")
	moveScript       = script("move")
	rescheduleScript = script("reschedule")
	nextScript       = script("next")
	enterScript      = script("enter")
	leaveScript      = script("leave")
)

// script is one script made of files.
func script(files ...string) *redis.Script {
	var b strings.Builder
	for _, name := range files {
		text, err := sources.ReadFile("lua/" + name + ".lua")
		if err != nil {
			panic("rediscache: " + err.Error()) // it is embedded
		}
		b.Write(text)
	}
	return redis.NewScript(b.String())
}

// call is a script with what it is called with.
type call struct {
	script *redis.Script
	keys   []string
	args   []any
}

// run calls scripts in one round trip to each node, two where a node has not met one of them yet. It returns their
// replies, and an error that one of them had: ErrFenced only where nothing else went wrong than that a script refused a
// lease or a turn.
func (s *Store) run(ctx context.Context, calls ...call) ([]*redis.Cmd, error) {
	replies := make([]*redis.Cmd, len(calls))
	pipe := s.client.Pipeline()
	for i, c := range calls {
		replies[i] = c.script.EvalSha(ctx, pipe, c.keys, c.args...)
	}
	_, err := pipe.Exec(ctx)
	pipe = s.client.Pipeline()
	for i, c := range calls {
		if redis.HasErrorPrefix(replies[i].Err(), "NOSCRIPT") {
			replies[i] = c.script.Eval(ctx, pipe, c.keys, c.args...)
		}
	}
	if pipe.Len() > 0 {
		_, err = pipe.Exec(ctx)
	}
	errs := []error{err}
	for _, r := range replies {
		errs = append(errs, r.Err())
	}
	err = nil
	for _, e := range errs {
		switch {
		case e == nil, errors.Is(e, redis.Nil):
		case redis.HasErrorPrefix(e, "FENCED"):
			err = newswire.ErrFenced
		default:
			return replies, e
		}
	}
	return replies, err
}

// call calls one script.
func (s *Store) call(ctx context.Context, sc *redis.Script, keys []string, args ...any) (*redis.Cmd, error) {
	replies, err := s.run(ctx, call{sc, keys, args})
	return replies[0], err
}
