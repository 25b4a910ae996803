package page_test

import (
	"context"
	"fmt"

	"github.com/newswire/newswire/sources/page"
)

func ExampleList() {
	const body = `<ul><li><a href="/crane">A crane has fallen</a> <time>2026-03-05</time></ul>`
	items, err := page.List(context.Background(), []byte(body), page.Options{URL: "https://harbour.example/news"}, page.Selectors{Item: "li"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(items[0].URL, items[0].Title, items[0].Published.Format("2 January 2006"))
	// Output: https://harbour.example/crane A crane has fallen 5 March 2026
}

func ExampleRead() {
	const body = `<title>A crane has fallen</title><meta name="author" content="By Ann Lee"><div class="text">It fell.</div>`
	item, err := page.Read(context.Background(), []byte(body), page.Options{URL: "https://harbour.example/crane"}, page.Selectors{Content: ".text"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(item.Title, "by", item.Authors[0].Name)
	fmt.Println(item.Content)
	// Output:
	// A crane has fallen by Ann Lee
	// <div class="text">It fell.</div>
}
