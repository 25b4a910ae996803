package clean

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Legal makes a string valid UTF-8 without the characters that XML 1.0 §2.2 excludes. The C1 controls, which no text
// means, become the windows-1252 characters that they were; byte order marks and replacement characters, which stand for
// what is lost already, go.
func Legal(s string) string {
	if isPlain(s) {
		return s
	}
	return strings.Map(legalRune, s)
}

func legalRune(c rune) rune {
	switch {
	case c == '\t' || c == '\n' || c == '\r':
		return c
	case c < ' ' || c == 0x7F || c == utf8.RuneError || c == 0xFFFE || c == 0xFFFF || c == 0xFEFF:
		return -1
	case c >= 0x80 && c < 0xA0:
		if c = charmap.Windows1252.DecodeByte(byte(c)); c >= 0xA0 && c != utf8.RuneError {
			return c
		}
		return -1
	default:
		return c
	}
}

// isPlain says quickly that a string is nothing but printable ASCII and white space.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= 0x7F || c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
	}
	return true
}
