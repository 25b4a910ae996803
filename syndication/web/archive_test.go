package web_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/internal/feedtest"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

// archived is a server whose feeds have an archive: of ten articles, 0 to 3 are on page 1, and 4 to 7 are on page 2.
func archived(t *testing.T) (*webtest.Serving, cache.Store, []newswire.Article) {
	t.Helper()
	store := webtest.OpenStore(t)
	articles := webtest.ArticlesFrom(10)
	webtest.Record(t, store, "dsb", articles...)
	s := webtest.Serve(t, store, webtest.Four)
	for _, extension := range []string{"atom", "rss", "json"} {
		if got := s.Get(t, "/feeds/all."+extension); !strings.Contains(got.Text, `"https://wire.example.org/feeds/all/archive/2.`+extension+`"`) {
			t.Fatalf("the feed does not lead to page 2:\n%s", got.Text)
		}
	}
	return s, store, articles
}

func revised(a newswire.Article, title string) newswire.Article {
	a.Revision++
	a.Title = title
	return a
}

func TestArchivePagesLinkBothWays(t *testing.T) {
	s, _, _ := archived(t)
	for extension, want := range map[string][]string{
		"atom": {
			`<id>https://wire.example.org/feeds/all.atom</id>`, `<fh:archive>`,
			`<link href="https://wire.example.org/feeds/all/archive/2.atom" rel="self"`,
			`<link href="https://wire.example.org/feeds/all.atom" rel="current"`,
			`<link href="https://wire.example.org/feeds/all/archive/1.atom" rel="prev-archive"`,
		},
		"rss": {
			`<fh:archive>`,
			`<atom:link rel="self" href="https://wire.example.org/feeds/all/archive/2.rss"`,
			`<atom:link rel="current" href="https://wire.example.org/feeds/all.rss"`,
			`<atom:link rel="prev-archive" href="https://wire.example.org/feeds/all/archive/1.rss"`,
		},
		"json": {
			`"feed_url": "https://wire.example.org/feeds/all/archive/2.json"`,
			`"next_url": "https://wire.example.org/feeds/all/archive/1.json"`,
			`"subscription_url": "https://wire.example.org/feeds/all.json"`,
		},
	} {
		body := s.Get(t, "/feeds/all/archive/2."+extension).Text
		for _, w := range append(want, "Article n004", "Article n007") {
			if !strings.Contains(body, w) {
				t.Errorf("page 2 as %s lacks %s:\n%s", extension, w, body)
			}
		}
		if body := s.Get(t, "/feeds/all/archive/1."+extension).Text; !strings.Contains(body, "/archive/0."+extension) {
			t.Errorf("page 1 as %s does not lead to page 0:\n%s", extension, body)
		}
		if body := s.Get(t, "/feeds/all/archive/0."+extension).Text; strings.Contains(body, "prev-archive") || strings.Contains(body, "next_url") {
			t.Errorf("page 0 as %s leads on:\n%s", extension, body)
		}
	}
}

func TestArchivePagesAreServedAsFeedsAre(t *testing.T) {
	s, _, _ := archived(t)
	got := s.Get(t, "/feeds/category/finance/archive/0.atom")
	if got.StatusCode != 200 || strings.Contains(got.Text, "<entry>") {
		t.Errorf("page 0 = %d; want it there, without entries:\n%s", got.StatusCode, got.Text)
	}
	got = s.Get(t, "/feeds/all/archive/1.atom", "Accept-Encoding", "gzip")
	for name, want := range map[string]string{
		"Content-Type":                "application/atom+xml; charset=utf-8",
		"Content-Encoding":            "gzip",
		"Cache-Control":               "max-age=3600, stale-if-error=86400",
		"Link":                        `<https://wire.example.org/feeds/all/archive/1.atom>; rel="self"`,
		"Last-Modified":               "Mon, 02 Nov 2026 08:03:00 GMT",
		"X-Robots-Tag":                "noindex",
		"Vary":                        "Accept-Encoding",
		"Access-Control-Allow-Origin": "*",
	} {
		if got.Header.Get(name) != want {
			t.Errorf("%s: %s; want %s", name, got.Header.Get(name), want)
		}
	}
	if again := s.Get(t, "/feeds/all/archive/1.atom", "If-None-Match", got.Header.Get("ETag"), "Accept-Encoding", "gzip"); again.StatusCode != 304 {
		t.Errorf("with its ETag = %d; want 304", again.StatusCode)
	}
	if head := s.Ask(t, "HEAD", "/feeds/all/archive/1.atom", "Accept-Encoding", "gzip"); head.StatusCode != 200 || head.Header.Get("ETag") != got.Header.Get("ETag") {
		t.Errorf("HEAD = %d, %s; want what GET says", head.StatusCode, head.Header.Get("ETag"))
	}
	for _, path := range []string{
		"/feeds/all/archive/3.atom", "/feeds/all/archive/-1.atom", "/feeds/all/archive/01.atom", "/feeds/all/archive/1e0.atom",
		"/feeds/all/archive/.atom", "/feeds/all/archive/1", "/feeds/all/archive/1.pdf", "/feeds/all/archive.atom",
		"/feeds/category/nothing/archive/0.atom", "/feeds/category/nothing/archive/1.atom", "/feeds/archive/1.atom",
		"/feeds/all/archive/99999999999999999999.atom", "/feeds/all/archive/1/archive/1.atom", "/feeds/held/dsb/archive/1.atom",
	} {
		if got := s.Get(t, path); got.StatusCode != 404 {
			t.Errorf("GET %s = %d; want 404", path, got.StatusCode)
		}
	}
	if got := s.Get(t, "/feeds/all/archive/1.atom?limit=2"); got.StatusCode != 301 || got.Header.Get("Location") != "1.atom" {
		t.Errorf("with a query = %d, %s; want 301 to the page", got.StatusCode, got.Header.Get("Location"))
	}
	if got := s.Get(t, "/feeds/all.atom?limit=2"); strings.Contains(got.Text, "archive") {
		t.Errorf("a variant leads to the archive:\n%s", got.Text)
	}
}

func TestRetiredPageLeadsToTheNextOlderOneThatStands(t *testing.T) {
	s, store, articles := archived(t)
	leads := func(from int, to string) func() bool {
		return func() bool {
			got := s.Get(t, fmt.Sprintf("/feeds/all/archive/%d.rss", from))
			return got.StatusCode == 301 && got.Header.Get("Location") == to && got.Header.Get("Cache-Control") == "max-age=86400" &&
				got.Header.Get("Access-Control-Allow-Origin") == "*"
		}
	}
	one := s.Get(t, "/feeds/all/archive/1.rss").Text
	s.Get(t, "/feeds/all/archive/2.rss")
	if _, err := store.Withdraw(t.Context(), articles[5].ID, "r"); err != nil {
		t.Fatal(err)
	}
	webtest.Until(t, "page 2 leads to page 1", leads(2, "1.rss"))
	if s.Get(t, "/feeds/all/archive/1.rss").Text != one {
		t.Error("page 1 has changed")
	}
	webtest.Until(t, "its other articles are on page 3", func() bool {
		feed, page := s.Get(t, "/feeds/all.rss").Text, s.Get(t, "/feeds/all/archive/3.rss").Text
		return strings.Contains(feed, "/archive/3.rss") && strings.Contains(page, "Article n004") && !strings.Contains(page, "n005")
	})
	webtest.Record(t, store, "dsb", revised(articles[0], "Another title"))
	webtest.Until(t, "page 1 leads to page 0", leads(1, "0.rss"))
	webtest.Until(t, "so does page 2", leads(2, "0.rss"))
	if got := s.Get(t, "/feeds/all/archive/0.rss"); got.StatusCode != 200 {
		t.Errorf("page 0 = %d; want 200", got.StatusCode)
	}
}

// countedStore counts the pages that are read.
type countedStore struct {
	cache.Store
	read atomic.Int32
}

func (s *countedStore) Archived(ctx context.Context, topic newswire.Topic, n int) (cache.ArchivePage, error) {
	s.read.Add(1)
	return s.Store.Archived(ctx, topic, n)
}

func TestNewArticlesLeaveArchivePagesAlone(t *testing.T) {
	store := &countedStore{Store: webtest.OpenStore(t)}
	articles := webtest.ArticlesFrom(10)
	webtest.Record(t, store, "dsb", articles[:9]...)
	s := webtest.Serve(t, store, webtest.Four)
	s.Get(t, "/feeds/all.atom")
	s.Get(t, "/feeds/all/archive/1.atom")
	webtest.Record(t, store, "dsb", articles[9])
	webtest.Until(t, "the feed has the new article", func() bool { return strings.Contains(s.Get(t, "/feeds/all.atom").Text, "Article n009") })
	before := store.read.Load()
	if got := s.Get(t, "/feeds/all/archive/1.atom"); got.StatusCode != 200 || store.read.Load() != before {
		t.Errorf("GET = %d; the store was asked for a page that is there", got.StatusCode)
	}
	webtest.Record(t, store, "dsb", revised(articles[9], "Another title"))
	webtest.Until(t, "the page is looked at again", func() bool {
		s.Get(t, "/feeds/all/archive/1.atom")
		return store.read.Load() > before
	})
}

// What a visit writes without a word in the change log, because a publisher has offered the same article in other words,
// changes no page: not in this server, and not in one that renders it for the first time.
func TestArchivePageStaysWhenItsPublisherTouchesItsFeed(t *testing.T) {
	store := webtest.OpenStore(t)
	articles := webtest.ArticlesFrom(10)
	articles[1].Upstream = &newswire.Publisher{ID: "https://gulls.example.net/atom", Title: "Gulls", Updated: webtest.At("07:00:00.000")}
	webtest.Record(t, store, "dsb", articles...)
	paths := []string{"/feeds/all/archive/1.atom", "/feeds/all/archive/1.json", "/feeds/all/archive/2.rss"}
	before := map[string]string{}
	first := webtest.Serve(t, store, webtest.Four)
	first.Get(t, "/feeds/all.atom")
	for _, path := range paths {
		before[path] = first.Get(t, path).Text
	}
	for i := range articles {
		articles[i].Offer = "another"
		articles[i].Publisher.Updated = webtest.At("23:00:00.000")
	}
	upstream := *articles[1].Upstream
	upstream.Updated = webtest.At("23:00:00.000")
	articles[1].Upstream = &upstream
	webtest.Record(t, store, "dsb", articles...)
	second := webtest.Serve(t, store, webtest.Four)
	for _, path := range paths {
		for _, s := range []*webtest.Serving{first, second} {
			if got := s.Get(t, path); got.StatusCode != 200 || got.Text != before[path] {
				t.Errorf("GET %s = %d; want the same bytes as before:\n%s", path, got.StatusCode, got.Text)
			}
		}
	}
}

func TestRenamedTopicGetsItsArchiveAnew(t *testing.T) {
	store := webtest.OpenStore(t)
	webtest.Record(t, store, "dsb", webtest.ArticlesFrom(10)...)
	var renamed, moved atomic.Bool
	s := webtest.ServeDirectory(t, store, func() *web.Directory {
		d := webtest.Directory()
		if renamed.Load() {
			d.Categories[0].Title = "Money"
		}
		if moved.Load() {
			d.Site.Title = "The Cable"
		}
		return d
	}, webtest.Four)
	s.Get(t, "/feeds/category/finance.atom")
	s.Get(t, "/feeds/all.atom")
	if got := s.Get(t, "/feeds/category/finance/archive/2.atom"); !strings.Contains(got.Text, "<title>Finance – The Wire</title>") {
		t.Fatalf("page 2 has not the category's title:\n%s", got.Text)
	}
	all, end := s.Get(t, "/feeds/all/archive/1.atom").Text, s.Get(t, "/feeds/category/finance/archive/0.atom").Text
	renamed.Store(true)
	s.Invalidate()
	if got := s.Get(t, "/feeds/category/finance/archive/2.atom"); got.StatusCode != 301 || got.Header.Get("Location") != "0.atom" {
		t.Errorf("page 2 after the category was renamed = %d, %s; want 301 to page 0", got.StatusCode, got.Header.Get("Location"))
	}
	if body := s.Get(t, "/feeds/category/finance.atom").Text; !strings.Contains(body, "archive/4.atom") {
		t.Errorf("the feed does not lead to page 4:\n%s", body)
	}
	if got := s.Get(t, "/feeds/category/finance/archive/4.atom"); !strings.Contains(got.Text, "<title>Money – The Wire</title>") {
		t.Errorf("page 4 has not the new title:\n%s", got.Text)
	}
	if s.Get(t, "/feeds/all/archive/1.atom").Text != all || s.Get(t, "/feeds/category/finance/archive/0.atom").Text != end {
		t.Error("pages that the name is not in have changed")
	}
	moved.Store(true)
	s.Invalidate()
	if got := s.Get(t, "/feeds/all/archive/1.atom"); got.StatusCode != 301 {
		t.Errorf("page 1 of all after the site was renamed = %d; want 301", got.StatusCode)
	}
	if s.Get(t, "/feeds/category/finance/archive/0.atom").Text != end {
		t.Error("page 0 has changed with the name of the site")
	}
}

func TestProcessesWithOtherNamesForATopicAreWarned(t *testing.T) {
	store := webtest.OpenStore(t)
	webtest.Record(t, store, "dsb", webtest.ArticlesFrom(10)...)
	var log webtest.LockedBuffer
	o := webtest.Four
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	var renamed atomic.Bool
	names := func() *web.Directory {
		d := webtest.Directory()
		if renamed.Load() {
			d.Categories[0].Title = "Money"
		}
		return d
	}
	s := webtest.ServeDirectory(t, store, names, o)
	const feed, page = "/feeds/category/finance.atom", "/feeds/category/finance/archive/2.atom"
	s.Get(t, feed)
	renamed.Store(true) // by a reload of this process, and of no other
	s.Invalidate()
	s.Get(t, page)
	s.Get(t, feed)
	if strings.Contains(log.String(), "another process") {
		t.Errorf("a reload is taken for another process:\n%s", log.String())
	}
	other := webtest.Serve(t, store, webtest.Four)
	other.Get(t, feed)
	for range 3 {
		if got := s.Get(t, "/feeds/category/finance/archive/4.atom"); got.StatusCode != 301 {
			t.Errorf("GET of a page that the other process has retired = %d; want 301", got.StatusCode)
		}
	}
	if n := strings.Count(log.String(), "another process"); n != 1 {
		t.Errorf("the log warns %d times; want once:\n%s", n, log.String())
	}
}

// An author whom only articles name is called what the page's own articles say: a later one must not change the page.
func TestArchivePageIsNamedAfterItsOwnArticles(t *testing.T) {
	store := webtest.OpenStore(t)
	articles := webtest.ArticlesFrom(10)
	for i := 6; i < len(articles); i++ {
		articles[i].Authors[0].Name = "Jin Jiang"
	}
	webtest.Record(t, store, "dsb", articles...)
	s := webtest.Serve(t, store, webtest.Four)
	if body := s.Get(t, "/feeds/author/jin-jiang.atom").Text; !strings.Contains(body, "<title>Jin Jiang – The Wire</title>") {
		t.Errorf("the feed is not called what its articles say:\n%s", body)
	}
	if body := s.Get(t, "/feeds/author/jin-jiang/archive/1.atom").Text; !strings.Contains(body, "<title>金江 – The Wire</title>") {
		t.Errorf("the page is not called what its articles say:\n%s", body)
	}
}

func TestArchivePagesAreValid(t *testing.T) {
	s, _, _ := archived(t)
	documents := map[string][]byte{}
	for _, extension := range []string{"atom", "rss", "json"} {
		for _, page := range []string{"0", "1", "2"} {
			documents[page+"."+extension] = []byte(s.Get(t, "/feeds/all/archive/"+page+"."+extension).Text)
		}
		documents["current."+extension] = []byte(s.Get(t, "/feeds/all."+extension).Text)
	}
	feedtest.Validate(t, documents)
}

// A change of what an encoder writes changes pages that readers believe never to change. This is the reminder.
func TestBytesOfArchivePagesBelongToTheEdition(t *testing.T) {
	const file = "testdata/edition"
	samples := feedtest.Samples()
	sum := sha256.New()
	var names []string
	for name := range samples {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, format := range web.Formats() {
			feed := web.ArchiveFeed(samples[name])
			doc, err := format.Encode(&feed)
			if err != nil {
				t.Fatal(err)
			}
			sum.Write(doc.Body)
		}
	}
	got := fmt.Sprintf("%d %s\n", web.ArchiveEdition, hex.EncodeToString(sum.Sum(nil)[:16]))
	want, err := os.ReadFile(file)
	if err != nil && !feedtest.Updating() {
		t.Fatal(err)
	}
	edition, _, _ := strings.Cut(string(want), " ")
	switch {
	case got == string(want):
	case edition == fmt.Sprint(web.ArchiveEdition):
		t.Errorf("pages of archives come out with other bytes than in edition %s: raise archiveEdition in archive.go by one, then run go test with -update", edition)
	case feedtest.Updating():
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is of another edition; run go test with -update", file)
	}
}
