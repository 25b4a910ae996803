package fetch

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// Credentials are what an operator gives us to show to one origin: scheme, host and port. No other origin sees any of it,
// also when a redirect leads there; when another one leads back, they are shown again.
type Credentials struct {
	Origin string // any address of the origin

	User     Secret // RFC 7617, with Password
	Password Secret
	Bearer   Secret // RFC 6750
	Headers  []Field
	Cookies  []Field

	Certificate *Certificate // of the client, for TLS
}

// Field is a header or a cookie with a value that is secret.
type Field struct {
	Name  string
	Value Secret
}

// IsZero says whether there is nothing to show.
func (c *Credentials) IsZero() bool {
	return c.User.IsZero() && c.Password.IsZero() && c.Bearer.IsZero() && len(c.Headers)+len(c.Cookies) == 0 && c.Certificate == nil
}

// Check says what of the credentials cannot be sent. The error has none of them in it.
func (c *Credentials) Check() error {
	var errs []error
	if strings.Contains(c.User.reveal(), ":") {
		errs = append(errs, errors.New("user: there can be no colon in it (RFC 7617)"))
	}
	if !c.Bearer.IsZero() && !c.User.IsZero() {
		errs = append(errs, errors.New("give a user or a bearer token: both go into one header"))
	}
	if c.User.IsZero() != c.Password.IsZero() {
		errs = append(errs, errors.New("a user and a password go together"))
	}
	if !httpguts.ValidHeaderFieldValue(c.Bearer.reveal()) {
		errs = append(errs, errors.New("bearer: it has characters that cannot be sent, such as a line break"))
	}
	for _, h := range c.Headers {
		errs = append(errs, c.checkHeader(h))
	}
	for _, k := range c.Cookies {
		cookie := http.Cookie{Name: k.Name, Value: k.Value.reveal(), Quoted: strings.ContainsAny(k.Value.reveal(), " ,")}
		if cookie.Valid() != nil { // its error quotes the value
			errs = append(errs, fmt.Errorf("cookie %.40q: its name or its value has characters that no cookie has", k.Name))
		}
	}
	return errors.Join(errs...)
}

func (c *Credentials) checkHeader(h Field) error {
	name := http.CanonicalHeaderKey(h.Name)
	switch {
	case !httpguts.ValidHeaderFieldName(h.Name):
		return fmt.Errorf("header %.40q: that is no name of a header", h.Name)
	case !httpguts.ValidHeaderFieldValue(h.Value.reveal()):
		return fmt.Errorf("header %s: its value has characters that cannot be sent, such as a line break", name)
	case name == "Cookie":
		return errors.New("header Cookie: write it as cookies: {NAME: {env: …}}")
	case name == "Authorization" && !(c.User.IsZero() && c.Bearer.IsZero()):
		return errors.New("header Authorization: user and bearer are sent in it; give one of them")
	case slices.Contains(ours, name) || strings.HasPrefix(name, "Proxy-") || strings.HasPrefix(name, "If-"):
		return fmt.Errorf("header %s: that one is not for you to set", name)
	}
	return nil
}

// ours are the headers that this package or HTTP itself writes.
var ours = []string{
	"A-Im", "Accept", "Accept-Encoding", "Connection", "Content-Length", "Expect", "Host", "Keep-Alive", "Range", "Referer", "Te", "Trailer",
	"Transfer-Encoding", "Upgrade", "User-Agent",
}

// For is a client that shows credentials to their origin. It shares the connections of c; where the credentials have a
// certificate, it has connections of its own to that origin.
func (c *Client) For(credentials Credentials) *Client {
	own := *c
	own.private = &private{Credentials: credentials, origin: originOf(credentials.Origin)}
	if credentials.Certificate != nil && c.dial != nil {
		own.private.transport, own.private.http2 = c.newTransport(credentials.Certificate)
	}
	return &own
}

// private is what a client shows to one origin.
type private struct {
	Credentials
	origin    string
	transport *http.Transport // of connections with the certificate; nil without one
	http2     *http2Conns
}

// shows says whether credentials are for an address.
func (p *private) shows(at *url.URL) bool { return p != nil && origin(at) == p.origin }

// addTo puts the credentials into a request. A cookie of the publisher's counts more than the operator's of the same name.
func (p *private) addTo(request *http.Request) {
	switch {
	case !p.User.IsZero():
		request.SetBasicAuth(p.User.reveal(), p.Password.reveal())
	case !p.Bearer.IsZero():
		request.Header.Set("Authorization", "Bearer "+p.Bearer.reveal())
	}
	for _, h := range p.Headers {
		request.Header.Set(h.Name, h.Value.reveal())
	}
	for _, k := range p.Cookies {
		if _, err := request.Cookie(k.Name); err != nil {
			request.AddCookie(&http.Cookie{Name: k.Name, Value: k.Value.reveal()})
		}
	}
}

// Shown says what became of credentials in the request that was answered.
type Shown int

// What can become of them.
const (
	ShownNone     Shown = iota // there are none
	ShownSent                  // they were sent
	ShownWithheld              // they are for another origin than that of the address which answered
)

// originOf is the origin of an address (RFC 6454 §4), empty where it has none.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return origin(u)
}

func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}
