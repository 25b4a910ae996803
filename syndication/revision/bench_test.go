package revision_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

// BenchmarkHit is a feed of 50 articles that is there: what the server does for a request, without net/http's part.
func BenchmarkHit(b *testing.B) {
	now := time.Now()
	o := web.Options{Now: func() time.Time { return now }} // lest it be an answer of an hour ago, for want of a follower
	s := web.New(webtest.NewShop(webtest.ArticlesFrom(50)...), webtest.Directory, o)
	const path = "/feeds/category/finance.atom"
	first := httptest.NewRecorder()
	s.ServeHTTP(first, httptest.NewRequest(http.MethodGet, path, nil))
	for _, bb := range []struct {
		name, field, value string
		want               int
	}{
		{"200", "User-Agent", "reader", 200},
		{"200 gzip", "Accept-Encoding", "gzip", 200},
		{"200 browser", "Accept-Encoding", "gzip, deflate, br, zstd", 200},
		{"304", "If-None-Match", first.Header().Get("ETag"), 304},
	} {
		b.Run(bb.name, func(b *testing.B) {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.Header.Set("User-Agent", "Reader/1.0 (+https://reader.example/)")
			r.Header.Set(bb.field, bb.value)
			w := &sink{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				s.ServeHTTP(w, r)
			}
			if w.code != bb.want {
				b.Fatalf("answered %d; want %d", w.code, bb.want)
			}
		})
	}
}

// BenchmarkRender is the same feed made again after a change.
func BenchmarkRender(b *testing.B) {
	s := web.New(webtest.NewShop(webtest.ArticlesFrom(50)...), webtest.Directory, web.Options{})
	for _, extension := range []string{"atom", "rss", "json"} {
		b.Run(extension, func(b *testing.B) {
			r := httptest.NewRequest(http.MethodGet, "/feeds/category/finance."+extension, nil)
			w := &sink{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				s.Invalidate()
				s.ServeHTTP(w, r)
			}
		})
	}
}

// sink is a response writer that keeps nothing of the body.
type sink struct {
	header http.Header
	code   int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(code int)        { s.code = code }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
