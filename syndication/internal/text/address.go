package text

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/idna"
)

// URL returns an address that a reader may follow as a URI (RFC 3986): the host in ASCII, everything else that a URI
// must not hold percent-encoded, and nothing touched that is in order already. It is empty for what is not absolute, or
// not of the web: http, https and ftp. So no javascript: or data: address of a publisher's gets through.
func URL(s string) string {
	s = strings.TrimSpace(s)
	scheme, _, ok := strings.Cut(s, ":")
	if !ok {
		return ""
	}
	switch strings.ToLower(scheme) {
	case "http", "https", "ftp":
	default:
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return ""
	}
	if addr := u.Hostname(); strings.Contains(addr, ":") {
		if _, err := netip.ParseAddr(addr); err != nil {
			return ""
		}
		return s[:strings.Index(s, "]")+1] + escape(s[strings.Index(s, "]")+1:])
	}
	if i := strings.IndexFunc(u.Host, notASCII); i >= 0 {
		host, err := idna.Lookup.ToASCII(u.Hostname())
		if err != nil {
			return ""
		}
		s = strings.Replace(s, u.Host, host+strings.TrimPrefix(u.Host, u.Hostname()), 1)
	}
	return escape(s)
}

func notASCII(r rune) bool { return r >= 0x80 }

// absolute is RFC 3986's scheme and something after it.
var absolute = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:[^\s]+$`)

// IRI returns s if it is an absolute IRI of any scheme, as an id or a category's scheme is, and is empty otherwise. Ids
// are compared character by character (RFC 4287 §4.2.6.1), so nothing is changed but the ASCII characters that no IRI
// may hold, which are percent-encoded.
func IRI(s string) string {
	if !absolute.MatchString(s) {
		return ""
	}
	return encode(s, func(c byte) bool { return c >= 0x80 || uriByte(c) })
}

// escape percent-encodes the bytes that RFC 3986 has no place for, and leaves every percent sign as it is: the publisher
// has encoded what has one.
func escape(s string) string { return encode(s, uriByte) }

func encode(s string, allowed func(byte) bool) string {
	const hex = "0123456789ABCDEF"
	n := 0
	for i := range len(s) {
		if !allowed(s[i]) {
			n++
		}
	}
	if n == 0 {
		return s
	}
	b := make([]byte, 0, len(s)+2*n)
	for i := range len(s) {
		if c := s[i]; allowed(c) {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(b)
}

func uriByte(c byte) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		return true
	default:
		return strings.IndexByte("-._~:/?#@!$&'()*+,;=%", c) >= 0
	}
}

var mail = regexp.MustCompile(`^[A-Za-z0-9_+.'!#$%&*/=?^{|}~-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9][A-Za-z0-9-]*$`)

// Mail returns s if it is a mail address (RFC 5322's addr-spec, without quoting), and is empty otherwise.
func Mail(s string) string {
	s = strings.TrimPrefix(strings.TrimSpace(s), "mailto:")
	if !mail.MatchString(s) {
		return ""
	}
	return s
}

var mediaType = regexp.MustCompile(`^[^\s()<>@,;:\\"/\[\]?=]+/[^\s()<>@,;:\\"/\[\]?=]+(?:\s*;\s*[^\s()<>@,;:\\"/\[\]?=]+=(?:"[^"\\]*"|[^\s()<>@,;:\\"/\[\]?=]+))*$`)

// MediaType returns s if it is a media type (RFC 2045 §5.1), and is empty otherwise.
func MediaType(s string) string {
	s = strings.TrimSpace(s)
	if !mediaType.MatchString(s) {
		return ""
	}
	return s
}

var language = regexp.MustCompile(`^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*$`)

// Language returns s if it is shaped like a language tag (BCP 47), and is empty otherwise.
func Language(s string) string {
	s = strings.ReplaceAll(strings.TrimSpace(s), "_", "-")
	if !language.MatchString(s) {
		return ""
	}
	return s
}

// URI is [IRI] with what is not ASCII percent-encoded (RFC 3987 §3.1), for formats whose ids are URIs.
func URI(s string) string {
	if !absolute.MatchString(s) {
		return ""
	}
	return encode(s, uriByte)
}
