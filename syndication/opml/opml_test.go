package opml_test

import (
	"testing"

	"github.com/newswire/newswire/syndication/internal/feedtest"
	"github.com/newswire/newswire/syndication/opml"
)

func outlines() []opml.Outline {
	feed := func(title, topic string) opml.Outline {
		return opml.Outline{
			Title:       title,
			Description: "All of " + title,
			FeedURL:     "https://wire.example.org/feeds/" + topic + ".atom",
			HomePage:    "https://wire.example.org/" + topic,
			Language:    "en",
		}
	}
	return []opml.Outline{
		feed("The Wire", "all"),
		{Title: "Categories", Outlines: []opml.Outline{
			feed("Food & drink", "category/food"),
			{Title: "Money", Outlines: []opml.Outline{feed("金融", "category/finance")}},
		}},
		{Title: "Sources", Outlines: []opml.Outline{
			feed("a <b>bold</b>\x00\n &amp; name", "source/bold"),
			{FeedURL: "https://wire.example.org/feeds/source/nameless.atom", HomePage: "javascript:alert(1)", Language: "?"},
		}},
		{Title: "Nothing in it", Outlines: []opml.Outline{{Title: "nor in this"}}},
	}
}

func TestEncode(t *testing.T) {
	got, err := opml.Encode(feedtest.Site, outlines())
	if err != nil {
		t.Fatal(err)
	}
	feedtest.Golden(t, "directory.opml", got)
}

func TestTheDirectoryIsValid(t *testing.T) {
	got, err := opml.Encode(feedtest.Site, outlines())
	if err != nil {
		t.Fatal(err)
	}
	feedtest.Validate(t, map[string][]byte{"directory.opml": got})
}
