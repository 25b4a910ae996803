package edit_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire/cmd/newswire/internal/edit"
)

func TestSetChangesOneEntryAlone(t *testing.T) {
	for _, tt := range []struct{ name, before, want string }{
		{
			"keys that are there, and one that is not",
			"partners: # all\n  - id: a # first\n    key: 12ab # its digest\n    rate: 1/m\n\n  - id: b\n    key: 'cd'\nlisten: :80\n",
			"partners: # all\n  - id: a # first\n    until: \"2026-12-01T00:00:00Z\"\n    key: \"new\" # its digest\n    rate: 1/m\n\n  - id: b\n    key: 'cd'\nlisten: :80\n",
		},
		{
			"between braces", "partners:\n  - {id: b}\n  - {id: a, key: \"é\", rate: 1/m} # x\n",
			"partners:\n  - {id: b}\n  - {id: a, until: \"2026-12-01T00:00:00Z\", key: \"new\", rate: 1/m} # x\n",
		},
		{
			"between brackets, on one line", "partners: [{key: x, id: \"a\"}, {id: b}]",
			"partners: [{key: \"new\", id: \"a\", until: \"2026-12-01T00:00:00Z\"}, {id: b}]",
		},
		{
			"lines that end as on Windows", "partners:\r\n- id: a\r\n  key: x\r\n",
			"partners:\r\n- id: a\r\n  until: \"2026-12-01T00:00:00Z\"\r\n  key: \"new\"\r\n",
		},
		{"no line break at the end", "partners:\n- key: x\n  id: a", "partners:\n- key: \"new\"\n  id: a\n  until: \"2026-12-01T00:00:00Z\"\n"},
	} {
		got, err := edit.Set([]byte(tt.before), "partners", "a", edit.Pair{Key: "key", Value: "new"}, edit.Pair{Key: "until", Value: "2026-12-01T00:00:00Z"})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	for name, text := range map[string]string{
		"a value on several lines": "partners:\n- id: a\n  key: |\n    x\n",
		"an alias":                 "x: &x one\npartners:\n- id: a\n  key: *x\n",
	} {
		if got, err := edit.Set([]byte(text), "partners", "a", edit.Pair{Key: "key", Value: "new"}); !errors.Is(err, edit.ErrLayout) {
			t.Errorf("%s: %q, %v; want %v", name, got, err, edit.ErrLayout)
		}
	}
	for _, text := range []string{"", "partners: [{id: b}]", "sources: [{id: a}]"} {
		if _, err := edit.Set([]byte(text), "partners", "a", edit.Pair{Key: "key", Value: "new"}); !errors.Is(err, edit.ErrNoEntry) {
			t.Errorf("%q: %v, want %v", text, err, edit.ErrNoEntry)
		}
	}
}

func TestRemoveTakesOneEntryAlone(t *testing.T) {
	for _, tt := range []struct{ name, before, want string }{
		{
			"the first", "partners:\n  # one\n  - id: a\n    webhook:\n      url: x\n\n  # two\n  - id: b\nlisten: :80\n",
			"partners:\n  # one\n\n  # two\n  - id: b\nlisten: :80\n",
		},
		{
			"the last", "partners:\n  - {id: b} # b\n\n  - id: a # a\n    # of a\n    key: x\n\n# the rest\nlisten: :80\n",
			"partners:\n  - {id: b} # b\n\n\n# the rest\nlisten: :80\n",
		},
		{"the only one", "partners:\n- id: a\n  key: x\n", "partners:\n"},
		{"the only one, at the end of the file", "listen: :80\npartners:\n- id: a", "listen: :80\npartners:\n"},
	} {
		got, err := edit.Remove([]byte(tt.before), "partners", "a")
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	if _, err := edit.Remove([]byte("partners: [{id: a}, {id: b}]"), "partners", "a"); !errors.Is(err, edit.ErrLayout) {
		t.Errorf("between brackets: %v, want %v", err, edit.ErrLayout)
	}
}

// FuzzSet: an entry that was changed can be changed back, and nothing else has changed.
func FuzzSet(f *testing.F) {
	f.Add("partners:\n  - id: a # x\n    key: \"old\"\n    rate: 1/m\n\nlisten: :80\n")
	f.Add("{partners: [{id: a, key: \"old\"}], x: 1}")
	f.Add("partners:\r\n- key: \"old\"\r\n  id: a\r\n...")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := edit.Set([]byte(text), "partners", "a", edit.Pair{Key: "key", Value: "new"})
		if err != nil || !strings.Contains(text, `"old"`) || strings.Count(string(got), `"new"`) != 1 || strings.Contains(text, `"new"`) {
			return
		}
		back, err := edit.Set(got, "partners", "a", edit.Pair{Key: "key", Value: "old"})
		if err != nil {
			t.Fatalf("Set(%q) = %q, which cannot be changed back: %v", text, got, err)
		}
		if len(back) == len(text) && string(back) != text {
			t.Errorf("Set(%q) and back is %q", text, back)
		}
	})
}
