package guard

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// Name refuses a host that can be seen to be private without asking for its address: a private address in any spelling that a
// resolver takes, and the names of the machine itself. It is for what is dialled by a proxy, which resolves names by itself
// and sees another network than ours: which addresses a public-looking name has there is for the proxy to guard.
func (c Control) Name(host string) error {
	host, err := plain(host)
	if err != nil {
		return fmt.Errorf("%w: %q is not the name of a host", ErrPrivate, host)
	}
	address, err := netip.ParseAddr(host)
	last := host[strings.LastIndexByte(host, '.')+1:]
	switch {
	case err == nil:
		network := "tcp4"
		if address = address.Unmap(); address.Is6() {
			network = "tcp6"
		}
		return c(network, netip.AddrPortFrom(address, 80).String(), nil)
	case last == "localhost", host == "localhost.localdomain", host == "ip6-localhost", host == "ip6-loopback":
		return c("tcp4", "127.0.0.1:80", nil)
	case isNumber(last): // 127.1, 0x7f000001, 2130706433: addresses to some resolvers
		return fmt.Errorf("%w: %q is a number: write an address in the usual form", ErrPrivate, host)
	}
	return nil
}

// IsInside says whether a name is one that only a private network gives: a name without a dot, or one under a domain that is
// set aside for such networks (RFC 6762, RFC 8375, and .internal). No publisher is there for all to read; a cloud's secrets are.
func IsInside(host string) bool {
	host, err := plain(host)
	if err != nil {
		return true
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return false
	}
	if !strings.Contains(host, ".") {
		return true
	}
	return slices.ContainsFunc(insideDomains, func(domain string) bool { return strings.HasSuffix(host, domain) })
}

var insideDomains = []string{".internal", ".local", ".localdomain", ".home.arpa"}

// plain is a host's name as a proxy is asked for it by net/http, in lower case and without a dot at its end.
func plain(host string) (string, error) {
	if strings.IndexFunc(host, func(r rune) bool { return r > 127 }) >= 0 {
		ascii, err := idna.Lookup.ToASCII(host)
		if err != nil {
			return host, err
		}
		host = ascii
	}
	return strings.TrimSuffix(strings.ToLower(host), "."), nil
}

// isNumber says whether the last label of a host makes it an address.
func isNumber(label string) bool {
	digits, of := label, "0123456789"
	if hex, ok := strings.CutPrefix(label, "0x"); ok {
		digits, of = hex, "0123456789abcdef"
	}
	return label != "" && strings.Trim(digits, of) == ""
}
