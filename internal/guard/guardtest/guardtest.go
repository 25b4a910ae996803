// Package guardtest has names lead where a test wants them to, for all that dials through package guard.
//
//	names := guardtest.NewNames(map[string][][]string{"rebinding.example": {{"127.0.0.2"}, {"127.0.0.1"}}})
//	client := newClient(Options{Resolver: names.Resolver(t)})
package guardtest

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// Names is a name server on loopback.
type Names struct {
	mu      sync.Mutex // guards answers
	answers map[string][][]string
}

// NewNames makes a name server. It knows the sets of addresses of some names. Of a name with several sets each question for
// IPv4 addresses takes one, the last of them for ever. A name with none does not exist.
func NewNames(answers map[string][][]string) *Names { return &Names{answers: answers} }

// Resolver starts the name server, which ends with the test.
func (n *Names) Resolver(t *testing.T) *net.Resolver {
	t.Helper()
	var lc net.ListenConfig
	conn, err := lc.ListenPacket(t.Context(), "udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		buf := make([]byte, 1500)
		for {
			size, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:size]) == nil && len(m.Questions) == 1 {
				_, _ = conn.WriteTo(n.answer(m), from) // a question whose answer is lost is asked again
			}
		}
	})
	t.Cleanup(func() {
		_ = conn.Close()
		serving.Wait()
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp4", conn.LocalAddr().String())
	}}
}

func (n *Names) answer(m dnsmessage.Message) []byte {
	q := m.Questions[0]
	m.Response, m.Authoritative, m.Additionals = true, true, nil
	n.mu.Lock()
	name := strings.ToLower(strings.TrimSuffix(q.Name.String(), "."))
	sets := n.answers[name]
	if len(sets) > 1 && q.Type == dnsmessage.TypeA {
		n.answers[name] = sets[1:]
	}
	n.mu.Unlock()
	if len(sets) == 0 {
		m.RCode = dnsmessage.RCodeNameError
	} else {
		for _, a := range sets[0] {
			ip := netip.MustParseAddr(a)
			h := dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, Type: q.Type}
			switch {
			case ip.Is4() && q.Type == dnsmessage.TypeA:
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AResource{A: ip.As4()}})
			case ip.Is6() && q.Type == dnsmessage.TypeAAAA:
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
			}
		}
	}
	b, err := m.Pack()
	if err != nil {
		panic(err)
	}
	return b
}
