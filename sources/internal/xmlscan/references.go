package xmlscan

import (
	"html"
	"strings"

	"github.com/newswire/newswire/sources/clean"
)

// maxReference is longer than the longest of HTML's entity names.
const maxReference = 40

// Unescape replaces character references, and HTML's entities although the document declares none. An ampersand that
// begins neither stands for itself. References to characters that XML cannot hold are dropped.
func Unescape(s string) string { return unescape(s, leadingReference) }

// unescape replaces the references that a function finds at the beginning of a text.
func unescape(s string, leading func(string) (reference, value string, ok bool)) string {
	i := strings.IndexByte(s, '&')
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for ; i >= 0; i = strings.IndexByte(s, '&') {
		b.WriteString(s[:i])
		s = s[i:]
		if sign, length := ofMarkup(s); length > 0 {
			b.WriteByte(sign)
			s = s[length:]
			continue
		}
		if reference, value, ok := leading(s); ok {
			b.WriteString(clean.Legal(value))
			s = s[len(reference):]
			continue
		}
		b.WriteByte('&')
		s = s[1:]
	}
	b.WriteString(s)
	return b.String()
}

// ofMarkup reads the reference that s begins with where it is one of XML's own, which no document can declare otherwise. In
// HTML that was escaped nearly all are, and to look names up takes ten times as long. The length is zero for any other.
func ofMarkup(s string) (sign byte, length int) {
	switch {
	case strings.HasPrefix(s, "&lt;"):
		return '<', len("&lt;")
	case strings.HasPrefix(s, "&gt;"):
		return '>', len("&gt;")
	case strings.HasPrefix(s, "&amp;"):
		return '&', len("&amp;")
	case strings.HasPrefix(s, "&quot;"):
		return '"', len("&quot;")
	case strings.HasPrefix(s, "&#34;"):
		return '"', len("&#34;")
	case strings.HasPrefix(s, "&#39;"):
		return '\'', len("&#39;")
	}
	return 0, 0
}

// leadingReference reads the reference that s begins with, and what it stands for.
func leadingReference(s string) (reference, value string, ok bool) {
	end := strings.IndexByte(s[:min(len(s), maxReference)], ';')
	if end < 0 {
		return "", "", false
	}
	reference = s[:end+1]
	// HTML lets a few old entities go without their semicolon, and so reads "&copy=1;" as a copyright sign. XML does
	// not, and addresses suffer from it.
	if !isReference(s[1:end]) {
		return "", "", false
	}
	value = html.UnescapeString(reference)
	if value == reference || strings.HasSuffix(value, ";") && reference != "&semi;" && reference != "&#59;" {
		return "", "", false
	}
	return reference, value, true
}

// isReference says whether what stands between an ampersand and a semicolon can be a name or a number.
func isReference(s string) bool {
	s = strings.TrimPrefix(s, "#")
	for i := range len(s) {
		if c := s[i] | 0x20; (c < 'a' || c > 'z') && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return s != ""
}
