package sources

import (
	"context"
	"time"
)

// places are for the visits at work. A publisher who did not answer the last time may hold one until the timeout again, so
// all of these have half of them at most: however many they are, those who answer are not delayed.
type places struct{ all, silent chan struct{} } // each holds a token for every place that is free

func newPlaces(n int) places {
	return places{all: tokens(n), silent: tokens(max(1, n/2))}
}

func tokens(n int) chan struct{} {
	c := make(chan struct{}, n)
	for range n {
		c <- struct{}{}
	}
	return c
}

// take waits for a place, at most for patience, and says whether there was one. The error is ctx's.
func (p places) take(ctx context.Context, silent bool) (bool, error) {
	deadline := time.Now().Add(patience)
	if silent {
		if ok, err := take(ctx, p.silent, deadline); !ok {
			return false, err
		}
	}
	ok, err := take(ctx, p.all, deadline)
	if silent && !ok {
		p.silent <- struct{}{}
	}
	return ok, err
}

// leave gives a place back.
func (p places) leave(silent bool) {
	p.all <- struct{}{}
	if silent {
		p.silent <- struct{}{}
	}
}

// take waits for a token, at most until the deadline, and says whether there was one. The error is ctx's.
func take(ctx context.Context, from <-chan struct{}, deadline time.Time) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	select {
	case <-from: // mostly there is one, and no timer is needed
		return true, nil
	default:
	}
	waiting := time.NewTimer(time.Until(deadline))
	defer waiting.Stop()
	select {
	case <-from:
		return true, nil
	case <-waiting.C:
		return false, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}
