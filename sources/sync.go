package sources

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// sync brings the due index in line with the catalog: sources that are new come due at once, those whose schedule or
// address the operator changed get a due time by the new one, and those that are gone stay or come in to be retired.
func (a *Aggregator) sync(ctx context.Context) error {
	catalog := a.setup.Load().Catalog
	due, err := a.store.Due(ctx)
	if err != nil {
		return fmt.Errorf("read the due index: %w", err)
	}
	for ids := range slices.Chunk(catalog.ids, syncAtOnce) {
		if err := a.syncSome(ctx, catalog, ids, due); err != nil {
			return err
		}
	}
	return a.enlist(ctx, catalog, due)
}

// syncAtOnce bounds the states that are held in memory at a time.
const syncAtOnce = 500

// syncSome brings some sources of a catalog in line with it.
func (a *Aggregator) syncSome(ctx context.Context, catalog *Catalog, ids []string, due map[string]time.Time) error {
	states, err := a.store.States(ctx, ids...)
	if err != nil {
		return fmt.Errorf("read the sources' states: %w", err)
	}
	now := time.Now()
	for _, id := range ids {
		s, state := catalog.sources[id], states[id]
		at, indexed := due[id]
		moved := state.Configured != "" && state.Configured != s.URL
		switch {
		case state.Health.Stopped != "" && !moved: // if it is in the index, that is to age out
		case state.Configured == "" && (!indexed || !state.Retired.IsZero()), moved && (!indexed || at.After(now)):
			err = a.store.Reschedule(ctx, id, at, now)
		case !indexed, !state.Retired.IsZero():
			err = a.store.Reschedule(ctx, id, at, later(s.plan.Next(state.Health.LastVisit), state.NotBefore))
		case state.Schedule != "" && state.Schedule != s.Schedule:
			next := later(s.plan.Next(state.Health.LastVisit), state.NotBefore)
			if state.Health.Failures == 0 && next.Before(at) {
				err = a.store.Reschedule(ctx, id, at, next)
			}
		}
		if err != nil {
			return fmt.Errorf("schedule %s: %w", id, err)
		}
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
