package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

func TestHeadSaysWhatGetSays(t *testing.T) {
	a, gone := webtest.Article("a", webtest.At("09:00:00.000")), webtest.Article("gone", webtest.At("08:00:00.000"))
	store := webtest.NewShop(a, gone)
	store.Withdraw(gone.ID, webtest.At("10:00:00.000"))
	s := webtest.Serve(t, store, webtest.Fast)
	for _, path := range append(webtest.Everything(a), "/articles/"+gone.ID, "/feeds/category/nothing.atom", "/nowhere", "/robots.txt", "/favicon.ico", "//") {
		for _, coding := range []string{"identity", "gzip"} {
			get := s.Get(t, path, "Accept-Encoding", coding)
			head := s.Ask(t, http.MethodHead, path, "Accept-Encoding", coding)
			for _, h := range []http.Header{get.Header, head.Header} {
				h.Del("Date")
			}
			if diff := cmp.Diff(get.Header, head.Header); head.StatusCode != get.StatusCode || diff != "" || head.Text != "" {
				t.Errorf("HEAD %s in %s = %d; GET = %d; the body %q, the fields (-GET +HEAD):\n%s",
					path, coding, head.StatusCode, get.StatusCode, head.Text, diff)
			}
			if get.StatusCode != 204 && int(get.ContentLength) != len(get.Text) {
				t.Errorf("GET %s: Content-Length %d of %d bytes", path, get.ContentLength, len(get.Text))
			}
		}
	}
}

func TestSearchEnginesFindThePublisher(t *testing.T) {
	a := webtest.Article("a", webtest.At("09:00:00.000"))
	s := webtest.Serve(t, webtest.NewShop(a), webtest.Fast)
	for path, want := range map[string]string{
		"/feeds/all.atom":      "noindex",
		"/feeds/all.rss":       "noindex",
		"/feeds/all.json":      "noindex",
		"/feeds.opml":          "noindex",
		"/articles/" + a.ID:    "noindex",
		"/":                    "", // a directory: no other site publishes that
		"/category/finance":    "",
		"/about/fetcher":       "",
		"/feeds/all.atom?x=17": "noindex",
	} {
		if got := s.Get(t, path).Header.Get("X-Robots-Tag"); got != want {
			t.Errorf("GET %s: X-Robots-Tag %q; want %q", path, got, want)
		}
	}
}

func TestFeedsNameTheHub(t *testing.T) {
	d := *webtest.Directory()
	d.Hub = "https://wire.example.org/hub"
	store := webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000")))
	s := webtest.ServeDirectory(t, store, func() *web.Directory { return &d }, webtest.Fast)
	for _, extension := range []string{"atom", "rss", "json"} {
		got := s.Get(t, "/feeds/all."+extension)
		want := `<https://wire.example.org/feeds/all.` + extension + `>; rel="self", <https://wire.example.org/hub>; rel="hub"`
		if got.Header.Get("Link") != want || !strings.Contains(got.Text, `"https://wire.example.org/hub"`) {
			t.Errorf("Link of .%s: %s; want %s, and the hub in the feed", extension, got.Header.Get("Link"), want)
		}
	}
}

func TestWhatOnlyGrowsIsNotCompressed(t *testing.T) {
	s := webtest.Serve(t, webtest.NewShop(), webtest.Fast)
	for _, coding := range []string{"gzip", "zstd", "br"} {
		got := s.Get(t, "/robots.txt", "Accept-Encoding", coding)
		if got.Header.Get("Content-Encoding") != "" || got.Text != "User-agent: *\nDisallow:\n" {
			t.Errorf("in %s: Content-Encoding %q, %d bytes; want the plain form", coding, got.Header.Get("Content-Encoding"), len(got.Text))
		}
		if again := s.Get(t, "/robots.txt", "Accept-Encoding", coding, "If-None-Match", got.Header.Get("ETag")); again.StatusCode != 304 {
			t.Errorf("in %s: %d with the tag that was given; want 304", coding, again.StatusCode)
		}
	}
}
