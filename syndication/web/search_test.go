package web_test

import (
	"context"
	"fmt"
	"html"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/search"
	"github.com/newswire/newswire/syndication/web"
)

// searchable is a server with a search index.
func searchable(t *testing.T, store *webtest.Shop) *webtest.Serving {
	t.Helper()
	var served *web.Server
	ready := make(chan struct{})
	index, err := search.Open(t.Context(), filepath.Join(t.TempDir(), "search"), store, search.Options{
		Poll: 2 * time.Millisecond, Changed: func(removed bool) { <-ready; served.Found(removed) },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- index.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-done
		if err := index.Close(); err != nil {
			t.Error(err)
		}
	})
	o := webtest.Fast
	o.Search = index
	s := webtest.Serve(t, store, o)
	served = s.Server
	close(ready)
	webtest.Until(t, "the index is made", index.Complete)
	return s
}

func rainy() *webtest.Shop {
	rain := webtest.Article("a", webtest.At("09:00:00.000"))
	rain.Title = "Rain tomorrow"
	snow := webtest.Article("b", webtest.At("10:00:00.000"))
	snow.Title = "Snow & rain"
	return webtest.NewShop(rain, snow)
}

func TestEverySearchIsAFeed(t *testing.T) {
	s := searchable(t, rainy())
	for _, extension := range []string{"atom", "rss", "json"} {
		r := s.Get(t, "/feeds/search."+extension+"?q=rain")
		if r.StatusCode != 200 || !strings.Contains(r.Text, "Rain tomorrow") || !strings.Contains(r.Text, "Snow &") {
			t.Errorf("%s: %d %s", extension, r.StatusCode, r.Text)
		}
		self := "<https://wire.example.org/feeds/search." + extension + "?q=rain>; rel=\"self\""
		if got := r.Header.Get("Link"); !strings.Contains(got, self) {
			t.Errorf("Link %q, want %s in it", got, self)
		}
		if again := s.Get(t, "/feeds/search."+extension+"?q=rain", "If-None-Match", r.Header.Get("ETag")); again.StatusCode != 304 {
			t.Errorf("%s again: %d", extension, again.StatusCode)
		}
	}
	if r := s.Get(t, "/feeds/search.atom?q=rain+-snow"); strings.Contains(r.Text, "Snow") || !strings.Contains(r.Text, "Rain tomorrow") {
		t.Errorf("rain -snow finds %s", r.Text)
	}
	if r := s.Get(t, "/feeds/search.atom?q=nothing"); r.StatusCode != 200 || strings.Contains(r.Text, "<entry>") {
		t.Errorf("a search that finds nothing: %d %s", r.StatusCode, r.Text)
	}
}

func TestASearchHasOneAddress(t *testing.T) {
	s := searchable(t, rainy())
	for query, want := range map[string]string{
		"q=Rain":                  "search.atom?q=rain",
		"q=rain%20%20snow":        "search.atom?q=rain+snow",
		"x=1&q=rain":              "search.atom?q=rain",
		"q=rain&after=1.a":        "search.atom?q=rain",
		"q=%22Rain%20Tomorrow%22": "search.atom?q=%22rain+tomorrow%22",
	} {
		r := s.Get(t, "/feeds/search.atom?"+query)
		if r.StatusCode != 301 || r.Header.Get("Location") != want {
			t.Errorf("%s: %d to %q, want %q", query, r.StatusCode, r.Header.Get("Location"), want)
		}
	}
	for _, path := range []string{"/feeds/search.atom", "/feeds/search.atom?q=", "/feeds/search.atom?q=-rain", "/feeds/search.atom?q=%zz", "/feeds/search.atom?q=" + strings.Repeat("x", 300)} {
		if r := s.Get(t, path); r.StatusCode != 400 {
			t.Errorf("%s: %d, want 400", path, r.StatusCode)
		}
	}
	if r := s.Get(t, "/feeds/search.xml?q=rain"); r.StatusCode != 404 {
		t.Errorf("a format that there is not: %d", r.StatusCode)
	}
	plain := webtest.Serve(t, rainy(), webtest.Fast)
	if r := plain.Get(t, "/feeds/search.atom?q=rain"); r.StatusCode != 404 {
		t.Errorf("without an index: %d", r.StatusCode)
	}
}

func TestSearchesFollowWhatIsNew(t *testing.T) {
	store := rainy()
	s := searchable(t, store)
	const path = "/feeds/search.json?q=rain"
	s.Get(t, path)
	more := webtest.Article("c", webtest.At("11:00:00.000"))
	more.Title = "More rain"
	store.Put(more, webtest.At("11:00:00.000"))
	webtest.Until(t, "the new article is found", func() bool { return strings.Contains(s.Get(t, path).Text, "More rain") })
	more.Title, more.Revision = "More rain, corrected", 2
	store.Put(more, webtest.At("11:01:00.000"))
	webtest.Until(t, "the correction is found", func() bool { return strings.Contains(s.Get(t, path).Text, "corrected") })
	store.Withdraw(newswire.ArticleID("dsb", "c"), webtest.At("11:02:00.000"))
	webtest.Until(t, "the withdrawn article is gone", func() bool { return !strings.Contains(s.Get(t, path).Text, "More rain") })
}

func TestPeopleSearchOnAPage(t *testing.T) {
	store := rainy()
	for i := range 60 {
		a := webtest.Article(fmt.Sprint("n", i), webtest.At("08:00:00.000").Add(time.Duration(i)*time.Minute))
		a.Title = fmt.Sprint("Fog ", i)
		store.Put(a, a.Listed)
	}
	s := searchable(t, store)
	r := s.Get(t, "/search")
	if r.StatusCode != 200 || !strings.Contains(r.Text, `<form class="search" role="search" action="/search">`) {
		t.Fatalf("%d %s", r.StatusCode, r.Text)
	}
	if policy := r.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self'") {
		t.Errorf("the form may not be sent: %s", policy)
	}
	if policy := s.Get(t, "/").Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'none'") {
		t.Errorf("every page may send forms: %s", policy)
	}
	r = s.Get(t, "/search?q=rain+-snow")
	for _, want := range []string{`value="rain -snow"`, "Rain tomorrow", `href="https://wire.example.org/feeds/search.atom?q=rain&#43;-snow"`} {
		if !strings.Contains(r.Text, want) {
			t.Errorf("the page lacks %s:\n%s", want, r.Text)
		}
	}
	if strings.Contains(r.Text, "Snow &amp; rain") {
		t.Error("the page has what was excluded")
	}
	if r := s.Get(t, "/search?q=nothing"); r.StatusCode != 200 || !strings.Contains(r.Text, "Nothing was found.") {
		t.Errorf("a search that finds nothing: %d %s", r.StatusCode, r.Text)
	}
	if r := s.Get(t, "/search?q=%3Cscript%3Ealert%3C%2Fscript%3E"); r.StatusCode != 301 && strings.Contains(r.Text, "<script>alert") {
		t.Errorf("%d %s", r.StatusCode, r.Text)
	}
	seen := strings.Count(s.Get(t, "/search?q=fog").Text, "<h3")
	older := regexp.MustCompile(`href="(/search\?[^"]*)" rel="next"`).FindStringSubmatch(s.Get(t, "/search?q=fog").Text)
	if seen != 50 || older == nil {
		t.Fatalf("%d articles, older %v", seen, older)
	}
	r = s.Get(t, html.UnescapeString(older[1]))
	if n := strings.Count(r.Text, "<h3"); r.StatusCode != 200 || n != 10 || strings.Contains(r.Text, `rel="next"`) {
		t.Errorf("the older page: %d with %d articles: %s", r.StatusCode, n, r.Text)
	}
}

func TestPagesLeadToSearchWhereThereIsOne(t *testing.T) {
	for can, want := range map[bool]bool{true: true, false: false} {
		s := webtest.ServeDirectory(t, rainy(), func() *web.Directory {
			d := webtest.Directory()
			d.CanSearch = can
			return d
		}, webtest.Fast)
		if got := strings.Contains(s.Get(t, "/").Text, `href="/search"`); got != want {
			t.Errorf("CanSearch %v: a link is %v", can, got)
		}
	}
}
