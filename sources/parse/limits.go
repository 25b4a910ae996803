package parse

import (
	"regexp"
	"strings"
	"time"

	ext "github.com/mmcdole/gofeed/extensions"
)

// limits reads from when and until when an item may be shown, by its publisher's word: PRISM's embargo and expiration, and
// the period of dcterms:valid. The strictest of them holds.
func limits(r *documentReader, it *Item, e ext.Extensions) {
	from, until := validity(r, value(e, "dcterms", "valid"))
	for _, s := range values(e, "prism", "embargodate") {
		if t := r.date(s); t.After(from) {
			from = t
		}
	}
	for _, s := range append(values(e, "prism", "expirationdate"), values(e, "prism", "killdate")...) {
		if t := endOf(r, s); !t.IsZero() && (until.IsZero() || t.Before(until)) {
			until = t
		}
	}
	it.Rights.From, it.Rights.Until = from, until
}

// validity reads a DCMI Period ("start=…; end=…; scheme=W3C-DTF"), an interval of ISO 8601 ("…/…"), or a date, which is the end.
func validity(r *documentReader, s string) (from, until time.Time) {
	switch start, end, interval := strings.Cut(s, "/"); {
	case strings.Contains(s, "="):
		for part := range strings.SplitSeq(s, ";") {
			switch name, said, _ := strings.Cut(part, "="); strings.ToLower(strings.TrimSpace(name)) {
			case "start":
				from = r.date(said)
			case "end":
				until = endOf(r, said)
			}
		}
	case interval && isoDay.MatchString(strings.TrimSpace(s)[:min(len(strings.TrimSpace(s)), len("2006-01-02"))]):
		from, until = r.date(start), endOf(r, end)
	default:
		until = endOf(r, s)
	}
	return from, until
}

// isoDay is a date without a time.
var isoDay = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

// endOf reads the date at which something ends. A day is over when the next one begins.
func endOf(r *documentReader, s string) time.Time {
	t := r.date(s)
	if !t.IsZero() && isoDay.MatchString(strings.TrimSpace(s)) {
		zone := r.Timezone
		if zone == nil {
			zone = time.UTC
		}
		t = t.In(zone).AddDate(0, 0, 1).UTC()
	}
	return t
}
