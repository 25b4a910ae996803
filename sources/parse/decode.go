package parse

import (
	"bytes"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"github.com/newswire/newswire/sources/clean"
)

// decode turns a body into UTF-8 without characters that XML cannot hold. A byte order mark decides over the charset of
// the Content-Type, and that over the XML declaration (RFC 7303 §3); all are doubted where the bytes say otherwise, as
// when a server labels everything ISO-8859-1 or UTF-8. Nothing is ever lost to a wrong label: bytes that are not the
// UTF-8 they claim to be are read as windows-1252 one by one.
func (r *reading) decode(body []byte) string {
	if e, mark := byteOrderMark(body); e != nil {
		return r.legal(convert(e, body[mark:]))
	}
	if e := wideDeclaration(body); e != nil {
		return r.legal(convert(e, body))
	}
	isUTF8 := utf8.Valid(body)
	for _, label := range []string{r.headerCharset(), declaredCharset(body)} {
		e, name := charset.Lookup(label)
		switch {
		case e == nil: // not said, or a name nobody knows
		case name == "utf-8" && !isUTF8:
			r.repaired("charset %s does not fit the bytes", label)
		case name == "utf-8":
			return r.legal(string(body))
		case isUTF8 && !multibyte[name] && hasMultibyte(body):
			r.repaired("charset %s does not fit the bytes: they are utf-8", label)
			return r.legal(string(body))
		case strings.HasPrefix(name, "utf-16"): // impossible: the body would not have begun with "<" or "{"
			r.repaired("charset %s does not fit the bytes", label)
		default:
			return r.legal(convert(e, body))
		}
	}
	if isUTF8 {
		return r.legal(string(body))
	}
	return r.legal(Mixed(body))
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
func (r *reading) headerCharset() string {
	_, params, err := mime.ParseMediaType(r.ContentType)
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

// legal drops the characters that XML cannot hold from a whole document.
func (r *reading) legal(s string) string {
	out := valid(s)
	if out != s {
		r.repaired("characters that XML does not allow were dropped")
	}
	return out
}

// valid makes a string valid UTF-8 without characters that XML excludes.
func valid(s string) string { return clean.Legal(s) }
