package jsonfeed

import (
	"cmp"
	"slices"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/text"
)

// Item is an article as JSON Feed has it, with the _newswire object.
type Item struct {
	ID            string       `json:"id"`
	URL           string       `json:"url,omitempty"`
	ExternalURL   string       `json:"external_url,omitempty"`
	Title         string       `json:"title,omitempty"`
	ContentHTML   string       `json:"content_html,omitempty"`
	ContentText   *string      `json:"content_text,omitempty"`
	Summary       string       `json:"summary,omitempty"` // plain text
	Image         string       `json:"image,omitempty"`
	DatePublished string       `json:"date_published,omitempty"`
	DateModified  string       `json:"date_modified,omitempty"`
	Authors       []author     `json:"authors,omitempty"`
	Tags          []string     `json:"tags,omitempty"`
	Language      string       `json:"language,omitempty"`
	Attachments   []attachment `json:"attachments,omitempty"`
	Newswire      extension    `json:"_newswire"`
}

type author struct {
	Name string `json:"name,omitempty"`
	URL  string `json:"url,omitempty"`
}

type attachment struct {
	URL      string  `json:"url"`
	MIMEType string  `json:"mime_type"`
	Title    string  `json:"title,omitempty"`
	Size     int64   `json:"size_in_bytes,omitempty"`
	Duration float64 `json:"duration_in_seconds,omitempty"`
}

// NewItem makes an article that went through syndication.Finish an item of a feed in a language, which an item in the same
// language does not repeat. An item that stands alone is made for no language.
func NewItem(a *newswire.Article, language string) Item {
	return newItem(text.Article(a), text.Language(language))
}

func newItem(a *newswire.Article, language string) Item {
	it := Item{
		ID:            cmp.Or(a.AtomID, a.ID),
		URL:           text.URL(a.URL),
		ExternalURL:   related(a.Links),
		Title:         newswire.Line(a.Title),
		DatePublished: text.RFC3339(a.Published),
		DateModified:  text.RFC3339(a.Updated),
		Authors:       people(a.Authors),
		Tags:          tags(a.Terms),
		Attachments:   attachments(a.Enclosures),
		Newswire:      newExtension(a),
	}
	switch {
	case a.Content != "":
		it.ContentHTML, it.Summary = a.Content, text.Plain(a.Summary)
	case a.Summary != "":
		it.ContentHTML = a.Summary
	default: // an item has content, be it empty
		it.ContentText = new(string)
	}
	if a.Image != nil {
		it.Image = text.URL(a.Image.URL)
	}
	if lang := text.Language(a.Language); lang != language {
		it.Language = lang
	}
	return it
}

// related is the page elsewhere that the article is about, as in a link log.
func related(links []newswire.Link) string {
	for _, l := range links {
		if l.Rel == "related" {
			if u := text.URL(l.URL); u != "" {
				return u
			}
		}
	}
	return ""
}

func people(persons []newswire.Person) []author {
	var out []author
	for _, p := range persons {
		// The format has no mail addresses, but allows one as an author's URL.
		a := author{Name: text.Name(p), URL: text.URL(p.URL)}
		if mail := text.Mail(p.Email); a.URL == "" && mail != "" {
			a.URL = "mailto:" + mail
		}
		if a != (author{}) {
			out = append(out, a)
		}
	}
	return out
}

// tags are the publisher's categories as people read them.
func tags(terms []newswire.Term) []string {
	var out []string
	for _, t := range terms {
		if tag := cmp.Or(newswire.Line(t.Label), newswire.Line(t.Term)); tag != "" && !slices.Contains(out, tag) {
			out = append(out, tag)
		}
	}
	return out
}

func attachments(enclosures []newswire.Enclosure) []attachment {
	var out []attachment
	for _, e := range enclosures {
		if u := text.URL(e.URL); u != "" {
			out = append(out, attachment{
				URL:      u,
				MIMEType: cmp.Or(text.MediaType(e.Type), "application/octet-stream"),
				Title:    newswire.Line(e.Title),
				Size:     max(0, e.Length),
				Duration: max(0, e.Duration.Seconds()),
			})
		}
	}
	return out
}
