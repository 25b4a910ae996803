package clean_test

import (
	"net/url"
	"testing"

	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/parse"
)

// Whoever removes too much removes it from real publishers: none of these was hacked, and none is a platform.
func TestNothingIsRemovedFromRealArticles(t *testing.T) {
	for name, b := range clean.RealFeeds(t) {
		d, err := parse.Parse(b, parse.Options{URL: "https://feeds.example/" + name})
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range d.Items {
			a := &item.Article
			base, err := url.Parse(item.Base)
			if err != nil {
				t.Fatal(err)
			}
			p := &d.Publisher
			about := &clean.About{Title: a.Title, Language: p.Language, Publisher: p.Title + " " + p.Subtitle, Sites: clean.SitesOf(p.URL, p.FeedURL)}
			for _, in := range []string{a.Summary, a.Content} {
				got := clean.Article(in, base, about)
				if len(got.Removed) > 0 || got.Suspicion != "" {
					t.Errorf("%s, %q: removed %q, suspicion %q", name, a.Title, got.Removed, got.Suspicion)
				}
			}
		}
	}
}
