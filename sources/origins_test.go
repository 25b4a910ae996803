package sources_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/newswire/newswire/sources/sourcetest/referee"
)

// reply is what an origin answers.
type reply = referee.Reply

// script is how an origin behaves. It is called for one request at a time.
type script func(o *site, request *http.Request) reply

// site is one address of a scripted origin.
type site struct {
	referee.Site
	script script
	picky  bool // wants to be left alone for longer than the operator does
	visits int  // so far
	began  time.Time
}

// wire is the way from one life of the visitor to all origins: an http.RoundTripper that takes its time, and is cut when
// the visitor dies.
type wire struct {
	world *world
	dead  chan struct{}

	mu       sync.Mutex    // guards all below
	strike   time.Time     // from when on the next request is one in which the visitor dies
	picky    bool          // if it is to a picky site
	stricken chan struct{} // closed then
}

// world is all origins, with the referee that watches them.
type world struct {
	*referee.Referee
	sites  map[string]*site
	script sync.Mutex // held while a script runs
}

// RoundTrip implements [http.RoundTripper]: half of the latency on the way there, half on the way back.
func (w *wire) RoundTrip(request *http.Request) (*http.Response, error) {
	s := w.world.sites[request.URL.Scheme+"://"+request.URL.Host+request.URL.Path]
	if s == nil {
		return nil, fmt.Errorf("no such host: %s", request.URL.Host)
	}
	select {
	case <-w.dead:
		return nil, io.ErrUnexpectedEOF
	default:
	}
	w.world.Begin(&s.Site, request)
	w.die(s)
	latency := time.Duration(50+len(s.Address)*37%900) * time.Millisecond
	if !w.sleep(request, latency) {
		w.world.End(&s.Site, nil)
		return nil, io.ErrUnexpectedEOF
	}
	w.world.script.Lock()
	s.visits++
	answer := s.script(s, request)
	w.world.script.Unlock()
	if answer.Status == 0 { // the connection breaks
		w.world.End(&s.Site, &answer)
		return nil, io.ErrUnexpectedEOF
	}
	w.world.End(&s.Site, &answer)
	return &http.Response{
		StatusCode: answer.Status, Header: answer.Header, Request: request,
		Body: io.NopCloser(strings.NewReader(answer.Body)), ContentLength: int64(len(answer.Body)),
	}, nil
}

func (w *wire) sleep(request *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-w.dead:
	case <-request.Context().Done():
	}
	return false
}

// die tells a test that waits for it that a request is under way.
func (w *wire) die(s *site) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stricken != nil && !time.Now().Before(w.strike) && (s.picky || !w.picky) {
		close(w.stricken)
		w.stricken = nil
	}
}

// underWay returns a channel that is closed in the midst of the first request from a time on, to a picky site or to any.
func (w *wire) underWay(from time.Time, picky bool) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := make(chan struct{})
	w.strike, w.picky, w.stricken = from, picky, c
	return c
}

// feed is an origin with a feed: what it publishes, and what it says beside.
type feed struct {
	news   time.Duration // between two articles; default 17 h
	ask    string        // elements of the channel: ttl, skipHours, …
	header []string      // of each answer, 304 too
	etag   func(digest string) string
	date   func(t time.Time) string // Last-Modified
	deaf   bool                     // ignores validators
	delta  bool                     // answers 226 with what is new
	atom   bool
}

// answer is the script.
func (f feed) answer(s *site, request *http.Request) reply {
	if f.news == 0 {
		f.news = 17 * time.Hour
	}
	n := int(time.Since(s.began) / f.news)
	published := s.began.Add(time.Duration(n) * f.news)
	items := max(n-9, 0)
	h := http.Header{"Date": {time.Now().UTC().Format(http.TimeFormat)}, "Content-Type": {"application/xml"}}
	if f.etag != nil {
		h["Etag"] = []string{f.etag(fmt.Sprintf("%s-%d", s.Source, n))}
	}
	if f.date != nil {
		h["Last-Modified"] = []string{f.date(published)}
	}
	for i := 0; i+1 < len(f.header); i += 2 {
		h.Set(f.header[i], f.header[i+1])
	}
	old, since := request.Header.Get("If-None-Match"), request.Header.Get("If-Modified-Since")
	switch known := old != "" || since != ""; {
	case f.deaf || !known:
	case f.etag != nil && old == h.Get("Etag"), f.etag == nil && since == h.Get("Last-Modified"):
		return reply{Status: http.StatusNotModified, Header: h}
	case f.delta && request.Header.Get("A-Im") == "feed":
		h.Set("Im", "feed")
		return reply{Status: http.StatusIMUsed, Header: h, Body: f.document(s, n, n)}
	}
	return reply{Status: http.StatusOK, Header: h, Body: f.document(s, items, n)}
}

// document holds the articles from to to.
func (f feed) document(s *site, from, to int) string {
	var b strings.Builder
	if f.atom {
		fmt.Fprintf(&b, `<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:feed:%s</id><title>%s</title><updated>2026-01-01T00:00:00Z</updated>`, s.Source, s.Source)
		for i := to; i >= from; i-- {
			fmt.Fprintf(&b, `<entry><id>urn:%s:%d</id><title>News %d</title><updated>%s</updated></entry>`, s.Source, i, i,
				s.began.Add(time.Duration(i)*f.news).UTC().Format(time.RFC3339))
		}
		return b.String() + `</feed>`
	}
	fmt.Fprintf(&b, `<rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel><title>%s</title>`+
		`<link>https://pub.example/</link><description>d</description>%s`, s.Source, f.ask)
	for i := to; i >= from; i-- {
		fmt.Fprintf(&b, `<item><guid isPermaLink="false">%s-%d</guid><title>News %d</title></item>`, s.Source, i, i)
	}
	return b.String() + `</channel></rss>`
}

// The forms of validators.
func strong(digest string) string   { return `"` + digest + `"` }
func weak(digest string) string     { return `W/"` + digest + `"` }
func bare(digest string) string     { return digest }
func odd(digest string) string      { return `"` + digest + `-gzip", "é\"` }
func httpDate(t time.Time) string   { return t.UTC().Format(http.TimeFormat) }
func looseDate(t time.Time) string  { return t.UTC().Format("Mon, 2 Jan 2006 15:04:05 -0700") }
func nonsense(time.Time) string     { return "yesterday, or so" }
func futureDate(t time.Time) string { return t.Add(1000 * time.Hour).UTC().Format(http.TimeFormat) }

// status is a reply without a document.
func status(code int, header ...string) reply {
	h := http.Header{"Date": {time.Now().UTC().Format(http.TimeFormat)}}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return reply{Status: code, Header: h, Body: http.StatusText(code)}
}

// every has another reply instead in every n-th request.
func every(n int, other func() reply, usual script) script {
	return alternate(n, always(other), usual)
}

// alternate has another script for every n-th request.
func alternate(n int, other, usual script) script {
	return func(s *site, request *http.Request) reply {
		if s.visits%n == 0 {
			return other(s, request)
		}
		return usual(s, request)
	}
}

// during has another script for some days, counted from 0.
func during(from, to int, other, usual script) script {
	return func(s *site, request *http.Request) reply {
		if day := int(time.Since(s.began) / (24 * time.Hour)); day >= from && day < to {
			return other(s, request)
		}
		return usual(s, request)
	}
}

func always(other func() reply) script {
	return func(*site, *http.Request) reply { return other() }
}
