package sources

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/internal/aipref"
	"github.com/newswire/newswire/sources/pace"
	"github.com/newswire/newswire/sources/websub"
)

// receive is run, with a document that a hub has sent in place of an answer. Such a document is partial (RFC 3229): most have
// no more than what is new. It says nothing of when the publisher wants to be visited, so the next visit stays due when it was.
func (v *visiting) receive(ctx context.Context, d *websub.Delivery, due time.Time) (Result, error) {
	started := time.Now()
	v.pushed, v.result.Pushed, v.record.At = true, true, v.trip.Now()
	v.robots.unasked = true
	state := &v.record.State
	v.subscription().told(d.Signature, d.Body)
	before := *state
	err := v.readPushed(ctx, d, state)
	v.result.Duration = time.Since(started)
	switch {
	case ctx.Err() != nil || errors.Is(err, errStore):
		return Result{}, errors.Join(ctx.Err(), err)
	case err != nil || v.result.Offered+v.result.Withdrawn == 0:
		// The hub says that there is news, and not what: the publisher does.
		v.record.State, v.record.Articles, v.lookedUp = before, nil, nil
		due = earlier(due, later(later(v.record.At, state.Health.LastVisit.Add(pingPause)), state.NotBefore))
		v.result.Outcome, v.result.New, v.result.Edited, v.result.Held = Pinged, 0, 0, 0
	default:
		v.news(before.Health.LastChange)
		state.Cadence, state.Feed = before.Cadence, before.Feed
		if len(state.Unread) > len(before.Unread) {
			due = earlier(due, later(v.source.plan.Next(v.record.At), state.NotBefore))
		}
	}
	if err := v.sweep(ctx); err != nil {
		return Result{}, err
	}
	state.Due = due
	if err := v.finish(ctx); err != nil {
		return Result{}, err
	}
	return v.result, nil
}

// readPushed reads what a hub has sent as if it were at the feed's own address.
func (v *visiting) readPushed(ctx context.Context, d *websub.Delivery, state *newswire.State) error {
	at := state.URL
	if at == "" {
		at = address(v.source, state)
	}
	h := http.Header{}
	if d.ContentType != "" {
		h.Set("Content-Type", d.ContentType)
	}
	return v.read(ctx, &fetch.Answer{Status: http.StatusIMUsed, URL: at, Header: h, Body: d.Body})
}

// news notes whether something has changed, since the last change.
func (v *visiting) news(last time.Time) {
	r, state := &v.result, &v.record.State
	if r.New+r.Edited+r.Withdrawn == 0 {
		r.Outcome = Unchanged
		return
	}
	if !last.IsZero() {
		state.Rhythm = pace.Rhythm(state.Rhythm, v.record.At.Sub(last))
	}
	r.Outcome, state.Health.LastChange = Changed, v.record.At
}

// subscription is that of the source.
func (v *visiting) subscription() *subscription {
	return &subscription{Push: &v.record.State.Push, at: v.record.At, jitter: v.jitter}
}

// hear notes what hub a document names, and judges the hub by what a visit has found; before is when the visit before was.
func (v *visiting) hear(answer *fetch.Answer, before time.Time) {
	if v.setup.Push == nil {
		return
	}
	s := v.subscription()
	if v.said != nil {
		s.name(websub.Discover(answer.Header, answer.URL, *v.said))
		s.Usage, s.License = aipref.Usage(answer.Header), license(answer)
	}
	if s.visited(v.result.New > 0, before); !s.Silent.IsZero() && s.Silent.Equal(v.record.At) {
		v.result.Repairs = append(v.result.Repairs, s.Error)
	}
}
