package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/newswire/newswire/syndication/api"
)

func TestAnswersSayTheTermsOfTheirArticles(t *testing.T) {
	store := openSQLite(t)
	s := serve(t, store, api.Options{})
	first := decode[changePage](t, s.get(t, "changes"), http.StatusOK)
	a, b := article("dsb", 1), article("dsb", 2)
	a.Rights.Usage, b.Rights.Usage = "search=y, train-ai=n", "search=y"
	const license = `<https://p.example/terms>; rel="license"`
	a.Rights.License = "https://p.example/terms"
	record(t, store, a, b)
	until(t, "the log is heard", func() bool {
		return len(decode[changePage](t, s.get(t, "changes?after="+first.Next), http.StatusOK).Changes) == 2
	})
	for path, want := range map[string]string{"articles": "", "articles/" + a.ID: license, "articles/" + b.ID: "", "changes?after=" + first.Next + "&limit=1": license} {
		if got := s.get(t, path); got.Header.Get("Link") != want {
			t.Errorf("%s has Link %q, want %q", path, got.Header.Get("Link"), want)
		}
	}
	if got := s.get(t, "articles").Header.Get("Access-Control-Expose-Headers"); !strings.Contains(got, "Link, Content-Usage") {
		t.Errorf("scripts of other sites may read %q", got)
	}
	for path, want := range map[string]string{
		"articles":                        "search=y, train-ai=n",
		"articles/" + a.ID:                "search=y, train-ai=n",
		"articles/" + b.ID:                "search=y",
		"articles/" + a.ID + "/revisions": "search=y, train-ai=n",
		"changes?after=" + first.Next:     "search=y, train-ai=n",
		"changes":                         "",
		"sources":                         "",
	} {
		for form, says := range map[string]string{"application/json": `"usage":"search=y, train-ai=n"`, "application/ninjs+json": `"usageTerms":"search=y, train-ai=n"`} {
			got := s.get(t, path, "Accept", form)
			if got.StatusCode != http.StatusOK || got.Header.Get("Content-Usage") != want {
				t.Errorf("%s as %s = %d with Content-Usage %q, want %q", path, form, got.StatusCode, got.Header.Get("Content-Usage"), want)
			}
			if strings.Contains(want, "train-ai") && !strings.Contains(string(got.body), says) {
				t.Errorf("%s as %s lacks %s: %s", path, form, says, got.body)
			}
		}
	}
}
