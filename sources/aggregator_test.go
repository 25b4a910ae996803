package sources_test

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/sqlitecache"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/rules"
	"github.com/newswire/newswire/sources/sourcetest"
)

// harness is an aggregator with its store, and a clock that the test moves: for the store's leases and due times only, for
// publishers are real.
type harness struct {
	t       *testing.T
	store   *sqlitecache.Store
	client  *fetch.Client
	robots  sources.Robots // default: all may be read
	options sources.Options
	rules   []rules.Definition

	mu    sync.Mutex // guards ahead and what visits report
	ahead time.Duration
}

func newHarness(t *testing.T) *harness {
	t.Helper()
	d := &harness{t: t, client: fetch.NewClient(fetch.Options{
		Timeout: time.Minute, AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	})}
	t.Cleanup(d.client.Close)
	store, err := sqlitecache.Open(t.Context(), filepath.Join(t.TempDir(), "wire.db"), sqlitecache.Options{Now: d.now, Hasty: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	d.store = store
	return d
}

func (d *harness) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Now().Add(d.ahead)
}

func (d *harness) advance(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ahead += by
}

// visit has the sources visited once, due or not, and returns the results by source.
func (d *harness) visit(categories []newswire.Category, list ...newswire.Source) map[string]sources.Result {
	d.t.Helper()
	for i := range list {
		if list[i].Schedule == "" {
			list[i].Schedule = "@every 1h"
		}
		if list[i].Rights.Policy == "" {
			list[i].Rights.Policy = newswire.PolicyFull
		}
	}
	catalog, err := sources.NewCatalog(list, categories, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	catalog = catalog.WithRules(d.ruleSet())
	o := d.options
	results := map[string]sources.Result{}
	o.Report = func(r sources.Result) {
		d.mu.Lock()
		defer d.mu.Unlock()
		results[r.Source] = r
	}
	a := sources.NewAggregator(d.store, sources.Setup{Catalog: catalog, Fetcher: d.client, Robots: d.robots}, o)
	if err := a.Round(d.t.Context(), catalog.Sources()...); err != nil {
		d.t.Fatal(err)
	}
	return results
}

func (d *harness) articles(topic newswire.Topic) []newswire.Article {
	d.t.Helper()
	page, err := d.store.Articles(d.t.Context(), cache.Query{Topic: topic, Limit: 1000})
	if err != nil {
		d.t.Fatal(err)
	}
	return page.Articles
}

func (d *harness) state(source string) newswire.State {
	d.t.Helper()
	states, err := d.store.States(d.t.Context(), source)
	if err != nil {
		d.t.Fatal(err)
	}
	return states[source]
}

func titles(articles []newswire.Article) []string {
	var out []string
	for _, a := range articles {
		out = append(out, a.Title)
	}
	return out
}

// rss is a feed of items given as "guid title" or "guid title @date".
func rss(items ...string) string {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>Pub</title><link>https://pub.example/</link><description>d</description>`)
	for _, item := range items {
		item, date, dated := strings.Cut(item, " @")
		guid, title, _ := strings.Cut(item, " ")
		fmt.Fprintf(&b, `<item><guid isPermaLink="false">%s</guid><link>https://pub.example/%s</link><title>%s</title>`, guid, guid, title)
		if dated {
			fmt.Fprintf(&b, `<pubDate>%s</pubDate>`, date)
		}
		b.WriteString(`</item>`)
	}
	b.WriteString(`</channel></rss>`)
	return b.String()
}

func wantOutcome(t *testing.T, r sources.Result, outcome sources.Outcome, added, edited int) {
	t.Helper()
	if r.Outcome != outcome || r.New != added || r.Edited != edited {
		t.Errorf("%s: %s with %d new and %d edited (%s); want %s with %d and %d", r.Source, r.Outcome, r.New, r.Edited, r.Error, outcome, added, edited)
	}
}

func TestASecondVisitWritesNoArticles(t *testing.T) {
	d, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 One", "2 Two"))
	pub.SetHeader("Cache-Control", "")
	s := newswire.Source{ID: "pub", URL: pub.URL()}
	wantOutcome(t, d.visit(nil, s)["pub"], sources.Changed, 2, 0)
	head, err := d.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantOutcome(t, d.visit(nil, s)["pub"], sources.NotModified, 0, 0)

	// A publisher without validators: the same document costs no more.
	pub.SetHeader("ETag", "")
	pub.SetHeader("Last-Modified", "")
	wantOutcome(t, d.visit(nil, s)["pub"], sources.Unchanged, 0, 0)
	wantOutcome(t, d.visit(nil, s)["pub"], sources.Unchanged, 0, 0)
	if now, err := d.store.Head(t.Context()); err != nil || now != head {
		t.Errorf("change log moved from %q to %q (%v) without a change", head, now, err)
	}
}

func TestACorrectionIsANewRevisionAtTheSamePlace(t *testing.T) {
	d, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 Onne @Mon, 02 Mar 2026 10:00:00 GMT", "2 Two @Tue, 03 Mar 2026 10:00:00 GMT"))
	pub.SetHeader("Cache-Control", "")
	s := newswire.Source{ID: "pub", URL: pub.URL()}
	d.visit(nil, s)
	before := d.articles(newswire.All)[1]
	pub.Publish(rss("1 One @Fri, 06 Mar 2026 10:00:00 GMT", "2 Two @Sat, 07 Mar 2026 10:00:00 GMT"))
	wantOutcome(t, d.visit(nil, s)["pub"], sources.Changed, 0, 1)
	all := d.articles(newswire.All)
	if got := titles(all); !slices.Equal(got, []string{"Two", "One"}) {
		t.Fatalf("listing %q, want Two, One", got)
	}
	after := all[1]
	if after.ID != before.ID || after.Revision != 2 || !after.Published.Equal(before.Published) || !after.Listed.Equal(before.Listed) {
		t.Errorf("after the correction: %+v", after)
	}
	if want := time.Date(2026, 3, 6, 10, 0, 0, 0, time.UTC); !after.Updated.Equal(want) {
		t.Errorf("updated %v, want the publisher's newer date %v", after.Updated, want)
	}
	if all[0].Revision != 1 || !all[0].Updated.IsZero() {
		t.Errorf("an article that was only re-dated became revision %d, updated %v", all[0].Revision, all[0].Updated)
	}
}

func TestACorrectionWithoutADateHasThatOfItsDocument(t *testing.T) {
	const first, second, third = "Mon, 02 Mar 2026 10:00:00 GMT", "Tue, 03 Mar 2026 10:00:00 GMT", "Wed, 04 Mar 2026 10:00:00 GMT"
	at := func(s string) time.Time {
		at, err := http.ParseTime(s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	dated := func(document, date string) string {
		return strings.Replace(document, "<item>", "<lastBuildDate>"+date+"</lastBuildDate><item>", 1)
	}
	updated := func(document, date string) string {
		return strings.Replace(document, "</item>", `<updated xmlns="http://www.w3.org/2005/Atom">`+date+"</updated></item>", 1)
	}
	for _, tt := range []struct {
		name, before, after string
		header              string // Last-Modified of the corrected document
		want                time.Time
	}{
		{"the feed's date", dated(rss("1 Onne @"+first), first), dated(rss("1 One @"+first), second), "", at(second)},
		{"the feed's date for an article without one", dated(rss("1 Onne"), first), dated(rss("1 One"), second), "", at(second)},
		{"Last-Modified", rss("1 Onne @" + first), rss("1 One @" + first), third, at(third)},
		{"the article's own date goes first", dated(rss("1 Onne @"+first), first), dated(rss("1 One @"+second), third), third, at(second)},
		{"the publisher thinks nothing of it", updated(rss("1 Onne @"+first), first), dated(updated(rss("1 One @"+first), first), second), third, at(first)},
		{"a feed's date that has not moved", dated(rss("1 Onne @"+first), second), dated(rss("1 One @"+first), second), "", time.Time{}},
		{"a feed's date before the article's", dated(rss("1 Onne @"+third), first), dated(rss("1 One @"+third), second), "", time.Time{}},
		{"a date ahead", rss("1 Onne @" + first), rss("1 One @" + first), "Fri, 01 Jan 2100 00:00:00 GMT", time.Time{}},
		{"no date at all", rss("1 Onne @" + first), rss("1 One @" + first), "", time.Time{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 { // a second cache of the same documents comes out the same
				d, pub := newHarness(t), sourcetest.NewPublisher(t, tt.before)
				pub.SetHeader("Cache-Control", "")
				pub.SetHeader("Last-Modified", first)
				if tt.header == "" {
					pub.SetHeader("Last-Modified", "")
				}
				s := newswire.Source{ID: "pub", URL: pub.URL()}
				d.visit(nil, s)
				pub.Publish(tt.after)
				pub.SetHeader("Last-Modified", tt.header)
				wantOutcome(t, d.visit(nil, s)["pub"], sources.Changed, 0, 1)
				if got := d.articles(newswire.All)[0].Updated; !got.Equal(tt.want) {
					t.Errorf("updated %v, want %v", got, tt.want)
				}
			}
		})
	}
}

func TestArticlesWithoutDatesKeepTheirOrder(t *testing.T) {
	d, pub := newHarness(t), sourcetest.NewPublisher(t, rss("3 Three", "2 Two", "1 One"))
	pub.SetHeader("Cache-Control", "")
	s := newswire.Source{ID: "pub", URL: pub.URL()}
	d.visit(nil, s)
	first := d.articles(newswire.All)
	if got := titles(first); !slices.Equal(got, []string{"Three", "Two", "One"}) {
		t.Errorf("listing %q, want the document's order", got)
	}
	seen := map[time.Time]bool{}
	for _, a := range first {
		seen[a.Modified()] = true
	}
	if len(seen) != 3 {
		t.Errorf("three articles share %d instants", len(seen))
	}
	pub.Publish(rss("4 Four", "3 Three", "2 Two", "1 One"))
	d.advance(time.Hour)
	d.visit(nil, s)
	if d := cmp.Diff(first, d.articles(newswire.All)[1:]); d != "" {
		t.Errorf("articles that were known have changed:\n%s", d)
	}
}

func TestAFailureKeepsArticlesAndValidators(t *testing.T) {
	d, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 One"))
	pub.SetHeader("Cache-Control", "")
	s := newswire.Source{ID: "pub", URL: pub.URL()}
	d.visit(nil, s)
	validators := d.state("pub").Validators
	pub.AnswerOnce(
		sourcetest.Status(500),
		sourcetest.Document("text/html", "<html><title>Sign in</title></html>", "ETag", `"portal"`),
		sourcetest.Document("application/rss+xml", "", "ETag", `"empty"`),
	)
	for i := 1; i <= 3; i++ {
		wantOutcome(t, d.visit(nil, s)["pub"], sources.Failed, 0, 0)
		state := d.state("pub")
		if state.Validators != validators || state.Health.Failures != i || state.Health.Error == "" {
			t.Errorf("after failure %d: validators %+v, health %+v", i, state.Validators, state.Health)
		}
	}
	if got := titles(d.articles(newswire.All)); !slices.Equal(got, []string{"One"}) {
		t.Errorf("articles %q after failures, want One", got)
	}
	wantOutcome(t, d.visit(nil, s)["pub"], sources.NotModified, 0, 0)
	if h := d.state("pub").Health; h.Failures != 0 || h.Error != "" {
		t.Errorf("after the publisher healed: %+v", h)
	}
}

func TestAnOperatorIsToldThatASourceBacksOff(t *testing.T) {
	d, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 One"))
	d.options.Jitter = func(d time.Duration) time.Duration { return d/2 + 90*time.Minute + time.Microsecond }
	pub.Answer(sourcetest.Status(500))
	s := newswire.Source{ID: "pub", URL: pub.URL()}
	d.visit(nil, s)
	if got, want := d.standing(s).Why, "first failure in a row, backing off"; got != want {
		t.Errorf("the next visit is when it is because of %q, want %q", got, want)
	}
}

func TestGoneStopsTheSourceUntilItsAddressChanges(t *testing.T) {
	d, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 One"))
	pub.Answer(sourcetest.Status(410))
	pub.Handle("/new", pub.Feed())
	s := newswire.Source{ID: "pub", URL: pub.URL()}
	if r := d.visit(nil, s)["pub"]; r.Outcome != sources.Stopped || !r.Due.IsZero() {
		t.Errorf("a 410: %+v", r)
	}
	d.advance(365 * 24 * time.Hour)
	d.visit(nil, s)
	if n := len(pub.Requests()); n != 1 {
		t.Errorf("%d requests, want no second one after a 410", n)
	}
	s.URL = pub.Site() + "/new"
	wantOutcome(t, d.visit(nil, s)["pub"], sources.Changed, 1, 0)
}

func TestAPartialAnswerTakesNothingAway(t *testing.T) {
	d, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 One", "2 Two"))
	pub.SetHeader("Cache-Control", "")
	s := newswire.Source{ID: "pub", URL: pub.URL(), Retention: newswire.Retention{Articles: 1}}
	d.visit(nil, s)
	pub.AnswerOnce(partial(rss("3 Three")))
	wantOutcome(t, d.visit(nil, s)["pub"], sources.Changed, 1, 0)
	wantOutcome(t, d.visit(nil, s)["pub"], sources.Unchanged, 0, 0)
	if n := len(d.articles(newswire.All)); n != 3 {
		t.Errorf("%d articles, want all three: the partial answer did not end the offer of the others", n)
	}
}

func TestRetentionCountsFromTheLastOffer(t *testing.T) {
	d, pub := newHarness(t), sourcetest.NewPublisher(t, rss("old Old @Mon, 01 Jan 2001 10:00:00 GMT", "2 Two"))
	pub.SetHeader("Cache-Control", "")
	s := newswire.Source{ID: "pub", URL: pub.URL(), Retention: newswire.Retention{Age: 48 * time.Hour}}
	d.visit(nil, s)
	d.advance(100 * 24 * time.Hour)
	d.visit(nil, s)
	if n := len(d.articles(newswire.All)); n != 2 {
		t.Fatalf("%d articles while both are offered, want 2", n)
	}
	pub.Publish(rss("2 Two"))
	d.visit(nil, s)
	d.advance(47 * time.Hour)
	d.visit(nil, s)
	if n := len(d.articles(newswire.All)); n != 2 {
		t.Errorf("%d articles 47 h after the last offer, want 2", n)
	}
	d.advance(2 * time.Hour)
	if r := d.visit(nil, s)["pub"]; r.Dropped != 1 {
		t.Errorf("dropped %d, want 1", r.Dropped)
	}
	if got := titles(d.articles(newswire.All)); !slices.Equal(got, []string{"Two"}) {
		t.Errorf("articles %q, want Two", got)
	}
}

func TestANewBoundHoldsFromTheNextVisitOn(t *testing.T) {
	d, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 One", "2 Two", "3 Three"))
	pub.SetHeader("Cache-Control", "")
	s := newswire.Source{ID: "pub", URL: pub.URL(), Retention: newswire.Retention{Articles: 5}}
	d.visit(nil, s)
	pub.Publish(rss("4 Four"))
	d.visit(nil, s)
	wantOutcome(t, d.visit(nil, s)["pub"], sources.NotModified, 0, 0)
	if n := len(d.articles(newswire.All)); n != 4 {
		t.Errorf("%d articles, want all four", n)
	}
	s.Retention.Articles = 2
	if r := d.visit(nil, s)["pub"]; r.Outcome != sources.NotModified || r.Dropped != 2 {
		t.Errorf("%s, and dropped %d, want a visit that brought nothing and dropped 2", r.Outcome, r.Dropped)
	}
}

func TestWhatADocumentPutsBeyondTheBoundGoesWithTheNextVisit(t *testing.T) {
	d, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 One", "2 Two"))
	pub.SetHeader("Cache-Control", "")
	s := newswire.Source{ID: "pub", URL: pub.URL(), Retention: newswire.Retention{Articles: 1}}
	d.visit(nil, s)
	d.visit(nil, s)
	pub.Publish(rss("3 Three"))
	d.visit(nil, s)
	if r := d.visit(nil, s)["pub"]; r.Outcome != sources.NotModified || r.Dropped != 2 {
		t.Errorf("%s, and dropped %d, want a visit that brought nothing and dropped 2", r.Outcome, r.Dropped)
	}
}

func TestAFeedThatChangesEveryGuidIsBounded(t *testing.T) {
	d, pub := newHarness(t), sourcetest.NewPublisher(t, rss())
	pub.SetHeader("Cache-Control", "")
	s := newswire.Source{ID: "pub", URL: pub.URL(), Retention: newswire.Retention{Articles: 10}}
	for i := range 10 {
		pub.Publish(rss(fmt.Sprintf("a%d A", i), fmt.Sprintf("b%d B", i), fmt.Sprintf("c%d C", i)))
		d.visit(nil, s)
	}
	if n := len(d.articles(newswire.All)); n > 10+3 {
		t.Errorf("%d articles are kept, want at most 10 and what is offered", n)
	}
}

func TestStoredArticlesFollowTheOperatorsWords(t *testing.T) {
	d, pub := newHarness(t), sourcetest.NewPublisher(t, strings.ReplaceAll(rss("1 One"), "</item>", "<category>Money</category></item>"))
	pub.SetHeader("Cache-Control", "")
	s := newswire.Source{ID: "pub", URL: pub.URL()}
	d.visit(nil, s)
	categories := []newswire.Category{{ID: "finance", Match: []string{"money"}}, {ID: "trade"}}
	s.Categories, s.Rights = []string{"trade"}, newswire.Rights{Policy: newswire.PolicyTitle, Statement: "© them"}
	r := d.visit(categories, s)["pub"]
	if r.Outcome != sources.NotModified {
		t.Errorf("outcome %s, want a 304: the operator's words are no reason to fetch again", r.Outcome)
	}
	a := d.articles(newswire.CategoryTopic("finance"))
	if len(a) != 1 || !slices.Equal(a[0].Categories, []string{"finance", "trade"}) || a[0].Revision != 2 ||
		a[0].Rights != (newswire.Rights{Policy: newswire.PolicyTitle, Statement: "© them"}) {
		t.Errorf("articles of the new category: %+v", a)
	}
}

func TestAuthorsKeepTheirIDs(t *testing.T) {
	feed := strings.NewReplacer("<item>", `<item xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>金江</dc:creator><dc:creator>J. Smith</dc:creator><dc:creator>Zoë</dc:creator>`).Replace(rss("1 One"))
	d, pub := newHarness(t), sourcetest.NewPublisher(t, feed)
	list := []newswire.Source{{ID: "dsb", URL: pub.URL(), Schedule: "@hourly"}, {ID: "other", URL: pub.URL(), Schedule: "@hourly"}}
	catalog, err := sources.NewCatalog(list, nil, []newswire.Author{{ID: "jin-jiang", Name: "金江", Aliases: []newswire.Alias{{Source: "dsb", Name: "金江"}}}})
	if err != nil {
		t.Fatal(err)
	}
	a := sources.NewAggregator(d.store, sources.Setup{Catalog: catalog, Fetcher: d.client}, sources.Options{})
	if err := a.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, article := range d.articles(newswire.All) {
		for _, p := range article.Authors {
			got = append(got, p.ID)
		}
	}
	slices.Sort(got)
	want := []string{"dsb-j-smith", "dsb-zoe", "jin-jiang", "other-j-smith", "other-jin-jiang_omfbgz", "other-zoe"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestOneStuckPublisherDelaysNobody(t *testing.T) {
	d := newHarness(t)
	stuck, good := sourcetest.NewPublisher(t, ""), sourcetest.NewPublisher(t, rss("1 One"))
	release := make(chan struct{})
	stuck.Answer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	catalog, err := sources.NewCatalog([]newswire.Source{
		{ID: "stuck", URL: strings.Replace(stuck.URL(), "127.0.0.1", "localhost", 1), Schedule: "@every 1h"},
		{ID: "good", URL: good.URL(), Schedule: "@every 1h"},
	}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	visited := make(chan sources.Result, 10)
	a := sources.NewAggregator(d.store, sources.Setup{Catalog: catalog, Fetcher: d.client}, sources.Options{
		Tick: 10 * time.Millisecond, Report: func(r sources.Result) { visited <- r },
	})
	done := make(chan error)
	go func() { done <- a.Run(ctx) }()
	if r := <-visited; r.Source != "good" || r.Outcome != sources.Changed {
		t.Errorf("first result is %+v, want the good publisher's", r)
	}
	close(release)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// crowd fetches from publishers that never answer, but for one.
type crowd struct{ good string }

func (c crowd) Get(ctx context.Context, r fetch.Request) (*fetch.Answer, error) {
	if r.URL == c.good {
		return &fetch.Answer{Status: 200, URL: r.URL, Header: http.Header{}, Body: []byte(rss("1 One"))}, nil
	}
	select {
	case <-time.After(30 * time.Second):
	case <-ctx.Done():
	}
	return nil, fetch.ErrTimeout
}

// TestACrowdOfStuckPublishers has every slot filled by publishers that never answer, several times over and all in front.
// The first time the last in the queue waits while they time out side by side, and no longer; once it is known which of them
// do not answer, it does not wait for their timeouts at all.
func TestACrowdOfStuckPublishers(t *testing.T) {
	const stuck, concurrency, timeout = 140, 32, 30 * time.Second
	inVillage(t, func(v village) {
		t := v.T
		var list []newswire.Source
		for i := range stuck {
			list = append(list, newswire.Source{ID: fmt.Sprintf("a%d", i), URL: fmt.Sprintf("https://stuck%d.example/", i), Schedule: "@every 24h"})
		}
		list = append(list, newswire.Source{ID: "z", URL: "https://good.example/", Schedule: "@every 24h"})
		catalog, err := sources.NewCatalog(list, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		visited := make(chan string, stuck+1)
		_, stop := v.run(sources.Setup{Catalog: catalog, Fetcher: crowd{"https://good.example/"}}, sources.Options{
			Concurrency: concurrency, Report: func(r sources.Result) { visited <- r.Source },
		})
		defer stop()
		for i, most := range []time.Duration{(stuck/concurrency + 1) * timeout, timeout - time.Second} {
			began := time.Now()
			var waited time.Duration
			for range stuck + 1 {
				if <-visited == "z" {
					waited = time.Since(began)
				}
			}
			if waited > most {
				t.Errorf("in round %d the good publisher was visited after %v, want at most %v", i+1, waited, most)
			}
			t.Logf("in round %d the good publisher was visited after %v, and all after %v", i+1, waited, time.Since(began))
			due, err := v.store.Due(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			at := time.Now().Add(11 * time.Second) // when the aggregator looks again
			for id, from := range due {
				if err := v.store.Reschedule(t.Context(), id, from, at); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Until(at))
		}
	})
}

// TestAVisitThatTakesLongerThanItsScheduleIsRecorded has a publisher drip for longer than its source's schedule is apart:
// the source must not come due again under its own visit, which would be void and its failure never known.
func TestAVisitThatTakesLongerThanItsScheduleIsRecorded(t *testing.T) {
	inVillage(t, func(v village) {
		t := v.T
		catalog, err := sources.NewCatalog([]newswire.Source{{ID: "a", URL: "https://a.example/", Schedule: "@every 10s"}}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		visited := make(chan sources.Result, 10)
		_, stop := v.run(sources.Setup{Catalog: catalog, Fetcher: crowd{}}, sources.Options{
			Report: func(r sources.Result) { visited <- r },
		})
		defer stop()
		select {
		case r := <-visited:
			if r.Outcome != sources.Failed {
				t.Errorf("the visit %s, want that it failed", r.Outcome)
			}
		case <-time.After(time.Hour):
			t.Error("no visit was recorded within an hour")
		}
	})
}

// line fetches from publishers that never answer, and tells which was asked.
type line struct {
	crowd
	asked chan string
}

func (l line) Get(ctx context.Context, r fetch.Request) (*fetch.Answer, error) {
	l.asked <- r.URL
	return l.crowd.Get(ctx, r)
}

// TestASourceThatWaitsForItsPlaceIsNotPutOff has two sources want the only place. The due time that follows a visit is
// stored when that begins, so that a crash now would cost the one who waits no visit.
func TestASourceThatWaitsForItsPlaceIsNotPutOff(t *testing.T) {
	inVillage(t, func(v village) {
		t := v.T
		catalog, err := sources.NewCatalog([]newswire.Source{
			{ID: "a", URL: "https://a.example/", Schedule: "@every 24h"}, {ID: "b", URL: "https://b.example/", Schedule: "@every 24h"},
		}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		asked := make(chan string, 2)
		_, stop := v.run(sources.Setup{Catalog: catalog, Fetcher: line{asked: asked}}, sources.Options{Concurrency: 1})
		defer stop()
		time.Sleep(time.Second)
		due, err := v.store.Due(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		atWork, waits := "a", "b"
		if <-asked == "https://b.example/" {
			atWork, waits = waits, atWork
		}
		if left := time.Until(due[atWork]); left < time.Hour {
			t.Errorf("the source that is being visited is due in %v, want when it would be due after the visit", left)
		}
		if left := time.Until(due[waits]); left > 5*time.Minute {
			t.Errorf("the source that waits is due in %v, want when its lease ends", left)
		}
	})
}

func TestEverySourceOfALongCatalogIsScheduled(t *testing.T) {
	inVillage(t, func(v village) {
		t := v.T
		var list []newswire.Source
		for i := range 1001 {
			list = append(list, newswire.Source{ID: fmt.Sprint("s", i), URL: fmt.Sprintf("https://p%d.example/", i), Schedule: "@every 24h"})
		}
		catalog, err := sources.NewCatalog(list, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, stop := v.run(sources.Setup{Catalog: catalog, Fetcher: crowd{}}, sources.Options{})
		defer stop()
		time.Sleep(time.Second)
		due, err := v.store.Due(t.Context())
		if err != nil || len(due) != len(list) {
			t.Errorf("%d sources are in the due index, %v, want all %d", len(due), err, len(list))
		}
	})
}

func TestReplicasShareTheWork(t *testing.T) {
	d := newHarness(t)
	var list []newswire.Source
	var pubs []*sourcetest.Publisher
	for i := range 20 {
		pub := sourcetest.NewPublisher(t, rss("1 One"))
		pubs = append(pubs, pub)
		list = append(list, newswire.Source{ID: fmt.Sprintf("pub%d", i), URL: pub.URL(), Schedule: "@every 1h"})
	}
	catalog, err := sources.NewCatalog(list, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	visited := make(chan sources.Result, 100)
	var replicas sync.WaitGroup
	for range 3 {
		a := sources.NewAggregator(d.store, sources.Setup{Catalog: catalog, Fetcher: d.client}, sources.Options{
			Tick: 5 * time.Millisecond, Report: func(r sources.Result) { visited <- r },
		})
		replicas.Go(func() {
			if err := a.Run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	for range list {
		<-visited
	}
	cancel()
	replicas.Wait()
	for i, pub := range pubs {
		if n := len(pub.Requests()); n != 1 {
			t.Errorf("publisher %d was asked %d times, want once", i, n)
		}
	}
}

// quitting is a store that ends its aggregator as soon as that has claimed something.
type quitting struct {
	*sqlitecache.Store
	quit context.CancelFunc
}

func (q quitting) Claim(ctx context.Context, n int, lease time.Duration, only ...string) ([]cache.Lease, error) {
	defer q.quit()
	return q.Store.Claim(ctx, n, lease, only...)
}

func TestASourceThatWasClaimedAtTheVeryEndIsGivenBack(t *testing.T) {
	d, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 One"))
	catalog, err := sources.NewCatalog([]newswire.Source{{ID: "pub", URL: pub.URL(), Schedule: "@every 1h"}}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	setup := sources.Setup{Catalog: catalog, Fetcher: d.client}
	if err := sources.NewAggregator(quitting{d.store, cancel}, setup, sources.Options{}).Run(ctx); err != nil {
		t.Fatal(err)
	}
	due, err := d.store.Due(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if at, ok := due["pub"]; !ok || at.After(d.now()) {
		t.Errorf("due %v (%v), want it due at once: it was never visited", at, ok)
	}
	if n := len(pub.Requests()); n != 0 {
		t.Errorf("%d requests by an aggregator that was told to end", n)
	}
}

func TestARestartInTheMiddleOfAVisitDoesNotComeBackAtOnce(t *testing.T) {
	d, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 One"))
	pub.Answer(pub.Hang())
	s := newswire.Source{ID: "pub", URL: pub.URL(), Schedule: "@every 1h"}
	catalog, err := sources.NewCatalog([]newswire.Source{s}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	setup := sources.Setup{Catalog: catalog, Fetcher: d.client}
	ctx, cancel := context.WithCancel(t.Context())
	died := make(chan error)
	go func() { died <- sources.NewAggregator(d.store, setup, sources.Options{}).Round(ctx) }()
	for len(pub.Requests()) == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-died; err == nil {
		t.Error("a round that was cut off reports no error")
	}
	pub.Answer(nil)
	if err := sources.NewAggregator(d.store, setup, sources.Options{}).Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(pub.Requests()); n != 1 {
		t.Errorf("%d requests, want one: the visit that was cut off counts", n)
	}
	d.advance(2 * time.Hour)
	due, err := d.store.Due(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if at, ok := due["pub"]; !ok || at.After(d.now()) {
		t.Errorf("due %v (%v), want it to come due again by itself", at, ok)
	}
}

func TestAPermanentMoveIsBelievedOnceTheSameFeedIsThere(t *testing.T) {
	d, old, current := newHarness(t), sourcetest.NewPublisher(t, rss("1 One")), sourcetest.NewPublisher(t, rss("1 One", "2 Two"))
	s := newswire.Source{ID: "pub", URL: old.URL()}
	next := func() sources.Result {
		d.advance(13 * time.Hour)
		return d.visit(nil, s)["pub"]
	}
	d.visit(nil, s)
	old.Answer(sourcetest.Redirect(301, current.URL()))
	for range 3 {
		next()
	}
	next()
	if n, m := len(old.Requests()), len(current.Requests()); n != 4 || m != 4 {
		t.Errorf("the old address was asked %d times and the new one %d, want 4 and 4: after three sightings the move holds", n, m)
	}
	current.Answer(sourcetest.Status(404))
	old.Answer(nil)
	if r := next(); r.Status != 404 {
		t.Errorf("visit to the new address: %+v, want a 404", r)
	}
	if r := next(); r.Status != 200 && r.Status != 304 || len(old.Requests()) != 5 {
		t.Errorf("visit after the new address has gone: %+v, want the old one asked", r)
	}
}

func TestAPermanentMoveToAnotherFeedIsNeverBelieved(t *testing.T) {
	d, pub, other := newHarness(t), sourcetest.NewPublisher(t, rss("1 One")), sourcetest.NewPublisher(t, rss("a Buy", "b Now"))
	s := newswire.Source{ID: "pub", URL: pub.URL()}
	d.visit(nil, s)
	pub.Answer(sourcetest.Redirect(301, other.URL()))
	for range 5 {
		d.advance(13 * time.Hour)
		d.visit(nil, s)
	}
	if n := len(pub.Requests()); n != 6 {
		t.Errorf("the operator's address was asked %d times, want each of 6 times", n)
	}
}

func TestARedirectLeadsToNoDomainThatIsHeld(t *testing.T) {
	d, held, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 One")), sourcetest.NewPublisher(t, rss("1 One"))
	elsewhere := strings.Replace(held.URL(), "127.0.0.1", "localhost", 1)
	held.Answer(sourcetest.Status(429, "Retry-After", "7200"))
	pub.Answer(sourcetest.Redirect(302, elsewhere))
	d.visit(nil, newswire.Source{ID: "held", URL: elsewhere})
	r := d.visit(nil, newswire.Source{ID: "pub", URL: pub.URL()})["pub"]
	if r.Outcome != sources.PutOff || r.Error != "" || !strings.HasPrefix(r.Why, "localhost is held until ") || time.Until(r.Due) < 119*time.Minute {
		t.Errorf("visit that is led to a held domain: %+v, want it put off for two hours", r)
	}
	if h := d.state("pub").Health; h.Failures != 0 {
		t.Errorf("%d failures are held against a source that did nothing wrong", h.Failures)
	}
	if n := len(held.Requests()); n != 1 {
		t.Errorf("the held domain was asked %d times, want once", n)
	}
}

func TestValidatorsOutliveADocumentWithoutAny(t *testing.T) {
	d, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 One"))
	pub.SetHeader("Cache-Control", "")
	s := newswire.Source{ID: "pub", URL: pub.URL()}
	d.visit(nil, s)
	want := d.state("pub").Validators
	pub.AnswerOnce(sourcetest.Document("application/rss+xml", rss("1 One", "2 Two")))
	wantOutcome(t, d.visit(nil, s)["pub"], sources.Changed, 1, 0)
	if got := d.state("pub").Validators; got != want {
		t.Errorf("validators %+v, want the old ones %+v", got, want)
	}
	wantOutcome(t, d.visit(nil, s)["pub"], sources.NotModified, 0, 0)
}

func TestAnUnaskedNotModifiedIsAFailure(t *testing.T) {
	d, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 One"))
	pub.AnswerOnce(sourcetest.Status(304))
	if r := d.visit(nil, newswire.Source{ID: "pub", URL: pub.URL()})["pub"]; r.Outcome != sources.Failed || r.Status != 304 {
		t.Errorf("a first visit that is answered 304: %+v, want a failure", r)
	}
}

func TestPublishersHearHowManyReadThem(t *testing.T) {
	d, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 One"))
	catalog, err := sources.NewCatalog([]newswire.Source{{ID: "pub", URL: pub.URL(), Schedule: "@hourly"}}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	readers := map[string]int{"pub": 42}
	setup := sources.Setup{Catalog: catalog, Fetcher: d.client, Subscribers: func(s *newswire.Source) int { return readers[s.ID] }}
	if err := sources.NewAggregator(d.store, setup, sources.Options{}).Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := pub.LastRequest().Header.Get("User-Agent"); !strings.Contains(got, "42 subscribers") {
		t.Errorf("User-Agent %q, want the number of subscribers in it", got)
	}
}

func TestWhatWaitsToBeReadGoesOnWhenFullTextIsSwitchedOff(t *testing.T) {
	d, pub := newHarness(t), sourcetest.NewPublisher(t, "")
	pub.Publish(strings.ReplaceAll(rss("1 One", "2 Two", "3 Three"), "https://pub.example/", pub.Site()+"/")) // pages that are not there
	pub.SetHeader("Cache-Control", "")
	s := newswire.Source{ID: "pub", URL: pub.URL(), FullText: true}
	d.visit(nil, s)
	if n := len(d.state("pub").Unread); n != 3 {
		t.Fatalf("%d articles wait to be read, want 3", n)
	}
	s.FullText = false
	for _, added := range []int{3, 0, 0} {
		if r := d.visit(nil, s)["pub"]; r.New != added || r.Error != "" {
			t.Errorf("%d new (%s), want %d", r.New, r.Error, added)
		}
	}
	if n := len(d.state("pub").Unread); n != 0 {
		t.Errorf("%d articles still wait", n)
	}
	if n := len(d.articles(newswire.All)); n != 3 {
		t.Errorf("%d articles, want 3", n)
	}
}
