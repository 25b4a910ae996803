package pace

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/fetch"
)

func planned(t *testing.T, spec string) *Plan {
	t.Helper()
	p, err := new(Specs).Plan(&newswire.Source{ID: "x", URL: "https://a.example/feed", Schedule: spec})
	if err != nil {
		t.Fatal(err)
	}
	return &p
}

func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func TestTheNextVisitIsNoSoonerThanThePublisherWishes(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC) // a Wednesday
	date := now.Format(http.TimeFormat)
	day := 24 * time.Hour
	tests := []struct {
		name    string
		header  http.Header
		cadence newswire.Cadence
		want    time.Duration // at least so long after now, and no more than one schedule interval (1 min) longer
		why     string
	}{
		{"nothing said", nil, newswire.Cadence{}, 0, "schedule @every 1m"},
		{"max-age", headers("Cache-Control", "public, max-age=1800"), newswire.Cadence{}, 30 * time.Minute, "max-age of 1800 s"},
		{"max-age in quotes", headers("Cache-Control", `max-age="1800"`), newswire.Cadence{}, 30 * time.Minute, "max-age of 1800 s"},
		{"max-age less Age", headers("Cache-Control", "max-age=1800", "Age", "600"), newswire.Cadence{}, 20 * time.Minute, "max-age of 1800 s"},
		{"Age beyond max-age", headers("Cache-Control", "max-age=100", "Age", "600"), newswire.Cadence{}, 0, "schedule"},
		{"max-age wins over Expires", headers("Cache-Control", "max-age=600", "Expires", now.Add(day).Format(http.TimeFormat)), newswire.Cadence{}, 10 * time.Minute, "max-age"},
		{"no-cache", headers("Cache-Control", "no-cache, max-age=1800"), newswire.Cadence{}, 0, "schedule"},
		{"Expires", headers("Expires", now.Add(2*time.Hour).Format(http.TimeFormat), "Date", date), newswire.Cadence{}, 2 * time.Hour, "Expires at"},
		{"Expires by the publisher's clock", headers("Expires", now.Add(3*time.Hour).Format(http.TimeFormat), "Date", now.Add(time.Hour).Format(http.TimeFormat)), newswire.Cadence{}, 2 * time.Hour, "Expires at"},
		{"Expires: 0", headers("Expires", "0"), newswire.Cadence{}, 0, "schedule"},
		{"ttl", nil, newswire.Cadence{TTL: 3 * time.Hour}, 3 * time.Hour, "ttl of 180 minutes"},
		{"sy:updatePeriod", nil, newswire.Cadence{Period: 12 * time.Hour}, 12 * time.Hour, "sy:updatePeriod"},
		{"the largest of all", headers("Cache-Control", "max-age=1800"), newswire.Cadence{TTL: time.Hour, Period: 2 * time.Hour}, 2 * time.Hour, "sy:"},
		{"more seconds than a number holds are a week", headers("Cache-Control", "max-age=99999999999999999999"), newswire.Cadence{}, 7 * day, "max-age"},
		{"a year is a week", headers("Cache-Control", "max-age=31536000"), newswire.Cadence{}, 7 * day, "max-age"},
		{"skipHours", nil, newswire.Cadence{SkipHours: []int{12, 13, 14}}, 3 * time.Hour, "skipHours"},
		{"skipDays", nil, newswire.Cadence{SkipDays: []time.Weekday{time.Wednesday, time.Thursday}}, 36 * time.Hour, "skipHours or skipDays"},
		{"every day is skipped: once a day", nil, newswire.Cadence{SkipDays: []time.Weekday{0, 1, 2, 3, 4, 5, 6}}, day, "skipHours or skipDays name all"},
		{"every hour is skipped: once a day", nil, newswire.Cadence{SkipHours: []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23}}, day, "skipHours or skipDays name all"},
		{"every hour is skipped, and more is asked", headers("Cache-Control", "max-age=172800"), newswire.Cadence{SkipDays: []time.Weekday{0, 1, 2, 3, 4, 5, 6}}, 2 * day, "max-age"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := planned(t, "@every 1m").AfterSuccess(now, tt.header, &newswire.State{Cadence: tt.cadence})
			if d := got.At.Sub(now); d < tt.want || d > tt.want+90*time.Second {
				t.Errorf("due in %v, want %v", d, tt.want)
			}
			if !strings.HasPrefix(got.Why, tt.why) {
				t.Errorf("why is %q, want %q", got.Why, tt.why)
			}
		})
	}
}

func TestTheScheduleHoldsWhereThePublisherAllowsMore(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	got := planned(t, "@daily").AfterSuccess(now, headers("Cache-Control", "max-age=60"), &newswire.State{})
	if got.At.Sub(now) < 12*time.Hour || got.Why != "schedule @daily" {
		t.Errorf("due %v, %q; want the next midnight by the schedule", got.At, got.Why)
	}
	if !got.notBefore.Equal(now.Add(time.Minute)) || got.wish != "max-age of 60 s" {
		t.Errorf("not before %v, %q; want a minute from now: an operator may ask sooner than the schedule", got.notBefore, got.wish)
	}
}

func TestSourcesThatRarelyChangeAreVisitedMoreRarely(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	tests := []struct {
		name     string
		schedule string
		pinned   bool
		silent   time.Duration // since the last change; 0 for no change ever
		rhythm   time.Duration
		want     time.Duration // at least, and at most one interval of the schedule more
		why      string
	}{
		{"never changed yet", "@every 1h", false, 0, 0, 30 * time.Minute, "schedule"},
		{"changes all the time", "@every 1h", false, time.Hour, time.Hour, 30 * time.Minute, "schedule"},
		{"silent for two days", "@every 1h", false, 2 * day, time.Hour, 6 * time.Hour, "slowed down: last change on 2026-03-02"},
		{"changes every other day", "@every 1h", false, time.Hour, 2 * day, 6 * time.Hour, "slowed down"},
		{"silent for a year", "@every 1h", false, 365 * day, day, 23 * time.Hour, "slowed down"},
		{"by cron", "*/15 * * * *", false, 2 * day, 0, 6 * time.Hour, "slowed down"},
		{"pinned", "@every 1h", true, 365 * day, day, 30 * time.Minute, "schedule"},
		{"on a schedule that is slower", "@every 72h", false, 365 * day, day, 36 * time.Hour, "schedule"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := planned(t, tt.schedule)
			p.pinned = tt.pinned
			state := &newswire.State{Rhythm: tt.rhythm}
			if tt.silent > 0 {
				state.Health.LastChange = now.Add(-tt.silent)
			}
			got := p.AfterSuccess(now, nil, state)
			interval := p.Next(p.Next(now)).Sub(p.Next(now))
			if d := got.At.Sub(now); d < tt.want || d > tt.want+interval || d > max(day, interval*3/2) {
				t.Errorf("due in %v, want %v and at most %v more", d, tt.want, interval)
			}
			if !strings.HasPrefix(got.Why, tt.why) {
				t.Errorf("why is %q, want %q", got.Why, tt.why)
			}
			if !got.At.Equal(p.From(got.At)) {
				t.Errorf("due at %v, which is not one of the schedule's times", got.At)
			}
			if !got.notBefore.IsZero() {
				t.Errorf("not before %v: this is no wish of the publisher's", got.notBefore)
			}
		})
	}
}

func TestRhythmFollowsSlowly(t *testing.T) {
	r := Rhythm(0, 8*time.Hour)
	if r != 8*time.Hour {
		t.Errorf("after one interval %v, want 8h", r)
	}
	if r = Rhythm(r, 24*time.Hour); r != 12*time.Hour {
		t.Errorf("after a long one %v, want 12h", r)
	}
	if r = Rhythm(r, 0); r != 9*time.Hour {
		t.Errorf("after a short one %v, want 9h", r)
	}
}

func TestFailuresBackOff(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	longest := func(d time.Duration) time.Duration { return d }
	p := planned(t, "@every 1m")
	tests := []struct {
		name     string
		answer   *fetch.Answer
		failures int
		want     time.Duration
		why      string
	}{
		{"first", nil, 1, 2 * time.Minute, "first failure"},
		{"third", nil, 3, 8 * time.Minute, "third failure"},
		{"100th", nil, 100, 24 * time.Hour, "100th failure"},
		{"404", &fetch.Answer{Status: 404}, 1, 24 * time.Hour, "404 Not Found, slowed to daily"},
		{"404 for more than a week", &fetch.Answer{Status: 404}, 8, 7 * 24 * time.Hour, "404 Not Found, slowed to weekly"},
		{"503 with seconds", &fetch.Answer{Status: 503, Header: headers("Retry-After", "7200")}, 1, 2 * time.Hour, "Retry-After until 2026-03-04T14:00:00Z"},
		{"429 with a date", &fetch.Answer{Status: 429, Header: headers("Retry-After", now.Add(5*time.Hour).Format(http.TimeFormat))}, 1, 5 * time.Hour, "Retry-After until 2026-03-04T17:00:00Z"},
		{"Retry-After of a year", &fetch.Answer{Status: 503, Header: headers("Retry-After", "31536000")}, 1, 7 * 24 * time.Hour, "Retry-After"},
		{"Retry-After of more seconds than a number holds", &fetch.Answer{Status: 503, Header: headers("Retry-After", "99999999999999999999")}, 1, 7 * 24 * time.Hour, "Retry-After"},
		{"Retry-After in the past", &fetch.Answer{Status: 503, Header: headers("Retry-After", "Mon, 01 Jan 2001 00:00:00 GMT")}, 1, 2 * time.Minute, "first failure"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			state := &newswire.State{Health: newswire.Health{Failures: tt.failures}}
			got := p.AfterFailure(Failure{At: now, Answer: tt.answer, State: state, Jitter: longest})
			if d := got.At.Sub(now); d < tt.want || d > tt.want+90*time.Second {
				t.Errorf("due in %v, want %v", d, tt.want)
			}
			if !strings.HasPrefix(got.Why, tt.why) {
				t.Errorf("why is %q, want %q", got.Why, tt.why)
			}
		})
	}
}

func TestRegistrableDomains(t *testing.T) {
	for in, want := range map[string]string{
		"https://news.example.com/feed":  "example.com",
		"https://NEWS.Example.COM./feed": "example.com",
		"https://a.blogspot.com/":        "a.blogspot.com",
		"https://x.co.uk/":               "x.co.uk",
		"http://127.0.0.1:8099/a":        "127.0.0.1",
		"http://[::1]:80/":               "::1",
		"http://localhost:1/":            "localhost",
	} {
		if got := DomainOf(in); got != want {
			t.Errorf("DomainOf(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestOrdinal(t *testing.T) {
	for n, want := range map[int]string{1: "first", 2: "second", 3: "third", 4: "4th", 11: "11th", 21: "21st", 112: "112th", 122: "122nd", 133: "133rd"} {
		if got := ordinal(n); got != want {
			t.Errorf("ordinal(%d) = %q, want %q", n, got, want)
		}
	}
}
