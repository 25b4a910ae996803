package fetch

//lint:file-ignore SA1019 x/net/http2 points to net/http, whose HTTP/2 takes no connection of ours; http2Conns says why that matters

import (
	"crypto/tls"
	"errors"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/net/http2"
)

// http2Conns are the connections on which HTTP/2 is spoken. They are made by x/net/http2, one by one, and not by net/http
// and its copy of that package: so that a guard (frames.go) sees first what a server sends, and so that a request that a
// server refuses is not made again behind our back. In net/http one hostile connection can hold up those to all other
// servers, for they are in a pool with one mutex.
type http2Conns struct {
	transport *http2.Transport

	mu   sync.Mutex // guards open
	open map[*http2Conn]bool
}

// speakHTTP2 has a transport offer HTTP/2 to servers, and speak it with those that accept.
func speakHTTP2(t *http.Transport) *http2Conns {
	c := &http2Conns{open: map[*http2Conn]bool{}, transport: &http2.Transport{
		DisableCompression: t.DisableCompression,
		IdleConnTimeout:    t.IdleConnTimeout,
		MaxHeaderListSize:  uint32(t.MaxResponseHeaderBytes), //nolint:gosec // a constant, and small
		MaxReadFrameSize:   maxFrame,
		// A server that sends and does not read fills the connection with our acknowledgements; the request would wait
		// for room to say that it has been called off.
		WriteByteTimeout: t.TLSHandshakeTimeout,
	}}
	t.TLSClientConfig = &tls.Config{NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12}
	t.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{"h2": c.start}
	return c
}

// start starts to speak HTTP/2 on a connection.
func (c *http2Conns) start(_ string, tlsConn *tls.Conn) http.RoundTripper {
	conn := &http2Conn{}
	guarded := newFrames(tlsConn, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		conn.closed = true
		conn.client.Store(nil)
		delete(c.open, conn)
	})
	client, err := c.transport.NewClientConn(guarded)
	if err != nil {
		_ = guarded.Close()
		return failed{err}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !conn.closed {
		conn.client.Store(client)
		c.open[conn] = true
	}
	return conn
}

// closeIdle closes the connections on which nothing is under way.
func (c *http2Conns) closeIdle() {
	c.mu.Lock()
	open := slices.Collect(maps.Keys(c.open))
	c.mu.Unlock()
	for _, conn := range open {
		client := conn.client.Load()
		if client == nil {
			continue
		}
		if s := client.State(); s.StreamsActive+s.StreamsReserved == 0 {
			_ = client.Close()
		}
	}
}

// http2Conn is one connection, to which net/http hands the requests to a host.
type http2Conn struct {
	client atomic.Pointer[http2.ClientConn] // nil once it is closed: net/http keeps us until the host is visited again
	used   atomic.Bool
	closed bool // guarded by http2Conns.mu
}

// RoundTrip makes a request. A connection that was used before may have been closed meanwhile; then net/http makes
// another. One that is new and cannot be used is a failure, or there would be no end of new ones.
func (c *http2Conn) RoundTrip(r *http.Request) (*http.Response, error) {
	used, client := c.used.Swap(true), c.client.Load()
	switch {
	case used && (client == nil || !client.CanTakeNewRequest()):
		return nil, closedError{}
	case client == nil:
		return nil, errClosed
	}
	return client.RoundTrip(r)
}

// errClosed says that a server accepts no request.
var errClosed = errors.New("the server closes the connection before the request")

// closedError says that a connection was closed while no request needed it. net/http knows it by its method.
type closedError struct{}

func (closedError) Error() string             { return "the connection was closed" }
func (closedError) IsHTTP2NoCachedConnError() {}

// failed is a connection on which HTTP/2 could not begin. net/http asks it why.
type failed struct{ err error }

func (f failed) RoundTripErr() error { return f.err }

func (f failed) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }
