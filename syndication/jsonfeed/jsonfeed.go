// Package jsonfeed writes feeds as JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/). What the format has no word
// for is in its _newswire extension, which docs/json-feed-extension.md describes.
package jsonfeed

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/parts"
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
	Items       [0]item       `json:"items"` // last, for the items are put in afterwards
}

type hub struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

// Encode writes the feed. Equal feeds make equal bytes; a feed without articles is valid.
func Encode(f *newswire.Feed) ([]byte, error) {
	d, err := Parts(f)
	return d.Body, err
}

// Parts is [Encode] with the places of the articles.
func Parts(f *newswire.Feed) (parts.Document, error) {
	f = text.Feed(f)
	doc := feed{
		Version:     "https://jsonfeed.org/version/1.1",
		Title:       cmp.Or(newswire.Line(f.Title), newswire.Line(f.Site.Title), f.URL(Extension)),
		HomePageURL: f.HomePage(),
		FeedURL:     f.URL(Extension),
		Description: newswire.Line(f.Subtitle),
		NextURL:     f.NextURL(Extension),
		Language:    text.Language(f.Site.Language),
		Newswire:    feedExtension{About: about, Topic: f.Topic, Updated: text.RFC3339(f.Updated), Rights: text.FeedRights, Tombstones: newTombstones(f.Tombstones)},
	}
	if address := text.URL(f.Hub); address != "" {
		doc.Hubs = []hub{{Type: "WebSub", URL: address}}
	}
	d, err := encode(&doc, f.Articles)
	if err != nil {
		return d, fmt.Errorf("encode JSON Feed: %w", err)
	}
	return d, nil
}

// encode writes the feed without items, then puts each in its place.
func encode(doc *feed, articles []newswire.Article) (parts.Document, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // nobody pastes a feed into a script element
	enc.SetIndent("", " ")
	if err := enc.Encode(doc); err != nil {
		return parts.Document{}, err
	}
	if len(articles) == 0 {
		return parts.Document{Body: b.Bytes()}, nil
	}
	b.Truncate(b.Len() - len("]\n}\n"))
	d := parts.Document{Articles: make([]parts.Range, len(articles))}
	enc.SetIndent("  ", " ")
	for i := range articles {
		if i > 0 {
			b.WriteByte(',')
		}
		d.Articles[i].Start = b.Len()
		b.WriteString("\n  ")
		if err := enc.Encode(newItem(&articles[i], doc.Language)); err != nil {
			return parts.Document{}, err
		}
		b.Truncate(b.Len() - 1) // the line's end, which the encoder adds
		d.Articles[i].End = b.Len()
	}
	b.WriteString("\n ]\n}\n")
	d.Body = b.Bytes()
	return d, nil
}
