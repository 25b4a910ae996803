package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/pages"
	"github.com/newswire/newswire/syndication/pictures"
	"github.com/newswire/newswire/syndication/revision"
)

const textType = "text/plain; charset=utf-8"

// Cache-Control of files: of those whose address changes with their content, and of others.
var (
	foreverField = revision.NewField("Cache-Control", "max-age=31536000, immutable")
	dayField     = revision.NewField("Cache-Control", "max-age=86400, stale-if-error=604800")
)

// files are what pages load, and what only programs read.
type files struct {
	engine    *revision.Engine
	directory func() *Directory
	store     Store
	pictures  *pictures.Proxy // nil for none
	now       func() time.Time
}

// answer answers with bytes that no article has a part in.
func (f *files) answer(w http.ResponseWriter, r *http.Request, content func() (revision.Content, error)) error {
	return f.engine.Show(w, r, revision.Target{Topic: "", Name: "file " + r.URL.Path, Render: func(context.Context, *revision.Draft) (revision.Content, error) {
		return content()
	}})
}

// robots answers at /robots.txt: everything may be read. What search engines should not list says so itself.
func (f *files) robots(w http.ResponseWriter, r *http.Request) error {
	return f.answer(w, r, func() (revision.Content, error) {
		return revision.Content{MediaType: textType, Body: []byte("User-agent: *\nDisallow:\n")}, nil
	})
}

// icon answers at /favicon.ico, which browsers ask for unasked, and /favicon.svg.
func (f *files) icon(name, mediaType string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		return f.answer(w, r, func() (revision.Content, error) {
			fields := []revision.Field{dayField, revision.NewField("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")}
			return revision.Content{MediaType: mediaType, Body: f.directory().Theme.Icon(name), Fields: fields}, nil
		})
	}
}

// feedStyle answers at /feeds.css, which feeds in XML name.
func (f *files) feedStyle(w http.ResponseWriter, r *http.Request) error {
	return f.answer(w, r, func() (revision.Content, error) {
		return revision.Content{MediaType: "text/css; charset=utf-8", Body: f.directory().look().FeedStyle, Fields: []revision.Field{dayField}}, nil
	})
}

// asset answers below /assets/. A page that was kept by a cache names files of an earlier release: it gets those of today, but
// no cache is to keep them under that address.
func (f *files) asset(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	a, exact := f.directory().look().Asset(name)
	if a == nil {
		return fmt.Errorf("file %q: %w", name, newswire.ErrNotFound)
	}
	if !exact {
		sniffField.Set(w.Header())
		w.Header().Set("Cache-Control", "no-cache")
		send(w, r, http.StatusOK, a.MediaType, a.Body)
		return nil
	}
	return f.answer(w, r, func() (revision.Content, error) {
		return revision.Content{MediaType: a.MediaType, Body: a.Body, Fields: []revision.Field{foreverField}}, nil
	})
}

// picturesPath is the folder of pictures that we pass on.
const picturesPath = "/pictures/"

// pictureFields are those of a picture that is passed on: a browser may keep it, and does nothing with it but show it.
var pictureFields = []revision.Field{
	revision.NewField("Cache-Control", "max-age=86400, stale-if-error=604800"),
	revision.NewField("Content-Security-Policy", "default-src 'none'; sandbox"),
	robotsField,
	sniffField,
}

// picture answers at /pictures/NAME/ARTICLE: with a picture that an article has, and that its rights let us show. The name is
// made from the picture's address, so that nothing can be asked for but what articles have, and nothing longer than they are
// there.
func (f *files) picture(w http.ResponseWriter, r *http.Request) error {
	name, id := r.PathValue("name"), r.PathValue("id")
	if f.pictures == nil || f.directory().Pictures != PicturesByProxy || !newswire.ValidID(id) {
		return fmt.Errorf("picture of %q: %w", id, newswire.ErrNotFound)
	}
	a, err := f.store.Article(r.Context(), id)
	switch {
	case errors.Is(err, newswire.ErrNotFound), errors.Is(err, newswire.ErrWithdrawn):
		return fmt.Errorf("picture of %q: %w", id, newswire.ErrNotFound)
	case err != nil:
		return fmt.Errorf("picture of %q: %w: %w", id, errStore, err)
	case !a.Public(), a.Rights.Over(f.now()):
		return fmt.Errorf("picture of %q: %w", id, newswire.ErrNotFound)
	}
	addresses := picturesOf(&a)
	i := slices.IndexFunc(addresses, func(address string) bool { return pictures.Name(address) == name })
	if i < 0 {
		return fmt.Errorf("picture of %q: %w", id, newswire.ErrNotFound)
	}
	picture, err := f.pictures.Get(r.Context(), addresses[i])
	if err != nil {
		return fmt.Errorf("picture of %q: %w", id, err)
	}
	h := w.Header()
	for _, field := range pictureFields {
		field.Set(h)
	}
	h.Set("ETag", picture.ETag)
	h.Set("Content-Type", picture.MediaType)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(picture.Body))
	return nil
}

// unknown answers everywhere else.
func unknown(_ http.ResponseWriter, r *http.Request) error {
	return fmt.Errorf("page %q: %w", r.URL.Path, newswire.ErrNotFound)
}

// look is the theme of pages in the site's language.
func (d *Directory) look() *pages.Look { return d.Theme.Look(d.Site.Language) }

// words are our own in the site's language.
func (d *Directory) words() *pages.Words { return d.look().Words }
