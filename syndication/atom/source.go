package atom

import (
	"cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/text"
)

// source is the feed that an entry was taken from (RFC 4287 §4.2.11).
type source struct {
	Lang     string     `xml:"xml:lang,attr,omitempty"`
	ID       string     `xml:"id,omitempty"`
	Title    *textual   `xml:"title"`
	Subtitle *textual   `xml:"subtitle"`
	Updated  string     `xml:"updated,omitempty"`
	Links    []link     `xml:"link"`
	Author   []person   `xml:"author"`
	Category []category `xml:"category"`
	Rights   *textual   `xml:"rights"`
	Icon     string     `xml:"icon,omitempty"`
	Logo     string     `xml:"logo,omitempty"`
}

// newSource describes the publisher's feed or, where the publisher had the article from another feed and said so, that
// one.
func newSource(a *newswire.Article) *source {
	if a.Upstream != nil {
		s := describe(a.Upstream)
		s.Author = people(a.Upstream.Authors)
		return s
	}
	p := &a.Publisher
	s := describe(p)
	s.ID = cmp.Or(s.ID, text.URL(p.FeedURL), text.URL(p.URL))
	if s.ID == "" {
		return nil
	}
	if s.Title == nil {
		s.Title = plain(cmp.Or(p.URL, p.FeedURL, s.ID))
	}
	// A feed that does not say is at least as new as what it offered.
	s.Updated = cmp.Or(s.Updated, text.RFC3339(a.Modified()), never)
	return s
}

// describe says what a feed says of itself, and no more. Its authors are left out, for an entry has its own.
func describe(p *newswire.Publisher) *source {
	s := &source{
		Lang:     text.Language(p.Language),
		ID:       text.IRI(p.ID),
		Title:    plain(p.Title),
		Subtitle: plain(p.Subtitle),
		Updated:  text.RFC3339(p.Updated),
		Category: terms(p.Terms),
		Rights:   plain(p.Rights),
		Icon:     text.URL(p.Icon),
		Logo:     text.URL(p.Logo),
	}
	if self := text.URL(p.FeedURL); self != "" {
		s.Links = append(s.Links, to("self", self, "", ""))
	}
	if page := text.URL(p.URL); page != "" {
		s.Links = append(s.Links, to("alternate", page, "", ""))
	}
	return s
}
