package admin_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/newswire/newswire/syndication/admin"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const loopback = "127.0.0.1:8081"

// get asks a handler on a real server, and returns its status code and body.
func get(t *testing.T, o admin.Options, path string, adjust func(*http.Request)) (int, string) {
	t.Helper()
	srv := httptest.NewServer(admin.New(o))
	defer srv.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if adjust != nil {
		adjust(req)
	}
	resp, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestHealthIsAnsweredWhenAllElseIsWrong(t *testing.T) {
	o := admin.Options{Addr: "0.0.0.0:8081", Token: "secret", Checks: []admin.Check{
		{Name: "store", Func: func(context.Context) error { return errors.New("away") }},
	}}
	if code, body := get(t, o, "/healthz", nil); code != http.StatusOK || body != "ok\n" {
		t.Errorf("GET /healthz = %d %q; want 200 ok", code, body)
	}
}

func TestWarningsAreSaidAndLeaveTheProcessReady(t *testing.T) {
	away := admin.Check{Name: "store", Func: func(context.Context) error { return errors.New("10.0.0.7: connection refused") }, Warns: true}
	well := admin.Check{Name: "feeds", Func: func(context.Context) error { return nil }}
	for _, tt := range []struct {
		name, addr     string
		health, reason string
	}{
		{"to the operator", loopback, "ok\nstore: 10.0.0.7: connection refused\n", "10.0.0.7: connection refused"},
		{"to strangers without the reason", "0.0.0.0:8081", "ok\nstore: failing\n", "failing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := admin.Options{Addr: tt.addr, Checks: []admin.Check{well, away}}
			if code, body := get(t, o, "/healthz", nil); code != http.StatusOK || body != tt.health {
				t.Errorf("GET /healthz = %d %q; want 200 %q", code, body, tt.health)
			}
			code, body := get(t, o, "/readyz", nil)
			if code != http.StatusOK || !strings.Contains(body, `"ready": true`) || !strings.Contains(body, `"store": "`+tt.reason+`"`) {
				t.Errorf("GET /readyz = %d %s; want 200 with what is wrong", code, body)
			}
		})
	}
}

func TestReadinessNamesEveryCheck(t *testing.T) {
	well := func(context.Context) error { return nil }
	for _, tt := range []struct {
		name   string
		addr   string
		checks []admin.Check
		code   int
		want   map[string]string
	}{
		{"nothing to check", loopback, nil, 200, map[string]string{}},
		{"all well", loopback, []admin.Check{{Name: "store", Func: well}, {Name: "feeds", Func: well}}, 200, map[string]string{"store": "ok", "feeds": "ok"}},
		{
			"one away", loopback,
			[]admin.Check{{Name: "store", Func: func(context.Context) error { return errors.New("connection refused") }}, {Name: "feeds", Func: well}},
			503,
			map[string]string{"store": "connection refused", "feeds": "ok"},
		},
		{
			"one hangs", loopback,
			[]admin.Check{{Name: "store", Func: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}},
			503,
			map[string]string{"store": "context deadline exceeded"},
		},
		{
			"one panics", loopback,
			[]admin.Check{{Name: "store", Func: func(context.Context) error { panic("no store") }}},
			503,
			map[string]string{"store": "check panicked: no store"},
		},
		{
			"strangers are not told why", "0.0.0.0:8081",
			[]admin.Check{{Name: "store", Func: func(context.Context) error { return errors.New("10.0.0.7: connection refused") }}},
			503,
			map[string]string{"store": "failing"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := admin.Options{Addr: tt.addr, Checks: tt.checks, Timeout: time.Minute}
			if tt.name == "one hangs" {
				o.Timeout = 20 * time.Millisecond
			}
			code, body := get(t, o, "/readyz", nil)
			var got struct {
				Ready  bool
				Checks map[string]string
			}
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatalf("%v in %q", err, body)
			}
			if code != tt.code || got.Ready != (tt.code == 200) {
				t.Errorf("GET /readyz = %d, ready %v; want %d", code, got.Ready, tt.code)
			}
			if diff := cmp.Diff(tt.want, got.Checks); diff != "" {
				t.Errorf("checks (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMoreThanHealthNeedsTheTokenOrLoopback(t *testing.T) {
	bearer := func(token string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", token) }
	}
	host := func(h string) func(*http.Request) { return func(r *http.Request) { r.Host = h } }
	for _, tt := range []struct {
		name        string
		addr, token string
		adjust      func(*http.Request)
		want        int
	}{
		{"loopback without a token", loopback, "", nil, 200},
		{"loopback by name", "localhost:8081", "", host("localhost:9999"), 200},
		{"loopback in IPv6", "[::1]:8081", "", host("[::1]"), 200},
		{"a name that was made to point to loopback", loopback, "", host("evil.example:8081"), 403},
		{"every address without a token", ":8081", "", nil, 403},
		{"an address of the network without a token", "192.0.2.1:8081", "", nil, 403},
		{"no address without a token", "", "", nil, 403},
		{"the token", ":8081", "secret", bearer("Bearer secret"), 200},
		{"the token under a name", ":8081", "secret", func(r *http.Request) { bearer("bearer secret")(r); r.Host = "wire.example" }, 200},
		{"no token given", ":8081", "secret", nil, 401},
		{"no token given on loopback", loopback, "secret", nil, 401},
		{"another token", ":8081", "secret", bearer("Bearer secrets"), 401},
		{"an empty token", ":8081", "secret", bearer("Bearer "), 401},
		{"another scheme", ":8081", "secret", bearer("Basic secret"), 401},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/cmdline"} {
				o := admin.Options{Addr: tt.addr, Token: tt.token}
				if code, body := get(t, o, path, tt.adjust); code != tt.want {
					t.Errorf("GET %s = %d %q; want %d", path, code, body, tt.want)
				}
			}
		})
	}
}

func TestMetricsAreThoseOfTheRegistry(t *testing.T) {
	registry := prometheus.NewRegistry()
	visits := prometheus.NewCounter(prometheus.CounterOpts{Name: "newswire_visits_total", Help: "Visits."})
	registry.MustRegister(visits)
	visits.Add(3)
	_, body := get(t, admin.Options{Addr: loopback, Registry: registry}, "/metrics", nil)
	for _, want := range []string{"newswire_visits_total 3\n", "go_goroutines ", "process_resident_memory_bytes "} {
		if !strings.Contains(body, want) {
			t.Errorf("/metrics lacks %q", want)
		}
	}
}

func TestHeapProfileCanBeTaken(t *testing.T) {
	code, body := get(t, admin.Options{Addr: loopback}, "/debug/pprof/heap?debug=1", nil)
	if code != http.StatusOK || !strings.HasPrefix(body, "heap profile:") {
		t.Errorf("GET /debug/pprof/heap = %d %.40q; want a profile", code, body)
	}
}
