package newswire_test

import (
	"fmt"

	"github.com/newswire/newswire"
)

func ExampleArticleID() {
	id := newswire.ArticleID("harbour", "https://harbour.example.com/2026/tides")
	fmt.Println(id)
	fmt.Println(newswire.SourceOf(id))
	// Output:
	// harbour-rokzpcusu3773i7a
	// harbour
}

func ExampleParseTopic() {
	topic, err := newswire.ParseTopic("category/finance")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(topic.Kind(), topic.ID())
	fmt.Println(newswire.FeedPath(topic, "atom"))

	_, err = newswire.ParseTopic("category/Finance & Co")
	fmt.Println(err)
	// Output:
	// category finance
	// /feeds/category/finance.atom
	// topic "category/Finance & Co": not found
}

func ExampleArticle_Topics() {
	a := newswire.Article{
		Source:     "harbour",
		Categories: []string{"finance"},
		Authors:    []newswire.Person{{ID: "ada-marsh", Name: "Ada Marsh"}},
	}
	fmt.Println(a.Topics())

	a.Held = "it is about casinos" // the operator looks at it first
	fmt.Println(a.Topics())
	// Output:
	// [all author/ada-marsh category/finance source/harbour]
	// [held/harbour]
}
