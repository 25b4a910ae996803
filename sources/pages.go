package sources

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/page"
	"github.com/newswire/newswire/sources/parse"
)

const (
	// pagesPerVisit bounds how many articles' own pages one visit reads.
	pagesPerVisit = 10

	// pageTries is after how many failures an article is taken as its list or its feed had it.
	pageTries = 3

	// maxUnread bounds what waits to be read, and with it a source's state.
	maxUnread = 200
)

var (
	// errDisallowed says that robots.txt keeps us from a page.
	errDisallowed = errors.New("robots.txt does not let us read it")

	// errAnswer says that the publisher answered with something other than the page.
	errAnswer = errors.New("the page answers")

	// errGone says that the publisher took the page down for good.
	errGone = fmt.Errorf("%w 410 Gone", errAnswer)
)

// readPages reads the own pages of articles, where the source is a page or has the full text there: a few, one after
// the other with the domain's pause between. It returns what can go on, and leaves the rest in the state for the next
// visit. A page that cannot be read after some tries, is forbidden to us, or is another domain's costs an article no
// more than what its page would have added; but a listed page that is not there is no article at all, and one that is gone
// withdraws its article. The error is the store's.
func (a *Aggregator) readPages(ctx context.Context, setup *Setup, s *scheduled, list []newswire.Unread, v *newswire.Visit, r *Result) ([]newswire.Unread, error) {
	if s.Page == nil && !s.FullText {
		v.State.Unread = nil // nothing waits any more, if anything did before the operator changed the source
		return list, nil
	}
	var ready, left []newswire.Unread
	visits, way := 0, manners{pause: setup.DomainInterval, asked: map[string]bool{}}
	for _, u := range list {
		switch {
		case u.Article.URL == "" || registrable(u.Article.URL) != registrable(s.URL):
			ready = append(ready, u)
			continue
		case visits == pagesPerVisit || short(ctx, way.pause):
			left = append(left, u)
			continue
		}
		visits++
		err := a.readPage(ctx, setup, s, &u, &way)
		if err != nil && ctx.Err() == nil {
			r.Repairs = append(r.Repairs, u.Article.URL+": "+err.Error())
		}
		u.Tries++
		switch {
		case errors.Is(err, errGone) && s.Withdrawals != newswire.TrustNone:
			if err := a.withdraw(ctx, u.Article.ID, pageGone, r); err != nil {
				return nil, err
			}
		case err == nil, errors.Is(err, errDisallowed):
			ready = append(ready, u)
		case u.Tries < pageTries:
			left = append(left, u)
		case s.Page == nil || !errors.Is(err, errAnswer):
			ready = append(ready, u)
		} // a list's link to a page that is not there is no article
	}
	v.State.Unread = left[:min(len(left), maxUnread)]
	return ready, nil
}

// manners are how the pages of one visit are read.
type manners struct {
	pause time.Duration   // between two requests to the domain; grows to what robots.txt asks for
	asked map[string]bool // hosts whose robots.txt was asked for in this visit
}

// short says whether too little of a visit's time is left for one more page.
func short(ctx context.Context, pause time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return ok && time.Until(deadline) < pause+10*time.Second
}

// readPage completes an article by what its own page says.
func (a *Aggregator) readPage(ctx context.Context, setup *Setup, s *scheduled, u *newswire.Unread, way *manners) error {
	if setup.Robots != nil {
		if h := host(u.Article.URL); !way.asked[h] {
			way.asked[h] = true
			if err := sleep(ctx, way.pause); err != nil { // asking may be a request too
				return err
			}
		}
		allowed, delay, err := setup.Robots.Allowed(ctx, u.Article.URL)
		if err != nil {
			return err
		}
		if !allowed {
			return errDisallowed
		}
		way.pause = max(way.pause, delay)
	}
	if err := sleep(ctx, way.pause); err != nil {
		return err
	}
	answer, err := setup.Fetcher.Get(ctx, fetch.Request{URL: u.Article.URL})
	if err != nil {
		return err
	}
	switch answer.Status {
	case http.StatusOK:
	case http.StatusGone:
		return errGone
	default:
		return fmt.Errorf("%w %d %s", errAnswer, answer.Status, http.StatusText(answer.Status))
	}
	var selectors page.Selectors
	if s.Page != nil {
		selectors = page.Selectors(*s.Page)
	}
	item, err := page.Read(answer.Body, page.Options{
		URL: answer.URL, ContentType: answer.Header.Get("Content-Type"), Timezone: s.Timezone,
	}, selectors)
	if err != nil {
		return err
	}
	item.Rights.License = cmp.Or(item.Rights.License, license(answer))
	complete(u, item, s.Page != nil)
	return nil
}

// complete adds to an article what its page says. The page of a listed article speaks for itself; beside a feed it adds
// the text and what the feed is silent about.
func complete(u *newswire.Unread, read *parse.Item, listed bool) {
	a := &u.Article
	if listed {
		a.URL = cmp.Or(read.URL, a.URL)
		a.Title = cmp.Or(read.Title, a.Title)
		a.Summary = cmp.Or(read.Summary, a.Summary)
		a.Language = cmp.Or(read.Language, a.Language)
		if !read.Published.IsZero() {
			a.Published = read.Published
		}
		if !read.Updated.IsZero() {
			a.Updated = read.Updated
		}
		if len(read.Authors) > 0 {
			a.Authors = read.Authors
		}
		if len(read.Terms) > 0 {
			a.Terms = read.Terms
		}
	}
	if read.Content != "" {
		a.Content, u.Base = read.Content, read.Base
	}
	if len(a.Authors) == 0 {
		a.Authors = read.Authors
	}
	if a.Image == nil {
		a.Image = read.Image
	}
	a.Stated.License = cmp.Or(a.Stated.License, read.Rights.License)
	a.Stated.Statement = cmp.Or(a.Stated.Statement, read.Rights.Statement)
	a.Links = append(a.Links, read.Links...)
}
