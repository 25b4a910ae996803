package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"

	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/internal/tracing"
)

// flushTimeout is how long the end of the service waits at most for a collector that has yet to take spans.
const flushTimeout = 3 * time.Second

// spanLimits bound a span, and with it what a publisher can put into one. Texts are cut before that.
var spanLimits = sdk.SpanLimits{
	AttributeValueLengthLimit: 256, AttributeCountLimit: 32, EventCountLimit: 8, LinkCountLimit: 16,
	AttributePerEventCountLimit: 8, AttributePerLinkCountLimit: 8,
}

// traces are where spans go.
type traces struct {
	provider *sdk.TracerProvider // nil where nothing is traced
	log      *slog.Logger
}

// newTraces has spans go to the collector that the config names, or else the environment as OpenTelemetry has it. Without
// either nothing is traced. What the config leaves open (headers, certificates, batches, a sampler) is read from the
// environment, by the exporter itself.
func newTraces(ctx context.Context, conf *config.Config, version string, log *slog.Logger) (*traces, error) {
	t := &traces{log: log}
	var options []otlptracehttp.Option
	switch endpoint := conf.Tracing.Endpoint; {
	case endpoint != "":
		options = append(options, otlptracehttp.WithEndpointURL(strings.TrimRight(endpoint, "/")+"/v1/traces"))
	case !wanted(os.Getenv):
		return t, nil
	}
	otlp, err := otlptracehttp.New(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("tracing: %w", withoutAddress(err))
	}
	about, err := resource.New(
		ctx, resource.WithTelemetrySDK(), resource.WithHost(),
		resource.WithAttributes(attribute.String("service.name", "newswire"), attribute.String("service.version", version)), resource.WithFromEnv(),
	)
	if err != nil {
		log.WarnContext(ctx, "tracing: the environment does not say well what this process is", "error", err)
	}
	provide := []sdk.TracerProviderOption{
		sdk.WithResource(about), sdk.WithRawSpanLimits(spanLimits), sdk.WithBatcher(&reporting{SpanExporter: otlp, log: log}),
	}
	if share := conf.Tracing.Sample; share < 1 {
		provide = append(provide, sdk.WithSampler(sdk.ParentBased(sdk.TraceIDRatioBased(share))))
	}
	t.provider = sdk.NewTracerProvider(provide...)
	return t, nil
}

// wanted says whether the environment names a collector (OpenTelemetry, Environment Variable Specification).
func wanted(env func(string) string) bool {
	if strings.EqualFold(env("OTEL_SDK_DISABLED"), "true") || env("OTEL_TRACES_EXPORTER") == "none" {
		return false
	}
	return cmp.Or(env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), env("OTEL_EXPORTER_OTLP_ENDPOINT")) != ""
}

// tracer is nil where nothing is traced.
func (t *traces) tracer() *tracing.Tracer {
	if t.provider == nil {
		return nil
	}
	return tracing.New(t.provider)
}

// flush sends what was not sent yet, also when ctx has ended, and gives up in time.
func (t *traces) flush(ctx context.Context) {
	if t.provider == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil {
		t.log.WarnContext(ctx, "the last traces were not sent", "error", withoutAddress(err))
	}
}

// reporting is an exporter that logs when it begins to fail, and when it works again: not each time, and not by the logger that
// OpenTelemetry has for all of a process.
type reporting struct {
	sdk.SpanExporter
	log    *slog.Logger
	failed atomic.Bool
}

// ExportSpans implements [sdk.SpanExporter].
func (r *reporting) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	err := r.SpanExporter.ExportSpans(ctx, spans)
	switch {
	case err != nil && !r.failed.Swap(true):
		r.log.WarnContext(ctx, "traces are not sent: the collector does not take them", "error", withoutAddress(err))
	case err == nil && r.failed.Swap(false):
		r.log.InfoContext(ctx, "traces are sent again")
	}
	return nil
}

// withoutAddress is an error without the address in it, which may have a key.
func withoutAddress(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
