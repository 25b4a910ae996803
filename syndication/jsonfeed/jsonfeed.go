// Package jsonfeed writes feeds as JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/). What the format has no word
// for is in its _newswire extension, which docs/json-feed-extension.md describes.
package jsonfeed

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/text"
)

// What a server needs to know of the format.
const (
	MediaType = "application/feed+json"
	Extension = "json"
)

// about is where the extension is described; the format asks for such an address.
const about = "https://github.com/newswire/newswire/blob/main/docs/json-feed-extension.md"

type feed struct {
	Version     string        `json:"version"`
	Title       string        `json:"title"`
	HomePageURL string        `json:"home_page_url"`
	FeedURL     string        `json:"feed_url"`
	Description string        `json:"description,omitempty"`
	NextURL     string        `json:"next_url,omitempty"`
	Language    string        `json:"language,omitempty"`
	Hubs        []hub         `json:"hubs,omitempty"`
	Newswire    feedExtension `json:"_newswire"`
	Items       []item        `json:"items"` // never null
}

type hub struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

// Encode writes the feed. Equal feeds make equal bytes; a feed without articles is valid.
func Encode(f *newswire.Feed) ([]byte, error) {
	f = text.Feed(f)
	doc := feed{
		Version:     "https://jsonfeed.org/version/1.1",
		Title:       cmp.Or(text.Line(f.Title), text.Line(f.Site.Title), f.URL(Extension)),
		HomePageURL: f.HomePage(),
		FeedURL:     f.URL(Extension),
		Description: text.Line(f.Subtitle),
		NextURL:     f.NextURL(Extension),
		Language:    text.Language(f.Site.Language),
		Newswire:    feedExtension{About: about, Topic: f.Topic, Updated: text.RFC3339(f.Updated), Rights: text.FeedRights},
		Items:       make([]item, 0, len(f.Articles)),
	}
	if address := text.URL(f.Hub); address != "" {
		doc.Hubs = []hub{{Type: "WebSub", URL: address}}
	}
	for i := range f.Articles {
		doc.Items = append(doc.Items, newItem(&f.Articles[i], doc.Language))
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // nobody pastes a feed into a script element
	enc.SetIndent("", " ")
	if err := enc.Encode(&doc); err != nil {
		return nil, fmt.Errorf("encode JSON Feed: %w", err)
	}
	return b.Bytes(), nil
}
