package web_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

func TestEveryConfiguredTopicHasAValidFeedFromTheFirstSecond(t *testing.T) {
	s := webtest.Serve(t, webtest.NewShop(), webtest.Fast)
	for _, topic := range []string{"all", "category/finance", "category/sport", "source/dsb", "source/quiet", "author/ada"} {
		for extension, mediaType := range map[string]string{
			"atom": "application/atom+xml; charset=utf-8",
			"rss":  "application/rss+xml; charset=utf-8",
			"json": "application/feed+json",
		} {
			path := "/feeds/" + topic + "." + extension
			got := s.Get(t, path)
			if got.StatusCode != 200 || got.Header.Get("Content-Type") != mediaType {
				t.Errorf("GET %s = %d %s; want 200 %s", path, got.StatusCode, got.Header.Get("Content-Type"), mediaType)
			}
			if extension == "json" {
				if !json.Valid([]byte(got.Text)) {
					t.Errorf("GET %s is not JSON: %s", path, got.Text)
				}
			} else if err := wellFormed(got.Text); err != nil {
				t.Errorf("GET %s is not XML: %v", path, err)
			}
		}
	}
}

func wellFormed(s string) error {
	for d := xml.NewDecoder(strings.NewReader(s)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestUnknownTopicIsNotFound(t *testing.T) {
	store := webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000")))
	store.Withdraw(webtest.Article("a", time.Time{}).ID, webtest.At("10:00:00.000"))
	s := webtest.Serve(t, store, webtest.Fast)
	for _, tt := range []struct {
		path string
		want int
	}{
		{"/feeds/author/jin-jiang.atom", 200}, // met once, though nothing of theirs is left
		{"/author/jin-jiang", 200},
		{"/feeds/author/stranger.atom", 404},
		{"/feeds/category/nothing.rss", 404},
		{"/feeds/source/nowhere.json", 404},
		{"/feeds/all.xml", 404},
		{"/feeds/all", 404},
		{"/feeds/", 404},
		{"/feeds/publisher/dsb.atom", 404},
		{"/feeds/category/Finance.atom", 404},
		{"/feeds/category/../all.atom", 404}, // one address for each document, and no redirects
		{"//feeds/all.atom", 404},
		{"/feeds//all.atom", 404},
		{"/./feeds/all.atom", 404},
		{"/feeds/%2e%2e/feeds/all.atom", 404},
		{"/feeds/al%6c.atom", 404},
		{"/%63ategory/finance", 404},
		{"/category/finance/", 404},
		{"/category/nothing", 404},
		{"/author/stranger", 404},
		{"/source/a%20b", 404},
		{"/articles/dsb-nothing", 404},
		{"/articles/" + webtest.Article("a", time.Time{}).ID, 410},
		{"/authors?after=malformed", 404},
		{"/wp-login.php", 404},
		{"/favicon.ico", 200},
	} {
		if got := s.Get(t, tt.path); got.StatusCode != tt.want {
			t.Errorf("GET %s = %d; want %d", tt.path, got.StatusCode, tt.want)
		}
	}
}

func TestFeedHeaders(t *testing.T) {
	s := webtest.Serve(t, webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.500"))), webtest.Fast)
	got := s.Get(t, "/feeds/category/finance.atom")
	for name, want := range map[string]string{
		"Content-Type":                  "application/atom+xml; charset=utf-8",
		"Cache-Control":                 "max-age=60, stale-while-revalidate=600, stale-if-error=86400",
		"Vary":                          "Accept-Encoding, A-IM",
		"Last-Modified":                 "Mon, 02 Nov 2026 09:00:00 GMT",
		"Link":                          `<https://wire.example.org/feeds/category/finance.atom>; rel="self"`,
		"Access-Control-Allow-Origin":   "*",
		"Access-Control-Expose-Headers": "ETag, Last-Modified, Link, Age, IM, Delta-Base, Content-Usage",
		"X-Content-Type-Options":        "nosniff",
		"X-Robots-Tag":                  "noindex",
		"Content-Encoding":              "",
		"Age":                           "",
		"Set-Cookie":                    "",
	} {
		if value := got.Header.Get(name); value != want {
			t.Errorf("%s: %q; want %q", name, value, want)
		}
	}
	if int(got.ContentLength) != len(got.Text) {
		t.Errorf("Content-Length: %d; the body has %d bytes", got.ContentLength, len(got.Text))
	}
	head := s.Ask(t, http.MethodHead, "/feeds/category/finance.atom")
	if head.StatusCode != 200 || head.Text != "" || head.ContentLength != got.ContentLength || head.Header.Get("ETag") != got.Header.Get("ETag") {
		t.Errorf("HEAD = %d, %d bytes announced, ETag %s, body %q; want what GET says, without a body",
			head.StatusCode, head.ContentLength, head.Header.Get("ETag"), head.Text)
	}
}

func TestOnlyReadingIsAllowed(t *testing.T) {
	s := webtest.Serve(t, webtest.NewShop(), webtest.Fast)
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "BREW"} {
		for _, path := range []string{"/", "/feeds/all.atom", "/nowhere"} {
			got := s.Ask(t, method, path)
			if got.StatusCode != 405 || got.Header.Get("Allow") != "GET, HEAD, OPTIONS" {
				t.Errorf("%s %s = %d, Allow %q; want 405 with the methods", method, path, got.StatusCode, got.Header.Get("Allow"))
			}
		}
	}
	got := s.Ask(t, "OPTIONS", "/feeds/all.json", "Origin", "https://reader.example", "Access-Control-Request-Method", "GET",
		"Access-Control-Request-Headers", "if-none-match")
	if got.StatusCode != 204 || got.Header.Get("Access-Control-Allow-Origin") != "*" ||
		!strings.Contains(got.Header.Get("Access-Control-Allow-Headers"), "If-None-Match") {
		t.Errorf("OPTIONS = %d %v; want a preflight that lets a script ask conditionally", got.StatusCode, got.Header)
	}
	if got := s.Ask(t, "OPTIONS", "/feeds/all.json"); got.StatusCode != 204 || got.Header.Get("Allow") == "" || got.Header.Get("Access-Control-Allow-Methods") != "" {
		t.Errorf("OPTIONS by no script = %d %v; want what is allowed, and nothing of scripts", got.StatusCode, got.Header)
	}
	if got := s.Ask(t, "OPTIONS", "/"); got.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("OPTIONS / lets scripts of other sites in: %v", got.Header)
	}
}

func TestFeedHoldsTheNewest(t *testing.T) {
	for _, tt := range []struct {
		name  string
		limit int
		want  int
	}{
		{"fifty when nothing is said", 0, 50},
		{"as many as the operator says", 7, 7},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := webtest.Fast
			o.Limit = tt.limit
			s := webtest.Serve(t, webtest.NewShop(webtest.ArticlesFrom(60)...), o)
			var feed struct{ Items []struct{ Title string } }
			if err := json.Unmarshal([]byte(s.Get(t, "/feeds/all.json").Text), &feed); err != nil {
				t.Fatal(err)
			}
			if len(feed.Items) != tt.want || feed.Items[0].Title != "Article n059" {
				t.Errorf("%d items, the first %q; want %d from the newest on", len(feed.Items), feed.Items[0].Title, tt.want)
			}
		})
	}
}

func TestTopicsAreNamedByTheOperatorElseByTheirArticles(t *testing.T) {
	a := webtest.Article("a", webtest.At("09:00:00.000"))
	a.ID, a.Source, a.Publisher.Title = "other-1", "other", "Another Paper"
	a.Authors = []newswire.Person{{ID: "ada", Name: "A. A."}, {ID: "mei", Name: "Mei"}}
	s := webtest.Serve(t, webtest.NewShop(a), webtest.Fast)
	for path, want := range map[string]string{
		"/feeds/all.json":              "The Wire",
		"/feeds/category/finance.json": "Finance – The Wire",
		"/feeds/source/dsb.json":       "電商報 – The Wire",
		"/feeds/source/other.json":     "Another Paper – The Wire", // configured no more
		"/feeds/author/ada.json":       "Ada Author – The Wire",
		"/feeds/author/mei.json":       "Mei – The Wire",
	} {
		var feed struct{ Title string }
		if err := json.Unmarshal([]byte(s.Get(t, path).Text), &feed); err != nil {
			t.Fatal(err)
		}
		if feed.Title != want {
			t.Errorf("%s is titled %q; want %q", path, feed.Title, want)
		}
	}
}

func TestListOfFeedsHasEachTopicOnce(t *testing.T) {
	s := webtest.Serve(t, webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000"))), webtest.Fast)
	got := s.Get(t, "/feeds.opml")
	if got.Header.Get("Access-Control-Allow-Origin") != "*" || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/x-opml") {
		t.Errorf("headers %v; want OPML that scripts may read", got.Header)
	}
	for _, topic := range []string{"all", "category/finance", "category/sport", "source/dsb", "source/quiet", "author/ada"} {
		if n := strings.Count(got.Text, "https://wire.example.org/feeds/"+topic+"."); n != 1 {
			t.Errorf("%s is there %d times; want once, in\n%s", topic, n, got.Text)
		}
	}
}

func TestSameArticlesMakeTheSameETagOnEveryServer(t *testing.T) {
	articles := webtest.ArticlesFrom(20)
	one, other := webtest.Serve(t, webtest.NewShop(articles...), webtest.Fast), webtest.Serve(t, webtest.NewShop(articles...), web.Options{Poll: time.Millisecond})
	for _, path := range []string{"/feeds/all.atom", "/feeds/all.rss", "/feeds/all.json", "/feeds.opml", "/", "/authors", "/category/finance"} {
		for _, coding := range []string{"identity", "gzip", "zstd", "br"} {
			a, b := one.Get(t, path, "Accept-Encoding", coding), other.Get(t, path, "Accept-Encoding", coding)
			if a.Header.Get("ETag") != b.Header.Get("ETag") || a.Text != b.Text {
				t.Errorf("%s in %s: %s and %s from two servers of the same articles", path, coding, a.Header.Get("ETag"), b.Header.Get("ETag"))
			}
		}
	}
}
