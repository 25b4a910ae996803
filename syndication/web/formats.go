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
}

// Formats are all that there are, the preferred one first. To add a format is to add it here.
func Formats() []Format {
	return []Format{
		{"Atom", atom.Extension, atom.MediaType, atom.Parts},
		{"RSS", rss.Extension, rss.MediaType, rss.Parts},
		{"JSON", jsonfeed.Extension, jsonfeed.MediaType, jsonfeed.Parts},
	}
}
