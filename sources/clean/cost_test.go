package clean_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/internal/hostile"
)

func TestWhatCleaningCostsGrowsWithTheLengthAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("left out: takes seconds")
	}
	inputs := hostile.Inputs()
	if len(inputs) < 240 {
		t.Errorf("%d inputs, want 240 at least", len(inputs))
	}
	base := page(t)
	for _, in := range inputs {
		err := in.Grow(func(fragment string) {
			if _, err := clean.Article(t.Context(), fragment, base, about()); err != nil && !errors.Is(err, clean.ErrTooCostly) {
				t.Errorf("%s: %v", in.Name, err)
			}
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestWhatIsTooLargeForAnArticleIsRefused(t *testing.T) {
	far := "https://harbour.example/" + strings.Repeat("a", 4000) + "/"
	base := page(t)
	base.Path = far
	for _, tt := range []struct{ name, in string }{
		{"a text of 9 MB", strings.Repeat("text ", 9<<20/5)},
		{"half a million tags", strings.Repeat("<b>", 500_000)},
		{"addresses that grow", strings.Repeat("<a href=?x>y</a> ", 10_000)},
	} {
		got, err := clean.HTML(t.Context(), tt.in, base)
		if got != "" || !errors.Is(err, clean.ErrTooCostly) {
			t.Errorf("%s: %d bytes, %v; want none, and %v", tt.name, len(got), err, clean.ErrTooCostly)
		}
	}
}

func TestCleaningEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	in := strings.Repeat(`<p>A <a href="https://x.example/">crane</a> fell.</p>`, 1000)
	if got, err := clean.HTML(ctx, in, page(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("HTML = %d bytes, %v; want %v", len(got), err, context.Canceled)
	}
	if got, err := clean.Article(ctx, in, page(t), about()); !errors.Is(err, context.Canceled) {
		t.Errorf("Article = %d bytes, %v; want %v", len(got.HTML), err, context.Canceled)
	}
}
