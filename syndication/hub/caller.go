package hub

import (
	"context"
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

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"github.com/newswire/newswire/internal/guard"
	"github.com/newswire/newswire/syndication/delivery/post"
)

const (
	mostRead   = 4 << 10  // bytes of an answer that are read
	mostHeader = 32 << 10 // bytes of its header
)

// caller sends requests to callbacks. It speaks HTTP/1.1 alone: what a hostile server can do to a connection stays with that
// connection.
type caller struct {
	client  *http.Client
	guard   guard.Control
	agent   string
	timeout time.Duration
}

func newCaller(o *Options) *caller {
	control := guard.New(o.AllowPrivate)
	dialer := &net.Dialer{Timeout: min(5*time.Second, o.Timeout), Resolver: o.Resolver, Control: control}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &caller{guard: control, agent: o.UserAgent, timeout: o.Timeout, client: &http.Client{
		Transport: &http.Transport{
			// No proxy: the guard would see the proxy's address instead of the subscriber's.
			DialContext:            dialer.DialContext,
			Protocols:              protocols,
			TLSHandshakeTimeout:    min(5*time.Second, o.Timeout),
			MaxResponseHeaderBytes: mostHeader,
			MaxIdleConns:           1024,
			MaxIdleConnsPerHost:    8,
			IdleConnTimeout:        90 * time.Second,
			DisableCompression:     true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (c *caller) close() { c.client.CloseIdleConnections() }

// check refuses an address that can be no callback, and returns what it is counted with.
func (c *caller) check(address string) (group string, err error) {
	const parameter = "hub.callback"
	u, err := url.Parse(address)
	switch {
	case address == "":
		return "", invalid(parameter, "is missing")
	case len(address) > mostAddress:
		return "", invalid(parameter, "must have at most %d bytes", mostAddress)
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return "", invalid(parameter, "must be an absolute http or https address")
	case u.User != nil:
		return "", invalid(parameter, "must hold no user and password")
	case strings.Contains(address, "#"):
		return "", invalid(parameter, "must hold no fragment")
	}
	port := u.Port()
	if port == "" {
		port = "443"
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", invalid(parameter, "has a port that there is not")
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil {
		network := "tcp6"
		if ip = ip.Unmap(); ip.Is4() {
			network = "tcp4"
		}
		if c.guard(network, net.JoinHostPort(ip.String(), port), nil) != nil {
			return "", invalid(parameter, "must not lead to a private address")
		}
	}
	return groupOf(u.Hostname()), nil
}

// groupOf is what the callbacks of one party are counted under: the registrable domain, or the address; of IPv6 the network,
// of which a party has all addresses.
func groupOf(host string) string {
	if ip, err := netip.ParseAddr(host); err == nil {
		if ip = ip.Unmap().WithZone(""); ip.Is6() {
			network, _ := ip.Prefix(64)
			return network.String()
		}
		return ip.String()
	}
	host = strings.ToLower(strings.TrimRight(host, "."))
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii
	}
	if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return domain
	}
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return '_'
		}
		return r
	}, host)
}

// reply is what a callback answered: its code, what it says of a later attempt, and the beginning of its body.
type reply struct {
	code  int
	after time.Duration // Retry-After; 0 for none
	body  []byte
}

// ask asks a callback to confirm something, or tells it what is denied: its parameters come after those that it has.
func (c *caller) ask(ctx context.Context, callback string, parameters url.Values) (reply, error) {
	u, err := url.Parse(callback)
	if err != nil {
		return reply{}, errors.New("the callback is no address")
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += parameters.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return reply{}, errors.New("the callback is no address")
	}
	return c.do(r)
}

// do sends a request. The error says nothing of the address but its host, for the rest may be secret.
func (c *caller) do(r *http.Request) (reply, error) {
	ctx, cancel := context.WithTimeout(r.Context(), c.timeout)
	defer cancel()
	r.Header.Set("User-Agent", c.agent)
	answer, err := c.client.Do(r.WithContext(ctx))
	if err != nil {
		var failure *url.Error
		if errors.As(err, &failure) {
			err = failure.Err
		}
		return reply{}, fmt.Errorf("%s: %w", r.URL.Host, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, mostRead))
	if err != nil && r.Method == http.MethodGet { // of a delivery the code is all that counts
		return reply{}, fmt.Errorf("%s: %w", r.URL.Host, err)
	}
	return reply{answer.StatusCode, post.RetryAfter(answer.Header.Get("Retry-After"), time.Now()), body}, nil
}

// succeeded says whether a code is 2xx.
func (r *reply) succeeded() bool { return r.code >= 200 && r.code <= 299 }
