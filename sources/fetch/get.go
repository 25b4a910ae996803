package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/newswire/newswire"
)

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

	// Known is asked whether what an answer has in Sent is known, where that is a document; what is known is not inflated. Nil knows
	// nothing.
	Known func(*Answer) bool

	form url.Values // to be posted; nil for a Get
}

// Answer is what a publisher answered, with any status.
type Answer struct {
	Status     int    // 200, 226, 304, 404, …; a redirect only when it came with Retry-After
	URL        string // the address that answered, after redirects, without credentials
	MovedTo    string // where the request's URL moved for good: the last target of an unbroken row of 301s and 308s; or empty
	Header     http.Header
	Body       []byte // of a 200 or 226, inflated, and the beginning of any to a Post; nil otherwise, and where Same is set
	Sent       Sent   // of a 200 or 226, where the request has a Known
	Same       bool   // the request's Known knows what was sent
	Validators newswire.Validators
	Shown      Shown // whether credentials were sent there
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
	return c.send(ctx, r)
}

// Post sends a form, and follows the redirects that keep its method and body (307 and 308, RFC 9110 §15.4). The request's
// validators are not sent. It is not sent twice, unless by a redirect. Errors are as those of Get.
func (c *Client) Post(ctx context.Context, r Request, form url.Values) (_ *Answer, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("post to %s: %w", Redact(r.URL), explain(err))
		}
	}()
	r.Validators, r.ValidFor, r.form = newswire.Validators{}, "", form
	return c.send(ctx, r)
}

// send sends a request, and again to where redirects lead.
func (c *Client) send(ctx context.Context, r Request) (*Answer, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.options.Timeout, c.late)
	defer cancel()

	w, err := c.newWalk(r)
	if err != nil {
		return nil, err
	}
	for hops := 0; ; hops++ {
		response, err := w.ask(ctx)
		if err != nil {
			return nil, err
		}
		// A redirect with Retry-After (RFC 9110 §10.2.3) says "elsewhere, but not now": a detour during maintenance.
		if !w.isRedirect(response.StatusCode) || response.Header.Get("Retry-After") != "" {
			return w.answer(ctx, response)
		}
		closeBody(response)
		if err := w.follow(response); err != nil {
			return nil, err
		}
		if hops == c.options.MaxRedirects {
			return nil, fmt.Errorf("%w: more than %d", ErrRedirects, c.options.MaxRedirects)
		}
	}
}

// walk is a Get under way, from one address to the next.
type walk struct {
	*Client
	Request
	credentials *url.Userinfo  // of the request's URL
	origin, at  *url.URL       // where it began, and where it is; neither has credentials
	cookies     http.CookieJar // of this walk alone; nil before the first
	asked       []string       // the requests so far: an address and the cookies that went with it
	moved       string         // as in Answer.MovedTo
	permanent   bool           // all redirects were, so far
}

func (c *Client) newWalk(r Request) (*walk, error) {
	at, err := url.Parse(r.URL)
	if err != nil {
		return nil, errors.New("not a web address")
	}
	credentials := at.User
	at.User = nil // from here on no address has a secret in it
	return &walk{Client: c, Request: r, credentials: credentials, origin: at, at: at, permanent: true}, nil
}

// ask sends the request for the address where the walk is.
func (w *walk) ask(ctx context.Context) (*http.Response, error) {
	if w.Allow != nil {
		if err := w.Allow(ctx, w.at); err != nil {
			return nil, err
		}
	}
	if err := w.refused(w.at.Hostname()); err != nil {
		return nil, w.redirected(err)
	}
	request, err := w.request(ctx)
	if err != nil {
		return nil, err
	}
	this := request.URL.String() + " " + request.Header.Get("Cookie")
	if slices.Contains(w.asked, this) {
		return nil, fmt.Errorf("%w: in a circle, by way of %s", ErrRedirects, Redact(w.at.String()))
	}
	w.asked = append(w.asked, this)
	response, err := w.carrier().RoundTrip(request)
	if err != nil {
		return nil, w.redirected(inTime(ctx, err))
	}
	w.remember(response)
	if response.StatusCode == http.StatusSwitchingProtocols { // what follows has no end, and knows no context
		closeBody(response)
		return nil, errors.New("the server switches protocols unasked")
	}
	return response, nil
}

// carrier carries the request for the address where the walk is.
func (w *walk) carrier() http.RoundTripper {
	if w.private.shows(w.at) && w.private.transport != nil {
		return w.private.transport
	}
	return w.transport
}

// shown says whether credentials go to the address where the walk is.
func (w *walk) shown() Shown {
	switch {
	case w.private == nil && w.credentials == nil:
		return ShownNone
	case w.private.shows(w.at), w.credentials != nil && sameOrigin(w.at, w.origin):
		return ShownSent
	}
	return ShownWithheld
}

// remember has the cookies of an answer sent to where it leads. Some publishers redirect until their cookie comes back.
func (w *walk) remember(response *http.Response) {
	cookies := response.Cookies()
	if len(cookies) == 0 || !w.isRedirect(response.StatusCode) {
		return
	}
	if w.cookies == nil {
		jar, err := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
		if err != nil {
			return // never: it depends on the options alone
		}
		w.cookies = jar
	}
	w.cookies.SetCookies(w.at, cookies[:min(len(cookies), maxCookies)])
}

// maxCookies bounds how many cookies of an answer are sent back.
const maxCookies = 50

// redirected is an error that names where it was met, if a redirect led there.
func (w *walk) redirected(err error) error {
	if w.at.Host == w.origin.Host {
		return err
	}
	return fmt.Errorf("redirected to %s: %w", Redact(w.at.String()), err)
}

// inTime is the error of a request, or that it took too long.
func inTime(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, ErrTimeout) {
		return cause
	}
	return err
}

// follow goes where a redirect leads.
func (w *walk) follow(response *http.Response) error {
	location, status := response.Header.Get("Location"), response.StatusCode
	next, err := w.at.Parse(location)
	if err != nil || location == "" {
		return fmt.Errorf("%w: %d without a usable Location", ErrRedirects, status)
	}
	if next.Scheme != "http" && next.Scheme != "https" || next.Hostname() == "" {
		return fmt.Errorf("%w: %d to something that is not a web page", ErrRedirects, status)
	}
	next.User, next.Fragment = nil, ""
	w.permanent = w.permanent && (status == http.StatusMovedPermanently || status == http.StatusPermanentRedirect)
	if w.permanent {
		w.moved = next.String()
	}
	w.at = next
	return nil
}

// request makes the request for the address where the walk is.
func (w *walk) request(ctx context.Context) (*http.Request, error) {
	address, method, body := w.at.String(), http.MethodGet, io.Reader(nil)
	if w.form != nil {
		method, body = http.MethodPost, strings.NewReader(w.form.Encode())
	}
	request, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, errors.New("not a web address")
	}
	if w.form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	h := request.Header
	h.Set("User-Agent", userAgent(w.options.UserAgent, w.Subscribers))
	h.Set("Accept", accept)
	h.Set("Accept-Encoding", acceptEncoding)
	if address == w.ValidFor {
		// Both validators go out verbatim: RFC 9110 §13.2.2 has the server prefer the ETag.
		setRaw(h, "If-None-Match", w.Validators.ETag)
		setRaw(h, "If-Modified-Since", w.Validators.LastModified)
		if w.Validators != (newswire.Validators{}) {
			h.Set("A-IM", "feed") // RFC 3229: just what is new will do
		}
	}
	if w.cookies != nil {
		for _, cookie := range w.cookies.Cookies(w.at) {
			request.AddCookie(cookie)
		}
	}
	// Credentials in the configured address are for its origin alone; a redirect's own are never used.
	if w.credentials != nil && sameOrigin(w.at, w.origin) {
		password, _ := w.credentials.Password()
		request.SetBasicAuth(w.credentials.Username(), password)
	}
	if w.private.shows(w.at) {
		w.private.addTo(request)
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

// answer is what the address where the walk is answered.
func (w *walk) answer(ctx context.Context, response *http.Response) (*Answer, error) {
	defer closeBody(response)
	a := &Answer{
		Status:  response.StatusCode,
		URL:     w.at.String(),
		MovedTo: w.moved,
		Header:  response.Header,
		Shown:   w.shown(),
		Validators: newswire.Validators{
			ETag:         response.Header.Get("Etag"),
			LastModified: response.Header.Get("Last-Modified"),
		},
	}
	if w.form != nil {
		a.Body = w.beginning(response)
		return a, nil
	}
	if a.Status != http.StatusOK && a.Status != http.StatusIMUsed {
		return a, nil
	}
	if err := w.document(a, response); err != nil {
		return nil, w.redirected(inTime(ctx, err))
	}
	return a, nil
}

// maxBeginning bounds what is read of an answer to a form: enough to tell what was wrong with it.
const maxBeginning = 1 << 10

// beginning is how the body of an answer begins, where that can be read.
func (w *walk) beginning(response *http.Response) []byte {
	if response.Header.Get("Content-Encoding") != "" {
		return nil
	}
	body, _ := io.ReadAll(io.LimitReader(response.Body, maxBeginning))
	return body
}

// closeBody closes a body, after reading the rest of a small one so that the connection can be used again.
func closeBody(response *http.Response) {
	if response.ContentLength > 0 && response.ContentLength <= 4<<10 {
		_, _ = io.CopyN(io.Discard, response.Body, response.ContentLength)
	}
	_ = response.Body.Close()
}

// isRedirect says whether a status sends the request elsewhere.
func (w *walk) isRedirect(status int) bool {
	switch status {
	case http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther:
		return w.form == nil
	}
	return false
}

func sameOrigin(a, b *url.URL) bool {
	return origin(a) == origin(b)
}

// setRaw sets a header to the very bytes that the publisher gave, where there are any.
func setRaw(h http.Header, key, value string) {
	if value != "" {
		h[key] = []string{value}
	}
}

// explain takes the address out of what net/http reports, since there may be secrets in it, names the sentinel, and says
// what can be done about it.
func explain(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	var (
		ne net.Error
		re tls.RecordHeaderError
		ua x509.UnknownAuthorityError
	)
	switch {
	case !errors.Is(err, ErrTimeout) && (errors.As(err, &ne) && ne.Timeout() || errors.Is(err, context.DeadlineExceeded)):
		return fmt.Errorf("%w: %w", ErrTimeout, err)
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &re) && string(re.RecordHeader[:]) == "HTTP/":
		return errors.New("the server speaks plain HTTP there: write http:// for https:// in the url, or another port")
	case errors.As(err, &ua):
		return fmt.Errorf("%w: if that is an authority of yours, name its file in tls: {ca_file: …}", err)
	case wantsCertificate(err):
		return fmt.Errorf("%w: it may be that the server wants a certificate of ours, or another one: tls: {cert_file: …, key_file: …}", err)
	case strings.Contains(err.Error(), `malformed HTTP response "\x15\x03`): // a TLS alert
		return errors.New("the server speaks TLS there: write https:// for http:// in the url, or another port")
	}
	return err
}

// wantsCertificate says whether a server ends a connection because of a client's certificate, or for want of one.
func wantsCertificate(err error) bool {
	var remote *net.OpError // tls makes one of an alert, whose own type has no name there
	if !errors.As(err, &remote) || remote.Op != "remote error" {
		return false
	}
	return slices.ContainsFunc(certificateAlerts, func(alert tls.AlertError) bool { return strings.HasSuffix(alert.Error(), remote.Err.Error()) })
}

// certificateAlerts are those of RFC 8446 §6.2 that a client's certificate, or the lack of one, brings: handshake_failure,
// bad_certificate, unknown_ca, access_denied and certificate_required.
var certificateAlerts = []tls.AlertError{40, 42, 48, 49, 116}

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
