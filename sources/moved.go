package sources

import (
	"net/http"
	"net/url"
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
	if believed(state.Moved) {
		return state.Moved.To
	}
	return s.URL
}

func believed(m newswire.Move) bool {
	return m.To != "" && !m.Foreign && m.Sightings >= moveSightings && m.Last.Sub(m.Since) >= moveOver
}

// sighted notes where a visit to the operator's address was redirected to for good, if anywhere, and whether the same
// feed is there. Another target, or no redirect, starts over.
func sighted(m newswire.Move, to string, same bool, now time.Time) newswire.Move {
	switch {
	case to == "":
		return newswire.Move{}
	case to != m.To:
		return newswire.Move{To: to, Foreign: !same, Sightings: 1, Since: now, Last: now}
	default:
		m.Sightings++
		m.Last = now
		return m
	}
}

// disappointed is what is left of a believed move when the new address fails: nothing, when it knows nothing of the feed
// or has failed for a while, for the operator's address may still do.
func disappointed(m newswire.Move, status, failures int) newswire.Move {
	if believed(m) && (status == http.StatusNotFound || failures >= moveSightings) {
		return newswire.Move{}
	}
	return m
}

// recordable is an operator's address as it is stored. A user and a password in it are stored as a digest, which tells
// whether they have changed, and no more.
func recordable(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.User == nil {
		return address
	}
	digest := newswire.Hash(u.User.String(), address)[:16]
	u.User = nil
	return u.String() + "#user=" + digest
}

// configuredAs says whether a stored address is the operator's. An earlier version stored it as it is.
func configuredAs(stored, address string) bool {
	return stored == address || stored == recordable(address)
}
