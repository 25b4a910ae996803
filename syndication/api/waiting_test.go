package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire/syndication/api"
)

// hidden is a ResponseWriter that cannot be taken over, as those of HTTP/2.
type hidden struct {
	http.ResponseWriter
	control *http.ResponseController
}

func (h hidden) FlushError() error                  { return h.control.Flush() }
func (h hidden) SetReadDeadline(t time.Time) error  { return h.control.SetReadDeadline(t) }
func (h hidden) SetWriteDeadline(t time.Time) error { return h.control.SetWriteDeadline(t) }

// TestThoseThatWaitOutliveTheServersTimeouts has a server with short timeouts answer those that wait, on connections that
// the API takes over and on such that it cannot.
func TestThoseThatWaitOutliveTheServersTimeouts(t *testing.T) {
	const short = time.Second // less would cut off a busy machine's answers
	for name, wrap := range map[string]func(a http.Handler) http.Handler{
		"taken over": func(a http.Handler) http.Handler { return a },
		"in place": func(a http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				a.ServeHTTP(hidden{w, http.NewResponseController(w)}, r)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := openSQLite(t)
			s := serve(t, store, api.Options{Heartbeat: 50 * time.Millisecond})
			l := httptest.NewUnstartedServer(wrap(s))
			l.Config.ReadTimeout, l.Config.WriteTimeout = short, short
			l.Start()
			defer l.Close()
			s.url = l.URL
			next := decode[changePage](t, s.get(t, "changes"), http.StatusOK).Next
			e := s.stream(t, "after="+next, "")
			defer e.cancel()
			answer := make(chan changePage, 1)
			go func() { answer <- decode[changePage](t, s.get(t, "changes?wait=30s&after="+next), http.StatusOK) }()
			time.Sleep(3 * short / 2)
			a := article("dsb", 1)
			record(t, store, a)
			if p := <-answer; len(p.Changes) != 1 || p.Changes[0].Article != a.ID {
				t.Errorf("the poll was answered %+v", p)
			}
			if c := e.next(t); c.Article != a.ID {
				t.Errorf("streamed %+v", c)
			}
			began := time.Now()
			p := decode[changePage](t, s.get(t, "changes?wait=500ms&after="+next+"&limit=1"), http.StatusOK)
			if q := decode[changePage](t, s.get(t, "changes?wait=500ms&after="+p.Next), http.StatusOK); len(q.Changes) > 0 || q.Next != p.Next || time.Since(began) < 500*time.Millisecond {
				t.Errorf("after %v the poll was answered %+v", time.Since(began), q)
			}
		})
	}
}

func TestWaitersAreBounded(t *testing.T) {
	s := serve(t, openSQLite(t), api.Options{Waiting: 1})
	e := s.stream(t, "after=0", "")
	if r := s.get(t, "changes?wait=30s&after=0"); r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" {
		t.Errorf("a second one that waits = %d", r.StatusCode)
	}
	if r := s.get(t, "changes?after=0"); r.StatusCode != http.StatusOK {
		t.Errorf("one that does not wait = %d", r.StatusCode)
	}
	e.cancel()
	_ = e.Body.Close()
}

func TestAnswersOfThoseThatWaitAreWhole(t *testing.T) {
	store := openSQLite(t)
	s := serve(t, store, api.Options{})
	next := decode[changePage](t, s.get(t, "changes"), http.StatusOK).Next
	answer := make(chan reply, 1)
	go func() {
		answer <- s.ask(t, http.MethodGet, "changes?wait=30s&after="+next, "Accept-Encoding", "gzip", "Accept", "application/ninjs+json")
	}()
	s.waiting(t, 1)
	record(t, store, article("dsb", 1), article("dsb", 2), article("dsb", 3))
	r := <-answer
	if r.StatusCode != 200 || r.Header.Get("Content-Encoding") != "gzip" || r.Header.Get("Content-Type") != "application/ninjs+json" ||
		!strings.Contains(r.Header.Get("Vary"), "Accept") || r.Header.Get("ETag") == "" || r.Header.Get("Date") == "" || int64(len(r.body)) != r.ContentLength {
		t.Errorf("%d %v with %d bytes", r.StatusCode, r.Header, len(r.body))
	}
}
