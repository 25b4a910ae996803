package fetch

import (
	"fmt"
	"net/netip"
	"syscall"

	"code.dny.dev/ssrf"
)

// controlFunc looks at an address before anything is sent to it, as [net.Dialer.Control] does.
type controlFunc func(network, address string, c syscall.RawConn) error

var (
	// wireServer answers every machine in Azure, with its secrets, from an address that looks public.
	wireServer = netip.MustParsePrefix("168.63.129.16/32")

	// nat64 leads to the IPv4 address in its last four bytes (RFC 6052 §2.1).
	nat64 = netip.MustParsePrefix("64:ff9b::/96")
)

// guard refuses private addresses at dial time, after the name was resolved, so that no name, redirect or rebinding
// leads a visit into the operator's own network. Ports are the publisher's choice. Where an operator allows NAT64, the
// way to the IPv4 internet of a host that has none, what is private there stays private.
func guard(allow []netip.Prefix) controlFunc {
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
			return fmt.Errorf("%w: %s is in a private range; list the range in fetch.allow_private to visit it", ErrPrivate, address)
		}
		return nil
	}
}
