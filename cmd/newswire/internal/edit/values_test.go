package edit_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire/cmd/newswire/internal/edit"
)

func TestAddValuesChangesNothingElse(t *testing.T) {
	for _, tt := range []struct{ name, before, want string }{
		{
			"no such list", "sources:\n  - id: a # first\n    url: x\n  - id: b\n    url: y # second\n",
			"sources:\n  - id: a # first\n    url: x\n  - id: b\n    categories: [trade, '1']\n    url: y # second\n",
		},
		{"no such list, in braces", "sources:\n  - {id: b, url: y} # b\n", "sources:\n  - {id: b, categories: [trade, '1'], url: y} # b\n"},
		{"brackets", "sources:\n  - {id: b, categories: [x], url: y}\n", "sources:\n  - {id: b, categories: [trade, '1', x], url: y}\n"},
		{"empty brackets", "sources:\n  - id: b\n    categories: []\n", "sources:\n  - id: b\n    categories: [trade, '1']\n"},
		{
			"a line each", "sources:\n  - id: b\n    categories:\n      - x # mine\n      - z\n    url: y\n",
			"sources:\n  - id: b\n    categories:\n      - x # mine\n      - z\n      - trade\n      - '1'\n    url: y\n",
		},
		{
			"a line each, at the end, as on Windows", "sources:\r\n- id: b\r\n  categories:\r\n  - x",
			"sources:\r\n- id: b\r\n  categories:\r\n  - x\r\n  - trade\r\n  - '1'\r\n",
		},
	} {
		got, err := edit.AddValues([]byte(tt.before), "sources", "b", "categories", "trade", "1")
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if d := cmp.Diff(tt.want, string(got)); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
}

func TestAddValuesRefusesWhatItCannotAddTo(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       error
	}{
		{"no such entry", "sources:\n  - id: a\n", edit.ErrNoEntry},
		{"a text", "sources:\n  - id: b\n    categories: x\n", edit.ErrLayout},
		{"nothing", "sources:\n  - id: b\n    categories:\n", edit.ErrLayout},
		{"an alias", "sources:\n  - id: a\n    categories: &c [x]\n  - id: b\n    categories: *c\n", edit.ErrLayout},
		{"brackets on a line of their own", "sources:\n  - id: b\n    categories: !!seq\n      [x]\n", edit.ErrLayout},
	} {
		if got, err := edit.AddValues([]byte(tt.text), "sources", "b", "categories", "trade"); !errors.Is(err, tt.want) {
			t.Errorf("%s: %q, %v; want %v", tt.name, got, err, tt.want)
		}
	}
}
