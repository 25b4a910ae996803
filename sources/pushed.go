package sources

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/internal/aipref"
	"github.com/newswire/newswire/sources/pace"
	"github.com/newswire/newswire/sources/push"
	"github.com/newswire/newswire/sources/websub"
)

// pushedVisit is a visit whose document came from a hub.
type pushedVisit struct {
	*visiting
	delivery *websub.Delivery
}

// run is that of a visit, with a document that a hub has sent in place of an answer. Such a document is partial (RFC 3229): most have
// no more than what is new. It says nothing of when the publisher wants to be visited, so the next visit stays due when it was.
func (v *pushedVisit) run(ctx context.Context, due time.Time) (Result, error) {
	started := time.Now()
	v.pushed, v.result.Pushed, v.record.At = true, true, v.trip.Now()
	v.robots.unasked = true
	state := &v.record.State
	push.Of(&state.Push, v.record.At, v.jitter).Heard(v.delivery.Signature, v.delivery.Body)
	before := *state
	err := v.read(ctx)
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

// read reads what the hub has sent as if it were at the feed's own address.
func (v *pushedVisit) read(ctx context.Context) error {
	d, state := v.delivery, &v.record.State
	h := http.Header{}
	if d.ContentType != "" {
		h.Set("Content-Type", d.ContentType)
	}
	at := cmp.Or(state.URL, address(v.source, state))
	return v.visiting.read(ctx, &fetch.Answer{Status: http.StatusIMUsed, URL: at, Header: h, Body: d.Body})
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

// hear notes what hub a document names, and judges the hub by what a visit has found; before is when the visit before was.
func (v *visiting) hear(answer *fetch.Answer, before time.Time) {
	if v.setup.Push == nil {
		return
	}
	s := push.Of(&v.record.State.Push, v.record.At, v.jitter)
	if v.said != nil {
		s.Name(websub.Discover(answer.Header, answer.URL, *v.said))
		s.Usage, s.License = aipref.Usage(answer.Header), license(answer)
	}
	if s.Judge(v.result.New > 0, before); !s.Silent.IsZero() && s.Silent.Equal(v.record.At) {
		v.result.Repairs = append(v.result.Repairs, s.Error)
	}
}
