package service

import (
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/sources/sourcetest"
)

// collected is what a collector was sent.
type collected struct {
	mu    sync.Mutex // guards all
	spans []*otlp.Span
	bytes bytes.Buffer
}

func newCollector(t *testing.T) (c *collected, address string) {
	c = &collected{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		body, err := io.ReadAll(r.Body)
		var sent collector.ExportTraceServiceRequest
		if err == nil {
			err = proto.Unmarshal(body, &sent)
		}
		if err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("the collector is sent %s: %v", r.URL.Path, err)
		}
		c.bytes.Write(body)
		for _, of := range sent.GetResourceSpans() {
			for _, scope := range of.GetScopeSpans() {
				c.spans = append(c.spans, scope.GetSpans()...)
			}
		}
	}))
	t.Cleanup(server.Close)
	return c, server.URL
}

// of is the span of a name below another, or one that is below none.
func (c *collected) of(name string, above *otlp.Span) *otlp.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		if s.GetName() == name && bytes.Equal(s.GetParentSpanId(), above.GetSpanId()) {
			return s
		}
	}
	return nil
}

func TestAVisitIsTracedFromDueToRendered(t *testing.T) {
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "20")
	c, address := newCollector(t)
	pub, followed := sourcetest.NewPublisher(t, item("one")), make(chan struct{})
	pub.AnswerOnce(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-followed
		pub.Feed().ServeHTTP(w, r)
	}))
	r := start(t, "sqlite:"+filepath.Join(t.TempDir(), "wire.db"),
		"  - {id: a, url: '"+pub.URL()+"?key=planted'}\ntracing: {endpoint: '"+address+"/'}\n")
	// What is recorded before the change log is first read is not heard of.
	until(t, r, "a look into the change log", func() bool {
		return !strings.Contains(get(t, r.admin+"/metrics"), "newswire_web_change_log_age_seconds -1")
	})
	close(followed)
	var follow, render *otlp.Span
	until(t, r, "the rendering of what was visited", func() bool {
		if !strings.Contains(get(t, r.public+"/feeds/source/a.rss"), "Title of one") {
			return false
		}
		follow = c.of("follow", c.of("record", c.of("visit", nil)))
		render = c.of("render", follow)
		return follow != nil && render != nil
	})
	visit := c.of("visit", nil)
	for _, step := range []string{"wait for turn", "fetch", "parse", "clean and classify", "record"} {
		if c.of(step, visit) == nil {
			t.Errorf("the visit has no step %q", step)
		}
	}
	for _, s := range []*otlp.Span{follow, render} {
		if !bytes.Equal(s.GetTraceId(), visit.GetTraceId()) {
			t.Errorf("%s is in trace %s; want the visit's, %s", s.GetName(), hex.EncodeToString(s.GetTraceId()), hex.EncodeToString(visit.GetTraceId()))
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if bytes.Contains(c.bytes.Bytes(), []byte("planted")) {
		t.Error("the key in the source's address is in a span")
	}
	if !bytes.Contains(c.bytes.Bytes(), []byte("newswire")) {
		t.Error("the spans do not say of which service they are")
	}
}

func TestNothingIsTracedUnlessACollectorIsNamed(t *testing.T) {
	for name, tt := range map[string]struct {
		environment map[string]string
		endpoint    string
		traced      bool
	}{
		"nothing said":         {},
		"config":               {endpoint: "http://127.0.0.1:4318", traced: true},
		"environment":          {environment: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, traced: true},
		"environment, traces":  {environment: map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, traced: true},
		"metrics alone":        {environment: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_TRACES_EXPORTER": "none"}},
		"disabled":             {environment: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "true"}},
		"name of the service":  {environment: map[string]string{"OTEL_SERVICE_NAME": "wire"}},
		"config over disabled": {environment: map[string]string{"OTEL_SDK_DISABLED": "true"}, endpoint: "http://127.0.0.1:4318", traced: true},
	} {
		t.Run(name, func(t *testing.T) {
			for _, k := range []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER", "OTEL_SDK_DISABLED"} {
				t.Setenv(k, "")
			}
			for k, v := range tt.environment {
				t.Setenv(k, v)
			}
			conf := &config.Config{Tracing: config.Tracing{Endpoint: tt.endpoint, Sample: 1}}
			traces, err := newTraces(t.Context(), conf, "test", slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			defer traces.flush(t.Context())
			if got := traces.tracer() != nil; got != tt.traced {
				t.Errorf("traced: %v; want %v", got, tt.traced)
			}
		})
	}
}

// stuck is a collector that does not answer.
type stuck struct{}

func (stuck) ExportSpans(ctx context.Context, _ []sdk.ReadOnlySpan) error {
	<-ctx.Done()
	return ctx.Err()
}

func (stuck) Shutdown(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestTheEndWaitsForACollectorForSecondsAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log lockedBuffer
		logger := slog.New(slog.NewTextHandler(&log, nil))
		exporter := &reporting{SpanExporter: stuck{}, log: logger}
		traces := &traces{provider: sdk.NewTracerProvider(sdk.WithBatcher(exporter)), log: logger}
		ctx, cancel := context.WithCancel(t.Context())
		_, visit := traces.tracer().Visit(ctx, "a", time.Now())
		visit.End(nil)
		cancel()
		began := time.Now()
		traces.flush(ctx)
		if took := time.Since(began); took > flushTimeout {
			t.Errorf("the end took %v", took)
		}
		time.Sleep(time.Minute) // the exporter gives up by itself
		if said := strings.Count(log.String(), "not sent"); said == 0 {
			t.Errorf("the log does not say that traces were lost: %s", log.String())
		}
	})
}

func TestACollectorThatIsAwayIsSaidOnce(t *testing.T) {
	var log lockedBuffer
	var refuses atomic.Bool
	refuses.Store(true)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if refuses.Load() {
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	defer server.Close()
	conf := &config.Config{Tracing: config.Tracing{Endpoint: server.URL, Sample: 1}}
	traces, err := newTraces(t.Context(), conf, "test", slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	send := func() {
		_, visit := traces.tracer().Visit(t.Context(), "a", time.Now())
		visit.End(nil)
		if err := traces.provider.ForceFlush(t.Context()); err != nil {
			t.Error(err)
		}
	}
	send()
	send()
	refuses.Store(false)
	send()
	send()
	traces.flush(t.Context())
	if failed, again := strings.Count(log.String(), "collector does not take"), strings.Count(log.String(), "sent again"); failed != 1 || again != 1 {
		t.Errorf("the failure was said %d times and the end of it %d times; want once each:\n%s", failed, again, log.String())
	}
}
