package web_test

import (
	"strings"
	"testing"

	"github.com/newswire/newswire/syndication/web"
)

func TestFormatsShareOneReading(t *testing.T) {
	long := article("long", at("11:00:00.000"))
	long.Content = strings.Repeat("x", 9<<20)
	for _, tt := range []struct {
		name  string
		store *shop
		want  int // readings for all formats
	}{
		{"of articles as they are", newShop(articlesFrom(50)...), 1},
		{"but not of what is too long to be kept", newShop(long), 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := web.New(tt.store, directory, web.Options{})
			for _, when := range []string{"at first", "after a change"} {
				calls := tt.store.callCount()
				for _, f := range web.Formats() {
					fetched(t, s, "/feeds/all."+f.Extension)
				}
				if got, want := tt.store.callCount()-calls, 2*tt.want; got != want { // the articles and the tombstones
					t.Errorf("%s: %d calls to the store for %d formats; want %d", when, got, len(web.Formats()), want)
				}
				tt.store.put(article("new", at("12:00:00.000")), at("12:00:00.000"))
				s.Invalidate()
			}
		})
	}
}

// Where nothing is on the shelf to be marked as stale, nothing that was read before may be taken for news.
func TestReadingGoesWithTheShelf(t *testing.T) {
	store := newShop(article("a", at("09:00:00.000")))
	o := fast
	o.MaxBytes = 1
	s := serve(t, store, o)
	s.get(t, "/feeds/all.atom")
	store.put(article("b", at("10:00:00.000")), at("10:00:00.000"))
	heard := store.pollCount()
	until(t, "the change is heard of", func() bool { return store.pollCount() > heard+1 })
	if !strings.Contains(s.get(t, "/feeds/all.rss").body, "Article b") {
		t.Error("a feed was made of what was read before a change")
	}
}
