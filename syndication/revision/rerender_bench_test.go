//go:build unix

package revision_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

// BenchmarkRerender is what one new article costs a feed of 50 that readers ask for in three formats and gzip: the CPU time
// that the server takes, and beside it, in turns, what it takes to read, build, encode and compress everything from nothing in the
// plainest way. "of-whole" is the quotient. The store is SQLite, and then one in memory, which costs nothing but that its
// articles are decoded where everything is made from nothing.
func BenchmarkRerender(b *testing.B) {
	for _, bb := range []struct {
		name string
		open func(b *testing.B) (web.Store, func(newswire.Article))
	}{
		{"SQLite", func(b *testing.B) (web.Store, func(newswire.Article)) {
			store := webtest.OpenStore(b)
			return store, func(a newswire.Article) { webtest.Record(b, store, "dsb", a) }
		}},
		{"memory", func(*testing.B) (web.Store, func(newswire.Article)) {
			store := webtest.NewShop()
			return store, func(a newswire.Article) { store.Put(a, a.Listed) }
		}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			store, put := bb.open(b)
			n := 0
			arrive := func() {
				put(longRead(n))
				n++
			}
			for range 60 {
				arrive()
			}
			s := web.New(store, webtest.Directory, web.Options{})
			again := func() {
				s.Invalidate()
				for _, f := range web.Formats() {
					askGzip(b, s, "/feeds/category/finance."+f.Extension)
				}
			}
			again()
			var took, whole time.Duration
			const turns = 5 // of one, then of the other, so that each pays for its own garbage
			for b.Loop() {
				for range turns {
					arrive()
					began := cpuTime(b)
					again()
					took += cpuTime(b) - began
				}
				stored := storedPage(b, store)
				runtime.GC()
				began := cpuTime(b)
				for range turns {
					everythingFromNothing(b, store, stored)
				}
				whole += cpuTime(b) - began
				runtime.GC()
			}
			renderings := float64(b.N * turns)
			b.ReportMetric(float64(took.Microseconds())/renderings, "µs/again")
			b.ReportMetric(float64(whole.Microseconds())/renderings, "µs/whole")
			b.ReportMetric(float64(took)/float64(whole), "of-whole")
			b.ReportMetric(0, "ns/op") // it would be the recording of articles, too
		})
	}
}

func askGzip(b *testing.B, s http.Handler, path string) {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", "gzip")
	w := &sink{header: http.Header{}}
	s.ServeHTTP(w, r)
	if w.code != http.StatusOK {
		b.Fatalf("GET %s = %d", path, w.code)
	}
}

var financePage = cache.Query{Topic: newswire.CategoryTopic("finance"), Limit: 50}

// storedPage is the category's articles as a store has them.
func storedPage(b *testing.B, store web.Store) [][]byte {
	page, err := store.Articles(b.Context(), financePage)
	if err != nil || len(page.Articles) != 50 {
		b.Fatalf("%d articles, %v", len(page.Articles), err)
	}
	stored := make([][]byte, len(page.Articles))
	for i := range stored {
		if stored[i], err = json.Marshal(&page.Articles[i]); err != nil {
			b.Fatal(err)
		}
	}
	return stored
}

// everythingFromNothing makes the category's feed in every format and gzip. It decodes what is stored, for stores keep articles that
// were decoded lately.
func everythingFromNothing(b *testing.B, store web.Store, stored [][]byte) {
	var out bytes.Buffer
	for _, f := range web.Formats() {
		if _, err := store.Articles(b.Context(), financePage); err != nil {
			b.Fatal(err)
		}
		articles := make([]newswire.Article, len(stored))
		for i := range articles {
			if err := json.Unmarshal(stored[i], &articles[i]); err != nil {
				b.Fatal(err)
			}
		}
		feed := syndication.Build(webtest.Directory().Site, financePage.Topic, "Finance", "", articles)
		doc, err := f.Encode(&feed)
		if err != nil {
			b.Fatal(err)
		}
		out.Reset()
		z := gzip.NewWriter(&out)
		_, _ = z.Write(doc.Body)
		_ = z.Close()
	}
}

// cpuTime is what this process has used.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
