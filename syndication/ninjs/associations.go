package ninjs

import (
	"cmp"
	"strings"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/text"
)

// associations are the lead picture, the files that belong to the article, and what else it links, in this order.
func associations(a *newswire.Article) []Association {
	var out []Association
	if a.Image != nil {
		if u := text.URL(a.Image.URL); u != "" {
			out = append(out, picture(a.Image, u))
		}
	}
	for i := range a.Enclosures {
		if u := text.URL(a.Enclosures[i].URL); u != "" {
			out = append(out, enclosure(&a.Enclosures[i], u))
		}
	}
	for _, l := range a.Links {
		if u := text.URL(l.URL); u != "" && l.Rel != "license" {
			out = append(out, Association{Name: cmp.Or(newswire.Line(l.Title), u), Rel: l.Rel, URI: u})
		}
	}
	return out
}

func picture(m *newswire.Image, address string) Association {
	title := newswire.Line(m.Title)
	return Association{
		Name: cmp.Or(title, "picture"), Rel: "lead", URI: address, Type: "picture", Title: title, By: newswire.Line(m.Credit),
		Renditions: []Rendition{{
			Name: "original", Href: address, ContentType: text.MediaType(m.Type), Width: max(0, m.Width), Height: max(0, m.Height),
		}},
	}
}

func enclosure(e *newswire.Enclosure, address string) Association {
	title, mediaType := newswire.Line(e.Title), text.MediaType(e.Type)
	return Association{
		Name: cmp.Or(title, address), Rel: "enclosure", URI: address, Type: objectType(mediaType), Title: title,
		Renditions: []Rendition{{
			Name: "original", Href: address, ContentType: mediaType, SizeInBytes: max(0, e.Length), Duration: max(0, e.Duration.Seconds()),
		}},
	}
}

// objectType is ninjs' word for a media type; empty where it has none.
func objectType(mediaType string) string {
	kind, _, _ := strings.Cut(mediaType, "/")
	switch strings.ToLower(kind) {
	case "audio", "video":
		return strings.ToLower(kind)
	case "image":
		return "picture"
	}
	return ""
}
