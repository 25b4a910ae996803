package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/newswire/newswire/syndication/revision"
)

// endpoint is what answers at an address.
type endpoint struct {
	route string // in metrics and in the log
	serve func(w http.ResponseWriter, r *http.Request) error
}

const methods = "GET, HEAD, OPTIONS"

// handle does for an endpoint what all have in common.
func (s *Server) handle(e endpoint) http.Handler {
	answered := &counters{requests: s.requests, route: e.route}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := recorders.Get().(*recorder)
		*rec = recorder{ResponseWriter: w}
		defer recorders.Put(rec)
		err := s.answer(rec, r, e)
		if err != nil {
			s.refuse(rec, r, e, err)
		}
		answered.count(rec.code)
		if ctx := r.Context(); s.options.Log.Enabled(ctx, slog.LevelDebug) {
			s.options.Log.DebugContext(ctx, "request answered", "method", r.Method, "path", r.URL.Path, "code", rec.code,
				"bytes", rec.bytes, "remote", r.RemoteAddr, "user_agent", r.UserAgent())
		}
	})
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, e endpoint) error {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return e.serve(w, r)
	case http.MethodOptions:
		h := w.Header()
		h.Set("Allow", methods)
		if e.public() && r.Header.Get("Access-Control-Request-Method") != "" { // a browser asks before a script may
			h.Set("Access-Control-Allow-Origin", "*")
			h.Set("Access-Control-Allow-Methods", methods)
			h.Set("Access-Control-Allow-Headers", "A-IM, If-None-Match, If-Modified-Since")
			h.Set("Access-Control-Max-Age", "86400")
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	default:
		return fmt.Errorf("%s: %w", r.Method, errMethod)
	}
}

// public says whether scripts of any site may read the answers: those that are data rather than pages.
func (e endpoint) public() bool { return e.route == "feed" || e.route == "opml" }

// corsFields let scripts of any site read an answer, validators included.
var corsFields = []revision.Field{
	revision.NewField("Access-Control-Allow-Origin", "*"),
	revision.NewField("Access-Control-Expose-Headers", "ETag, Last-Modified, Link, Age, IM, Delta-Base, Content-Usage"),
}

// sniffField keeps browsers from taking an answer for something else than its type says.
var sniffField = revision.NewField("X-Content-Type-Options", "nosniff")

// refuse answers with an error: in words for people on a page, in one line to everything else.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, e endpoint, err error) {
	a := answerTo(err)
	switch a.code {
	case http.StatusInternalServerError:
		s.options.Log.ErrorContext(r.Context(), "request failed", "path", r.URL.Path, "error", err)
	case http.StatusServiceUnavailable:
		s.options.Log.WarnContext(r.Context(), "request refused for now", "path", r.URL.Path, "error", err)
	}
	h := w.Header()
	h.Set("Cache-Control", a.cache)
	sniffField.Set(h)
	h.Set("Vary", "Accept-Encoding")
	switch a.code {
	case http.StatusMethodNotAllowed:
		h.Set("Allow", methods)
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", "10")
	}
	if e.public() {
		corsFields[0].Set(h)
	}
	if !e.forPeople() {
		send(w, r, a.code, textType, []byte(a.line()+"\n"))
		return
	}
	for _, f := range s.directory().pageFields(permissions{}) {
		f.Set(h)
	}
	send(w, r, a.code, htmlType, s.errorPage(a))
}

// send answers with a body that is made for this request alone.
func send(w http.ResponseWriter, r *http.Request, code int, mediaType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(code)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a reader that went away is no error of ours
	}
}

// forPeople says whether the endpoint answers with pages.
func (e endpoint) forPeople() bool {
	return e.route == "page" || e.route == "article" || e.route == "unknown"
}

// recorder remembers what was answered, for metrics and the log.
type recorder struct {
	http.ResponseWriter
	code  int
	bytes int
}

// recorders are used again: at the rate of requests, even a few bytes for each are work for the collector.
var recorders = sync.Pool{New: func() any { return new(recorder) }}

func (r *recorder) WriteHeader(code int) {
	r.code = code
	r.ResponseWriter.WriteHeader(code)
}

func (r *recorder) Write(b []byte) (int, error) {
	n, err := r.ResponseWriter.Write(b)
	r.bytes += n
	return n, err
}

func newRequests(r prometheus.Registerer) *prometheus.CounterVec {
	return promauto.With(r).NewCounterVec(prometheus.CounterOpts{
		Name: "newswire_web_requests_total",
		Help: "Requests answered, by route and HTTP status code.",
	}, []string{"route", "code"})
}

// counters are those of one route, by status code, found once: looking one up by its labels costs more than counting.
type counters struct {
	requests *prometheus.CounterVec
	route    string
	byCode   [600]atomic.Pointer[prometheus.Counter]
}

// count counts a request.
func (c *counters) count(code int) {
	if code < 0 || code >= len(c.byCode) {
		return // no status that we answer with
	}
	counter := c.byCode[code].Load()
	if counter == nil {
		found := c.requests.WithLabelValues(c.route, strconv.Itoa(code))
		counter = &found
		c.byCode[code].Store(counter)
	}
	(*counter).Inc()
}

// NewHTTPServer returns a server for a listener of ours, the public and the admin one, with every timeout set: a client
// that reads or writes a byte at a time, or nothing at all, is let go. Starting it and shutting it down are the
// caller's. What net/http has to say of single connections goes to the log at Debug.
func NewHTTPServer(addr string, handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
