package newswire_test

import (
	"slices"
	"testing"
	"time"

	"github.com/newswire/newswire"
)

func TestDaysCountTheLastThirty(t *testing.T) {
	first := time.Date(2026, 11, 1, 23, 59, 0, 0, time.UTC)
	var d newswire.Days
	want := map[int]newswire.Day{}
	for _, add := range []struct {
		day int
		newswire.Day
	}{
		{0, newswire.Day{Visits: 1, Articles: 20}},
		{0, newswire.Day{Visits: 1, Failures: 1}},
		{3, newswire.Day{Visits: 300}},
		{2, newswire.Day{Visits: 1}}, // a clock that went back
		{31, newswire.Day{Articles: 70_000}},
		{1, newswire.Day{Visits: 1}}, // too long ago
	} {
		d = d.Add(first.AddDate(0, 0, add.day), add.Day)
		sum := want[add.day]
		want[add.day] = newswire.Day{Visits: sum.Visits + add.Visits, Failures: sum.Failures + add.Failures, Articles: sum.Articles + add.Articles}
	}
	for _, until := range []int{31, 32, 70, 0} {
		got := d.Last(first.AddDate(0, 0, until))
		if len(got) != newswire.DaysKept {
			t.Fatalf("%d days, want %d", len(got), newswire.DaysKept)
		}
		for i, day := range got {
			n := until - newswire.DaysKept + 1 + i
			expected := want[n]
			if n < 2 || n > 31 {
				expected = newswire.Day{}
			}
			if day != expected {
				t.Errorf("until day %d, day %d is %+v, want %+v", until, n, day, expected)
			}
		}
	}
	if len(d) > 200 {
		t.Errorf("%d bytes: %s", len(d), d)
	}
}

func TestDaysThatCannotBeReadAreNone(t *testing.T) {
	for _, d := range []newswire.Days{"", "?", "1 2 3", "1 2 3 4", "x 1 2 3 AA", "0 0 0 0 ?", "99999999999999999999 1 1 1 ", "0 0 0 0 gICAgICAgICAgIABAQ"} {
		if got := d.Last(time.Unix(0, 0)); slices.ContainsFunc(got, func(day newswire.Day) bool { return day != newswire.Day{} }) {
			t.Errorf("%q: %v", d, got)
		}
		if got := d.Add(time.Unix(0, 0), newswire.Day{Visits: 2}).Last(time.Unix(0, 0)); got[newswire.DaysKept-1].Visits != 2 {
			t.Errorf("%q and two visits: %v", d, got)
		}
	}
}

func FuzzDays(f *testing.F) {
	f.Add("20000 1 2 3 AAEC", int64(20000*24*60*60))
	f.Fuzz(func(t *testing.T, d string, at int64) {
		when := time.Unix(at%(1<<40), 0)
		if got := newswire.Days(d).Add(when, newswire.Day{Visits: 1}).Last(when); len(got) != newswire.DaysKept {
			t.Errorf("%d days", len(got))
		}
	})
}

func BenchmarkDays(b *testing.B) {
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	var d newswire.Days
	for i := range newswire.DaysKept {
		d = d.Add(at.AddDate(0, 0, i), newswire.Day{Visits: 288, Articles: 40})
	}
	b.ReportAllocs()
	for b.Loop() {
		d = d.Add(at.AddDate(0, 0, newswire.DaysKept-1), newswire.Day{Visits: 1})
	}
	b.ReportMetric(float64(len(d)), "bytes")
}
