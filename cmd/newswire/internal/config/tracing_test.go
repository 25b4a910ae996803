package config

import (
	"strings"
	"testing"
)

func TestTracesGoWhereTheConfigSays(t *testing.T) {
	for text, want := range map[string]Tracing{
		"":         {Sample: 1},
		"tracing:": {Sample: 1},
		"tracing: {endpoint: 'http://127.0.0.1:4318'}":                 {Endpoint: "http://127.0.0.1:4318", Sample: 1},
		"tracing: {endpoint: 'https://otlp.example/x', sample: 0.125}": {Endpoint: "https://otlp.example/x", Sample: 0.125},
		"tracing: {sample: 0}":                                         {},
	} {
		c, err := Parse("newswire.yaml", []byte("listen: :8080\n"+text+"\n"))
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if c.Tracing != want {
			t.Errorf("%q: %+v; want %+v", text, c.Tracing, want)
		}
	}
}

func TestMistakesInTracingAreNamedWithTheirLine(t *testing.T) {
	for _, tt := range []struct{ yaml, want string }{
		{"tracing: {endpoint: 'localhost:4318'}", "is not an absolute http or https address"},
		{"tracing: {endpoint: 'https://desk:pw@otlp.example'}", "OTEL_EXPORTER_OTLP_HEADERS"},
		{"tracing: {endpoint: 'https://otlp.example/?key=k'}", "OTEL_EXPORTER_OTLP_HEADERS"},
		{"tracing: {sample: 2}", "from 0 to 1"},
		{"tracing: {sample: -0.1}", "from 0 to 1"},
		{"tracing: {sample: .nan}", "from 0 to 1"},
		{"tracing: {sample: all}", `want a number, got "all"`},
		{"tracing: {sampel: 1}", `did you mean "sample"?`},
	} {
		_, err := Parse("newswire.yaml", []byte("listen: :8080\n"+tt.yaml+"\n"))
		if err == nil || !strings.HasPrefix(err.Error(), "newswire.yaml:2: ") || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v; want line 2 and %s", tt.yaml, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "pw") {
			t.Errorf("%q: the message has the password: %v", tt.yaml, err)
		}
	}
}
