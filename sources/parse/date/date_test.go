package date_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire/sources/parse/date"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Skipf("left out: the time zone database does not have %s: %v", name, err)
	}
	return loc
}

// dates are forms of dates, each with the zone of its source, where one is set, and the time that it means.
var dates = []struct{ in, zone, want string }{
	{"Mon, 02 Mar 2026 10:30:00 GMT", "", "2026-03-02T10:30:00Z"},
	{"Mon, 02 Mar 2026 10:30:00 +0800", "", "2026-03-02T02:30:00Z"},
	{"Mon, 2 Mar 2026 10:30 -0330", "", "2026-03-02T14:00:00Z"},
	{"02 Mar 26 10:30:00 Z", "", "2026-03-02T10:30:00Z"},
	{"2 Mar 1999 10:30:00 UT", "", "1999-03-02T10:30:00Z"},
	{"Mon,02 March 2026 10:30:00 EST", "", "2026-03-02T15:30:00Z"},
	{"Thurs, 02 Jul 2026 10:30:00 EDT", "", "2026-07-02T14:30:00Z"},
	{"Thu, 02 Jul 2026 10:30:00 ET", "", "2026-07-02T14:30:00Z"},
	{"Fri, 02 Jan 2026 10:30:00 PT", "", "2026-01-02T18:30:00Z"},
	{"Fri, 02 Jan 2026 10:30:00 AEDT", "", "2026-01-01T23:30:00Z"},
	{"Fri, 02 Jan 2026 10:30:00 +0800 (CST)", "", "2026-01-02T02:30:00Z"},
	{"Fri, 02 Jan 2026 10:30:00 GMT+0200 (Eastern European Time)", "", "2026-01-02T08:30:00Z"},
	{"Fri, 02 Jan 2026 10:30:00 UTC+8", "", "2026-01-02T02:30:00Z"},
	{"Fri, 02 Jan 2026 10:30:00 America/New_York", "", "2026-01-02T15:30:00Z"},
	{"Fri Jan  2 10:30:00 2026", "", "2026-01-02T10:30:00Z"},
	{"Fri Jan 02 10:30:00 PST 2026", "", "2026-01-02T18:30:00Z"},
	{"Fri Jan 02 10:30:00 +0100 2026", "", "2026-01-02T09:30:00Z"},
	{"January 2, 2026", "", "2026-01-02T00:00:00Z"},
	{"January 2nd, 2026 at 3:05 PM CET", "", "2026-01-02T14:05:00Z"},
	{"02-Jan-2026 12:15:00 AM", "", "2026-01-02T00:15:00Z"},
	{"Friday, 02-Jan-26 10:30:00 GMT", "", "2026-01-02T10:30:00Z"},
	{"Mon, 02 Mar 2026 10:30:00GMT", "", "2026-03-02T10:30:00Z"},
	{"Mon, 02 Mar 2026 10:30:00+0100", "", "2026-03-02T09:30:00Z"},
	{"Mon, 02 Mar 2026 10:30:00-03:30", "", "2026-03-02T14:00:00Z"},
	{"Mon, 02 Mar 2026 10:30:00 CEST+0200", "", "2026-03-02T08:30:00Z"},
	{"Mon Mar 02 2026 10:30:00 GMT+0100 (Central European Standard Time)", "", "2026-03-02T09:30:00Z"},
	{"Sat, 28 Feb 2026 24:00:00 GMT", "", "2026-03-01T00:00:00Z"},
	{"Wed, 31 Dec 2008 23:59:60 GMT", "", "2009-01-01T00:00:00Z"},

	{"2026-03-02T10:30:00Z", "", "2026-03-02T10:30:00Z"},
	{"2026-03-02t10:30:00.123456789z", "", "2026-03-02T10:30:00.123Z"},
	{"2026-03-02T10:30:00+08:00", "", "2026-03-02T02:30:00Z"},
	{"2026-03-02T10:30:00+0800", "", "2026-03-02T02:30:00Z"},
	{"2026-03-02T10:30:00-08", "", "2026-03-02T18:30:00Z"},
	{"2018-01-06T08:00", "", "2018-01-06T08:00:00Z"},
	{"2026-03-02 10:30:00 +0100", "", "2026-03-02T09:30:00Z"},
	{"2026-03-02 10:30:00 UTC", "", "2026-03-02T10:30:00Z"},
	{"2026-03-02 10:30:00 +0000 UTC", "", "2026-03-02T10:30:00Z"},
	{"2026/03/02 10:30", "", "2026-03-02T10:30:00Z"},
	{"20260302T103000Z", "", "2026-03-02T10:30:00Z"},
	{"20260302", "", "2026-03-02T00:00:00Z"},
	{"2026-03", "", "2026-03-01T00:00:00Z"},
	{"2026", "", "2026-01-01T00:00:00Z"},
	{"2026-3-10 9:5:3", "", "2026-03-10T09:05:03Z"},
	{"2026-3-10 10:30", "", "2026-03-10T10:30:00Z"},
	{"2026-03-02+08:00", "", "2026-03-01T16:00:00Z"},
	{"2026-03-02T10:30:00.5+02:00[Europe/Paris]", "", "2026-03-02T08:30:00.5Z"},
	{"2026-03-02T10:30:00−01:00", "", "2026-03-02T11:30:00Z"},
	{"2026. 3. 2.", "", "2026-03-02T00:00:00Z"},
	{"2026. 3. 2. 오후 3:05", "", "2026-03-02T15:05:00Z"},

	{"2026-03-02 10:30:00", "Asia/Shanghai", "2026-03-02T02:30:00Z"},
	{"2026-03-02", "Asia/Shanghai", "2026-03-01T16:00:00Z"},
	{"Mon, 02 Mar 2026 10:30:00", "Asia/Shanghai", "2026-03-02T02:30:00Z"},
	{"Mon, 02 Mar 2026 10:30:00 CST", "Asia/Shanghai", "2026-03-02T02:30:00Z"},
	{"Mon, 02 Mar 2026 10:30:00 CST", "", "2026-03-02T16:30:00Z"},
	{"Thu, 02 Jul 2026 10:30:00 IST", "Europe/Dublin", "2026-07-02T09:30:00Z"},
	{"2026年3月2日 10:30", "Asia/Shanghai", "2026-03-02T02:30:00Z"},
	{"2026年3月2日 下午3:05", "Asia/Shanghai", "2026-03-02T07:05:00Z"},
	{"2026년 3월 2일 오후 3:05", "", "2026-03-02T15:05:00Z"},

	{"02.03.2026 10:30", "", "2026-03-02T10:30:00Z"},
	{"2.3.2026, 10:30:00 MEZ", "", "2026-03-02T09:30:00Z"},
	{"02.03.2026", "", "2026-03-02T00:00:00Z"},
	{"2. März 2026 10:30", "", "2026-03-02T10:30:00Z"},
	{"lun., 2 févr. 2026 10:30:00 +0100", "", "2026-02-02T09:30:00Z"},
	{"mar., 3 févr. 2026 10:30:00 +0100", "", "2026-02-03T09:30:00Z"},
	{"Mar, 03 Nov 2026 10:30:00 GMT", "", "2026-11-03T10:30:00Z"},
	{"mar. 3 mars 2026", "", "2026-03-03T00:00:00Z"},
	{"Mar 3, 2026 10:30", "", "2026-03-03T10:30:00Z"},
	{"Пн, 02 мар 2026 10:30:00 +0300", "", "2026-03-02T07:30:00Z"},
	{"Δευ, 2 Μαρ 2026 10:30:00 +0200", "", "2026-03-02T08:30:00Z"},
	{"2 de marzo de 2026", "", "2026-03-02T00:00:00Z"},
	{"Po, 02 bře 2026 10:30:00 +0100", "", "2026-03-02T09:30:00Z"},
	{"02 desember 2026", "", "2026-12-02T00:00:00Z"},

	{"1767349800", "", "2026-01-02T10:30:00Z"},
	{"1767349800123", "", "2026-01-02T10:30:00.123Z"},
}

func TestDatesAreReadInEveryForm(t *testing.T) {
	for _, tt := range dates {
		var loc *time.Location
		if tt.zone != "" {
			loc = zone(t, tt.zone)
		}
		got, err := date.Parse(tt.in, loc)
		if err != nil || got.Format(time.RFC3339Nano) != tt.want {
			t.Errorf("Parse(%q, %v) = %v, %v; want %s", tt.in, tt.zone, got.Format(time.RFC3339Nano), err, tt.want)
		}
	}
}

func TestWhatIsNoDateIsNotGuessed(t *testing.T) {
	for _, in := range []string{
		"yesterday", "Mon, 30 Feb 2026 10:30:00 GMT", "2026-13-01", "2026-02-30T10:00:00Z", "2026-03-02T25:00:00Z",
		"Mon, 02 Mar 2026 10:61:00 GMT", "03/04/2026", "2026-3 -10", "Mon, 02 Mar 2026 10:30:00 XYZT", "2026-03-02T10:30:00 QQQ",
		"05 lip 2026", "05 srp 2026", // June or July, July or August: in Croatian, and in Polish or Czech
		"Mon, 02 Mar 2026 10:30:00 +9900", "10:30", "Wed, 30 Nov -0001 00:00:00 +0000", "0000-00-00 00:00:00",
		"Mon, 02 Mar 2026 10:30:00 ../../etc/passwd", strings.Repeat("2026 ", 1000),
	} {
		if got, err := date.Parse(in, nil); err == nil || !errors.Is(err, date.ErrNotDate) {
			t.Errorf("Parse(%.60q) = %v, %v; want %v", in, got, err, date.ErrNotDate)
		}
	}
}

func TestDatesThatSoftwareMakesUpAreNone(t *testing.T) {
	for _, in := range []string{"0001-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 +0000"} {
		if got, err := date.Parse(in, nil); err != nil || !got.IsZero() {
			t.Errorf("Parse(%q) = %v, %v; want none, without an error", in, got, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"Mon, 02 Mar 2026 10:30:00 GMT", "2026-03-02T10:30:00+08:00", "January 2nd, 2026 at 3:05 PM CET",
		"2026年3月2日 下午3:05", "1767349800123", "20260302T103000Z", "02-Jan-26 Asia/Tokyo", "2026-03-02 pm 24:00",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, err := date.Parse(s, time.FixedZone("", 8*3600))
		if err != nil {
			if !at.IsZero() || !errors.Is(err, date.ErrNotDate) {
				t.Errorf("Parse(%q) = %v, %v", s, at, err)
			}
			return
		}
		if at.Location() != time.UTC || at.Nanosecond()%1e6 != 0 {
			t.Errorf("time %v is not in UTC and whole milliseconds", at)
		}
		if again, err := date.Parse(at.Format(time.RFC3339Nano), nil); err != nil || !again.Equal(at) {
			t.Errorf("Parse(%q) = %v, which reads as %v, %v", s, at, again, err)
		}
	})
}
