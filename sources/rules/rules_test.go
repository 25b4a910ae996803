package rules

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
)

// sample is an article for expressions to be tried on.
func sample() newswire.Article {
	return newswire.Article{
		ID: "dsb-x", Source: "dsb", URL: "https://news.example/2026/03/one", Title: "Sponsored: tariffs 关税",
		Summary: "<p>Of tariffs.</p>", Content: "<p>All of <b>tariffs</b> and 关税, at length.</p>",
		Authors:   []newswire.Person{{Name: "Ana Reis", Email: "ana@example.com"}, {Name: "金江"}},
		Published: time.Date(2026, 3, 1, 8, 30, 0, 0, time.UTC), Language: "en",
		Categories: []string{"e-commerce", "trade"},
		Terms:      []newswire.Term{{Term: "ad"}, {Term: "t1", Label: "Trade"}},
		Enclosures: []newswire.Enclosure{{URL: "https://news.example/a.mp3", Type: "audio/mpeg", Length: 1000, Duration: time.Minute}},
		Image:      &newswire.Image{URL: "https://news.example/a.jpg"},
		Publisher:  newswire.Publisher{Title: "電商報"},
	}
}

func compiled(t *testing.T, when string, do ...string) *Rule {
	t.Helper()
	if do == nil {
		do = []string{"hold"}
	}
	r, err := Compile(Definition{Name: "rule 1", Line: 7, When: when, Do: do})
	if err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	return r
}

// expressions, and whether they hold of the sample.
var expressions = []struct {
	when string
	want bool
}{
	{`title matches "(?i)sponsored" or "ad" in tags`, true},
	{`title matches "^sponsored"`, false},
	{`any(authors, .name == "Ana Reis")`, true},
	{`any(authors, .name contains "Ana" and .email endsWith "@example.com")`, true},
	{`none(authors, .url == "")`, false},
	{`count(authors, .email == "") == 1`, true},
	{`len(authors) == 2 and len(title) == 21`, true},
	{`words(text) < 20`, true},
	{`words(text) == 8`, true}, // of which two are characters
	{`words(summary) == 2`, true},
	{`text contains "tariffs and 关税"`, true},
	{`text contains "<b>"`, false},
	{`summary startsWith "Of"`, true},
	{`not (title contains "关税")`, false},
	{`title not contains "关税"`, false},
	{`url matches "^https://news\\.example/2026/"`, true},
	{`lower(title) startsWith "sponsored"`, true},
	{`source in ["dsb", "other"]`, true},
	{`source == "other" ? true : language == "en"`, true},
	{`publisher == "電商報"`, true},
	{`"Trade" in tags and "t1" in tags`, true},
	{`any(tags, title contains #)`, false},
	{`"trade" in categories`, true},
	{`published < date("2026-03-02") and published.Year() == 2026`, true},
	{`published - date("2026-03-01") == duration("8h30m")`, true},
	{`updated.IsZero()`, true},
	{`any(enclosures, .type startsWith "audio/" and .length > 500 and .duration < duration("2m"))`, true},
	{`image != "" and held == ""`, true},
	{`authors[0].name == "Ana Reis"`, true},
	{`len(authors) > 5 and authors[5].name == ""`, false},
	{`len(filter(tags, # contains "a")) == 2`, true},
	{`any(["tariffs", "duties"], title contains #)`, true},
	{`all(map(authors, .name), len(#) > 1)`, true},
	{`true`, true},
}

func TestExpressionsSeeTheArticle(t *testing.T) {
	for _, tt := range expressions {
		r, err := Compile(Definition{When: tt.when, Do: []string{"hold"}})
		if err != nil {
			t.Errorf("%s: %v", tt.when, err)
			continue
		}
		a := sample()
		if failures := Apply([]*Rule{r}, &a); failures != nil || (a.Held != "") != tt.want {
			t.Errorf("%s: held %q, failures %v; want it to hold: %v", tt.when, a.Held, failures, tt.want)
		}
	}
}

// mistakes are expressions that do not compile.
var mistakes = []struct {
	when         string
	line, column int
	want         string
}{
	{`titel contains "x"`, 1, 1, "unknown name titel"},
	{`title contains`, 1, 14, "unexpected token"},
	{`title`, 0, 0, "bool"},
	{`words(text)`, 0, 0, "bool"},
	{`title contains 3`, 1, 7, "mismatched"},
	{"title contains \"a\" and\n  autors == 1", 2, 3, "unknown name autors"},
	{`any(authors, .nam == "x")`, 1, 15, "nam"},
	{`title matches "("`, 1, 15, "cannot be read"},
	{`title matches source`, 1, 15, "in quotes"},
	{`title matches "` + strings.Repeat("a", 1001) + `"`, 1, 15, "more than 1000"},
	{`title matches "(a{30}){30}"`, 1, 15, "too large"},
	{`title matches "((a{999}){999})"`, 1, 15, "cannot be read"},
	{`any(authors, any(tags, # == "x"))`, 1, 24, "one list at a time"},
	{`len(1..1000000) > 3`, 1, 6, "cannot use"},
	{`title + title == "x"`, 1, 7, "cannot use"},
	{`now() > published`, 1, 1, "unknown name now"},
	{`repeat(title, 100) == ""`, 1, 1, "unknown name repeat"},
	{`toJSON(authors) == ""`, 1, 1, "unknown name toJSON"},
	{`let x = title; x == ""`, 1, 5, "no use"},
	{`{"a": 1}.a == 1`, 1, 1, "no use"},
	{`title[0:3] == "abc"`, 1, 6, "no use"},
	{`published.Local().Hour() == 3`, 1, 11, "cannot call"},
	{`published.Format("2006") == "2026"`, 1, 11, "cannot call"},
	{`$contains(title, "x")`, 1, 1, "unknown name $contains"},
	{`$env.title == "x"`, 1, 1, "unknown name $env"},
	{`date(title) > published`, 1, 6, "in quotes"},
	{`any([1, "x"], title contains #)`, 1, 21, "text"},
	{`2 ** 100 > 3`, 1, 3, "cannot use"},
	{strings.Repeat("title == \"x\" or ", 200) + "true", 0, 0, ""},
	{strings.Repeat("(", 2000) + "true" + strings.Repeat(")", 2000), 0, 0, "bytes"},
	{``, 0, 0, "want an expression"},
}

func TestAMistakeIsToldWithItsPlace(t *testing.T) {
	for _, tt := range mistakes {
		_, err := Compile(Definition{When: tt.when, Do: []string{"hold"}})
		var at *Error
		if !errors.As(err, &at) {
			t.Errorf("%.60s: %v; want %q", tt.when, err, tt.want)
			continue
		}
		if !strings.Contains(at.Message, tt.want) || tt.line > 0 && (at.Line != tt.line || at.Column != tt.column) {
			t.Errorf("%.60s: %+v; want %d:%d and %q", tt.when, *at, tt.line, tt.column, tt.want)
		}
	}
}

func TestActionsAreChecked(t *testing.T) {
	for _, tt := range []struct{ do, want string }{
		{"drop", ""},
		{"hold", ""},
		{"publish", ""},
		{"category trade", ""},
		{"not-category trade", ""},
		{"language zh-hant", ""},
		{"", "none of"},
		{"delete", "none of"},
		{"drop it", "none of"},
		{"category", "ID"},
		{"category a b", "ID"},
		{"language", "tag"},
		{"language Englishish-x-", "not a language tag"},
	} {
		_, err := Compile(Definition{When: "true", Do: []string{tt.do}})
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("do: %q: %v; want %q", tt.do, err, tt.want)
		}
	}
	if _, err := Compile(Definition{When: "true"}); err == nil {
		t.Error("a rule that does nothing is accepted")
	}
}

// orders are rules in their order, and what they make of the sample.
var orders = []struct {
	name       string
	rules      []Definition
	held       string
	categories []string
	language   string
	applied    []string
}{
	{"none applies", []Definition{{Name: "1", When: "false", Do: []string{"drop"}}}, "", []string{"e-commerce", "trade"}, "en", nil},
	{
		"the last counts", []Definition{
			{Name: "1", When: "true", Do: []string{"drop"}}, {Name: "2", When: "true", Do: []string{"publish"}},
		}, "", []string{"e-commerce", "trade"}, "en", []string{"1", "2"},
	},
	{
		"a later rule sees what an earlier one did", []Definition{
			{Name: "1", When: "true", Do: []string{"category people", "not-category trade", "language zh"}},
			{Name: "2", When: `"people" in categories and not ("trade" in categories) and language == "zh"`, Do: []string{"hold"}},
			{Name: "3", When: `held != ""`, Do: []string{"language de"}},
		}, newswire.HeldByRule, []string{"e-commerce", "people"}, "de", []string{"1", "2", "3"},
	},
	{
		"those of the source come last", []Definition{
			{Name: "1 of dsb", Source: "dsb", When: "true", Do: []string{"drop"}},
			{Name: "1 of other", Source: "other", When: "true", Do: []string{"hold"}},
			{Name: "1", When: "true", Do: []string{"publish"}},
		}, newswire.DroppedByRule, []string{"e-commerce", "trade"}, "en", []string{"1", "1 of dsb"},
	},
	{"a category twice", []Definition{{Name: "1", When: "true", Do: []string{"category trade"}}}, "", []string{"e-commerce", "trade"}, "en", []string{"1"}},
}

func TestRulesApplyInOrder(t *testing.T) {
	for _, tt := range orders {
		var list []*Rule
		for _, d := range tt.rules {
			r, err := Compile(d)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, r)
		}
		a := sample()
		set := NewSet(list)
		if failures := Apply(set.For("dsb"), &a); failures != nil {
			t.Errorf("%s: %v", tt.name, failures)
		}
		var applied []string
		if a.Ruled != nil {
			for _, r := range a.Ruled.Rules {
				applied = append(applied, r.Name)
			}
		}
		if a.Held != tt.held || !slices.Equal(a.Categories, tt.categories) || a.Language != tt.language || !slices.Equal(applied, tt.applied) {
			t.Errorf("%s: held %q, categories %v, language %q by %v", tt.name, a.Held, a.Categories, a.Language, applied)
		}
		a.Categories = sample().Categories // those are computed each time
		if Restore(&a); !cmp.Equal(a, sample()) {
			t.Errorf("%s: not restored: %s", tt.name, cmp.Diff(sample(), a))
		}
	}
}

func TestWhatLooksInjectedCanBePublishedAndStaysSuspicious(t *testing.T) {
	a := sample()
	a.Held = "it links to strangers"
	Apply([]*Rule{compiled(t, "true", "hold")}, &a)
	if a.Held != "it links to strangers" {
		t.Errorf("held %q; want the first reason", a.Held)
	}
	Restore(&a)
	Apply([]*Rule{compiled(t, "true", "publish", "drop", "publish")}, &a)
	if a.Held != "" || !a.Public() {
		t.Errorf("held %q after publish", a.Held)
	}
	if Restore(&a); a.Held != "it links to strangers" {
		t.Errorf("held %q without the rule", a.Held)
	}
}

func TestNoRulesLeaveTheArticleAlone(t *testing.T) {
	a := sample()
	if Apply((*Set)(nil).For("dsb"), &a); !cmp.Equal(a, sample()) {
		t.Error("no rules have changed something")
	}
}
