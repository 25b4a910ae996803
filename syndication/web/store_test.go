package web_test

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/sqlitecache"
	"github.com/newswire/newswire/syndication/web"
)

// openStore opens a real store in a file, until the test ends.
func openStore(t testing.TB) cache.Store {
	t.Helper()
	store, err := sqlitecache.Open(t.Context(), filepath.Join(t.TempDir(), "newswire.db"), sqlitecache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// patient leaves a real store the time that it takes on a busy machine.
var patient = web.Options{Poll: 10 * time.Millisecond}

// record has a worker visit a publisher who offers the articles.
func record(t testing.TB, store cache.Store, source string, articles ...newswire.Article) {
	t.Helper()
	ctx := t.Context()
	due, err := store.Due(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Reschedule(ctx, source, due[source], time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	leases, err := store.Claim(ctx, 1, time.Minute, source)
	if err != nil || len(leases) != 1 {
		t.Fatalf("Claim = %v, %v; want one lease", leases, err)
	}
	visit := newswire.Visit{
		Source: source, At: leases[0].At, Articles: articles,
		State: newswire.State{Source: source, Due: leases[0].At.Add(time.Hour)},
	}
	if err := store.Record(ctx, leases[0], visit); err != nil {
		t.Fatal(err)
	}
}

func TestRecordedVisitReachesReaders(t *testing.T) {
	store := openStore(t)
	s := serve(t, store, patient)
	empty := s.get(t, "/feeds/source/dsb.atom")
	if empty.StatusCode != 200 {
		t.Fatalf("GET before the first visit = %d; want an empty feed", empty.StatusCode)
	}

	a, b := article("a", at("09:00:00.000")), article("b", at("10:00:00.000"))
	record(t, store, "dsb", a, b)
	until(t, "both articles are there", func() bool {
		body := s.get(t, "/feeds/source/dsb.atom").body
		return strings.Contains(body, "Article a") && strings.Index(body, "Article b") < strings.Index(body, "Article a")
	})
	for path, want := range map[string]string{
		"/feeds/author/jin-jiang.json": "Article b",
		"/author/jin-jiang":            "Article b",
		"/authors":                     "金江",
		"/":                            "2 articles",
		"/articles/" + a.ID:            "Article a",
	} {
		if got := s.get(t, path); got.StatusCode != 200 || !strings.Contains(got.body, want) {
			t.Errorf("GET %s = %d without %q", path, got.StatusCode, want)
		}
	}

	if _, err := store.Withdraw(t.Context(), a.ID, "a mistake"); err != nil {
		t.Fatal(err)
	}
	until(t, "the withdrawn article is gone", func() bool { return s.get(t, "/articles/"+a.ID).StatusCode == 410 })
	until(t, "the feed says so", func() bool {
		return strings.Contains(s.get(t, "/feeds/source/dsb.atom").body, `<at:deleted-entry ref="`+a.AtomID+`"`)
	})
	for _, path := range everything(b) {
		if got := s.get(t, path); got.StatusCode != 200 || strings.Contains(got.body, "Article a") {
			t.Errorf("GET %s = %d, with what was withdrawn: %v", path, got.StatusCode, strings.Contains(got.body, "Article a"))
		}
	}
}

func TestArticlePageTellsWhenItWasCorrected(t *testing.T) {
	store := openStore(t)
	s := serve(t, store, patient)
	a := article("a", at("09:00:00.000"))
	for _, revise := range []func(){
		func() { a.Published = at("09:00:00.000") },
		func() { a.Categories = []string{"finance"} }, // the operator's doing, which moves no date
		func() { a.Updated = at("10:00:00.000") },
		func() { a.Updated, a.Held = at("11:00:00.000"), "almost nothing but links" },
		func() { a.Updated, a.Held = at("12:00:00.000"), "" },
	} {
		revise()
		a.Offer = strconv.Itoa(a.Revision)
		record(t, store, "dsb", a)
		a.Revision++
	}
	until(t, "the page says so", func() bool { return strings.Contains(s.get(t, "/articles/"+a.ID).body, "12:00 UTC</time></p>") })
	body := s.get(t, "/articles/"+a.ID).body
	if n := strings.Count(body, "Corrected <time"); n != 2 {
		t.Errorf("%d corrections, want the two that readers saw:\n%s", n, body)
	}
	for _, clock := range []string{"T10:00:00Z", "T12:00:00Z"} {
		if !strings.Contains(body, clock+`">`) {
			t.Errorf("no correction at %s", clock)
		}
	}
}

func TestRestartKeepsETags(t *testing.T) {
	store := openStore(t)
	a := article("a", at("09:00:00.000"))
	record(t, store, "dsb", a)
	before, after := serve(t, store, patient), serve(t, store, patient)
	for _, path := range everything(a) {
		x, y := before.get(t, path), after.get(t, path)
		if x.StatusCode != 200 || x.Header.Get("ETag") != y.Header.Get("ETag") || x.body != y.body {
			t.Errorf("GET %s = %d; ETag %s, then %s", path, x.StatusCode, x.Header.Get("ETag"), y.Header.Get("ETag"))
		}
	}
}
