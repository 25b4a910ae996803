package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/newswire/newswire"
)

// pageAuthors is how many authors a page lists.
const pageAuthors = 200

// authorList is a part of all authors.
type authorList struct {
	Authors []topicView
	Next    newswire.Cursor // where the rest begins; empty at the end
}

// authors answers at /authors and /authors?after=CURSOR: everyone whose articles are here.
func (s *Server) authors(w http.ResponseWriter, r *http.Request) error {
	after := newswire.Cursor(r.URL.Query().Get("after"))
	return s.show(w, r, target{topic: newswire.All, name: "authors" + string(after), kept: after == "", render: func(ctx context.Context, d *Directory, _ *draft) (content, error) {
		authors, err := s.authorsFrom(ctx, d, after, pageAuthors)
		if err != nil {
			return content{}, err
		}
		p := s.newPage(d, "Authors", "Everyone whose articles are here, each with feeds of their own.")
		p.Canonical = d.Site.URL + "/authors"
		p.NoIndex = after != ""
		return pageContent("authors", struct {
			page
			authorList
		}{p, authors}, time.Time{}) // a list that loses an author does not say when
	}})
}

// authorsFrom lists the operator's authors, then those whom the store has met, at most limit of them after the cursor.
func (s *Server) authorsFrom(ctx context.Context, d *Directory, after newswire.Cursor, limit int) (authorList, error) {
	listings, next, err := s.store.Topics(ctx, newswire.KindAuthor, after, limit)
	if err != nil {
		return authorList{}, fmt.Errorf("list authors: %w: %w", errStore, err)
	}
	list := authorList{Next: next}
	counts := make(map[string]int, len(listings))
	for _, l := range listings {
		counts[l.Topic.ID()] = l.Articles
	}
	configured := make(map[string]bool, len(d.Authors))
	for _, a := range d.Authors {
		configured[a.ID] = true
		if after == "" {
			v := s.topicView(d, newswire.AuthorTopic(a.ID), a.Name)
			v.Count = counts[a.ID]
			list.Authors = append(list.Authors, v)
		}
	}
	for _, l := range listings {
		if !configured[l.Topic.ID()] {
			v := s.topicView(d, l.Topic, l.Name)
			v.Count = l.Articles
			list.Authors = append(list.Authors, v)
		}
	}
	return list, nil
}
