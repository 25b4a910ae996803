package pace

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/fetch"
)

const (
	// backoffUnit is doubled with each failure in a row.
	backoffUnit = time.Minute

	// maxBackoff bounds the backoff.
	maxBackoff = 24 * time.Hour
)

// Plan is when an operator wants a source visited.
type Plan struct {
	Schedule
	pinned bool
}

// Plan makes the plan of a source. It fails where Parse does.
func (s *Specs) Plan(source *newswire.Source) (Plan, error) {
	spec, err := s.Parse(source.Schedule, source.Timezone)
	if err != nil {
		return Plan{}, fmt.Errorf("schedule %q: %w", source.Schedule, err)
	}
	return Plan{Schedule: spec.of(source.ID), pinned: source.Pinned}, nil
}

// Due is when a source is to be visited next, and why then.
type Due struct {
	At        time.Time
	Why       string
	notBefore time.Time // the publisher's own wish, which holds for an operator's request too
	wish      string    // why notBefore
}

// StoreIn makes it the due time of a source's state. It is kept to the millisecond, as the due index keeps it: where the two
// differ the source was moved after the visit.
func (d Due) StoreIn(state *newswire.State) {
	state.Due, state.Why, state.NotBefore, state.Wish = d.At.Truncate(time.Millisecond), d.Why, d.notBefore, d.wish
}

// Delay moves the due time to when a domain may be visited, if that is later.
func (d *Due) Delay(busy *BusyError) { d.delay(busy.Until, busy.Why) }

// delay moves the due time to a later one.
func (d *Due) delay(t time.Time, why string) {
	if t.After(d.At) {
		d.At, d.Why = t, why
	}
}

// ask moves the due time to where the publisher asks for it, if that is later.
func (d *Due) ask(t, now time.Time, why string) {
	if limit := now.Add(MaxWish); t.After(limit) {
		t = limit
	}
	if t.After(d.notBefore) {
		d.notBefore, d.wish = t, why
	}
	d.delay(t, why)
}

// bySchedule is the due time that the operator wants.
func (p *Plan) bySchedule(now time.Time) Due { return Due{At: p.Next(now), Why: "schedule " + p.text} }

// AfterPause is the next due time of a source whose visits go on after a pause: by the schedule since its last visit, and no
// sooner than its publisher wished then.
func (p *Plan) AfterPause(state *newswire.State) Due {
	d := p.bySchedule(state.Health.LastVisit)
	d.notBefore, d.wish = state.NotBefore, state.Wish
	d.delay(state.NotBefore, state.Wish)
	return d
}

// AfterSuccess is the next due time after a 200, 226 or 304: no sooner than the largest of the operator's schedule and
// what the answer and the document ask for, and later still for a source that seldom changes.
func (p *Plan) AfterSuccess(now time.Time, header http.Header, state *newswire.State) Due {
	d := p.bySchedule(now)
	p.slow(&d, now, state)
	p.trust(&d, now, state)
	c := state.Cadence
	if fresh, why := freshness(header, now); fresh > 0 {
		d.ask(now.Add(fresh), now, why)
	}
	if c.TTL > 0 {
		d.ask(now.Add(c.TTL), now, fmt.Sprintf("ttl of %d minutes", int(c.TTL.Minutes())))
	}
	if c.Period > 0 {
		d.ask(now.Add(c.Period), now, fmt.Sprintf("sy:updatePeriod, every %v", c.Period))
	}
	p.skip(&d, now, c)
	return d
}

// Failure is a visit that brought nothing.
type Failure struct {
	At     time.Time
	Answer *fetch.Answer   // nil where the publisher did not answer
	State  *newswire.State // whose Health.Failures counts this one

	// Jitter picks a backoff in [0, d).
	Jitter func(d time.Duration) time.Duration
}

// AfterFailure is the next due time after a failure.
func (p *Plan) AfterFailure(f Failure) Due {
	d, failures := p.bySchedule(f.At), f.State.Health.Failures
	if f.Answer != nil && f.Answer.Status == http.StatusNotFound {
		// Daily for a week, then weekly: a feed that is gone seldom comes back, but some do.
		pause, word := 24*time.Hour, "daily"
		if failures > 7 {
			pause, word = 7*24*time.Hour, "weekly"
		}
		d.delay(f.At.Add(pause), "404 Not Found, slowed to "+word)
	} else {
		backoff := min(backoffUnit<<min(failures, 16), maxBackoff)
		d.delay(f.At.Add(f.Jitter(backoff)), ordinal(failures)+" failure in a row, backing off")
	}
	if f.Answer != nil {
		if t, ok := retryAfter(f.Answer.Header, f.At); ok {
			d.ask(t, f.At, "Retry-After until "+t.Format(time.RFC3339))
		}
	}
	p.skip(&d, f.At, f.State.Cadence)
	return d
}

// AfterBusy is the next due time after a visit whose redirect led to a domain that may not be visited now.
func (p *Plan) AfterBusy(now time.Time, busy *BusyError, state *newswire.State) Due {
	d := p.bySchedule(now)
	d.Delay(busy)
	p.skip(&d, now, state.Cadence)
	return d
}

// Sources that rarely change are visited more rarely: after an eighth of the time that they take to change, or have been
// silent for, but at least once in maxSlow. An article is then late by a sixteenth of that time on average.
const (
	slowPart = 8
	maxSlow  = 24 * time.Hour
)

// slow delays the visit to a source that rarely changes, unless the operator gave it a schedule of its own.
func (p *Plan) slow(d *Due, now time.Time, state *newswire.State) {
	changed := state.Health.LastChange
	if p.pinned || changed.IsZero() {
		return
	}
	pause, limit := max(now.Sub(changed), state.Rhythm)/slowPart, now.Add(maxSlow)
	at := p.From(now.Add(min(pause, maxSlow)))
	if at.After(limit) {
		at = p.From(limit.Add(-p.gap))
	}
	if at.After(d.At) {
		d.delay(at, "slowed down: last change on "+changed.Format(time.DateOnly))
	}
}

// SafetyPoll is the time between two visits to a source whose hub tells what is new: whether it tells all of it.
const SafetyPoll = 24 * time.Hour

// trust delays the visit to a source whose hub tells what is new, unless the operator gave it a schedule of its own, or
// something waits to be read.
func (p *Plan) trust(d *Due, now time.Time, state *newswire.State) {
	if p.pinned || !state.Push.Works(now) || len(state.Unread) > 0 {
		return
	}
	d.delay(p.From(now.Add(SafetyPoll-p.gap/2)), "push by "+hostOf(state.Push.Hub)+", visited once a day to be safe")
}

// hostOf is the host of an address, for people.
func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return address
}

// Rhythm is the smoothed time between two changes, after one that came so long after the one before.
func Rhythm(smoothed, latest time.Duration) time.Duration {
	if smoothed == 0 {
		return latest
	}
	return smoothed + (latest-smoothed)/4
}

// presumed is when a source would be visited again if this visit were cut off: after as long as the last time, for the
// publisher is presumed to wish the same again.
func (p *Plan) presumed(now time.Time, state *newswire.State) time.Time {
	d := p.bySchedule(now)
	if !state.Due.IsZero() {
		d.delay(now.Add(state.NextVisit().Sub(state.Health.LastVisit)), "")
	}
	p.skip(&d, now, state.Cadence)
	return d.At
}

// skip moves the due time out of the hours and days that the publisher keeps free. It is not moved to the stroke of
// the hour, where every visitor's would be, but behind it by the source's phase. A publisher that keeps all of them free
// means to be visited once a day.
func (p *Plan) skip(d *Due, now time.Time, c newswire.Cadence) {
	if skipsAll(c) {
		d.ask(now.Add(24*time.Hour), now, "skipHours or skipDays name all there are, which means once a day")
	}
	if t := admitted(c, d.At); !t.Equal(d.At) {
		t = t.Add(p.phase)
		d.At, d.Why = t, skipWhy(t)
	}
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
