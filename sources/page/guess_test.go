package page_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/newswire/newswire/sources/page"
)

func TestGuessItemFindsWhatListsArticles(t *testing.T) {
	repeated := func(n int, form string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.ReplaceAll(form, "N", fmt.Sprint(i)))
		}
		return b.String()
	}
	const link = `<a href="/N">The title of article N</a>`
	for _, tt := range []struct{ name, page, want string }{
		{"articles", repeated(3, "<article>"+link+"</article>") + repeated(5, "<h2>"+link+"</h2>"), "article"},
		{"posts", repeated(4, `<div class="post">`+link+"</div>"), ".post"},
		{"a list in the main part", "<nav><ul>" + repeated(9, "<li>"+link+"</li>") + "</ul></nav><main><ul>" + repeated(3, "<li>"+link+"</li>") + "</ul></main>", "main li"},
		{"headings", repeated(3, "<h3>"+link+"</h3>"), "h3"},
		{"too few", repeated(2, "<article>"+link+"</article>"), ""},
		{"one article again and again", strings.Repeat(`<li><a href="/1">The one title</a></li>`, 5), ""},
		{"nothing", "", ""},
	} {
		if got := page.GuessItem(t.Context(), []byte("<html><body>"+tt.page), page.Options{URL: "https://news.example/"}); got != tt.want {
			t.Errorf("%s: %q; want %q", tt.name, got, tt.want)
		}
	}
}
