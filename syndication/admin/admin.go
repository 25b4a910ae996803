// Package admin serves operators and their machines, on a listener of its own: whether the process lives, whether it
// is ready, what it counts, and profiles of it.
//
//	h := admin.New(admin.Options{Addr: "127.0.0.1:8081", Registry: registry, Checks: []admin.Check{{Name: "store", Func: store.Ping}}})
//	srv := web.NewHTTPServer("127.0.0.1:8081", h, log)
//
// Beyond loopback, and wherever a token is configured, everything but the bare health of the process needs the token,
// as "Authorization: Bearer TOKEN". On loopback without one, only requests that name a loopback host are answered, so
// that a page in the operator's browser cannot read this listener under a name of its own.
//
// The package refuses to change anything; the console, which it answers with where there is one, does so itself.
package admin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/http/pprof"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Check is something that must be well for the process to be ready, or of which the operator should know when it is not.
type Check struct {
	Name string
	Func func(ctx context.Context) error // nil when it is well; ends with ctx

	// Warns is for what leaves the process ready, such as a store that is away while the last good feeds are served:
	// /healthz and /readyz say what is wrong, and answer 200. Such a check must return at once and ask no other service,
	// so that a process that waits is not restarted as a dead one.
	Warns bool
}

// Options adjust the handler. With the zero value there is no token and no known address, so that only health is
// answered.
type Options struct {
	Addr     string               // that the listener listens on, such as "127.0.0.1:8081"
	Token    string               // needed where it is not empty
	Checks   []Check              // for /readyz; those that warn, for /healthz too
	Timeout  time.Duration        // of one check; default 2 s
	Console  http.Handler         // of all below /console, which it guards itself; nil for none
	Registry *prometheus.Registry // for /metrics; default an empty one. [New] adds the collectors of Go and of the process
}

// New returns a handler of /healthz, /readyz, /metrics and /debug/pprof. It panics when the Registry already has the
// collectors that it adds.
func New(o Options) http.Handler {
	if o.Timeout == 0 {
		o.Timeout = 2 * time.Second
	}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	o.Registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	g := guard{token: o.Token, loopback: IsLoopback(o.Addr)}

	mux := http.NewServeMux()
	warnings := slices.DeleteFunc(slices.Clone(o.Checks), func(c Check) bool { return !c.Warns })
	mux.Handle("GET /healthz", alive{checks{warnings, o.Timeout, g}})
	mux.Handle("GET /readyz", readiness{checks{o.Checks, o.Timeout, g}})
	mux.Handle("GET /metrics", g.protect(promhttp.HandlerFor(o.Registry, promhttp.HandlerOpts{})))
	mux.Handle("/debug/pprof/", g.protect(http.HandlerFunc(pprof.Index)))
	mux.Handle("/debug/pprof/cmdline", g.protect(http.HandlerFunc(pprof.Cmdline)))
	mux.Handle("/debug/pprof/profile", g.protect(http.HandlerFunc(pprof.Profile)))
	mux.Handle("/debug/pprof/symbol", g.protect(http.HandlerFunc(pprof.Symbol)))
	mux.Handle("/debug/pprof/trace", g.protect(http.HandlerFunc(pprof.Trace)))
	if o.Console != nil {
		mux.Handle("/console", o.Console)
		mux.Handle("/console/", o.Console)
	}
	return plain(mux)
}

// plain sets what all answers have: they are for now, and are what they say they are.
func plain(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

// guard decides which requests may see more than health.
type guard struct {
	token    string
	loopback bool // the listener cannot be reached from elsewhere
}

// refusal says why a request may not see more than health: a status code and a sentence, or zero if it may.
func (g guard) refusal(r *http.Request) (code int, why string) {
	switch {
	case g.token != "":
		if !g.holdsToken(r) {
			return http.StatusUnauthorized, "this needs the admin token, as Authorization: Bearer TOKEN"
		}
	case !g.loopback:
		return http.StatusForbidden, "the admin listener can be reached from elsewhere and no token is configured: configure one, or listen on loopback"
	case !IsLoopback(r.Host):
		return http.StatusForbidden, "without a token, ask for this under localhost or a loopback address"
	}
	return 0, ""
}

// holdsToken compares digests, so that the time it takes says nothing of the token, nor of its length.
func (g guard) holdsToken(r *http.Request) bool {
	scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	want, got := sha256.Sum256([]byte(g.token)), sha256.Sum256([]byte(strings.TrimSpace(given)))
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

func (g guard) protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		code, why := g.refusal(r)
		if code == 0 {
			next.ServeHTTP(w, r)
			return
		}
		if code == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Bearer realm="newswire admin"`)
		}
		http.Error(w, why, code)
	})
}

// IsLoopback says whether a host, with or without a port, can only be this machine.
func IsLoopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
