package clean_test

import (
	"context"
	"fmt"
	"net/url"

	"github.com/newswire/newswire/sources/clean"
)

func ExampleHTML() {
	base, err := url.Parse("https://harbour.example/2026/")
	if err != nil {
		fmt.Println(err)
		return
	}
	body, err := clean.HTML(context.Background(), `<p onclick="x()">A <a href="crane?utm_source=feed">crane</a> fell.<script>x()</script>`, base)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(body)
	fmt.Println(clean.Text(body))
	// Output:
	// <p>A <a href="https://harbour.example/2026/crane">crane</a> fell.</p>
	// A crane fell.
}

func ExampleArticle() {
	result, err := clean.Article(context.Background(), `<p>A crane fell into the harbour.</p><p style="display: none">Cheap watches</p>`, nil, &clean.About{Title: "A crane"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.HTML)
	fmt.Println(result.Removed[0].Reason, "-", result.Removed[0].Text)
	// Output:
	// <p>A crane fell into the harbour.</p>
	// hidden - Cheap watches
}
