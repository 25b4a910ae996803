package pace

import (
	"context"
	"time"
)

// Slots bound the visits at work. A publisher that did not answer the last time may fill one until the timeout again, so
// the visits to all of these have half of the slots at most: however many they are, the others are not delayed.
type Slots struct{ all, silent chan struct{} } // each has a token for every slot that is free

// NewSlots makes n slots.
func NewSlots(n int) *Slots {
	return &Slots{all: tokens(n), silent: tokens(max(1, n/2))}
}

func tokens(n int) chan struct{} {
	c := make(chan struct{}, n)
	for range n {
		c <- struct{}{}
	}
	return c
}

// acquire waits for a slot, at most until the deadline, and says whether it got one. The error is ctx's.
func (s *Slots) acquire(ctx context.Context, silent bool, deadline time.Time) (bool, error) {
	if silent {
		if ok, err := receive(ctx, s.silent, deadline); !ok {
			return false, err
		}
	}
	ok, err := receive(ctx, s.all, deadline)
	if silent && !ok {
		s.silent <- struct{}{}
	}
	return ok, err
}

// release gives a slot back.
func (s *Slots) release(silent bool) {
	s.all <- struct{}{}
	if silent {
		s.silent <- struct{}{}
	}
}

// receive waits for a token, at most until the deadline, and says whether it got one. The error is ctx's.
func receive(ctx context.Context, from <-chan struct{}, deadline time.Time) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	select {
	case <-from: // mostly there is one, and no timer is needed
		return true, nil
	default:
	}
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	select {
	case <-from:
		return true, nil
	case <-timer.C:
		return false, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// Sleep waits for d or for the end of ctx, whose error it returns.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
