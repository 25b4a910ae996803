// Package fetch reads publishers' documents over HTTP as a polite and careful client.
//
//	c := fetch.NewClient(fetch.Options{UserAgent: "newswire/1.0 (+https://wire.example.org/about/fetcher)"})
//	answer, err := c.Get(ctx, fetch.Request{URL: feed, Validators: v, ValidFor: feed})
//
// It asks conditionally, echoes validators verbatim, follows redirects itself and looks at every hop anew, and bounds
// everything: time, header, bytes before and after inflation, redirects. Every HTTP answer is an [Answer], also a 404
// or a 503, for it carries what the publisher wishes; an error means that there was no answer worth the name.
//
// It refuses private, loopback, link-local and metadata addresses at dial time, sends no cookies and no referrers, and
// never retries by itself: when to come again is the caller's to decide.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/newswire/newswire"
)

// Why there was no answer; wrapped with the address.
var (
	// ErrTooLarge says that the document is larger than Options.MaxBytes, before or after inflation.
	ErrTooLarge = errors.New("document is too large")

	// ErrPrivate says that the host's address is in a private range that fetch.allow_private does not list.
	ErrPrivate = errors.New("address is private")

	// ErrRedirects says that there were too many redirects, a loop, or one without a usable target.
	ErrRedirects = errors.New("redirects lead nowhere")

	// ErrTimeout says that the publisher did not answer, or did not finish, in time.
	ErrTimeout = errors.New("no answer in time")
)

// Options bound a client. The zero value works.
type Options struct {
	UserAgent    string         // default "newswire"
	Timeout      time.Duration  // of a whole Get, redirects and body included; default 30 s
	MaxBytes     int64          // of a document, before and after inflation; default 15 MB
	MaxRedirects int            // default 5
	AllowPrivate []netip.Prefix // private ranges that may be dialled all the same; default none
	Resolver     *net.Resolver  // of publishers' names; default the system's

	// Transport carries the requests, one for each hop. Default: one that dials no private address; another one has to
	// see to that by itself.
	Transport http.RoundTripper
}

// Client fetches documents. It is safe for many goroutines, and keeps connections alive for a short while only, since
// the next visit to the same publisher is usually an hour away.
type Client struct {
	transport http.RoundTripper // without an http.Client: redirects are followed here, and there are no cookies
	http2     *http2Conns       // of transport, where that is ours
	options   Options
	late      error // of a Get that takes too long
}

// NewClient makes a client.
func NewClient(o Options) *Client { return newClient(o, guard(o.AllowPrivate)) }

// newClient makes a client that dials what control lets through.
func newClient(o Options, control controlFunc) *Client {
	if o.UserAgent == "" {
		o.UserAgent = "newswire"
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 15_000_000
	}
	if o.MaxRedirects <= 0 {
		o.MaxRedirects = 5
	}
	late := fmt.Errorf("%w: gave up after %v", ErrTimeout, o.Timeout)
	if o.Transport != nil {
		return &Client{transport: o.Transport, options: o, late: late}
	}
	dialer := &net.Dialer{Timeout: min(10*time.Second, o.Timeout), Resolver: o.Resolver, Control: control}
	transport := &http.Transport{
		// No proxy: the guard would see the proxy's address instead of the publisher's.
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    min(10*time.Second, o.Timeout),
		ResponseHeaderTimeout:  o.Timeout,
		MaxResponseHeaderBytes: 256 << 10,
		MaxIdleConns:           256,
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        30 * time.Second,
		DisableCompression:     true, // inflation is ours, to bound it
	}
	return &Client{transport: transport, http2: speakHTTP2(transport), options: o, late: late}
}

// Close drops the idle connections.
func (c *Client) Close() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
	if c.http2 != nil {
		c.http2.closeIdle()
	}
}

// Request asks for a document.
type Request struct {
	URL        string
	Validators newswire.Validators
	ValidFor   string // the address that gave the validators; they are sent to no other

	// Subscribers is how many people read the document through us, for the User-Agent; 0 when that is not known.
	Subscribers int

	// Allow is asked before the request to each address, the first and all that redirects lead to. Its error ends the
	// Get, and is wrapped. Nil allows all.
	Allow func(ctx context.Context, at *url.URL) error
}

// Answer is what a publisher answered, whatever the status.
type Answer struct {
	Status     int    // 200, 226, 304, 404, …; a redirect only when it came with Retry-After
	URL        string // the address that answered, after redirects, without credentials
	MovedTo    string // where the request's URL moved for good: the last target of an unbroken row of 301s and 308s; or empty
	Header     http.Header
	Body       []byte // of a 200 or 226, inflated; nil otherwise
	Validators newswire.Validators
}

// accept names what we read, best first, and lets a publisher fall back on anything.
const accept = "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, " +
	"application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"

// Get fetches a document, conditionally where it has validators. Errors wrap ErrTooLarge, ErrPrivate, ErrRedirects or
// ErrTimeout where one of these is the reason; none of them names a password or a query string.
func (c *Client) Get(ctx context.Context, r Request) (_ *Answer, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("get %s: %w", Redact(r.URL), explain(err))
		}
	}()
	ctx, cancel := context.WithTimeoutCause(ctx, c.options.Timeout, c.late)
	defer cancel()

	at, err := url.Parse(r.URL)
	if err != nil {
		return nil, errors.New("not a web address")
	}
	credentials := at.User
	at.User = nil // from here on no address holds a secret
	origin := at
	moved, permanent := "", true
	for hops := 0; ; hops++ {
		if r.Allow != nil {
			if err := r.Allow(ctx, at); err != nil {
				return nil, err
			}
		}
		address := at.String()
		request, err := c.request(ctx, address, r)
		if err != nil {
			return nil, err
		}
		// Credentials in the configured address are for its origin alone; a redirect's own are never used.
		if credentials != nil && sameOrigin(at, origin) {
			password, _ := credentials.Password()
			request.SetBasicAuth(credentials.Username(), password)
		}
		response, err := c.transport.RoundTrip(request)
		if err != nil {
			if cause := context.Cause(ctx); errors.Is(cause, ErrTimeout) {
				err = cause
			}
			return nil, err
		}
		if response.StatusCode == http.StatusSwitchingProtocols { // what follows has no end, and knows no context
			closeBody(response)
			return nil, errors.New("the server switches protocols unasked")
		}
		// A redirect with Retry-After (RFC 9110 §10.2.3) says "elsewhere, but not now": a detour during maintenance.
		if !isRedirect(response.StatusCode) || response.Header.Get("Retry-After") != "" {
			return c.answer(ctx, response, address, moved)
		}
		closeBody(response)
		next, err := at.Parse(response.Header.Get("Location"))
		if err != nil || response.Header.Get("Location") == "" {
			return nil, fmt.Errorf("%w: %d without a usable Location", ErrRedirects, response.StatusCode)
		}
		if next.Scheme != "http" && next.Scheme != "https" || next.Hostname() == "" {
			return nil, fmt.Errorf("%w: %d to something that is not a web page", ErrRedirects, response.StatusCode)
		}
		if hops == c.options.MaxRedirects {
			return nil, fmt.Errorf("%w: more than %d", ErrRedirects, c.options.MaxRedirects)
		}
		next.User, next.Fragment = nil, ""
		permanent = permanent && (response.StatusCode == http.StatusMovedPermanently || response.StatusCode == http.StatusPermanentRedirect)
		if permanent {
			moved = next.String()
		}
		at = next
	}
}

// request makes the request for one hop.
func (c *Client) request(ctx context.Context, address string, r Request) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("not a web address")
	}
	request.Header.Set("User-Agent", userAgent(c.options.UserAgent, r.Subscribers))
	request.Header.Set("Accept", accept)
	request.Header.Set("Accept-Encoding", acceptEncoding)
	if address == r.ValidFor {
		// Both validators go out verbatim: RFC 9110 §13.2.2 has the server prefer the ETag.
		setRaw(request.Header, "If-None-Match", r.Validators.ETag)
		setRaw(request.Header, "If-Modified-Since", r.Validators.LastModified)
		if r.Validators != (newswire.Validators{}) {
			request.Header.Set("A-IM", "feed") // RFC 3229: just what is new will do
		}
	}
	return request, nil
}

// userAgent is a name with the number of subscribers in its comment, in the words that publishers look for in their logs.
func userAgent(name string, subscribers int) string {
	if subscribers <= 0 {
		return name
	}
	if comment, ok := strings.CutSuffix(name, ")"); ok {
		return fmt.Sprintf("%s; %d subscribers)", comment, subscribers)
	}
	return fmt.Sprintf("%s (%d subscribers)", name, subscribers)
}

func (c *Client) answer(ctx context.Context, response *http.Response, address, moved string) (*Answer, error) {
	defer closeBody(response)
	a := &Answer{
		Status:  response.StatusCode,
		URL:     address,
		MovedTo: moved,
		Header:  response.Header,
		Validators: newswire.Validators{
			ETag:         response.Header.Get("Etag"),
			LastModified: response.Header.Get("Last-Modified"),
		},
	}
	if a.Status != http.StatusOK && a.Status != http.StatusIMUsed {
		return a, nil
	}
	body, err := readBody(response, c.options.MaxBytes)
	if err != nil {
		if cause := context.Cause(ctx); errors.Is(cause, ErrTimeout) {
			err = cause
		}
		return nil, err
	}
	a.Body = body
	return a, nil
}

// closeBody closes a body, after reading the rest of a small one so that the connection can be used again.
func closeBody(response *http.Response) {
	if response.ContentLength > 0 && response.ContentLength <= 4<<10 {
		_, _ = io.CopyN(io.Discard, response.Body, response.ContentLength)
	}
	_ = response.Body.Close()
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && a.Host == b.Host
}

// setRaw sets a header to the very bytes that the publisher gave, where there are any.
func setRaw(h http.Header, key, value string) {
	if value != "" {
		h[key] = []string{value}
	}
}

// explain takes the address out of what net/http reports, since it may hold secrets, and names the sentinel.
func explain(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	var ne net.Error
	if errors.As(err, &ne) && ne.Timeout() && !errors.Is(err, ErrTimeout) {
		return fmt.Errorf("%w: %w", ErrTimeout, err)
	}
	return err
}

// Redact is an address without what may be secret: user, query string and fragment.
func Redact(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "(an address that cannot be read)"
	}
	u.User, u.Fragment = nil, ""
	if u.RawQuery != "" {
		u.RawQuery = "…"
		return strings.Replace(u.String(), "%E2%80%A6", "…", 1)
	}
	return u.String()
}
