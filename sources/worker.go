package sources

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/internal/tracing"
	"github.com/newswire/newswire/sources/pace"
)

// worker works claims off. Its methods are given the context in which a visit may wait to depart. When that ends, no visit
// departs any more; a visit that has departed goes on in the context of departed.
type worker struct {
	*Aggregator
	store    Store // for what belongs to a claimed source
	slots    *pace.Slots
	finishes bool // a visit that has departed is finished although ctx has ended
}

// departed is the context of a visit that does not wait any more.
func (w *worker) departed(ctx context.Context) (context.Context, context.CancelFunc) {
	if w.finishes {
		ctx = context.WithoutCancel(ctx)
	}
	return context.WithTimeout(ctx, w.options.VisitTimeout)
}

// attend works one claim off, and logs errors of the store.
func (w *worker) attend(ctx context.Context, claim *pace.Claim) {
	_, err := w.work(ctx, claim)
	switch {
	case errors.Is(err, newswire.ErrFenced):
		w.log.WarnContext(ctx, "visit void: another worker has taken over", "source", claim.Source)
	case err != nil && ctx.Err() == nil:
		w.log.ErrorContext(ctx, "visit not recorded", "source", claim.Source, "error", err)
	}
}

// work works one claim off: wait for the domain and for a slot, visit, report. A visit that may not depart within its
// patience is postponed; then work returns until when and why. A source that is not visited any more ages out instead.
func (w *worker) work(ctx context.Context, claim *pace.Claim) (_ *pace.BusyError, err error) {
	setup := w.setup.Load()
	s := setup.Catalog.source(claim.Source)
	if s != nil {
		carry(&claim.State, s, claim.Now())
	}
	if hasHubDue(setup, claim) {
		ctx, cancel := w.departed(ctx)
		defer cancel()
		return nil, w.askHub(ctx, setup, claim)
	}
	if s == nil {
		ctx, cancel := w.departed(ctx)
		defer cancel()
		return nil, w.retire(ctx, setup.Retention, claim)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("visit %s: %w", s.ID, err)
		}
	}()
	if claim.State.Health.Stopped != "" {
		ctx, cancel := w.departed(ctx)
		defer cancel()
		return nil, w.ageOut(ctx, s, claim)
	}
	if claim.State.Paused.On() {
		ctx, cancel := w.departed(ctx)
		defer cancel()
		return nil, w.stayPaused(ctx, claim)
	}
	return w.depart(ctx, setup, claim)
}

// depart waits for the domain and for a slot, and visits.
func (w *worker) depart(ctx context.Context, setup *Setup, claim *pace.Claim) (_ *pace.BusyError, err error) {
	s, due := setup.Catalog.source(claim.Source), cameDue(claim)
	ctx, visit := w.options.Tracer.Visit(ctx, s.ID, due)
	defer func() { visit.End(err) }()
	_, turn := tracing.StartAt(ctx, "wait for turn", due)
	trip, err := w.domains.Depart(ctx, &pace.Departure{
		Claim: claim, Plan: &s.plan, Address: address(s, &claim.State),
		Fetcher: setup.route(s.ID).Fetcher, Slots: w.slots, Pause: setup.DomainInterval,
	})
	if err != nil {
		busy, err := w.giveBack(ctx, claim, err)
		if busy != nil {
			visit.Text("newswire.outcome", string(PutOff))
			turn.Text("newswire.why", busy.Why)
		}
		turn.End(err)
		return busy, err
	}
	turn.End(nil)
	defer func() { err = errors.Join(err, trip.End(ctx)) }()
	visiting, cancel := w.departed(ctx)
	defer cancel()
	result, err := w.visit(w.store, setup, claim, trip).run(visiting)
	if err == nil {
		result.describe(visit)
		w.report(ctx, result)
	}
	return nil, err
}

// cameDue is when a claimed source came due, by our clock.
func cameDue(claim *pace.Claim) time.Time {
	now := time.Now()
	if late := claim.Now().Sub(claim.Due); !claim.Due.IsZero() && late > 0 {
		return now.Add(-late)
	}
	return now
}

// giveBack gives a source back that is not visited after all: until its domain may be visited, or to another process at once
// when ctx has ended, or to any process soon when the store has failed.
func (w *worker) giveBack(ctx context.Context, claim *pace.Claim, err error) (*pace.BusyError, error) {
	var busy *pace.BusyError
	ended := ctx.Err()
	ctx = context.WithoutCancel(ctx)
	switch {
	case errors.As(err, &busy):
		w.log.DebugContext(ctx, "visit put off", "source", claim.Source, "due", busy.Until, "why", busy.Why)
		return busy, w.store.Postpone(ctx, claim.Lease, busy.Until)
	case ended != nil:
		return nil, errors.Join(ended, w.store.Postpone(ctx, claim.Lease, claim.Due))
	case errors.Is(err, newswire.ErrFenced):
		return nil, err
	default:
		return nil, errors.Join(err, w.store.Postpone(ctx, claim.Lease, claim.Now().Add(2*w.options.Tick)))
	}
}

// report logs a visit and calls the Report of the options.
func (a *Aggregator) report(ctx context.Context, r Result) {
	if level := r.level(); a.log.Enabled(ctx, level) {
		a.log.Log(ctx, level, "source visited", r.attrs()...)
	}
	a.options.Report(r)
}
