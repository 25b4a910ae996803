package revision_test

import (
	"strings"
	"testing"

	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

func TestFormatsShareOneReading(t *testing.T) {
	long := webtest.Article("long", webtest.At("11:00:00.000"))
	long.Content = strings.Repeat("x", 9<<20)
	for _, tt := range []struct {
		name  string
		store *webtest.Shop
		want  int // readings for all formats
	}{
		{"of articles as they are", webtest.NewShop(webtest.ArticlesFrom(50)...), 1},
		{"but not of what is too long to be kept", webtest.NewShop(long), 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := web.New(tt.store, webtest.Directory, web.Options{})
			for _, when := range []string{"at first", "after a change"} {
				calls := tt.store.CallCount()
				for _, f := range web.Formats() {
					fetched(t, s, "/feeds/all."+f.Extension)
				}
				if got, want := tt.store.CallCount()-calls, 2*tt.want; got != want { // the articles and the tombstones
					t.Errorf("%s: %d calls to the store for %d formats; want %d", when, got, len(web.Formats()), want)
				}
				tt.store.Put(webtest.Article("new", webtest.At("12:00:00.000")), webtest.At("12:00:00.000"))
				s.Invalidate()
			}
		})
	}
}

// Where nothing is on the shelf to be marked as stale, nothing that was read before may be taken for news.
func TestReadingGoesWithTheShelf(t *testing.T) {
	store := webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000")))
	o := webtest.Fast
	o.MaxBytes = 1
	s := webtest.Serve(t, store, o)
	s.Get(t, "/feeds/all.atom")
	store.Put(webtest.Article("b", webtest.At("10:00:00.000")), webtest.At("10:00:00.000"))
	heard := store.PollCount()
	webtest.Until(t, "the change is heard of", func() bool { return store.PollCount() > heard+1 })
	if !strings.Contains(s.Get(t, "/feeds/all.rss").Text, "Article b") {
		t.Error("a feed was made of what was read before a change")
	}
}
