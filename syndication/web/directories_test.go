package web_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/static"
	"github.com/newswire/newswire/syndication/web"
)

// large is a store with n authors, and a configuration with as many categories, sources and authors of its own. Half of the
// operator's authors are authors of articles too.
func large(n int) (*webtest.Shop, *web.Directory) {
	store, d := webtest.NewShop(), &web.Directory{Site: webtest.Directory().Site}
	articles := webtest.ArticlesFrom(n)
	for i := range n {
		d.Categories = append(d.Categories, newswire.Category{ID: fmt.Sprintf("c%d", n-i), Title: fmt.Sprintf("Category %d.", n-i)})
		d.Sources = append(d.Sources, newswire.Source{ID: fmt.Sprintf("%c-%d", 'a'+i%26, i), Name: fmt.Sprintf("Source %d.", i)})
		d.Authors = append(d.Authors, newswire.Author{ID: fmt.Sprintf("w%d", 2*i), Name: fmt.Sprintf("Own %d.", 2*i)})
		articles[i].Authors = []newswire.Person{{ID: fmt.Sprintf("w%d", n+i), Name: fmt.Sprintf("Writer %d.", n+i)}}
	}
	slices.Reverse(articles)
	store.Set(func(s *webtest.Shop) { s.Stock = articles })
	return store, d
}

var (
	nextLink  = regexp.MustCompile(`<a href="([^"]*)" rel="next">`)
	topicLink = regexp.MustCompile(`<li><span><a href="/((?:category|source|author)/[^"]*)"`)
)

func topicsOn(page string) []string {
	var topics []string
	for _, m := range topicLink.FindAllStringSubmatch(page, -1) {
		topics = append(topics, m[1])
	}
	return topics
}

func TestDirectoriesListEveryTopicOnce(t *testing.T) {
	const n = 450
	store, d := large(n)
	s := webtest.ServeDirectory(t, store, func() *web.Directory { return d }, webtest.Fast)
	home := s.Get(t, "/").Text
	for path, want := range map[string]int{"/categories": n, "/sources": n, "/authors": n + n/2} {
		if !strings.Contains(home, `<p><a href="`+path+`">All `) {
			t.Errorf("the front page does not lead to %s", path)
		}
		var listed []string
		pages := 0
		for at := path; at != ""; pages++ {
			got := s.Get(t, at)
			topics := topicsOn(got.Text)
			listed = append(listed, topics...)
			canonical := strings.Contains(got.Text, `<link rel="canonical" href="https://wire.example.org`+path+`">`)
			hidden := strings.Contains(got.Text, `<meta name="robots" content="noindex">`)
			if first := at == path; got.StatusCode != 200 || len(topics) > 200 || canonical != first || hidden == first {
				t.Errorf("GET %s = %d, %d topics, canonical: %v, hidden from search engines: %v", at, got.StatusCode, len(topics), canonical, hidden)
			}
			at = ""
			if m := nextLink.FindStringSubmatch(got.Text); m != nil {
				at = m[1]
			}
		}
		if !slices.IsSorted(listed) || len(slices.Compact(listed)) != want || pages != (want+199)/200 {
			t.Errorf("%s lists %d topics on %d pages, in order: %v; want %d", path, len(listed), pages, slices.IsSorted(listed), want)
		}
	}
}

// The operator's name counts, and articles are counted, wherever the author comes from.
func TestDirectoryOfAuthorsJoinsConfigAndArticles(t *testing.T) {
	store, d := large(4) // Own 0, 2, 4 and 6, Writer 4, 5, 6 and 7
	s := webtest.ServeDirectory(t, store, func() *web.Directory { return d }, webtest.Fast)
	page := s.Get(t, "/authors").Text
	for id, want := range map[string]string{
		"w2": `Own 2.</a> <`, "w4": `Own 4.</a> <span class="count">1 article<`, "w5": `Writer 5.</a> <span class="count">1 article<`,
	} {
		want = strings.Replace(want, "</a> <", "</a>", map[bool]int{true: 1}[id == "w2"])
		if !strings.Contains(page, `<a href="/author/`+id+`" dir="auto">`+want) {
			t.Errorf("the entry of %s is not %s:\n%s", id, want, page)
		}
	}
	if strings.Contains(page, "Writer 4.") || strings.Contains(page, "from the beginning") || strings.Contains(page, "/from/") {
		t.Errorf("the page is not the only one, or has an author twice:\n%s", page)
	}
}

func TestDirectoryBeginsWhereItIsAsked(t *testing.T) {
	store, d := large(450)
	s := webtest.ServeDirectory(t, store, func() *web.Directory { return d }, webtest.Fast)
	if page := s.Get(t, "/sources").Text; !strings.Contains(page, `<a href="/sources/from/q">Q</a>`) {
		t.Errorf("the directory has no letters:\n%s", page)
	}
	for path, want := range map[string]string{
		"/sources/from/q":     "source/q-120",
		"/sources/from/q-16":  "source/q-16",
		"/sources/from/q-161": "source/q-172",
		"/sources/from/0":     "source/a-0",
		"/authors/from/w450":  "author/w450",
		"/authors/from/w4":    "author/w4",
		"/authors/from/w-":    "author/w0",
		"/authors/from/a":     "author/w0",
		"/sources/from/zz":    "",
		"/authors/from/z":     "",
	} {
		got := s.Get(t, path)
		first := append(topicsOn(got.Text), "")[0]
		if got.StatusCode != 200 || first != want {
			t.Errorf("GET %s = %d, begins with %q; want %q", path, got.StatusCode, first, want)
		}
	}
	for _, path := range []string{"/sources/from/", "/sources/from/Q", "/sources/from/-a", "/sources/from/a/b", "/authors/from/" + strings.Repeat("a", 129), "/categories/", "/authors/2"} {
		if got := s.Get(t, path); got.StatusCode != 404 {
			t.Errorf("GET %s = %d; want 404", path, got.StatusCode)
		}
	}
}

func TestFormerAddressOfADirectoryLeadsOn(t *testing.T) {
	store, d := large(450)
	s := webtest.ServeDirectory(t, store, func() *web.Directory { return d }, webtest.Fast)
	got := s.Get(t, "/authors?after=author/w500")
	if got.StatusCode != 301 || got.Header.Get("Location") != "authors/from/w500-" {
		t.Fatalf("= %d, %s; want 301", got.StatusCode, got.Header.Get("Location"))
	}
	if topics := topicsOn(s.Get(t, "/authors/from/w500-").Text); topics[0] != "author/w501" {
		t.Errorf("the page begins with %s; want what follows w500", topics[0])
	}
	for _, after := range []string{"malformed", "source/a", "author/", "author/A", "all"} {
		if got := s.Get(t, "/authors?after="+after); got.StatusCode != 404 {
			t.Errorf("after %s = %d; want 404", after, got.StatusCode)
		}
	}
}

// Hosts of files answer what a server does: every topic is on a page that has a file.
func TestDirectoriesAreFilesToo(t *testing.T) {
	const n = 205
	_, d := large(n)
	d.Categories, d.Authors = nil, nil
	dir, quick := t.TempDir(), webtest.Patient
	quick.Formats = web.Formats()[:1]
	s := web.New(webtest.NewShop(), func() *web.Directory { return d }, quick)
	o := static.Options{Dir: dir, Site: d.Site.URL, Start: []string{"/sources"}}
	report, err := static.Build(t.Context(), s, o)
	if err != nil || report.Queries > 0 {
		t.Fatalf("Build = %+v, %v; want no address with a query", report, err)
	}
	listed := map[string]bool{}
	for _, pattern := range []string{"*.html", "*/from/*.html"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			page, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, topic := range topicsOn(string(page)) {
				listed[topic] = true
			}
		}
	}
	if len(listed) != n {
		t.Errorf("%d topics are on pages with files, want %d", len(listed), n)
	}
}
