package sources

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/fetch"
)

const (
	// maxWish bounds what a publisher may ask for: after this long, one conditional request is no burden on anybody.
	maxWish = 7 * 24 * time.Hour

	// backoffUnit is doubled with each failure in a row.
	backoffUnit = time.Minute

	// maxBackoff bounds the pause after failures.
	maxBackoff = 24 * time.Hour
)

// appointment is when a source is to be visited next.
type appointment struct {
	due       time.Time
	notBefore time.Time // by the publisher's own wish, whoever asks
	why       string
}

// wish moves the appointment to where the publisher asks for it, if that is later.
func (a *appointment) wish(t, now time.Time, why string) {
	if limit := now.Add(maxWish); t.After(limit) {
		t = limit
	}
	if t.After(a.notBefore) {
		a.notBefore = t
	}
	if t.After(a.due) {
		a.due, a.why = t, why
	}
}

// afterSuccess is the next appointment after a 200, 226 or 304: no sooner than the largest of the operator's schedule
// and what the answer and the document ask for.
func afterSuccess(now time.Time, s *scheduled, header http.Header, c newswire.Cadence) appointment {
	a := appointment{due: s.schedule.Next(now), why: "schedule " + s.Schedule}
	if d, why := freshness(header, now); d > 0 {
		a.wish(now.Add(d), now, why)
	}
	if c.TTL > 0 {
		a.wish(now.Add(c.TTL), now, fmt.Sprintf("ttl of %d minutes", int(c.TTL.Minutes())))
	}
	if c.Period > 0 {
		a.wish(now.Add(c.Period), now, fmt.Sprintf("sy:updatePeriod, every %v", c.Period))
	}
	a.skip(c)
	return a
}

// afterFailure is the next appointment after anything else. Failures counts the one that just happened.
func afterFailure(now time.Time, s *scheduled, answer *fetch.Answer, failures int, c newswire.Cadence, jitter func(time.Duration) time.Duration) appointment {
	a := appointment{due: s.schedule.Next(now), why: "schedule " + s.Schedule}
	later := func(t time.Time, why string) {
		if t.After(a.due) {
			a.due, a.why = t, why
		}
	}
	if answer != nil && answer.Status == http.StatusNotFound {
		// Daily for a week, then weekly: a feed that is gone seldom comes back, but some do.
		pause, word := 24*time.Hour, "daily"
		if failures > 7 {
			pause, word = 7*24*time.Hour, "weekly"
		}
		later(now.Add(pause), "404 Not Found, slowed to "+word)
	} else {
		pause := min(backoffUnit<<min(failures, 16), maxBackoff)
		later(now.Add(jitter(pause)), fmt.Sprintf("%s failure in a row, backing off", ordinal(failures)))
	}
	if answer != nil {
		if t, ok := retryAfter(answer.Header, now); ok {
			a.wish(t, now, "Retry-After until "+t.Format(time.RFC3339))
		}
	}
	a.skip(c)
	return a
}

// skip moves the appointment out of the hours and days that the publisher keeps free.
func (a *appointment) skip(c newswire.Cadence) {
	if !skips(c, a.due) {
		return
	}
	for t, n := a.due, 0; n < 8*24; n++ {
		if t = t.Truncate(time.Hour).Add(time.Hour); !skips(c, t) {
			a.due, a.why = t, "skipHours or skipDays until "+t.Format(time.RFC3339)
			return
		}
	}
	// Every hour of the week is to be skipped: a mistake, not a wish.
}

// skips says whether a publisher asks not to be visited at a time (RSS 2.0 skipHours and skipDays, in GMT).
func skips(c newswire.Cadence, t time.Time) bool {
	t = t.UTC()
	return slices.Contains(c.SkipHours, t.Hour()) || slices.Contains(c.SkipDays, t.Weekday())
}

// freshness is how long an answer stays fresh (RFC 9111 §4.2): max-age or Expires, less the Age that it already has.
// It is the same for a 304 (§4.3.4).
func freshness(h http.Header, now time.Time) (time.Duration, string) {
	age := time.Duration(0)
	if n, err := strconv.ParseInt(strings.TrimSpace(h.Get("Age")), 10, 32); err == nil && n > 0 {
		age = time.Duration(n) * time.Second
	}
	for directive := range strings.SplitSeq(strings.Join(h.Values("Cache-Control"), ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "no-store", "no-cache":
			return 0, ""
		case "max-age":
			n, err := strconv.ParseInt(strings.Trim(strings.TrimSpace(value), `"`), 10, 64)
			if err != nil || n < 0 {
				return 0, ""
			}
			n = min(n, int64(maxWish/time.Second)+int64(age/time.Second))
			return time.Duration(n)*time.Second - age, fmt.Sprintf("max-age of %d s", n)
		}
	}
	expires, err := http.ParseTime(h.Get("Expires"))
	if err != nil {
		return 0, "" // also "0" and "-1", which mean: already stale
	}
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		date = now
	}
	return expires.Sub(date) - age, "Expires at " + expires.UTC().Format(time.RFC3339)
}

// retryAfter reads Retry-After (RFC 9110 §10.2.3): seconds, or a date.
func retryAfter(h http.Header, now time.Time) (time.Time, bool) {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.ParseInt(value, 10, 64); err == nil && n >= 0 {
		return now.Add(time.Duration(min(n, int64(maxWish/time.Second))) * time.Second).UTC(), true
	}
	if t, err := http.ParseTime(value); err == nil {
		return t.UTC(), true
	}
	return time.Time{}, false
}

// ordinal is a number as it stands in front of a noun: first, second, third, 4th.
func ordinal(n int) string {
	switch n {
	case 1:
		return "first"
	case 2:
		return "second"
	case 3:
		return "third"
	}
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}
