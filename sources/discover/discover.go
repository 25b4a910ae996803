// Package discover finds the feeds of a site by the site's address.
//
//	candidates, err := discover.Discover(ctx, client, "news.example.com", discover.Options{Robots: rules})
//
// It looks where publishers put feeds, the likeliest place first, and goes on only while it has found nothing: at the
// address itself, in the Link headers of its answer (RFC 8288), in the links of the page's head, in links of its text
// that can hardly be anything else or that call themselves feeds, in a few common places of the site, and last for a news
// sitemap that robots.txt names. A page that sends its readers on at once is left for where it leads. Every candidate was visited and could be read.
//
// It asks for one document at a time and for few, obeys robots.txt, and refuses to guess at length: a feed that nothing
// points to is not meant to be found.
package discover

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/parse"
	"github.com/newswire/newswire/sources/sitemap"
)

// Why nothing was found; wrapped with the address.
var (
	// ErrNone says that there is no feed in any of the places.
	ErrNone = errors.New("no feed was found")

	// ErrDisallowed says that robots.txt asks us not to look at the page. A feed whose own address is named is read.
	ErrDisallowed = errors.New("robots.txt does not let us look for feeds there")
)

// Fetcher gets documents from publishers; [fetch.Client] does it over HTTP.
type Fetcher interface {
	Get(ctx context.Context, r fetch.Request) (*fetch.Answer, error)
}

// Robots says what a site's robots.txt lets a visitor of that User-Agent fetch, and how much time the site wants between
// two requests (RFC 9309). An error means that it could not be asked, and then the address is not visited.
type Robots interface {
	Allowed(ctx context.Context, userAgent, address string) (allowed bool, delay time.Duration, err error)
}

// Options tune a search. The zero value works.
type Options struct {
	Robots    Robots        // default: everything may be visited
	UserAgent string        // whose rules hold
	Interval  time.Duration // between two requests, unless the site wants more; default none
}

// How a feed was found.
type How string

// The ways, the likeliest to be the right feed first.
const (
	Itself   How = "the address itself"
	Header   How = "a Link header"
	Head     How = "a link in the page's head"
	Text     How = "a link in the page's text"
	Guess    How = "a common place"
	RobotsOf How = "robots.txt"
)

// Candidate is a feed that was found.
type Candidate struct {
	URL      string // to be configured: as it was found, or where it has moved for good
	Title    string // the feed's own, else that of the link to it
	Format   string // "atom 1.0", "rss 2.0", "json feed 1.1", "news sitemap"
	Items    int    // articles in it now
	How      How
	Comments bool // what readers say of the articles, not the articles
}

// maxLooks bounds how many links of one kind are followed.
const maxLooks = 8

// Discover finds the feeds of a site by the address of any of its pages; without a scheme, https is tried and then
// http. The likeliest feed comes first and feeds of comments last; of several that carry the same articles in different
// formats, the one that the site names first stands for all. Errors wrap [ErrNone] or [ErrDisallowed], or are those of
// getting the page.
func Discover(ctx context.Context, f Fetcher, address string, o Options) (_ []Candidate, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("discover %s: %w", fetch.Redact(address), err)
		}
	}()
	s := &search{fetcher: f, options: o, seen: map[string]bool{}, origins: map[string]bool{}}
	page, err := s.open(ctx, strings.TrimSpace(address))
	if err != nil || len(s.found) > 0 {
		return s.candidates(), err
	}
	page, links := s.follow(ctx, page)
	if len(s.found) > 0 {
		return s.candidates(), nil
	}
	base, err := url.Parse(page.URL)
	if err != nil {
		return nil, err
	}
	for _, stage := range []func() error{
		func() error { return s.look(ctx, Header, headerLinks(page.Header, base), maxLooks) },
		func() error { return s.look(ctx, Head, links.head, maxLooks) },
		func() error { return s.look(ctx, Text, slices.Concat(links.text, links.said), maxLooks) },
		func() error { return s.lookInto(ctx) },
		func() error { return s.look(ctx, Guess, places(base), 1) },
		func() error { return s.sitemaps(ctx, base) },
	} {
		if err := stage(); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(s.found, func(f finding) bool { return !f.Comments }) {
			break
		}
	}
	if len(s.found) == 0 {
		return nil, fmt.Errorf("%w at %d addresses of it", ErrNone, s.asked)
	}
	return s.candidates(), nil
}

// search is the state of one call of Discover.
type search struct {
	fetcher Fetcher
	options Options
	seen    map[string]bool // addresses that were asked, and those that answered for them
	asked   int
	origins map[string]bool // whose robots.txt was asked for
	begun   bool            // there was a request
	delay   time.Duration   // that the site wants between two requests
	found   []finding
	lists   []*fetch.Answer // pages that links called feeds, which may list them
}

// finding is a candidate with what tells whether another one carries the same.
type finding struct {
	Candidate
	articles []string // their addresses
}

// open gets the page that a search begins at. What is a feed itself is found with that.
func (s *search) open(ctx context.Context, address string) (*fetch.Answer, error) {
	address = strings.TrimPrefix(address, "feed:") // a scheme of its own that some browsers once knew
	var page *fetch.Answer
	var err error
	for _, candidate := range schemes(address) {
		if page, err = s.page(ctx, candidate); err == nil || ctx.Err() != nil {
			break
		}
	}
	return page, err
}

// schemes are the addresses that a person may have meant by one.
func schemes(address string) []string {
	switch {
	case strings.HasPrefix(address, "//"):
		return []string{"https:" + address, "http:" + address}
	case !strings.Contains(address, "://"):
		return []string{"https://" + address, "http://" + address}
	default:
		return []string{address}
	}
}

// maxRefreshes bounds the pages that send their readers on to another.
const maxRefreshes = 3

// follow reads the links of a page. One that sends its readers on at once, and declares no feed, is left for where it leads.
func (s *search) follow(ctx context.Context, page *fetch.Answer) (*fetch.Answer, pageLinks) {
	var links pageLinks
	for range maxRefreshes + 1 {
		base, err := url.Parse(page.URL)
		if err != nil {
			return page, links
		}
		links = readLinks(page.Body, page.Header.Get("Content-Type"), base)
		if len(links.head) > 0 || links.refresh == nil || s.seen[links.refresh.String()] {
			return page, links
		}
		next, err := s.page(ctx, links.refresh.String())
		if err != nil || len(s.found) > 0 {
			return page, links
		}
		page = next
	}
	return page, links
}

// lookInto looks at the links of pages that were said to be feeds and are lists of them.
func (s *search) lookInto(ctx context.Context) error {
	for _, page := range s.lists {
		base, err := url.Parse(page.URL)
		if err != nil {
			continue
		}
		links := readLinks(page.Body, page.Header.Get("Content-Type"), base)
		if err := s.look(ctx, Text, slices.Concat(links.head, links.text, links.said), maxLooks); err != nil || len(s.found) > 0 {
			return err
		}
	}
	return nil
}

func (s *search) page(ctx context.Context, address string) (*fetch.Answer, error) {
	if u, err := url.Parse(address); err != nil || !obvious(u) {
		if allowed, err := s.allowed(ctx, address); err != nil {
			return nil, err
		} else if !allowed {
			return nil, ErrDisallowed
		}
	}
	page, err := s.get(ctx, address)
	if err != nil {
		return nil, err
	}
	if page.Status != http.StatusOK {
		return nil, statusError(page.Status)
	}
	s.add(ctx, page, Itself, link{url: address})
	return page, nil
}

// statusError says what a site answers in place of a page, and what to do where it wants credentials: these belong to a source.
func statusError(status int) error {
	says := fmt.Sprintf("the site answers %d %s", status, http.StatusText(status))
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("%s: if it wants credentials, write the feed's address into the config yourself, with access: {user: …, password_env: …}, "+
			"and have a look by newswire preview", says)
	case http.StatusProxyAuthRequired:
		return fmt.Errorf("%s: the proxy wants credentials; write them into its address (http://user:password@…), and that into fetch.proxy_env", says)
	}
	return errors.New(says)
}

// look visits links one after the other until enough of them are feeds. A link that cannot be had is no feed; an
// error is the end of ctx, or says that the site wants no more visits.
func (s *search) look(ctx context.Context, how How, links []link, enough int) error {
	looks := 0
	for _, l := range links {
		if s.seen[l.url] {
			continue
		}
		if looks++; looks > maxLooks && how != Guess {
			return nil
		}
		found, err := s.lookAt(ctx, how, l)
		if err != nil {
			return err
		}
		if found {
			if enough--; enough == 0 {
				return nil
			}
		}
	}
	return nil
}

// lookAt visits one link, and says whether it is a feed.
func (s *search) lookAt(ctx context.Context, how How, l link) (found bool, err error) {
	allowed, err := s.allowed(ctx, l.url)
	var answer *fetch.Answer
	if err == nil && allowed {
		answer, err = s.get(ctx, l.url)
	}
	switch {
	case ctx.Err() != nil:
		return false, ctx.Err()
	case err == nil && allowed && answer.Status == http.StatusTooManyRequests:
		return false, statusError(answer.Status)
	case err == nil && allowed && s.add(ctx, answer, how, l):
		return true, nil
	case l.other != "" && l.other != l.url && !s.seen[l.other]:
		return s.lookAt(ctx, how, link{url: l.other, title: l.title})
	case err == nil && allowed && how == Text && answer.Status == http.StatusOK && len(s.lists) < maxLists:
		s.lists = append(s.lists, answer)
	}
	return false, nil
}

// maxLists bounds the pages that are searched for links to feeds beside the one that was asked for.
const maxLists = 2

// allowed says whether an address may be visited. The first question about an origin is a request to it.
func (s *search) allowed(ctx context.Context, address string) (bool, error) {
	if s.options.Robots == nil {
		return true, nil
	}
	if u, err := url.Parse(address); err == nil && !s.origins[u.Scheme+u.Host] {
		s.origins[u.Scheme+u.Host] = true
		if err := s.pause(ctx); err != nil {
			return false, err
		}
	}
	allowed, delay, err := s.options.Robots.Allowed(ctx, s.options.UserAgent, address)
	s.delay = max(s.delay, delay)
	return allowed, err
}

// get asks for a document.
func (s *search) get(ctx context.Context, address string) (*fetch.Answer, error) {
	if err := s.pause(ctx); err != nil {
		return nil, err
	}
	s.asked++
	s.seen[address] = true
	return s.fetcher.Get(ctx, fetch.Request{URL: address})
}

// pause keeps two requests apart.
func (s *search) pause(ctx context.Context) error {
	pause := max(s.options.Interval, s.delay)
	if !s.begun || pause == 0 {
		s.begun = true
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause):
		return nil
	}
}

// add adds an answer to what was found if it is a feed, and says whether it is.
func (s *search) add(ctx context.Context, answer *fetch.Answer, how How, l link) bool {
	o := parse.Options{URL: answer.URL, ContentType: answer.Header.Get("Content-Type")}
	doc, err := parse.Parse(ctx, answer.Body, o)
	if err != nil && sitemap.Is(answer.Body) {
		doc, err = sitemap.Parse(answer.Body, o)
	}
	// A plain sitemap lists every page that there is: a source only for one who asks for it.
	if err != nil || doc.Format == sitemap.FormatPlain && how != Itself {
		return false
	}
	f := finding{Candidate: Candidate{
		URL: cmp.Or(answer.MovedTo, l.url), Title: cmp.Or(doc.Publisher.Title, l.title), Format: doc.Format, Items: len(doc.Items), How: how,
	}}
	f.Comments = how != Itself && (ofComments.MatchString(l.title) || ofComments.MatchString(f.Title) || ofComments.MatchString(pathOf(f.URL)))
	for i := range doc.Items {
		f.articles = append(f.articles, cmp.Or(doc.Items[i].URL, doc.Items[i].GUID))
	}
	s.seen[answer.URL], s.seen[f.URL] = true, true
	if !slices.ContainsFunc(s.found, func(g finding) bool { return g.same(&f) }) {
		s.found = append(s.found, f)
	}
	return true
}

// same says whether two feeds carry the same articles, so that one will do: equal titles, and equal articles as far as
// the shorter one goes.
func (f *finding) same(g *finding) bool {
	n := min(len(f.articles), len(g.articles))
	return f.URL == g.URL || n > 0 && f.Title == g.Title && slices.Equal(f.articles[:n], g.articles[:n])
}

// ofComments is how the feeds of comments are called and where they are, by the software that most sites run on.
var ofComments = regexp.MustCompile(`(?i)\bcomments (?:on|for|feed|atom|rss)\b|/comments/|评论 ?feed|的评论$|的評論$|迴響`)

func pathOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Path + "/"
}

// candidates are what was found, comments last.
func (s *search) candidates() []Candidate {
	var out []Candidate
	for _, comments := range []bool{false, true} {
		for _, f := range s.found {
			if f.Comments == comments {
				out = append(out, f.Candidate)
			}
		}
	}
	return out
}
