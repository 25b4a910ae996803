package redistest

import (
	"io"
	"net"
	"sync"
	"testing"
)

// Relay is the way from one client to a server, which a test can cut. Make one with [StartRelay].
type Relay struct {
	listener net.Listener
	to       string // address of the server

	mu    sync.Mutex // guards what follows
	state relayState
	conns map[net.Conn]bool
	open  chan struct{} // closed while bytes pass
}

// relayState is what becomes of bytes and connections.
type relayState int

const (
	passing relayState = iota
	hanging            // connections are accepted and stay open, and nothing passes
	cut                // connections end
)

// StartRelay starts a relay to a server, and ends it with the test.
func StartRelay(t testing.TB, s *Server) *Relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("redistest: start a relay: %v", err)
	}
	r := &Relay{listener: l, to: s.Addr, conns: map[net.Conn]bool{}, open: make(chan struct{})}
	close(r.open)
	var running sync.WaitGroup
	running.Go(func() { r.accept(&running) })
	t.Cleanup(func() {
		_ = l.Close()
		r.Cut()
		running.Wait()
	})
	return r
}

// URL is the address of the server by way of the relay.
func (r *Relay) URL() string { return "redis://" + r.listener.Addr().String() }

// Hang has no byte pass in either direction until Mend, as a network does that drops packets.
func (r *Relay) Hang() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state == passing {
		r.open = make(chan struct{})
	}
	r.state = hanging
}

// Cut ends all connections, and each new one at once, until Mend.
func (r *Relay) Cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.resume(cut)
	for c := range r.conns {
		_ = c.Close()
	}
}

// Mend has bytes pass again. Those that were sent while the relay hung arrive.
func (r *Relay) Mend() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.resume(passing)
}

// resume ends a Hang.
func (r *Relay) resume(next relayState) {
	if r.state == hanging {
		close(r.open)
	}
	r.state = next
}

func (r *Relay) accept(running *sync.WaitGroup) {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", r.to)
		if err != nil || !r.keep(client, server) {
			_ = client.Close()
			if err == nil {
				_ = server.Close()
			}
			continue
		}
		running.Go(func() { r.pass(client, server) })
		running.Go(func() { r.pass(server, client) })
	}
}

// keep notes the two ends of a connection, unless the relay is cut.
func (r *Relay) keep(ends ...net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state == cut {
		return false
	}
	for _, c := range ends {
		r.conns[c] = true
	}
	return true
}

// pass takes bytes from one end to the other until one of them closes.
func (r *Relay) pass(from, to net.Conn) {
	_, _ = io.Copy(gate{r, to}, from)
	_, _ = from.Close(), to.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, from)
}

// gate is the end that bytes go to, when the relay lets them pass.
type gate struct {
	relay *Relay
	net.Conn
}

func (g gate) Write(p []byte) (int, error) {
	g.relay.mu.Lock()
	open := g.relay.open
	g.relay.mu.Unlock()
	<-open
	return g.Conn.Write(p)
}
