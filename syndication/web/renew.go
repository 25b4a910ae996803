package web

import (
	"context"
	"time"
)

// renewal is a rendering that nobody waits for.
type renewal struct {
	res    *resource
	target target
}

// mostRenewals bounds the renderings that wait their turn while nobody waits for them.
const mostRenewals = 1024

// linger says whether a revision that is stale is good enough for the moment, so that a reader who comes just after a change
// need not wait: nothing was withdrawn from it, it contains everything that was committed until three polls ago, by what the
// change log has said since, and its successor is on its way. Variants, of which there may be any number, must not keep plain
// feeds waiting in the same queue, and do not linger.
func (s *Server) linger(res *resource, rev *revision, t target) bool {
	if t.variant || rev.mark < s.everyone.Load() {
		return false
	}
	until := res.section.completeUntil(rev.mark)
	late := time.Duration(s.options.Now().UnixNano() - until)
	if late < 0 || late >= 3*s.options.Poll || !s.renewSoon(res, t) {
		return false
	}
	raise(&res.current, until)
	return true
}

// renewSoon has a resource rendered anew without waiting for it. It reports false if there is too much to do.
func (s *Server) renewSoon(res *resource, t target) bool {
	if res.renewing.Swap(true) {
		return true
	}
	select {
	case s.renewals <- renewal{res, t}:
		return true
	default:
		res.renewing.Store(false)
		return false
	}
}

// renew renders what readers have met as stale, until ctx ends.
func (s *Server) renew(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-s.renewals:
			r.res.renewing.Store(false) // before the rendering, so that what is marked meanwhile has another one follow
			if rev := r.res.revision.Load(); rev != nil && s.fresh(r.res.section, rev.mark) {
				continue
			}
			_, _ = s.render(ctx, r.res, r.target) // the next reader is told of an error, or waits for the next attempt
		}
	}
}
