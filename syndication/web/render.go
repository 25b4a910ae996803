package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/newswire/newswire"
)

// renderer makes a document from the store and the directory.
type renderer func(ctx context.Context, d *Directory, next *draft) (content, error)

// draft is a revision that is being made.
type draft struct {
	asOf              // a renderer that asks nobody may say that it is older
	section *section  // of its resource
	before  *document // of the last good revision; nil if there is none. What both have in common need not be made again
}

// target is what a request asks for: something to render, and the topic whose changes make it stale. Nothing but
// [Server.Invalidate] does so for an empty topic.
type target struct {
	topic   newswire.Topic
	name    string // among the topic's
	variant bool   // one of the many that readers can think of
	kept    bool   // belongs into a snapshot: readers come back for it
	render  renderer
}

// show answers with a target's current revision. Its Age is how long ago that was last known to be up to date: next to
// nothing, and then left out, unless the store is away.
func (s *Server) show(w http.ResponseWriter, r *http.Request, t target) error {
	coding, ok := negotiate(r.Header["Accept-Encoding"])
	if !ok {
		return fmt.Errorf("%s: %w", r.Header.Get("Accept-Encoding"), errEncoding)
	}
	res, rev, err := s.revise(r.Context(), t)
	if err != nil {
		return err
	}
	before := rev.size.Load()
	h := w.Header()
	doc, code := rev.document, http.StatusOK
	takesParts := wantsDelta(r.Header)
	if takesParts && doc.deltas != nil {
		if part, base := rev.delta(r.Header); part != nil {
			doc, code = part, http.StatusIMUsed
			h.Set("Delta-Base", base)
		}
	}
	form := doc.form(coding)
	if rev.size.Load() != before {
		s.shelf.charge(res)
	}

	for _, f := range doc.fields {
		h[f.key] = f.values
	}
	h[form.tag.key] = form.tag.values
	if takesParts && code != http.StatusIMUsed {
		forReadersOfParts(h)
	}
	modified := s.date(h, doc, time.Unix(0, max(rev.read, res.current.Load())))
	if notModified(r.Header, form.etag, modified) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	for _, f := range form.payload {
		h[f.key] = f.values
	}
	w.WriteHeader(code)
	if r.Method != http.MethodHead {
		_, _ = w.Write(form.body) // a reader that went away is nobody's error
	}
	return nil
}

// date says how old a document is that was up to date at some time, and returns the date by which a reader may ask whether
// it has changed; zero for none.
func (s *Server) date(h http.Header, doc *document, current time.Time) (modified time.Time) {
	if age := s.options.Now().Sub(current); age >= time.Second {
		h.Set("Age", strconv.FormatInt(int64(age/time.Second), 10))
		// An answer is as old as its Age and as its Date say, whichever is more (RFC 9111 §4.2.3): let them agree.
		h.Set("Date", current.UTC().Format(http.TimeFormat))
	}
	switch {
	case doc.settled(current):
		modified = doc.modified
		h[doc.date.key] = doc.date.values
	case !doc.modified.IsZero():
		h[doc.earlier.key] = doc.earlier.values
	}
	return modified
}

// revise returns a target's revision that contains everything marked before the call; or the last good one, if that is
// all there is to be had.
func (s *Server) revise(ctx context.Context, t target) (*resource, *revision, error) {
	res := s.shelf.get(&t)
	rev := res.revision.Load()
	if rev != nil && s.fresh(res.section, rev.mark) {
		raise(&res.current, max(rev.read, s.follower.heard.Load()))
		return res, rev, nil
	}
	if rev != nil && (s.follower.lost.Load() || s.resting(res)) {
		return res, rev, nil
	}
	if rev != nil && s.linger(res, rev, t) {
		return res, rev, nil
	}
	wanted := max(res.section.stale.Load(), s.everyone.Load())
	for {
		// A reader who goes away must not take the rendering from those who wait for the same.
		made, err := s.render(context.WithoutCancel(ctx), res, t)
		if err != nil {
			rev = res.revision.Load()
			if rev == nil || isAnswer(err) {
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

// render makes a resource's next revision, or waits for who does.
func (s *Server) render(ctx context.Context, res *resource, t target) (*revision, error) {
	ctx, cancel := context.WithTimeout(ctx, s.options.StoreTimeout)
	defer cancel()
	made, err, _ := s.flights.Do(string(t.topic)+" "+t.name, func() (any, error) { return s.rerender(ctx, res, t) })
	if err != nil {
		return nil, err
	}
	return made.(*revision), nil
}

// rerender makes a resource's next revision and shelves it. The error may leave the resource with an earlier one.
func (s *Server) rerender(ctx context.Context, res *resource, t target) (*revision, error) {
	if s.follower.lost.Load() && res.revision.Load() == nil && s.recall(ctx, res) {
		return nil, errStore
	}
	release, err := s.takeTurn(ctx, t)
	if err != nil {
		return nil, err
	}
	defer release()
	began := s.options.Now()
	next := draft{asOf: asOf{mark: s.news.Load(), read: began.UnixNano()}, section: res.section}
	if old := res.revision.Load(); old != nil {
		next.before = old.document
	}
	c, err := t.render(ctx, s.directory(), &next)
	if err != nil {
		s.metrics.renderings.WithLabelValues("failed").Inc()
		if isAnswer(err) || res.revision.Load() == nil && !s.recall(ctx, res) {
			s.shelf.drop(res)
			if isAnswer(err) {
				s.unkeep(ctx, res)
			}
			return nil, err
		}
		res.retry.Store(began.Add(s.options.Poll).UnixNano())
		s.options.Log.WarnContext(ctx, "rendering failed, the last good one is served", "topic", t.topic, "name", t.name, "error", err)
		return nil, err
	}
	rev := &revision{newDocument(c, s.cacheControl()), next.asOf}
	result := "new"
	if next.before != nil {
		if rev.document = rev.after(next.before); rev.document == next.before {
			result = "same"
		}
	}
	s.metrics.renderings.WithLabelValues(result).Inc()
	res.revision.Store(rev)
	raise(&res.current, rev.read)
	s.shelf.charge(res)
	s.keeper.owed.Store(true)
	return rev, nil
}

// takeTurn waits until there are few enough others that render.
func (s *Server) takeTurn(ctx context.Context, t target) (release func(), err error) {
	turns := s.turns
	if t.variant {
		turns = s.variantTurns
	}
	select {
	case turns <- struct{}{}:
		return func() { <-turns }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("render %s %s: %w: %w", t.topic, t.name, errBusy, ctx.Err())
	}
}

// resting says whether a rendering failed so recently that the next would be likely to. A clock that was set back must not
// make that a long time.
func (s *Server) resting(res *resource) bool {
	left := time.Duration(res.retry.Load() - s.options.Now().UnixNano())
	return left > 0 && left <= s.options.Poll
}

// fresh says whether a mark is the last that concerns a section: nothing that the server heard of has changed since.
func (s *Server) fresh(at *section, mark int64) bool {
	return mark >= at.stale.Load() && mark >= s.everyone.Load()
}

// cacheControl lets readers and shared caches reuse an answer, ask again in the background, and keep it through a
// failure of ours (RFC 5861).
func (s *Server) cacheControl() string {
	seconds := func(d time.Duration) int64 { return int64(d / time.Second) }
	return fmt.Sprintf("max-age=%d, stale-while-revalidate=%d, stale-if-error=%d",
		seconds(s.options.MaxAge), seconds(10*s.options.MaxAge), seconds(24*time.Hour))
}

// raise sets a to n if n is larger.
func raise(a *atomic.Int64, n int64) {
	for old := a.Load(); old < n; old = a.Load() {
		if a.CompareAndSwap(old, n) {
			return
		}
	}
}
