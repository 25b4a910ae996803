package opml_test

import (
	"bytes"
	"errors"
	"slices"
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
	in := func(o opml.Outline, path ...string) opml.Outline {
		o.Path = path
		return o
	}
	return []opml.Outline{
		feed("The Wire", "all"),
		in(feed("Food & drink", "category/food"), "Categories"),
		in(feed("金融", "category/finance"), "Categories", "Money"),
		in(feed("a <b>bold</b>\x00\n &amp; name", "source/bold"), "Sources"),
		in(opml.Outline{FeedURL: "https://wire.example.org/feeds/source/nameless.atom", HomePage: "javascript:alert(1)", Language: "?"}, "Sources"),
		in(opml.Outline{Title: "No feed"}, "Nothing in it"),
	}
}

func encode(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := opml.Encode(&b, feedtest.Site, slices.Values(outlines())); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestEncode(t *testing.T) {
	feedtest.Golden(t, "directory.opml", encode(t))
}

func TestTheDirectoryIsValid(t *testing.T) {
	feedtest.Validate(t, map[string][]byte{"directory.opml": encode(t)})
}

// Nothing is written after the reader has gone away.
func TestEncodingEndsWithTheReader(t *testing.T) {
	gone, asked := errors.New("gone"), 0
	endless := func(yield func(opml.Outline) bool) {
		for asked++; yield(outlines()[0]); asked++ {
		}
	}
	if err := opml.Encode(failing{gone}, feedtest.Site, endless); !errors.Is(err, gone) || asked > 1000 {
		t.Errorf("Encode = %v after %d outlines; want %v soon", err, asked, gone)
	}
}

// failing is a writer that fails.
type failing struct{ err error }

func (w failing) Write([]byte) (int, error) { return 0, w.err }
