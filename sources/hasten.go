package sources

import (
	"context"
	"fmt"
	"time"

	"github.com/newswire/newswire"
)

// TooSoonError says that a source cannot be visited at once.
type TooSoonError struct {
	Until time.Time // when it is visited; zero for never
	Why   string

	Paused bool // by the operator
}

// Error implements error.
func (e *TooSoonError) Error() string {
	if e.Until.IsZero() {
		return "not visited: " + e.Why
	}
	return "not visited before " + e.Until.UTC().Format(time.RFC3339) + ": " + e.Why
}

// Hasten makes a source of a catalog due at once, though its schedule says later, for the processes that visit. It is never due
// sooner than its publisher wishes: the error is a [TooSoonError] then. For a source that is not in the catalog it wraps
// [newswire.ErrNotFound].
func Hasten(ctx context.Context, store Store, catalog *Catalog, id string) error {
	s := catalog.source(id)
	if s == nil {
		return fmt.Errorf("source %q is not in the config: %w", id, newswire.ErrNotFound)
	}
	o, err := look(ctx, store, catalog, []string{id})
	if err != nil {
		return err
	}
	next, err := store.Next(ctx)
	if err != nil {
		return err
	}
	now := next.At
	due, indexed := o.index[id]
	at, why := o.soonest(s, now)
	switch {
	case !indexed, at.IsZero(), at.After(now):
		return &TooSoonError{Until: at, Why: why, Paused: at.IsZero() && o.states[id].Paused.On()}
	case !due.After(now):
		return nil
	}
	if err := store.Reschedule(ctx, id, due, now); err != nil {
		return fmt.Errorf("schedule %s: %w", id, err)
	}
	return nil
}
