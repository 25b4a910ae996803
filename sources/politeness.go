package sources

import (
	"errors"
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
	why       string
	notBefore time.Time // by the publisher's own wish, whoever asks
	wished    string    // why notBefore
}

// bySchedule is the appointment that the operator wants.
func bySchedule(now time.Time, s *scheduled) appointment {
	return appointment{due: s.schedule.Next(now), why: s.why}
}

// put moves the appointment to a time, if that is later.
func (a *appointment) put(t time.Time, why string) {
	if t.After(a.due) {
		a.due, a.why = t, why
	}
}

// wish moves the appointment to where the publisher asks for it, if that is later.
func (a *appointment) wish(t, now time.Time, why string) {
	if limit := now.Add(maxWish); t.After(limit) {
		t = limit
	}
	if t.After(a.notBefore) {
		a.notBefore, a.wished = t, why
	}
	a.put(t, why)
}

// afterSuccess is the next appointment after a 200, 226 or 304: no sooner than the largest of the operator's schedule
// and what the answer and the document ask for, and later still at a source that seldom changes.
func afterSuccess(now time.Time, s *scheduled, header http.Header, state *newswire.State) appointment {
	a := bySchedule(now, s)
	a.slow(now, s, state)
	c := state.Cadence
	if d, why := freshness(header, now); d > 0 {
		a.wish(now.Add(d), now, why)
	}
	if c.TTL > 0 {
		a.wish(now.Add(c.TTL), now, fmt.Sprintf("ttl of %d minutes", int(c.TTL.Minutes())))
	}
	if c.Period > 0 {
		a.wish(now.Add(c.Period), now, fmt.Sprintf("sy:updatePeriod, every %v", c.Period))
	}
	a.skip(s, c)
	return a
}

// afterFailure is the next appointment after anything else. Failures counts the one that just happened.
func afterFailure(now time.Time, s *scheduled, answer *fetch.Answer, failures int, c newswire.Cadence, jitter func(time.Duration) time.Duration) appointment {
	a := bySchedule(now, s)
	if answer != nil && answer.Status == http.StatusNotFound {
		// Daily for a week, then weekly: a feed that is gone seldom comes back, but some do.
		pause, word := 24*time.Hour, "daily"
		if failures > 7 {
			pause, word = 7*24*time.Hour, "weekly"
		}
		a.put(now.Add(pause), "404 Not Found, slowed to "+word)
	} else {
		pause := min(backoffUnit<<min(failures, 16), maxBackoff)
		a.put(now.Add(jitter(pause)), fmt.Sprintf("%s failure in a row, backing off", ordinal(failures)))
	}
	if answer != nil {
		if t, ok := retryAfter(answer.Header, now); ok {
			a.wish(t, now, "Retry-After until "+t.Format(time.RFC3339))
		}
	}
	a.skip(s, c)
	return a
}

// Sources that rarely change are visited more rarely: after an eighth of the time that they take to change, or have been
// silent for, but at least once in maxSlow. An article is then late by a sixteenth of that time on average.
const (
	slowPart = 8
	maxSlow  = 24 * time.Hour
)

// slow moves the appointment of a source that rarely changes, unless the operator gave it a schedule of its own.
func (a *appointment) slow(now time.Time, s *scheduled, state *newswire.State) {
	changed := state.Health.LastChange
	if s.Pinned || changed.IsZero() {
		return
	}
	pause, limit := max(now.Sub(changed), state.Rhythm)/slowPart, now.Add(maxSlow)
	at := s.schedule.From(now.Add(min(pause, maxSlow)))
	if at.After(limit) {
		at = s.schedule.From(limit.Add(-s.schedule.gap))
	}
	if at.After(a.due) {
		a.put(at, "slowed down: last change on "+changed.Format(time.DateOnly))
	}
}

// rhythm is the smoothed time between two changes, after one that came so long after the one before.
func rhythm(smoothed, latest time.Duration) time.Duration {
	if smoothed == 0 {
		return latest
	}
	return smoothed + (latest-smoothed)/4
}

// presumed is when a source would be visited again if this visit were cut off: after as long as the last time, for what
// its publisher wished then it will wish again.
func presumed(now time.Time, s *scheduled, state *newswire.State) time.Time {
	a := bySchedule(now, s)
	if !state.Due.IsZero() {
		a.put(now.Add(state.Due.Sub(state.Health.LastVisit)), "")
	}
	a.skip(s, state.Cadence)
	return a.due
}

// skip moves the appointment out of the hours and days that the publisher keeps free. It is not moved to the stroke of
// the hour, where everybody's would be, but behind it by the source's phase.
func (a *appointment) skip(s *scheduled, c newswire.Cadence) {
	if t := admitted(c, a.due); !t.Equal(a.due) {
		t = t.Add(s.schedule.phase)
		a.due, a.why = t, skipWhy(t)
	}
}

func skipWhy(until time.Time) string {
	return "skipHours or skipDays until " + until.Format(time.RFC3339)
}

// welcome is the first time from now on at which the publisher's own wishes let a source be visited, and which of them
// is in the way.
func welcome(now time.Time, state *newswire.State) (at time.Time, why string) {
	at = now
	if state.NotBefore.After(now) {
		at, why = state.NotBefore, state.Wish
	}
	if admission := admitted(state.Cadence, at); admission.After(at) {
		at, why = admission, skipWhy(admission)
	}
	return at, why
}

// admitted is the first time from t at which the publisher does not ask to be left alone: t itself, or a full hour.
func admitted(c newswire.Cadence, t time.Time) time.Time {
	for at, n := t, 0; n < 8*24; n++ {
		if !skips(c, at) {
			return at
		}
		at = at.Truncate(time.Hour).Add(time.Hour)
	}
	return t // every hour of the week is to be skipped: a mistake, not a wish
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
			n, ok := deltaSeconds(strings.Trim(strings.TrimSpace(value), `"`))
			if !ok {
				return 0, ""
			}
			n = min(n, int64(maxWish/time.Second)+int64(age/time.Second))
			return time.Duration(n)*time.Second - age, fmt.Sprintf("max-age of %d s", n)
		}
	}
	value := h.Get("Expires")
	if value == "" {
		return 0, ""
	}
	expires, err := http.ParseTime(value)
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
	if n, ok := deltaSeconds(value); ok {
		return now.Add(time.Duration(min(n, int64(maxWish/time.Second))) * time.Second).UTC(), true
	}
	if t, err := http.ParseTime(value); err == nil {
		return t.UTC(), true
	}
	return time.Time{}, false
}

// deltaSeconds reads a number of seconds. One too large to be held is the largest that can be (RFC 9111 §1.2.2).
func deltaSeconds(s string) (n int64, ok bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, n >= 0 && (err == nil || errors.Is(err, strconv.ErrRange))
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
