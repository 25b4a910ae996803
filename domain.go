package newswire

import "time"

// Domain is what is remembered of a registrable domain from one request to the next. All its hosts are one publisher's,
// or at least one administrator's, so a refusal by one of them counts for all.
type Domain struct {
	Free        time.Time   `json:"free,omitzero"`      // no request before: the pause between two
	ClosedUntil time.Time   `json:"held,omitzero"`      // no request before: the domain answered 429, or a burst of 403
	ClosedWhy   string      `json:"why,omitempty"`      // why it is closed: "429 Too Many Requests"
	Offences    int         `json:"offences,omitempty"` // how often it was closed of late: each week without takes one away
	Offended    time.Time   `json:"offended,omitzero"`  // when it was last closed
	Refusals    []time.Time `json:"refusals,omitempty"` // of the latest 403s, oldest first
}

// Open is the time from which the domain may be visited.
func (d *Domain) Open() time.Time {
	if d.ClosedUntil.After(d.Free) {
		return d.ClosedUntil
	}
	return d.Free
}
