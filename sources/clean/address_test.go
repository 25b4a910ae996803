package clean

import (
	"net/url"
	"strings"
	"testing"
)

var settledAddresses = []struct {
	address string
	want    bool
}{
	{"https://x.example", true},
	{"http://x.example:8080/a/b.html?c=d&e=/f//g/../h?i", true},
	{"https://medium.example/@ann/it:is;so,=-_~", true},
	{"https://x.example/a/", true},
	{"https:///a", false},
	{"https://x.example:/a", false},
	{"https://x.example:80a/", false},
	{"https://x.example?a", false},
	{"https://user@x.example/", false},
	{"https://[::1]/", false},
	{"https://x.example/a%20b", false},
	{"https://x.example/a b", false},
	{"https://x.example/#a", false},
	{"https://x.example//a", false},
	{"https://x.example/a/../b", false},
	{"https://x.example/a/.b", false},
	{"https://x.example/ü", false},
	{"HTTPS://x.example/", false},
	{"ftp://x.example/", false},
	{"//x.example/", false},
	{"/a", false},
	{"", false},
}

func TestSettledAddressesAreThoseThatStayAsTheyAre(t *testing.T) {
	for _, tt := range settledAddresses {
		if got := isSettled(tt.address); got != tt.want {
			t.Errorf("isSettled(%q) = %v, want %v", tt.address, got, tt.want)
		}
		checkAddress(t, tt.address)
	}
}

// checkAddress holds the short ways of Address and of the gate to the long ones.
func checkAddress(t *testing.T, ref string) {
	t.Helper()
	if isSettled(ref) {
		if u, err := url.Parse(ref); err != nil || u.String() != ref {
			t.Errorf("called settled: %q, which net/url writes as %v (%v)", ref, u, err)
		}
		if got := resolved(nil, ref); got != ref && len(ref) <= maxAddress {
			t.Errorf("called settled: %q, of which comes %q", ref, got)
		}
	}
	ref = strings.TrimSpace(ref)
	if ref == "" || len(ref) > maxAddress {
		return
	}
	for _, base := range []*url.URL{nil, {Scheme: "https", Host: "x.example:81", Path: "/a/b"}, {Scheme: "http", Host: "ü.example"}, {Scheme: "mailto", Opaque: "a@b.example"}, {Scheme: "HTTP", Host: "h", User: url.User("u")}} {
		if got, want := Address(base, ref), resolved(base, ref); got != want {
			t.Errorf("Address(%v, %q) = %q; the long way gives %q", base, ref, got, want)
		}
	}
}

func FuzzAddress(f *testing.F) {
	for _, tt := range settledAddresses {
		f.Add(tt.address)
	}
	for _, ref := range []string{"/a/b?c=d", "//a", "/./a", "/..", "/a//b", "a", "?a", "#a", "/a:b", "/%41"} {
		f.Add(ref)
	}
	f.Fuzz(func(t *testing.T, ref string) {
		checkAddress(t, ref)
		checkAddress(t, "https://x.example/"+ref)
	})
}
