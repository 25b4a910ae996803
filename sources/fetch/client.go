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
// of a redirect to where it leads, and never retries by itself: when to ask again is the caller's to decide. What an operator
// gives it to show to a publisher ([Client.For]) it shows to that publisher's origin alone, and to no log and no error.
package fetch

import (
	"crypto/tls"
	"crypto/x509"
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
	Proxy        *Proxy         // by way of which all publishers are reached; default none: they are dialled
	Authorities  *x509.CertPool // that vouch for servers; default the system's

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
	late      error     // of a Get that takes too long
	dial      *dialling // how transport dials; nil where that is not ours
	private   *private  // what is shown to one origin; nil for nothing
}

// dialling is how connections are made.
type dialling struct {
	dialer  *net.Dialer
	control guard.Control
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
	c := &Client{options: o, late: late, dial: &dialling{
		dialer: &net.Dialer{Timeout: dialTimeout(&o), Resolver: o.Resolver}, control: control,
	}}
	if o.Proxy == nil {
		c.dial.dialer.Control = control
	}
	c.transport, c.http2 = c.newTransport(nil)
	return c
}

// newTransport makes a transport with connections of its own. The certificate is shown to servers that ask for one; nil for
// none.
func (c *Client) newTransport(certificate *Certificate) (*http.Transport, *http2Conns) {
	o, dialer := &c.options, c.dial.dialer
	transport := &http.Transport{
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    dialTimeout(o),
		ResponseHeaderTimeout:  o.Timeout,
		MaxResponseHeaderBytes: 256 << 10,
		MaxIdleConns:           256,
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        30 * time.Second,
		DisableCompression:     true, // inflation is ours, to bound it
	}
	http2 := speakHTTP2(transport)
	transport.TLSClientConfig.RootCAs = o.Authorities
	if certificate != nil {
		transport.TLSClientConfig.Certificates = []tls.Certificate{*certificate.pair}
	}
	if o.Proxy != nil {
		o.Proxy.use(transport, dialer)
	}
	return transport, http2
}

// refused says why an address may not be asked for through a proxy. Without a proxy the guard sees to that when it is dialled.
func (c *Client) refused(host string) error {
	if c.options.Proxy == nil || c.dial == nil {
		return nil
	}
	if len(c.options.AllowPrivate) == 0 && guard.IsInside(host) {
		return fmt.Errorf("%w: %q is a name of a private network; list the network's range in fetch.allow_private if it is meant", ErrPrivate, host)
	}
	return c.dial.control.Name(host)
}

// Close drops the idle connections.
func (c *Client) Close() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
	if c.http2 != nil {
		c.http2.closeIdle()
	}
	if c.private != nil && c.private.transport != nil {
		c.private.transport.CloseIdleConnections()
		c.private.http2.closeIdle()
	}
}
