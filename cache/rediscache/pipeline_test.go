package rediscache

import (
	"context"
	"errors"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache/redistest"
)

// counting counts the pipelines that are sent.
type counting struct{ pipelines atomic.Int32 }

func (c *counting) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}
func (c *counting) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (c *counting) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		c.pipelines.Add(1)
		return next(ctx, cmds)
	}
}

// busy takes all lanes, and returns their pipelines.
func busy(s *Store) (pipes [lanes]redis.Pipeliner) {
	for i := range pipes {
		pipes[i] = <-s.lanes
	}
	return pipes
}

// waits returns when so many requests wait for a lane.
func waits(s *Store, n int) {
	for s.waiting.Len() != n {
		runtime.Gosched()
	}
}

func TestCallersWhoWaitShareAPipelineAndNoErrors(t *testing.T) {
	s := open(t, redistest.Start(t, redistest.Options{}).URL())
	claim(t, s, "a")
	if err := s.Leave(t.Context(), cache.Turn{Domain: "a.example"}); !errors.Is(err, newswire.ErrFenced) {
		t.Fatal(err)
	} // The server has met the scripts now.
	var sent counting
	s.client.AddHook(&sent)
	pipes := busy(s)
	var wg sync.WaitGroup
	var errs [3]error
	for i, do := range []func(ctx context.Context) error{
		func(ctx context.Context) error { return s.Reschedule(ctx, "b", time.Time{}, time.Unix(1, 0)) },
		func(ctx context.Context) error { return s.Leave(ctx, cache.Turn{Domain: "a.example"}) },
		func(ctx context.Context) error { return s.Reschedule(ctx, "c", time.Time{}, time.Unix(1, 0)) },
	} {
		wg.Go(func() { errs[i] = do(t.Context()) })
	}
	waits(s, 3)
	s.lanes <- pipes[0]
	wg.Wait()
	s.lanes <- pipes[1]
	if errs[0] != nil || !errors.Is(errs[1], newswire.ErrFenced) || errs[2] != nil {
		t.Errorf("errors %v, want one of the second alone", errs)
	}
	if n := sent.pipelines.Load(); n != 1 {
		t.Errorf("%d pipelines, want that the three share one", n)
	}
	if due, err := s.Due(t.Context()); err != nil || len(due) != 3 {
		t.Errorf("due %v, %v, want a, b and c", due, err)
	}
}

func TestACallerWhoGivesUpWaitingIsNotSent(t *testing.T) {
	s := open(t, redistest.Start(t, redistest.Options{}).URL())
	pipes := busy(s)
	ctx, cancel := context.WithCancel(t.Context())
	gaveUp := make(chan error)
	go func() { gaveUp <- s.Reschedule(ctx, "a", time.Time{}, time.Unix(1, 0)) }()
	waits(s, 1)
	cancel()
	if err := <-gaveUp; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	for _, pipe := range pipes {
		s.lanes <- pipe
	}
	if err := s.Reschedule(t.Context(), "b", time.Time{}, time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if due, err := s.Due(t.Context()); err != nil || len(due) != 1 {
		t.Errorf("due %v, %v, want b alone", due, err)
	}
}
