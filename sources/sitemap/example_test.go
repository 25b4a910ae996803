package sitemap_test

import (
	"errors"
	"fmt"

	"github.com/newswire/newswire/sources/parse"
	"github.com/newswire/newswire/sources/sitemap"
)

func ExampleParse() {
	body := []byte(`<sitemapindex><sitemap><loc>/news.xml</loc><lastmod>2026-03-02</lastmod></sitemap></sitemapindex>`)
	o := parse.Options{URL: "https://harbour.example/sitemap.xml"}
	doc, err := sitemap.Parse(body, o)
	switch {
	case errors.Is(err, sitemap.ErrIndex):
		children, err := sitemap.Children(body, o)
		fmt.Println(children[0].URL, err)
	case err != nil:
		fmt.Println(err)
	default:
		fmt.Println(len(doc.Items), "articles")
	}
	// Output: https://harbour.example/news.xml <nil>
}
