package pace

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Schedule says when an operator wants a source visited: by a [Spec], moved by a phase that is the source's own, so that a
// thousand sources on "0 * * * *" do not all set out on the stroke of the hour.
type Schedule struct {
	*Spec
	phase time.Duration
}

// Spec is a cron spec in a time zone. Sources that are visited by the same one share it.
type Spec struct {
	text     string // as the operator wrote it
	times    cron.Schedule
	every    time.Duration // of an "@every" spec; zero for all others
	gap      time.Duration // the least between two times; 24 h for longer ones
	location *time.Location
}

// maxPhase keeps a visit close to the time that the operator wrote.
const maxPhase = 15 * time.Minute

// Specs are the specs that were read so far. To read one again costs as much as to look up a hundred of its times. The zero
// value is ready to use, by one goroutine at a time.
type Specs struct{ read map[written]parsed }

// written is a spec as it stands in a config.
type written struct {
	text     string
	location *time.Location
}

// parsed is what became of it.
type parsed struct {
	spec *Spec
	err  error
}

// Parse reads a robfig/cron spec in standard form: five fields, a descriptor such as @daily, or @every and a duration;
// CRON_TZ=Zone may lead. Without a location it is in UTC.
func (s *Specs) Parse(text string, location *time.Location) (*Spec, error) {
	if location == nil {
		location = time.UTC
	}
	key := written{text, location}
	found, known := s.read[key]
	if !known {
		if s.read == nil {
			s.read = map[written]parsed{}
		}
		found.spec, found.err = parseSpec(text, location)
		s.read[key] = found
	}
	return found.spec, found.err
}

func parseSpec(text string, location *time.Location) (_ *Spec, err error) {
	defer func() {
		if r := recover(); r != nil { // cron v3.0.1 panics on "CRON_TZ=UTC" with nothing behind it
			err = errors.New("a time zone alone is no schedule")
		}
	}()
	times, err := cron.ParseStandard(strings.TrimSpace(text))
	if err != nil {
		return nil, fmt.Errorf("not a cron spec: %w", err)
	}
	s := &Spec{text: text, times: times, location: location}
	if d, ok := times.(cron.ConstantDelaySchedule); ok {
		s.every = d.Delay
	}
	s.gap, err = s.shortestGap()
	if err != nil {
		return nil, err
	}
	return s, nil
}

// of is the schedule of a source. The phase is a pure function of the source's ID.
func (s *Spec) of(sourceID string) Schedule {
	return Schedule{s, time.Duration(fraction(sourceID) * float64(min(s.gap, maxPhase))).Truncate(time.Second)}
}

// Next is the first time after t at which a visit is due, in UTC.
func (s *Schedule) Next(t time.Time) time.Time {
	if s.every > 0 {
		// Points on a grid rather than "so long after the last visit", so that lateness does not add up and the phase
		// holds; but never much sooner than the operator's interval.
		return s.grid(t.Add(s.every / 2))
	}
	// Times of the day are what the operator means here, but not one right behind a visit that came late.
	return s.From(t.Add(min(s.gap/2, maxPhase)))
}

// grid is the first point of an "@every" schedule that is not before t.
func (s *Schedule) grid(t time.Time) time.Time {
	at := t.Add(-s.phase).Truncate(s.every).Add(s.phase)
	if at.Before(t) {
		at = at.Add(s.every)
	}
	return at.UTC()
}

// From is the first of the schedule's times that is not before t, in UTC.
func (s *Schedule) From(t time.Time) time.Time {
	if s.every > 0 {
		return s.grid(t)
	}
	return s.times.Next(t.Add(-s.phase - time.Nanosecond).In(s.location)).Add(s.phase).UTC()
}

// shortestGap is the least time between two visits among the first of some years, or an error for a spec that never
// comes due, such as 30 February.
func (s *Spec) shortestGap() (time.Duration, error) {
	if s.every > 0 {
		return min(s.every, 24*time.Hour), nil
	}
	gap := 24 * time.Hour
	at := s.times.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, s.location))
	if at.IsZero() {
		return 0, errors.New("it never comes due")
	}
	for range 100 {
		next := s.times.Next(at)
		if next.IsZero() { // cron looks five years ahead, and a 29 February may be eight away
			break
		}
		gap, at = min(gap, next.Sub(at)), next
	}
	return gap, nil
}

// fraction maps a name to a number in [0, 1), evenly and for ever the same.
func fraction(name string) float64 {
	sum := sha256.Sum256([]byte(name))
	return float64(binary.BigEndian.Uint64(sum[:])>>11) / (1 << 53)
}
