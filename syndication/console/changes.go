package console

import (
	"context"
	"net/http"
	"strings"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

const (
	changesShown  = 50
	changesLooked = 2000 // at for those of one source
	refreshEvery  = "5"  // seconds
)

// changesData are the newest changes, of all sources or of one.
type changesData struct {
	Changes []change
	Looked  int    // at so many changes
	Source  string // of which they are; empty: of all
	Live    bool
}

// change is a record of the change log as people read it.
type change struct {
	newswire.Change
	Source string
	Title  string // empty where the article is there no more
	There  bool
}

// What says what became of the article.
func (c change) What() string {
	switch {
	case c.Op == newswire.Remove:
		return "removed"
	case c.Revision > 1:
		return "changed"
	}
	return "new"
}

// live has the browser ask for a page again, where the person wants that.
func live(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("live") != "" {
			w.Header().Set("Refresh", refreshEvery)
		}
		next(w, r)
	}
}

func (c *console) changes(r *http.Request) (page, title string, data any, err error) {
	d := changesData{Source: strings.TrimSpace(r.FormValue("source")), Live: r.FormValue("live") != ""}
	limit := changesShown
	if d.Source != "" {
		limit = changesLooked
	}
	latest, err := c.desk.Latest(r.Context(), limit)
	if err != nil {
		return "", "", nil, err
	}
	d.Looked = len(latest)
	for _, one := range latest {
		source := newswire.SourceOf(one.Article)
		if d.Source != "" && source != d.Source {
			continue
		}
		d.Changes = append(d.Changes, withTitle(r.Context(), c.store, change{Change: one, Source: source}))
		if len(d.Changes) == changesShown {
			break
		}
	}
	return "changes", "Changes", d, nil
}

// withTitle looks up which article a change was of. That it is there no more, or cannot be read now, is no reason not to show
// the change.
func withTitle(ctx context.Context, store cache.Articles, one change) change {
	if a, err := store.Article(ctx, one.Article); err == nil {
		one.Title, one.There = a.Title, true
	}
	return one
}
