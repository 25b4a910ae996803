// Package lookup finds selectors for a publisher that has pages and no feed, as an operator asks for them: it reads the page
// that lists the articles, as politely as a visit would, and makes entries of the config of what package propose finds.
//
//	finder := &lookup.Finder{Fetcher: client, Robots: rules, UserAgent: agent, Interval: 2 * time.Second}
//	answer, err := finder.Page(ctx, "https://news.example.com/latest")
//	proposals, err := lookup.Propose(ctx, answer)
//
// It writes nothing: the entry of a proposal is for the operator, or for package edit.
package lookup

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/newswire/newswire/cmd/newswire/internal/edit"
	"github.com/newswire/newswire/sources/discover"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/page"
	"github.com/newswire/newswire/sources/page/propose"
	"github.com/newswire/newswire/sources/parse"
)

// ErrNoList says that nothing on a page looks like a list of articles.
var ErrNoList = errors.New("nothing on the page looks like a list of articles: look for the page where the site lists them, " +
	"such as its front page, its archive or its press releases; one whose list is made by a script in the browser cannot be read")

// errFeed says that no selectors are needed.
var errFeed = errors.New("it is a feed and needs no selectors: newswire add adds it")

// errDisallowed says that a page cannot be a source.
var errDisallowed = errors.New("robots.txt does not let us read the page: ask the publisher for a feed")

// Finder reads pages.
type Finder struct {
	Fetcher   discover.Fetcher
	Robots    discover.Robots // nil: everything may be read
	UserAgent string          // whose rules hold
	Interval  time.Duration   // between two requests, unless the site wants more
}

// Page reads one page, if robots.txt lets it.
func (f *Finder) Page(ctx context.Context, address string) (_ *fetch.Answer, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s: %w", fetch.Redact(address), err)
		}
	}()
	if f.Robots != nil {
		allowed, delay, err := f.Robots.Allowed(ctx, f.UserAgent, address)
		switch {
		case err != nil:
			return nil, err
		case !allowed:
			return nil, errDisallowed
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(max(delay, f.Interval)):
		}
	}
	answer, err := f.Fetcher.Get(ctx, fetch.Request{URL: address})
	if err != nil {
		return nil, err
	}
	if answer.Status != http.StatusOK {
		return nil, fmt.Errorf("the site answers %d %s", answer.Status, http.StatusText(answer.Status))
	}
	return answer, nil
}

// Propose returns what is proposed for a page, the likeliest first. The error is [ErrNoList] where there is nothing, or says
// that the document is no page.
func Propose(ctx context.Context, answer *fetch.Answer) ([]propose.Proposal, error) {
	mediaType := answer.Header.Get("Content-Type")
	if _, err := parse.Parse(ctx, answer.Body, parse.Options{URL: answer.URL, ContentType: mediaType}); err == nil {
		return nil, errFeed
	}
	proposals, err := propose.Propose(ctx, answer.Body, page.Options{URL: answer.URL, ContentType: mediaType})
	if err == nil && len(proposals) == 0 {
		err = ErrNoList
	}
	return proposals, err
}

// WithoutUser is an address without a user and a password, which belong to a source's access.
func WithoutUser(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.User == nil {
		return address
	}
	u.User = nil
	return u.String()
}

// Entry is a proposal as an entry of the config.
func Entry(id, address string, s page.Selectors) edit.Source {
	return edit.Source{ID: id, URL: WithoutUser(address), Page: &edit.Page{
		Item: s.Item, Link: s.Link, Title: s.Title, Author: s.Author, Published: s.Published,
	}}
}
