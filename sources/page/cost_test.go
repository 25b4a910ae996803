package page_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/newswire/newswire/sources/internal/hostile"
	"github.com/newswire/newswire/sources/page"
)

func TestWhatReadingAPageCostsGrowsWithItsLengthAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("left out: takes seconds")
	}
	for i, in := range hostile.Inputs() {
		if i%3 != 0 {
			continue // package clean grows them all; what it does with HTML is much of what is done here
		}
		err := in.Grow(func(document string) {
			_, err := page.Read(t.Context(), []byte(document), page.Options{URL: address, ContentType: "text/html; charset=utf-8"}, page.Selectors{})
			if err != nil && !errors.Is(err, page.ErrTooCostly) && !errors.Is(err, page.ErrNotPage) {
				t.Errorf("%s: %v", in.Name, err)
			}
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestWhatIsTooLargeForAPageIsRefused(t *testing.T) {
	for _, tt := range []struct{ name, document string }{
		{"a page of 13 MB", strings.Repeat("text ", 13<<20/5)},
		{"half a million tags", strings.Repeat("<b>", 500_000)},
	} {
		o := page.Options{URL: address, ContentType: "text/html"}
		if _, err := page.Read(t.Context(), []byte(tt.document), o, page.Selectors{}); !errors.Is(err, page.ErrTooCostly) {
			t.Errorf("%s: Read = %v; want %v", tt.name, err, page.ErrTooCostly)
		}
		if _, err := page.List(t.Context(), []byte(tt.document), o, page.Selectors{Item: "b"}); !errors.Is(err, page.ErrTooCostly) {
			t.Errorf("%s: List = %v; want %v", tt.name, err, page.ErrTooCostly)
		}
	}
}

func TestReadingAPageEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	document := []byte(`<ul><li><a href="/1">One</a></ul>`)
	if _, err := page.Read(ctx, document, page.Options{URL: address}, page.Selectors{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Read = %v; want %v", err, context.Canceled)
	}
	if _, err := page.List(ctx, document, page.Options{URL: address}, page.Selectors{Item: "li"}); !errors.Is(err, context.Canceled) {
		t.Errorf("List = %v; want %v", err, context.Canceled)
	}
}
