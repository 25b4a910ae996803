package sources

import (
	"testing"
	"time"

	"github.com/newswire/newswire"
)

// onSchedule is a source with a schedule.
func onSchedule(t *testing.T, spec string) *scheduled {
	t.Helper()
	c, err := NewCatalog([]newswire.Source{{ID: "x", URL: "https://a.example/feed", Schedule: spec}}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c.source("x")
}

func TestAPermanentRedirectIsBelievedSlowly(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	s := onSchedule(t, "@hourly")
	const to, other = "https://b.example/feed", "https://b.example/other"
	tests := []struct {
		name      string
		sightings []string // a target an interval; what is at other is another feed
		interval  time.Duration
		want      string
	}{
		{"two sightings", []string{to, to}, 24 * time.Hour, s.URL},
		{"three within a day", []string{to, to, to}, time.Hour, s.URL},
		{"three over a day", []string{to, to, to}, 12 * time.Hour, to},
		{"one that flips", []string{to, "https://c.example/", to, to}, 12 * time.Hour, s.URL},
		{"one that stops", []string{to, to, "", to}, 24 * time.Hour, s.URL},
		{"to another feed", []string{other, other, other, other}, 24 * time.Hour, s.URL},
		{"to the same feed by way of another", []string{other, other, to, to, to}, 12 * time.Hour, to},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			state := newswire.State{}
			for i, target := range tt.sightings {
				// From the second sighting on the feed is known by what the first one brought.
				same := target != other || i > 0
				state.Moved = sighted(state.Moved, target, same, now.Add(time.Duration(i)*tt.interval))
			}
			if got := address(s, &state); got != tt.want {
				t.Errorf("visits go to %s, want %s", got, tt.want)
			}
		})
	}
}

func TestAMoveThatDisappointsIsForgotten(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	watched := newswire.Move{To: "https://b.example/feed", Sightings: 2, Since: now, Last: now.Add(24 * time.Hour)}
	trusted := newswire.Move{To: "https://b.example/feed", Sightings: 3, Since: now, Last: now.Add(24 * time.Hour)}
	tests := []struct {
		name     string
		move     newswire.Move
		status   int
		failures int
		kept     bool
	}{
		{"watched, and the operator's address fails", watched, 500, 1, true},
		{"believed, and it fails once", trusted, 500, 1, true},
		{"believed, and it fails again and again", trusted, 0, 3, false},
		{"believed, and it is not there", trusted, 404, 1, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := disappointed(tt.move, tt.status, tt.failures); (got == tt.move) != tt.kept {
				t.Errorf("left of %+v: %+v; kept should be %v", tt.move, got, tt.kept)
			}
		})
	}
}
