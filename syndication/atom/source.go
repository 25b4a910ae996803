package atom

import (
	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/text"
)

// source is the feed that an entry was taken from (RFC 4287 §4.2.11).
type source struct {
	Lang     string     `xml:"xml:lang,attr,omitempty"`
	ID       string     `xml:"id"`
	Title    textual    `xml:"title"`
	Subtitle *textual   `xml:"subtitle"`
	Updated  string     `xml:"updated"`
	Links    []link     `xml:"link"`
	Author   []person   `xml:"author"`
	Category []category `xml:"category"`
	Rights   *textual   `xml:"rights"`
	Icon     string     `xml:"icon,omitempty"`
	Logo     string     `xml:"logo,omitempty"`
}

// newSource describes the publisher's feed or, where the publisher had the article from another feed and said so, passes
// that one on untouched. The publisher's authors are not repeated, for the entry has its own; an upstream's are.
func newSource(a *newswire.Article) *source {
	p := &a.Publisher
	if a.Upstream != nil {
		p = a.Upstream
	}
	id := firstOf(text.IRI(p.ID), text.URL(p.FeedURL), text.URL(p.URL))
	if id == "" {
		return nil
	}
	s := &source{
		ID:       id,
		Title:    required(p.Title, p.URL, p.FeedURL, id),
		Subtitle: plain(p.Subtitle),
		// A feed that does not say is at least as new as what it offered.
		Updated:  firstOf(text.RFC3339(p.Updated), text.RFC3339(a.Modified()), never),
		Category: terms(p.Terms),
		Rights:   plain(p.Rights),
		Icon:     text.URL(p.Icon),
		Logo:     text.URL(p.Logo),
	}
	if lang := text.Language(p.Language); lang != text.Language(a.Language) {
		s.Lang = lang
	}
	if self := text.URL(p.FeedURL); self != "" {
		s.Links = append(s.Links, to("self", self, "", ""))
	}
	if page := text.URL(p.URL); page != "" {
		s.Links = append(s.Links, to("alternate", page, "", ""))
	}
	if a.Upstream != nil {
		s.Author = people(p.Authors)
	}
	return s
}
