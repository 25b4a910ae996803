package guard

import (
	"errors"
	"net/netip"
	"testing"
)

func TestPrivateHostsAreKnownByTheirNames(t *testing.T) {
	for _, tt := range []struct {
		host, allow string
		want        error
	}{
		{"news.example", "", nil},
		{"news.example.", "", nil},
		{"8.8.8.8", "", nil},
		{"2001:4860:4860::8888", "", nil},
		{"bücher.example", "", nil},
		{"abc.onion", "", nil},
		{"host1", "", nil},
		{"10.0.0.1", "", ErrPrivate},
		{"10.0.0.1", "10.0.0.0/8", nil},
		{"::1", "", ErrPrivate},
		{"::1", "::1/128", nil},
		{"::ffff:127.0.0.1", "127.0.0.0/8", nil},
		{"::ffff:127.0.0.1", "", ErrPrivate},
		{"localhost", "", ErrPrivate},
		{"localhost", "127.0.0.0/8", nil},
		{"a.LOCALHOST.", "", ErrPrivate},
		{"127.1", "", ErrPrivate},
		{"127.1", "127.0.0.0/8", ErrPrivate}, // what a proxy makes of that is not known
		{"0x7F000001", "", ErrPrivate},
		{"2130706433", "", ErrPrivate},
		{"news.0x", "", ErrPrivate},
		{"１２７．0．0．1", "", ErrPrivate},
		{"bad\u200b\u0000host\u2028", "", ErrPrivate},
	} {
		var allow []netip.Prefix
		if tt.allow != "" {
			allow = append(allow, netip.MustParsePrefix(tt.allow))
		}
		if err := New(allow).Name(tt.host); !errors.Is(err, tt.want) || (err != nil) != (tt.want != nil) {
			t.Errorf("%q with %q allowed: %v, want %v", tt.host, tt.allow, err, tt.want)
		}
	}
}

func TestNamesOfPrivateNetworksAreKnown(t *testing.T) {
	for host, want := range map[string]bool{
		"metadata.google.internal": true, "METADATA.": true, "metadata.google.ｉnternal": true, "nas。local": true, "redis": true, "printer.local": true, "nas.home.arpa": true, "db.localdomain": true,
		"news.example": false, "internal.example": false, "local.news.example.": false, "abc.onion": false, "10.0.0.1": false, "::1": false,
	} {
		if got := IsInside(host); got != want {
			t.Errorf("%s: %v, want %v", host, got, want)
		}
	}
}
