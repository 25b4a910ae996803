package web_test

import (
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/feedtest"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

// mixed are articles of which each is odd in its own way.
func mixed() []newswire.Article {
	zh := webtest.Article("zh", webtest.At("09:30:00.000"))
	zh.Title, zh.Summary, zh.Language = "跨境電商的新規則", "<p>海關總署今天公布了<b>新的</b>規則。</p>", "zh-Hant"
	hostile := webtest.Article("hostile", webtest.At("09:20:00.000"))
	hostile.Title, hostile.Summary = `<script>alert("title")</script>`, `<p>Fish &amp; chips<br>for "two" &lt;b&gt;</p>`
	hostile.URL, hostile.Authors = "javascript:alert(1)", []newswire.Person{{Name: `"><img src=x>`}, {ID: "mei", Name: "Mei"}}
	title := webtest.Article("title", webtest.At("09:10:00.000"))
	title.Rights.Policy, title.Authors = newswire.PolicyTitle, nil
	untitled := webtest.Article("untitled", webtest.At("09:00:00.000"))
	untitled.Title, untitled.Published = "", time.Time{}
	return []newswire.Article{zh, hostile, title, untitled}
}

func TestPages(t *testing.T) {
	s := webtest.Serve(t, webtest.NewShop(mixed()...), webtest.Fast)
	for path, file := range map[string]string{
		"/":                 "home.html",
		"/category/finance": "category.html",
		"/source/quiet":     "source-empty.html",
		"/authors":          "authors.html",
		"/about/fetcher":    "fetcher.html",
		"/nowhere":          "unknown.html",
		"/articles/" + webtest.Article("zh", time.Time{}).ID: "article.html",
	} {
		t.Run(file, func(t *testing.T) {
			got := s.Get(t, path)
			feedtest.Golden(t, file, []byte(unhashed.ReplaceAllString(got.Text, "…")))
			balanced(t, got.Text)
		})
	}
}

// unhashed is what changes in a page with the files that it loads.
var unhashed = regexp.MustCompile(`[0-9a-f]{12}\b|sha384-[^"]*`)

// balanced says what is wrong with the nesting of a page's elements.
func balanced(t *testing.T, page string) {
	t.Helper()
	void := map[string]bool{"meta": true, "link": true, "br": true}
	var open []string
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				t.Errorf("never closed: %v", open)
			}
			return
		case html.StartTagToken:
			if name, _ := z.TagName(); !void[string(name)] {
				open = append(open, string(name))
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if len(open) == 0 || open[len(open)-1] != string(name) {
				t.Fatalf("</%s> closes %v", name, open)
			}
			open = open[:len(open)-1]
		}
	}
}

func TestPagesLoadAndRunNothingOfOthers(t *testing.T) {
	s := webtest.Serve(t, webtest.NewShop(mixed()...), webtest.Fast)
	for _, path := range []string{"/", "/category/finance", "/authors", "/about/fetcher", "/nowhere"} {
		got := s.Get(t, path)
		csp := got.Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("GET %s: Content-Security-Policy %q lacks %q", path, csp, want)
			}
		}
		inert(t, path, got.Text)
		if got.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("GET %s lets scripts of other sites in", path)
		}
	}
}

// waits says whether a person has to start something before it is loaded.
func waits(token html.Token) bool {
	return (token.Data == "audio" || token.Data == "video") && slices.ContainsFunc(token.Attr, func(a html.Attribute) bool { return a.Key == "preload" && a.Val == "none" })
}

// inert says what a page would load or run.
func inert(t *testing.T, path, page string) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(page))
	for z.Next() != html.ErrorToken {
		token := z.Token()
		if token.Type != html.StartTagToken {
			continue
		}
		switch token.Data {
		case "style", "iframe", "object", "form", "base":
			t.Errorf("GET %s has %s", path, token)
		}
		loads := false
		for _, a := range token.Attr {
			loads = loads || token.Data == "link" && a.Key == "rel" && a.Val != "canonical" && a.Val != "alternate"
		}
		for _, a := range token.Attr {
			foreign := a.Key == "src" && !waits(token) || loads && a.Key == "href"
			if foreign = foreign && !(strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "//")); foreign || a.Key == "srcset" || a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Val, "javascript:") {
				t.Errorf("GET %s has %s", path, token)
			}
		}
	}
}

func TestPageNamesItsFeeds(t *testing.T) {
	s := webtest.Serve(t, webtest.NewShop(mixed()...), webtest.Fast)
	body := s.Get(t, "/author/jin-jiang").Text
	for extension, mediaType := range map[string]string{
		"atom": "application/atom&#43;xml", "rss": "application/rss&#43;xml", "json": "application/feed&#43;json",
	} {
		address := "https://wire.example.org/feeds/author/jin-jiang." + extension
		if !strings.Contains(body, `<link rel="alternate" type="`+mediaType+`" title="金江 – The Wire`) {
			t.Errorf("no program would find a feed of type %s", mediaType)
		}
		if n := strings.Count(body, `href="`+address+`"`); n != 2 {
			t.Errorf("%s is there %d times; want once for programs and once for people", address, n)
		}
	}
}

func TestArticlePageSendsPeopleAndEnginesToThePublisher(t *testing.T) {
	a := webtest.Article("a", webtest.At("09:00:00.000"))
	s := webtest.Serve(t, webtest.NewShop(a), webtest.Fast)
	got := s.Get(t, "/articles/"+a.ID)
	if got.Header.Get("X-Robots-Tag") != "noindex" {
		t.Errorf("X-Robots-Tag: %q; want noindex", got.Header.Get("X-Robots-Tag"))
	}
	for _, want := range []string{
		`<link rel="canonical" href="https://news.example.com/a">`, `<meta name="robots" content="noindex">`,
		`<a class="publisher" href="https://news.example.com/a" rel="external">Read it at 電商報</a>`,
	} {
		if !strings.Contains(got.Text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func TestRobotsMayReadEverything(t *testing.T) {
	s := webtest.Serve(t, webtest.NewShop(), webtest.Fast)
	if got := s.Get(t, "/robots.txt"); got.StatusCode != 200 || got.Text != "User-agent: *\nDisallow:\n" {
		t.Errorf("GET /robots.txt = %d %q", got.StatusCode, got.Text)
	}
}

func TestSiteUnderAPathLinksWithinIt(t *testing.T) {
	d := webtest.Directory()
	d.Site.URL = "https://example.org/wire"
	s := webtest.ServeDirectory(t, webtest.NewShop(mixed()...), func() *web.Directory { return d }, webtest.Fast)
	body := s.Get(t, "/").Text
	for _, want := range []string{`href="/wire/category/finance"`, `href="/wire/authors"`, `href="https://example.org/wire/feeds/all.atom"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the front page lacks %s", want)
		}
	}
	if strings.Contains(body, `href="/category`) || strings.Contains(body, `href="/source`) {
		t.Error("the front page has links that leave the site's path")
	}
}

// A client that says nothing, or half of something, is let go.
func TestHTTPServerHasEveryTimeout(t *testing.T) {
	srv := web.NewHTTPServer("127.0.0.1:0", http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	for name, d := range map[string]time.Duration{
		"ReadHeaderTimeout": srv.ReadHeaderTimeout, "ReadTimeout": srv.ReadTimeout,
		"WriteTimeout": srv.WriteTimeout, "IdleTimeout": srv.IdleTimeout,
	} {
		if d <= 0 {
			t.Errorf("%s = %v; want a limit", name, d)
		}
	}
}
