package sources

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources/fetch"
)

// Pushing is how the hub of a source fares.
type Pushing struct {
	Hub   string    `json:"hub"`
	State PushState `json:"state"`
	Since time.Time `json:"since,omitzero"` // of the subscription
	Until time.Time `json:"until,omitzero"` // end of the lease
	Told  time.Time `json:"told,omitzero"`  // when the hub last sent something
	Why   string    `json:"why,omitempty"`  // why there is no subscription, or none that is of use
}

// PushState is how a hub fares, in a word.
type PushState string

// The states.
const (
	PushAsked  PushState = "asked"  // the hub has yet to verify a subscription
	PushActive PushState = "active" // it has, and is yet to send something; or is late with something
	PushWorks  PushState = "works"  // it tells what is new: the publisher is visited once a day
	PushSilent PushState = "silent" // it does not: the publisher is visited as without it
	PushFails  PushState = "failed" // there is no subscription: it denied it, or did not verify
)

// PushStates are all of them.
func PushStates() []PushState {
	return []PushState{PushAsked, PushActive, PushWorks, PushSilent, PushFails}
}

// pushing is how a source's hub fares; nil where there is none.
func pushing(state *newswire.State, now time.Time) *Pushing {
	p := &state.Push
	if p.Hub == "" {
		return nil
	}
	s := &Pushing{Hub: fetch.Redact(p.Hub), Since: p.Since, Until: p.Until, Told: p.Told, Why: p.Error}
	switch {
	case !p.Silent.IsZero():
		s.State = PushSilent
	case p.Works(now):
		s.State = PushWorks
	case p.Active(now):
		s.State = PushActive
	case p.Error != "", p.Failures > 1:
		s.State = PushFails
		if s.Why == "" {
			s.Why = "the hub does not verify: can it reach us?"
		}
	default:
		s.State = PushAsked
	}
	return s
}

// String says it in a line.
func (p *Pushing) String() string {
	host := p.Hub
	if u, err := url.Parse(p.Hub); err == nil && u.Host != "" {
		host = u.Host
	}
	const minute = "2006-01-02 15:04"
	switch p.State {
	case PushSilent:
		return fmt.Sprintf("%s (%s)", p.Why, host)
	case PushFails:
		return fmt.Sprintf("no push by %s: %s", host, p.Why)
	case PushAsked:
		return fmt.Sprintf("push asked of %s, which has yet to verify", host)
	}
	told := "nothing yet"
	if !p.Told.IsZero() {
		told = p.Told.UTC().Format(minute)
	}
	return fmt.Sprintf("push by %s since %s, lease till %s, last push %s", host, p.Since.UTC().Format(minute), p.Until.UTC().Format(minute), told)
}

// CountPushes counts the sources of a catalog whose feeds name a hub, by how that fares.
func CountPushes(ctx context.Context, store cache.Visits, catalog *Catalog) (map[PushState]int, error) {
	counts := map[PushState]int{}
	for ids := range slices.Chunk(catalog.ids, syncAtOnce) {
		states, err := store.States(ctx, ids...)
		if err != nil {
			return nil, fmt.Errorf("count subscriptions at hubs: %w", err)
		}
		for _, id := range ids {
			state := states[id]
			if p := pushing(&state, time.Now()); p != nil {
				counts[p.State]++
			}
		}
	}
	return counts, nil
}
