package web

import (
	"crypto/sha256"
	"net/url"
	"slices"
	"strings"
	"sync"
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

	index directoryIndex
}

// directoryIndex finds what a directory has by ID. It is made when it is first needed.
type directoryIndex struct {
	once                         sync.Once
	categories, sources, authors byID

	listedOnce sync.Once
	listed     [sha256.Size]byte // of [Directory.listed]
}

// byID is the indexes of a slice in the order of the IDs of its elements.
type byID []int32

// newByID sorts the indexes of n elements.
func newByID(n int, id func(i int) string) byID {
	order := make(byID, n)
	for i := range order {
		order[i] = int32(i) //nolint:gosec // no config has so many
	}
	slices.SortStableFunc(order, func(a, b int32) int { return strings.Compare(id(int(a)), id(int(b))) })
	return order
}

// from is the indexes of at most limit elements whose IDs are not before one.
func (order byID) from(first string, limit int, id func(i int) string) byID {
	at, _ := slices.BinarySearchFunc(order, first, func(i int32, first string) int { return strings.Compare(id(int(i)), first) })
	return order[at:min(at+limit, len(order))]
}

// indexed is the directory's index.
func (d *Directory) indexed() *directoryIndex {
	x := &d.index
	x.once.Do(func() {
		x.categories = newByID(len(d.Categories), d.categoryID)
		x.sources = newByID(len(d.Sources), d.sourceID)
		x.authors = newByID(len(d.Authors), d.authorID)
	})
	return x
}

func (d *Directory) categoryID(i int) string { return d.Categories[i].ID }
func (d *Directory) sourceID(i int) string   { return d.Sources[i].ID }
func (d *Directory) authorID(i int) string   { return d.Authors[i].ID }

// source is the source with an ID; nil for none.
func (d *Directory) source(id string) *newswire.Source {
	if found := d.indexed().sources.from(id, 1, d.sourceID); len(found) > 0 && d.sourceID(int(found[0])) == id {
		return &d.Sources[found[0]]
	}
	return nil
}

// category is the category with an ID; nil for none.
func (d *Directory) category(id string) *newswire.Category {
	if found := d.indexed().categories.from(id, 1, d.categoryID); len(found) > 0 && d.categoryID(int(found[0])) == id {
		return &d.Categories[found[0]]
	}
	return nil
}

// author is the operator's author with an ID; nil for none.
func (d *Directory) author(id string) *newswire.Author {
	if found := d.indexed().authors.from(id, 1, d.authorID); len(found) > 0 && d.authorID(int(found[0])) == id {
		return &d.Authors[found[0]]
	}
	return nil
}

// name is what the configuration calls a topic, and whether it knows it. A source without a name has an empty one.
func (d *Directory) name(t newswire.Topic) (name string, known bool) {
	id := t.ID()
	switch t.Kind() {
	case newswire.KindAll:
		return d.Site.Title, true
	case newswire.KindCategory:
		if c := d.category(id); c != nil {
			return c.Title, true
		}
	case newswire.KindAuthor:
		if a := d.author(id); a != nil {
			return a.Name, true
		}
	case newswire.KindSource:
		if s := d.source(id); s != nil {
			return s.Name, true
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
