package web_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

// forHub asks as the hub does.
func forHub(t *testing.T, s *webtest.Serving, path string, fields ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	w := httptest.NewRecorder()
	s.ForHub().ServeHTTP(w, r)
	return w
}

func TestHubGetsEachChangeAtOnce(t *testing.T) {
	store := webtest.NewShop(webtest.ArticlesFrom(20)...)
	o := webtest.Fast
	o.Poll = time.Hour // so that only a nudge has the log read
	s := webtest.Serve(t, store, o)
	for n, path := range []string{"/feeds/all.atom", "/feeds/all.rss?limit=7", "/feeds/all.json"} {
		for i := range 20 {
			tag := forHub(t, s, path).Header().Get("ETag")
			a := webtest.Article(fmt.Sprintf("%c%d", path[11], i), webtest.At("11:00:00.000").Add(time.Duration(20*n+i)*time.Minute))
			store.Put(a, a.FirstSeen)
			w := forHub(t, s, path, "If-None-Match", tag, "A-IM", "feed")
			if w.Code != http.StatusIMUsed && w.Code != http.StatusOK || !strings.Contains(w.Body.String(), a.Title) {
				t.Fatalf("GET %s just after %s: %d without it", path, a.Title, w.Code)
			}
		}
	}
}

func TestHubGetsNothingThatMayLackAChange(t *testing.T) {
	store := webtest.NewShop(webtest.ArticlesFrom(3)...)
	s := webtest.Serve(t, store, webtest.Fast)
	if w := forHub(t, s, "/feeds/all.atom"); w.Code != http.StatusOK {
		t.Fatalf("GET with a store: %d", w.Code)
	}
	store.Set(func(s *webtest.Shop) { s.Broken = errors.New("connection refused") })
	if w := forHub(t, s, "/feeds/all.atom"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("GET without a store: %d; want 503", w.Code)
	}
	if got := s.Get(t, "/feeds/all.atom"); got.StatusCode != http.StatusOK {
		t.Errorf("a reader without a store got %d; want the last good feed", got.StatusCode)
	}
	store.Set(func(s *webtest.Shop) { s.Broken = nil })
	webtest.Until(t, "the hub is answered again", func() bool { return forHub(t, s, "/feeds/all.atom").Code == http.StatusOK })
}

// A withdrawal is no article, so the part that says it may be one without articles.
func TestPartTellsOfAWithdrawal(t *testing.T) {
	for extension, tombstone := range map[string]string{"atom": "<at:deleted-entry", "json": `"tombstones"`, "rss": ""} {
		store := webtest.NewShop(webtest.ArticlesFrom(9)...)
		s := webtest.Serve(t, store, webtest.Fast)
		path := "/feeds/all." + extension
		tag := forHub(t, s, path).Header().Get("ETag")
		gone := store.Stock[4]
		store.Withdraw(gone.ID, webtest.At("12:00:00.000"))
		w := forHub(t, s, path, "If-None-Match", tag, "A-IM", "feed")
		body := w.Body.String()
		switch {
		case tombstone == "" && (w.Code != http.StatusOK || strings.Contains(body, gone.Title)):
			t.Errorf(".%s after a withdrawal: %d; want the whole feed without the article", extension, w.Code)
		case tombstone != "" && (w.Code != http.StatusIMUsed || !strings.Contains(body, tombstone) || !strings.Contains(body, gone.AtomID)):
			t.Errorf(".%s after a withdrawal: %d\n%s\nwant a part that says %s of %s", extension, w.Code, body, tombstone, gone.AtomID)
		}
	}
}

var feedTopics = []struct {
	address string
	want    newswire.Topic
	err     error
}{
	{"/feeds/all.atom", newswire.All, nil},
	{"/feeds/category/finance.json", newswire.CategoryTopic("finance"), nil},
	{"/feeds/all.rss?limit=3&x=y", newswire.All, nil},
	{"/feeds/category/finance.rss?source=dsb", newswire.SourceTopic("dsb"), nil},
	{"/feeds/all.atom?not-category=sport", newswire.All, nil},
	{"/feeds/author/no-one.atom", newswire.AuthorTopic("no-one"), nil},
	{"/feeds/all/archive/3.atom", "", web.ErrFinal},
	{"/feeds/all.pdf", "", newswire.ErrNotFound},
	{"/feeds/all", "", newswire.ErrNotFound},
	{"/feeds/held/dsb.atom", "", newswire.ErrNotFound},
	{"/articles/x", "", newswire.ErrNotFound},
	{"/", "", newswire.ErrNotFound},
}

func TestFeedTopicIsTheOneWhoseChangesCount(t *testing.T) {
	s := web.New(webtest.NewShop(), webtest.Directory, web.Options{})
	for _, tt := range feedTopics {
		address, err := url.Parse(tt.address)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.FeedTopic(address); got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("FeedTopic(%s) = %q, %v; want %q, %v", tt.address, got, err, tt.want, tt.err)
		}
	}
	wrong, _ := url.Parse("/feeds/all.atom?limit=0")
	if _, err := s.FeedTopic(wrong); err == nil || !strings.Contains(err.Error(), "limit") {
		t.Errorf("FeedTopic(%s): %v; want an error that names limit", wrong, err)
	}
}
