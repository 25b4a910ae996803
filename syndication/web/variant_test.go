package web_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/parts"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/snapshot"
	"github.com/newswire/newswire/syndication/web"
)

// library is a store with articles that differ in where they are listed.
func library() *webtest.Shop {
	piece := func(guid, source, clock string, categories []string, authors ...string) newswire.Article {
		a := webtest.Article(guid, webtest.At(clock))
		a.ID, a.Source, a.Categories, a.Authors = newswire.ArticleID(source, guid), source, categories, nil
		a.Content, a.Rights.Policy = "<p>The whole text of "+guid+", which is longer.</p>", newswire.PolicyFull
		for _, id := range authors {
			a.Authors = append(a.Authors, newswire.Person{ID: id, Name: strings.ToUpper(id)})
		}
		return a
	}
	short := piece("short", "dsb", "08:00:00.000", []string{"finance"}, "jin-jiang")
	short.Rights.Policy = newswire.PolicyExcerpt
	return webtest.NewShop(
		piece("tides", "quiet", "11:00:00.000", []string{"finance", "sport"}, "ada"),
		piece("match", "dsb", "10:00:00.000", []string{"sport"}, "jin-jiang", "mei"),
		piece("rates", "dsb", "09:00:00.000", []string{"finance"}, "mei"),
		short,
	)
}

func TestVariants(t *testing.T) {
	s := webtest.Serve(t, library(), webtest.Fast)
	const full, short = "<p>The whole text of ", "<p>What "
	for _, tt := range []struct {
		path    string
		title   string
		want    []string // guids
		content string   // how the first one's text begins
	}{
		{"all", "The Wire", []string{"tides", "match", "rates", "short"}, full},
		{"all?limit=2", "The Wire", []string{"tides", "match"}, full},
		{"all?content=excerpt", "The Wire", []string{"tides", "match", "rates", "short"}, short},
		{"all?content=title", "The Wire", []string{"tides", "match", "rates", "short"}, `<p>↗ `},
		{"source/dsb?category=finance", "電商報 – The Wire (Finance)", []string{"rates", "short"}, full},
		{"category/finance?source=dsb", "Finance – The Wire (電商報)", []string{"rates", "short"}, full},
		{"category/finance?author=mei&source=dsb", "Finance – The Wire (MEI, 電商報)", []string{"rates"}, full},
		{"category/finance?category=sport", "Finance – The Wire (sport)", []string{"tides"}, full},
		{"all?not-author=mei", "The Wire (not mei)", []string{"tides", "short"}, full},
		{"all?not-author=ada&not-author=mei", "The Wire (not Ada Author, not mei)", []string{"short"}, short},
		{"source/dsb?limit=1&not-category=sport", "電商報 – The Wire (not Sport)", []string{"rates"}, full},
		{"category/sport?not-source=dsb", "Sport – The Wire (not 電商報)", []string{"tides"}, full},
		{"category/finance?source=quiet", "Finance – The Wire (The Quiet Daily)", []string{"tides"}, full},
		{"author/ada?source=dsb", "Ada Author – The Wire (電商報)", nil, ""},
	} {
		t.Run(tt.path, func(t *testing.T) {
			path, query, _ := strings.Cut(tt.path, "?")
			address := "/feeds/" + path + ".json"
			if query != "" {
				address += "?" + query
			}
			got, feed := feedOf(t, s, address)
			var guids []string
			for _, it := range feed.Items {
				guids = append(guids, it.Newswire.GUID)
			}
			if diff := cmp.Diff(tt.want, guids); diff != "" {
				t.Errorf("articles (-want +got):\n%s", diff)
			}
			if !strings.EqualFold(feed.Title, tt.title) {
				t.Errorf("titled %q; want %q", feed.Title, tt.title)
			}
			if len(feed.Items) > 0 && !strings.HasPrefix(feed.Items[0].Content, tt.content) {
				t.Errorf("the first text begins %.40q; want %q", feed.Items[0].Content, tt.content)
			}
			self := "https://wire.example.org" + address
			if link := got.Header.Get("Link"); feed.FeedURL != self || link != "<"+self+`>; rel="self"` {
				t.Errorf("is at %q by its own word and %s by its field; want %s", feed.FeedURL, link, self)
			}
		})
	}
	atom := s.Get(t, "/feeds/all.atom?limit=2&not-author=mei").Text
	if id := "<id>https://wire.example.org/feeds/all.atom?limit=2&amp;not-author=mei</id>"; !strings.Contains(atom, id) {
		t.Errorf("the Atom feed lacks %s", id)
	}
}

// jsonFeed is what tests look at in a JSON Feed.
type jsonFeed struct {
	Title   string
	FeedURL string `json:"feed_url"`
	Items   []struct {
		Content  string                `json:"content_html"`
		Newswire struct{ GUID string } `json:"_newswire"`
	}
}

func feedOf(t *testing.T, s *webtest.Serving, address string) (got webtest.Reply, feed jsonFeed) {
	t.Helper()
	got = s.Get(t, address)
	if got.StatusCode != 200 {
		t.Fatalf("GET %s = %d %s", address, got.StatusCode, got.Text)
	}
	if err := json.Unmarshal([]byte(got.Text), &feed); err != nil {
		t.Fatal(err)
	}
	return got, feed
}

func TestVariantHasOneAddress(t *testing.T) {
	s := webtest.Serve(t, library(), webtest.Fast)
	for asked, want := range map[string]string{
		"all.atom?":                                     "all.atom",
		"all.atom?utm_source=reader":                    "all.atom",
		"all.atom?limit=50":                             "all.atom",
		"all.atom?content=full":                         "all.atom",
		"all.atom?limit=05":                             "all.atom?limit=5",
		"all.atom?limit=5&content=title":                "all.atom?content=title&limit=5",
		"all.atom?not-author=mei&not-author=ada&x":      "all.atom?not-author=ada&not-author=mei",
		"all.atom?not-author=mei&not-author=mei":        "all.atom?not-author=mei",
		"all.atom?content=title&content=title":          "all.atom?content=title",
		"all.atom?limit=5&content=excerpt&limit=5":      "all.atom?content=excerpt&limit=5",
		"source/dsb.rss?source=dsb":                     "source/dsb.rss",
		"category/finance.json?source=dsb&author=%6Dei": "category/finance.json?author=mei&source=dsb",
	} {
		got := s.Get(t, "/feeds/"+asked)
		where, err := got.Location()
		if got.StatusCode != 301 || err != nil {
			t.Errorf("GET %s = %d to %q; want 301", asked, got.StatusCode, got.Header.Get("Location"))
			continue
		}
		if where := strings.TrimPrefix(where.String(), s.URL+"/feeds/"); where != want {
			t.Errorf("GET %s leads to %s; want %s", asked, where, want)
		}
		if got := s.Get(t, "/feeds/"+want); got.StatusCode != 200 {
			t.Errorf("GET %s = %d; want an end of the way", want, got.StatusCode)
		}
	}
}

func TestVariantThatCannotBe(t *testing.T) {
	s := webtest.Serve(t, library(), webtest.Fast)
	nine := "not-author=a1"
	for i := range 8 {
		nine += fmt.Sprintf("&not-author=b%d", i)
	}
	for query, want := range map[string]string{
		"limit=0":                    "limit must be a number from 1 to 200.\n",
		"limit=201":                  "limit must be a number from 1 to 200.\n",
		"limit=many":                 "limit must be a number from 1 to 200.\n",
		"limit=1&limit=2":            "limit can be said only once.\n",
		"content=all":                "content must be full, excerpt or title.\n",
		"content=title&content=full": "content can be said only once.\n",
		"source=":                    "source must be an ID as it stands in a feed's address.\n",
		"not-author=A%20B":           "not-author must be an ID as it stands in a feed's address.\n",
		"limit=%zz":                  "The query cannot be read: it must be name=value, joined by &.\n",
		nine:                         "At most 8 topics can be combined.\n",
	} {
		got := s.Get(t, "/feeds/all.rss?"+query)
		if got.StatusCode != 400 || got.Text != want || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/plain") {
			t.Errorf("GET ?%s = %d %q; want 400 %q", query, got.StatusCode, got.Text, want)
		}
	}
	for _, path := range []string{"/feeds/all.atom?source=nowhere", "/feeds/author/stranger.atom?limit=3", "/feeds/author/stranger.atom?source=dsb"} {
		if got := s.Get(t, path); got.StatusCode != 404 {
			t.Errorf("GET %s = %d; want 404", path, got.StatusCode)
		}
	}
	if got := s.Get(t, "/feeds/all.atom?not-author=stranger"); got.StatusCode != 200 {
		t.Errorf("without an author that was never there: %d; want 200", got.StatusCode)
	}
}

func TestVariantFollowsItsTopics(t *testing.T) {
	store := library()
	s := webtest.Serve(t, store, webtest.Fast)
	const path = "/feeds/category/finance.atom?not-author=ada&source=dsb"
	s.Introduce(t, path)
	before := s.Get(t, path)
	a := webtest.Article("late", webtest.At("12:00:00.000"))
	store.Put(a, webtest.At("12:00:00.000"))
	webtest.Until(t, "the new article is there", func() bool { return strings.Contains(s.Get(t, path).Text, "Article late") })
	a.Categories, a.Revision = []string{"sport"}, 2
	store.Put(a, webtest.At("13:00:00.000"))
	webtest.Until(t, "the article that left the category is gone", func() bool { return s.Get(t, path).Text == before.Text })
	calls := store.CallCount()
	if got := s.Get(t, path, "If-None-Match", before.Header.Get("ETag")); got.StatusCode != 304 || store.CallCount() != calls {
		t.Errorf("GET = %d with %d calls to the store; want 304 with none", got.StatusCode, store.CallCount()-calls)
	}
}

// What is rare among very many is looked for only so far.
func TestVariantReadsOnlySoFar(t *testing.T) {
	articles := webtest.ArticlesFrom(2300)
	articles[0].Categories, articles[1000].Categories = []string{"sport"}, []string{"sport"} // the oldest, and one within reach
	store := webtest.NewShop()
	store.Stock = articles
	slices.Reverse(store.Stock)
	s := webtest.Serve(t, store, webtest.Fast)
	before := store.CallCount()
	body := s.Get(t, "/feeds/source/dsb.atom?category=sport").Text
	if !strings.Contains(body, "Article n1000") || strings.Contains(body, "Article n000<") {
		t.Error("want the one among the newest 2,000, without the one beyond")
	}
	if n := store.CallCount() - before; n > 12 {
		t.Errorf("it took %d calls to the store; want one for the category, ten for what it reads and one for what was withdrawn", n)
	}
}

func TestVariantsLeaveRoomForPlainFeeds(t *testing.T) {
	o := webtest.Fast
	o.StoreTimeout = 2 * time.Second // after which those for which there is no room are told so
	o.Formats = web.Formats()
	encode := o.Formats[0].Envelope
	begun, release := make(chan struct{}, 2), make(chan struct{})
	o.Formats[0].Envelope = func(f *newswire.Feed) (parts.Envelope, error) {
		if f.Query != "" {
			begun <- struct{}{}
			<-release
		}
		return encode(f)
	}
	s := webtest.Serve(t, library(), o)
	var wg sync.WaitGroup
	for n := 1; n <= 2; n++ {
		wg.Go(func() {
			if got := s.Get(t, fmt.Sprintf("/feeds/all.atom?limit=%d", n)); got.StatusCode != 200 {
				t.Errorf("variant %d = %d; want 200", n, got.StatusCode)
			}
		})
		<-begun
	}
	if got := s.Get(t, "/feeds/all.atom"); got.StatusCode != 200 {
		t.Errorf("the plain feed = %d while two variants are made; want 200", got.StatusCode)
	}
	for _, path := range []string{"/feeds/all.atom?limit=3", "/feeds/all/archive/0.atom"} {
		if got := s.Get(t, path); got.StatusCode != 503 || got.Header.Get("Retry-After") == "" {
			t.Errorf("GET %s = %d, Retry-After %q; want to be told to come back", path, got.StatusCode, got.Header.Get("Retry-After"))
		}
	}
	close(release)
	wg.Wait()
	if got := s.Get(t, "/feeds/all.atom?limit=3"); got.StatusCode != 200 {
		t.Errorf("a third variant = %d when there is room; want 200", got.StatusCode)
	}
}

// bounded is the i-th of variants that are none without a condition, each at its one address.
func bounded(i int) string {
	topic := []string{"all", "category/finance", "category/sport", "source/dsb", "source/quiet", "author/mei"}[i/200]
	return fmt.Sprintf("/feeds/%s.atom?content=title&limit=%d", topic, i%200+1)
}

// A reader that tries all variants costs the store little for each, and no other reader a feed. Pages of archives are bounded
// together with them.
func TestVariantsAreBounded(t *testing.T) {
	const page = "/feeds/all/archive/0.atom"
	store := library()
	s := webtest.Serve(t, store, webtest.Fast)
	s.Get(t, "/feeds/all.atom")
	s.Get(t, page)
	before := store.CallCount()
	const tried = 1100
	for i := range tried {
		s.Introduce(t, bounded(i))
		s.Get(t, bounded(i))
	}
	calls := store.CallCount()
	if calls-before > 20*tried {
		t.Errorf("%d variants took %d calls to the store", tried, calls-before)
	}
	s.Get(t, "/feeds/all.atom")
	s.Get(t, bounded(tried-1))
	if n := store.CallCount() - calls; n != 0 {
		t.Errorf("the plain feed and the last variant took %d calls to the store; want them kept", n)
	}
	s.Get(t, bounded(0))
	if store.CallCount() == calls {
		t.Error("the first variant was kept; want it to have made room")
	}
	calls = store.CallCount()
	if got := s.Get(t, page); got.StatusCode != 200 || store.CallCount() == calls {
		t.Errorf("a page of an archive = %d, and was kept; want it to have made room", got.StatusCode)
	}
}

// What can be thought of without end is neither kept in memory nor written to disk, and is answered all the same.
func TestWhatIsAskedForOnceIsNotKept(t *testing.T) {
	dir := t.TempDir()
	folder, err := snapshot.Open(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	store, registry := library(), prometheus.NewPedanticRegistry()
	o := webtest.Fast
	o.Snapshot, o.SnapshotEvery, o.Registerer = folder, time.Millisecond, registry
	s := webtest.Serve(t, store, o)
	s.Get(t, "/feeds/all.atom")
	plain := s.Get(t, "/feeds/all.atom").Text
	for i := range 30 {
		if got := s.Get(t, bounded(i)); got.StatusCode != 200 {
			t.Errorf("GET %s = %d", bounded(i), got.StatusCode)
		}
		for range 2 {
			if got := s.Get(t, fmt.Sprintf("/feeds/all.atom?not-author=a%d", i)); got.StatusCode != 200 || got.Text != plain {
				t.Errorf("the feed without an author that there is not = %d; want the plain feed", got.StatusCode)
			}
		}
	}
	webtest.Until(t, "the plain feed is written", func() bool { return folder.Len() > 0 })
	time.Sleep(20 * time.Millisecond)
	if folder.Len() != 1 {
		t.Errorf("the snapshot has %d documents; want the plain feed alone: %v", folder.Len(), names(t, dir))
	}
	s.Get(t, bounded(3))
	webtest.Until(t, "what was asked for twice is written", func() bool { return folder.Len() == 2 })
	calls := store.CallCount()
	if s.Get(t, bounded(3)); store.CallCount() != calls {
		t.Error("what was asked for twice is not kept")
	}
}

func TestConditionThatMeansNothingLeavesTheOthers(t *testing.T) {
	s := webtest.Serve(t, library(), webtest.Fast)
	want := s.Get(t, "/feeds/all.json?not-author=mei").Text
	if got := s.Get(t, "/feeds/all.json?not-author=mei&not-source=nowhere"); got.StatusCode != 200 || got.Text != want {
		t.Errorf("with a condition that means nothing: %d %s; want as without it", got.StatusCode, got.Text)
	}
}

func names(t *testing.T, dir string) (names []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
