package rules

import (
	"errors"
	"strings"
	"testing"

	"github.com/newswire/newswire"
)

// costly are rules that an operator may write without a thought of what they cost.
var costly = []string{
	`text matches "(?i)(a+)+b"`,
	`text matches "(.*a){20}.*b$"`,
	`any(tags, text contains #)`,
	`any(tags, lower(text) contains #)`,
	`any(tags, text matches "a.*b.*c.*d")`,
	`any(tags, words(text) > 1000000)`,
	`any(tags, len(text) == 1)`,
	`any(tags, # in tags and # in tags and # in tags and # not in tags)`,
	`count(authors, .name in tags) > 1000`,
	`len(filter(map(authors, .name), # in tags)) < 0`,
}

// longest is an article as large as they come, made so that searches look at all of it.
func longest() newswire.Article {
	a := newswire.Article{Source: "dsb", Content: strings.Repeat("a", 5_000_000)}
	for range 5000 {
		a.Terms = append(a.Terms, newswire.Term{Term: strings.Repeat("a", 1000) + "b"})
		a.Authors = append(a.Authors, newswire.Person{Name: strings.Repeat("a", 1000) + "c"})
	}
	return a
}

// TestARuleCostsLittleHoweverLongTheArticleIs has the budget end most of the rules that look at too much.
func TestARuleCostsLittleHoweverLongTheArticleIs(t *testing.T) {
	ended := 0
	defer func() {
		if ended < len(costly)/2 {
			t.Errorf("the budget ended %d of %d", ended, len(costly))
		}
	}()
	for _, when := range costly {
		r := compiled(t, when)
		a := longest()
		failures := Apply([]*Rule{r}, &a)
		ended += len(failures)
		for _, f := range failures {
			if !errors.Is(f.Err, errBudget) || f.Rule != r {
				t.Errorf("%s: %v of %s", when, f.Err, f.Rule.Name)
			}
		}
		if a.Held != "" {
			t.Errorf("%s: held although it does not hold", when)
		}
	}
}

func TestARuleThatFailsChangesNothing(t *testing.T) {
	a := longest()
	failing, next := compiled(t, `all(tags, lower(text) not contains #)`, "drop"), compiled(t, `title == ""`, "category x")
	failures := Apply([]*Rule{failing, next}, &a)
	if len(failures) != 1 || failures[0].Rule != failing || a.Held != "" || len(a.Ruled.Rules) != 1 {
		t.Errorf("failures %v, held %q, applied %+v; want the first to fail and the second to apply", failures, a.Held, a.Ruled)
	}
	if text := failures[0].Err.Error(); !strings.Contains(text, "too long for it") || strings.Contains(text, "\n") {
		t.Errorf("the failure says %q", text)
	}
}

// FuzzAnExpressionIsRefusedOrCostsLittle has no expression panic, run for long, or see another article than it is given.
func FuzzAnExpressionIsRefusedOrCostsLittle(f *testing.F) {
	for _, tt := range expressions {
		f.Add(tt.when)
	}
	for _, tt := range mistakes {
		f.Add(tt.when)
	}
	for _, when := range costly {
		f.Add(when)
	}
	f.Fuzz(func(t *testing.T, when string) {
		r, err := Compile(Definition{When: when, Do: []string{"hold"}})
		if err != nil {
			return
		}
		first, second := sample(), sample()
		first.Content = strings.Repeat("ab ", 1000)
		second.Content = first.Content
		Apply([]*Rule{r}, &first)
		if Apply([]*Rule{r}, &second); first.Held != second.Held {
			t.Errorf("%s: %q, then %q", when, first.Held, second.Held)
		}
	})
}

// BenchmarkApply has twenty rules look at an article of the usual size.
func BenchmarkApply(b *testing.B) {
	var list []*Rule
	for range 5 {
		for _, when := range []string{`title matches "(?i)sponsored"`, `words(text) < 20`, `text contains "casino"`, `text matches "(?i)free spins|jackpot"`} {
			r, err := Compile(Definition{When: when, Do: []string{"hold"}})
			if err != nil {
				b.Fatal(err)
			}
			list = append(list, r)
		}
	}
	a := sample()
	a.Title, a.Content = "Tariffs", "<p>"+strings.Repeat("All of the tariffs, and of what comes of them. ", 100)+"</p>"
	b.ReportAllocs()
	for b.Loop() {
		if Apply(list, &a); a.Ruled != nil {
			b.Fatal("a rule applies")
		}
	}
}
