package rediscache

import (
	"context"
	"errors"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire"
)

// lanes is how many pipelines are under way to one server at a time.
const lanes = 2

// call is a script with the command that calls it.
type call struct {
	script  *script
	command []any
}

// newCall is the call of a script. The keys are strings.
func newCall(sc *script, keys []any, args ...any) call {
	command := make([]any, 0, firstKey+len(keys)+len(args))
	command = append(command, "evalsha", sc.hash, len(keys))
	return call{sc, append(append(command, keys...), args...)}
}

// firstKey is the place of the first key in a command that calls a script.
const firstKey = 3

// queue puts the call into a pipeline.
func (c *call) queue(ctx context.Context, pipe redis.Pipeliner) *redis.Cmd {
	cmd := redis.NewCmd(ctx, c.command...)
	cmd.SetFirstKeyPos(firstKey)
	_ = pipe.Process(ctx, cmd) // it is sent with the pipeline
	return cmd
}

// whole has the call bring the script itself, for a server that has not met it.
func (c *call) whole() { c.command[0], c.command[1] = "eval", c.script.text }

// request is the calls of one caller, which waits for the replies.
type request struct {
	calls   []call
	replies []*redis.Cmd
	done    chan struct{} // closed when the replies are there
}

// run calls scripts in one round trip to each node, two where a node has not met one of them yet. It returns their
// replies, and an error that one of them had: ErrFenced only where nothing else went wrong than that a script refused a
// lease or a turn.
//
// Most of what a small call costs is its round trip. So callers of one server that find it busy share the next pipeline. On
// a Cluster each call is sent alone: a node that does not answer must not delay calls that do not need it.
func (s *server) run(ctx context.Context, calls ...call) ([]*redis.Cmd, error) {
	r := &request{calls: calls, replies: make([]*redis.Cmd, len(calls)), done: make(chan struct{})}
	if s.lanes == nil {
		s.send(ctx, s.client.Pipeline(), r)
		return r.replies, r.err()
	}
	s.waiting.Add(r)
	select {
	case <-r.done:
		return r.replies, r.err()
	case pipe := <-s.lanes:
		// Others depend on it: it is bounded by the client's timeouts, and not by the one caller's context.
		go func() {
			defer func() { s.lanes <- pipe }()
			s.send(context.WithoutCancel(ctx), pipe, s.waiting.Drain()...)
		}()
	case <-ctx.Done():
		s.waiting.Remove(r)
		return nil, ctx.Err()
	}
	select {
	case <-r.done:
		return r.replies, r.err()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// send makes requests in one pipeline, and once more those of their calls whose scripts the server has not met yet.
func (s *server) send(ctx context.Context, pipe redis.Pipeliner, requests ...*request) {
	for _, r := range requests {
		for i := range r.calls {
			r.replies[i] = r.calls[i].queue(ctx, pipe)
		}
	}
	flush(ctx, pipe)
	for _, r := range requests {
		for i := range r.calls {
			if err := r.replies[i].Err(); err != nil && redis.HasErrorPrefix(err, "NOSCRIPT") {
				r.calls[i].whole()
				r.replies[i] = r.calls[i].queue(ctx, pipe)
			}
		}
	}
	flush(ctx, pipe)
	for _, r := range requests {
		close(r.done)
	}
}

// flush sends a pipeline, after which each command has its reply or its error.
func flush(ctx context.Context, pipe redis.Pipeliner) {
	if pipe.Len() == 0 {
		return
	}
	cmds, err := pipe.Exec(ctx)
	if err != nil && !slices.ContainsFunc(cmds, func(c redis.Cmder) bool { return c.Err() != nil }) {
		for _, c := range cmds {
			c.SetErr(err)
		}
	}
}

// err is what went wrong with a request.
func (r *request) err() error {
	fenced := false
	for _, reply := range r.replies {
		switch err := reply.Err(); {
		case err == nil, errors.Is(err, redis.Nil):
		case redis.HasErrorPrefix(err, "FENCED"):
			fenced = true
		default:
			return err
		}
	}
	if fenced {
		return newswire.ErrFenced
	}
	return nil
}
