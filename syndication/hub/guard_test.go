package hub_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/newswire/newswire/internal/guard/guardtest"
	"github.com/newswire/newswire/syndication/hub"
	"github.com/newswire/newswire/syndication/internal/webtest"
)

// door is a server on an address that callbacks must not reach. It counts connections.
func door(t *testing.T, at string) (port string, opened *atomic.Int64) {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp4", at)
	if err != nil {
		t.Skipf("no listener at %s: %v", at, err)
	}
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port, doorAt(t, l)
}

func doorAt(t *testing.T, l net.Listener) (opened *atomic.Int64) {
	t.Helper()
	opened = new(atomic.Int64)
	server := httptest.NewUnstartedServer(http.HandlerFunc(echo))
	_ = server.Listener.Close()
	server.Listener = l
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return opened
}

func TestCallbackInsideReachesNothing(t *testing.T) {
	port, opened := door(t, "127.0.0.1:0")
	resolver := guardtest.NewNames(map[string][][]string{"inside.example": {{"127.0.0.1"}}, "localhost": {{"127.0.0.1"}}}).Resolver(t)
	f := newFixtureOf(t, &plainText{"one\n"}, hub.Options{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Resolver: resolver})
	for _, host := range []string{
		"127.0.0.1", "localhost", "LOCALHOST", "localhost.", "inside.example", "inside.example.", "127.1", "2130706433", "0x7f000001",
		"0177.0.0.1", "0", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "①②⑦.0.0.1",
		"127.0.0.1%2f.outside.example",
	} {
		form := request("subscribe", "/feeds/all.atom", "http://"+host+":"+port+"/push")
		if code, body := f.ask(form); code != http.StatusAccepted && code != http.StatusBadRequest {
			t.Errorf("callback at %s: %d %s", host, code, body)
		}
	}
	webtest.Until(t, "all were tried", func() bool { return f.Idle() })
	if opened.Load() != 0 || len(f.subs.all()) != 0 {
		t.Errorf("%d connections to the inside, %d subscriptions", opened.Load(), len(f.subs.all()))
	}
}

// doors are two doors with one port, at 127.0.0.2 and at 127.0.0.1.
func doors(t *testing.T) (port string, outside, inside *atomic.Int64) {
	t.Helper()
	for range 20 { // a port that is free at one address need not be at the other
		port, outside = door(t, "127.0.0.2:0")
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", "127.0.0.1:"+port)
		if err == nil {
			return port, outside, doorAt(t, l)
		}
	}
	t.Fatal("no port is free at both addresses")
	return "", nil, nil
}

// A name may lead elsewhere at each delivery.
func TestCallbackThatMovesInsideIsNotFollowed(t *testing.T) {
	port, opened, reached := doors(t)
	dns := guardtest.NewNames(map[string][][]string{"rebinding.example": {{"127.0.0.2"}, {"127.0.0.1"}}})
	topic := &plainText{"one\n"}
	f := newFixtureOf(t, topic, hub.Options{
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}, Resolver: dns.Resolver(t),
	})
	f.accepted(request("subscribe", "/feeds/all.atom", "http://rebinding.example:"+port+"/push"))
	f.subs.await(t, 1)
	f.CloseIdle()
	topic.text = "two\n"
	o := f.deliver()
	if len(o) != 1 || o[0].Err == nil || !strings.Contains(o[0].Err.Error(), "private") {
		t.Errorf("the outcome is %+v; want that the address is private", o)
	}
	if opened.Load() != 1 || reached.Load() != 0 {
		t.Errorf("%d connections to the outside and %d to the inside; want 1 and 0", opened.Load(), reached.Load())
	}
}
