package rediscache

import (
	"context"
	"errors"
	"net"

	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire/cache/cachetest"
)

// faultHook lets faults strike before and after each command, and between any two of a pipeline.
type faultHook struct{ faults *cachetest.Faults }

func (h faultHook) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (h faultHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := h.faults.Do(func() error { return next(ctx, cmd) })
		if err != nil {
			cmd.SetErr(err)
		}
		return err
	}
}

func (h faultHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		replied := 0
		err := h.faults.Pipeline(len(cmds), func(n int) error { replied = n; return next(ctx, cmds[:n]) })
		if errors.Is(err, cachetest.ErrInjected) { // as go-redis does when a connection breaks
			for _, cmd := range cmds[min(replied, len(cmds)-1):] {
				cmd.SetErr(err)
			}
		}
		// A script that a server has not met is an error of its own, and then what follows the fault was not sent either.
		for _, cmd := range cmds[replied:] {
			if cmd.Err() == nil {
				cmd.SetErr(cachetest.ErrInjected)
			}
		}
		return err
	}
}
