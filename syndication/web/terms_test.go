package web_test

import (
	"strings"
	"testing"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/webtest"
)

// stated are articles under some terms.
func stated(usages []newswire.Usage, licenses ...string) []newswire.Article {
	articles := make([]newswire.Article, len(usages))
	for i := range articles {
		articles[i] = webtest.Article(string(rune('a'+i)), webtest.At("09:00:00.500"))
		articles[i].Rights.Usage, articles[i].Rights.License = usages[i], licenses[i]
	}
	return articles
}

func TestAnswersSayTheTermsOfTheirArticles(t *testing.T) {
	const by, own = "https://creativecommons.org/licenses/by/4.0/", "https://p.example/terms"
	tests := []struct {
		name       string
		articles   []newswire.Article
		usage, rel string
	}{
		{"nothing is stated", stated([]newswire.Usage{"", ""}, "", ""), "", ""},
		{"all the same", stated([]newswire.Usage{"train-ai=y", "train-ai=y"}, by, by), "train-ai=y", by},
		{"the strictest", stated([]newswire.Usage{"search=y, train-ai=y", "search=y, train-ai=n"}, by, own), "search=y, train-ai=n", ""},
		{"of one nothing is known", stated([]newswire.Usage{"search=n, train-ai=y", ""}, by, ""), "search=n", ""},
	}
	for _, tt := range tests {
		s := webtest.Serve(t, webtest.NewShop(tt.articles...), webtest.Fast)
		for _, path := range []string{"/feeds/all.atom", "/feeds/all.rss", "/feeds/all.json", "/feeds/all.atom?content=title", "/", "/category/finance"} {
			got := s.Get(t, path)
			if usage := got.Header.Get("Content-Usage"); usage != tt.usage {
				t.Errorf("%s: GET %s: Content-Usage is %q, want %q", tt.name, path, usage, tt.usage)
			}
			if link := got.Header.Get("Link"); strings.Contains(link, `rel="license"`) != (tt.rel != "") || !strings.Contains(link, tt.rel) {
				t.Errorf("%s: GET %s: Link is %q, want a licence %q", tt.name, path, link, tt.rel)
			}
			again := s.Get(t, path, "If-None-Match", got.Header.Get("ETag"))
			if again.StatusCode != 304 || again.Header.Get("Content-Usage") != tt.usage {
				t.Errorf("%s: GET %s again: %d with Content-Usage %q", tt.name, path, again.StatusCode, again.Header.Get("Content-Usage"))
			}
		}
	}
}

func TestAnArticlesPageSaysItsTerms(t *testing.T) {
	articles := stated([]newswire.Usage{"train-ai=n", ""}, "https://p.example/terms", "")
	articles[0].Links = []newswire.Link{{Rel: "license", URL: "https://p.example/other"}}
	s := webtest.Serve(t, webtest.NewShop(articles...), webtest.Fast)
	got := s.Get(t, "/articles/"+articles[0].ID)
	if got.Header.Get("Content-Usage") != "train-ai=n" || got.Header.Get("Link") != `<https://p.example/terms>; rel="license"` {
		t.Errorf("the page's fields: %v", got.Header)
	}
	for _, want := range []string{`<a href="https://p.example/terms" rel="license">`, `<a href="https://p.example/other" rel="license">`, `Use by machines: <span dir="ltr">train-ai=n</span>`} {
		if !strings.Contains(got.Text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if plain := s.Get(t, "/articles/"+articles[1].ID); plain.Header.Get("Content-Usage") != "" || strings.Contains(plain.Text, "machines") {
		t.Error("the page of an article without a statement has one")
	}
}

func TestEveryFormatHasTheTermsOfAnArticle(t *testing.T) {
	articles := stated([]newswire.Usage{"train-ai=n"}, "https://creativecommons.org/licenses/by/4.0/")
	articles[0].Links = []newswire.Link{{Rel: "license", URL: "https://p.example/terms"}, {Rel: "license", URL: "https://creativecommons.org/licenses/by-sa/4.0/"}}
	s := webtest.Serve(t, webtest.NewShop(articles...), webtest.Fast)
	for extension, wants := range map[string][]string{
		"atom": {
			`>train-ai=n</newswire:usage>`, `<link href="https://creativecommons.org/licenses/by/4.0/" rel="license">`,
			`<link href="https://p.example/terms" rel="license">`, `<link href="https://creativecommons.org/licenses/by-sa/4.0/" rel="license">`,
		},
		"rss": {
			`>train-ai=n</newswire:usage>`, `<creativeCommons:license>https://creativecommons.org/licenses/by/4.0/</creativeCommons:license>`,
			`href="https://p.example/terms"`, `<creativeCommons:license>https://creativecommons.org/licenses/by-sa/4.0/</creativeCommons:license>`,
		},
		"json": {`"usage": "train-ai=n"`, `"license": "https://creativecommons.org/licenses/by/4.0/"`, `"https://p.example/terms"`},
	} {
		got := s.Get(t, "/feeds/all."+extension)
		for _, want := range wants {
			if !strings.Contains(got.Text, want) {
				t.Errorf("%s lacks %s:\n%s", extension, want, got.Text)
			}
		}
	}
}
