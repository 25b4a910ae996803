package web

import (
	"github.com/newswire/newswire/syndication/atom"
	"github.com/newswire/newswire/syndication/jsonfeed"
	"github.com/newswire/newswire/syndication/revision"
	"github.com/newswire/newswire/syndication/rss"
)

// Format is one way to write a feed.
type Format struct {
	Name      string // for people
	Extension string // in addresses

	revision.Encoding
}

// Formats are all that there are, the preferred one first. To add a format is to add it here.
func Formats() []Format {
	return []Format{
		{"Atom", atom.Extension, revision.Encoding{MediaType: atom.MediaType, Encoder: atom.Format, Tombstones: true}},
		{"RSS", rss.Extension, revision.Encoding{MediaType: rss.MediaType, Encoder: rss.Format}},
		{"JSON", jsonfeed.Extension, revision.Encoding{MediaType: jsonfeed.MediaType, Encoder: jsonfeed.Format, Tombstones: true}},
	}
}
