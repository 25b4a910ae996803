package pace

import (
	"fmt"
	"net/http"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/fetch"
)

const (
	// A burst of refusals closes the whole domain; one alone is about a feed.
	burstOf     = 3
	burstWithin = 10 * time.Minute

	// firstClosure is how long a domain is closed that does not say for how long. It is doubled with each offence, but no
	// closure becomes longer than maxClosure by that.
	firstClosure = time.Hour
	maxClosure   = 24 * time.Hour

	// forgiveness is how long it takes without offence until one is forgotten.
	forgiveness = 7 * 24 * time.Hour
)

// observe closes a domain after a 429, or a burst of 403.
func observe(d *newswire.Domain, answer *fetch.Answer, now time.Time) {
	switch answer.Status {
	case http.StatusTooManyRequests:
		asked, _ := retryAfter(answer.Header, now)
		closeDomain(d, "429 Too Many Requests", asked.Sub(now), now)
	case http.StatusForbidden:
		d.Refusals = append(d.Refusals, now)
		d.Refusals = d.Refusals[max(0, len(d.Refusals)-burstOf):]
		if len(d.Refusals) == burstOf && now.Sub(d.Refusals[0]) <= burstWithin {
			d.Refusals = nil // the next burst begins with the next refusal
			closeDomain(d, "a burst of 403 Forbidden", 0, now)
		}
	}
}

// closeDomain closes a domain for as long as it asked for, or for firstClosure where it did not, doubled for each earlier
// offence that is not yet forgiven.
func closeDomain(d *newswire.Domain, why string, asked time.Duration, now time.Time) {
	forgiven := int(now.Sub(d.Offended) / forgiveness)
	d.Offences = max(d.Offences-forgiven, 0)
	closed := asked
	if closed <= 0 {
		closed = firstClosure
	}
	closed = max(closed, min(closed<<min(d.Offences, 10), maxClosure))
	d.Offences, d.Offended = d.Offences+1, now
	d.ClosedUntil, d.ClosedWhy = later(d.ClosedUntil, now.Add(min(closed, MaxWish))), why
}

// ClosedWhy tells an operator until when a domain is closed, and after what.
func ClosedWhy(name string, d newswire.Domain) string {
	return fmt.Sprintf("%s is held until %s after %s", name, d.ClosedUntil.UTC().Format(time.RFC3339), d.ClosedWhy)
}
