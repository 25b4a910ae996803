package guard

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestTheGuardTellsPrivateFromPublic(t *testing.T) {
	private := []string{
		"0.0.0.0", "0.1.2.3", // this network
		"10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255", // RFC 1918
		"100.64.0.1", "100.127.255.254", // shared by carriers
		"127.0.0.1", "127.0.0.2", "127.255.255.254",
		"169.254.0.1", "169.254.169.254", "169.254.170.2", "169.254.169.123", // link-local, and what clouds keep there
		"100.100.100.200", "192.0.0.192", "168.63.129.16", // metadata of Alibaba, Oracle and Azure
		"192.0.0.1", "192.0.0.8", "192.0.0.170", "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.175.48.1",
		"192.0.2.1", "198.51.100.1", "203.0.113.1", // documentation
		"198.18.0.1", "198.19.255.255", // benchmarks
		"224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::127.0.0.1", "::10.0.0.1", // unspecified, loopback, IPv4-compatible
		"::ffff:127.0.0.1", "::ffff:8.8.8.8", // IPv4-mapped: the dialer unwraps these; as IPv6 no server listens there
		"::ffff:0:127.0.0.1",                                                                              // IPv4-translated
		"64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b::808:808", "64:ff9b:1::7f00:1", "64:ff9b:1:ffff::1", // NAT64
		"100::1", "100:0:0:1::1", // discard
		"2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "2001:20::1", // Teredo, benchmarks, ORCHID
		"2001:db8::1", "3fff::1", // documentation
		"2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::1", // 6to4
		"2620:4f:8000::1", "4000::1", "5f00::1", "8000::1",
		"fc00::1", "fd00::1", "fd00:ec2::254", "fd20:ce::254", // unique local, and metadata of Amazon and Google
		"fe80::1", "fe80::1%lo", "fe80::a9fe:a9fe%eth0", "febf::1", "fec0::1", // link-local and site-local
		"ff01::1", "ff02::1", "ff02::1%eth0", "ff05::2", "ff0e::1",
	}
	public := []string{
		"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
		"168.63.129.15", "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
		"198.20.0.0", "223.255.255.255", "2001:4860:4860::8888", "2606:4700:4700::1111", "2a00::1", "2003::1",
	}
	check := New(nil)
	for _, a := range slices.Concat(private, public) {
		ip := netip.MustParseAddr(a)
		network := "tcp4"
		if ip.Is6() {
			network = "tcp6"
		}
		for _, port := range []uint16{80, 443, 8080, 22, 6379} {
			err := check(network, netip.AddrPortFrom(ip, port).String(), nil)
			if want := slices.Contains(private, a); errors.Is(err, ErrPrivate) != want {
				t.Errorf("%s, port %d: error %v, want private: %v", a, port, err, want)
			}
		}
	}
	for _, junk := range [][2]string{{"tcp4", "localhost:80"}, {"tcp4", "127.1:80"}, {"tcp4", ""}, {"udp4", "8.8.8.8:53"}, {"unix", "/run/x"}} {
		if err := check(junk[0], junk[1], nil); !errors.Is(err, ErrPrivate) {
			t.Errorf("%s %q: error %v, want it refused", junk[0], junk[1], err)
		}
	}
}

func TestWhatIsAllowedIsThatRangeAlone(t *testing.T) {
	for _, tt := range []struct {
		allow, address string
		want           error
	}{
		{"127.0.0.0/8", "127.3.2.1:80", nil},
		{"127.0.0.0/8", "[::1]:80", ErrPrivate},
		{"10.1.0.0/16", "10.1.255.255:80", nil},
		{"10.1.0.0/16", "10.2.0.0:80", ErrPrivate},
		{"::1/128", "[::1]:80", nil},
		{"::1/128", "127.0.0.1:80", ErrPrivate},
		{"fd00::/8", "[fd12::1]:80", nil},
		{"168.63.129.16/32", "168.63.129.16:80", nil},
		{"64:ff9b::/96", "[64:ff9b::808:808]:80", nil},
		{"64:ff9b::/96", "[64:ff9b::7f00:1]:80", ErrPrivate}, // 127.0.0.1 behind the translator
		{"64:ff9b::/96", "[64:ff9b::a9fe:a9fe]:80", ErrPrivate},
	} {
		network := "tcp4"
		if strings.HasPrefix(tt.address, "[") {
			network = "tcp6"
		}
		err := New([]netip.Prefix{netip.MustParsePrefix(tt.allow)})(network, tt.address, nil)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s with %s allowed: error %v, want %v", tt.address, tt.allow, err, tt.want)
		}
	}
}
