package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/net/proxy"
)

// ErrProxy says that the operator's proxy does not do as it is asked.
var ErrProxy = errors.New("the proxy does not let us through")

// proxyWants is what an operator can do about a 407.
const proxyWants = "407 Proxy Authentication Required: it wants credentials; write them into its address (http://user:password@…), " +
	"and that into proxy_env or proxy_file"

// Proxy is by way of which publishers are reached. It resolves their names. It prints without its credentials.
type Proxy struct {
	url *url.URL
}

// ParseProxy reads the address of a proxy: socks5://, http:// or https://, with user:password@ where it wants that. The error
// has nothing of the address in it.
func ParseProxy(address string) (*Proxy, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/" {
		return nil, errors.New("want the address of a proxy, such as socks5://127.0.0.1:9050 or http://proxy.example:3128")
	}
	port, ok := map[string]string{"socks5": "1080", "socks5h": "1080", "http": "80", "https": "443"}[u.Scheme]
	if !ok {
		return nil, errors.New("a proxy's address begins with socks5://, http:// or https://")
	}
	password, _ := u.User.Password()
	if isSOCKS := u.Scheme[0] == 's'; isSOCKS && (len(u.User.Username()) > 255 || len(password) > 255) {
		return nil, errors.New("a SOCKS proxy takes at most 255 bytes of a user's name and of a password (RFC 1929)")
	}
	if u.Port() == "" {
		u.Host = net.JoinHostPort(u.Hostname(), port)
	}
	u.Path = ""
	return &Proxy{u}, nil
}

// String is the proxy's address without its credentials.
func (p *Proxy) String() string { return p.url.Scheme + "://" + p.url.Host }

// use has a transport reach all publishers through the proxy, and none in another way. The guard does not see what a proxy
// dials, so the transport dials the proxy alone, which is the operator's choice wherever it is.
func (p *Proxy) use(t *http.Transport, dialer *net.Dialer) {
	if p.url.Scheme == "socks5" || p.url.Scheme == "socks5h" {
		t.DialContext = p.socks(dialer)
		return
	}
	t.DialContext = dialer.DialContext
	t.DialTLSContext = p.tls(dialer, t.TLSClientConfig) // asked for the proxy's own connection
	t.Proxy = http.ProxyURL(p.url)
	t.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
		switch answer.StatusCode {
		case http.StatusOK:
			return nil
		case http.StatusProxyAuthRequired:
			return fmt.Errorf("%w: %v answers %s", ErrProxy, p, proxyWants)
		}
		return fmt.Errorf("%w: %v answers %d %s", ErrProxy, p, answer.StatusCode, http.StatusText(answer.StatusCode))
	}
}

// dialFunc makes a connection.
type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// socks dials by SOCKS version 5 (RFC 1928). The handshake has the time that a dial has.
func (p *Proxy) socks(dialer *net.Dialer) dialFunc {
	var auth *proxy.Auth
	if p.url.User != nil {
		password, _ := p.url.User.Password()
		auth = &proxy.Auth{User: p.url.User.Username(), Password: password}
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, 2*dialer.Timeout) // the proxy dials, too
		defer cancel()
		socks, err := proxy.SOCKS5("tcp", p.url.Host, auth, dialer)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrProxy, err)
		}
		conn, err := socks.(proxy.ContextDialer).DialContext(ctx, network, address)
		if err != nil {
			return nil, fmt.Errorf("%w: %v: %w", ErrProxy, p, err)
		}
		return conn, nil
	}
}

// tls dials a proxy that speaks TLS itself. It is shown no certificate of a client, for that is the publisher's to see.
func (p *Proxy) tls(dialer *net.Dialer, of *tls.Config) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, 2*dialer.Timeout)
		defer cancel()
		d := tls.Dialer{NetDialer: dialer, Config: &tls.Config{
			RootCAs: of.RootCAs, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}, ServerName: p.url.Hostname(),
		}}
		conn, err := d.DialContext(ctx, network, address)
		if err != nil {
			return nil, fmt.Errorf("%w: %v: %w", ErrProxy, p, err)
		}
		return conn, nil
	}
}

// dialTimeout is how long a connection may take to be made.
func dialTimeout(o *Options) time.Duration { return min(10*time.Second, o.Timeout) }
