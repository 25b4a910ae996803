package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/pages"
	"github.com/newswire/newswire/syndication/revision"
)

// pageAuthors is how many authors a page lists.
const pageAuthors = 200

// authorList is a part of all authors.
type authorList struct {
	authors []pages.Topic
	next    newswire.Cursor // where the rest begins; empty at the end
}

// authors answers at /authors and /authors?after=CURSOR: all authors of articles that are here.
func (s *Server) authors(w http.ResponseWriter, r *http.Request) error {
	after := newswire.Cursor(r.URL.Query().Get("after"))
	return s.engine.Show(w, r, revision.Target{Topic: newswire.All, Name: "authors" + string(after), Persist: after == "", Render: func(ctx context.Context, _ *revision.Draft) (revision.Content, error) {
		d := s.directory()
		authors, err := s.authorsFrom(ctx, d, after, pageAuthors)
		if err != nil {
			return revision.Content{}, err
		}
		p := newPage(d, d.words().Text("authors"), d.words().Text("authors.intro"))
		p.Canonical = d.Site.URL + "/authors"
		p.NoIndex = after != ""
		return d.page("authors", pages.Authors{Page: p, Authors: authors.authors, Next: authors.next}, time.Time{}) // a list that loses an author does not say when
	}})
}

// authorsFrom lists the operator's authors, then those that the store has met, at most limit of them after the cursor.
func (s *Server) authorsFrom(ctx context.Context, d *Directory, after newswire.Cursor, limit int) (authorList, error) {
	listings, next, err := s.lists.store.Topics(ctx, newswire.KindAuthor, after, limit)
	if err != nil {
		return authorList{}, fmt.Errorf("list authors: %w: %w", errStore, err)
	}
	list := authorList{next: next}
	counts := make(map[string]int, len(listings))
	for _, l := range listings {
		counts[l.Topic.ID()] = l.Articles
	}
	configured := make(map[string]bool, len(d.Authors))
	for _, a := range d.Authors {
		configured[a.ID] = true
		if after == "" {
			v := d.topicView(newswire.AuthorTopic(a.ID), a.Name, s.options.Formats)
			v.Count = counts[a.ID]
			list.authors = append(list.authors, v)
		}
	}
	for _, l := range listings {
		if !configured[l.Topic.ID()] {
			v := d.topicView(l.Topic, l.Name, s.options.Formats)
			v.Count = l.Articles
			list.authors = append(list.authors, v)
		}
	}
	return list, nil
}
