package clean_test

import (
	"strings"
	"testing"
)

// benchmarks are what articles are like, 4 KB of it, and the longest of them.
var benchmarks = map[string]string{
	"an article": strings.Repeat(`<p>The <b>crane</b> fell on <a href="/2026/x?utm_source=y">Monday</a> &amp; all were unhurt, says `+
		`<a href="https://yard.example/">the yard</a>; it had been looked after in March. <img src="a.png"></p>`, 20),
	"a million paragraphs": strings.Repeat("<p>deep</p>", 1<<16),
}

func BenchmarkHTML(b *testing.B) {
	benchmark(b, func(fragment string) { asHTML(b, fragment, page(b)) })
}

// BenchmarkArticle says, beside BenchmarkHTML, what it costs to look for what is not the article's own.
func BenchmarkArticle(b *testing.B) {
	a := about()
	a.Block = nil
	benchmark(b, func(fragment string) { asArticle(b, fragment, page(b), a) })
}

func benchmark(b *testing.B, do func(fragment string)) {
	for name, fragment := range benchmarks {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(fragment)))
			for b.Loop() {
				do(fragment)
			}
		})
	}
}
