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
	engine  *Engine
	mark    atomic.Int64 // of the moment at which that was heard; 0 when nothing is waited for
	since   atomic.Int64 // that moment, in Unix nanoseconds
	checked time.Time    // when Options.Complete was last asked; for the follower alone
}

const (
	refillChecks = time.Second   // the pause between two questions whether a store is complete
	longestWait  = 2 * time.Hour // for that: a source that is never visited must not keep feeds old for ever
)

// await begins to wait for a store that is not complete. It reports false when there is nothing to wait for.
func (r *refill) await(ctx context.Context) bool {
	if r.complete(ctx) {
		return false
	}
	// What was rendered since the log was last heard may be of the emptied store already.
	heard := r.engine.follower.heard.Load()
	for _, res := range r.engine.shelf.matching(func(*resource) bool { return true }) {
		if rev := res.revision.Load(); rev != nil && rev.read >= heard && len(rev.articles) == 0 {
			res.revision.CompareAndSwap(rev, nil)
		}
	}
	now := r.engine.options.Now()
	r.checked = now
	r.since.Store(now.UnixNano())
	r.mark.Store(r.engine.marks.Add(1))
	r.engine.options.Log.WarnContext(ctx, "readers keep the last good feeds until the sources of the store were visited")
	return true
}

// complete says whether the store has what it is to serve. One that cannot say so has not.
func (r *refill) complete(ctx context.Context) bool {
	if r.engine.options.Complete == nil {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, r.engine.options.Timeout)
	defer cancel()
	complete, err := r.engine.options.Complete(ctx)
	return complete && err == nil
}

// end ends the waiting when the store is complete, or that took too long.
func (r *refill) end(ctx context.Context) {
	now := r.engine.options.Now()
	if r.mark.Load() == 0 || now.Sub(r.checked) < refillChecks {
		return
	}
	r.checked = now
	complete := r.complete(ctx)
	if !complete && now.Sub(time.Unix(0, r.since.Load())) < longestWait {
		return
	}
	r.mark.Store(0)
	r.engine.Invalidate()
	r.engine.persister.restart(r.engine.follower.cursor)
	if complete {
		r.engine.options.Log.InfoContext(ctx, "feeds are made of the store again: its sources were visited")
	} else {
		r.engine.options.Log.WarnContext(ctx, "feeds are made of the store again, though some of its sources were not visited")
	}
}

// lastGood says whether a revision is to be served while the store fills: it was made before, and no article was withdrawn
// from its topic since.
func (r *refill) lastGood(res *resource, rev *revision) bool {
	since := r.mark.Load()
	return since > 0 && rev.mark < since && res.topic.completeUntil(since) > 0
}

// check says since when the store fills.
func (r *refill) check() error {
	if r.mark.Load() == 0 {
		return nil
	}
	return fmt.Errorf("the store was found emptied, or another one, at %s: the last good feeds are served until its sources were visited",
		time.Unix(0, r.since.Load()).UTC().Format(time.RFC3339))
}
