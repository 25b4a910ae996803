package sources_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/sourcetest"
)

// standingOf visits a source and returns how it fares.
func standingOf(t *testing.T, d *harness, s newswire.Source) sources.Standing {
	t.Helper()
	d.visit(nil, s)
	catalog, err := sources.NewCatalog([]newswire.Source{s}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	list, err := sources.Standings(t.Context(), d.store, catalog)
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	return list[0]
}

func TestTheOperatorLearnsWhyASourceIsSilent(t *testing.T) {
	recent := time.Now().Add(-48 * time.Hour).Format(time.RFC1123Z)
	for _, tt := range []struct{ name, feed, want string }{
		{"well", rss("1 One @" + recent), ""},
		{"no dates", rss("1 One", "2 Two"), "none of its articles has a date"},
		{"one date", rss("1 One", "2 Two @"+recent), ""},
		{"empty", rss(), "its last document has no articles"},
		{"stale", rss("1 One @Mon, 03 May 2010 10:00:00 GMT"), "its newest article is of 2010-05-03"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newswire.Source{ID: "a", URL: sourcetest.NewPublisher(t, tt.feed).URL(), Schedule: "@every 1h"}
			wantRemark(t, standingOf(t, newHarness(t), s), tt.want)
		})
	}
}

func wantRemark(t *testing.T, s sources.Standing, want string) {
	t.Helper()
	got := strings.Join(s.Remarks, "\n")
	if s.Condition != sources.Well || want == "" && got != "" || !strings.HasPrefix(got, want) || len(s.Remarks) > 1 {
		t.Errorf("%s, with the remarks %q; want %q", s.Condition, got, want)
	}
}

func TestTheOperatorLearnsThatASourceHasMoved(t *testing.T) {
	recent := "1 One @" + time.Now().Add(-time.Hour).Format(time.RFC1123Z)
	publisher := sourcetest.NewPublisher(t, rss(recent))
	publisher.Handle("/new", sourcetest.Document("application/rss+xml", rss(recent)))
	publisher.Answer(http.RedirectHandler(publisher.Site()+"/new", http.StatusMovedPermanently))
	d := newHarness(t)
	s := newswire.Source{ID: "a", URL: publisher.URL(), Schedule: "@every 1h"}
	wantRemark(t, standingOf(t, d, s), "its address leads for good to "+publisher.Site()+"/new since ")
	for range 3 {
		d.advance(13 * time.Hour)
		d.visit(nil, s)
	}
	wantRemark(t, standingOf(t, d, s), "it has moved for good to "+publisher.Site()+"/new and is visited there: write that as its url")
}

func TestTheOperatorLearnsWhichSelectorFindsNothing(t *testing.T) {
	publisher := sourcetest.NewPublisher(t, "")
	publisher.Handle("/list", sourcetest.Document("text/html", `<ul><li><a href="/1">The first</a> <i class="by">Ann</i></li></ul>`))
	publisher.Handle("/1", sourcetest.Document("text/html", `<h1>The first</h1><time datetime="2026-03-01T08:00:00Z"></time><div class="text"><p>`+
		strings.Repeat("It is about the harbour. ", 20)+`</p></div>`))
	s := newswire.Source{ID: "a", URL: publisher.Site() + "/list", Schedule: "@every 1h", Page: &newswire.Page{
		Item: "li", Title: "h1", Author: ".by", Content: "#text",
	}}
	d := newHarness(t)
	wantRemark(t, standingOf(t, d, s), "its selector content finds nothing on the pages of its articles")
	s.Page = &newswire.Page{Item: "li", Title: "h1", Author: ".by", Content: ".text"}
	wantRemark(t, standingOf(t, newHarness(t), s), "")
	s.Page = &newswire.Page{Item: "dl"}
	if got := standingOf(t, newHarness(t), s); got.Condition != sources.Failing || !strings.Contains(got.Error, `the item selector "dl" matches nothing`) {
		t.Errorf("%+v; want a failure that names the selector", got)
	}
}
