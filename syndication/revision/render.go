package revision

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/newswire/newswire/internal/tracing"
)

// errRecalled says that there is an earlier revision, perhaps from the snapshot, which is to be served.
var errRecalled = errors.New("store away, an earlier revision is served")

// render makes a resource's next revision, or waits for another request's rendering of it.
func (e *Engine) render(ctx context.Context, res *resource, t Target) (*revision, error) {
	ctx, cancel := context.WithTimeout(ctx, e.options.Timeout)
	defer cancel()
	made, err, _ := e.flights.Do(t.label(), func() (any, error) { return e.rerender(ctx, res, t) })
	if err != nil {
		return nil, err
	}
	return made.(*revision), nil
}

// errStalled says that the store owes an answer for long, and that there is a revision which may be shown meanwhile.
var errStalled = errors.New("store stalls, an earlier revision is served")

// renderUnlessStalled is render for a reader, who does not wait for a store that stalls where there is something to show. The
// rendering goes on then.
func (e *Engine) renderUnlessStalled(ctx context.Context, res *resource, t Target) (*revision, error) {
	rev := res.revision.Load()
	if rev == nil {
		return e.render(ctx, res, t)
	}
	type result struct {
		made *revision
		err  error
	}
	rendered := make(chan result, 1)
	go func() {
		made, err := e.render(ctx, res, t)
		rendered <- result{made, err}
	}()
	looks := time.NewTicker(stall)
	defer looks.Stop()
	for {
		select {
		case r := <-rendered:
			return r.made, r.err
		case <-looks.C:
			if e.follower.stalls() && e.stands(res, rev) {
				return nil, errStalled
			}
		}
	}
}

// rerender makes a resource's next revision and shelves it. The error may leave the resource with an earlier one.
func (e *Engine) rerender(ctx context.Context, res *resource, t Target) (*revision, error) {
	away := e.follower.lost.Load() || e.refill.mark.Load() > 0
	if away && res.revision.Load() == nil && e.recall(ctx, res) {
		return nil, errRecalled
	}
	release, err := e.acquireSlot(ctx, t)
	if err != nil {
		return nil, err
	}
	defer release()
	began := e.options.Now()
	next := Draft{asOf: asOf{mark: e.marks.Load(), read: began.UnixNano()}, topic: res.topic, engine: e}
	after := int64(0)
	if old := res.revision.Load(); old != nil {
		next.before, after = old.representation, old.mark
	}
	c, err := t.traced(ctx, e.options.Tracer, after, &next)
	if err != nil {
		return nil, e.fail(ctx, res, began, err)
	}
	if next.mark < e.refill.mark.Load() && (next.before != nil || e.recall(ctx, res)) {
		return nil, errRecalled // it was begun before the store was found emptied, and may be of that already
	}
	rev := &revision{newRepresentation(c, e.options.cacheControl()), next.asOf}
	result := "new"
	if next.before != nil {
		if rev.representation = rev.after(next.before); rev.representation == next.before {
			result = "same"
		}
	}
	e.renderings.WithLabelValues(result).Inc()
	raise(&res.current, rev.read)
	if e.once(&t, next.before) {
		e.shelf.drop(res) // the requests that wait for the revision have it
		return rev, nil
	}
	res.revision.Store(rev)
	e.shelf.charge(res)
	e.persister.owed.Store(true)
	return rev, nil
}

// traced renders, as a step of a trace where it is known which visits have made it necessary. The mark is of the revision
// before.
func (t *Target) traced(ctx context.Context, tracer *tracing.Tracer, after int64, next *Draft) (Content, error) {
	ctx, span := tracer.Render(ctx, tracing.Rendering{Topic: t.Topic, Name: t.Name, After: after, Until: next.mark})
	c, err := t.Render(ctx, next)
	span.Count("newswire.articles", len(c.Articles))
	span.Count("newswire.bytes", len(c.Body))
	span.End(err)
	return c, err
}

// fail decides what remains of a resource whose rendering failed, and returns the error.
func (e *Engine) fail(ctx context.Context, res *resource, began time.Time, err error) error {
	e.renderings.WithLabelValues("failed").Inc()
	answers := e.options.IsAnswer(err)
	if answers || res.revision.Load() == nil && !e.recall(ctx, res) {
		e.shelf.drop(res)
		if answers {
			e.removePersisted(ctx, res)
		}
		return err
	}
	res.retry.Store(began.Add(e.options.Poll).UnixNano())
	e.options.Log.WarnContext(ctx, "rendering failed, the last good one is served", "topic", res.label(), "name", res.name, "error", err)
	return err
}

// acquireSlot waits until there are few enough others that render. The slot of a variant rests for as long as it was in use,
// so that variants have half of the time of as many processors as there are slots for them, and the rest of the service all
// other.
func (e *Engine) acquireSlot(ctx context.Context, t Target) (release func(), err error) {
	slots := e.slots
	if t.Variant {
		slots = e.variantSlots
	}
	select {
	case slots <- struct{}{}:
		began := time.Now()
		return func() {
			if !t.Variant {
				<-slots
				return
			}
			time.AfterFunc(min(time.Since(began), e.options.Timeout/2), func() { <-slots })
		}, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("render %s: %w: %w", t.label(), ErrBusy, ctx.Err())
	}
}

// resting says whether a rendering failed so recently that the next would be likely to. A clock that was set back must not
// make that a long time.
func (e *Engine) resting(res *resource) bool {
	left := time.Duration(res.retry.Load() - e.options.Now().UnixNano())
	return left > 0 && left <= e.options.Poll
}

// fresh says whether a mark is not below the last one of a kind: nothing of it that was heard has happened since.
func (e *Engine) fresh(last *atomic.Int64, mark int64) bool {
	return mark >= last.Load() && mark >= e.invalidated.Load()
}

// cacheControl lets readers and shared caches reuse an answer, ask again in the background, and keep it through a
// failure of ours (RFC 5861).
func (o *Options) cacheControl() string {
	seconds := func(d time.Duration) int64 { return int64(d / time.Second) }
	return fmt.Sprintf("max-age=%d, stale-while-revalidate=%d, stale-if-error=%d",
		seconds(o.MaxAge), seconds(10*o.MaxAge), seconds(24*time.Hour))
}
