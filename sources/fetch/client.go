// Package fetch reads publishers' documents over HTTP as a polite and careful client.
//
//	c := fetch.NewClient(fetch.Options{UserAgent: "newswire/1.0 (+https://wire.example.org/about/fetcher)"})
//	answer, err := c.Get(ctx, fetch.Request{URL: feed, Validators: v, ValidFor: feed})
//
// It asks conditionally, echoes validators verbatim, follows redirects itself and checks every address that they lead to, and
// bounds everything: time, header, bytes before and after inflation, redirects. Every HTTP answer is an [Answer], also a 404
// or a 503, for it carries what the publisher wishes; an error means that there was no answer worth the name.
//
// It refuses private, loopback, link-local and metadata addresses at dial time, sends no referrers and no cookies but those
// of a redirect to where it leads, and never retries by itself: when to ask again is the caller's to decide.
package fetch

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/newswire/newswire/internal/guard"
)

// Why there was no answer; wrapped with the address.
var (
	// ErrTooLarge says that the document is larger than Options.MaxBytes, before or after inflation.
	ErrTooLarge = errors.New("document is too large")

	// ErrPrivate says that the host's address is in a private range that fetch.allow_private does not list.
	ErrPrivate = guard.ErrPrivate

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
	MaxRedirects int            // default 10
	AllowPrivate []netip.Prefix // private ranges that may be dialled all the same; default none
	Resolver     *net.Resolver  // of publishers' names; default the system's

	// Transport carries the requests, one for each hop. Default: one that dials no private address; another one has to
	// see to that by itself.
	Transport http.RoundTripper
}

// Client fetches documents. It is safe for many goroutines, and keeps connections alive for a short while only, since
// the next visit to the same publisher is usually an hour away.
type Client struct {
	transport http.RoundTripper // without an http.Client: redirects are followed here, and cookies end with a Get
	http2     *http2Conns       // of transport, where that is ours
	options   Options
	late      error // of a Get that takes too long
}

// NewClient makes a client.
func NewClient(o Options) *Client { return newClient(o, guard.New(o.AllowPrivate)) }

// newClient makes a client that dials what control lets through.
func newClient(o Options, control guard.Control) *Client {
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
		o.MaxRedirects = 10
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
