package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHeadSaysWhatGetSays(t *testing.T) {
	a, gone := article("a", at("09:00:00.000")), article("gone", at("08:00:00.000"))
	store := newShop(a, gone)
	store.withdraw(gone.ID, at("10:00:00.000"))
	s := serve(t, store, fast)
	for _, path := range append(everything(a), "/articles/"+gone.ID, "/feeds/category/nothing.atom", "/nowhere", "/robots.txt", "/favicon.ico", "//") {
		for _, coding := range []string{"identity", "gzip"} {
			get := s.get(t, path, "Accept-Encoding", coding)
			head := s.ask(t, http.MethodHead, path, "Accept-Encoding", coding)
			for _, h := range []http.Header{get.Header, head.Header} {
				h.Del("Date")
			}
			if diff := cmp.Diff(get.Header, head.Header); head.StatusCode != get.StatusCode || diff != "" || head.body != "" {
				t.Errorf("HEAD %s in %s = %d; GET = %d; the body %q, the fields (-GET +HEAD):\n%s",
					path, coding, head.StatusCode, get.StatusCode, head.body, diff)
			}
			if get.StatusCode != 204 && int(get.ContentLength) != len(get.body) {
				t.Errorf("GET %s: Content-Length %d of %d bytes", path, get.ContentLength, len(get.body))
			}
		}
	}
}

func TestSearchEnginesFindThePublisher(t *testing.T) {
	a := article("a", at("09:00:00.000"))
	s := serve(t, newShop(a), fast)
	for path, want := range map[string]string{
		"/feeds/all.atom":      "noindex",
		"/feeds/all.rss":       "noindex",
		"/feeds/all.json":      "noindex",
		"/feeds.opml":          "noindex",
		"/articles/" + a.ID:    "noindex",
		"/":                    "", // a directory: nobody else publishes that
		"/category/finance":    "",
		"/about/fetcher":       "",
		"/feeds/all.atom?x=17": "noindex",
	} {
		if got := s.get(t, path).Header.Get("X-Robots-Tag"); got != want {
			t.Errorf("GET %s: X-Robots-Tag %q; want %q", path, got, want)
		}
	}
}

func TestFeedsNameTheHub(t *testing.T) {
	o := fast
	o.Hub = "https://wire.example.org/hub"
	s := serve(t, newShop(article("a", at("09:00:00.000"))), o)
	for _, extension := range []string{"atom", "rss", "json"} {
		got := s.get(t, "/feeds/all."+extension)
		want := `<https://wire.example.org/feeds/all.` + extension + `>; rel="self", <https://wire.example.org/hub>; rel="hub"`
		if got.Header.Get("Link") != want || !strings.Contains(got.body, `"https://wire.example.org/hub"`) {
			t.Errorf("Link of .%s: %s; want %s, and the hub in the feed", extension, got.Header.Get("Link"), want)
		}
	}
}

func TestWhatOnlyGrowsIsNotCompressed(t *testing.T) {
	s := serve(t, newShop(), fast)
	for _, coding := range []string{"gzip", "zstd", "br"} {
		got := s.get(t, "/robots.txt", "Accept-Encoding", coding)
		if got.Header.Get("Content-Encoding") != "" || got.body != "User-agent: *\nDisallow:\n" {
			t.Errorf("in %s: Content-Encoding %q, %d bytes; want the plain form", coding, got.Header.Get("Content-Encoding"), len(got.body))
		}
		if again := s.get(t, "/robots.txt", "Accept-Encoding", coding, "If-None-Match", got.Header.Get("ETag")); again.StatusCode != 304 {
			t.Errorf("in %s: %d with the tag that was given; want 304", coding, again.StatusCode)
		}
	}
}
