package propose_test

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/newswire/newswire/sources/page"
	"github.com/newswire/newswire/sources/page/propose"
	"github.com/newswire/newswire/sources/parse"
)

// shown is how many proposals a person looks at.
const shown = 3

func TestTheRightSelectorsAreAmongTheFirstThree(t *testing.T) {
	right, all := 0, 0
	for _, folder := range []string{"develop", "holdout"} {
		n := 0
		pages := readPages(t, folder)
		for _, p := range pages {
			if at := p.right(t); at >= 0 {
				n++
			}
		}
		t.Logf("%s: %d of %d", folder, n, len(pages))
		right, all = right+n, all+len(pages)
	}
	t.Logf("%d of %d list pages have the right selectors among the first %d", right, all, shown)
	if all != 40 || right < 36 {
		t.Errorf("%d of %d; want 36 of 40 at least", right, all)
	}
}

// right is the number of the first proposal that lists what it should; -1 for none.
func (p *listPage) right(t *testing.T) int {
	t.Helper()
	proposals, err := propose.Propose(t.Context(), []byte(p.text), page.Options{URL: p.url, ContentType: "text/html; charset=utf-8"})
	if err != nil {
		t.Errorf("%s: %v", p.name, err)
		return -1
	}
	var faults []string
	for i := range proposals[:min(len(proposals), shown)] {
		fault := p.fault(proposals[i].Items)
		if fault == "" {
			t.Logf("%s: the proposal number %d is right: %+v", p.name, i+1, proposals[i].Selectors)
			return i
		}
		faults = append(faults, fault)
	}
	for i, fault := range faults {
		t.Logf("%s: number %d: %+v: %s", p.name, i+1, proposals[i].Selectors, fault)
	}
	t.Logf("%s: NONE is right", p.name)
	return -1
}

// fault says what is wrong with what a proposal yields.
func (p *listPage) fault(items []parse.Item) string {
	base, err := url.Parse(p.url)
	if err != nil {
		return err.Error()
	}
	if m := baseForm.FindStringSubmatch(p.text); m != nil {
		base, _ = base.Parse(m[1])
	}
	var got, want []string
	for i := range items {
		got = append(got, items[i].URL)
	}
	for _, w := range p.want {
		u, err := base.Parse(html.UnescapeString(w.href))
		if err != nil {
			return err.Error()
		}
		want = append(want, u.String())
	}
	if !slices.Equal(got, want) {
		return fmt.Sprintf("lists %d articles, wants %d; the first are %.200q", len(got), len(want), got)
	}
	for i, w := range p.want {
		if items[i].Title != w.title {
			return fmt.Sprintf("title %q; want %q", items[i].Title, w.title)
		}
		if date := items[i].Published.Format(time.DateOnly); w.date != "" && date != w.date {
			return fmt.Sprintf("date %s; want %s", date, w.date)
		}
	}
	return ""
}

var baseForm = regexp.MustCompile(`<base href="([^"]*)">`)
