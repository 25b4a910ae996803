package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/pages"
	"github.com/newswire/newswire/syndication/revision"
	"github.com/newswire/newswire/syndication/search"
)

// Finder finds articles by their words.
type Finder interface {
	Find(ctx context.Context, w search.Wanted) (search.Found, error)
}

// searchPath begins the path of the feed of what a reader looks for.
const searchPath = feedsPath + string(newswire.Search) + "."

// Found is to be called when other articles may be found than before; removed says that one of them is gone.
func (s *Server) Found(removed bool) {
	if removed {
		s.engine.Removed(newswire.Search)
	} else {
		s.engine.Changed(newswire.Search)
	}
}

// searched is what a request looks for.
type searched struct {
	query search.Query
	after search.Place
}

// values are the one way to write it.
func (q searched) values() url.Values {
	v := url.Values{}
	if !q.query.Empty() {
		v.Set("q", q.query.String())
	}
	if q.after != (search.Place{}) {
		v.Set("after", strconv.FormatInt(q.after.Listed.UnixMilli(), 36)+"."+q.after.Article)
	}
	return v
}

// parseSearch reads the query of an address. The error is a queryError or a [search.QueryError].
func parseSearch(raw string) (q searched, err error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return q, queryError("The query cannot be read: it must be name=value, joined by &.")
	}
	if q.query, err = search.Parse(values.Get("q")); err != nil {
		return q, err
	}
	listed, article, given := strings.Cut(values.Get("after"), ".")
	if !given {
		return q, nil
	}
	ms, err := strconv.ParseInt(listed, 36, 64)
	if err != nil || !newswire.ValidID(article) {
		return q, queryError("after must be as it stands in the address of a page of ours.")
	}
	q.after = search.Place{Listed: time.UnixMilli(ms).UTC(), Article: article}
	return q, nil
}

// searches answers where articles are looked for.
type searches struct{ *Server }

// searchFeed answers at /feeds/search.EXTENSION?q=WORDS, under the one address of what is looked for.
func (s searches) searchFeed(w http.ResponseWriter, r *http.Request, extension string) error {
	format, err := s.format(extension)
	if err != nil {
		return err
	}
	if s.options.Search == nil {
		return fmt.Errorf("feed of a search: %w", newswire.ErrNotFound)
	}
	q, err := parseSearch(r.URL.RawQuery)
	switch {
	case err != nil:
		return err
	case q.query.Empty():
		return queryError("Say what to look for: ?q=word.")
	}
	q.after = search.Place{}
	query := q.values().Encode()
	if query != r.URL.RawQuery {
		return moved(w, r, withQuery(path.Base(r.URL.Path), query))
	}
	t := revision.Target{Topic: newswire.Search, Name: format.Extension + "?" + query, Variant: true}
	t.Render = func(ctx context.Context, draft *revision.Draft) (revision.Content, error) {
		found, err := s.find(ctx, s.directory(), q, withCredit)
		if err != nil {
			return revision.Content{}, err
		}
		return format.encode(draft, &revision.TopicPage{Feed: found.feed, Full: found.full})
	}
	return s.engine.Show(w, r, t)
}

// found is what there is of a search.
type found struct {
	feed newswire.Feed
	full bool         // there may be more
	last search.Place // of the last article
}

// find looks for articles. One that readers may not see by now is left out.
func (s searches) find(ctx context.Context, d *Directory, q searched, c credit) (found, error) {
	there, err := s.options.Search.Find(ctx, search.Wanted{Query: q.query, After: q.after, Limit: s.options.Limit})
	if err != nil {
		return found{}, fmt.Errorf("%w: %w", errSearch, err)
	}
	articles := slices.DeleteFunc(there.Articles, func(a newswire.Article) bool { return !a.Public() })
	articles = current(articles, s.options.Now())
	v := s.variants.plain()
	title := q.query.String() + " – " + d.Site.Title
	f := found{feed: syndication.Gather(d.Site, newswire.Search, title, "Articles at "+d.Site.Title+" found by: "+q.query.String(), adjusted(articles, &v, c))}
	f.feed.Query = searched{query: q.query}.values().Encode()
	f.full, f.last = there.More, there.Last
	return f, nil
}

// search answers at /search: a form, and what was found.
func (s searches) search(w http.ResponseWriter, r *http.Request) error {
	if s.options.Search == nil {
		return fmt.Errorf("search: %w", newswire.ErrNotFound)
	}
	q, err := parseSearch(r.URL.RawQuery)
	if err != nil {
		return err
	}
	query := q.values().Encode()
	if query != r.URL.RawQuery {
		return moved(w, r, withQuery("search", query))
	}
	t := revision.Target{Topic: newswire.Search, Name: "page?" + query, Variant: query != ""}
	t.Render = func(ctx context.Context, _ *revision.Draft) (revision.Content, error) { return s.searchPage(ctx, q) }
	return s.engine.Show(w, r, t)
}

// searchPage is the page of a search.
func (s searches) searchPage(ctx context.Context, q searched) (revision.Content, error) {
	d := s.directory()
	view := pages.Search{Page: newPage(d, d.look().Words.Text("search"), ""), Query: q.query.String()}
	view.NoIndex = true
	if q.query.Empty() {
		return d.searchContent(view)
	}
	found, err := s.find(ctx, d, q, withoutCredit)
	if err != nil {
		return revision.Content{}, err
	}
	view.Title = view.Query
	view.Feeds = d.feedLinks(newswire.Search, found.feed.Title, s.options.Formats)
	for i := range view.Feeds {
		view.Feeds[i].URL = withQuery(view.Feeds[i].URL, found.feed.Query)
	}
	if found.full {
		view.Older = d.base() + withQuery("/search", searched{q.query, found.last}.values().Encode())
	}
	l := listed{feed: found.feed}
	return l.timed(func(l *listed) (revision.Content, error) {
		view.Days = pages.Days(articleViews(d, &l.feed))
		return d.searchContent(view)
	})
}

// searchContent is a page with a form that may be sent to us.
func (d *Directory) searchContent(view pages.Search) (revision.Content, error) {
	c, err := d.page("search", view, time.Time{})
	c.Fields = append(d.pageFields(permissions{asks: true}), robotsField)
	return c, err
}
