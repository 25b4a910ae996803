package clean

import (
	"net/url"
	"strings"

	"golang.org/x/net/idna"

	"github.com/newswire/newswire/sources/internal/byteset"
)

// maxAddress is longer than any address that browsers and proxies agree to handle.
const maxAddress = 8192

// Address resolves a reference against a base, which may be nil, and returns it as an absolute http or https URI in
// ASCII (RFC 3986 §5), or an empty string where it is not one. Real references hold spaces, line breaks, unescaped
// percent signs and letters of any script; these are escaped, and what is well-formed comes back unchanged.
func Address(base *url.URL, ref string) string {
	ref = strings.TrimSpace(ref)
	if ref == "" || len(ref) > maxAddress {
		return ""
	}
	if isSettled(ref) {
		return ref
	}
	if base != nil && base.Opaque == "" && ref[0] == '/' {
		if address := base.Scheme + "://" + base.Host + ref; isSettled(address) {
			return address
		}
	}
	return resolved(base, ref)
}

// resolved is Address of any reference that is not empty.
func resolved(base *url.URL, ref string) string {
	u, err := url.Parse(escape(ref))
	if err != nil {
		return ""
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	u.Scheme = strings.ToLower(u.Scheme)
	if u.Scheme != "http" && u.Scheme != "https" || u.Opaque != "" {
		return ""
	}
	if u.Host, err = asciiHost(u.Host); err != nil {
		return ""
	}
	u.User = nil // credentials are not ours to pass on
	return u.String()
}

// isSettled says quickly of most absolute web addresses that they are written as net/url would write them, so that there
// is nothing to resolve, escape or refuse. It doubts what could be written in two ways: credentials, percent signs,
// dots and slashes that a path could do without, fragments.
func isSettled(address string) bool {
	rest, ok := strings.CutPrefix(address, "https://")
	if !ok {
		if rest, ok = strings.CutPrefix(address, "http://"); !ok {
			return false
		}
	}
	host := inHost.Span(rest)
	if host == 0 {
		return false
	}
	rest = rest[host:]
	if port, ok := strings.CutPrefix(rest, ":"); ok {
		digits := inPort.Span(port)
		if digits == 0 {
			return false
		}
		rest = port[digits:]
	}
	if rest != "" && rest[0] != '/' {
		return false
	}
	inPath := true
	for i := range len(rest) {
		switch c := rest[i]; {
		case c == '?':
			inPath = false
		case !settled[c], inPath && c == '/' && i+1 < len(rest) && (rest[i+1] == '/' || rest[i+1] == '.'):
			return false
		}
	}
	return true
}

// inHost are the bytes of a host's name, inPort those of a port, and settled those that stand for themselves in a path and
// in a query.
var (
	inHost  = byteset.Of(byteset.Letters + byteset.Digits + "-.")
	inPort  = byteset.Of(byteset.Digits)
	settled = byteset.Of(byteset.Letters + byteset.Digits + "-._~/=&+,:;@")
)

// asciiHost writes an internationalised host in ASCII (RFC 5891), and leaves any other as it is.
func asciiHost(host string) (string, error) {
	if host == "" {
		return "", url.InvalidHostError(host)
	}
	for i := range len(host) {
		if host[i] >= 0x80 {
			return idna.Lookup.ToASCII(host)
		}
	}
	return host, nil
}

// escape percent-encodes the bytes that may not stand in a URI, and percent signs that escape nothing; line breaks and
// tabs go, as they do in browsers. The authority is left to asciiHost.
func escape(ref string) string {
	if isURI(ref) {
		return ref
	}
	const hex = "0123456789ABCDEF"
	start, end := authority(ref)
	fragment := strings.IndexByte(ref, '#')
	var b strings.Builder
	b.Grow(len(ref) + 16)
	for i := range len(ref) {
		switch c := ref[i]; {
		case c == '\n' || c == '\r' || c == '\t':
		case i >= start && i < end && (c >= 0x80 || c == '[' || c == ']'):
			b.WriteByte(c)
		case c == '%' && !isEscape(ref[i:]), c == '#' && i > fragment, !mayStand(c):
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// authority is where host and port stand in a reference, as offsets.
func authority(ref string) (start, end int) {
	i := strings.Index(ref, "//")
	if i < 0 || strings.ContainsAny(ref[:i], "/?#") {
		return 0, 0
	}
	start = i + 2
	if n := strings.IndexAny(ref[start:], "/?#"); n >= 0 {
		return start, start + n
	}
	return start, len(ref)
}

func isURI(ref string) bool {
	fragments := 0
	for i := range len(ref) {
		switch c := ref[i]; {
		case c == '%' && !isEscape(ref[i:]), !mayStand(c):
			return false
		case c == '#':
			fragments++
		}
	}
	return fragments <= 1
}

func isEscape(s string) bool { return len(s) >= 3 && isHex(s[1]) && isHex(s[2]) }

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// mayStand says whether a byte may stand anywhere in a URI (RFC 3986 §2). Square brackets may only in its host.
func mayStand(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		strings.IndexByte("-._~:/?#@!$&'()*+,;=%", c) >= 0
}

// alphanumeric are the letters and digits of ASCII.
var alphanumeric = byteset.Of(byteset.Letters + byteset.Digits)
