package parse_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/newswire/newswire/sources/parse"
)

// corpus is the folder of real publishers' feeds, which are not part of this repository.
func corpus(t testing.TB) string {
	t.Helper()
	shared := os.Getenv("NEWSWIRE_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(shared, "corpus", "feeds")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("left out: real publishers' feeds are neither in $NEWSWIRE_SHARED/corpus/feeds nor in ../shared")
	}
	return dir
}

// items are how many the real feeds hold.
var items = map[string]int{
	"489.rss": 10, "4fsodonline.atom": 25, "aktuality.rss": 30, "atp.rss": 100, "cloudblog.rss": 20, "curt.json": 26,
	"draw-down.atom": 25, "encoding_ISO-8859-1.xml": 40, "encoding_WINDOWS-1251.xml": 50, "livemint.xml": 25,
	"macworld.rss": 30, "markdown1.rss": 25, "medscape.rss": 20, "neverworkintheory.atom": 20, "nightvale.xml": 1,
	"pxlnv.json": 20, "qemu.atom": 10, "rdf_UTF8.xml": 60, "reddit.xml": 25, "russcox.atom": 19,
	"scriptingNews.rss": 50, "urdu_UTF8.xml": 26,
}

func TestRealFeedsAreReadWhole(t *testing.T) {
	dir := corpus(t)
	for name, want := range items {
		t.Run(name, func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			doc, err := parse.Parse(t.Context(), body, parse.Options{URL: "https://feeds.example.org/" + name})
			if err != nil {
				t.Fatal(err)
			}
			checkDocument(t, doc)
			if got := len(doc.Items); got != want {
				t.Errorf("read %d items, want %d; repairs: %q", got, want, doc.Repairs)
			}
			if doc.Publisher.Title == "" {
				t.Error("the publisher has no title")
			}
			for _, it := range doc.Items {
				if it.URL == "" {
					t.Errorf("item %q has no address", it.GUID)
				}
				if it.Published.IsZero() && it.Updated.IsZero() && name != "rdf_UTF8.xml" && name != "medscape.rss" {
					t.Errorf("item %q has no date", it.GUID)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for _, name := range []string{"489.rss", "cloudblog.rss", "russcox.atom", "curt.json"} {
		body, err := os.ReadFile(filepath.Join(corpus(b), name))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if _, err := parse.Parse(b.Context(), body, parse.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
