package sources

import (
	"net/http"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/fetch"
)

const (
	// A burst of refusals on one domain is a verdict on us, not on a feed.
	burstOf     = 3
	burstWithin = 10 * time.Minute

	// firstHold is how long a domain is left alone that does not say for how long it wants to be. It is doubled with each
	// offence, but no hold becomes longer than maxHold by that.
	firstHold = time.Hour
	maxHold   = 24 * time.Hour

	// forgiveness is how long it takes without offence until one is forgotten.
	forgiveness = 7 * 24 * time.Hour
)

// learn takes to heart what a domain's answer says of our manners: a 429, and a burst of 403, hold the whole domain.
func learn(d *newswire.Domain, answer *fetch.Answer, now time.Time) {
	switch answer.Status {
	case http.StatusTooManyRequests:
		asked, _ := retryAfter(answer.Header, now)
		offend(d, "429 Too Many Requests", asked.Sub(now), now)
	case http.StatusForbidden:
		d.Refusals = append(d.Refusals, now)
		d.Refusals = d.Refusals[max(0, len(d.Refusals)-burstOf):]
		if len(d.Refusals) == burstOf && now.Sub(d.Refusals[0]) <= burstWithin {
			d.Refusals = nil // the next burst begins with the next refusal
			offend(d, "a burst of 403 Forbidden", 0, now)
		}
	}
}

// offend holds a domain for as long as it asked for, which is nothing where it did not, doubled for each earlier offence
// that is not yet forgiven.
func offend(d *newswire.Domain, why string, asked time.Duration, now time.Time) {
	forgiven := int(now.Sub(d.Offended) / forgiveness)
	d.Offences = max(d.Offences-forgiven, 0)
	hold := asked
	if hold <= 0 {
		hold = firstHold
	}
	hold = max(hold, min(hold<<min(d.Offences, 10), maxHold))
	d.Offences, d.Offended = d.Offences+1, now
	d.Held, d.Why = later(d.Held, now.Add(min(hold, maxWish))), why
}
