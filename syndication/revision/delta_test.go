package revision_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

// titles reads a feed of any format with a foreign parser: the title of each article, by its id.
func titles(t *testing.T, body string) map[string]string {
	t.Helper()
	feed, err := gofeed.NewParser().ParseString(body)
	if err != nil {
		t.Fatalf("%v in\n%s", err, body)
	}
	m := map[string]string{}
	for _, it := range feed.Items {
		m[it.GUID] = it.Title
	}
	return m
}

func sortedTitles(t *testing.T, body string) []string {
	t.Helper()
	return slices.Sorted(maps.Values(titles(t, body)))
}

func TestDeltaHoldsWhatChanged(t *testing.T) {
	for _, extension := range []string{"atom", "rss", "json"} {
		for _, coding := range []string{"identity", "gzip", "br"} {
			t.Run(extension+" in "+coding, func(t *testing.T) {
				store := webtest.NewShop(webtest.ArticlesFrom(20)...)
				s := webtest.Serve(t, store, webtest.Fast)
				path := "/feeds/category/finance." + extension
				old := s.Get(t, path, "Accept-Encoding", coding).Header.Get("ETag")

				corrected := webtest.Article("n007", webtest.At("08:07:00.000"))
				corrected.Title, corrected.Revision = "Article n007, corrected", 2
				store.Put(corrected, webtest.At("12:00:00.000"))
				store.Put(webtest.Article("new", webtest.At("12:00:00.000")), webtest.At("12:00:00.000"))
				var whole webtest.Reply
				webtest.Until(t, "the new article is there", func() bool {
					whole = s.Get(t, path, "Accept-Encoding", coding)
					return len(titles(t, decode(t, coding, whole.Text))) == 21
				})

				got := s.Get(t, path, "Accept-Encoding", coding, "A-IM", "feed", "If-None-Match", old)
				if got.StatusCode != 226 {
					t.Fatalf("GET = %d; want 226", got.StatusCode)
				}
				body := decode(t, coding, got.Text)
				want := []string{"Article n007, corrected", "Article new"}
				if diff := cmp.Diff(want, sortedTitles(t, body)); diff != "" {
					t.Errorf("articles (-want +got):\n%s", diff)
				}
				for name, want := range map[string]string{
					"IM":               "feed",
					"ETag":             whole.Header.Get("ETag"),
					"Delta-Base":       old,
					"Cache-Control":    "no-store, im",
					"Vary":             "Accept-Encoding, A-IM, If-None-Match",
					"Content-Type":     whole.Header.Get("Content-Type"),
					"Content-Encoding": whole.Header.Get("Content-Encoding"),
					"Link":             whole.Header.Get("Link"),
					"Content-Length":   fmt.Sprint(len(got.Text)),
				} {
					if value := got.Header.Get(name); value != want {
						t.Errorf("%s: %q; want %q", name, value, want)
					}
				}
				if extension == "json" && !json.Valid([]byte(body)) {
					t.Errorf("not JSON: %s", body)
				}
				if again := s.Get(t, path, "Accept-Encoding", coding, "A-IM", "feed", "If-None-Match", got.Header.Get("ETag")); again.StatusCode != 304 {
					t.Errorf("with the tag of the 226: %d; want 304", again.StatusCode)
				}
				if head := s.Ask(t, "HEAD", path, "Accept-Encoding", coding, "A-IM", "feed", "If-None-Match", old); head.StatusCode != 226 ||
					head.ContentLength != int64(len(got.Text)) {
					t.Errorf("HEAD = %d, %d bytes announced; want what GET says", head.StatusCode, head.ContentLength)
				}
			})
		}
	}
}

func TestWholeIsServedWhereADeltaWouldNotDo(t *testing.T) {
	store := webtest.NewShop(webtest.ArticlesFrom(20)...)
	s := webtest.Serve(t, store, webtest.Fast)
	const path = "/feeds/all.atom"
	old := s.Get(t, path).Header.Get("ETag")
	zipped := s.Get(t, path, "Accept-Encoding", "gzip").Header.Get("ETag")
	store.Put(webtest.Article("new", webtest.At("12:00:00.000")), webtest.At("12:00:00.000"))
	webtest.Until(t, "the new article is there", func() bool { return s.Get(t, path).Header.Get("ETag") != old })
	current := s.Get(t, path).Header.Get("ETag")
	for _, tt := range []struct {
		name   string
		fields []string
		want   int
	}{
		{"it", []string{"A-IM", "feed", "If-None-Match", old}, 226},
		{"in capitals", []string{"A-IM", "FEED", "If-None-Match", old}, 226},
		{"among others", []string{"A-IM", "vcdiff, feed;q=0.5, gzip", "If-None-Match", old}, 226},
		{"in a second field", []string{"A-IM", "vcdiff", "A-IM", "feed", "If-None-Match", old}, 226},
		{"weakly", []string{"A-IM", "feed", "If-None-Match", "W/" + old}, 226},
		{"with a tag that is unknown before it", []string{"A-IM", "feed", "If-None-Match", `"x", ` + old}, 226},
		{"with the tag of another coding", []string{"A-IM", "feed", "If-None-Match", zipped}, 226},
		{"not asked for", []string{"If-None-Match", old}, 200},
		{"refused", []string{"A-IM", "feed;q=0", "If-None-Match", old}, 200},
		{"another manipulation", []string{"A-IM", "diffe", "If-None-Match", old}, 200},
		{"no tag", []string{"A-IM", "feed"}, 200},
		{"an unknown tag", []string{"A-IM", "feed", "If-None-Match", `"x"`}, 200},
		{"a tag with an unknown coding", []string{"A-IM", "feed", "If-None-Match", strings.TrimSuffix(old, `"`) + `-lzma"`}, 200},
		{"the current tag", []string{"A-IM", "feed", "If-None-Match", current}, 304},
		{"the current tag too", []string{"A-IM", "feed", "If-None-Match", old + ", " + current}, 304},
		{"anything", []string{"A-IM", "feed", "If-None-Match", "*"}, 304},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := s.Get(t, path, tt.fields...)
			if got.StatusCode != tt.want {
				t.Errorf("GET with %q = %d; want %d", tt.fields, got.StatusCode, tt.want)
			}
			if cc := got.Header.Get("Cache-Control"); (cc == "no-store, im") != (tt.want == 226) {
				t.Errorf("%d with Cache-Control %s", got.StatusCode, cc)
			}
		})
	}
	if got := s.Get(t, "/", "A-IM", "feed", "If-None-Match", old); got.StatusCode != 200 {
		t.Errorf("a page = %d; want 200", got.StatusCode)
	}
}

func TestWholeIsServedAfterAWithdrawalInAFormatWithoutTombstones(t *testing.T) {
	store := webtest.NewShop(webtest.ArticlesFrom(20)...)
	s := webtest.Serve(t, store, webtest.Fast)
	const path = "/feeds/all.rss"
	before := s.Get(t, path).Header.Get("ETag")
	store.Withdraw(webtest.Article("n003", time.Time{}).ID, webtest.At("13:00:00.000"))
	webtest.Until(t, "the article is gone", func() bool { return s.Get(t, path).Header.Get("ETag") != before })
	if got := s.Get(t, path, "A-IM", "feed", "If-None-Match", before); got.StatusCode != 200 {
		t.Errorf("GET = %d for one who has what was withdrawn; want the whole", got.StatusCode)
	}
	after := s.Get(t, path).Header.Get("ETag")
	store.Put(webtest.Article("newer", webtest.At("14:00:00.000")), webtest.At("14:00:00.000"))
	webtest.Until(t, "the next article is there", func() bool { return s.Get(t, path).Header.Get("ETag") != after })
	if got := s.Get(t, path, "A-IM", "feed", "If-None-Match", after); got.StatusCode != 226 {
		t.Errorf("GET = %d for one who never had it; want a delta again", got.StatusCode)
	}
}

// A cache that knows nothing of deltas has no answer for those who ask for them, and gets none: a part that starts from
// the cache's copy, or takes its place, would leave a reader with a gap.
func TestCachesHaveNothingForReadersOfDeltas(t *testing.T) {
	store := webtest.NewShop(webtest.ArticlesFrom(20)...)
	s := webtest.Serve(t, store, webtest.Fast)
	for _, path := range []string{"/feeds/all.atom", "/feeds/all.json?content=title"} {
		const public, own = "max-age=60, ", "private, max-age=60, "
		old := s.Get(t, path)
		for _, tt := range []struct {
			name, cacheControl string
			fields             []string
		}{
			{"for everybody", public, nil},
			{"the same, unchanged", public, []string{"If-None-Match", old.Header.Get("ETag")}},
			{"for readers of deltas", own, []string{"A-IM", "feed"}},
			{"the same, unchanged", own, []string{"A-IM", "feed", "If-None-Match", old.Header.Get("ETag")}},
			{"for readers of something else", public, []string{"A-IM", "vcdiff"}},
		} {
			got := s.Get(t, path, tt.fields...).Header
			if !strings.HasPrefix(got.Get("Cache-Control"), tt.cacheControl) || got.Get("Vary") != "Accept-Encoding, A-IM" || got.Get("ETag") != old.Header.Get("ETag") {
				t.Errorf("%s %s: Cache-Control %s, Vary %s, ETag %s; want %s… that varies by A-IM, and the same ETag",
					path, tt.name, got.Get("Cache-Control"), got.Get("Vary"), got.Get("ETag"), tt.cacheControl)
			}
		}
	}
	if got := s.Get(t, "/feeds.opml").Header; got.Get("Vary") != "Accept-Encoding" {
		t.Errorf("what has no deltas: Vary %s", got.Get("Vary"))
	}
}

// One new article in a full feed pushes the oldest out, which is no removal.
func TestDeltaOfAFullFeedSavesNineTenths(t *testing.T) {
	for _, extension := range []string{"atom", "rss", "json"} {
		for _, coding := range []string{"identity", "gzip"} {
			articles := webtest.ArticlesFrom(50)
			for i := range articles {
				articles[i].Rights.Policy, articles[i].Content = newswire.PolicyFull, prose(i)
			}
			store := webtest.NewShop(articles...)
			s := webtest.Serve(t, store, webtest.Fast)
			path := "/feeds/all." + extension
			old := s.Get(t, path, "Accept-Encoding", coding).Header.Get("ETag")
			added := webtest.Article("new", webtest.At("12:00:00.000"))
			added.Rights.Policy, added.Content = newswire.PolicyFull, prose(50)
			store.Put(added, added.Listed)
			var whole webtest.Reply
			webtest.Until(t, "the new article is there", func() bool {
				whole = s.Get(t, path, "Accept-Encoding", coding)
				return whole.Header.Get("ETag") != old
			})
			got := s.Get(t, path, "Accept-Encoding", coding, "A-IM", "feed", "If-None-Match", old)
			saved := 1 - float64(len(got.Text))/float64(len(whole.Text))
			t.Logf("%s in %s: %d bytes of %d, %.1f %% saved", extension, coding, len(got.Text), len(whole.Text), 100*saved)
			if got.StatusCode != 226 || saved < 0.9 {
				t.Errorf("%s in %s: %d with %d bytes of %d; want 226 with a tenth at most", extension, coding, got.StatusCode, len(got.Text), len(whole.Text))
			}
		}
	}
}

// prose is some 2 KB of text that compresses as text does.
func prose(n int) string {
	words := strings.Fields("the harbour tide moon market ships price of and in over under night morning city street people " +
		"water report says new old council vote rain storm bridge river canal engine paper letter field stone glass winter summer")
	r := rand.New(rand.NewPCG(uint64(n), 1))
	var b strings.Builder
	for range 24 {
		b.WriteString("<p>")
		for range 14 {
			fmt.Fprintf(&b, "%s%d ", words[r.IntN(len(words))], r.IntN(40))
		}
		b.WriteString("</p>")
	}
	return b.String()
}

// A tombstone says in a delta what is not there any more, for as long as the feed has it.
func TestDeltaHasTombstones(t *testing.T) {
	for _, extension := range []string{"atom", "json"} {
		store := webtest.NewShop(webtest.ArticlesFrom(60)...)
		s := webtest.Serve(t, store, web.Options{Poll: webtest.Fast.Poll, Limit: 100})
		path := "/feeds/all." + extension
		withdraw := func(n int) {
			t.Helper()
			before := s.Get(t, path).Header.Get("ETag")
			store.Withdraw(webtest.Article(fmt.Sprintf("n%03d", n), time.Time{}).ID, webtest.At("13:00:00.000").Add(time.Duration(n)*time.Minute))
			webtest.Until(t, "the article is gone", func() bool { return s.Get(t, path).Header.Get("ETag") != before })
		}
		first := s.Get(t, path).Header.Get("ETag")
		withdraw(0)
		second := s.Get(t, path).Header.Get("ETag")
		stone := "tag:wire.example,2026:" + webtest.Article("n000", time.Time{}).ID
		got := s.Get(t, path, "A-IM", "feed", "If-None-Match", first)
		if got.StatusCode != 226 || strings.Count(got.Text, `"`+stone+`"`) != 1 || len(titles(t, got.Text)) != 0 {
			t.Errorf("%s: %d with %d articles; want 226 with the tombstone alone:\n%s", extension, got.StatusCode, len(titles(t, got.Text)), got.Text)
		}
		for n := 1; n <= 50; n++ { // as many as there is room for
			withdraw(n)
		}
		if got := s.Get(t, path, "A-IM", "feed", "If-None-Match", first); got.StatusCode != 200 {
			t.Errorf("%s: %d when the tombstone has made room for others; want 200", extension, got.StatusCode)
		}
		if got := s.Get(t, path, "A-IM", "feed", "If-None-Match", second); got.StatusCode != 226 {
			t.Errorf("%s: %d for one who heard of the first; want 226", extension, got.StatusCode)
		}
	}
}

// A reader that polls now and then, and puts what it gets over what it has, ends up with every article as it last was,
// through all that happened in between.
func TestReaderOfDeltasEndsRight(t *testing.T) {
	for _, extension := range []string{"rss", "atom", "json"} {
		t.Run(extension, func(t *testing.T) { readDeltas(t, "/feeds/all."+extension) })
	}
}

var tombstone = regexp.MustCompile(`<at:deleted-entry ref="([^"]*)"|"id": "([^"]*)",\s*"article":`)

func readDeltas(t *testing.T, path string) {
	r := rand.New(rand.NewPCG(3, 229))
	store := webtest.NewShop(webtest.ArticlesFrom(8)...)
	o := webtest.Fast
	o.Limit = 10
	s := webtest.Serve(t, store, o)
	var tag string
	has := map[string]string{} // titles by id
	clock, codes := webtest.At("12:00:00.000"), map[int]int{}
	for i := range 60 {
		clock = clock.Add(time.Minute)
		before := s.Get(t, path).Header.Get("ETag")
		change(store, r, i, clock)
		webtest.Until(t, "the change is there", func() bool { return s.Get(t, path).Header.Get("ETag") != before })
		if r.IntN(3) > 0 {
			continue // it missed this one
		}
		got := s.Get(t, path, "A-IM", "feed", "If-None-Match", tag)
		codes[got.StatusCode]++
		if got.StatusCode == 200 {
			clear(has)
		}
		tag = got.Header.Get("ETag")
		for _, m := range tombstone.FindAllStringSubmatch(got.Text, -1) {
			delete(has, m[1]+m[2])
		}
		maps.Copy(has, titles(t, got.Text))
		for id, title := range titles(t, s.Get(t, path).Text) {
			if has[id] != title {
				t.Fatalf("after change %d the reader has %q of %s; want %q", i, has[id], id, title)
			}
		}
		if guid := withdrawn(store, has); guid != "" {
			t.Fatalf("after change %d the reader still has %s, which was withdrawn", i, guid)
		}
	}
	if codes[226] < 10 || codes[200] < 1 {
		t.Errorf("answers by status: %v; want deltas and wholes", codes)
	}
}

// change is the i-th thing that happens in a store: an article comes, is corrected, or is withdrawn.
func change(store *webtest.Shop, r *rand.Rand, i int, clock time.Time) {
	switch n := r.IntN(10); {
	case n < 6:
		store.Put(webtest.Article(fmt.Sprintf("new%d", i), clock), clock)
	case n < 9:
		store.Set(func(s *webtest.Shop) {
			a := s.Stock[r.IntN(min(10, len(s.Stock)))]
			s.Stock = slices.DeleteFunc(s.Stock, func(b newswire.Article) bool { return a.ID == b.ID })
			a.Revision, a.Title = a.Revision+1, fmt.Sprintf("Article in its form of %d", i)
			s.Stock = append(s.Stock, a)
			slices.SortFunc(s.Stock, func(a, b newswire.Article) int { return b.Listed.Compare(a.Listed) })
			s.Record(newswire.Put, a, clock)
		})
	default:
		var id string
		store.Set(func(s *webtest.Shop) { id = s.Stock[r.IntN(min(10, len(s.Stock)))].ID })
		store.Withdraw(id, clock)
	}
}

// withdrawn is an id, among those that a reader has, of an article that was withdrawn; empty for none.
func withdrawn(store *webtest.Shop, has map[string]string) (found string) {
	store.Set(func(s *webtest.Shop) {
		for id := range s.Gone {
			for guid := range has {
				if strings.HasSuffix(guid, id) {
					found = guid
				}
			}
		}
	})
	return found
}
