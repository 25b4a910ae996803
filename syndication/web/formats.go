package web

import (
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

	parts.Encoder

	Tombstones bool // it says which articles were withdrawn
}

// Formats are all that there are, the preferred one first. To add a format is to add it here.
func Formats() []Format {
	return []Format{
		{"Atom", atom.Extension, atom.MediaType, atom.Format, true},
		{"RSS", rss.Extension, rss.MediaType, rss.Format, false},
		{"JSON", jsonfeed.Extension, jsonfeed.MediaType, jsonfeed.Format, true},
	}
}
