package sources

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources/pace"
)

var (
	// ErrNotPaused says that a source is visited anyway.
	ErrNotPaused = errors.New("not paused")

	// ErrStopped says that a source is visited no more, so that it cannot be paused.
	ErrStopped = errors.New("visited no more")
)

// maxPauseReason bounds the reason of a pause, in runes.
const maxPauseReason = 200

// PauseStore is what a pause needs of the cache.
type PauseStore interface {
	cache.Visits
	cache.Schedule
}

// Pause has a source of a catalog visited no more, by no process that shares the store, until [Resume]. A visit that is under
// way is void. It also ends the subscription at the source's hub. A source that is paused already stays so since then, with
// the new reason. The error may wrap ErrStopped, ErrVisited or [newswire.ErrNotFound].
func Pause(ctx context.Context, store PauseStore, catalog *Catalog, id, reason string) (p newswire.Pause, err error) {
	err = changePause(ctx, store, catalog, id, func(_ *scheduled, state *newswire.State, at time.Time) error {
		if state.Health.Stopped != "" {
			return fmt.Errorf("%w: %s", ErrStopped, state.Health.Stopped)
		}
		if !state.Paused.On() {
			state.Paused.Since = at
		}
		words := []rune(strings.Join(strings.Fields(reason), " "))
		state.Paused.Reason = string(words[:min(len(words), maxPauseReason)])
		if state.Push.Hub != "" { // a document that is read whole names it again
			state.Validators, state.Body = newswire.Validators{}, ""
		}
		leaveHub(state, at)
		state.ScheduleVisit(at.Add(retirement))
		p = state.Paused
		return nil
	})
	if err != nil {
		err = fmt.Errorf("pause %s: %w", id, err)
	}
	return p, err
}

// Resume has a source visited again that is paused, and says when and why: by its schedule since its last visit, which is at
// once after a long pause. The error may wrap ErrNotPaused, ErrVisited or [newswire.ErrNotFound].
func Resume(ctx context.Context, store PauseStore, catalog *Catalog, id string) (due time.Time, why string, err error) {
	err = changePause(ctx, store, catalog, id, func(s *scheduled, state *newswire.State, at time.Time) error {
		if !state.Paused.On() {
			return ErrNotPaused
		}
		state.Paused = newswire.Pause{}
		next := s.plan.AfterPause(state)
		next.At = later(next.At, at)
		next.StoreIn(state)
		state.ScheduleVisit(state.Due)
		due, why = state.NextVisit(), state.Why
		return nil
	})
	if err != nil {
		err = fmt.Errorf("resume %s: %w", id, err)
	}
	return due, why, err
}

// changePause changes the state of a source under a lease of its own, so that no visit comes in between.
func changePause(
	ctx context.Context, store PauseStore, catalog *Catalog, id string,
	change func(s *scheduled, state *newswire.State, at time.Time) error,
) error {
	s := catalog.source(id)
	if s == nil {
		return newswire.ErrNotFound
	}
	loan, err := borrow(ctx, store, id)
	if err != nil {
		return err
	}
	state := loan.state
	carry(&state, s, loan.lease.At)
	if err := change(s, &state, loan.lease.At); err != nil {
		return errors.Join(err, store.Postpone(ctx, loan.lease, loan.due))
	}
	return store.Record(ctx, loan.lease, newswire.Visit{Source: id, At: loan.lease.At, State: state})
}

// stayPaused is done in place of a visit to a source that is paused. It stays in the due index, so that one that leaves the
// config is retired.
func (a *Aggregator) stayPaused(ctx context.Context, claim *pace.Claim) error {
	state, at := claim.State, claim.Now()
	a.setup.Load().scheduleVisit(&state, at.Add(retirement))
	return a.store.Record(ctx, claim.Lease, newswire.Visit{Source: claim.Source, At: at, State: state})
}
