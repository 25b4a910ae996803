package sources

import (
	"context"
	"time"
)

// places are for the visits at work. A publisher who did not answer the last time may hold one until the timeout again, so
// all of these have half of them at most: however many they are, those who answer are not delayed.
type places struct{ all, silent chan struct{} }

func newPlaces(n int) places {
	return places{all: make(chan struct{}, n), silent: make(chan struct{}, max(1, n/2))}
}

// take waits for a place, at most for patience, and says whether there was one. The error is ctx's.
func (p places) take(ctx context.Context, silent bool) (bool, error) {
	waiting := time.NewTimer(patience)
	defer waiting.Stop()
	if silent {
		if ok, err := take(ctx, p.silent, waiting); !ok {
			return false, err
		}
	}
	ok, err := take(ctx, p.all, waiting)
	if silent && !ok {
		<-p.silent
	}
	return ok, err
}

func take(ctx context.Context, from chan<- struct{}, waiting *time.Timer) (bool, error) {
	select {
	case from <- struct{}{}:
		return true, nil
	case <-waiting.C:
		return false, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// leave gives a place back.
func (p places) leave(silent bool) {
	<-p.all
	if silent {
		<-p.silent
	}
}
