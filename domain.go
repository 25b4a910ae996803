package newswire

import "time"

// Domain is what is remembered of a registrable domain from one request to the next. All its hosts are one publisher's,
// or at least one administrator's, so what one of them says of our manners holds for all.
type Domain struct {
	Free     time.Time   `json:"free,omitzero"`      // no request before: the pause between two
	Held     time.Time   `json:"held,omitzero"`      // no request before: it told us off
	Why      string      `json:"why,omitempty"`      // why it is held: "429 Too Many Requests"
	Offences int         `json:"offences,omitempty"` // how often it told us off of late: each week without takes one away
	Offended time.Time   `json:"offended,omitzero"`  // when it last told us off
	Refusals []time.Time `json:"refusals,omitempty"` // of the latest 403s, oldest first
}

// Open is the time from which the domain may be visited.
func (d *Domain) Open() time.Time {
	if d.Held.After(d.Free) {
		return d.Held
	}
	return d.Free
}
