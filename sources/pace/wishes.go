package pace

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/newswire/newswire"
)

// MaxWish bounds what a publisher may ask for: after this long, one conditional request is no burden.
const MaxWish = 7 * 24 * time.Hour

func skipWhy(until time.Time) string {
	return "skipHours or skipDays until " + until.Format(time.RFC3339)
}

// Earliest is the first time from now on at which the publisher's own wishes let a source be visited, and the wish that
// is in the way.
func Earliest(now time.Time, state *newswire.State) (at time.Time, why string) {
	at = now
	if state.NotBefore.After(now) {
		at, why = state.NotBefore, state.Wish
	}
	if admission := admitted(state.Cadence, at); admission.After(at) {
		at, why = admission, skipWhy(admission)
	}
	return at, why
}

// admitted is the first time from t that the publisher does not keep free of visits: t itself, or a full hour.
func admitted(c newswire.Cadence, t time.Time) time.Time {
	for at, n := t, 0; n < 8*24; n++ {
		if !skips(c, at) {
			return at
		}
		at = at.Truncate(time.Hour).Add(time.Hour)
	}
	return t // there is none: see skipsAll
}

// skips says whether a publisher asks not to be visited at a time (RSS 2.0 skipHours and skipDays, in GMT).
func skips(c newswire.Cadence, t time.Time) bool {
	t = t.UTC()
	return slices.Contains(c.SkipHours, t.Hour()) || slices.Contains(c.SkipDays, t.Weekday())
}

// skipsAll says whether a publisher names every hour or every day as one to skip.
func skipsAll(c newswire.Cadence) bool {
	hours, days := map[int]bool{}, map[time.Weekday]bool{}
	for _, h := range c.SkipHours {
		hours[h] = true
	}
	for _, d := range c.SkipDays {
		days[d] = true
	}
	return len(hours) == 24 || len(days) == 7
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
			n = min(n, int64(MaxWish/time.Second)+int64(age/time.Second))
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
		return now.Add(time.Duration(min(n, int64(MaxWish/time.Second))) * time.Second).UTC(), true
	}
	if t, err := http.ParseTime(value); err == nil {
		return t.UTC(), true
	}
	return time.Time{}, false
}

// deltaSeconds reads a number of seconds. One that is too large for an int64 is the largest that there is (RFC 9111 §1.2.2).
func deltaSeconds(s string) (n int64, ok bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, n >= 0 && (err == nil || errors.Is(err, strconv.ErrRange))
}
