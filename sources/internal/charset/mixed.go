package charset

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/newswire/newswire/sources/internal/byteset"
)

// census counts what the bytes of a document are if they are UTF-8.
type census struct {
	sequences int // characters beyond ASCII
	chances   int // of these, the ones that a text in windows-1252 may have by chance
	strays    int // bytes that are part of no character
}

func takeCensus(body []byte) census {
	var c census
	for i := 0; i < len(body); {
		if i += byteset.ASCII(body[i:]); i == len(body) {
			break
		}
		r, size := utf8.DecodeRune(body[i:])
		if r == utf8.RuneError && size == 1 {
			c.strays++
		} else {
			c.sequences++
			if isBehindWord(string(body[i+1 : i+size])) {
				c.chances++
			}
		}
		i += size
	}
	return c
}

func (c census) isASCII() bool { return c.sequences+c.strays == 0 }

// isUTF8 says whether the document goes beyond ASCII and is UTF-8. A few stray bytes may be in it, as at an end that was
// cut off: texts in other charsets have nearly none that are UTF-8 by chance.
func (c census) isUTF8() bool {
	return c.strays == 0 && c.sequences > 0 || c.strays > 0 && c.sequences-c.chances > 20*c.strays
}

// withoutLabel reads a document that is not UTF-8 and does not truly say what it is: as windows-1252, decided for the
// document as a whole. Where it has sequences of UTF-8 that are no chance, and about as many as other bytes, it is a mixture.
func (c census) withoutLabel(body []byte) string {
	if 2*(c.sequences-c.chances) >= c.strays {
		return Mixed(body)
	}
	return convert(charmap.Windows1252, body)
}

// Mixed reads bytes as UTF-8 where they are, and as windows-1252 where they are not: the mixture that a template in one
// encoding makes of texts in another.
func Mixed(body []byte) string {
	if utf8.Valid(body) {
		return string(body)
	}
	var b strings.Builder
	b.Grow(len(body) + len(body)/8)
	for len(body) > 0 {
		c, size := utf8.DecodeRune(body)
		if c == utf8.RuneError && size == 1 {
			c = charmap.Windows1252.DecodeByte(body[0])
		}
		b.WriteRune(c)
		body = body[size:]
	}
	return b.String()
}
