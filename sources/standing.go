package sources

import (
	"context"
	"fmt"
	"time"

	"github.com/newswire/newswire"
)

// Standing is how a source fares, and when and why it is visited next.
type Standing struct {
	Source      string    `json:"source"`
	Condition   Condition `json:"condition"`
	Status      int       `json:"status,omitempty"`   // HTTP, of the last answer; 0 where there was none
	Failures    int       `json:"failures,omitempty"` // in a row
	Error       string    `json:"error,omitempty"`    // of the last visit
	Offered     int       `json:"offered"`            // articles in the last document
	LastVisit   time.Time `json:"last_visit,omitzero"`
	LastSuccess time.Time `json:"last_success,omitzero"`
	LastChange  time.Time `json:"last_change,omitzero"`
	Due         time.Time `json:"due,omitzero"` // the next visit; zero when there is none
	Why         string    `json:"why"`          // why it is then
}

// Condition is how a source fares, in a word.
type Condition string

// The conditions.
const (
	New     Condition = "new"     // not visited yet
	Well    Condition = "well"    // the last visit brought or confirmed a document
	Failing Condition = "failing" // the last visit did not
	Ended   Condition = "stopped" // it is visited no more
)

// Standings tells of each source of a catalog, in order of their IDs.
func Standings(ctx context.Context, store Store, catalog *Catalog) ([]Standing, error) {
	index, err := store.Due(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the due index: %w", err)
	}
	states, err := store.States(ctx, catalog.ids...)
	if err != nil {
		return nil, fmt.Errorf("read the sources' states: %w", err)
	}
	names := make([]string, len(catalog.ids))
	for i, id := range catalog.ids {
		state := states[id]
		names[i] = registrable(address(catalog.sources[id], &state))
	}
	domains, err := store.Domains(ctx, names...)
	if err != nil {
		return nil, fmt.Errorf("read what is known of domains: %w", err)
	}
	list := make([]Standing, len(catalog.ids))
	for i, id := range catalog.ids {
		state, known := states[id]
		list[i] = standing(id, known, &state)
		list[i].Due, list[i].Why = agenda(index, &state, catalog.sources[id], names[i], domains[names[i]])
	}
	return list, nil
}

func standing(id string, known bool, state *newswire.State) Standing {
	h := &state.Health
	s := Standing{
		Source: id, Condition: Well, Status: h.Status, Failures: h.Failures, Error: h.Error, Offered: h.Offered,
		LastVisit: h.LastVisit, LastSuccess: h.LastSuccess, LastChange: h.LastChange,
	}
	switch {
	case !known:
		s.Condition = New
	case h.Stopped != "":
		s.Condition = Ended
	case h.Failures > 0:
		s.Condition = Failing
	}
	return s
}

// agenda is when a source is visited next, and why then. The due index decides when; the state knows why, unless the
// source was moved since it was recorded.
func agenda(index map[string]time.Time, state *newswire.State, s *scheduled, name string, d newswire.Domain) (time.Time, string) {
	due, indexed := index[s.ID]
	switch {
	case !indexed && state.Health.Stopped != "" && state.Configured == s.URL:
		return time.Time{}, state.Health.Stopped
	case !indexed:
		return time.Time{}, "it is new in the config: a running service or the next fetch visits it"
	case d.Held.After(due):
		return d.Held, heldWhy(name, d)
	case due.Equal(state.Due):
		return due, state.Why
	case d.Held.Equal(due):
		return due, heldWhy(name, d)
	case state.Due.IsZero():
		return due, "first visit"
	case due.After(state.Due):
		return due, underWay
	default:
		return due, "the operator asked for it, or changed the schedule"
	}
}
