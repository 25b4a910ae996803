package newswire_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/newswire/newswire"
)

func TestStatementsOfUsageCombineToTheStrictest(t *testing.T) {
	tests := []struct{ a, b, want newswire.Usage }{
		{"", "", ""},
		{"train-ai=n", "", "train-ai=n"},
		{"", "search=y", "search=y"},
		{"train-ai=n", "train-ai=y", "train-ai=n"},
		{"train-ai=y", "train-ai=n", "train-ai=n"},
		{"train-ai=y", "train-ai=y", "train-ai=y"},
		{"train-ai=y", "search=n", "search=n, train-ai=y"},
		{"search=y, train-ai=y", "train-ai=n, x=y", "search=y, train-ai=n, x=y"},
	}
	for _, tt := range tests {
		if got := tt.a.And(tt.b); got != tt.want {
			t.Errorf("%q and %q: %q; want %q", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestUsageOfArticlesLoosensNone(t *testing.T) {
	tests := []struct {
		name string
		of   []newswire.Usage
		want newswire.Usage
	}{
		{"no articles", nil, ""},
		{"nothing said", []newswire.Usage{"", ""}, ""},
		{"all say the same", []newswire.Usage{"search=y", "search=y"}, "search=y"},
		{"one does not allow", []newswire.Usage{"", "train-ai=n", "train-ai=y"}, "train-ai=n"},
		{"one allows, of another nothing is known", []newswire.Usage{"train-ai=y", ""}, ""},
		{"each denies something else", []newswire.Usage{"search=y, train-ai=n", "search=n"}, "search=n, train-ai=n"},
	}
	for _, tt := range tests {
		articles := make([]newswire.Article, len(tt.of))
		for i, u := range tt.of {
			articles[i].Rights.Usage = u
		}
		if got := newswire.UsageOf(articles); got != tt.want {
			t.Errorf("%s: UsageOf = %q, want %q", tt.name, got, tt.want)
		}
	}
}

// However articles and statements are combined, what one of them does not allow is not allowed.
func TestNoCombinationOfUsageAllowsWhatOneDenies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		said := rapid.SliceOfN(rapid.MapOf(rapid.SampledFrom([]string{"search", "train-ai", "x", "*"}), rapid.Bool()), 1, 6).Draw(t, "said")
		articles, all := make([]newswire.Article, len(said)), newswire.Usage("")
		for i, preferences := range said {
			articles[i].Rights.Usage = newswire.NewUsage(preferences)
			all = all.And(articles[i].Rights.Usage)
		}
		for name, got := range map[string]newswire.Usage{"And": all, "UsageOf": newswire.UsageOf(articles)} {
			for label, allowed := range got.All() {
				for i, preferences := range said {
					if p, known := preferences[label]; allowed && (known && !p || !known && name == "UsageOf") {
						t.Fatalf("%s allows %s, which article %d does not", name, label, i)
					}
				}
			}
			for i, preferences := range said {
				for label, p := range preferences {
					if p {
						continue
					}
					denied := false
					for l := range got.Denied().All() {
						denied = denied || l == label
					}
					if !denied {
						t.Fatalf("%s = %q does not deny %s, which article %d denies", name, got, label, i)
					}
				}
			}
		}
	})
}

func TestTheDigestOfAnArticleWithoutUsageStays(t *testing.T) {
	a := newswire.Article{ID: "s-1", Source: "s", GUID: "1", AtomID: "1", Rights: newswire.Rights{Policy: newswire.PolicyFull}}
	const before = "369fd6e1b73c2ea64fd0b6ed211f0bfc" // as a program without usage made it
	if got := a.Digest(); got != before {
		t.Errorf("Digest = %s, want %s", got, before)
	}
	if a.Rights.Usage = "train-ai=n"; a.Digest() == before {
		t.Error("the digest does not tell what machines may do")
	}
}
