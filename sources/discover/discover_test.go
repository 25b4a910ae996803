package discover_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire/sources/discover"
	"github.com/newswire/newswire/sources/fetch"
)

// rss is a feed with that title and articles.
func rss(title string, articles ...string) string {
	var items strings.Builder
	for _, a := range articles {
		fmt.Fprintf(&items, "<item><guid>%s</guid><link>https://news.example.com/%s</link><title>%s</title></item>", a, a, a)
	}
	return `<rss version="2.0"><channel><title>` + title + `</title><link>https://news.example.com/</link>` + items.String() + `</channel></rss>`
}

const (
	atom = `<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><id>tag:a</id><updated>2026-01-01T00:00:00Z</updated>
<entry><id>tag:1</id><title>1</title><link href="https://news.example.com/1"/><updated>2026-01-01T00:00:00Z</updated></entry></feed>`
	json = `{"version":"https://jsonfeed.org/version/1.1","title":"News","items":[{"id":"9","url":"https://news.example.com/9","content_text":"9"}]}`
	news = `<urlset xmlns:news="x"><url><loc>https://news.example.com/1</loc><news:news><news:publication><news:name>News</news:name>
</news:publication><news:title>1</news:title></news:news></url></urlset>`
	plain = `<urlset><url><loc>https://news.example.com/1</loc></url></urlset>`
)

// site is a site that answers by path. A page that begins with "Link: " has that header; one that begins with a status
// answers with it, and a redirect goes where it says.
type site struct {
	*httptest.Server
	mu    sync.Mutex // guards asked
	asked []string
}

func newSite(t *testing.T, pages map[string]string) *site {
	s := &site{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.URL.RequestURI())
		s.mu.Unlock()
		page, ok := pages[r.URL.RequestURI()]
		if header, body, found := strings.Cut(page, "\n"); found && strings.HasPrefix(header, "Link: ") {
			w.Header().Set("Link", strings.TrimPrefix(header, "Link: "))
			page = body
		}
		switch to, moved := strings.CutPrefix(page, "301 "); {
		case !ok:
			http.NotFound(w, r)
		case moved:
			http.Redirect(w, r, to, http.StatusMovedPermanently)
		case page == "401":
			w.WriteHeader(http.StatusUnauthorized)
		case page == "429":
			w.WriteHeader(http.StatusTooManyRequests)
		default:
			page = strings.ReplaceAll(page, "HOST", r.Host)
			_, _ = io.WriteString(w, page) // a visitor that left is the test's business
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func client(t *testing.T) *fetch.Client {
	t.Helper()
	c := fetch.NewClient(fetch.Options{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	t.Cleanup(c.Close)
	return c
}

// lines are candidates as "path how: title, format, items".
func lines(s *site, candidates []discover.Candidate) []string {
	var out []string
	for _, c := range candidates {
		comments := ""
		if c.Comments {
			comments = ", comments"
		}
		out = append(out, fmt.Sprintf("%s %s: %s, %s, %d%s", strings.TrimPrefix(c.URL, s.URL), c.How, c.Title, c.Format, c.Items, comments))
	}
	return out
}

// alternate is a link of a page's head.
func alternate(href, kind, title string) string {
	return fmt.Sprintf(`<link rel="alternate" type="%s" title="%s" href="%s">`, kind, title, href)
}

const rssType, atomType = "application/rss+xml", "application/atom+xml"

// searches are sites, each with what is found from one of its pages.
var searches = []struct {
	name  string
	at    string
	pages map[string]string
	want  []string
	asked int
}{
	{
		"the address itself", "/x",
		map[string]string{"/x": rss("News", "1", "2")},
		[]string{"/x the address itself: News, rss 2.0, 2"},
		1,
	},
	{
		"the address itself, moved for good", "/x",
		map[string]string{"/x": "301 /y", "/y": rss("News", "1")},
		[]string{"/y the address itself: News, rss 2.0, 1"},
		2,
	},
	{"a news sitemap itself", "/x", map[string]string{"/x": news}, []string{"/x the address itself: News, news sitemap, 1"}, 1},
	{"a plain sitemap itself", "/x", map[string]string{"/x": plain}, []string{"/x the address itself: , sitemap, 1"}, 1},
	{"a Link header", "/", map[string]string{
		"/":  `Link: </style.css>; rel=preload, </no>; rel="alternate"; hreflang=de, </f>; title="a, b; c"; REL="home Alternate"; type="application/atom+xml"` + "\n<html>",
		"/f": atom,
	}, []string{"/f a Link header: News, atom 1.0, 1"}, 2},
	{"the head, with a base", "/a/b", map[string]string{
		"/a/b": `<head><base href="/feeds/"><base href="/no/">` + alternate("all", "application/RSS+XML; charset=utf-8", "All"), "/feeds/all": rss("News", "1"),
	}, []string{"/feeds/all a link in the page's head: News, rss 2.0, 1"}, 2},
	{"what is said to be a feed and is none", "/", map[string]string{
		"/": alternate("/gone", rssType, "") + alternate("/page", rssType, "") + alternate("/f", rssType, ""), "/page": "<html>", "/f": rss("News", "1"),
	}, []string{"/f a link in the page's head: News, rss 2.0, 1"}, 4},
	{"one feed in two formats and a feed of another topic", "/", map[string]string{
		"/":  alternate("/r", rssType, "RSS") + alternate("/a", atomType, "Atom") + alternate("/s", rssType, "Sport") + alternate("/r#x", rssType, "again"),
		"/r": rss("News", "1", "0"), "/a": atom, "/s": rss("Sport", "1"),
	}, []string{"/r a link in the page's head: News, rss 2.0, 2", "/s a link in the page's head: Sport, rss 2.0, 1"}, 4},
	{"comments last, by their title", "/", map[string]string{
		"/": alternate("/c", rssType, "News » Comments Feed") + alternate("/f", rssType, "News » Feed"), "/c": rss("Comments for News", "c1"), "/f": rss("News", "1"),
	}, []string{"/f a link in the page's head: News, rss 2.0, 1", "/c a link in the page's head: Comments for News, rss 2.0, 1, comments"}, 3},
	{"nothing but comments is not enough", "/", map[string]string{
		"/": alternate("/p/comments/feed", rssType, ""), "/p/comments/feed": rss("Re", "c1"), "/feed": rss("News", "1"),
	}, []string{"/feed a common place: News, rss 2.0, 1", "/p/comments/feed a link in the page's head: Re, rss 2.0, 1, comments"}, 3},
	{"XML that looks like a feed, JSON that does not", "/", map[string]string{
		"/": alternate("/wp-json/v2/1", "application/json", "") + alternate("/feed.json", "application/json", ""), "/feed.json": json,
	}, []string{"/feed.json a link in the page's head: News, json feed 1.1, 1"}, 2},
	{"the text", "/", map[string]string{
		"/": `<a href="https://reader.example.org/feed">read with us</a> <a href="/feedback">x</a> <a href="/rss.php">RSS</a>`, "/rss.php": rss("News", "1"),
	}, []string{"/rss.php a link in the page's text: News, rss 2.0, 1"}, 2},
	{"an alternate of XML", "/", map[string]string{
		"/": alternate("/news.php?out=1", "text/xml", "News"), "/news.php?out=1": rss("News", "1"),
	}, []string{"/news.php?out=1 a link in the page's head: News, rss 2.0, 1"}, 2},
	{"an alternate without a type", "/", map[string]string{
		"/": alternate("/de/", "", "Deutsch") + alternate("/all", "", "RSS feed"), "/all": rss("News", "1"),
	}, []string{"/all a link in the page's head: News, rss 2.0, 1"}, 2},
	{"a link with the scheme feed", "/", map[string]string{
		"/": `<a href="feed:http://HOST/all">x</a>`, "/all": rss("News", "1"),
	}, []string{"/all a link in the page's text: News, rss 2.0, 1"}, 2},
	{"a link with the scheme feed and two slashes", "/", map[string]string{
		"/": `<a href="FEED://HOST/all">x</a>`, "/all": rss("News", "1"),
	}, []string{"/all a link in the page's text: News, rss 2.0, 1"}, 2},
	{"a link whose text says feed", "/", map[string]string{
		"/": `<a href="/feedback">Feedback</a> <a href="/all"><b>Subscribe</b> by <i>RSS</i></a>`, "/all": rss("News", "1"),
	}, []string{"/all a link in the page's text: News, rss 2.0, 1"}, 2},
	{"a link whose picture says feed", "/", map[string]string{
		"/": `<a href="/all"><img src="/i.png" alt="XML"></a><a href="/x">y`, "/all": rss("News", "1"),
	}, []string{"/all a link in the page's text: News, rss 2.0, 1"}, 2},
	{"a page that lists the feeds", "/", map[string]string{
		"/": `<a href="/subscribe">RSS feeds</a>`, "/subscribe": `<a href="/out?id=1">News feed</a> <a href="/out?id=2">Sport feed</a>`,
		"/out?id=1": rss("News", "1"), "/out?id=2": rss("Sport", "2"),
	}, []string{"/out?id=1 a link in the page's text: News, rss 2.0, 1", "/out?id=2 a link in the page's text: Sport, rss 2.0, 1"}, 4},
	{"a page that sends its readers on", "/", map[string]string{
		"/": `<meta http-equiv="Refresh" content="0; URL='/home'">`, "/home": alternate("/all", rssType, ""), "/all": rss("News", "1"),
	}, []string{"/all a link in the page's head: News, rss 2.0, 1"}, 3},
	{"pages that send their readers around", "/", map[string]string{
		"/": `<meta http-equiv=refresh content=0;/b>`, "/b": `<meta http-equiv=refresh content=0;/>`, "/feed": rss("News", "1"),
	}, []string{"/feed a common place: News, rss 2.0, 1"}, 10},
	{"a page that loads itself again and again", "/", map[string]string{
		"/": `<meta http-equiv=refresh content="300; url=/other">` + alternate("/all", rssType, ""), "/all": rss("News", "1"),
	}, []string{"/all a link in the page's head: News, rss 2.0, 1"}, 2},
	{
		"a common place, and no further", "/",
		map[string]string{"/": "<html>", "/atom.xml": atom, "/feed.xml": rss("Other", "2")},
		[]string{"/atom.xml a common place: News, atom 1.0, 1"},
		4,
	},
	{
		"a common place of a blog", "/blog",
		map[string]string{"/blog": "<html>", "/blog/feed": rss("Blog", "1"), "/feed": rss("News", "1")},
		[]string{"/blog/feed a common place: Blog, rss 2.0, 1"},
		2,
	},
	{"a news sitemap of robots.txt", "/", map[string]string{
		"/": "<html>", "/robots.txt": "User-agent *\nAllow: /\nSitemap: /pages.xml\nSITEMAP : /news.xml\n", "/pages.xml": plain, "/news.xml": news,
	}, []string{"/news.xml robots.txt: News, news sitemap, 1"}, 10},
	{"a news sitemap of an index", "/", map[string]string{
		"/": "<html>", "/robots.txt": "Sitemap: /index\n", "/news.xml": news,
		"/index": `<sitemapindex><sitemap><loc>/pages.xml</loc></sitemap><sitemap><loc>/news.xml</loc></sitemap></sitemapindex>`,
	}, []string{"/news.xml robots.txt: News, news sitemap, 1"}, 11},
}

func TestDiscoverLooksWherePublishersPutFeeds(t *testing.T) {
	for _, tt := range searches {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, tt.pages)
			got, err := discover.Discover(t.Context(), client(t), s.URL+tt.at, discover.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, lines(s, got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(s.asked) != tt.asked {
				t.Errorf("the site was asked %d times, want %d: %q", len(s.asked), tt.asked, s.asked)
			}
		})
	}
}

func TestDiscoverWithoutASchemeTriesBoth(t *testing.T) {
	for _, prefix := range []string{"", "//", "feed://"} {
		s := newSite(t, map[string]string{"/": rss("News", "1")})
		address := prefix + strings.TrimPrefix(s.URL, "http://") + "/"
		got, err := discover.Discover(t.Context(), client(t), address, discover.Options{})
		if err != nil || len(got) != 1 || got[0].URL != s.URL+"/" {
			t.Errorf("Discover(%s) = %v, %v; want %s/", address, got, err, s.URL)
		}
	}
}

func TestDiscoverSaysWhyThereIsNothing(t *testing.T) {
	many := map[string]string{"/": "", "/feed": "429"}
	for i := range 50 {
		many["/"] += fmt.Sprintf(`<link rel=feed href="/%d">`, i)
	}
	tests := []struct {
		name  string
		pages map[string]string
		want  string
		asked int
	}{
		{"no feed anywhere", map[string]string{"/": "<html>"}, "no feed was found at 9 addresses", 9},
		{"no page", nil, "the site answers 404 Not Found", 1},
		{"a page for members", map[string]string{"/": "401"}, "401 Unauthorized: if it wants credentials, write", 1},
		{"a site that has enough of us", many, "the site answers 429 Too Many Requests", 10},
	}
	for _, tt := range tests {
		s := newSite(t, tt.pages)
		got, err := discover.Discover(t.Context(), client(t), s.URL+"/", discover.Options{})
		if err == nil || !strings.Contains(err.Error(), tt.want) || len(got) > 0 {
			t.Errorf("%s: Discover = %v, %v; want an error with %q", tt.name, got, err, tt.want)
		}
		if len(s.asked) != tt.asked {
			t.Errorf("%s: the site was asked %d times, want %d: %q", tt.name, len(s.asked), tt.asked, s.asked)
		}
	}
}

// rules is a path that may not be visited, and three seconds between requests elsewhere than on loopback.
type rules string

func (r rules) Allowed(_ context.Context, userAgent, address string) (bool, time.Duration, error) {
	if userAgent != "newswire/test" {
		return false, 0, fmt.Errorf("asked for %q", userAgent)
	}
	delay := 3 * time.Second
	if strings.HasPrefix(address, "http://127.0.0.1") {
		delay = 0
	}
	return !strings.Contains(address, string(r)), delay, nil
}

func TestDiscoverObeysRobots(t *testing.T) {
	o := discover.Options{Robots: rules("/private/"), UserAgent: "newswire/test"}
	s := newSite(t, map[string]string{"/": `<link rel=feed href="/private/f"><link rel=feed href="/f">`, "/f": rss("News", "1"), "/private/f": rss("Mine", "2")})
	got, err := discover.Discover(t.Context(), client(t), s.URL, o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"/f a link in the page's head: News, rss 2.0, 1"}, lines(s, got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	before := len(s.asked)
	if _, err := discover.Discover(t.Context(), client(t), s.URL+"/private/page", o); !errors.Is(err, discover.ErrDisallowed) {
		t.Errorf("a page that may not be looked at: %v, want %v", err, discover.ErrDisallowed)
	}
	if len(s.asked) > before {
		t.Errorf("the page was asked for all the same: %q", s.asked[before:])
	}
	// A feed that is named by its own address is read.
	feed := newSite(t, map[string]string{"/private/rss.xml": rss("Mine", "2")})
	if got, err := discover.Discover(t.Context(), client(t), feed.URL+"/private/rss.xml", o); err != nil || len(got) != 1 {
		t.Errorf("a feed by its own address: %v, %v; want it", got, err)
	}
}

// pages is a fetcher without a network, for virtual time.
type pages map[string]string

func (p pages) Get(_ context.Context, r fetch.Request) (*fetch.Answer, error) {
	body, ok := p[r.URL]
	if !ok {
		return &fetch.Answer{Status: http.StatusNotFound, URL: r.URL, Header: http.Header{}}, nil
	}
	return &fetch.Answer{Status: http.StatusOK, URL: r.URL, Header: http.Header{}, Body: []byte(body)}, nil
}

func TestDiscoverKeepsItsDistance(t *testing.T) {
	const address = "https://news.example.com/"
	site := pages{address: "<html>"}
	for _, tt := range []struct {
		name string
		o    discover.Options
		want time.Duration
	}{
		{"nine requests", discover.Options{Interval: 2 * time.Second}, 8 * 2 * time.Second},
		{"and one for robots.txt", discover.Options{Interval: 4 * time.Second, Robots: rules("/private"), UserAgent: "newswire/test"}, 9 * 4 * time.Second},
		{"a site that wants more", discover.Options{Interval: 2 * time.Second, Robots: rules("/private"), UserAgent: "newswire/test"}, 9 * 3 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			_, err := discover.Discover(t.Context(), site, address, tt.o)
			if took := time.Since(began); !errors.Is(err, discover.ErrNone) || took != tt.want {
				t.Errorf("%s took %v, want %v; error %v", tt.name, took, tt.want, err)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if _, err := discover.Discover(ctx, site, address, discover.Options{Interval: 2 * time.Second}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a search whose context ended: %v, want %v", err, context.DeadlineExceeded)
		}
	})
}

// FuzzDiscover: of all that a page and its headers can say, what is asked for is of the web, and the search ends soon.
func FuzzDiscover(f *testing.F) {
	f.Add(`</f>; rel=alternate; type="application/rss+xml", <x`, []byte(`<base href=":"><link rel=feed href="//[::1"><a href="javascript:/feed">`))
	f.Add(`<>;;==",\"`, []byte("\xff\xfe<\x00l\x00i\x00n\x00k\x00"))
	f.Fuzz(func(t *testing.T, header string, page []byte) {
		asked := 0
		_, err := discover.Discover(t.Context(), fetcher(func(r fetch.Request) *fetch.Answer {
			if asked++; !strings.HasPrefix(r.URL, "http://") && !strings.HasPrefix(r.URL, "https://") {
				t.Errorf("asked for %q", r.URL)
			}
			return &fetch.Answer{Status: http.StatusOK, URL: "https://news.example.com/", Header: http.Header{"Link": {header}}, Body: page}
		}), "https://news.example.com/", discover.Options{})
		if asked > 50 {
			t.Errorf("asked %d times; %v", asked, err)
		}
	})
}

type fetcher func(r fetch.Request) *fetch.Answer

func (f fetcher) Get(_ context.Context, r fetch.Request) (*fetch.Answer, error) { return f(r), nil }
