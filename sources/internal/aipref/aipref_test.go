package aipref_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/internal/aipref"
)

func TestParse(t *testing.T) {
	tests := []struct {
		name string
		in   []string
		want newswire.Usage
	}{
		{"one", []string{"train-ai=n"}, "train-ai=n"},
		{"two, sorted", []string{"train-ai=n, search=y"}, "search=y, train-ai=n"},
		{"on two lines", []string{"train-ai=n", "search=y"}, "search=y, train-ai=n"},
		{"spaces and tabs", []string{"  train-ai=n\t,\tsearch=y "}, "search=y, train-ai=n"},
		{"a label that is not known", []string{"bots=n, train-ai=y"}, "bots=n, train-ai=y"},
		{"parameters", []string{"train-ai=n;exception=foo;x"}, "train-ai=n"},
		{"the last counts", []string{"train-ai=n, train-ai=y"}, "train-ai=y"},
		{"the last is no preference", []string{`train-ai=y, train-ai, search=n, search="n"`}, ""},
		{"a boolean", []string{"train-ai=?0"}, ""},
		{"a string", []string{`train-ai="n"`}, ""},
		{"another token", []string{"train-ai=no"}, ""},
		{"an inner list", []string{"train-ai=(n)"}, ""},
		{"upper case", []string{"Train-AI=n"}, ""},
		{"a broken one", []string{"train-ai=n,, search=y"}, ""},
		{"a comma at the end", []string{"train-ai=n,"}, ""},
		{"no ASCII", []string{"train-ai=ñ"}, ""},
		{"empty", []string{"", ""}, ""},
		{"nothing", nil, ""},
		{"too long", []string{strings.Repeat(" ", 5000) + "train-ai=n"}, ""},
		{"an asterisk", []string{"*=n"}, "*=n"},
	}
	for _, tt := range tests {
		if got := aipref.Parse(tt.in...); got != tt.want {
			t.Errorf("%s: Parse(%q) = %q, want %q", tt.name, tt.in, got, tt.want)
		}
	}
}

func TestUsageReadsTheField(t *testing.T) {
	h := http.Header{"Content-Usage": {"train-ai=n", "search=y"}}
	if got := aipref.Usage(h); got != "search=y, train-ai=n" {
		t.Errorf("Usage = %q", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("train-ai=n, search=y;a=b")
	f.Add(`a=y, *b=n;c="d"`)
	f.Fuzz(func(t *testing.T, in string) {
		u := aipref.Parse(in)
		if again := aipref.Parse(string(u)); again != u {
			t.Errorf("Parse(%q) = %q, which reads as %q", in, u, again)
		}
		for label, allowed := range u.All() {
			if newswire.NewUsage(map[string]bool{label: allowed}) == "" {
				t.Errorf("Parse(%q) has an empty label", in)
			}
		}
	})
}
