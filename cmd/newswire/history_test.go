package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
)

func TestWhatARevisionChangedIsNamed(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	for want, change := range map[string]func(a *newswire.Article){
		"title":            func(a *newswire.Article) { a.Title = "x" },
		"text":             func(a *newswire.Article) { a.Summary = "x" },
		"authors":          func(a *newswire.Article) { a.Authors = []newswire.Person{{Name: "x"}} },
		"rights":           func(a *newswire.Article) { a.Rights.Policy = newswire.PolicyTitle },
		"address":          func(a *newswire.Article) { a.URL = "https://x.example/" },
		"categories":       func(a *newswire.Article) { a.Terms = []newswire.Term{{Term: "x"}} },
		"picture":          func(a *newswire.Article) { a.Image = &newswire.Image{URL: "https://x.example/"} },
		"enclosures":       func(a *newswire.Article) { a.Enclosures = []newswire.Enclosure{{URL: "https://x.example/"}} },
		"links":            func(a *newswire.Article) { a.Comments = "https://x.example/" },
		"language":         func(a *newswire.Article) { a.Language = "fr" },
		"publisher":        func(a *newswire.Article) { a.Upstream = &newswire.Publisher{Title: "x"} },
		"held or released": func(a *newswire.Article) { a.Released = true },
		"title, text":      func(a *newswire.Article) { a.Title, a.Content = "x", "x" },
		"only what is for the operator": func(a *newswire.Article) {
			a.Removed, a.Publisher.Updated = []newswire.Removal{{Reason: "hidden"}}, now
		},
	} {
		before := newswire.Article{Title: "t", Content: "c", Language: "en", Image: &newswire.Image{URL: "https://a.example/"}}
		after := before
		change(&after)
		if got := strings.Join(changed(&before, &after), ", "); got != want {
			t.Errorf("%q is named %q", want, got)
		}
	}
}

func TestTextsAreComparedLineByLine(t *testing.T) {
	a := newswire.Article{Title: "T", Content: `<h2>Head</h2><p>One <b>bold</b>&amp;c.</p><ul><li>a</li><li>b</li></ul>Two<br>Three`}
	want := []string{"T", "Head", "One bold&c.", "a", "b", "Two", "Three", ""}
	if got := strings.Split(string(lines(&a)), "\n"); !slices.Equal(got, want) {
		t.Errorf("lines %q, want %q", got, want)
	}
}
