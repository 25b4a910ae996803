// Package domainjson encodes what is remembered of a domain as the drivers store it: beside the time from which the domain
// is open, which they compare, and short where that says all. It is read and written at every visit.
package domainjson

import (
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache/internal/json"
)

// nothing stands for a domain of which no more is remembered than when it is free, as most are.
const nothing = "{}"

// Encode is a domain as it is stored beside its Open.
func Encode(d *newswire.Domain) (string, error) {
	if d.ClosedUntil.IsZero() && d.ClosedWhy == "" && d.Offences == 0 && d.Offended.IsZero() && len(d.Refusals) == 0 {
		return nothing, nil
	}
	b, err := json.Marshal(d)
	return string(b), err
}

// Decode is the domain that was stored so beside its Open, or the zero domain for an empty state.
func Decode(state string, open time.Time) (d newswire.Domain, err error) {
	switch state {
	case "":
	case nothing:
		d.Free = open
	default:
		err = json.Unmarshal([]byte(state), &d)
	}
	return d, err
}
