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
	Items       [0]Item       `json:"items"` // last, for the items are put in afterwards
}

type hub struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

// Format encodes feeds. Equal feeds make equal bytes; a feed without articles is valid.
var Format = parts.Encoder{Envelope: encodeEnvelope, Article: encodeArticle}

// Encode writes the feed.
func Encode(f *newswire.Feed) ([]byte, error) {
	d, err := Format.Encode(f)
	return d.Body, err
}

func encodeEnvelope(f *newswire.Feed) (parts.Envelope, error) {
	f = text.Envelope(f)
	doc := feed{
		Version:     "https://jsonfeed.org/version/1.1",
		Title:       cmp.Or(newswire.Line(f.Title), newswire.Line(f.Site.Title), f.URL(Extension)),
		HomePageURL: f.HomePage(),
		FeedURL:     f.URL(Extension),
		Description: newswire.Line(f.Subtitle),
		NextURL:     f.OlderURL(Extension),
		Language:    text.Language(f.Site.Language),
		Newswire:    feedExtension{About: about, Topic: f.Topic, Updated: text.RFC3339(f.Updated), Rights: text.FeedRights, Tombstones: newTombstones(f.Tombstones)},
	}
	if f.Page != "" {
		doc.Newswire.Subscription = f.SubscriptionURL(Extension)
	}
	if address := text.URL(f.Hub); address != "" {
		doc.Hubs = []hub{{Type: "WebSub", URL: address}}
	}
	b, err := marshal(&doc, "")
	if err != nil {
		return parts.Envelope{}, fmt.Errorf("encode JSON Feed: %w", err)
	}
	const end = "]\n}"
	return parts.Envelope{Head: bytes.TrimSuffix(b, []byte(end)), Between: ",", Tail: "\n ]\n}\n", Empty: end + "\n"}, nil
}

func encodeArticle(a *newswire.Article, site newswire.Site) ([]byte, error) {
	const indent = "  "
	b, err := marshal(newItem(text.Article(a), text.Language(text.Site(site).Language)), indent)
	if err != nil {
		return nil, fmt.Errorf("encode %s as an item: %w", a.ID, err)
	}
	return append([]byte("\n"+indent), b...), nil
}

func marshal(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // a feed is not pasted into a script element
	enc.SetIndent(indent, " ")
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
