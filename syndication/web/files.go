package web

import (
	"context"
	"fmt"
	"net/http"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/pages"
	"github.com/newswire/newswire/syndication/revision"
)

const textType = "text/plain; charset=utf-8"

// Cache-Control of files: of those whose address changes with their content, and of others.
var (
	foreverField = revision.NewField("Cache-Control", "max-age=31536000, immutable")
	dayField     = revision.NewField("Cache-Control", "max-age=86400, stale-if-error=604800")
)

// file answers with bytes that no article has a part in.
func (s *Server) file(w http.ResponseWriter, r *http.Request, content func() (revision.Content, error)) error {
	return s.engine.Show(w, r, revision.Target{Topic: "", Name: "file " + r.URL.Path, Render: func(context.Context, *revision.Draft) (revision.Content, error) {
		return content()
	}})
}

// robots answers at /robots.txt: everything may be read. What search engines should not list says so itself.
func (s *Server) robots(w http.ResponseWriter, r *http.Request) error {
	return s.file(w, r, func() (revision.Content, error) {
		return revision.Content{MediaType: textType, Body: []byte("User-agent: *\nDisallow:\n")}, nil
	})
}

// icon answers at /favicon.ico, which browsers ask for unasked, and /favicon.svg.
func (s *Server) icon(name, mediaType string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		return s.file(w, r, func() (revision.Content, error) {
			fields := []revision.Field{dayField, revision.NewField("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")}
			return revision.Content{MediaType: mediaType, Body: s.directory().Theme.Icon(name), Fields: fields}, nil
		})
	}
}

// feedStyle answers at /feeds.css, which feeds in XML name.
func (s *Server) feedStyle(w http.ResponseWriter, r *http.Request) error {
	return s.file(w, r, func() (revision.Content, error) {
		return revision.Content{MediaType: "text/css; charset=utf-8", Body: s.directory().look().FeedStyle, Fields: []revision.Field{dayField}}, nil
	})
}

// asset answers below /assets/. A page that was kept by a cache names files of an earlier release: it gets those of today, but
// no cache is to keep them under that address.
func (s *Server) asset(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	a, exact := s.directory().look().Asset(name)
	if a == nil {
		return fmt.Errorf("file %q: %w", name, newswire.ErrNotFound)
	}
	if !exact {
		sniffField.Set(w.Header())
		w.Header().Set("Cache-Control", "no-cache")
		send(w, r, http.StatusOK, a.MediaType, a.Body)
		return nil
	}
	return s.file(w, r, func() (revision.Content, error) {
		return revision.Content{MediaType: a.MediaType, Body: a.Body, Fields: []revision.Field{foreverField}}, nil
	})
}

// unknown answers everywhere else.
func (s *Server) unknown(_ http.ResponseWriter, r *http.Request) error {
	return fmt.Errorf("page %q: %w", r.URL.Path, newswire.ErrNotFound)
}

// look is the theme of pages in the site's language.
func (d *Directory) look() *pages.Look { return d.Theme.Look(d.Site.Language) }

// words are our own in the site's language.
func (d *Directory) words() *pages.Words { return d.look().Words }
