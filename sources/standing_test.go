package sources

import (
	"testing"
	"time"

	"github.com/newswire/newswire"
)

func TestTheNextVisitIsWhatIsTrueNow(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	soon, tomorrow := now.Add(time.Hour), now.Add(24*time.Hour)
	s := onSchedule(t, "@hourly")
	visited := newswire.State{Configured: s.URL, Due: soon, Why: "max-age of 3600 s"}
	stopped := newswire.State{Configured: s.URL, Health: newswire.Health{Stopped: "410 Gone on 2026-03-01"}}
	moved := stopped
	moved.Configured = "https://a.example/old"
	closed := newswire.Domain{ClosedUntil: tomorrow, ClosedWhy: "429 Too Many Requests"}
	tests := []struct {
		name   string
		due    time.Time // in the index; zero for not there
		state  newswire.State
		domain newswire.Domain
		want   time.Time
		why    string
	}{
		{"as recorded", soon, visited, newswire.Domain{}, soon, "max-age of 3600 s"},
		{"closed until after that", soon, visited, closed, tomorrow, "a.example is held until 2026-03-05T12:00:00Z after 429 Too Many Requests"},
		{"put off until the domain opens", tomorrow, visited, closed, tomorrow, "a.example is held until 2026-03-05T12:00:00Z after 429 Too Many Requests"},
		{"closed once", soon, visited, newswire.Domain{ClosedUntil: now}, soon, "max-age of 3600 s"},
		{"claimed", tomorrow, visited, newswire.Domain{}, tomorrow, "it is being visited, or a visit was cut off"},
		{"asked for", now, visited, newswire.Domain{}, now, "the operator asked for it, or changed the schedule"},
		{"never visited", now, newswire.State{}, newswire.Domain{}, now, "first visit"},
		{"stopped", time.Time{}, stopped, newswire.Domain{}, time.Time{}, "410 Gone on 2026-03-01"},
		{"stopped, and ageing out", soon, stopped, newswire.Domain{}, time.Time{}, "410 Gone on 2026-03-01"},
		{"stopped, and the operator gave another address", time.Time{}, moved, newswire.Domain{}, time.Time{}, "it is new in the config: a running service or the next fetch visits it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			index := map[string]time.Time{}
			if !tt.due.IsZero() {
				index[s.ID] = tt.due
			}
			o := outlook{
				index: index, states: map[string]newswire.State{s.ID: tt.state}, domains: map[string]newswire.Domain{"a.example": tt.domain},
			}
			due, why := o.next(s)
			if !due.Equal(tt.want) || why != tt.why {
				t.Errorf("due %v, %q; want %v, %q", due, why, tt.want, tt.why)
			}
		})
	}
}

func TestAnOperatorMayAskSoonerThanTheScheduleOnly(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	soon, tomorrow := now.Add(time.Hour), now.Add(24*time.Hour)
	s := onSchedule(t, "@hourly")
	tests := []struct {
		name   string
		due    time.Time
		state  newswire.State
		domain newswire.Domain
		want   time.Time
		why    string
	}{
		{"by schedule", soon, newswire.State{Due: soon, Why: "schedule @hourly"}, newswire.Domain{}, now, ""},
		{"slowed down", tomorrow, newswire.State{Due: tomorrow, Why: "slowed down"}, newswire.Domain{}, now, ""},
		{"by the publisher's wish", tomorrow, newswire.State{Due: tomorrow, Why: "schedule", NotBefore: soon, Wish: "ttl of 60 minutes"}, newswire.Domain{}, soon, "ttl of 60 minutes"},
		{"in an hour to be skipped", soon, newswire.State{Due: soon, Cadence: newswire.Cadence{SkipHours: []int{12}}}, newswire.Domain{}, soon, "skipHours or skipDays until 2026-03-04T13:00:00Z"},
		{"at a closed domain", soon, newswire.State{Due: soon}, newswire.Domain{ClosedUntil: tomorrow, ClosedWhy: "429"}, tomorrow, "a.example is held until 2026-03-05T12:00:00Z after 429"},
		{"put off by a closed domain", tomorrow, newswire.State{Due: now}, newswire.Domain{ClosedUntil: tomorrow, ClosedWhy: "429"}, tomorrow, "a.example is held until 2026-03-05T12:00:00Z after 429"},
		{"under way", soon, newswire.State{Due: now}, newswire.Domain{}, soon, underWay},
		{"due anyway", now, newswire.State{Due: now, Why: "schedule @hourly"}, newswire.Domain{}, now, "schedule @hourly"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.state.Configured = s.URL
			o := outlook{
				index: map[string]time.Time{s.ID: tt.due}, states: map[string]newswire.State{s.ID: tt.state},
				domains: map[string]newswire.Domain{"a.example": tt.domain},
			}
			if at, why := o.soonest(s, now); !at.Equal(tt.want) || why != tt.why {
				t.Errorf("soonest %v, %q; want %v, %q", at, why, tt.want, tt.why)
			}
		})
	}
}
