package web_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/newswire/newswire/syndication/internal/webtest"
)

func TestRecordedVisitReachesReaders(t *testing.T) {
	store := webtest.OpenStore(t)
	s := webtest.Serve(t, store, webtest.Patient)
	empty := s.Get(t, "/feeds/source/dsb.atom")
	if empty.StatusCode != 200 {
		t.Fatalf("GET before the first visit = %d; want an empty feed", empty.StatusCode)
	}

	a, b := webtest.Article("a", webtest.At("09:00:00.000")), webtest.Article("b", webtest.At("10:00:00.000"))
	webtest.Record(t, store, "dsb", a, b)
	webtest.Until(t, "both articles are there", func() bool {
		body := s.Get(t, "/feeds/source/dsb.atom").Text
		return strings.Contains(body, "Article a") && strings.Index(body, "Article b") < strings.Index(body, "Article a")
	})
	for path, want := range map[string]string{
		"/feeds/author/jin-jiang.json": "Article b",
		"/author/jin-jiang":            "Article b",
		"/authors":                     "金江",
		"/":                            "2 articles",
		"/articles/" + a.ID:            "Article a",
	} {
		if got := s.Get(t, path); got.StatusCode != 200 || !strings.Contains(got.Text, want) {
			t.Errorf("GET %s = %d without %q", path, got.StatusCode, want)
		}
	}

	if _, err := store.Withdraw(t.Context(), a.ID, "a mistake"); err != nil {
		t.Fatal(err)
	}
	webtest.Until(t, "the withdrawn article is gone", func() bool { return s.Get(t, "/articles/"+a.ID).StatusCode == 410 })
	webtest.Until(t, "the feed says so", func() bool {
		return strings.Contains(s.Get(t, "/feeds/source/dsb.atom").Text, `<at:deleted-entry ref="`+a.AtomID+`"`)
	})
	for _, path := range webtest.Everything(b) {
		if got := s.Get(t, path); got.StatusCode != 200 || strings.Contains(got.Text, "Article a") {
			t.Errorf("GET %s = %d, with what was withdrawn: %v", path, got.StatusCode, strings.Contains(got.Text, "Article a"))
		}
	}
}

func TestArticlePageTellsWhenItWasCorrected(t *testing.T) {
	store := webtest.OpenStore(t)
	s := webtest.Serve(t, store, webtest.Patient)
	a := webtest.Article("a", webtest.At("09:00:00.000"))
	for _, revise := range []func(){
		func() { a.Published = webtest.At("09:00:00.000") },
		func() { a.Categories = []string{"finance"} }, // the operator's doing, which moves no date
		func() { a.Updated = webtest.At("10:00:00.000") },
		func() { a.Updated, a.Held = webtest.At("11:00:00.000"), "almost nothing but links" },
		func() { a.Updated, a.Held = webtest.At("12:00:00.000"), "" },
	} {
		revise()
		a.Offer = strconv.Itoa(a.Revision)
		webtest.Record(t, store, "dsb", a)
		a.Revision++
	}
	webtest.Until(t, "the page says so", func() bool { return strings.Contains(s.Get(t, "/articles/"+a.ID).Text, "12:00 UTC</time></span></p>") })
	body := s.Get(t, "/articles/"+a.ID).Text
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
	store := webtest.OpenStore(t)
	a := webtest.Article("a", webtest.At("09:00:00.000"))
	webtest.Record(t, store, "dsb", a)
	before, after := webtest.Serve(t, store, webtest.Patient), webtest.Serve(t, store, webtest.Patient)
	for _, path := range webtest.Everything(a) {
		x, y := before.Get(t, path), after.Get(t, path)
		if x.StatusCode != 200 || x.Header.Get("ETag") != y.Header.Get("ETag") || x.Text != y.Text {
			t.Errorf("GET %s = %d; ETag %s, then %s", path, x.StatusCode, x.Header.Get("ETag"), y.Header.Get("ETag"))
		}
	}
}
