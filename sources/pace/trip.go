package pace

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/internal/tracing"
	"github.com/newswire/newswire/sources/fetch"
)

// Trip is one visit's way over the net. It gets documents, and before each request enters the domain, where it has no turn
// yet. So a redirect leads to no domain that is closed or busy. The pause is kept between visits: a redirect within a
// domain is followed at once.
type Trip struct {
	visit   *Departure
	domains *Domains
	turns   []*turn // that have not ended
	first   *turn   // whose clock counts; nil where it set out without one
	at      *turn   // at the domain that was asked last
}

// Depart waits until a visit may set out, and starts its trip, which ends with [Trip.End]. The error is a *BusyError when
// the visit has to wait for longer than its patience; any other is the store's or ctx's.
func (d *Domains) Depart(ctx context.Context, visit *Departure) (*Trip, error) {
	t := &Trip{visit: visit, domains: d}
	if err := t.enter(ctx, DomainOf(visit.Address)); err != nil {
		visit.releaseSlot()
		return nil, err
	}
	t.first = t.at
	return t, nil
}

// SetOut starts the trip of a visit that needs no document of its publisher's: it enters a domain only when it has something
// to ask there. It has no slot, and stores no due time.
func (d *Domains) SetOut(visit *Departure) *Trip {
	visit.departed = true
	return &Trip{visit: visit, domains: d}
}

func (t *Trip) enter(ctx context.Context, name string) error {
	if mine := t.turn(name); mine != nil {
		t.at = mine
		if closed := mine.closed(mine.now()); closed != nil {
			return closed
		}
		return nil
	}
	entered, err := t.domains.enter(ctx, name, t.visit)
	if err != nil {
		return err
	}
	t.turns, t.at = append(t.turns, entered), entered
	return nil
}

// turn is the one at a domain, nil if the trip has none there.
func (t *Trip) turn(name string) *turn {
	for _, mine := range t.turns {
		if mine.Domain == name {
			return mine
		}
	}
	return nil
}

// Get gets a document, and closes the domain if the answer asks for that. The error is a *BusyError when a redirect leads
// to a domain that may not be visited now. The request's own Allow is asked under the turn.
func (t *Trip) Get(ctx context.Context, r fetch.Request) (*fetch.Answer, error) {
	ctx, span := tracing.Start(ctx, "fetch")
	answer, err := t.visit.Fetcher.Get(ctx, t.underTurn(r))
	describe(span, &r, answer)
	if span.End(err); err != nil {
		return nil, err
	}
	observe(&t.at.Remembered, answer, t.at.now())
	return answer, nil
}

// describe says in the span of a request what was asked, and what came. An address has no query there: it may have a key in it.
func describe(span tracing.Span, r *fetch.Request, answer *fetch.Answer) {
	if !span.Traced() {
		return
	}
	span.Text("http.request.method", http.MethodGet)
	span.Text("url.full", fetch.Redact(r.URL))
	if answer == nil {
		return
	}
	span.Count("http.response.status_code", answer.Status)
	span.Count("http.response.body.size", cmp.Or(answer.Sent.Bytes, len(answer.Body)))
	if answer.URL != r.URL {
		span.Text("newswire.redirected", fetch.Redact(answer.URL))
	}
}

// Post sends a form, as Get gets a document.
func (t *Trip) Post(ctx context.Context, by Poster, r fetch.Request, form url.Values) (*fetch.Answer, error) {
	answer, err := by.Post(ctx, t.underTurn(r), form)
	if err != nil {
		return nil, err
	}
	observe(&t.at.Remembered, answer, t.at.now())
	return answer, nil
}

// underTurn is a request that enters each domain before it is sent there.
func (t *Trip) underTurn(r fetch.Request) fetch.Request {
	allow := r.Allow
	r.Allow = func(ctx context.Context, at *url.URL) error {
		if err := t.enter(ctx, domainOfHost(at.Hostname())); err != nil || allow == nil {
			return err
		}
		return allow(ctx, at)
	}
	return r
}

// Closed says until when and why the domain of an address is closed, if the trip has the turn there and it is.
func (t *Trip) Closed(address string, now time.Time) *BusyError {
	if mine := t.turn(DomainOf(address)); mine != nil {
		return mine.closed(now)
	}
	return nil
}

// Now is the store's time, as far as the trip knows it.
func (t *Trip) Now() time.Time {
	if t.first == nil {
		return t.visit.Claim.Now()
	}
	return t.first.now()
}

// MakeRoom lets another visit have the slot of this one, which asks its publisher nothing more.
func (t *Trip) MakeRoom() { t.visit.releaseSlot() }

// Record ends all turns by a record that ends them in the store. Where that fails they have not ended.
func (t *Trip) Record(record func(turns ...cache.Turn) error) error {
	turns := make([]cache.Turn, 0, len(t.turns))
	for _, mine := range t.turns {
		turns = append(turns, mine.ending())
	}
	if err := record(turns...); err != nil {
		return err
	}
	for _, mine := range t.turns {
		mine.ended()
	}
	t.turns = nil
	return nil
}

// End ends the turns that have not ended yet, also when ctx has ended, and gives the slot back.
func (t *Trip) End(ctx context.Context) error {
	defer t.visit.releaseSlot()
	var errs []error
	for _, mine := range t.turns {
		errs = append(errs, mine.leave(context.WithoutCancel(ctx)))
	}
	return errors.Join(errs...)
}
