package syndication_test

import (
	"testing"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/internal/feedtest"
)

func TestTheDocumentedExampleIsTrue(t *testing.T) {
	feed := syndication.Build(feedtest.Site, newswire.CategoryTopic("finance"), "Finance", "Money, markets and the weather",
		[]newswire.Article{feedtest.Rich()})
	for _, f := range formats {
		body, err := f.encode(&feed)
		if err != nil {
			t.Fatal(err)
		}
		feedtest.Example(t, "../docs/attribution.md", f.name, body)
	}
}
