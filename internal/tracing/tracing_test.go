package tracing_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/internal/tracing"
)

// recorded is a tracer, and the spans that it ends.
func recorded(options ...sdk.TracerProviderOption) (*tracing.Tracer, *tracetest.InMemoryExporter) {
	spans := tracetest.NewInMemoryExporter()
	return tracing.New(sdk.NewTracerProvider(append(options, sdk.WithSyncer(spans))...)), spans
}

func TestWithoutATracerNothingIsAllocated(t *testing.T) {
	var off *tracing.Tracer
	changes := []newswire.Change{{Op: newswire.Put, Article: "a", Topics: []newswire.Topic{newswire.All, newswire.SourceTopic("a")}}}
	failed, due := errors.New("failed"), time.Now()
	ctx := t.Context()
	allocated := testing.AllocsPerRun(100, func() {
		ctx, visit := off.Visit(ctx, "a", due)
		waiting, turn := tracing.StartAt(ctx, "wait for turn", due)
		turn.End(nil)
		_, fetch := tracing.Start(waiting, "fetch")
		fetch.Text("url.full", "https://a.example/")
		fetch.Count("http.response.status_code", 200)
		fetch.End(failed)
		off.Recording(ctx, "a")
		visit.End(nil)
		off.Heard(ctx, changes, 1)
		_, render := off.Render(ctx, tracing.Rendering{Topic: newswire.All, Name: "atom", Until: 1})
		render.End(nil)
	})
	if allocated != 0 {
		t.Errorf("%v allocations for a visit that is not traced; want none", allocated)
	}
}

func TestTextsAreBoundedAndUTF8(t *testing.T) {
	tracer, spans := recorded()
	long := strings.Repeat("é𝄞", 1<<12)
	for name, text := range map[string]string{
		"long": long, "shifted": "x" + long, "more": "xx" + long, "most": "xxx" + long, "broken": strings.Repeat("\xff", 300), "cut": "a\xf0\x9d",
		"short": "short", "at the limit": strings.Repeat("y", 256),
	} {
		spans.Reset()
		_, visit := tracer.Visit(t.Context(), text, time.Now())
		visit.Text("newswire.text", text)
		visit.End(errors.New(text))
		got := spans.GetSpans()[0]
		texts := []string{got.Status.Description}
		for _, a := range got.Attributes {
			texts = append(texts, a.Value.AsString())
		}
		for _, s := range texts {
			if len(s) > 256 || !utf8.ValidString(s) || s == "" {
				t.Errorf("%s: %d bytes, UTF-8 %v", name, len(s), utf8.ValidString(s))
			}
			if len(text) <= 256 && utf8.ValidString(text) && s != text {
				t.Errorf("%s became %q", name, s)
			}
		}
	}
}

// visit is a visit that has changed articles of a source.
func visit(t *testing.T, tracer *tracing.Tracer, source string) {
	ctx, v := tracer.Visit(t.Context(), source, time.Now())
	tracer.Recording(ctx, source)
	v.End(nil)
}

func change(source string, topics ...newswire.Topic) newswire.Change {
	return newswire.Change{Op: newswire.Put, Article: "1", Topics: append(topics, newswire.All, newswire.SourceTopic(source))}
}

func named(spans tracetest.SpanStubs, name string) (out tracetest.SpanStubs) {
	for _, s := range spans {
		if s.Name == name {
			out = append(out, s)
		}
	}
	return out
}

func TestARenderingBelongsToTheLastVisitAndLeadsToTheOthers(t *testing.T) {
	tracer, spans := recorded()
	visit(t, tracer, "a")
	visit(t, tracer, "b")
	tracer.Heard(t.Context(), []newswire.Change{change("a"), change("a"), change("b"), change("unknown")}, 1)
	_, render := tracer.Render(t.Context(), tracing.Rendering{Topic: newswire.All, Name: "atom", Until: 4})
	render.End(nil)
	visits, follows, renders := named(spans.GetSpans(), "visit"), named(spans.GetSpans(), "follow"), named(spans.GetSpans(), "render")
	if len(visits) != 2 || len(follows) != 2 || len(renders) != 1 {
		t.Fatalf("%d visits, %d follow, %d render; want 2, 2 and 1", len(visits), len(follows), len(renders))
	}
	for i := range visits {
		if follows[i].Parent.SpanID() != visits[i].SpanContext.SpanID() || follows[i].SpanContext.TraceID() != visits[i].SpanContext.TraceID() {
			t.Errorf("the change of visit %d is not followed in its trace", i)
		}
	}
	r := renders[0]
	if r.Parent.SpanID() != follows[1].SpanContext.SpanID() || len(r.Links) != 1 ||
		r.Links[0].SpanContext.SpanID() != follows[0].SpanContext.SpanID() {
		t.Errorf("the rendering is below %v with links %v; want below b's, with one to a's", r.Parent.SpanID(), r.Links)
	}
}

func TestARenderingOfNothingNewIsNotTraced(t *testing.T) {
	tracer, spans := recorded()
	visit(t, tracer, "a")
	tracer.Heard(t.Context(), []newswire.Change{change("a", newswire.HeldTopic("a"))}, 5)
	for name, r := range map[string]tracing.Rendering{
		"another topic":         {Topic: newswire.SourceTopic("b"), Until: 9},
		"an operator's listing": {Topic: newswire.HeldTopic("a"), Until: 9},
		"before the change":     {Topic: newswire.All, Until: 4},
		"after a rendering":     {Topic: newswire.All, After: 6, Until: 9},
	} {
		if _, render := tracer.Render(t.Context(), r); render.Traced() {
			t.Errorf("%s is traced", name)
		}
	}
	if n := len(named(spans.GetSpans(), "render")); n != 0 {
		t.Errorf("%d renderings were told of", n)
	}
}

func TestWhatIsNotSampledCostsNoSpan(t *testing.T) {
	tracer, spans := recorded(sdk.WithSampler(sdk.NeverSample()))
	ctx, v := tracer.Visit(t.Context(), "a", time.Now())
	if _, step := tracing.Start(ctx, "fetch"); step.Traced() {
		t.Error("a step of a visit that is not sampled is traced")
	}
	tracer.Recording(ctx, "a")
	v.End(nil)
	tracer.Heard(t.Context(), []newswire.Change{change("a")}, 1)
	if _, render := tracer.Render(t.Context(), tracing.Rendering{Topic: newswire.All, Until: 1}); render.Traced() {
		t.Error("what it changed is traced")
	}
	if n := len(spans.GetSpans()); n != 0 {
		t.Errorf("%d spans; want none", n)
	}
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	tracer, spans := recorded()
	var changes []newswire.Change
	for i := range 1100 {
		source := fmt.Sprint("s", i)
		visit(t, tracer, source)
		changes = append(changes, change(source, newswire.AuthorTopic(source)))
	}
	tracer.Heard(t.Context(), changes, 1)
	if n := len(named(spans.GetSpans(), "follow")); n != 1024 {
		t.Errorf("%d of 1100 visits were followed; want 1024", n)
	}
	_, render := tracer.Render(t.Context(), tracing.Rendering{Topic: newswire.All, Until: 9999})
	render.End(nil)
	if r := named(spans.GetSpans(), "render"); len(r) != 1 || len(r[0].Links) != 15 {
		t.Errorf("%d renderings; want one with 15 links", len(r))
	}
}

func TestAChangeLongAfterAVisitIsNotOfIt(t *testing.T) {
	// The clock of the package is the process's own.
	synctest.Test(t, func(t *testing.T) {
		tracer, spans := recorded()
		visit(t, tracer, "a")
		time.Sleep(2 * time.Minute)
		tracer.Heard(t.Context(), []newswire.Change{change("a")}, 1)
		if names := names(spans.GetSpans()); !slices.Equal(names, []string{"visit"}) {
			t.Errorf("spans are %q; want the visit alone", names)
		}
		visit(t, tracer, "a")
		tracer.Heard(t.Context(), []newswire.Change{change("a")}, 2)
		time.Sleep(time.Hour)
		if _, render := tracer.Render(t.Context(), tracing.Rendering{Topic: newswire.All, Until: 3}); render.Traced() {
			t.Error("a document that is first asked for an hour later is rendered for the visit")
		}
		if _, render := tracer.Render(t.Context(), tracing.Rendering{Topic: newswire.All, After: 1, Until: 3}); !render.Traced() {
			t.Error("a document that was rendered before the visit, and an hour after it again, is not rendered for it")
		}
	})
}

func names(spans tracetest.SpanStubs) (out []string) {
	for _, s := range spans {
		out = append(out, s.Name)
	}
	return out
}

func TestAStepNeedsATraceAbove(t *testing.T) {
	if ctx, step := tracing.Start(context.Background(), "fetch"); step.Traced() || ctx != context.Background() {
		t.Error("a step without a trace above it is traced")
	}
}
