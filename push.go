package newswire

import "time"

// Push is what is remembered of a source's subscription at the hub that its feed names (WebSub): the hub then sends what
// is new. All of it may be secret but Hub, Topic, Error and the times.
type Push struct {
	Hub   string `json:"hub,omitempty"`   // that the feed names; empty when it names none
	Topic string `json:"topic,omitempty"` // what the feed calls itself at the hub: its rel=self

	Token    string `json:"token,omitempty"`    // last part of the callback's address: 256 random bits
	Secret   string `json:"secret,omitempty"`   // the hub signs with it; empty before it has verified the subscription
	Proposed string `json:"proposed,omitempty"` // secret of a request that the hub has yet to verify; Secret is good until then
	Former   string `json:"former,omitempty"`   // the Secret before: what it signed may still be under way

	Asked    time.Time `json:"asked,omitzero"`    // when the hub was last asked to subscribe
	Verified time.Time `json:"verified,omitzero"` // when it last verified
	Since    time.Time `json:"since,omitzero"`    // when it verified first, without a gap until now
	Until    time.Time `json:"until,omitzero"`    // when the lease ends
	Told     time.Time `json:"told,omitzero"`     // when it last sent something; zero while it has not since Since

	Failures  int       `json:"failures,omitempty"` // requests in a row that the hub did not verify
	Error     string    `json:"error,omitempty"`    // why there is no subscription, or none that is of use
	Suspected time.Time `json:"suspected,omitzero"` // a visit found new articles that the hub had not told of
	Silent    time.Time `json:"silent,omitzero"`    // it did not tell of them later either: it counts as silent since then
	Silences  int       `json:"silences,omitempty"` // in a row

	Usage   Usage  `json:"usage,omitempty"`   // what the header of the publisher's own last document said that machines may do with it
	License string `json:"license,omitempty"` // address of the licence that this header named

	Next  time.Time `json:"next,omitzero"`  // when the hub is to be asked again; zero for never
	Visit time.Time `json:"visit,omitzero"` // when the publisher is to be visited, where that is later than State.Due
	Left  []LeftHub `json:"left,omitempty"` // hubs that are still to be told that the subscription ends
}

// LeftHub is a subscription that is to end.
type LeftHub struct {
	Hub   string    `json:"hub"`
	Topic string    `json:"topic"`
	Token string    `json:"token"`
	Tries int       `json:"tries,omitempty"`
	Next  time.Time `json:"next,omitzero"` // when the hub is to be asked
}

// Active says whether there is a subscription that the hub has verified.
func (p *Push) Active(now time.Time) bool { return p.Secret != "" && p.Until.After(now) }

// Works says whether the hub can be relied on to tell what is new: it has done so under the present subscription, and no
// visit has found what it kept quiet about. Whether Told is before Since says nothing: both are estimates of the store's time,
// each by as much too late as the store took to answer.
func (p *Push) Works(now time.Time) bool {
	return p.Active(now) && !p.Told.IsZero() && p.Suspected.IsZero() && p.Silent.IsZero()
}

// Due is when one of the hubs is to be asked for something; zero for never.
func (p *Push) Due() time.Time {
	due := p.Next
	for _, l := range p.Left {
		if due.IsZero() || l.Next.Before(due) {
			due = l.Next
		}
	}
	return due
}

// NextVisit is when the publisher is to be visited. It is later than Due where the source comes due for its hub before that.
func (s *State) NextVisit() time.Time {
	if s.Push.Visit.After(s.Due) {
		return s.Push.Visit
	}
	return s.Due
}

// ScheduleVisit has the source come due for the next visit, or for its hub if that is earlier. A visit at no time, zero, is
// never. Times are kept in whole milliseconds, as the due index keeps them.
func (s *State) ScheduleVisit(at time.Time) {
	s.Due, s.Push.Visit = at.Truncate(time.Millisecond), time.Time{}
	if hub := s.Push.Due().Truncate(time.Millisecond); !hub.IsZero() && (at.IsZero() || hub.Before(s.Due)) {
		s.Due, s.Push.Visit = hub, s.Due
	}
}
