package web

import (
	"context"
	"fmt"
	"net/http"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/revision"
)

const textType = "text/plain; charset=utf-8"

// robots answers at /robots.txt: everything may be read. What search engines should not list says so itself.
func (s *Server) robots(w http.ResponseWriter, r *http.Request) error {
	return s.engine.Show(w, r, revision.Target{Topic: "", Name: "robots", Render: func(context.Context, *revision.Draft) (revision.Content, error) {
		return revision.Content{MediaType: textType, Body: []byte("User-agent: *\nDisallow:\n")}, nil
	}})
}

// favicon answers at /favicon.ico, which browsers ask for unasked: there is none, and no need to ask again soon.
func (s *Server) favicon(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Cache-Control", "max-age=604800")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// unknown answers everywhere else.
func (s *Server) unknown(_ http.ResponseWriter, r *http.Request) error {
	return fmt.Errorf("page %q: %w", r.URL.Path, newswire.ErrNotFound)
}
