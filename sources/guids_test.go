package sources_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/sourcetest"
)

// notice is an item of a feed. A date is one of 2026-03-01; none is said where it is 0.
type notice struct {
	guid, link, title, text string
	hour                    int
}

func noticed(items ...notice) string {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>Pub</title><link>https://pub.example/</link><description>d</description>`)
	for _, n := range items {
		fmt.Fprintf(&b, `<item><guid isPermaLink="false">%s</guid><link>%s</link><title>%s</title><description>%s</description>`, n.guid, n.link, n.title, n.text)
		if n.hour > 0 {
			fmt.Fprintf(&b, `<pubDate>Sun, 01 Mar 2026 %02d:00:00 GMT</pubDate>`, n.hour)
		}
		b.WriteString(`</item>`)
	}
	b.WriteString(`</channel></rss>`)
	return b.String()
}

const tides, cranes = "https://pub.example/tides", "https://pub.example/cranes"

// churns are documents of one source, one after the other, and the titles of what is stored in the end, with revisions.
var churns = []struct {
	name      string
	documents [][]notice
	want      []string
}{
	{"new guids at every visit", [][]notice{
		{{"a1", tides, "Tides", "t", 1}, {"a2", cranes, "Cranes", "c", 2}},
		{{"b1", tides, "Tides", "t", 1}, {"b2", cranes, "Cranes", "c", 2}},
		{{"c1", tides, "Tides", "t", 1}, {"c2", cranes, "Cranes", "c", 2}, {"c3", "https://pub.example/new", "New", "n", 3}},
	}, []string{"Cranes 1", "New 1", "Tides 1"}},
	{"new guids at every visit, without dates", [][]notice{
		{{"a1", tides, "Tides", "a text", 0}, {"a2", cranes, "Cranes", "another", 0}},
		{{"b1", tides, "Tides", "a text", 0}, {"b2", cranes, "Cranes", "another", 0}},
	}, []string{"Cranes 1", "Tides 1"}},
	{"one new guid among others that stay", [][]notice{
		{{"a1", tides, "Tides", "t", 1}, {"a2", cranes, "Cranes", "c", 2}, {"a3", "https://pub.example/3", "Third", "x", 3}},
		{{"b1", tides, "Tides", "t", 1}, {"a2", cranes, "Cranes", "c", 2}, {"a3", "https://pub.example/3", "Third", "x", 3}},
	}, []string{"Cranes 1", "Third 1", "Tides 1"}},
	{"http becomes https", [][]notice{
		{{"http://pub.example/tides", "http://pub.example/tides", "Tides", "t", 1}},
		{{tides, tides, "Tides", "t", 1}},
		{{tides, tides, "Tides turn", "t", 1}},
	}, []string{"Tides turn 3"}}, // its address is another, then its title
	{"a number counts up with corrections", [][]notice{
		{{tides + "#0", tides, "Tides", "t", 1}, {cranes + "#0", cranes, "Cranes", "c", 2}},
		{{tides + "#1", tides, "Tides turn", "t", 1}, {cranes + "#0", cranes, "Cranes", "c", 2}},
		{{tides + "#4", tides, "Tides turn", "t", 1}, {cranes + "#0", cranes, "Cranes", "c", 2}},
	}, []string{"Cranes 1", "Tides turn 2"}},
	{"a slash at the end", [][]notice{
		{{tides, tides, "Tides", "t", 1}, {cranes, cranes, "Cranes", "c", 2}},
		{{tides + "/", tides, "Tides", "t", 1}, {cranes, cranes, "Cranes", "c", 2}},
	}, []string{"Cranes 1", "Tides 1"}},
	{"a title that recurs every day, at an address with the day", [][]notice{
		{{"a", "https://pub.example/weather?day=1", "Weather", "sun", 1}},
		{{"b", "https://pub.example/weather?day=2", "Weather", "sun", 2}},
		{{"c", "https://pub.example/weather?day=3", "Weather", "rain", 3}},
	}, []string{"Weather 1", "Weather 1", "Weather 1"}},
	{"a title that recurs every day, at one address", [][]notice{
		{{"a", "https://pub.example/weather", "Weather", "sun", 1}},
		{{"b", "https://pub.example/weather", "Weather", "sun", 2}},
	}, []string{"Weather 1", "Weather 1"}},
	{"the same, without dates", [][]notice{
		{{"a", "https://pub.example/weather", "Weather", "sun", 0}},
		{{"b", "https://pub.example/weather", "Weather", "rain", 0}},
	}, []string{"Weather 1", "Weather 1"}},
	{"the older guid is offered, too", [][]notice{
		{{"a", tides, "Tides", "t", 1}},
		{{"b", tides, "Tides", "t", 1}, {"a", tides, "Tides", "t", 1}},
	}, []string{"Tides 1", "Tides 1"}},
}

func TestAnArticleIsTheSameUnderAnotherGuid(t *testing.T) {
	for _, tt := range churns {
		t.Run(tt.name, func(t *testing.T) {
			h, pub := newHarness(t), sourcetest.NewPublisher(t, "")
			for i, items := range tt.documents {
				pub.Publish(noticed(items...))
				r := h.visit(nil, newswire.Source{ID: "pub", URL: pub.URL()})["pub"]
				if r.Outcome == sources.Failed || r.Offered != len(items) {
					t.Fatalf("visit %d: %+v", i+1, r)
				}
				h.advance(time.Hour)
			}
			var got []string
			for _, a := range h.articles(newswire.All) {
				got = append(got, fmt.Sprint(a.Title, " ", a.Revision))
			}
			slices.Sort(got)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("stored titles and revisions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheOperatorIsToldThatGuidsChange(t *testing.T) {
	h, pub := newHarness(t), sourcetest.NewPublisher(t, "")
	s := newswire.Source{ID: "pub", URL: pub.URL(), Schedule: "@every 1h"}
	remarks := func() []string {
		catalog, err := sources.NewCatalog([]newswire.Source{s}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		list, err := sources.Standings(t.Context(), h.store, catalog)
		if err != nil {
			t.Fatal(err)
		}
		return list[0].Remarks
	}
	pub.Publish(noticed(notice{"a", tides, "Tides", "t", 1}))
	h.visit(nil, s)
	if got := remarks(); len(got) > 0 {
		t.Errorf("after the first visit: %q", got)
	}
	pub.Publish(noticed(notice{"b", tides, "Tides", "t", 1}))
	r := h.visit(nil, s)["pub"]
	if !slices.ContainsFunc(r.Repairs, func(s string) bool { return strings.Contains(s, "guids of 1 articles have changed") }) {
		t.Errorf("the visit says %q", r.Repairs)
	}
	if got := remarks(); len(got) != 1 || !strings.Contains(got[0], "guids change") {
		t.Errorf("after the guid has changed: %q", got)
	}
	pub.Publish(noticed(notice{"b", tides, "Tides", "t", 1}, notice{"c", cranes, "Cranes", "c", 2}))
	h.advance(40 * 24 * time.Hour)
	h.visit(nil, s)
	h.advance(40 * 24 * time.Hour)
	pub.Publish(noticed(notice{"c", cranes, "Cranes", "c", 2}))
	h.visit(nil, s)
	if got := remarks(); len(got) > 0 {
		t.Errorf("long after that: %q", got)
	}
}

func TestAWithdrawnArticleStaysSoUnderAnotherFormOfItsGuid(t *testing.T) {
	h, pub := newHarness(t), sourcetest.NewPublisher(t, noticed(notice{"http://pub.example/tides", tides, "Tides", "t", 1}))
	s := newswire.Source{ID: "pub", URL: pub.URL()}
	h.visit(nil, s)
	if _, err := h.store.Withdraw(t.Context(), h.articles(newswire.All)[0].ID, "the author asked"); err != nil {
		t.Fatal(err)
	}
	pub.Publish(noticed(notice{tides, tides, "Tides", "t", 1}))
	h.visit(nil, s)
	if got := titles(h.articles(newswire.All)); len(got) > 0 {
		t.Errorf("listed: %q", got)
	}
}
