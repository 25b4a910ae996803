package push

import (
	"fmt"
	"net/url"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/fetch"
)

// Standing is how the hub of a source fares.
type Standing struct {
	Hub   string    `json:"hub"`
	State Condition `json:"state"`
	Since time.Time `json:"since,omitzero"` // of the subscription
	Until time.Time `json:"until,omitzero"` // end of the lease
	Told  time.Time `json:"told,omitzero"`  // when the hub last sent something
	Why   string    `json:"why,omitempty"`  // why there is no subscription, or none that is of use
}

// Condition is how a hub fares, in a word.
type Condition string

// The states.
const (
	Asked  Condition = "asked"  // the hub has yet to verify a subscription
	Active Condition = "active" // it has, and is yet to send something; or is late with something
	Works  Condition = "works"  // it tells what is new: the publisher is visited once a day
	Silent Condition = "silent" // it does not: the publisher is visited as without it
	Fails  Condition = "failed" // there is no subscription: it denied it, or did not verify
)

// Conditions are all of them.
func Conditions() []Condition {
	return []Condition{Asked, Active, Works, Silent, Fails}
}

// StandingOf is how a source's hub fares; nil where there is none.
func StandingOf(p *newswire.Push, now time.Time) *Standing {
	if p.Hub == "" {
		return nil
	}
	s := &Standing{Hub: fetch.Redact(p.Hub), Since: p.Since, Until: p.Until, Told: p.Told, Why: p.Error}
	switch {
	case !p.Silent.IsZero():
		s.State = Silent
	case p.Works(now):
		s.State = Works
	case p.Active(now):
		s.State = Active
	case p.Error != "", p.Failures > 1:
		s.State = Fails
		if s.Why == "" {
			s.Why = "the hub does not verify: can it reach us?"
		}
	default:
		s.State = Asked
	}
	return s
}

// String says it in a line.
func (p *Standing) String() string {
	host := p.Hub
	if u, err := url.Parse(p.Hub); err == nil && u.Host != "" {
		host = u.Host
	}
	const minute = "2006-01-02 15:04"
	switch p.State {
	case Silent:
		return fmt.Sprintf("%s (%s)", p.Why, host)
	case Fails:
		return fmt.Sprintf("no push by %s: %s", host, p.Why)
	case Asked:
		return fmt.Sprintf("push asked of %s, which has yet to verify", host)
	}
	told := "nothing yet"
	if !p.Told.IsZero() {
		told = p.Told.UTC().Format(minute)
	}
	return fmt.Sprintf("push by %s since %s, lease till %s, last push %s", host, p.Since.UTC().Format(minute), p.Until.UTC().Format(minute), told)
}
