package syndication_test

import (
	"fmt"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication"
)

func ExampleBuild() {
	site := newswire.Site{Title: "The Wire", URL: "https://wire.example.org"}
	article := newswire.Article{
		ID: newswire.ArticleID("harbour", "1"), Source: "harbour", GUID: "1", AtomID: "tag:harbour.example.com,2026:1",
		URL: "https://harbour.example.com/1", Title: "Tides", Summary: "<p>The moon pulls.</p>",
		Content:   "<p>The moon pulls, and the whole text is longer.</p>",
		Published: time.Date(2026, 3, 1, 8, 30, 0, 0, time.UTC),
		Rights:    newswire.Rights{Policy: newswire.PolicyExcerpt},
		Publisher: newswire.Publisher{Title: "Harbour Notes", URL: "https://harbour.example.com/"},
	}
	feed := syndication.Build(site, newswire.CategoryTopic("finance"), "Finance", "", []newswire.Article{article})

	fmt.Println(feed.Updated.Format(time.DateOnly), feed.URL("atom"))
	fmt.Println(feed.Articles[0].Summary)
	fmt.Printf("%q\n", feed.Articles[0].Content)
	// Output:
	// 2026-03-01 https://wire.example.org/feeds/category/finance.atom
	// <p>The moon pulls.</p><p>↗ <a href="https://harbour.example.com/1">Tides</a> · <a href="https://harbour.example.com/">Harbour Notes</a></p>
	// ""
}
