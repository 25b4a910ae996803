package clean_test

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/parse"
)

// These are articles of real publishers: none was hacked, and none is a platform.
func TestNothingIsRemovedFromRealArticles(t *testing.T) {
	for name, b := range realFeeds(t) {
		d, err := parse.Parse(t.Context(), b, parse.Options{URL: "https://feeds.example/" + name})
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
				got := asArticle(t, in, base, about)
				if len(got.Removed) > 0 || got.Suspicion != "" {
					t.Errorf("%s, %q: removed %q, suspicion %q", name, a.Title, got.Removed, got.Suspicion)
				}
			}
		}
	}
}

// realFeeds are the documents of real publishers, by name. They are no part of this repository: without them, what needs
// them is left out.
func realFeeds(t *testing.T) map[string][]byte {
	t.Helper()
	shared := os.Getenv("NEWSWIRE_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	files, err := filepath.Glob(filepath.Join(shared, "corpus", "feeds", "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("left out: neither $NEWSWIRE_SHARED/corpus nor ../shared/corpus is there")
	}
	feeds := make(map[string][]byte, len(files))
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		feeds[filepath.Base(file)] = b
	}
	return feeds
}
