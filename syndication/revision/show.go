package revision

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Show answers a request with a target's current revision. Its Age is how long ago that was last known to be up to date:
// next to nothing, and then left out, unless the store is away.
//
// An error is that of the target's renderer, [ErrBusy], [ErrBehind], [ErrOver] or [ErrCoding], and nothing was answered then.
func (e *Engine) Show(w http.ResponseWriter, r *http.Request, t Target) error {
	coding, ok := negotiate(r.Header["Accept-Encoding"])
	if !ok {
		return fmt.Errorf("%s: %w", r.Header.Get("Accept-Encoding"), ErrCoding)
	}
	revise := e.revise
	if IsCurrentOnly(r.Context()) {
		revise = e.reviseCurrent
	}
	res, rev, err := revise(r.Context(), t)
	if err == nil && rev.over(e.options.Now) {
		rev, err = (&succession{e, res, rev, t}).next(r.Context())
	}
	if err != nil {
		return err
	}
	before := rev.size.Load()
	h := w.Header()
	rep, code := rev.representation, http.StatusOK
	takesParts := wantsDelta(r.Header)
	if takesParts && rep.deltas != nil {
		if part, base := rev.delta(r.Header); part != nil {
			rep, code = part, http.StatusIMUsed
			h["Delta-Base"] = []string{base}
		}
	}
	form := rep.form(coding)
	if rev.size.Load() != before {
		e.shelf.charge(res)
	}

	for _, f := range rep.fields {
		h[f.key] = f.values
	}
	h[form.tag.key] = form.tag.values
	if takesParts && code != http.StatusIMUsed {
		forReadersOfParts(h)
	}
	if rev.until != 0 {
		rev.bound(h, e.options.Now())
	}
	modified := e.date(h, rep, time.Unix(0, max(rev.read, res.current.Load())))
	if notModified(r.Header, form.etag, modified) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	for _, f := range form.payload {
		h[f.key] = f.values
	}
	if rep.stream != nil {
		return rep.send(w, r, coding, e.streamSlots)
	}
	w.WriteHeader(code)
	if r.Method != http.MethodHead {
		_, _ = w.Write(form.body) // a reader that went away is no error of ours
	}
	return nil
}

// date says how old a representation is that was up to date at some time, and returns the date by which a reader may ask
// whether it has changed; zero for none.
func (e *Engine) date(h http.Header, rep *representation, current time.Time) (modified time.Time) {
	if age := e.options.Now().Sub(current); age >= time.Second {
		h.Set("Age", strconv.FormatInt(int64(age/time.Second), 10))
		// An answer is as old as its Age and as its Date say, the larger of both (RFC 9111 §4.2.3): let them agree.
		h.Set("Date", current.UTC().Format(http.TimeFormat))
	}
	switch {
	case rep.dateFinal(current):
		modified = rep.modified
		h[rep.date.key] = rep.date.values
	case !rep.modified.IsZero():
		h[rep.earlier.key] = rep.earlier.values
	}
	return modified
}

// revise returns a target's revision that contains everything marked before the call; or the last good one, if that is
// all there is to be had.
func (e *Engine) revise(ctx context.Context, t Target) (*resource, *revision, error) {
	res := e.shelf.get(&t)
	rev := res.revision.Load()
	if rev != nil && e.refill.lastGood(res, rev) {
		return res, rev, nil
	}
	if rev != nil && e.fresh(res.stale, rev.mark) {
		raise(&res.current, max(rev.read, e.follower.heard.Load()))
		return res, rev, nil
	}
	if rev != nil && (e.follower.lost.Load() || e.resting(res)) {
		return res, rev, nil
	}
	if rev != nil && (e.stands(res, rev) && e.follower.stalls() || e.linger(res, rev, t)) {
		return res, rev, nil
	}
	wanted := max(res.stale.Load(), e.invalidated.Load())
	for {
		// A reader that goes away must not take the rendering from those that wait for the same.
		made, err := e.renderUnlessStalled(context.WithoutCancel(ctx), res, t)
		if err != nil {
			rev = res.revision.Load()
			if rev == nil || e.options.IsAnswer(err) {
				return nil, nil, err
			}
			return res, rev, nil
		}
		if made.mark >= wanted {
			return res, made, nil
		}
		// It was begun before the call, and may lack what was marked for it in between.
	}
}

// send answers with a representation that is streamed. The header says everything else already.
func (rep *representation) send(w http.ResponseWriter, r *http.Request, c coding, slots chan struct{}) error {
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	y := &yielding{to: w, slots: slots}
	if err := y.begin(r.Context()); err != nil {
		return err
	}
	defer y.end()
	w.WriteHeader(http.StatusOK)
	_ = c.writeStream(y, rep.stream) // a reader that went away is no error of ours
	return nil
}

// yielding is what a stream writes to. It has a slot while the stream is being made, and none while the reader takes it in,
// which may be as slowly as it likes.
type yielding struct {
	to    io.Writer
	slots chan struct{}
}

func (y *yielding) begin(ctx context.Context) error {
	select {
	case y.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stream: %w: %w", ErrBusy, ctx.Err())
	}
}

func (y *yielding) end() { <-y.slots }

func (y *yielding) Write(p []byte) (int, error) {
	y.end()
	n, err := y.to.Write(p)
	y.slots <- struct{}{} // nothing else is waited for by those that have one
	return n, err
}

// currentOnly is the key of a context by [CurrentOnly].
type currentOnly struct{}

// CurrentOnly asks [Engine.Show], by the context of a request, for an answer that lacks no change which was committed before
// the request. Such a request waits for the next poll of the change log, which it has begin at once. It gets [ErrBehind] where
// others would get the last good revision.
func CurrentOnly(ctx context.Context) context.Context {
	return context.WithValue(ctx, currentOnly{}, true)
}

// IsCurrentOnly says whether a context is one by [CurrentOnly].
func IsCurrentOnly(ctx context.Context) bool { return ctx.Value(currentOnly{}) != nil }

// reviseCurrent is revise for a request that wants nothing less than what was committed before it.
func (e *Engine) reviseCurrent(ctx context.Context, t Target) (*resource, *revision, error) {
	if err := e.follower.catchUp(ctx); err != nil {
		return nil, nil, err
	}
	if err := e.refill.check(); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrBehind, err)
	}
	res := e.shelf.get(&t)
	if rev := res.revision.Load(); rev != nil && e.fresh(res.stale, rev.mark) {
		raise(&res.current, max(rev.read, e.follower.heard.Load()))
		return res, rev, nil
	}
	wanted := max(res.stale.Load(), e.invalidated.Load())
	for {
		made, err := e.render(context.WithoutCancel(ctx), res, t)
		switch {
		case errors.Is(err, errRecalled):
			return nil, nil, fmt.Errorf("%w: %w", ErrBehind, err)
		case err != nil:
			return nil, nil, err
		case made.mark >= wanted:
			return res, made, nil
		}
	}
}
