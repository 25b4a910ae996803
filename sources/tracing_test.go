package sources_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/internal/tracing"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/sourcetest"
)

// traced visits a source once and returns its spans.
func traced(t *testing.T, h *harness, source newswire.Source) tracetest.SpanStubs {
	t.Helper()
	source.ID, source.Schedule = "a", "@every 1h"
	catalog, err := sources.NewCatalog([]newswire.Source{source}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	spans := tracetest.NewInMemoryExporter()
	tracer := tracing.New(sdk.NewTracerProvider(sdk.WithSyncer(spans)))
	a := sources.NewAggregator(h.store, sources.Setup{Catalog: catalog, Fetcher: h.client, Robots: h.robots}, sources.Options{Tracer: tracer})
	if err := a.Round(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	return spans.GetSpans()
}

// below are the names of the steps below a span, in the order in which they began.
func below(spans tracetest.SpanStubs, above string) []string {
	slices.SortStableFunc(spans, func(a, b tracetest.SpanStub) int { return a.StartTime.Compare(b.StartTime) })
	var out []string
	for _, parent := range spans {
		for _, s := range spans {
			if parent.Name == above && s.Parent.SpanID() == parent.SpanContext.SpanID() {
				out = append(out, s.Name)
			}
		}
	}
	return out
}

func attribute(spans tracetest.SpanStubs, name, key string) string {
	for _, s := range spans {
		for _, a := range s.Attributes {
			if s.Name == name && string(a.Key) == key {
				return a.Value.String()
			}
		}
	}
	return ""
}

func TestAVisitIsOneTrace(t *testing.T) {
	h, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 One", "2 Two"))
	pub.SetHeader("Cache-Control", "")
	spans := traced(t, h, newswire.Source{URL: pub.URL() + "?key=secret"})
	want := []string{"wait for turn", "fetch", "parse", "clean and classify", "record"}
	if got := below(spans, "visit"); !slices.Equal(got, want) {
		t.Errorf("the steps of the visit are %q; want %q", got, want)
	}
	for _, w := range [][3]string{
		{"visit", "newswire.source", "a"},
		{"visit", "newswire.outcome", "changed"},
		{"visit", "newswire.new", "2"},
		{"fetch", "url.full", pub.URL() + "?…"},
		{"fetch", "http.response.status_code", "200"},
		{"parse", "newswire.format", "rss 2.0"},
		{"record", "newswire.articles", "2"},
	} {
		if got := attribute(spans, w[0], w[1]); got != w[2] {
			t.Errorf("%s of %s is %q; want %q", w[1], w[0], got, w[2])
		}
	}
	for _, r := range pub.Requests() {
		for field := range r.Header {
			if name := strings.ToLower(field); strings.HasPrefix(name, "trace") || name == "baggage" || name == "b3" {
				t.Errorf("the publisher is sent %s", field)
			}
		}
	}
}

func TestAFailedVisitSaysWhy(t *testing.T) {
	h, pub := newHarness(t), sourcetest.NewPublisher(t, "")
	pub.Answer(sourcetest.Status(http.StatusInternalServerError))
	spans := traced(t, h, newswire.Source{URL: pub.URL()})
	for _, s := range spans {
		if s.Name == "visit" && !strings.Contains(s.Status.Description, "500") {
			t.Errorf("the visit ends with %+v; want the publisher's answer", s.Status)
		}
	}
	if got := attribute(spans, "visit", "newswire.outcome"); got != "failed" {
		t.Errorf("the outcome is %q", got)
	}
}

// TestAPublisherCannotMakeASpanLarge has a publisher put as much as it can wherever a span takes something from it.
func TestAPublisherCannotMakeASpanLarge(t *testing.T) {
	long := strings.Repeat("\xff\xfe é", 1<<14)
	items := make([]string, 300)
	for i := range items {
		items[i] = strings.Repeat("x", i+1) + " " + strings.Repeat("title ", 100)
	}
	for name, answer := range map[string]http.Handler{
		"version": sourcetest.Document("application/rss+xml", strings.Replace(rss("1 One"), `version="2.0"`, `version="`+strings.Repeat("9", 1<<16)+`"`, 1)),
		"garbage": sourcetest.Document("text/"+strings.Repeat("x", 1000), long),
		"address": sourcetest.Redirect(http.StatusMovedPermanently, "/"+strings.Repeat("a", 4000)),
		"items":   sourcetest.Document("application/rss+xml", rss(items...)),
	} {
		t.Run(name, func(t *testing.T) {
			h, pub := newHarness(t), sourcetest.NewPublisher(t, "")
			pub.Answer(answer)
			spans := traced(t, h, newswire.Source{URL: pub.URL()})
			if len(spans) == 0 || len(spans) > 50 {
				t.Errorf("%d spans of one visit", len(spans))
			}
			for _, s := range spans {
				size := len(s.Name) + len(s.Status.Description)
				valid := utf8.ValidString(s.Status.Description)
				for _, a := range s.Attributes {
					size += len(a.Key) + len(a.Value.String())
					valid = valid && utf8.ValidString(a.Value.String())
				}
				if size > 2048 || !valid || len(s.Events) > 0 {
					t.Errorf("%s has %d bytes and %d events; UTF-8: %v", s.Name, size, len(s.Events), valid)
				}
			}
		})
	}
}

func TestAnArticlesPageIsAStep(t *testing.T) {
	h, pub := newHarness(t), sourcetest.NewPublisher(t, "")
	pub.Publish(strings.ReplaceAll(rss("1 One"), "https://pub.example", pub.Site()))
	pub.Handle("/1", sourcetest.Document("text/html", "<title>One</title><article><p>"+strings.Repeat("Words enough. ", 50)+"</p></article>"))
	h.robots = &termedSite{terms: sources.SiteTerms{Usage: denies("/none/", "search=n")}}
	spans := traced(t, h, newswire.Source{URL: pub.URL(), FullText: true})
	if got, want := below(spans, "page"), []string{"robots.txt", "fetch", "robots.txt"}; !slices.Equal(got, want) {
		t.Errorf("the steps of the page are %q; want %q", got, want)
	}
}
