// Package robots says whether a publisher's robots.txt lets a visitor in (RFC 9309, the Robots Exclusion Protocol).
//
//	c := robots.NewCache(client)
//	allowed, delay, err := c.Allowed(ctx, "newswire/1.0 (+https://wire.example.org/about/fetcher)", address)
//
// It is asked for pages: lists of articles, articles, and what is tried in search of a feed. The feed that an operator
// configured is there to be fetched, so robots.txt is not asked for it.
//
// The rules are matched by temoto/robotstxt, from a file that is written for it (rules.go): that library gives up
// on a whole file for one bad line, takes newsbot's rules for news, lets a wildcard begin in the middle of a path, and
// compares escaped paths as they are written.
package robots

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/fetch"
)

// Why a publisher's rules are not known; its pages are not to be read until they are. Wrapped with the reason.
var (
	// ErrUnreachable says that robots.txt could not be had (RFC 9309 §2.3.1.4).
	ErrUnreachable = errors.New("robots.txt cannot be reached")

	errSlow = errors.New("it takes longer than a visit has time")

	// ErrUnreadable says that robots.txt asks for more work than a list of rules may.
	ErrUnreadable = errors.New("robots.txt cannot be read")
)

// Getter fetches a document. *[fetch.Client] is one; its redirects are as many as RFC 9309 §2.3.1.2 asks for.
type Getter interface {
	Get(ctx context.Context, r fetch.Request) (*fetch.Answer, error)
}

var _ Getter = (*fetch.Client)(nil)

const (
	keptFor      = 24 * time.Hour      // RFC 9309 §2.4: no copy is used for longer
	staleFor     = 30 * 24 * time.Hour // unless there is no newer one to be had
	retriedIn    = 10 * time.Minute    // after a failure
	maxOrigins   = 20000
	maxKept      = 32 << 20  // octets of all files
	maxBytes     = 500 << 10 // §2.5: this much is read, and the rest left unread
	maxAddress   = 4 << 10
	robotsPath   = "/robots.txt"
	maxDelay     = time.Hour
	maxWildcards = 1000    // in the rules for one visitor: each costs time with every address
	maxPattern   = 2 << 10 // octets of a rule; a longer one matches no address worth a visit
)

// Cache keeps the robots.txt of the origins that were asked for. It is safe for many goroutines; each origin is fetched
// once for all that ask at a time.
type Cache struct {
	getter Getter

	mu      sync.Mutex
	origins map[string]*origin // by scheme and authority
	kept    int                // octets of their files
}

// origin is what is known of one origin's robots.txt. It is read and changed only with the token.
type origin struct {
	token      chan struct{}
	used       time.Time // guarded by Cache.mu, as the next
	size       int       // of the file, in octets
	body       []byte    // of the file
	known      time.Time // when body was last confirmed; zero when it never was
	next       time.Time // when it is to be fetched again
	err        error     // of the last fetch
	validators newswire.Validators
	validFor   string
	rules      map[string]*rules // of body, by product token
}

// NewCache makes an empty cache that fetches by a getter.
func NewCache(g Getter) *Cache {
	return &Cache{getter: g, origins: map[string]*origin{}}
}

// Allowed says whether a visitor of that User-Agent may fetch an address, and how much time the publisher wants between
// two of its visits (Crawl-delay, at most an hour; zero where nothing is said). Rules are chosen by the first word of
// the User-Agent.
//
// An origin that answers 404, or any 4xx but 429, has no rules. One that answers 5xx or 429, or not at all, lets no visitor
// in, unless a copy that is not older than 30 days does; the error then wraps [ErrUnreachable]. Other errors say that
// the address is no web address or that ctx ended.
func (c *Cache) Allowed(ctx context.Context, userAgent, address string) (allowed bool, delay time.Duration, err error) {
	at, err := locate(address)
	if err != nil {
		return false, 0, err
	}
	r, err := c.rules(ctx, userAgent, at, nil)
	if err != nil {
		return false, 0, err
	}
	return r.allow(at), r.delay, nil
}

// Terms says on which terms a visitor of that User-Agent may use what is at addresses of one origin. It calls before right
// before it asks the origin, and goes on if that has no error. Its errors are those of [Cache.Allowed].
func (c *Cache) Terms(ctx context.Context, userAgent, address string, before func(context.Context) error) (*Terms, error) {
	at, err := locate(address)
	if err != nil {
		return nil, err
	}
	r, err := c.rules(ctx, userAgent, at, before)
	if err != nil {
		return nil, err
	}
	return &Terms{License: r.license, origin: originOf(at), rules: r}, nil
}

// locate reads an address.
func locate(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || len(address) > maxAddress {
		return nil, errors.New("robots: not a web address")
	}
	return u, nil
}

func originOf(u *url.URL) string { return strings.ToLower(u.Scheme + "://" + u.Host) }

// rules are those of the origin of an address for a visitor, fetched where they are not known.
func (c *Cache) rules(ctx context.Context, userAgent string, at *url.URL, before func(context.Context) error) (_ *rules, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("robots: %s: %w", at.Host, err)
		}
	}()
	o := c.origin(originOf(at))
	select {
	case o.token <- struct{}{}:
		defer func() { <-o.token }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if !time.Now().Before(o.next) {
		if before != nil {
			if err := before(ctx); err != nil {
				return nil, err
			}
		}
		if err := o.refresh(ctx, c.getter, (&url.URL{Scheme: at.Scheme, Host: at.Host, Path: robotsPath}).String()); err != nil {
			return nil, err
		}
		c.weigh(originOf(at), o)
	}
	if o.known.IsZero() || o.err != nil && time.Since(o.known) > staleFor {
		return nil, o.err
	}
	return o.rulesFor(productToken(userAgent))
}

// origin finds what is known of an origin, and forgets another one when there are too many.
func (c *Cache) origin(key string) *origin {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.origins[key]
	if o == nil {
		o = &origin{token: make(chan struct{}, 1)}
		if len(c.origins) >= maxOrigins {
			c.forget()
		}
		c.origins[key] = o
	}
	o.used = time.Now()
	return o
}

// forget forgets the origin that was asked for longest ago.
func (c *Cache) forget() {
	oldest := ""
	for k, other := range c.origins {
		if oldest == "" || other.used.Before(c.origins[oldest].used) {
			oldest = k
		}
	}
	c.kept -= c.origins[oldest].size
	delete(c.origins, oldest)
}

// weigh notes the size of an origin's file, and forgets others while all are too large.
func (c *Cache) weigh(key string, o *origin) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.origins[key] != o {
		return
	}
	c.kept += len(o.body) - o.size
	o.size = len(o.body)
	for c.kept > maxKept && len(c.origins) > 1 {
		c.forget()
	}
}

// refresh fetches the file again. Its error is that ctx ended; what else went wrong is kept in o.err.
func (o *origin) refresh(ctx context.Context, g Getter, address string) error {
	answer, err := g.Get(ctx, fetch.Request{URL: address, Validators: o.validators, ValidFor: o.validFor})
	now := time.Now()
	if ctx.Err() != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			o.fail(errSlow, now) // so that the next visit does not wait for it too
		}
		return ctx.Err()
	}
	switch {
	case errors.Is(err, fetch.ErrRedirects): // §2.3.1.2: as if there were none
		o.set(nil, now)
	case err != nil:
		o.fail(err, now)
	case answer.Status == http.StatusOK:
		o.set(head(answer.Body), now)
		o.validators, o.validFor = answer.Validators, answer.URL
	case answer.Status == http.StatusNotModified && !o.known.IsZero():
		o.known, o.next, o.err = now, now.Add(keptFor), nil
	case answer.Status >= 400 && answer.Status < 500 && answer.Status != http.StatusTooManyRequests:
		o.set(nil, now)
	default:
		o.fail(fmt.Errorf("it answers %d %s", answer.Status, http.StatusText(answer.Status)), now)
	}
	return nil
}

func (o *origin) set(body []byte, now time.Time) {
	o.body, o.known, o.next, o.err = body, now, now.Add(keptFor), nil
	o.validators, o.validFor, o.rules = newswire.Validators{}, "", nil
}

func (o *origin) fail(err error, now time.Time) {
	o.next, o.err = now.Add(retriedIn), fmt.Errorf("%w: %w", ErrUnreachable, err)
}

// head is as much of a file as is read, to the end of a line.
func head(body []byte) []byte {
	if len(body) <= maxBytes {
		return body
	}
	return body[:strings.LastIndexAny(string(body[:maxBytes]), "\r\n")+1]
}

// maxAgents bounds for how many visitors the rules of an origin are kept apart: we are one.
const maxAgents = 8

// rulesFor are the rules of the file for one visitor.
func (o *origin) rulesFor(token string) (*rules, error) {
	if r := o.rules[token]; r != nil {
		return r, nil
	}
	r, err := readRules(o.body, token)
	if err != nil {
		return nil, err
	}
	if o.rules == nil || len(o.rules) >= maxAgents {
		o.rules = map[string]*rules{}
	}
	o.rules[token] = r
	return r, nil
}
