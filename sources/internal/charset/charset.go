// Package charset makes UTF-8 of what a publisher sent.
//
//	text, notes := charset.Decode(body, answer.Header.Get("Content-Type"))
//
// Nothing is ever lost to a wrong label, and the package refuses to guess among labels: what is neither said nor UTF-8 is
// windows-1252. The notes say what had to be mended, for the operator.
package charset

import (
	"bytes"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	labels "golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"github.com/newswire/newswire/sources/clean"
)

// Decode turns a body into UTF-8 without characters that XML cannot hold. A byte order mark decides over the charset of
// the Content-Type, which may be empty, and that over the XML declaration (RFC 7303 §3); all are doubted where the bytes
// say otherwise, as when a server labels everything ISO-8859-1 or UTF-8. Bytes that are not the UTF-8 they claim to be
// are read as windows-1252 one by one.
func Decode(body []byte, contentType string) (text string, notes []string) {
	decoded, notes := decode(body, contentType)
	if text = clean.Legal(decoded); text != decoded {
		notes = append(notes, "characters that XML does not allow were dropped")
	}
	return text, notes
}

func decode(body []byte, contentType string) (text string, notes []string) {
	if e, mark := byteOrderMark(body); e != nil {
		return convert(e, body[mark:]), nil
	}
	if e := wideDeclaration(body); e != nil {
		return convert(e, body), nil
	}
	isUTF8 := utf8.Valid(body)
	for _, label := range []string{headerCharset(contentType), declaredCharset(body)} {
		e, name := labels.Lookup(label)
		switch {
		case e == nil: // not said, or a name that is not known
		case name == "utf-8" && !isUTF8:
			notes = append(notes, "charset "+label+" does not fit the bytes")
		case name == "utf-8":
			return string(body), notes
		case isUTF8 && !multibyte[name] && hasMultibyte(body):
			return string(body), append(notes, "charset "+label+" does not fit the bytes: they are utf-8")
		case strings.HasPrefix(name, "utf-16"): // impossible: the body would not have begun with "<" or "{"
			notes = append(notes, "charset "+label+" does not fit the bytes")
		default:
			return convert(e, body), notes
		}
	}
	if isUTF8 {
		return string(body), notes
	}
	return Mixed(body), notes
}

// byteOrderMark recognises the encodings that announce themselves. UTF-32 goes first: its little-endian mark begins
// with that of UTF-16.
func byteOrderMark(body []byte) (encoding.Encoding, int) {
	switch {
	case bytes.HasPrefix(body, []byte{0xFF, 0xFE, 0, 0}):
		return utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM), 4
	case bytes.HasPrefix(body, []byte{0, 0, 0xFE, 0xFF}):
		return utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM), 4
	case bytes.HasPrefix(body, []byte{0xEF, 0xBB, 0xBF}):
		return encoding.Nop, 3
	case bytes.HasPrefix(body, []byte{0xFF, 0xFE}):
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), 2
	case bytes.HasPrefix(body, []byte{0xFE, 0xFF}):
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), 2
	default:
		return nil, 0
	}
}

// wideDeclaration recognises UTF-16 and UTF-32 without a mark by the zeros around the first character
// (XML 1.0 appendix F).
func wideDeclaration(body []byte) encoding.Encoding {
	if len(body) < 4 {
		return nil
	}
	switch first := body[:4]; {
	case first[0] != 0 && first[1] == 0 && first[2] != 0 && first[3] == 0:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case first[0] == 0 && first[1] != 0 && first[2] == 0 && first[3] != 0:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case first[0] != 0 && first[1] == 0 && first[2] == 0 && first[3] == 0:
		return utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)
	case first[0] == 0 && first[1] == 0 && first[2] == 0 && first[3] != 0:
		return utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)
	default:
		return nil
	}
}

// headerCharset is the charset of the Content-Type. Without one the header says nothing: RFC 7303 has done away with
// the us-ascii that text/xml once implied.
func headerCharset(contentType string) string {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	return params["charset"]
}

var declaration = regexp.MustCompile(`^\s*<\?xml[^>]*?\bencoding\s*=\s*["']\s*([A-Za-z0-9._:-]+)`)

// declaredCharset is the encoding of the XML declaration.
func declaredCharset(body []byte) string {
	m := declaration.FindSubmatch(body[:min(len(body), 1024)])
	if m == nil {
		return ""
	}
	return string(m[1])
}

// multibyte are the encodings in which sequences of bytes have to fit, so that a text in them is seldom UTF-8 by chance
// and a label is believed. In all others nearly every byte has a meaning, and reading UTF-8 by them never fails.
var multibyte = map[string]bool{
	"gbk": true, "gb18030": true, "hz-gb-2312": true, "big5": true, "euc-jp": true, "iso-2022-jp": true,
	"shift_jis": true, "euc-kr": true,
}

// hasMultibyte says whether the bytes go beyond ASCII.
func hasMultibyte(body []byte) bool {
	return bytes.ContainsFunc(body, func(r rune) bool { return r >= utf8.RuneSelf })
}

func convert(e encoding.Encoding, body []byte) string {
	out, err := e.NewDecoder().Bytes(body)
	if err != nil { // decoders replace what they cannot read; only a broken transformer fails
		return Mixed(body)
	}
	return string(out)
}

// Mixed reads bytes as UTF-8 where they are, and as windows-1252 where they are not: the mixture that a template in one
// encoding makes of texts in another.
func Mixed(body []byte) string {
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
