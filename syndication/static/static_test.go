package static_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire/syndication/static"
)

// site answers with what is under each path; its text/html begins with <, and its feeds with "feed".
type site struct {
	mu    sync.Mutex
	pages map[string]string
	asked map[string]int
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked == nil {
		s.asked = map[string]int{}
	}
	s.asked[r.URL.Path]++
	body, ok := s.pages[r.URL.Path]
	switch {
	case !ok:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, "<p>nothing")
	case body == "away":
		http.Error(w, "the store is away", http.StatusServiceUnavailable)
	case strings.HasPrefix(body, "->"):
		http.Redirect(w, r, body[2:], http.StatusMovedPermanently)
	case strings.HasPrefix(body, "<"):
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("X-Robots-Tag", "of "+r.URL.Path)
		fmt.Fprint(w, body)
	default:
		w.Header().Set("Content-Type", "application/atom+xml")
		w.Header().Set("ETag", `"1"`)
		fmt.Fprint(w, body)
	}
}

const address = "https://wire.example.org/base"

func build(t *testing.T, dir string, s *site, start ...string) static.Report {
	t.Helper()
	r, err := static.Build(t.Context(), s, static.Options{Dir: dir, Site: address, Start: start})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// files are those in a folder with their content, but for what the host and the next build read.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		all[filepath.ToSlash(name)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	delete(all, "_headers")
	delete(all, ".newswire-build")
	return all
}

func sample() *site {
	return &site{pages: map[string]string{
		"/": `<a href="/base/category/trade#top">T</a><a href=` + address + `/feeds/all.atom>F</a>
			<a href="/elsewhere">out</a><a href="https://other.example/base/x">out</a><a href="/base/authors?after=x">query</a>
			<a href="/base/old">moved</a><a href="/base/nowhere">gone</a><img src="/base/icon.svg"><a href="//other.example/base/y">out</a>`,
		"/category/trade":           `<a href="../">home</a>`,
		"/feeds/all.atom":           `feed <link rel="prev-archive" href="` + address + `/feeds/all/archive/1.atom"/> see ` + address + `/nothing?a=b.`,
		"/feeds/all/archive/1.atom": "feed 1",
		"/icon.svg":                 "icon",
		"/old":                      "->/base/category/trade",
		"/articles/a-1":             "<p>one",
		"/x":                        "no page leads here",
	}}
}

func TestASiteBecomesFiles(t *testing.T) {
	dir, s := filepath.Join(t.TempDir(), "public"), sample()
	r := build(t, dir, s, "/articles/a-1")
	want := map[string]string{
		"index.html": s.pages["/"], "category/trade.html": s.pages["/category/trade"], "feeds/all.atom": s.pages["/feeds/all.atom"],
		"feeds/all/archive/1.atom": "feed 1", "icon.svg": "icon", "articles/a-1.html": "<p>one", "404.html": "<p>nothing",
	}
	if d := cmp.Diff(want, files(t, dir)); d != "" {
		t.Error(d)
	}
	if want := (static.Report{Files: 8, Written: 8, Queries: 2}); r != want {
		t.Errorf("report %+v, want %+v", r, want)
	}
	for path, n := range s.asked {
		if n != 1 {
			t.Errorf("%s was asked for %d times", path, n)
		}
	}
}

func TestOnlyWhatHasChangedIsWritten(t *testing.T) {
	dir, s := t.TempDir(), sample()
	build(t, dir, s, "/articles/a-1")
	if r := build(t, dir, s, "/articles/a-1"); r.Written != 0 || r.Removed != 0 {
		t.Errorf("a second build: %+v", r)
	}
	s.pages["/icon.svg"] = "another"
	delete(s.pages, "/articles/a-1")
	r := build(t, dir, s, "/articles/a-1")
	if r.Written != 2 || r.Removed != 1 { // the file of header fields, too
		t.Errorf("after a change and a withdrawal: %+v", r)
	}
	if got := files(t, dir); got["icon.svg"] != "another" || got["articles/a-1.html"] != "" {
		t.Errorf("files %v", slices.Sorted(maps.Keys(got)))
	}
	if _, err := os.Stat(filepath.Join(dir, "articles")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the empty folder is there still: %v", err)
	}
}

func TestFilesOfOthersAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	keep := filepath.Join(dir, "CNAME")
	if err := os.WriteFile(keep, []byte("wire.example.org"), 0o600); err != nil {
		t.Fatal(err)
	}
	build(t, dir, sample())
	build(t, dir, &site{pages: map[string]string{"/": "<p>"}})
	if got := files(t, dir)["CNAME"]; got != "wire.example.org" {
		t.Errorf("CNAME is %q", got)
	}

	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "index.html"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := static.Build(t.Context(), sample(), static.Options{Dir: other, Site: address})
	if !errors.Is(err, static.ErrForeign) {
		t.Errorf("error %v, want ErrForeign", err)
	}
	if got := files(t, other)["index.html"]; got != "mine" {
		t.Errorf("index.html is %q", got)
	}
}

func TestASiteThatFailsRemovesNothing(t *testing.T) {
	dir, s := t.TempDir(), sample()
	build(t, dir, s)
	before := files(t, dir)
	s.pages["/category/trade"] = "away"
	_, err := static.Build(t.Context(), s, static.Options{Dir: dir, Site: address})
	if err == nil || !strings.Contains(err.Error(), "/category/trade is answered by 503 Service Unavailable: the store is away") {
		t.Errorf("error %v", err)
	}
	if d := cmp.Diff(before, files(t, dir)); d != "" {
		t.Error(d)
	}
}

// TestNoLinkLeadsOutOfTheFolder has a link in the folder lead elsewhere.
func TestNoLinkLeadsOutOfTheFolder(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "category")); err != nil {
		t.Skip(err)
	}
	if _, err := static.Build(t.Context(), sample(), static.Options{Dir: dir, Site: address}); err == nil {
		t.Error("a build went through a link out of its folder")
	}
	if got := files(t, outside); len(got) > 0 {
		t.Errorf("files outside: %v", got)
	}
}

func TestHostsAreToldWhatAnswersHaveInCommon(t *testing.T) {
	dir := t.TempDir()
	build(t, dir, sample(), "/articles/a-1")
	got, err := os.ReadFile(filepath.Join(dir, "_headers"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\n/\n  Content-Type: text/html; charset=utf-8\n  X-Robots-Tag: of /\n",
		"\n/feeds/*.atom\n  Content-Type: application/atom+xml\n",
		"\n/articles/*\n  Content-Type: text/html; charset=utf-8\n  X-Robots-Tag: of /articles/a-1\n",
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("_headers lacks %q:\n%s", want, got)
		}
	}
	s := sample()
	s.pages["/"] += `<a href="/base/articles/a-1"></a><a href="/base/articles/a-2"></a>`
	s.pages["/articles/a-2"] = "<p>two"
	build(t, dir, s)
	if got, err = os.ReadFile(filepath.Join(dir, "_headers")); err != nil {
		t.Fatal(err)
	}
	if want := "\n/articles/*\n  Content-Type: text/html; charset=utf-8\n/"; !strings.Contains(string(got), want) {
		t.Errorf("fields in which the articles differ are in _headers:\n%s", got)
	}
}
