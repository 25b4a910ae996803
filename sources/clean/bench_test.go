package clean_test

import (
	"strings"
	"testing"

	"github.com/newswire/newswire/sources/clean"
)

func BenchmarkHTML(b *testing.B) {
	paragraph := `<p>The <b>crane</b> fell on <a href="/2026/x?utm_source=y">Monday</a> &amp; nobody was hurt. <img src="a.png"></p>`
	for name, fragment := range map[string]string{
		"an article":           strings.Repeat(paragraph, 20),
		"a million paragraphs": strings.Repeat("<p>deep</p>", 1<<16),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(fragment)))
			base := page(b)
			for b.Loop() {
				clean.HTML(fragment, base)
			}
		})
	}
}
