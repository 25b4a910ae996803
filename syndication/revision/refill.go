package revision

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// refill is what the engine knows of a store that was emptied, or is another one, until that has again what it is to serve.
// Meanwhile the last good revisions are served, and the snapshot stays as it is: what the store has by then is no news.
type refill struct {
	mark    atomic.Int64 // of the moment at which that was heard; 0 when nothing is waited for
	since   atomic.Int64 // that moment, in Unix nanoseconds
	checked time.Time    // when Options.Complete was last asked; for the follower alone
}

const (
	refillChecks = time.Second   // the pause between two questions whether a store is complete
	longestWait  = 2 * time.Hour // for that: a source that is never visited must not keep feeds old for ever
)

// await begins to wait for a store that is not complete. It reports false when there is nothing to wait for.
func (e *Engine) await(ctx context.Context) bool {
	if e.complete(ctx) {
		return false
	}
	// What was rendered since the log was last heard may be of the emptied store already.
	heard := e.follower.heard.Load()
	for _, res := range e.shelf.matching(func(*resource) bool { return true }) {
		if rev := res.revision.Load(); rev != nil && rev.read >= heard && len(rev.articles) == 0 {
			res.revision.CompareAndSwap(rev, nil)
		}
	}
	now := e.options.Now()
	e.refill.checked = now
	e.refill.since.Store(now.UnixNano())
	e.refill.mark.Store(e.marks.Add(1))
	e.options.Log.WarnContext(ctx, "readers keep the last good feeds until the sources of the store were visited")
	return true
}

// complete says whether the store has what it is to serve. One that cannot say so has not.
func (e *Engine) complete(ctx context.Context) bool {
	if e.options.Complete == nil {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, e.options.Timeout)
	defer cancel()
	complete, err := e.options.Complete(ctx)
	return complete && err == nil
}

// endRefill ends the waiting when the store is complete, or that took too long.
func (e *Engine) endRefill(ctx context.Context) {
	now := e.options.Now()
	if e.refill.mark.Load() == 0 || now.Sub(e.refill.checked) < refillChecks {
		return
	}
	e.refill.checked = now
	complete := e.complete(ctx)
	if !complete && now.Sub(time.Unix(0, e.refill.since.Load())) < longestWait {
		return
	}
	e.refill.mark.Store(0)
	e.Invalidate()
	e.persister.restart(e.follower.cursor)
	if complete {
		e.options.Log.InfoContext(ctx, "feeds are made of the store again: its sources were visited")
	} else {
		e.options.Log.WarnContext(ctx, "feeds are made of the store again, though some of its sources were not visited")
	}
}

// lastGood says whether a revision is to be served while the store fills: it was made before, and no article was withdrawn
// from its topic since.
func (e *Engine) lastGood(res *resource, rev *revision) bool {
	since := e.refill.mark.Load()
	return since > 0 && rev.mark < since && res.topic.completeUntil(since) > 0
}

// checkRefill says since when the store fills.
func (e *Engine) checkRefill() error {
	if e.refill.mark.Load() == 0 {
		return nil
	}
	return fmt.Errorf("the store was found emptied, or another one, at %s: the last good feeds are served until its sources were visited",
		time.Unix(0, e.refill.since.Load()).UTC().Format(time.RFC3339))
}
