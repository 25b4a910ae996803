package pace

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/newswire/newswire"
)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// schedule is that of a source with a spec.
func schedule(spec, id string, location *time.Location) (Schedule, error) {
	s, err := new(Specs).Parse(spec, location)
	if err != nil {
		return Schedule{}, err
	}
	return s.of(id), nil
}

func TestSchedulesThatCannotBeReadSayWhy(t *testing.T) {
	tests := []struct{ spec, want string }{
		{"CRON_TZ=UTC", "time zone alone"},
		{"0 0 30 2 *", "never comes due"},
		{"", "not a cron spec"},
		{"every hour", "not a cron spec"},
		{"61 * * * *", "not a cron spec"},
		{"@every soon", "not a cron spec"},
		{"CRON_TZ=Nowhere/City 0 * * * *", "not a cron spec"},
		{"* * * * * *", "not a cron spec"},
	}
	for _, tt := range tests {
		if _, err := schedule(tt.spec, "x", nil); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Parse(%q): error %v, want one with %q", tt.spec, err, tt.want)
		}
	}
}

// A config of a hundred thousand sources has few specs, and to read one takes a tenth of a millisecond.
func TestSourcesWithOneSpecShareIt(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	var specs Specs
	plan := func(id, spec string, zone *time.Location) Plan {
		t.Helper()
		p, err := specs.Plan(&newswire.Source{ID: id, Schedule: spec, Timezone: zone})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	a, b := plan("a", "0 6 * * *", nil), plan("b", "0 6 * * *", time.UTC)
	if a.Spec != b.Spec {
		t.Error("two sources with one spec have one each")
	}
	if a.phase == b.phase {
		t.Error("two sources with one spec have the same phase")
	}
	for _, other := range []Plan{plan("c", "0 7 * * *", nil), plan("d", "0 6 * * *", shanghai)} {
		if other.Spec == a.Spec {
			t.Errorf("%q in %v is taken for %q in UTC", other.text, other.location, a.text)
		}
	}
	for range 2 {
		if _, err := specs.Parse("61 * * * *", nil); err == nil {
			t.Error("a wrong spec is well")
		}
	}
}

func TestALeapDayIsASchedule(t *testing.T) {
	s, err := schedule("0 12 29 2 *", "x", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Next(at(t, "2025-01-01T00:00:00Z")); got.Format("2006-01-02") != "2028-02-29" {
		t.Errorf("next is %v, want 2028-02-29", got)
	}
}

func TestSchedulesAreReadInTheSourcesZone(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		spec string
		zone *time.Location
		want string // hour in UTC
	}{
		{"0 6 * * *", time.UTC, "06"},
		{"0 6 * * *", shanghai, "22"},
		{"CRON_TZ=America/New_York 0 6 * * *", shanghai, "11"},
	} {
		s, err := schedule(tt.spec, "x", tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Next(at(t, "2026-01-10T12:30:00Z")); got.Format("15") != tt.want || got.Location() != time.UTC {
			t.Errorf("%q in %v: next is %v, want hour %s in UTC", tt.spec, tt.zone, got, tt.want)
		}
	}
}

func TestSourcesOnOneScheduleSpreadOut(t *testing.T) {
	now := at(t, "2026-01-10T12:30:00Z")
	for _, spec := range []string{"0 * * * *", "@every 1h", "*/5 * * * *"} {
		seen := map[time.Time]bool{}
		for i := range 100 {
			s, err := schedule(spec, "source-"+string(rune('a'+i%26))+string(rune('a'+i/26)), nil)
			if err != nil {
				t.Fatal(err)
			}
			seen[s.Next(now)] = true
			again, _ := schedule(spec, "source-"+string(rune('a'+i%26))+string(rune('a'+i/26)), nil)
			if !again.Next(now).Equal(s.Next(now)) {
				t.Fatal("the phase of a source is not its own")
			}
		}
		if len(seen) < 60 {
			t.Errorf("%s: 100 sources come due at %d times, want them spread", spec, len(seen))
		}
	}
}

// An interval is kept: after a visit at its due time the next is one interval later; after any other moment, such as a
// first visit, it is between half and one and a half.
func TestEveryKeepsItsInterval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		every := time.Duration(rapid.IntRange(1, 7*24*3600).Draw(t, "seconds")) * time.Second
		s, err := schedule("@every "+every.String(), rapid.StringMatching("[a-z]{1,8}").Draw(t, "id"), nil)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "now"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
		first := s.Next(now)
		if gap := first.Sub(now); gap < every/2 || gap >= every+every/2+time.Second {
			t.Fatalf("every %v: %v after an arbitrary moment", every, gap)
		}
		if second := s.Next(first); second.Sub(first) != every {
			t.Fatalf("every %v: %v after a due time", every, second.Sub(first))
		}
		late := first.Add(every / 4)
		if third := s.Next(late); third.Sub(first) != every {
			t.Fatalf("every %v: a visit that is late by a quarter moves the next to %v", every, third.Sub(first))
		}
	})
}

func TestCronKeepsItsInterval(t *testing.T) {
	s, err := schedule("*/15 * * * *", "x", nil)
	if err != nil {
		t.Fatal(err)
	}
	now := s.Next(at(t, "2026-01-10T12:30:00Z"))
	for range 200 {
		next := s.Next(now)
		if next.Sub(now) != 15*time.Minute {
			t.Fatalf("after %v comes %v", now, next)
		}
		now = next
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"*/15 * * * *", "@every 1h", "@daily", "CRON_TZ=UTC", "0 0 30 2 *", "TZ=", "@every -1s"} {
		f.Add(s)
	}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, spec string) {
		s, err := schedule(spec, "x", nil)
		if err != nil {
			return
		}
		if next := s.Next(now); !next.After(now) {
			t.Errorf("Parse(%q): next is %v, which is not after %v", spec, next, now)
		}
	})
}
