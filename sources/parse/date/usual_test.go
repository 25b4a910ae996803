package date

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// checkUsualForm holds a date that was read in a usual form to what readDate makes of it.
func checkUsualForm(t *testing.T, s string) (usual bool) {
	t.Helper()
	got, ok := inUsualForm(s)
	if !ok {
		return false
	}
	want, err := readDate(strings.ToLower(s), time.UTC)
	if err != nil || !got.Equal(want) {
		t.Errorf("%q in a usual form: %v; want %v, %v", s, got, want, err)
	}
	return true
}

func TestAUsualFormMeansWhatItMeansAmongAllForms(t *testing.T) {
	usual := 0
	for month := range 12 {
		for day := range 31 {
			for _, zone := range []int{0, 2, -3*60 - 30, 14 * 60, -12 * 60, 15 * 60, -15*60 - 1, 23*60 + 59} {
				at := time.Date(2026, time.Month(month+1), day+1, day%24, day, 2*day%60, 0, time.FixedZone("", zone*60))
				for _, s := range []string{at.Format(time.RFC1123Z), at.Format(time.RFC3339), strings.ToUpper(at.Format(time.RFC1123Z))} {
					if checkUsualForm(t, s) {
						usual++
					}
				}
			}
		}
	}
	if usual < 12*31*3*5 {
		t.Errorf("%d dates are in a usual form; want nearly all", usual)
	}
}

func FuzzUsualForm(f *testing.F) {
	for _, s := range []string{
		"Tue, 02 Mar 2026 10:30:00 +0800", "Mar, 02 Mar 2026 10:30:00 +0800", "Sun, 29 Feb 2026 10:30:60 -0000", "Mon, 02 Mar 0001 24:00:00 +9999",
		"2026-03-02T10:30:00Z", "2026-03-02T1:30:00.00000Z", "2026-03-02T10:30:00+08:00", "2026-03-02T10:30:00,00000Z", "0000-01-01T00:00:00-15:01", "Tue, 01 Jul 0000 00:00:00 +0000",
	} {
		f.Add(s)
	}
	for _, day := range []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"} {
		for month := time.January; month <= time.December; month++ {
			f.Add(fmt.Sprintf("%s, 02 %.3s 2026 10:30:00 +0130", day, month))
		}
	}
	f.Fuzz(func(t *testing.T, s string) { checkUsualForm(t, s) })
}
