package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

func TestWhatWasPublishedUnderAnAuthorsFormerIDLeadsToTheAuthor(t *testing.T) {
	a := webtest.Article("a", webtest.At("09:00:00.000"))
	a.Authors = []newswire.Person{{ID: "a-b.smith", Name: "Smith", Former: "smith a-b-smith"}, {ID: "ada", Name: "Ada Author", Former: "dsb-ada-author"}}
	s := webtest.Serve(t, webtest.NewShop(a), webtest.Fast)
	for path, want := range map[string]string{
		"/feeds/author/a-b-smith.atom":            "/feeds/author/a-b.smith.atom",
		"/feeds/author/smith.rss":                 "/feeds/author/a-b.smith.rss",
		"/feeds/author/a-b-smith.json?limit=3":    "/feeds/author/a-b.smith.json?limit=3",
		"/feeds/author/a-b-smith/archive/7.atom":  "/feeds/author/a-b.smith.atom",
		"/feeds/author/a-b-smith/archive/0.atom":  "/feeds/author/a-b.smith.atom",
		"/author/a-b-smith":                       "/author/a-b.smith",
		"/author/dsb-ada-author":                  "/author/ada",
		"/author/a-b.smith":                       "",
		"/feeds/all.atom?author=a-b-smith":        "",
		"/feeds/author/of-another-name.atom":      "",
		"/feeds/author/a-b.smith.atom?limit=3":    "",
		"/feeds/category/a-b-smith.atom":          "",
		"/feeds/source/dsb.atom?author=a-b-smith": "",
	} {
		got := s.Get(t, path)
		location := got.Header.Get("Location")
		if base := path[:strings.LastIndexByte(strings.SplitN(path, "?", 2)[0], '/')+1]; location != "" && !strings.HasPrefix(location, "/") {
			for strings.HasPrefix(location, "../") {
				location, base = location[3:], base[:strings.LastIndexByte(strings.TrimSuffix(base, "/"), '/')+1]
			}
			location = base + location
		}
		if location != want || (got.StatusCode == http.StatusMovedPermanently) != (want != "") {
			t.Errorf("GET %s = %d to %q; want %q", path, got.StatusCode, location, want)
		}
	}
}

func TestAnAuthorsFeedSaysWhereItsArticlesAreFrom(t *testing.T) {
	a := webtest.Article("a", webtest.At("09:00:00.000"))
	a.Authors = []newswire.Person{{ID: "dsb-mei", Name: "Mei"}, {ID: "everywhere", Name: "E"}, {ID: "here", Name: "H"}, {ID: "both", Name: "B"}}
	directory := func() *web.Directory {
		d := *webtest.Directory()
		d.Authors = []newswire.Author{
			{ID: "everywhere", Name: "Eve"},
			{ID: "here", Name: "Heri", Aliases: []newswire.Alias{{Source: "dsb", Name: "H"}}},
			{ID: "both", Name: "Bo", Aliases: []newswire.Alias{{Source: "dsb", Name: "B"}, {Source: "quiet", Name: "B"}, {Source: "dsb", Name: "Bo"}}},
			{ID: "any", Name: "Any", Aliases: []newswire.Alias{{Source: "dsb", Name: "A"}, {Name: "Any"}}},
		}
		return &d
	}
	s := webtest.ServeDirectory(t, webtest.NewShop(a), directory, webtest.Fast)
	for id, want := range map[string]string{
		"dsb-mei":    "Articles by Mei in 電商報.",
		"everywhere": "Articles by Eve, from every publisher that The Wire follows.",
		"here":       "Articles by Heri in 電商報.",
		"both":       "Articles by Bo in 電商報 and The Quiet Daily.",
		"any":        "Articles by Any, from every publisher that The Wire follows.",
	} {
		var feed struct{ Description string }
		if err := json.Unmarshal([]byte(s.Get(t, "/feeds/author/"+id+".json").Text), &feed); err != nil || feed.Description != want {
			t.Errorf("%s's feed says %q, %v; want %q", id, feed.Description, err, want)
		}
	}
}

func TestTheUsualSpellingOfAnAuthorTitlesTheFeed(t *testing.T) {
	for _, tt := range []struct {
		names []string // newest first
		want  string
	}{
		{[]string{"ADA MARSH", "Ada Marsh", "Ada Marsh"}, "Ada Marsh"},
		{[]string{"ADA MARSH", "ADA MARSH", "Ada Marsh"}, "Ada Marsh"},
		{[]string{"ADA MARSH", "ADA MARSH"}, "ADA MARSH"},
		{[]string{"Ada Mársh", "Ada Marsh", "Ada Marsh"}, "Ada Marsh"},
		{[]string{"ada marsh", "Ada Marsh"}, "ada marsh"},
		{[]string{"", "Ada Marsh"}, "Ada Marsh"},
		{[]string{"金江", "金江"}, "金江"},
	} {
		store := webtest.NewShop()
		for i, name := range tt.names {
			a := webtest.Article(fmt.Sprint(i), webtest.At("09:00:00.000").Add(-time.Duration(i)*time.Minute))
			a.Authors = []newswire.Person{{ID: "dsb-ada-marsh", Name: name}}
			store.Put(a, a.Listed)
		}
		s := webtest.Serve(t, store, webtest.Fast)
		var feed struct{ Title string }
		if err := json.Unmarshal([]byte(s.Get(t, "/feeds/author/dsb-ada-marsh.json").Text), &feed); err != nil || feed.Title != tt.want+" – The Wire" {
			t.Errorf("of %q the feed is titled %q, %v; want %q", tt.names, feed.Title, err, tt.want)
		}
	}
}
