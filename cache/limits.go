package cache

import (
	"context"
	"fmt"
	"time"
)

// Limits have articles come and go when the limits of their rights pass ([newswire.Rights]): From opens an article, and Until
// ends it. [Visits.Record] gives an article its phase, and puts it into an index of what is to come.
//
// No article is listed but under [newswire.UnlistedTopic] while it waits and after its end. It is all there, so that the store
// knows it when its publisher offers it again, and so that another Record can give it other limits.
type Limits interface {
	// NextLimit says how long it is at least, by the store's clock, until a limit passes: nothing or less if one has. It is false
	// where no article has a limit ahead.
	NextLimit(ctx context.Context) (in time.Duration, any bool, err error)

	// PassLimits gives at most n articles, of which a limit has passed by the store's clock, the phase that they are in, and
	// lists them accordingly: one that opens is logged as a Put of its revision, and one that ends as a Remove. It returns how
	// many these were, or were tried; as many as n where there may be more. It may be repeated, and called by several processes
	// at once: what a crash left undone is done by the next call.
	PassLimits(ctx context.Context, n int) (int, error)
}

const (
	limitsEvery  = time.Second      // between two looks at the index: another process may have put something into it
	limitsAtOnce = 100              // articles that are moved in one call
	limitsPause  = 2 * time.Second  // after an error
	limitsCall   = 10 * time.Second // that a call may take
)

// KeepLimits passes limits as they come, until ctx ends, and returns ctx.Err(). An article comes and goes within a second
// after its time. While none is to come, the store is asked for the next one, and for nothing else. Errors go to failed, and
// what they left undone is tried again.
func KeepLimits(ctx context.Context, store Limits, failed func(error)) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		}
		next, err := passLimits(ctx, store)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			failed(err)
			next = limitsPause
		}
		timer.Reset(next)
	}
}

// PassDue passes all limits that have come, for a process that does not stay to keep them.
func PassDue(ctx context.Context, store Limits) error {
	for n := limitsAtOnce; n == limitsAtOnce; {
		var err error
		if n, err = store.PassLimits(ctx, limitsAtOnce); err != nil {
			return err
		}
	}
	return nil
}

// passLimits passes the limits that are there to be passed, and returns when to look again.
func passLimits(ctx context.Context, store Limits) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, limitsCall)
	defer cancel()
	in, any, err := store.NextLimit(ctx)
	switch {
	case err != nil:
		return 0, fmt.Errorf("look for limits of articles: %w", err)
	case !any || in >= limitsEvery:
		return limitsEvery, nil
	case in > 0:
		return in, nil
	}
	n, err := store.PassLimits(ctx, limitsAtOnce)
	switch {
	case err != nil:
		return 0, fmt.Errorf("pass limits of articles: %w", err)
	case n < limitsAtOnce:
		// A limit that is there still could not be passed: another process is about to, or the index is ahead of its articles.
		return limitsEvery / 10, nil
	}
	return 0, nil
}
