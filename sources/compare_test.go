package sources_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/sourcetest"
)

// updatedAt has a feed's only item say when it was updated.
func updatedAt(document string, at time.Time) string {
	return strings.Replace(document, "</item>", `<updated xmlns="http://www.w3.org/2005/Atom">`+at.Format(time.RFC3339)+"</updated></item>", 1)
}

func TestADateThatLiesFarAheadSaysNothing(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Second)
	past, soon, future := now.Add(-48*time.Hour), now.Add(20*time.Hour), time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC)
	made := now.Add(-time.Hour) // by Last-Modified
	for _, tt := range []struct {
		name, feed         string
		published, updated time.Time
		modified           time.Time
	}{
		{"published", rss("1 One @" + future.Format(http.TimeFormat)), time.Time{}, time.Time{}, made},
		{"updated", updatedAt(rss("1 One @"+past.Format(http.TimeFormat)), future), past, time.Time{}, past},
		{"both", updatedAt(rss("1 One @"+future.Format(http.TimeFormat)), future), time.Time{}, time.Time{}, made},
		{"as far as a wrong zone", rss("1 One @" + soon.Format(http.TimeFormat)), soon, time.Time{}, soon},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var first []newswire.Article
			for range 2 { // a second cache of the same documents comes out the same, later
				d, pub := newHarness(t), sourcetest.NewPublisher(t, tt.feed)
				pub.SetHeader("Last-Modified", made.Format(http.TimeFormat))
				pub.SetHeader("Cache-Control", "")
				s := newswire.Source{ID: "pub", URL: pub.URL()}
				r := d.visit(nil, s)["pub"]
				all := d.articles(newswire.All)
				a := all[0]
				if !a.Published.Equal(tt.published) || !a.Updated.Equal(tt.updated) || !a.Modified().Equal(tt.modified) {
					t.Errorf("published %v, updated %v, modified %v; want %v, %v, %v", a.Published, a.Updated, a.Modified(), tt.published, tt.updated, tt.modified)
				}
				if a.Listed.After(d.now()) {
					t.Errorf("listed at %v", a.Listed)
				}
				if told := strings.Contains(strings.Join(r.Repairs, " "), "dates of 1 articles"); told != (tt.name != "as far as a wrong zone") {
					t.Errorf("the operator is told %q", r.Repairs)
				}
				pub.Publish(strings.Replace(tt.feed, "</channel>", "<!-- again --></channel>", 1))
				wantOutcome(t, d.visit(nil, s)["pub"], sources.Unchanged, 0, 0)
				if diff := cmp.Diff(all, d.articles(newswire.All)); diff != "" {
					t.Errorf("the second visit changed it:\n%s", diff)
				}
				for i := range all { // each publisher is at another port
					all[i].Publisher, all[i].FirstSeen, all[i].Listed, all[i].Offer = newswire.Publisher{}, time.Time{}, time.Time{}, ""
				}
				if first == nil {
					first = all
				}
				if diff := cmp.Diff(first, all); diff != "" {
					t.Errorf("a second cache has another:\n%s", diff)
				}
			}
		})
	}
}

func TestAnArticleThatHoldsNothingIsLeftOut(t *testing.T) {
	const link = "<link>https://pub.example/</link>"
	d, pub := newHarness(t), sourcetest.NewPublisher(t, `<rss version="2.0"><channel><title>Pub</title>`+link+`
		<item><guid isPermaLink="false">0</guid><pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate><category>none</category></item>
		<item><guid isPermaLink="false">1</guid><description>&lt;script&gt;track()&lt;/script&gt; &lt;p&gt;&amp;nbsp;&lt;/p&gt;</description></item>
		<item/>
		<item><guid isPermaLink="false">2</guid><title>a title</title></item>
		<item><guid isPermaLink="false">3</guid>`+link+`</item>
		<item><guid isPermaLink="false">4</guid><description>a text</description></item>
		<item><guid isPermaLink="false">5</guid><description>&lt;img src="/p.png"&gt;</description></item>
		<item><guid isPermaLink="false">6</guid><enclosure url="https://pub.example/a.mp3" type="audio/mpeg" length="1"/></item>
		<item><guid isPermaLink="false">7</guid><media:thumbnail url="https://pub.example/p.png"/></item>
	</channel></rss>`)
	pub.SetHeader("Cache-Control", "")
	s := newswire.Source{ID: "pub", URL: pub.URL()}
	r := d.visit(nil, s)["pub"]
	wantOutcome(t, r, sources.Changed, 6, 0)
	if told := strings.Join(r.Repairs, " "); !strings.Contains(told, "3 articles without") {
		t.Errorf("the operator is told %q", told)
	}
	if n := len(d.articles(newswire.All)); n != 6 {
		t.Errorf("%d articles are published, want 6", n)
	}
}

func TestADateThatHasComeIsNoDateOfPublicationAnyMore(t *testing.T) {
	said := time.Now().UTC().Truncate(time.Second).Add(3 * 24 * time.Hour)
	d, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 Onne @"+said.Format(http.TimeFormat)))
	pub.SetHeader("Cache-Control", "")
	pub.SetHeader("Last-Modified", "")
	s := newswire.Source{ID: "pub", URL: pub.URL()}
	d.visit(nil, s)
	before := d.articles(newswire.All)[0]
	d.advance(5 * 24 * time.Hour)
	pub.Publish(rss("1 One @" + said.Format(http.TimeFormat)))
	wantOutcome(t, d.visit(nil, s)["pub"], sources.Changed, 0, 1)
	after := d.articles(newswire.All)[0]
	if !after.Published.IsZero() || !after.FirstSeen.Equal(before.FirstSeen) || !after.Listed.Equal(before.Listed) {
		t.Errorf("published %v, first seen %v, listed %v; it was there on %v without a date", after.Published, after.FirstSeen, after.Listed, before.FirstSeen)
	}
	if !after.Updated.Equal(said) {
		t.Errorf("updated %v, want the publisher's date %v", after.Updated, said)
	}
}

func TestAFeedsOwnDateThatLiesFarAheadIsNotPassedOn(t *testing.T) {
	d, pub := newHarness(t), sourcetest.NewPublisher(t, strings.Replace(rss("1 One"), "<item>", "<lastBuildDate>Tue, 01 Jan 2199 00:00:00 GMT</lastBuildDate><item>", 1))
	d.visit(nil, newswire.Source{ID: "pub", URL: pub.URL()})
	if a := d.articles(newswire.All)[0]; !a.Publisher.Updated.IsZero() {
		t.Errorf("the publisher's feed was updated %v", a.Publisher.Updated)
	}
}

func TestACorrectionThatIsReadLaterHasTheDateOfItsDocument(t *testing.T) {
	const first, second, third = "Mon, 02 Mar 2026 10:00:00 GMT", "Tue, 03 Mar 2026 10:00:00 GMT", "Wed, 04 Mar 2026 10:00:00 GMT"
	d, pub := newHarness(t), sourcetest.NewPublisher(t, "")
	pub.SetHeader("Cache-Control", "")
	var page string // empty: it is not there for now
	pub.Handle("/1", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if page == "" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(page))
	}))
	s := newswire.Source{ID: "pub", URL: pub.URL(), FullText: true}
	publish := func(made string, items ...string) {
		pub.Publish(strings.ReplaceAll(rss(items...), "https://pub.example/1", pub.Site()+"/1"))
		pub.SetHeader("Last-Modified", made)
	}
	page = "<article><p>Onne.</p></article>"
	publish(first, "1 Onne @"+first)
	wantOutcome(t, d.visit(nil, s)["pub"], sources.Changed, 1, 0)

	page = ""
	publish(second, "1 One @"+first)
	wantOutcome(t, d.visit(nil, s)["pub"], sources.Unchanged, 0, 0)
	publish(third, "1 One @"+first, "2 Two @"+third) // offers it again, in the same words
	wantOutcome(t, d.visit(nil, s)["pub"], sources.Changed, 1, 0)

	page = "<article><p>One.</p></article>"
	wantOutcome(t, d.visit(nil, s)["pub"], sources.Changed, 0, 1)
	want, _ := http.ParseTime(second)
	if got := d.articles(newswire.All)[1]; got.Title != "One" || !got.Updated.Equal(want) {
		t.Errorf("%q was updated %v, want the date %v of the document with the correction", got.Title, got.Updated, want)
	}
}

func TestArticlesOfOneGuidKeepTheirIdentityWhenOneLeaves(t *testing.T) {
	item := func(n, title string) string {
		return `<item><guid isPermaLink="false">g</guid><link>https://pub.example/` + n + `</link><title>` + title + `</title></item>`
	}
	wrapped := func(items string) string { return strings.Replace(rss(), "</channel>", items+"</channel>", 1) }
	d, pub := newHarness(t), sourcetest.NewPublisher(t, wrapped(item("2", "Two")+item("1", "One")))
	pub.SetHeader("Cache-Control", "")
	s := newswire.Source{ID: "pub", URL: pub.URL()}
	wantOutcome(t, d.visit(nil, s)["pub"], sources.Changed, 2, 0)
	pub.Publish(wrapped(item("2", "Two")))
	wantOutcome(t, d.visit(nil, s)["pub"], sources.Unchanged, 0, 0)
	pub.Publish(wrapped(item("2", "Two, corrected")))
	wantOutcome(t, d.visit(nil, s)["pub"], sources.Changed, 0, 1)
}

// Stores of files sign their addresses again for every document, and some sites count theirs.
func TestSignedAddressesMakeNoRevisionAndNoDuplicate(t *testing.T) {
	document := func(signature string) string {
		return strings.NewReplacer("SIGNATURE", signature).Replace(`<rss version="2.0"><channel><title>Pub</title><item><title>Crane</title>
<link>https://pub.example/1?utm_source=rss&amp;utm_campaign=SIGNATURE&amp;cb=SIGNATURE</link>
<enclosure url="https://cdn.example/1.mp3?X-Amz-Expires=300&amp;X-Amz-Signature=SIGNATURE" type="audio/mpeg"/>
<image>https://cdn.example/1.jpg?Expires=17&amp;Signature=SIGNATURE</image>
<description>&lt;img src="https://cdn.example/2.jpg?w=1&amp;amp;Expires=17&amp;amp;Signature=SIGNATURE"> Text.</description></item></channel></rss>`)
	}
	d, pub := newHarness(t), sourcetest.NewPublisher(t, document("1"))
	s := newswire.Source{ID: "pub", URL: pub.URL()}
	wantOutcome(t, d.visit(nil, s)["pub"], sources.Changed, 1, 0)
	pub.Publish(document("2"))
	wantOutcome(t, d.visit(nil, s)["pub"], sources.Unchanged, 0, 0)
	pub.Publish(strings.Replace(document("3"), "Text.", "Another text.", 1))
	wantOutcome(t, d.visit(nil, s)["pub"], sources.Changed, 0, 1)
	all := d.articles(newswire.All)
	if len(all) != 1 || all[0].URL != "https://pub.example/1?cb=3" || all[0].Revision != 2 {
		t.Errorf("%d articles, the first at %s, revision %d; want one at revision 2, at the address that was corrected with it", len(all), all[0].URL, all[0].Revision)
	}
}
