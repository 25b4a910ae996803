//go:build linux

package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/newswire/newswire/syndication/web"
)

// nowhere is where answers go that cost nothing to send.
type nowhere struct {
	header http.Header
	code   int
	bytes  int
}

func (w *nowhere) Header() http.Header  { return w.header }
func (w *nowhere) WriteHeader(code int) { w.code = code }

func (w *nowhere) Write(b []byte) (int, error) {
	w.bytes += len(b)
	return len(b), nil
}

// asking is a server of newswire without a connection.
type asking struct {
	*web.Server
	store *store
}

func newAsking(b *testing.B) asking {
	d, all := directory(), newStore()
	s := web.New(all, func() *web.Directory { return d }, web.Options{})
	go func() { _ = s.Run(b.Context()) }()
	return asking{s, all}
}

// ask asks with some fields, and returns the request for another time.
func (a asking) ask(b *testing.B, path string, fields ...string) (*http.Request, *httptest.ResponseRecorder) {
	b.Helper()
	r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, path, nil)
	r.Header.Set("User-Agent", "Reader/1.0 (+https://reader.example/)")
	for _, f := range fields {
		name, value, _ := strings.Cut(f, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return r, w
}

// BenchmarkAnswer measures what the server itself takes of a request in each case, and what a handler does that writes the same.
func BenchmarkAnswer(b *testing.B) {
	s := newAsking(b)
	_, first := s.ask(b, feedPath, inGzip)
	earlier, latest := first.Header().Get("ETag"), ""
	s.store.come.Store(true)
	for latest == "" || latest == earlier {
		_, w := s.ask(b, feedPath, inGzip)
		latest = w.Header().Get("ETag")
	}
	for _, c := range cases {
		fields := c.fields
		switch c.code {
		case http.StatusNotModified:
			fields = append([]string{"If-None-Match: " + latest}, fields...)
		case http.StatusIMUsed:
			fields = append([]string{"If-None-Match: " + earlier}, fields...)
		}
		r, answer := s.ask(b, c.path, fields...)
		if answer.Code != c.code {
			b.Fatalf("%s: %d; want %d", c.name, answer.Code, c.code)
		}
		same := stored{header: answer.Header(), code: c.code, body: answer.Body.Bytes()}
		for name, h := range map[string]http.Handler{"newswire": s, "bare": &same} {
			b.Run(c.name+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					h.ServeHTTP(&nowhere{header: make(http.Header)}, r)
				}
			})
		}
	}
}

// BenchmarkFirst measures what the first reader of a page or a feed waits for, but for the store and for compressing.
func BenchmarkFirst(b *testing.B) {
	s := newAsking(b)
	for _, path := range []string{"/", "/category/trade", feedPath, "/feeds/category/trade/archive/1.atom", "/category/trade/archive/1"} {
		b.Run(path, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Invalidate()
				if _, w := s.ask(b, path); w.Code != http.StatusOK {
					b.Fatalf("%s: %d", path, w.Code)
				}
			}
		})
	}
}
