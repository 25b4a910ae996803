// Package tracing follows one visit from the time at which it comes due to the feeds that show what it brought, as a trace of
// OpenTelemetry.
//
//	tracer := tracing.New(provider)                          // nil where nothing is traced
//	ctx, visit := tracer.Visit(ctx, source, due)             // the root of the trace
//	ctx, fetch := tracing.Start(ctx, "fetch")                // a step below it
//	fetch.Count("http.response.status_code", answer.Status)
//	fetch.End(err)
//
// Spans are carried by the context. Where that has none, [Start] returns the context as it is and allocates nothing, so a step
// need not know whether it is traced. What a visit changed is rendered later, in other goroutines; heard.go has how its
// trace goes on there.
//
// The package refuses texts of any length, for publishers write them: a value has 256 bytes at most, all of them UTF-8. It has
// no way to put a trace into a request to a publisher.
package tracing

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// maxText bounds a text in a span, in bytes.
const maxText = 256

// scope names this module as the one whose spans these are.
const scope = "github.com/newswire/newswire"

// Tracer begins traces, and has them go on where changes are rendered. A nil Tracer does nothing.
type Tracer struct {
	tracer trace.Tracer
	visits visits
	heard  heard
}

// New makes a tracer whose spans go to a provider.
func New(p trace.TracerProvider) *Tracer { return &Tracer{tracer: p.Tracer(scope)} }

// Visit begins the trace of a visit. It has begun when the source came due: so it shows how long that went unnoticed.
func (t *Tracer) Visit(ctx context.Context, source string, due time.Time) (context.Context, Span) {
	if t == nil {
		return ctx, Span{}
	}
	ctx, s := t.tracer.Start(ctx, "visit", trace.WithNewRoot(), trace.WithTimestamp(due))
	visit := Span{s}
	visit.Text("newswire.source", source)
	return ctx, visit
}

// Start begins a step of what the span of ctx stands for. Where ctx has no span the step is not traced.
func Start(ctx context.Context, name string) (context.Context, Span) {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return ctx, Span{}
	}
	return start(ctx, name)
}

// StartAt is [Start] for a step that began earlier.
func StartAt(ctx context.Context, name string, began time.Time) (context.Context, Span) {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return ctx, Span{}
	}
	return start(ctx, name, trace.WithTimestamp(began))
}

func start(ctx context.Context, name string, options ...trace.SpanStartOption) (context.Context, Span) {
	ctx, s := trace.SpanFromContext(ctx).TracerProvider().Tracer(scope).Start(ctx, name, options...)
	return ctx, Span{s}
}

// Span is one step. The methods of the zero value, which is a step that is not traced, do nothing.
type Span struct{ span trace.Span }

// Traced says whether the step is traced: where it is not, what is said of it need not be made.
func (s Span) Traced() bool { return s.span != nil }

// Text says something of the step, with its end cut off where it is long.
func (s Span) Text(key, value string) {
	if s.span != nil && value != "" {
		s.span.SetAttributes(attribute.String(key, bounded(value)))
	}
}

// Count says how many.
func (s Span) Count(key string, n int) {
	if s.span != nil {
		s.span.SetAttributes(attribute.Int(key, n))
	}
}

// End ends the step. An error says that it did not succeed, and why.
func (s Span) End(err error) {
	if s.span == nil {
		return
	}
	if err != nil {
		s.Fail(err.Error())
	}
	s.span.End()
}

// Fail says that the step does not succeed, and why.
func (s Span) Fail(why string) {
	if s.span != nil {
		s.span.SetStatus(codes.Error, bounded(why))
	}
}

// bounded is a text that can be sent: one that is not UTF-8 would cost all spans that are sent with it.
func bounded(text string) string {
	if len(text) > maxText {
		const cut = "…"
		end := maxText - len(cut)
		for end > maxText-len(cut)-utf8.UTFMax && !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end] + cut
	}
	return strings.ToValidUTF8(text, "?") // no longer than before: each byte that it replaces is one at least
}
