package revision

import (
	"context"
	"time"
)

// renewal is a rendering that no reader waits for.
type renewal struct {
	res    *resource
	target Target
}

// mostRenewals bounds the renewals that wait for a slot.
const mostRenewals = 1024

// linger says whether a revision that is stale is good enough for the moment, so that a reader that comes just after a change
// need not wait: nothing was withdrawn from it, it contains everything that was committed until three polls ago, by what the
// change log has said since, and its successor is on its way. Variants, of which there may be any number, must not keep plain
// feeds waiting in the same queue, and do not linger.
func (e *Engine) linger(res *resource, rev *revision, t Target) bool {
	if t.Variant || !e.stands(res, rev) {
		return false
	}
	until := res.topic.completeUntil(rev.mark)
	behind := time.Duration(e.options.Now().UnixNano() - until)
	if behind < 0 || behind >= 3*e.options.Poll || !e.renewSoon(res, t) {
		return false
	}
	raise(&res.current, until)
	return true
}

// stands says whether what a stale revision has may still be shown: it was made by the configuration in force, and nothing was
// withdrawn from it.
func (e *Engine) stands(res *resource, rev *revision) bool {
	return rev.mark >= e.invalidated.Load() && res.topic.completeUntil(rev.mark) > 0
}

// renewSoon has a resource rendered again without waiting for it. It reports false if there is too much to do.
func (e *Engine) renewSoon(res *resource, t Target) bool {
	if res.renewing.Swap(true) {
		return true
	}
	select {
	case e.renewals <- renewal{res, t}:
		return true
	default:
		res.renewing.Store(false)
		return false
	}
}

// renew renders what readers have met as stale, until ctx ends.
func (e *Engine) renew(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-e.renewals:
			r.res.renewing.Store(false) // before the rendering, so that what is marked meanwhile has another one follow
			if rev := r.res.revision.Load(); rev != nil && (e.refill.lastGood(r.res, rev) || e.fresh(r.res.stale, rev.mark)) {
				continue
			}
			_, _ = e.render(ctx, r.res, r.target) // the next reader is told of an error, or waits for the next attempt
		}
	}
}
