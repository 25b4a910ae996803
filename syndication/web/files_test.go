package web_test

import (
	"bytes"
	"context"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire/syndication/internal/webtest"
)

func TestPagesLoadTheirFilesFromAddressesThatNeverChange(t *testing.T) {
	s := webtest.Serve(t, webtest.NewShop(mixed()...), webtest.Fast)
	body := s.Get(t, "/").Text
	paths := regexp.MustCompile(`"(/assets/[^"]*|/favicon[^"]*)"`).FindAllStringSubmatch(body, -1)
	if n := strings.Count(body, `rel="stylesheet"`); n != 1 || len(paths) != 4 {
		t.Fatalf("%d style sheets, want 1; of 4 files, %v", n, paths)
	}
	for _, m := range paths {
		got := s.Get(t, m[1])
		forever := strings.HasPrefix(m[1], "/assets/")
		if got.StatusCode != 200 || got.Text == "" || strings.Contains(got.Header.Get("Cache-Control"), "immutable") != forever {
			t.Errorf("GET %s = %d, %d bytes, Cache-Control %s", m[1], got.StatusCode, len(got.Text), got.Header.Get("Cache-Control"))
		}
		if again := s.Get(t, m[1], "If-None-Match", got.Header.Get("ETag")); again.StatusCode != 304 {
			t.Errorf("GET %s again = %d", m[1], again.StatusCode)
		}
	}
	if got := s.Get(t, "/assets/style.000000000000.css"); got.StatusCode != 200 || got.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("the style of an earlier release: %d, Cache-Control %s", got.StatusCode, got.Header.Get("Cache-Control"))
	}
	if got := s.Get(t, "/assets/other.css"); got.StatusCode != 404 {
		t.Errorf("a file that there never was: %d", got.StatusCode)
	}
}

func TestSubscribeSaysHow(t *testing.T) {
	s := webtest.Serve(t, webtest.NewShop(mixed()...), webtest.Fast)
	body := s.Get(t, "/category/finance").Text
	const address = "https%3A%2F%2Fwire.example.org%2Ffeeds%2Fcategory%2Ffinance.atom"
	for _, want := range []string{
		`<code class="address" dir="ltr">https://wire.example.org/feeds/category/finance.atom</code>`,
		`href="feed:https://wire.example.org/feeds/category/finance.atom"`,
		`href="https://feedly.com/i/subscription/feed%2F` + address + `"`,
		`href="https://www.inoreader.com/?add_feed=` + address + `"`,
		`href="https://www.newsblur.com/?url=` + address + `"`,
		`href="https://theoldreader.com/feeds/subscribe?url=` + address + `"`,
		`href="https://feedbin.com/?subscribe=` + address + `"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func TestFeedInABrowserIsXMLWithItsStyle(t *testing.T) {
	s := webtest.Serve(t, webtest.NewShop(mixed()...), webtest.Fast)
	const style = `<?xml-stylesheet type="text/css" href="/feeds.css"?>`
	for _, tt := range []struct {
		path      string
		fields    []string
		mediaType string
		private   bool
	}{
		{"/feeds/all.atom", nil, "application/atom+xml; charset=utf-8", false},
		{"/feeds/all.atom", []string{"Sec-Fetch-Dest", "document"}, "application/xml; charset=utf-8", true},
		{"/feeds/all.rss", []string{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}, "application/xml; charset=utf-8", true},
		{"/feeds/all.rss", []string{"Accept", "application/rss+xml, text/html"}, "application/rss+xml; charset=utf-8", false},
		{"/feeds/all.atom", []string{"Sec-Fetch-Dest", "empty", "Accept", "text/html"}, "application/atom+xml; charset=utf-8", false},
		{"/feeds/all.json", []string{"Sec-Fetch-Dest", "document"}, "application/feed+json", true},
	} {
		plain, got := s.Get(t, tt.path), s.Get(t, tt.path, tt.fields...)
		private := strings.HasPrefix(got.Header.Get("Cache-Control"), "private")
		if got.Header.Get("Content-Type") != tt.mediaType || private != tt.private {
			t.Errorf("GET %s %v: %s, Cache-Control %s", tt.path, tt.fields, got.Header.Get("Content-Type"), got.Header.Get("Cache-Control"))
		}
		if got.Text != plain.Text || got.Header.Get("ETag") != plain.Header.Get("ETag") {
			t.Errorf("GET %s %v: other bytes than a feed reader gets", tt.path, tt.fields)
		}
		if strings.Contains(got.Text, style) == strings.HasSuffix(tt.path, "json") {
			t.Errorf("GET %s: a style sheet in JSON, or none in XML", tt.path)
		}
	}
	if got := s.Get(t, "/feeds.css"); got.Header.Get("Content-Type") != "text/css; charset=utf-8" || strings.Contains(got.Text, "NOTE") {
		t.Errorf("the style sheet: %s\n%s", got.Header.Get("Content-Type"), got.Text)
	}
}

func TestFeedIsReadableInChromium(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("left out: there is no chromium")
	}
	s := webtest.Serve(t, webtest.NewShop(mixed()...), webtest.Fast)
	for _, format := range []string{"atom", "rss"} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		dom, err := exec.CommandContext(ctx, chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--dump-dom",
			"--user-data-dir="+t.TempDir(), s.URL+"/feeds/all."+format).Output()
		if err != nil {
			t.Fatalf("Chromium: %v", err)
		}
		if !bytes.HasPrefix(dom, []byte("<feed")) && !bytes.HasPrefix(dom, []byte("<rss")) {
			t.Errorf("Chromium shows the %s feed as plain text:\n%.300s", format, dom)
		}
	}
}
