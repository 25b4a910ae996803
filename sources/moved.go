package sources

import (
	"time"

	"github.com/newswire/newswire"
)

// A permanent redirect is believed after this many sightings over this long: a captive portal or a botched deployment
// answers 301 too.
const (
	moveSightings = 3
	moveOver      = 24 * time.Hour
)

// address is where a source is to be visited: where the operator says, or where that moved for good.
func address(s *scheduled, state *newswire.State) string {
	if m := state.Moved; m.To != "" && m.Sightings >= moveSightings && m.Last.Sub(m.Since) >= moveOver {
		return m.To
	}
	return s.URL
}

// sighted notes where a visit to the operator's address was redirected to for good, if anywhere. Another target, or no
// redirect, starts over.
func sighted(m newswire.Move, to string, now time.Time) newswire.Move {
	switch {
	case to == "":
		return newswire.Move{}
	case to != m.To:
		return newswire.Move{To: to, Sightings: 1, Since: now, Last: now}
	default:
		m.Sightings++
		m.Last = now
		return m
	}
}
