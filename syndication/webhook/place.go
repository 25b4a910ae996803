package webhook

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/partner"
)

// errDisabled is why an endpoint is told nothing more.
var errDisabled = errors.New("answered 410 Gone and is disabled, until its url or secret changes, or by newswire deliveries replay")

// place is where a partner is in the change log, and what of it has to be remembered between two attempts.
type place struct {
	After newswire.Cursor `json:"after,omitempty"` // all before it was accepted

	End      newswire.Cursor `json:"end,omitempty"`      // of the last change in a message that was refused: it is tried again as it was
	Lost     bool            `json:"lost,omitempty"`     // a resync is to be told, and After does not count; it begins at End, where that is there
	Disabled string          `json:"disabled,omitempty"` // fingerprint of the endpoint that wants no more
	Replay   string          `json:"replay,omitempty"`   // names the last replay, so that what it sends again has other ids
}

// String is a place as it is stored: the cursor alone, where there is no more to it.
func (p place) String() string {
	if p == (place{After: p.After}) {
		return string(p.After)
	}
	b, err := json.Marshal(p)
	if err != nil {
		panic("webhook: a place of strings does not marshal: " + err.Error())
	}
	return string(b)
}

// parsePlace reads a place as it was stored.
func parsePlace(told string) (p place) {
	if !strings.HasPrefix(told, "{") {
		return place{After: newswire.Cursor(told)}
	}
	if err := json.Unmarshal([]byte(told), &p); err != nil {
		return place{Lost: true}
	}
	return p
}

// PlaceAt is a place to have a partner told from, for [cache.Subscriptions.Rewind]: after a cursor. The name is that of the
// replay, and one that was not given before.
func PlaceAt(after newswire.Cursor, name string) string {
	return place{After: after, Replay: name}.String()
}

// fingerprint tells whether a webhook has changed. It is stored, so it holds too little of the secret to try guesses on.
func fingerprint(w *partner.Webhook) string {
	return newswire.Hash("webhook", w.URL)[:8] + newswire.Hash("webhook secret", w.URL, w.Secret)[:2]
}
