// Package post sends deliveries over HTTP to addresses that others have named.
//
//	client := post.NewClient(post.Options{AllowPrivate: allow, UserAgent: agent})
//	answer, err := client.Post(ctx, &post.Request{URL: address, Header: header, Body: body})
//	if err == nil && answer.OK() { … }
//
// Each dial passes the guard of package internal/guard. No redirect is followed: the address is the one that was agreed
// upon, and what is posted is for its owner. Of an answer little more than its status is read. It is HTTP/1.1 alone, so that
// a hostile server has one connection to misuse and no streams on it.
//
// The package refuses to try again: that is for package delivery.
package post

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/internal/guard"
)

const (
	dialTimeout   = 10 * time.Second
	idleTimeout   = 30 * time.Second
	answerTimeout = 2 * time.Second // of reading the body of an answer
	mostAnswer    = 4 << 10         // bytes of it
	mostHeader    = 64 << 10        // bytes of its header
	mostText      = 200             // runes of what an answer says, for the operator
)

// Options adjust a [Client]. The zero value works.
type Options struct {
	AllowPrivate []netip.Prefix // private ranges that may be dialled
	UserAgent    string         // how we call ourselves; default newswire
	Timeout      time.Duration  // from the request to the header of its answer; default 15 s
}

// Client sends requests. It may be used by many goroutines at once.
type Client struct {
	http    *http.Client
	agent   string
	timeout time.Duration
}

// NewClient makes a Client.
func NewClient(o Options) *Client {
	if o.UserAgent == "" {
		o.UserAgent = "newswire"
	}
	if o.Timeout <= 0 {
		o.Timeout = 15 * time.Second
	}
	dialer := &net.Dialer{Timeout: dialTimeout, Control: guard.New(o.AllowPrivate)}
	transport := &http.Transport{
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    dialTimeout,
		TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{}, // no HTTP/2
		DisableCompression:     true,
		MaxResponseHeaderBytes: mostHeader,
		MaxIdleConnsPerHost:    4,
		MaxIdleConns:           1000,
		IdleConnTimeout:        idleTimeout,
	}
	return &Client{
		http: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		agent: o.UserAgent, timeout: o.Timeout,
	}
}

// Request is what is posted.
type Request struct {
	URL    string
	Header http.Header // is added to
	Body   []byte
}

// Answer is what came back.
type Answer struct {
	Status     int
	RetryAfter time.Duration // zero where the answer does not say
	Text       string        // what an answer that is no success says, on one line; cut
}

// OK says whether the request was accepted.
func (a *Answer) OK() bool { return a.Status >= 200 && a.Status <= 299 }

// String is the answer in words, for the operator.
func (a *Answer) String() string {
	said := "answers " + strconv.Itoa(a.Status)
	if name := http.StatusText(a.Status); name != "" {
		said += " " + name
	}
	if a.Status >= 300 && a.Status <= 399 {
		said += "; redirects are not followed"
	}
	if a.Text != "" {
		said += ": " + a.Text
	}
	return said
}

// errTimeout says that no answer came in time.
var errTimeout = errors.New("no answer in time")

// Post sends a request and reads its answer. An error means that there was none; it says nothing of the address, which may
// hold a secret.
func (c *Client) Post(ctx context.Context, r *Request) (*Answer, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	limit := time.AfterFunc(c.timeout, func() { cancel(errTimeout) })
	defer limit.Stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return nil, bare(err)
	}
	if r.Header != nil {
		request.Header = r.Header
	}
	request.Header.Set("User-Agent", c.agent)
	// A key without a value is not sent. It has net/http try again when the connection turns out to have been closed.
	request.Header["Idempotency-Key"] = nil
	response, err := c.http.Do(request)
	if err != nil {
		if errors.Is(context.Cause(ctx), errTimeout) {
			return nil, fmt.Errorf("%w: %s", errTimeout, c.timeout)
		}
		return nil, bare(err)
	}
	defer response.Body.Close()
	limit.Reset(answerTimeout)
	return newAnswer(response), nil
}

// newAnswer reads an answer. It matters not whether all of its body comes: the status has.
func newAnswer(response *http.Response) *Answer {
	a := &Answer{Status: response.StatusCode}
	body, _ := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	if !a.OK() {
		a.RetryAfter = RetryAfter(response.Header.Get("Retry-After"), time.Now())
		a.Text = textOf(body)
	}
	return a
}

// textOf is what a body says on its first line, as far as it is text.
func textOf(body []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(strings.ToValidUTF8(string(body), "")), "\n")
	line = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, line)
	if line = newswire.Line(line); strings.HasPrefix(line, "<") {
		return "" // a page, which says nothing in its first line
	}
	if runes := []rune(line); len(runes) > mostText {
		return string(runes[:mostText]) + "…"
	}
	return line
}

// mostRetryAfter is the longest that a subscriber is left alone because it asked for that.
const mostRetryAfter = 24 * time.Hour

// RetryAfter reads a field of that name: seconds or a date (RFC 9110 §10.2.3). It is zero for what is neither, and a day for
// more than that.
func RetryAfter(field string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(strings.TrimSpace(field), 10, 63); err == nil {
		return time.Duration(min(seconds, uint64(mostRetryAfter/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(field); err == nil {
		return min(max(0, at.Sub(now)), mostRetryAfter)
	}
	return 0
}

// bare is an error without the address that net/http puts before it.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
