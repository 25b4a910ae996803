// Package guard keeps what we send to addresses of others out of the operator's own network.
//
//	dialer := &net.Dialer{Control: guard.New(allow)}
//
// It refuses private, loopback, link-local and metadata addresses at dial time, after the name was resolved, so that no
// name, redirect or rebinding leads there. All code that dials an address that a publisher, a hub or a subscriber has given
// dials through it, each time. The package refuses to look at URLs: a name can lead elsewhere a moment later.
package guard

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"

	"code.dny.dev/ssrf"
)

// ErrPrivate says that an address is in a private range that is not allowed.
var ErrPrivate = errors.New("address is private")

// Control looks at an address before anything is sent to it, as [net.Dialer.Control] does.
type Control func(network, address string, c syscall.RawConn) error

var (
	// wireServer answers every machine in Azure, with its secrets, from an address that looks public.
	wireServer = netip.MustParsePrefix("168.63.129.16/32")

	// nat64 leads to the IPv4 address in its last four bytes (RFC 6052 §2.1).
	nat64 = netip.MustParsePrefix("64:ff9b::/96")
)

// New returns a Control that refuses private addresses but those in the allowed ranges; its errors wrap [ErrPrivate]. Ports
// are the choice of the other side. Where an operator allows NAT64, the way to the IPv4 internet of a host that has none,
// what is private there stays private.
func New(allow []netip.Prefix) Control {
	var v4, v6 []netip.Prefix
	for _, p := range allow {
		if p.Addr().Is4() {
			v4 = append(v4, p)
		} else {
			v6 = append(v6, p)
		}
	}
	g := ssrf.New(ssrf.WithAnyPort(), ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...),
		ssrf.WithDeniedV4Prefixes(wireServer))
	return func(network, address string, c syscall.RawConn) error {
		err := g.Safe(network, address, c)
		if at, parseErr := netip.ParseAddrPort(address); err == nil && parseErr == nil && nat64.Contains(at.Addr()) {
			ip := at.Addr().As16()
			err = g.SafeAddr(netip.AddrFrom4([4]byte(ip[12:])))
		}
		if err != nil {
			return fmt.Errorf("%w: %s is in a private range; list the range in fetch.allow_private if it is meant", ErrPrivate, address)
		}
		return nil
	}
}
