package post_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/newswire/newswire/internal/guard"
	"github.com/newswire/newswire/syndication/delivery/post"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// serve answers on loopback until the test ends.
func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}

func TestPostSendsWhatItIsGiven(t *testing.T) {
	var got, agent, field string
	address := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got, agent, field = string(body), r.Header.Get("User-Agent"), r.Header.Get("X-Test")
		if _, there := r.Header["Idempotency-Key"]; there || r.Method != http.MethodPost {
			t.Errorf("%s with %v", r.Method, r.Header)
		}
	})
	client := post.NewClient(post.Options{AllowPrivate: loopback, UserAgent: "newswire/1"})
	a, err := client.Post(t.Context(), &post.Request{URL: address, Header: http.Header{"X-Test": {"1"}}, Body: []byte("body")})
	if err != nil || !a.OK() || got != "body" || agent != "newswire/1" || field != "1" {
		t.Errorf("answer %v, %v; sent %q by %q with %q", a, err, got, agent, field)
	}
}

// answers are ways to answer that are no success.
var answers = []struct {
	name    string
	handler http.HandlerFunc
	want    string // of the answer in words
	after   time.Duration
}{
	{"a redirect", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere", http.StatusPermanentRedirect)
	}, "answers 308 Permanent Redirect; redirects are not followed", 0},
	{"a text", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "the signature\x1b[31m is\xff wrong\nand more", http.StatusUnauthorized)
	}, "answers 401 Unauthorized: the signature [31m is wrong", 0},
	{"a page", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "<html>", http.StatusBadGateway)
	}, "answers 502 Bad Gateway", 0},
	{"a long text", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, strings.Repeat("long ", 1<<20), http.StatusBadRequest)
	}, "answers 400 Bad Request: " + strings.Repeat("long ", 40) + "…", 0},
	{"seconds to wait", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "120")
		w.WriteHeader(http.StatusServiceUnavailable)
	}, "answers 503 Service Unavailable", 2 * time.Minute},
	{"centuries to wait", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "9223372036854775807")
		w.WriteHeader(http.StatusTooManyRequests)
	}, "answers 429 Too Many Requests", 24 * time.Hour},
	{"nonsense to wait", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "soon")
		w.WriteHeader(http.StatusTooManyRequests)
	}, "answers 429 Too Many Requests", 0},
}

func TestAnAnswerThatIsNoSuccessSaysWhy(t *testing.T) {
	client := post.NewClient(post.Options{AllowPrivate: loopback})
	for _, tt := range answers {
		t.Run(tt.name, func(t *testing.T) {
			a, err := client.Post(t.Context(), &post.Request{URL: serve(t, tt.handler)})
			if err != nil || a.OK() || a.String() != tt.want || a.RetryAfter != tt.after {
				t.Errorf("%q, %v, again after %v; want %q, %v", a, err, a.RetryAfter, tt.want, tt.after)
			}
		})
	}
}

func TestADateToWaitForIsReadAndThePastIsNow(t *testing.T) {
	client := post.NewClient(post.Options{AllowPrivate: loopback})
	for ahead, want := range map[time.Duration]time.Duration{time.Hour: time.Hour, -time.Hour: 0} {
		a, err := client.Post(t.Context(), &post.Request{URL: serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
			w.WriteHeader(http.StatusServiceUnavailable)
		})})
		if err != nil || a.RetryAfter > want || a.RetryAfter < want-5*time.Second {
			t.Errorf("a date %v ahead: %v, %v", ahead, a, err)
		}
	}
}

func TestPrivateAddressesAreRefusedAtEachDial(t *testing.T) {
	var asked atomic.Int32
	address := serve(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	client := post.NewClient(post.Options{})
	for _, to := range []string{address, strings.Replace(address, "127.0.0.1", "localhost", 1), "http://169.254.169.254/?token=secret"} {
		_, err := client.Post(t.Context(), &post.Request{URL: to})
		if !errors.Is(err, guard.ErrPrivate) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want it refused, without its query", to, err)
		}
	}
	if asked.Load() > 0 {
		t.Error("the server was asked")
	}
}

// hold answers nothing, or drips, until the test is over.
func hold(t *testing.T, begin func(w http.ResponseWriter)) string {
	over := make(chan struct{})
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		begin(w)
		for {
			select {
			case <-over:
				return
			case <-r.Context().Done():
				return
			case <-time.After(10 * time.Millisecond):
				if _, err := w.Write([]byte("x")); err != nil {
					return
				}
				_ = http.NewResponseController(w).Flush()
			}
		}
	})
	t.Cleanup(func() { close(over) })
	return address
}

func TestASlowAnswerEnds(t *testing.T) {
	client := post.NewClient(post.Options{AllowPrivate: loopback, Timeout: 50 * time.Millisecond})
	silent, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	_, err = client.Post(t.Context(), &post.Request{URL: "http://" + silent.Addr().String()})
	if err == nil || err.Error() != "no answer in time: 50ms" {
		t.Errorf("a server that says nothing: %v", err)
	}
	client = post.NewClient(post.Options{AllowPrivate: loopback, Timeout: time.Second}) // in which an answer begins on a busy machine too
	began := time.Now()
	a, err := client.Post(t.Context(), &post.Request{URL: hold(t, func(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent - 4) })})
	if err != nil || !a.OK() {
		t.Errorf("a success whose body drips: %v, %v; want it accepted", a, err)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("a body that drips holds up for %v", took)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Post(ctx, &post.Request{URL: hold(t, func(http.ResponseWriter) {})}); !errors.Is(err, context.Canceled) {
		t.Errorf("after its end: %v", err)
	}
}

// TestAnAnswerIsBounded has a server send headers without end, as the provisional answers before one, and in it.
func TestAnAnswerIsBounded(t *testing.T) {
	client := post.NewClient(post.Options{AllowPrivate: loopback, Timeout: time.Minute})
	for name, line := range map[string]string{
		"early hints": "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n", "header": "X: y\r\n",
	} {
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			if name == "header" {
				_, _ = fmt.Fprint(conn, "HTTP/1.1 200 OK\r\n")
			}
			for {
				if _, err := conn.Write([]byte(strings.Repeat(line, 100))); err != nil {
					return
				}
			}
		}()
		_, err = client.Post(t.Context(), &post.Request{URL: "http://" + l.Addr().String()})
		if err == nil || strings.Contains(err.Error(), "in time") {
			t.Errorf("%s without end: %v, want it cut off for its size", name, err)
		}
		_ = l.Close()
		<-done
	}
}
