package parse_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire/sources/parse"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Skipf("left out: the time zone database does not have %s: %v", name, err)
	}
	return loc
}

func TestDatesAreReadInEveryForm(t *testing.T) {
	shanghai := zone(t, "Asia/Shanghai")
	dublin := zone(t, "Europe/Dublin")
	for _, tt := range []struct {
		in   string
		loc  *time.Location
		want string
	}{
		{"Mon, 02 Mar 2026 10:30:00 GMT", nil, "2026-03-02T10:30:00Z"},
		{"Mon, 02 Mar 2026 10:30:00 +0800", nil, "2026-03-02T02:30:00Z"},
		{"Mon, 2 Mar 2026 10:30 -0330", nil, "2026-03-02T14:00:00Z"},
		{"02 Mar 26 10:30:00 Z", nil, "2026-03-02T10:30:00Z"},
		{"2 Mar 1999 10:30:00 UT", nil, "1999-03-02T10:30:00Z"},
		{"Mon,02 March 2026 10:30:00 EST", nil, "2026-03-02T15:30:00Z"},
		{"Thurs, 02 Jul 2026 10:30:00 EDT", nil, "2026-07-02T14:30:00Z"},
		{"Thu, 02 Jul 2026 10:30:00 ET", nil, "2026-07-02T14:30:00Z"},
		{"Fri, 02 Jan 2026 10:30:00 PT", nil, "2026-01-02T18:30:00Z"},
		{"Fri, 02 Jan 2026 10:30:00 AEDT", nil, "2026-01-01T23:30:00Z"},
		{"Fri, 02 Jan 2026 10:30:00 +0800 (CST)", nil, "2026-01-02T02:30:00Z"},
		{"Fri, 02 Jan 2026 10:30:00 GMT+0200 (Eastern European Time)", nil, "2026-01-02T08:30:00Z"},
		{"Fri, 02 Jan 2026 10:30:00 UTC+8", nil, "2026-01-02T02:30:00Z"},
		{"Fri, 02 Jan 2026 10:30:00 America/New_York", nil, "2026-01-02T15:30:00Z"},
		{"Fri Jan  2 10:30:00 2026", nil, "2026-01-02T10:30:00Z"},
		{"Fri Jan 02 10:30:00 PST 2026", nil, "2026-01-02T18:30:00Z"},
		{"Fri Jan 02 10:30:00 +0100 2026", nil, "2026-01-02T09:30:00Z"},
		{"January 2, 2026", nil, "2026-01-02T00:00:00Z"},
		{"January 2nd, 2026 at 3:05 PM CET", nil, "2026-01-02T14:05:00Z"},
		{"02-Jan-2026 12:15:00 AM", nil, "2026-01-02T00:15:00Z"},
		{"Friday, 02-Jan-26 10:30:00 GMT", nil, "2026-01-02T10:30:00Z"},
		{"Mon, 02 Mar 2026 10:30:00GMT", nil, "2026-03-02T10:30:00Z"},
		{"Mon, 02 Mar 2026 10:30:00+0100", nil, "2026-03-02T09:30:00Z"},
		{"Mon, 02 Mar 2026 10:30:00-03:30", nil, "2026-03-02T14:00:00Z"},
		{"Mon, 02 Mar 2026 10:30:00 CEST+0200", nil, "2026-03-02T08:30:00Z"},
		{"Mon Mar 02 2026 10:30:00 GMT+0100 (Central European Standard Time)", nil, "2026-03-02T09:30:00Z"},
		{"Sat, 28 Feb 2026 24:00:00 GMT", nil, "2026-03-01T00:00:00Z"},
		{"Wed, 31 Dec 2008 23:59:60 GMT", nil, "2009-01-01T00:00:00Z"},

		{"2026-03-02T10:30:00Z", nil, "2026-03-02T10:30:00Z"},
		{"2026-03-02t10:30:00.123456789z", nil, "2026-03-02T10:30:00.123Z"},
		{"2026-03-02T10:30:00+08:00", nil, "2026-03-02T02:30:00Z"},
		{"2026-03-02T10:30:00+0800", nil, "2026-03-02T02:30:00Z"},
		{"2026-03-02T10:30:00-08", nil, "2026-03-02T18:30:00Z"},
		{"2018-01-06T08:00", nil, "2018-01-06T08:00:00Z"},
		{"2026-03-02 10:30:00 +0100", nil, "2026-03-02T09:30:00Z"},
		{"2026-03-02 10:30:00 UTC", nil, "2026-03-02T10:30:00Z"},
		{"2026-03-02 10:30:00 +0000 UTC", nil, "2026-03-02T10:30:00Z"},
		{"2026/03/02 10:30", nil, "2026-03-02T10:30:00Z"},
		{"20260302T103000Z", nil, "2026-03-02T10:30:00Z"},
		{"20260302", nil, "2026-03-02T00:00:00Z"},
		{"2026-03", nil, "2026-03-01T00:00:00Z"},
		{"2026", nil, "2026-01-01T00:00:00Z"},
		{"2026-3-10 9:5:3", nil, "2026-03-10T09:05:03Z"},
		{"2026-3-10 10:30", nil, "2026-03-10T10:30:00Z"},
		{"2026-03-02+08:00", nil, "2026-03-01T16:00:00Z"},
		{"2026-03-02T10:30:00.5+02:00[Europe/Paris]", nil, "2026-03-02T08:30:00.5Z"},
		{"2026-03-02T10:30:00−01:00", nil, "2026-03-02T11:30:00Z"},
		{"2026. 3. 2.", nil, "2026-03-02T00:00:00Z"},
		{"2026. 3. 2. 오후 3:05", nil, "2026-03-02T15:05:00Z"},

		{"2026-03-02 10:30:00", shanghai, "2026-03-02T02:30:00Z"},
		{"2026-03-02", shanghai, "2026-03-01T16:00:00Z"},
		{"Mon, 02 Mar 2026 10:30:00", shanghai, "2026-03-02T02:30:00Z"},
		{"Mon, 02 Mar 2026 10:30:00 CST", shanghai, "2026-03-02T02:30:00Z"},
		{"Mon, 02 Mar 2026 10:30:00 CST", nil, "2026-03-02T16:30:00Z"},
		{"Thu, 02 Jul 2026 10:30:00 IST", dublin, "2026-07-02T09:30:00Z"},
		{"2026年3月2日 10:30", shanghai, "2026-03-02T02:30:00Z"},
		{"2026年3月2日 下午3:05", shanghai, "2026-03-02T07:05:00Z"},
		{"2026년 3월 2일 오후 3:05", nil, "2026-03-02T15:05:00Z"},

		{"02.03.2026 10:30", nil, "2026-03-02T10:30:00Z"},
		{"2.3.2026, 10:30:00 MEZ", nil, "2026-03-02T09:30:00Z"},
		{"02.03.2026", nil, "2026-03-02T00:00:00Z"},
		{"2. März 2026 10:30", nil, "2026-03-02T10:30:00Z"},
		{"lun., 2 févr. 2026 10:30:00 +0100", nil, "2026-02-02T09:30:00Z"},
		{"mar., 3 févr. 2026 10:30:00 +0100", nil, "2026-02-03T09:30:00Z"},
		{"Mar, 03 Nov 2026 10:30:00 GMT", nil, "2026-11-03T10:30:00Z"},
		{"mar. 3 mars 2026", nil, "2026-03-03T00:00:00Z"},
		{"Mar 3, 2026 10:30", nil, "2026-03-03T10:30:00Z"},
		{"Пн, 02 мар 2026 10:30:00 +0300", nil, "2026-03-02T07:30:00Z"},
		{"Δευ, 2 Μαρ 2026 10:30:00 +0200", nil, "2026-03-02T08:30:00Z"},
		{"2 de marzo de 2026", nil, "2026-03-02T00:00:00Z"},
		{"Po, 02 bře 2026 10:30:00 +0100", nil, "2026-03-02T09:30:00Z"},
		{"02 desember 2026", nil, "2026-12-02T00:00:00Z"},

		{"1767349800", nil, "2026-01-02T10:30:00Z"},
		{"1767349800123", nil, "2026-01-02T10:30:00.123Z"},
	} {
		got, err := parse.Date(tt.in, tt.loc)
		if err != nil || got.Format(time.RFC3339Nano) != tt.want {
			t.Errorf("Date(%q, %v) = %v, %v; want %s", tt.in, tt.loc, got.Format(time.RFC3339Nano), err, tt.want)
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
		if got, err := parse.Date(in, nil); err == nil || !errors.Is(err, parse.ErrNotDate) {
			t.Errorf("Date(%.60q) = %v, %v; want %v", in, got, err, parse.ErrNotDate)
		}
	}
}

func TestDatesThatSoftwareMakesUpAreNone(t *testing.T) {
	for _, in := range []string{"0001-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 +0000"} {
		if got, err := parse.Date(in, nil); err != nil || !got.IsZero() {
			t.Errorf("Date(%q) = %v, %v; want none, without an error", in, got, err)
		}
	}
}

func TestADateThatCannotBeReadIsNoted(t *testing.T) {
	doc := parsed(t, rss(`<item><title>t</title><pubDate>Mon, 02 Mar 2026 10:30:00 XYZT</pubDate></item>`))
	if !doc.Items[0].Published.IsZero() {
		t.Errorf("published %v, want no date", doc.Items[0].Published)
	}
	if len(doc.Repairs) != 1 || !strings.Contains(doc.Repairs[0], "XYZT") {
		t.Errorf("repairs %q do not name the zone", doc.Repairs)
	}
}

func FuzzDate(f *testing.F) {
	for _, seed := range []string{
		"Mon, 02 Mar 2026 10:30:00 GMT", "2026-03-02T10:30:00+08:00", "January 2nd, 2026 at 3:05 PM CET",
		"2026年3月2日 下午3:05", "1767349800123", "20260302T103000Z", "02-Jan-26 Asia/Tokyo", "2026-03-02 pm 24:00",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, err := parse.Date(s, time.FixedZone("", 8*3600))
		if err != nil {
			if !at.IsZero() || !errors.Is(err, parse.ErrNotDate) {
				t.Errorf("Date(%q) = %v, %v", s, at, err)
			}
			return
		}
		checkTime(t, at)
		if again, err := parse.Date(at.Format(time.RFC3339Nano), nil); err != nil || !again.Equal(at) {
			t.Errorf("Date(%q) = %v, which reads as %v, %v", s, at, again, err)
		}
	})
}
