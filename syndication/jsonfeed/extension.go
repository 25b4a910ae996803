package jsonfeed

import (
	"cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/text"
)

// feedExtension is the feed's _newswire object.
type feedExtension struct {
	About   string         `json:"about"`
	Topic   newswire.Topic `json:"topic"`
	Updated string         `json:"updated,omitempty"`
	Rights  string         `json:"rights"`

	Tombstones []tombstone `json:"tombstones,omitempty"`

	Subscription string `json:"subscription_url,omitempty"` // of a page of an archive: the feed to subscribe to
}

// tombstone says that an item is to be dropped.
type tombstone struct {
	ID        string `json:"id"`      // the item's
	Article   string `json:"article"` // the item's _newswire.id
	Withdrawn string `json:"withdrawn"`
	Reason    string `json:"reason,omitempty"`
}

func newTombstones(stones []newswire.Tombstone) []tombstone {
	var out []tombstone
	for _, t := range stones {
		out = append(out, tombstone{cmp.Or(t.AtomID, t.Article), t.Article, text.RFC3339(t.At), newswire.Line(t.Reason)})
	}
	return out
}

// extension is an item's _newswire object. docs/json-feed-extension.md describes it to readers; change both together.
type extension struct {
	ID           string     `json:"id"`
	Revision     int        `json:"revision"`
	GUID         string     `json:"guid"`
	PermaLink    bool       `json:"permalink,omitempty"`
	Source       publisher  `json:"source"`
	Upstream     *publisher `json:"upstream,omitempty"`
	Rights       rights     `json:"rights"`
	Categories   []string   `json:"categories,omitempty"`
	Terms        []term     `json:"terms,omitempty"`
	Contributors []author   `json:"contributors,omitempty"`
	Links        []link     `json:"links,omitempty"`
	CommentsURL  string     `json:"comments_url,omitempty"`
	ImageTitle   string     `json:"image_title,omitempty"`
	ImageCredit  string     `json:"image_credit,omitempty"`
}

type publisher struct {
	ID          string   `json:"id,omitempty"`
	Title       string   `json:"title,omitempty"`
	Subtitle    string   `json:"subtitle,omitempty"`
	HomePageURL string   `json:"home_page_url,omitempty"`
	FeedURL     string   `json:"feed_url,omitempty"`
	Updated     string   `json:"updated,omitempty"`
	Language    string   `json:"language,omitempty"`
	Rights      string   `json:"rights,omitempty"`
	Icon        string   `json:"icon,omitempty"`
	Logo        string   `json:"logo,omitempty"`
	Authors     []author `json:"authors,omitempty"`
}

type rights struct {
	Policy    newswire.Policy `json:"policy,omitempty"`
	Statement string          `json:"statement,omitempty"`
	License   string          `json:"license,omitempty"`
	Contact   string          `json:"contact,omitempty"`
	Usage     newswire.Usage  `json:"usage,omitempty"`
}

type term struct {
	Term   string `json:"term"`
	Scheme string `json:"scheme,omitempty"`
	Label  string `json:"label,omitempty"`
}

type link struct {
	Rel   string `json:"rel"`
	URL   string `json:"url"`
	Type  string `json:"type,omitempty"`
	Title string `json:"title,omitempty"`
}

func newExtension(a *newswire.Article) extension {
	x := extension{
		ID:        a.ID,
		Revision:  a.Revision,
		GUID:      a.GUID,
		PermaLink: a.PermaLink,
		Source:    newPublisher(&a.Publisher),
		Rights: rights{
			Policy:    a.Rights.Policy,
			Statement: text.Rights(a),
			License:   text.License(a),
			Contact:   newswire.Line(a.Rights.Contact),
			Usage:     a.Rights.Usage,
		},
		Categories:   a.Categories,
		Contributors: people(a.Contributors),
		CommentsURL:  text.URL(a.Comments),
	}
	if a.Upstream != nil {
		up := newPublisher(a.Upstream)
		x.Upstream = &up
	}
	for _, t := range a.Terms {
		x.Terms = append(x.Terms, term(t))
	}
	for _, l := range a.Links {
		if u := text.URL(l.URL); u != "" {
			x.Links = append(x.Links, link{Rel: l.Rel, URL: u, Type: text.MediaType(l.Type), Title: newswire.Line(l.Title)})
		}
	}
	if a.Image != nil {
		x.ImageTitle, x.ImageCredit = newswire.Line(a.Image.Title), newswire.Line(a.Image.Credit)
	}
	return x
}

func newPublisher(p *newswire.Publisher) publisher {
	return publisher{
		ID:          p.ID,
		Title:       newswire.Line(p.Title),
		Subtitle:    newswire.Line(p.Subtitle),
		HomePageURL: text.URL(p.URL),
		FeedURL:     text.URL(p.FeedURL),
		Updated:     text.RFC3339(p.Updated),
		Language:    text.Language(p.Language),
		Rights:      newswire.Line(p.Rights),
		Icon:        text.URL(p.Icon),
		Logo:        text.URL(p.Logo),
		Authors:     people(p.Authors),
	}
}
