package web

import (
	"net/url"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/pages"
)

// Pictures says where the pictures of articles come from on pages.
type Pictures string

// The ways to show pictures.
const (
	NoPictures       Pictures = ""       // not at all
	PicturesByProxy  Pictures = "proxy"  // from our own origin, which asks the publisher's
	PicturesDirectly Pictures = "direct" // from the publisher's, which hears of every reader
)

// Directory is what the configuration says to readers: what there is, under what name. Everything in it has a feed from
// the first second, whether or not the store has heard of it.
type Directory struct {
	Site       newswire.Site
	Categories []newswire.Category
	Sources    []newswire.Source
	Authors    []newswire.Author

	// Pictures says where the pictures of articles come from on pages.
	Pictures Pictures

	Theme *pages.Theme // of pages; nil for the built-in one

	Hub string // address of the WebSub hub that announces changes of feeds; empty for none

	CanSearch bool // whether pages lead to the one to search on

	// Changed is when the configuration last changed, such as the modification time of its file. A document says that
	// it was modified then if its articles are older, so that a reader who asks by date alone hears of a new name.
	// Zero when it is not known.
	Changed time.Time
}

// name is what the configuration calls a topic, and whether it knows it. A source without a name has an empty one.
func (d *Directory) name(t newswire.Topic) (name string, known bool) {
	id := t.ID()
	switch t.Kind() {
	case newswire.KindAll:
		return d.Site.Title, true
	case newswire.KindCategory:
		for _, c := range d.Categories {
			if c.ID == id {
				return c.Title, true
			}
		}
	case newswire.KindAuthor:
		for _, a := range d.Authors {
			if a.ID == id {
				return a.Name, true
			}
		}
	case newswire.KindSource:
		for i := range d.Sources {
			if s := &d.Sources[i]; s.ID == id {
				return s.Name, true
			}
		}
	}
	return "", false
}

// base is the path under which the site is reached, for links between its pages: empty unless Site.URL has one.
func (d *Directory) base() string {
	u, err := url.Parse(d.Site.URL)
	if err != nil {
		return ""
	}
	return u.EscapedPath()
}
