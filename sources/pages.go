package sources

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/internal/tracing"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/pace"
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

// pages reads the own pages of articles, where the source is a page or has the full text there: a few, one after
// the other with the domain's pause between. It returns what can go on, and leaves the rest in the state for the next
// visit. A page that cannot be read after some tries, is forbidden to us, or is another domain's costs an article no
// more than what its page would have added; but a listed page that is not there is no article at all, and one that is gone
// withdraws its article. The error is the store's.
func (v *visiting) pages(ctx context.Context, list []newswire.Unread) ([]newswire.Unread, error) {
	state, s := &v.record.State, v.source
	if !s.readsPages() {
		state.Unread = nil // what waited before the operator changed the source waits no more
		return list, nil
	}
	var ready, left []newswire.Unread
	reader := pageReader{visiting: v}
	for _, u := range list {
		switch {
		case u.Article.URL == "" || pace.DomainOf(u.Article.URL) != pace.DomainOf(s.URL):
			ready = append(ready, u)
			continue
		case reader.requests == pagesPerVisit || short(ctx, v.robots.pause):
			left = append(left, u)
			continue
		}
		err := reader.read(ctx, &u)
		var busy *pace.BusyError
		if v.pushed && errors.As(err, &busy) { // it was not asked for
			left = append(left, u)
			continue
		}
		if err != nil && ctx.Err() == nil {
			v.result.Repairs = append(v.result.Repairs, u.Article.URL+": "+err.Error())
		}
		u.Tries++
		switch {
		case errors.Is(err, errGone) && s.Withdrawals != newswire.TrustNone:
			if err := v.withdraw(ctx, u.Article.ID, pageGone); err != nil {
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
	state.Unread = left[:min(len(left), maxUnread)]
	reader.survey(&state.Health)
	return ready, nil
}

// readsPages says whether the source's articles have their own pages read.
func (s *scheduled) readsPages() bool { return s.Page != nil || s.FullText }

// pageReader reads pages for one visit.
type pageReader struct {
	*visiting
	requests int
	done     int // pages that were read
	dated    int // of these, with a date, theirs or their list's
}

// survey notes of the pages what remarks tell the operator.
func (r *pageReader) survey(h *newswire.Health) {
	s := r.source.Page
	if s == nil || r.done == 0 {
		return
	}
	if h.Undated = 0; r.dated == 0 {
		h.Undated = h.Offered
	}
	h.Unmatched = r.matched.unmatched(s, h.Unmatched)
}

// short says whether too little of a visit's time is left for one more page.
func short(ctx context.Context, pause time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return ok && time.Until(deadline) < pause+10*time.Second
}

// read completes an article by what its own page says.
func (r *pageReader) read(ctx context.Context, u *newswire.Unread) (err error) {
	ctx, span := tracing.Start(ctx, "page")
	defer func() { span.End(err) }()
	r.requests++
	if err := r.robots.permit(ctx, u.Article.URL); err != nil {
		return err
	}
	if err := pace.Sleep(ctx, r.robots.pause); err != nil {
		return err
	}
	answer, err := r.trip.Get(ctx, fetch.Request{URL: u.Article.URL, Allow: r.robots.allow})
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
	if r.source.Page != nil {
		selectors = page.Selectors(*r.source.Page)
	}
	item, err := page.Read(ctx, answer.Body, page.Options{
		URL: answer.URL, ContentType: answer.Header.Get("Content-Type"), Timezone: r.source.Timezone, Matched: r.matched.note,
	}, selectors)
	if err != nil {
		return err
	}
	r.state(ctx, item, answer)
	complete(u, item, r.source.Page != nil)
	r.done++
	if !u.Article.Published.IsZero() || !u.Article.Updated.IsZero() {
		r.dated++
	}
	return nil
}

// askedRobots is what robots.txt says to one visit.
type askedRobots struct {
	robots   Robots          // nil: everything may be read
	interval time.Duration   // the pause at a domain
	pause    time.Duration   // between two pages: the interval, or what robots.txt asks for if that is longer
	asked    map[string]bool // hosts that were asked in this visit
	unasked  bool            // no site is asked for its terms: what is known of them will do
}

func askRobots(robots Robots, interval time.Duration) *askedRobots {
	return &askedRobots{robots: robots, interval: interval, pause: interval, asked: map[string]bool{}}
}

// list says whether the page that lists the articles may be read, and keeps the pause after asking. It is the first request
// of a visit, and needs no pause before it.
func (r *askedRobots) list(ctx context.Context, address string) error {
	if r.robots == nil {
		return nil
	}
	r.asked[host(address)] = true
	switch err := r.permit(ctx, address); {
	case errors.Is(err, errDisallowed):
		return fmt.Errorf("%w: the publisher does not want its list of articles read; ask it for a feed, or remove the source", err)
	case err != nil:
		return err
	}
	return pace.Sleep(ctx, r.interval)
}

// allow asks for each address that a redirect leads to.
func (r *askedRobots) allow(ctx context.Context, at *url.URL) error {
	return r.permit(ctx, at.String())
}

// permit asks for a page. The error is errDisallowed, or says that robots.txt could not be asked.
func (r *askedRobots) permit(ctx context.Context, address string) error {
	if r.robots == nil {
		return nil
	}
	if h := host(address); !r.asked[h] {
		r.asked[h] = true
		if err := pace.Sleep(ctx, r.pause); err != nil { // asking may be a request too
			return err
		}
	}
	asking, span := tracing.Start(ctx, "robots.txt")
	allowed, delay, err := r.robots.Allowed(asking, address)
	if span.End(err); err != nil {
		return err
	}
	if !allowed {
		return errDisallowed
	}
	r.pause = max(r.pause, delay)
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
	a.Stated.Usage = a.Stated.Usage.And(read.Rights.Usage)
	a.Links = append(a.Links, read.Links...)
}
