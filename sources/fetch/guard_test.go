package fetch

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/newswire/newswire/internal/guard"
	"github.com/newswire/newswire/internal/guard/guardtest"
)

// inside is a service on loopback that must not be reached. It listens on IPv4 and, where there is such a thing, IPv6.
type inside struct {
	port     string
	accepted atomic.Int64
}

func newInside(t *testing.T) *inside {
	t.Helper()
	var lc net.ListenConfig
	four, err := lc.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	in := new(inside)
	_, in.port, _ = net.SplitHostPort(four.Addr().String())
	listeners := []net.Listener{four}
	if six, err := lc.Listen(t.Context(), "tcp6", "[::1]:"+in.port); err == nil {
		listeners = append(listeners, six)
	}
	var serving sync.WaitGroup
	for _, l := range listeners {
		serving.Go(func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				in.accepted.Add(1)
				_ = c.Close()
			}
		})
	}
	t.Cleanup(func() {
		for _, l := range listeners {
			_ = l.Close()
		}
		serving.Wait()
	})
	return in
}

// errElsewhere is what the tests' own dialer says of addresses that the guard lets through: none is ever contacted.
var errElsewhere = errors.New("public address: not from a test")

// watched is the guard with nothing allowed, and a door of its own for one publisher. What it lets through besides is
// noted and then refused.
type watched struct {
	publisher string // address and port
	mu        sync.Mutex
	passed    []string
}

func (w *watched) control(network, address string, c syscall.RawConn) error {
	if address == w.publisher {
		return nil
	}
	if err := guard.New(nil)(network, address, c); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.passed = append(w.passed, address)
	return errElsewhere
}

// forms are ways to write an address of the inside.
var forms = []string{
	"127.0.0.1", "127.0.0.2", "127.255.255.254", "localhost", "LOCALHOST", "localhost.",
	"0x7f000001", "0x7F.0.0.1", "0x7f.1", "127.0x0.0.1", "0x0", "0x7f.0x0.0x0.0x1", "0.0.0.0",
	"[::1]", "[0:0:0:0:0:0:0:1]", "[0000:0000:0000:0000:0000:0000:0000:0001]", "[::]",
	"[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]",
	"[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::1]",
	"[::1%25lo]", "[fe80::1%25lo]", "[fd00::1]", "[ff02::1]", "[fec0::1]",
	"10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "169.254.169.254", "198.18.0.1", "192.0.2.1", "203.0.113.1",
	"224.0.0.1", "255.255.255.255", "168.63.129.16", "100.100.100.200",
	"１２７.０.０.１", "１２７。０。０。１", "127。0。0。1", "127．0．0．1", "①②⑦.⓪.⓪.①", "ｌｏｃａｌｈｏｓｔ", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
	"inside.example", "INSIDE.example.", "inside。example", "six.example", "both.example", "mapped.example", "nat64.example",
	"ten.example", "zero.example", "metadata.google.internal", "instance-data.ec2.internal", "127.0.0.1.nip.example",
	"中国.example", "kubernetes.default.svc", "host.docker.internal", "service.with_underscore.local",
	"good.example@127.0.0.1", "good.example:80@127.0.0.1", "good.example%2f@127.0.0.1", "good.example%23@127.0.0.1", "8.8.8.8:80@127.0.0.1",
}

// numbers are neither addresses nor names to Go's resolver. A C library takes some for 127.0.0.1 (inet_aton), and
// then it is the guard that refuses them.
var numbers = []string{"2130706433", "017700000001", "0177.0.0.1", "0177.1", "00000177.0.0.01", "127.1", "127.0.1", "127.00.00.01", "0"}

// malformed are no addresses.
var malformed = []string{"127.0.0.1.", "2130706433.", "127%2e0%2e0%2e1", "%6c%6f%63%61%6c%68%6f%73%74", "%31%32%37.0.0.1"}

// insideNames is a name server that leads to the inside by all of these.
func insideNames() *guardtest.Names {
	answers := map[string][][]string{
		"localhost":                     {{"127.0.0.1"}},
		"inside.example":                {{"127.0.0.1"}},
		"six.example":                   {{"::1"}},
		"both.example":                  {{"127.0.0.1", "::1"}},
		"mapped.example":                {{"::ffff:127.0.0.1"}},
		"nat64.example":                 {{"64:ff9b::7f00:1"}},
		"ten.example":                   {{"10.0.0.1"}},
		"metadata.google.internal":      {{"169.254.169.254"}},
		"instance-data.ec2.internal":    {{"169.254.169.254", "fd00:ec2::254"}},
		"127.0.0.1.nip.example":         {{"127.0.0.1"}},
		"xn--fiqs8s.example":            {{"127.0.0.1"}},
		"kubernetes.default.svc":        {{"10.96.0.1"}},
		"host.docker.internal":          {{"192.168.65.254"}},
		"zero.example":                  {{"0.0.0.0"}},
		"service.with_underscore.local": {{"127.0.0.1"}},
	}
	for _, form := range slices.Concat(forms, numbers) {
		if name := strings.ToLower(form); answers[name] == nil {
			answers[name] = [][]string{{"127.0.0.1"}}
		}
	}
	return guardtest.NewNames(answers)
}

// TestNoFormOfAPrivateAddressIsConnectedTo asks for a service on loopback by every way to write its address that a
// resolver, a browser or a C library is known to understand, directly and by a redirect.
func TestNoFormOfAPrivateAddressIsConnectedTo(t *testing.T) {
	in := newInside(t)
	var target atomic.Value // where the publisher redirects to
	pub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Location"] = []string{target.Load().(string)}
		w.WriteHeader(http.StatusFound)
	}))
	defer pub.Close()
	door := &watched{publisher: strings.TrimPrefix(pub.URL, "http://")}
	ours := newClient(Options{Timeout: time.Minute, Resolver: insideNames().Resolver(t)}, door.control)
	defer ours.Close()
	system := newClient(Options{Timeout: 5 * time.Second}, door.control)
	defer system.Close()

	ask := func(c *Client, host string, want error) {
		t.Helper()
		address := fmt.Sprintf("http://%s:%s/feed", host, in.port)
		target.Store(address)
		for way, from := range map[string]string{"asked for": address, "redirected to": pub.URL} {
			if _, err := c.Get(t.Context(), Request{URL: from}); err == nil || want != nil && !errors.Is(err, want) {
				t.Errorf("%s %s: error %v, want one that is %v", way, host, err, want)
			}
		}
	}
	for _, host := range forms {
		ask(ours, host, ErrPrivate)
	}
	for _, host := range slices.Concat(numbers, malformed) {
		ask(ours, host, nil)
	}
	for _, host := range numbers {
		ask(system, host, nil)
	}
	if n := in.accepted.Load(); n != 0 || len(door.passed) > 0 {
		t.Errorf("%d connections to the inside, let through: %v; want none", n, door.passed)
	}
	t.Logf("%d forms, each directly and by a redirect: %d connections", len(forms)+len(numbers)+len(malformed), in.accepted.Load())
}

// TestAddressesThatReadersDisagreeOnLeadNowhere has addresses that two parsers understand differently. Ours may
// make of them what it likes: the inside is not reached.
func TestAddressesThatReadersDisagreeOnLeadNowhere(t *testing.T) {
	in := newInside(t)
	var target atomic.Value
	pub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/feed" {
			http.NotFound(w, r) // a target that leads back to us
			return
		}
		w.Header()["Location"] = []string{target.Load().(string)}
		w.WriteHeader(http.StatusFound)
	}))
	defer pub.Close()
	dns := guardtest.NewNames(map[string][][]string{"good.example": {{"8.8.8.8"}}})
	door := &watched{publisher: strings.TrimPrefix(pub.URL, "http://")}
	c := newClient(Options{Timeout: time.Minute, Resolver: dns.Resolver(t)}, door.control)
	defer c.Close()
	host := "127.0.0.1:" + in.port
	for _, address := range []string{
		`http://good.example\@` + host + `/`, `http://` + host + `\@good.example/`, `http:\\` + host + `\feed`, `http:/\` + host, `\\` + host,
		`/\` + host, `//` + host + `/feed`, `///` + host + `/feed`, `http:///` + host, `http:` + host, `http://good.example#@` + host + `/`,
		`http://good.example?@` + host + `/`, `http://good.example;@` + host, `http://` + host + "\t/", "http://good.example\r\nHost: " + host,
		`http://[::1]@good.example`, `http://good.example@` + host + `@good.example`, `http://[` + host + `]/`, `http://127.0.0.1:` + in.port + `:80/`,
		`file:///etc/passwd`, `gopher://` + host + `/_GET`, `ftp://` + host + `/`, `unix:///run/x.sock`, `javascript:1`, `data:,x`,
		`http+unix://` + url.PathEscape("/run/docker.sock") + `/`, `http://127.0.0.1%00.good.example/`, `http://127.0.0.1%0d%0a/`, `http://[::1/`, `http://`,
	} {
		target.Store(address)
		for _, from := range []string{address, pub.URL + "/feed"} {
			if a, err := c.Get(t.Context(), Request{URL: from}); err == nil && a.Status != http.StatusNotFound {
				t.Errorf("%q: answer %d from %s, want an error", address, a.Status, a.URL)
			}
		}
	}
	if n := in.accepted.Load(); n != 0 {
		t.Errorf("%d connections to the inside, want none", n)
	}
	for _, a := range door.passed {
		if a != "8.8.8.8:80" { // good.example, which is public
			t.Errorf("%s was let through", a)
		}
	}
}

// TestANameThatTurnsPrivateIsRefused has a name that is public when it is first asked for and private from then on.
func TestANameThatTurnsPrivateIsRefused(t *testing.T) {
	in := newInside(t)
	dns := guardtest.NewNames(map[string][][]string{
		"rebinding.example": {{"8.8.8.8"}, {"127.0.0.1"}},
		"mixed.example":     {{"8.8.8.8", "127.0.0.1"}},
	})
	door := new(watched)
	c := newClient(Options{Timeout: time.Minute, Resolver: dns.Resolver(t)}, door.control)
	defer c.Close()
	at := func(name string) Request { return Request{URL: "http://" + name + ":" + in.port + "/feed"} }
	if _, err := c.Get(t.Context(), at("rebinding.example")); !errors.Is(err, errElsewhere) {
		t.Errorf("first: error %v, want the public address to pass", err)
	}
	for range 3 {
		if _, err := c.Get(t.Context(), at("rebinding.example")); !errors.Is(err, ErrPrivate) {
			t.Errorf("then: error %v, want ErrPrivate", err)
		}
	}
	if _, err := c.Get(t.Context(), at("mixed.example")); err == nil {
		t.Error("a name with a private address among public ones was visited")
	}
	if n := in.accepted.Load(); n != 0 {
		t.Errorf("%d connections to the inside, want none", n)
	}
}

// TestNoProxyOfTheEnvironmentIsUsed: a proxy would resolve names itself, out of the guard's sight.
func TestNoProxyOfTheEnvironmentIsUsed(t *testing.T) {
	proxy := newInside(t)
	for _, key := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"} {
		t.Setenv(key, "http://127.0.0.1:"+proxy.port)
	}
	pub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	defer pub.Close()
	dns := guardtest.NewNames(map[string][][]string{"pub.example": {{"127.0.0.1"}}, "ten.example": {{"10.0.0.1"}}})
	c := NewClient(Options{
		Timeout: time.Minute, Resolver: dns.Resolver(t), AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	})
	defer c.Close()
	address := strings.Replace(pub.URL, "127.0.0.1", "pub.example", 1)
	if u, err := http.ProxyFromEnvironment(httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)); u == nil {
		t.Fatalf("the environment names no proxy for %s (%v): this test would always pass", address, err)
	}
	if _, err := c.Get(t.Context(), Request{URL: address}); err != nil {
		t.Error(err)
	}
	if _, err := c.Get(t.Context(), Request{URL: "http://ten.example/"}); !errors.Is(err, ErrPrivate) {
		t.Errorf("error %v, want ErrPrivate", err)
	}
	if n := proxy.accepted.Load(); n != 0 {
		t.Errorf("the proxy of the environment was asked %d times", n)
	}
}
