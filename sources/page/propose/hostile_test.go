package propose_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/newswire/newswire/sources/internal/hostile"
	"github.com/newswire/newswire/sources/page"
	"github.com/newswire/newswire/sources/page/propose"
)

func TestWhatProposingCostsGrowsWithThePageAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("left out: takes seconds")
	}
	for _, input := range []hostile.Input{
		hostile.Repeated("items", `<li class="a b c d"><h3><a href="/2026/n%">A title of some length</a></h3><p>2026-03-05</p></li>`),
		hostile.Repeated("items in items", `<div class="post"><a href="/2026/n%">A title of some length</a>`),
		hostile.Repeated("links alone", `<a class="x" href="/2026/n%">A title of some length</a>`),
		hostile.Repeated("many classes", `<p class="aa bb cc dd ee ff gg hh ii jj kk"><a href="/n%">x</a></p>`),
		hostile.Repeated("lists beside lists", `<ul><li><a href="/n%">A title of some length</a></li><li><a href="/m%">A title</a></li></ul>`),
		hostile.Repeated("dates", `<i title="2026-03-05 10:30">5 March 2026</i>`),
		hostile.Repeated("rows", `<tr><td>5 March 2026<td><a href="/n%">A title of some length</a><td><a href="/f%.pdf">PDF</a>`),
	} {
		if err := input.Grow(func(text string) {
			_, _ = propose.Propose(t.Context(), []byte(text), page.Options{URL: "https://news.example/", ContentType: "text/html; charset=utf-8"})
		}); err != nil {
			t.Error(err)
		}
	}
}

func TestProposingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := propose.Propose(ctx, []byte(strings.Repeat(`<li><a href="/n">A title</a></li>`, 2000)), page.Options{URL: "https://news.example/"})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v; want that of the context", err)
	}
}

func FuzzPropose(f *testing.F) {
	for _, p := range slices.Concat(readPages(f, "develop"), readPages(f, "holdout"), readPages(f, "later")) {
		f.Add([]byte(p.text))
	}
	f.Add([]byte(`<ul><li class=ad><a href=//x>y</a><li><a href="?1">1</a><li><a href="?2">2</a><li><a href="?3">3</a></ul><a href="'">`))
	f.Fuzz(func(t *testing.T, body []byte) {
		o := page.Options{URL: "https://news.example.com/list/", ContentType: "text/html; charset=utf-8"}
		proposals, err := propose.Propose(t.Context(), body, o)
		if err != nil {
			if !errors.Is(err, page.ErrNotPage) && !errors.Is(err, page.ErrTooCostly) {
				t.Errorf("Propose: %v", err)
			}
			return
		}
		again, err := propose.Propose(t.Context(), body, o)
		if err != nil || !reflect.DeepEqual(proposals, again) {
			t.Errorf("the same page has other proposals: %v", err)
		}
		for _, p := range proposals {
			items, err := page.List(t.Context(), body, o, p.Selectors)
			if err != nil || len(items) < 3 || !reflect.DeepEqual(items, p.Items) {
				t.Errorf("%+v lists %d articles, %v; the proposal says %d", p.Selectors, len(items), err, len(p.Items))
			}
		}
	})
}
