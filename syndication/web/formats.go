package web

import (
	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/atom"
	"github.com/newswire/newswire/syndication/internal/parts"
	"github.com/newswire/newswire/syndication/jsonfeed"
	"github.com/newswire/newswire/syndication/rss"
)

// Format is one way to write a feed.
type Format struct {
	Name      string // for people
	Extension string // in addresses
	MediaType string
	Encode    func(*newswire.Feed) (parts.Document, error) // a pure function

	Tombstones bool // it says which articles were withdrawn
}

// Formats are all that there are, the preferred one first. To add a format is to add it here.
func Formats() []Format {
	return []Format{
		{"Atom", atom.Extension, atom.MediaType, atom.Parts, true},
		{"RSS", rss.Extension, rss.MediaType, rss.Parts, false},
		{"JSON", jsonfeed.Extension, jsonfeed.MediaType, jsonfeed.Parts, true},
	}
}
