package pace

import (
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/fetch"
)

func TestDomainsAreClosedForLongerEachTime(t *testing.T) {
	const hour, day = time.Hour, 24 * time.Hour
	tooMany, brief := fetch.Answer{Status: 429}, fetch.Answer{Status: 429, Header: headers("Retry-After", "600")}
	long := fetch.Answer{Status: 429, Header: headers("Retry-After", "259200")}
	forbidden := fetch.Answer{Status: 403}
	type answer struct {
		after time.Duration // since the answer before
		fetch.Answer
		closed time.Duration // from then; 0 for none
	}
	tests := []struct {
		name    string
		answers []answer
	}{
		{"429 without Retry-After closes for an hour, then two, at most a day", []answer{
			{0, tooMany, hour},
			{2 * hour, tooMany, 2 * hour},
			{3 * hour, tooMany, 4 * hour},
			{5 * hour, tooMany, 8 * hour},
			{9 * hour, tooMany, 16 * hour},
			{17 * hour, tooMany, day},
			{25 * hour, tooMany, day},
		}},
		{"Retry-After is what counts, doubled too", []answer{{0, brief, 600 * time.Second}, {hour, brief, 1200 * time.Second}}},
		{"a longer Retry-After than a day counts, but does not grow", []answer{{0, long, 3 * day}, {4 * day, long, 3 * day}}},
		{"offences are forgiven, one a week", []answer{
			{0, tooMany, hour}, {2 * hour, tooMany, 2 * hour}, {8 * day, tooMany, 2 * hour}, {22 * day, tooMany, hour},
		}},
		{"one 403 is a feed's matter, a burst is the domain's", []answer{
			{0, forbidden, 0}, {time.Minute, forbidden, 0}, {time.Minute, forbidden, hour}, {2 * hour, forbidden, 0},
		}},
		{"403s that are far apart are no burst", []answer{{0, forbidden, 0}, {hour, forbidden, 0}, {hour, forbidden, 0}}},
		{"503 is the address's matter", []answer{{0, fetch.Answer{Status: 503, Header: headers("Retry-After", "600")}, 0}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var d newswire.Domain
			now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
			for i, a := range tt.answers {
				now = now.Add(a.after)
				observe(&d, &a.Answer, now)
				if got := max(d.ClosedUntil.Sub(now), 0); got != a.closed {
					t.Errorf("answer %d, a %d: closed for %v, want %v", i+1, a.Status, got, a.closed)
				}
			}
		})
	}
}
