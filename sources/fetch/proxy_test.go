package fetch

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// relay is what the proxies of these tests share: the names that they know, their user, and what they were asked for.
type relay struct {
	names map[string]string // host:port → where that is
	user  string            // user:password that it wants; empty for none
	mu    sync.Mutex        // guards asked
	asked []string
}

func (r *relay) note(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, what)
}

func (r *relay) log() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.asked, ", ")
}

// serve accepts connections until the test ends, and waits for what is done with them.
func (r *relay) serve(t *testing.T, handle func(net.Conn)) (address string) {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var (
		running sync.WaitGroup
		mu      sync.Mutex // guards open
		open    []net.Conn
	)
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, c)
			mu.Unlock()
			running.Go(func() { defer c.Close(); handle(c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		for _, c := range open {
			_ = c.Close()
		}
		mu.Unlock()
		running.Wait()
	})
	return l.Addr().String()
}

// join dials where a name is, and passes on what both sides say.
func join(client net.Conn, in io.Reader, to string) {
	server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", to)
	if err != nil {
		return
	}
	defer server.Close()
	done := make(chan struct{})
	go func() { defer close(done); _, _ = io.Copy(client, server); _ = client.Close() }()
	_, _ = io.Copy(server, in)
	_ = server.Close()
	<-done
}

// socks speaks as much of RFC 1928 and RFC 1929 as a client needs.
func (r *relay) socks(c net.Conn) {
	in := bufio.NewReader(c)
	read := func(n int) []byte {
		b := make([]byte, n)
		_, _ = io.ReadFull(in, b)
		return b
	}
	read(int(read(2)[1])) // the methods of the client
	if r.user == "" {
		_, _ = c.Write([]byte{5, 0})
	} else {
		_, _ = c.Write([]byte{5, 2})
		user := string(read(int(read(2)[1])))
		password := string(read(int(read(1)[0])))
		if user+":"+password != r.user {
			r.note("no access")
			_, _ = c.Write([]byte{1, 1})
			return
		}
		_, _ = c.Write([]byte{1, 0})
	}
	var host string
	switch read(4)[3] {
	case 1:
		host = net.IP(read(4)).String()
	case 3:
		host = string(read(int(read(1)[0])))
	case 4:
		host = net.IP(read(16)).String()
	}
	at := net.JoinHostPort(host, itoa(binary.BigEndian.Uint16(read(2))))
	r.note(at)
	to, known := r.names[at]
	if !known {
		_, _ = c.Write([]byte{5, 4, 0, 1, 0, 0, 0, 0, 0, 0}) // host unreachable
		return
	}
	_, _ = c.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	join(c, in, to)
}

func itoa(n uint16) string {
	return netip.AddrPortFrom(netip.IPv4Unspecified(), n).String()[len("0.0.0.0:"):]
}

// http speaks as much of RFC 9110 as a client of a proxy needs: CONNECT, and whole addresses.
func (r *relay) http(c net.Conn) {
	in := bufio.NewReader(c)
	for {
		request, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		r.note(request.Method + " " + request.Host + strings.TrimSuffix(" "+credentialsOf(request), " "))
		want := "Basic " + base64.StdEncoding.EncodeToString([]byte(r.user))
		if r.user != "" && request.Header.Get("Proxy-Authorization") != want {
			_, _ = io.WriteString(c, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")
			continue
		}
		at := request.Host
		if !strings.Contains(at, ":") {
			at += ":80"
		}
		to, known := r.names[at]
		switch {
		case !known:
			_, _ = io.WriteString(c, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
		case request.Method == http.MethodConnect:
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
			join(c, in, to)
			return
		default:
			r.forward(c, request, to)
		}
	}
}

func (r *relay) forward(c net.Conn, request *http.Request, to string) {
	request.Header.Del("Proxy-Authorization")
	request.URL.Host, request.RequestURI = to, ""
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return
	}
	defer answer.Body.Close()
	_ = answer.Write(c)
}

// proxied are publishers behind a proxy: one without TLS, one with.
type proxied struct {
	relay
	plain  *diary
	secure *gate
	pki    *authority
}

func newProxied(t *testing.T) *proxied {
	t.Helper()
	p := &proxied{plain: newDiary(t, map[string]string{"/inside": "http://10.0.0.1/"}), pki: newAuthority(t)}
	p.secure = newGate(t, p.pki, tls.RequestClientCert, nil)
	address := func(at string) string { return at[strings.Index(at, "://")+3:] }
	p.names = map[string]string{"news.example:80": address(p.plain.URL), "news.example:443": address(p.secure.URL)}
	return p
}

// client is one that goes through a proxy of the kind.
func (p *proxied) client(t *testing.T, kind, user string) *Client {
	t.Helper()
	handle := p.http
	if kind == "socks5" {
		handle = p.socks
	}
	address := p.serve(t, func(c net.Conn) {
		if kind == "https" {
			pair, err := tls.X509KeyPair(p.pki.pair(t, "proxy.example"))
			if err != nil {
				t.Error(err)
			}
			c = tls.Server(c, &tls.Config{
				Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, ClientAuth: tls.RequestClientCert,
				VerifyConnection: func(s tls.ConnectionState) error {
					if len(s.PeerCertificates) > 0 {
						p.note("a certificate of " + s.PeerCertificates[0].Subject.CommonName)
					}
					return nil
				},
			})
		}
		handle(c)
	})
	u := url.URL{Scheme: kind, Host: address}
	if name, password, ok := strings.Cut(user, ":"); ok {
		u.User = url.UserPassword(name, password)
	}
	way, err := ParseProxy(u.String())
	if err != nil {
		t.Fatal(err)
	}
	c := NewClient(Options{Proxy: way, Authorities: p.pki.pool(t), Timeout: 10 * time.Second}).For(Credentials{
		Origin: "https://news.example", Headers: []Field{{"X-Key", NewSecret(planted)}}, Certificate: p.pki.certificate(t, "us"),
	})
	t.Cleanup(c.Close)
	return c
}

func TestPublishersAreReachedByAProxy(t *testing.T) {
	for _, tt := range []struct{ kind, asked string }{
		{"socks5", "news.example:80, news.example:443"},
		{"http", "GET news.example Proxy-Authorization, CONNECT news.example:443 Proxy-Authorization"},
		{"https", "GET news.example Proxy-Authorization, CONNECT news.example:443 Proxy-Authorization"},
	} {
		t.Run(tt.kind, func(t *testing.T) {
			p := newProxied(t)
			p.user = "ann:" + planted + ":x@/"
			c := p.client(t, tt.kind, p.user)
			for range 2 {
				for _, at := range []string{"http://news.example/feed", "https://news.example/feed"} {
					if a, err := c.Get(t.Context(), Request{URL: at}); err != nil || a.Status != http.StatusOK {
						t.Fatalf("%s by %s: %+v, %v", at, tt.kind, a, err)
					}
				}
			}
			if got := p.plain.log(); got != "/feed , /feed " {
				t.Errorf("the origin without TLS sees %q; want no credentials", got)
			}
			if got := p.secure.log(); got != "/feed HTTP/2.0 us X-Key, /feed HTTP/2.0 us X-Key" {
				t.Errorf("the origin with TLS sees %q", got)
			}
			// One connection serves both requests to an origin, but where each request is the proxy's to see.
			if got := strings.Replace(p.log(), ", GET news.example Proxy-Authorization", "", 1); got != tt.asked && tt.kind == "socks5" ||
				strings.Contains(got, planted) || strings.Contains(got, "certificate") {
				t.Errorf("the proxy is asked for %q; want %q", got, tt.asked)
			}
		})
	}
}

func TestAProxyThatRefusesSaysSo(t *testing.T) {
	for _, kind := range []string{"socks5", "http"} {
		p := newProxied(t)
		p.user = "ann:right"
		c := p.client(t, kind, "ann:"+planted)
		_, err := c.Get(t.Context(), Request{URL: "https://news.example/"})
		if !errors.Is(err, ErrProxy) || strings.Contains(err.Error(), planted) {
			t.Errorf("%s: wrong credentials: %v", kind, err)
		}
		if kind == "http" && !strings.Contains(err.Error(), "proxy_env") {
			t.Errorf("%s: wrong credentials: %v; want to be told where they go", kind, err)
		}
		p.user = ""
		c = p.client(t, kind, "")
		if _, err := c.Get(t.Context(), Request{URL: "https://nowhere.example/"}); !errors.Is(err, ErrProxy) {
			t.Errorf("%s: a name that it does not know: %v", kind, err)
		}
	}
}

func TestAProxyThatSaysNothingIsGivenUp(t *testing.T) {
	for _, kind := range []string{"socks5", "http", "https"} {
		address := new(relay).serve(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
		way, err := ParseProxy(kind + "://" + address)
		if err != nil {
			t.Fatal(err)
		}
		c := NewClient(Options{Proxy: way, Timeout: 300 * time.Millisecond})
		began := time.Now()
		if _, err := c.Get(t.Context(), Request{URL: "https://news.example/"}); !errors.Is(err, ErrTimeout) || time.Since(began) > 30*time.Second {
			t.Errorf("%s: %v after %v", kind, err, time.Since(began))
		}
		c.Close()
	}
}

// hidden inside of what the guard cannot see: hosts that a proxy must not be asked for.
var insideHosts = []string{
	"127.0.0.1", "127.0.0.1.", "127.1", "0x7f.1", "0x7f000001", "2130706433", "017700000001", "0", "localhost", "LocalHost", "localhost.", "foo.localhost",
	"localhost.localdomain", "[::1]", "[::ffff:127.0.0.1]", "[fe80::1%25eth0]", "10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "[fd00::1]",
	"[64:ff9b::7f00:1]", "metadata.google.internal", "redis", "printer.local.", "１２７.0.0.1", "ⓛocalhost", "localhost。",
}

func TestAProxyIsNotAskedForWhatIsPrivate(t *testing.T) {
	for _, kind := range []string{"socks5", "http"} {
		p := newProxied(t)
		c := p.client(t, kind, "")
		for _, host := range insideHosts {
			for _, scheme := range []string{"http://", "https://"} {
				if _, err := c.Get(t.Context(), Request{URL: scheme + host + "/"}); !errors.Is(err, ErrPrivate) {
					t.Errorf("%s: %s%s: %v", kind, scheme, host, err)
				}
			}
		}
		if got := p.log(); got != "" {
			t.Errorf("%s: the proxy was asked for %s", kind, got)
		}
		if _, err := c.Get(t.Context(), Request{URL: "http://news.example/inside"}); !errors.Is(err, ErrPrivate) {
			t.Errorf("%s: a redirect to a private address: %v", kind, err)
		}
	}
}

func TestWhatIsAllowedIsAskedForByAProxy(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	r := &relay{names: map[string]string{host: host}}
	way, err := ParseProxy("socks5://" + r.serve(t, r.socks))
	if err != nil {
		t.Fatal(err)
	}
	c := NewClient(Options{Proxy: way, AllowPrivate: loopback})
	defer c.Close()
	if a, err := c.Get(t.Context(), Request{URL: server.URL}); err != nil || a.Status != http.StatusNotFound {
		t.Errorf("an allowed address by a proxy: %+v, %v", a, err)
	}
}

func TestParseProxy(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"socks5://127.0.0.1:9050", "socks5://127.0.0.1:9050"},
		{"socks5h://tor.example", "socks5h://tor.example:1080"},
		{"http://ann:" + planted + "@proxy.example:3128/", "http://proxy.example:3128"},
		{"https://[::1]", "https://[::1]:443"},
		{planted, ""},
		{"socks4://" + planted, ""},
		{"http://", ""},
		{"http://proxy.example/path?" + planted, ""},
		{"http://" + planted + " x@proxy", ""},
		{"socks5://" + strings.Repeat("a", 256) + ":x@proxy", ""},
	} {
		p, err := ParseProxy(tt.in)
		switch {
		case err != nil && (tt.want != "" || strings.Contains(err.Error(), planted)):
			t.Errorf("%s: %v", tt.in, err)
		case err == nil && p.String() != tt.want:
			t.Errorf("%s: %v, want %q", tt.in, p, tt.want)
		}
	}
}
