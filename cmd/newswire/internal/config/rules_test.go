package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/rules"
)

func TestRulesAreReadInOrder(t *testing.T) {
	c, err := Parse("newswire.yaml", []byte(`categories: [{id: trade}]
rules:
  - {when: 'true', do: hold}
  - when: title == "One"
    do: [category trade, language zh-hant]
sources:
  - {id: a, url: https://a.example/feed, rules: [{when: 'true', do: publish}]}
  - {id: b, url: https://b.example/feed}
`))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]newswire.AppliedRule{}
	for _, source := range []string{"a", "b"} {
		a := newswire.Article{Source: source, Title: "One"}
		rules.Apply(c.Rules.For(source), &a)
		got[source] = a.Ruled.Rules
	}
	one := newswire.AppliedRule{Name: "rule 1", Line: 3, When: "true", Do: []string{"hold"}}
	two := newswire.AppliedRule{Name: "rule 2", Line: 4, When: `title == "One"`, Do: []string{"category trade", "language zh-hant"}}
	own := newswire.AppliedRule{Name: "rule 1 of a", Line: 7, When: "true", Do: []string{"publish"}}
	if d := cmp.Diff(map[string][]newswire.AppliedRule{"a": {one, two, own}, "b": {one, two}}, got); d != "" {
		t.Error(d)
	}
}

func TestAMistakeInARuleHasItsLineAndColumn(t *testing.T) {
	_, err := Parse("newswire.yaml", []byte(`categories: [{id: trade}]
rules:
  - {when: 'titel contains "x"', do: drop}
  - when: title contains 3
    do: hold
  - {when: 'title == ''x'' and autors == 1', do: drop}
  - {when: "title == \"x\" and autors == 1", do: drop}
  - when: |
      title == "x" and
        autors == 1
    do: drop
  - when: >
      title == "x" and
      autors == 1
    do: drop
  - {when: title, do: drop}
  - {when: 'true', do: delete}
  - {when: 'true', do: [hold, category trad]}
  - {when: 'true'}
  - {do: drop}
  - {when: 'true', do: {a: b}}
  - {when: 'any(authors, # matches "(")', do: language x}
sources:
  - {id: a, url: https://a.example/feed, rules: [{when: 'now()', do: hold}]}
`))
	if err == nil {
		t.Fatal("no error")
	}
	want := []string{
		`newswire.yaml:3:13: rule 1: when: unknown name titel`,
		`newswire.yaml:4:17: rule 2: when: invalid operation: contains (mismatched types string and int)`,
		`newswire.yaml:6:32: rule 3: when: unknown name autors`,
		`newswire.yaml:7:32: rule 4: when: unknown name autors`,
		`newswire.yaml:10: rule 5: when: unknown name autors (column 3 of that line of the expression)`,
		`newswire.yaml:12: rule 6: when: unknown name autors (line 1, column 18 of the expression)`,
		`newswire.yaml:16: rule 7: when: expected bool, but got string`,
		`newswire.yaml:17: rule 8: do: "delete" is none of drop, hold, publish, category ID, not-category ID and language TAG`,
		`newswire.yaml:18: there is no category "trad"; did you mean "trade"?`,
		`newswire.yaml:19: rule 10: do: want drop, hold, publish, category ID, not-category ID or language TAG, or a list of at most 20 of them`,
		`newswire.yaml:20: rule 11: when: want an expression that is true of some articles, such as '"ad" in tags'`,
		`newswire.yaml:21: want a list, got a mapping`,
		`newswire.yaml:21: rule 12: do: want drop, hold, publish, category ID, not-category ID or language TAG, or a list of at most 20 of them`,
		`newswire.yaml:22: rule 13: do: "x" is not a language tag such as en or zh-Hant`,
		"newswire.yaml:22:28: rule 13: when: error parsing regexp: missing closing ): `(`",
		`newswire.yaml:24:58: rule 1 of a: when: unknown name now`,
	}
	if d := cmp.Diff(want, strings.Split(err.Error(), "\n")); d != "" {
		t.Error(d)
	}
}
