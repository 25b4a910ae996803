package syndication_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/internal/feedtest"
)

// page is a feed as a reader meets it: 50 articles, some 150 KB.
func page() []newswire.Article {
	articles := make([]newswire.Article, 50)
	for i := range articles {
		a := feedtest.Rich()
		a.GUID = fmt.Sprintf("https://harbour.example.com/2026/%d", i)
		a.AtomID, a.ID = a.GUID, newswire.ArticleID(a.Source, a.GUID)
		a.Content = strings.Repeat("<p>The moon pulls the harbour about, and the <a href=\"https://harbour.example.com/\">harbour</a> pays.</p>", 5)
		articles[i] = a
	}
	return articles
}

func BenchmarkBuild(b *testing.B) {
	for _, policy := range []newswire.Policy{newswire.PolicyFull, newswire.PolicyExcerpt} {
		b.Run(string(policy), func(b *testing.B) {
			articles := page()
			for i := range articles {
				articles[i].Rights.Policy = policy
				if policy == newswire.PolicyExcerpt {
					articles[i].Summary = ""
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				syndication.Build(feedtest.Site, newswire.All, "All", "", articles)
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	feed := syndication.Build(feedtest.Site, newswire.All, "All", "", page())
	for _, f := range formats {
		b.Run(f.name, func(b *testing.B) {
			body, err := f.encode(&feed)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.encode(&feed); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
