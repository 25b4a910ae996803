package sources_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/sourcetest"
)

// rfc822 is a date in a feed.
func rfc822(t time.Time) string { return t.UTC().Format(time.RFC1123Z) }

// shown are the titles of what readers see, when all limits that have come are passed.
func (d *harness) shown() []string {
	d.t.Helper()
	if _, err := d.store.PassLimits(d.t.Context(), 1000); err != nil {
		d.t.Fatal(err)
	}
	return titles(d.articles(newswire.All))
}

func (d *harness) wantShown(when string, want ...string) {
	d.t.Helper()
	if got := d.shown(); !slices.Equal(got, want) {
		d.t.Errorf("%s: %q is shown, want %q", when, got, want)
	}
}

func TestAnEmbargoCountsFromThePublishersDate(t *testing.T) {
	d, now := newHarness(t), time.Now()
	pub := sourcetest.NewPublisher(t, rss("1 Early @"+rfc822(now.Add(-time.Hour)), "2 Late @"+rfc822(now), "3 Undated"))
	pub.SetHeader("Last-Modified", "")
	s := newswire.Source{ID: "pub", URL: pub.URL(), Rights: newswire.Rights{Embargo: 30 * time.Minute}}
	d.visit(nil, s)
	d.wantShown("at first", "Early")
	d.advance(31 * time.Minute)
	d.wantShown("after the embargo", "Late", "Undated", "Early")
}

func TestWhatIsUnderEmbargoIsListedWhereItOpens(t *testing.T) {
	d, now := newHarness(t), time.Now()
	slow := sourcetest.NewPublisher(t, rss("1 Slow @"+rfc822(now.Add(-time.Hour))))
	quick := sourcetest.NewPublisher(t, rss("1 Quick @"+rfc822(now.Add(-10*time.Minute))))
	d.visit(nil, newswire.Source{ID: "slow", URL: slow.URL(), Rights: newswire.Rights{Embargo: 2 * time.Hour}},
		newswire.Source{ID: "quick", URL: quick.URL()})
	d.wantShown("at first", "Quick")
	d.advance(61 * time.Minute)
	d.wantShown("after the embargo", "Slow", "Quick")
}

func TestArticlesExpireAndStayAway(t *testing.T) {
	d, now := newHarness(t), time.Now()
	feed := rss("1 Old @"+rfc822(now.Add(-25*time.Hour)), "2 New @"+rfc822(now), "3 Undated")
	pub := sourcetest.NewPublisher(t, feed)
	pub.SetHeader("Last-Modified", "")
	pub.SetHeader("Cache-Control", "")
	s := newswire.Source{ID: "pub", URL: pub.URL(), Rights: newswire.Rights{Expires: 24 * time.Hour}}
	d.visit(nil, s)
	d.wantShown("what is offered after its end is never shown", "New", "Undated")
	d.advance(25 * time.Hour)
	d.wantShown("after the end")
	pub.Publish(strings.ReplaceAll(feed, "New", "Newer"))
	d.visit(nil, s)
	d.wantShown("when it is offered again, corrected")
	s.Rights.Expires = 48 * time.Hour
	d.visit(nil, s)
	d.wantShown("when the operator puts the end off", "Newer", "Undated")
	s.Rights.Expires = time.Hour
	d.visit(nil, s)
	d.wantShown("when the operator moves the end up")
	s.Rights.Expires = 0
	d.visit(nil, s)
	d.wantShown("without an end", "Newer", "Undated", "Old")
}

func TestANewDateMovesNoLimit(t *testing.T) {
	d, now := newHarness(t), time.Now()
	pub := sourcetest.NewPublisher(t, rss("1 One @"+rfc822(now.Add(-23*time.Hour))))
	pub.SetHeader("Cache-Control", "")
	s := newswire.Source{ID: "pub", URL: pub.URL(), Rights: newswire.Rights{Expires: 24 * time.Hour}}
	d.visit(nil, s)
	before := d.articles(newswire.All)[0]
	pub.Publish(rss("1 Another @" + rfc822(now)))
	d.visit(nil, s)
	after := d.articles(newswire.All)[0]
	if after.Revision != 2 || after.Rights != before.Rights {
		t.Errorf("revision %d with limits %+v, want the next one with %+v", after.Revision, after.Rights, before.Rights)
	}
}

func TestTheStricterOfTwoEndsHolds(t *testing.T) {
	d, now := newHarness(t), time.Now()
	ends := func(in time.Duration) string {
		item := `<item xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"><prism:expirationDate>` +
			now.Add(in).UTC().Format(time.RFC3339) + `</prism:expirationDate>`
		return strings.ReplaceAll(rss("1 One @"+rfc822(now)), "<item>", item)
	}
	pub := sourcetest.NewPublisher(t, ends(time.Hour))
	pub.SetHeader("Cache-Control", "")
	s := newswire.Source{ID: "pub", URL: pub.URL(), Rights: newswire.Rights{Expires: 24 * time.Hour}}
	d.visit(nil, s)
	d.advance(30 * time.Minute)
	d.wantShown("before the publisher's end", "One")
	d.advance(31 * time.Minute)
	d.wantShown("after it")
	pub.Publish(ends(48 * time.Hour))
	r := d.visit(nil, s)["pub"]
	if r.Edited != 0 {
		t.Errorf("%d articles edited, want none: only its end has moved", r.Edited)
	}
	d.wantShown("when the publisher puts its end off", "One")
	d.advance(24 * time.Hour)
	d.wantShown("after the operator's end")
}
