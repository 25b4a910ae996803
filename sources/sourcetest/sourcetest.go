// Package sourcetest is a publisher to test against: a real HTTP server on loopback that serves one feed as a good
// publisher would, until the test tells it to behave otherwise.
//
//	pub := sourcetest.NewPublisher(t, feed)
//	visit(pub.URL())                                        // 200, ETag, Last-Modified, gzip where it is asked for
//	visit(pub.URL())                                        // 304, if the visitor kept the validators
//	pub.Publish(newerFeed)                                  // 200 again
//	pub.AnswerOnce(sourcetest.Status(503, "Retry-After", "120"))
//	got := pub.Requests()                                   // everything that was asked, with headers
//
// It refuses to judge what it was asked: that is the test's.
package sourcetest

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// FeedPath is where the feed is; every other path is 404 until [Publisher.Handle] says otherwise.
const FeedPath = "/feed"

// Publisher is a publisher under a test's control. Its methods may be called while it is being visited.
type Publisher struct {
	server *httptest.Server
	mux    *http.ServeMux
	gone   chan struct{} // closed when the test is over

	mu       sync.Mutex // guards what follows
	body     []byte
	modified time.Time
	header   http.Header // goes over the publisher's own; nil values take a header away
	always   http.Handler
	once     []http.Handler
	requests []Request
}

// Request is a request as the publisher got it.
type Request struct {
	Method string
	Path   string // with the query, if there was one
	Host   string
	Header http.Header // a copy
	At     time.Time
}

// NewPublisher starts a publisher that serves feed, and stops it when the test ends.
func NewPublisher(t testing.TB, feed string) *Publisher {
	t.Helper()
	p := &Publisher{
		mux:      http.NewServeMux(),
		gone:     make(chan struct{}),
		body:     []byte(feed),
		modified: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		header:   http.Header{},
	}
	p.mux.HandleFunc(FeedPath, p.serveFeed)
	p.server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(func() {
		close(p.gone)
		p.server.Close()
	})
	return p
}

// URL is the feed's address.
func (p *Publisher) URL() string { return p.server.URL + FeedPath }

// Site is the publisher's address without a path: "http://127.0.0.1:39581".
func (p *Publisher) Site() string { return p.server.URL }

// Publish replaces the feed. Its Last-Modified moves on by a minute, and its ETag with the content.
func (p *Publisher) Publish(feed string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.body = []byte(feed)
	p.modified = p.modified.Add(time.Minute)
}

// SetHeader sets a header of every good answer for the feed, 200 and 304 alike, in place of the publisher's own: an odd
// ETag, a max-age. An empty value takes the header away, so SetHeader("ETag", "") makes a publisher without ETags.
// Validators are compared byte by byte.
func (p *Publisher) SetHeader(key, value string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if value == "" {
		p.header[http.CanonicalHeaderKey(key)] = nil
		return
	}
	p.header.Set(key, value)
}

// Answer has h answer every request for the feed from now on; nil goes back to serving it.
func (p *Publisher) Answer(h http.Handler) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.always = h
}

// AnswerOnce has each of hs answer one coming request for the feed, in order, before things go on as they were.
func (p *Publisher) AnswerOnce(hs ...http.Handler) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.once = append(p.once, hs...)
}

// Handle has h answer other paths of the publisher, by a pattern as [http.ServeMux] takes it. FeedPath is taken.
func (p *Publisher) Handle(pattern string, h http.Handler) { p.mux.Handle(pattern, h) }

// Feed is a handler that serves the feed as a good publisher does, for use under another path or behind a delay.
func (p *Publisher) Feed() http.Handler { return http.HandlerFunc(p.serveGood) }

// Hang is a handler that never answers: it ends when the client goes away or the test is over.
func (p *Publisher) Hang() http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-p.gone:
		}
	})
}

// Requests returns all requests so far, for any path, in the order of their arrival.
func (p *Publisher) Requests() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Request(nil), p.requests...)
}

// LastRequest returns the newest request; the zero Request if there was none.
func (p *Publisher) LastRequest() Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.requests) == 0 {
		return Request{}
	}
	return p.requests[len(p.requests)-1]
}

func (p *Publisher) serve(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.requests = append(p.requests, Request{
		Method: r.Method, Path: r.URL.RequestURI(), Host: r.Host, Header: r.Header.Clone(), At: time.Now(),
	})
	p.mu.Unlock()
	p.mux.ServeHTTP(w, r)
}

func (p *Publisher) serveFeed(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	h := p.always
	if len(p.once) > 0 {
		h, p.once = p.once[0], p.once[1:]
	}
	p.mu.Unlock()
	if h == nil {
		h = p.Feed()
	}
	h.ServeHTTP(w, r)
}

func (p *Publisher) serveGood(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	body, modified, header := p.body, p.modified, maps.Clone(p.header)
	p.mu.Unlock()

	h := w.Header()
	h.Set("Content-Type", mediaType(body))
	h.Set("Vary", "Accept-Encoding")
	h.Set("Last-Modified", modified.Format(http.TimeFormat))
	tag := fmt.Sprintf(`"%x`, sha256.Sum256(body))[:17]
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		// Another representation, so another strong validator (RFC 9110 §8.8.3).
		h.Set("Content-Encoding", "gzip")
		tag += "-gzip"
		body = compress(body)
	}
	h.Set("ETag", tag+`"`)
	maps.Copy(h, header)

	if unchanged(r, h) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(body) // a client that left is the test's business
}

// unchanged compares validators as opaque bytes, so that odd ones work and a visitor that rewrites them is found out.
// If-None-Match goes before If-Modified-Since (RFC 9110 §13.2.2).
func unchanged(r *http.Request, answer http.Header) bool {
	if tag := r.Header.Get("If-None-Match"); tag != "" {
		return tag == answer.Get("ETag")
	}
	since := r.Header.Get("If-Modified-Since")
	return since != "" && since == answer.Get("Last-Modified")
}

// mediaType tells what a feed is from its first element.
func mediaType(feed []byte) string {
	switch {
	case bytes.HasPrefix(bytes.TrimSpace(feed), []byte("{")):
		return "application/feed+json"
	case bytes.Contains(feed, []byte("<feed")):
		return "application/atom+xml"
	default:
		return "application/rss+xml"
	}
}

func compress(b []byte) []byte {
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	_, _ = zw.Write(b) // a bytes.Buffer takes everything
	_ = zw.Close()
	return buf.Bytes()
}
