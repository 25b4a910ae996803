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
	for i := span(s, &plainByte); i < len(s); i += span(s[i:], &plainByte) {
		c, size := utf8.DecodeRuneInString(s[i:])
		if legalRune(c) != c {
			return strings.Map(legalRune, s)
		}
		i += size
	}
	return s
}

// plainByte are printable ASCII and white space.
var plainByte = tableOf(letterBytes + digitBytes + " \t\n\r" + "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")

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
