// Package charset makes UTF-8 of what a publisher sent.
//
//	text, notes := charset.Decode(body, answer.Header.Get("Content-Type"))
//
// Nothing is ever lost to a wrong label. The package refuses to guess among charsets: what is neither said nor UTF-8 is
// windows-1252. The notes say what had to be mended, for the operator.
package charset

import (
	"bytes"
	"fmt"
	"mime"
	"regexp"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"github.com/newswire/newswire/sources/clean"
)

// Decode turns a body into UTF-8 without characters that XML cannot hold. A byte order mark decides over the charset of
// the Content-Type, which may be empty, and that over the XML declaration (RFC 7303 §3). All labels are doubted where
// the bytes say otherwise, as when a server labels everything ISO-8859-1: bytes beyond ASCII that are UTF-8 are UTF-8
// under any label, and bytes that are not the UTF-8 they claim to be are read as windows-1252.
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
	d := decoding{body: body, census: takeCensus(body)}
	for _, label := range labelsOf(body, contentType) {
		if text, ok := d.by(label); ok {
			return text, d.notes
		}
	}
	return d.byBytes(), d.notes
}

// decoding is the state of decoding a document that has no mark.
type decoding struct {
	body []byte
	census
	notes []string

	// What a charset made of it that left bytes unread, and how many. It may be the wrong one of two.
	best    string
	misfits int
}

// by reads the document by a label, if that can be believed.
func (d *decoding) by(label string) (text string, ok bool) {
	e, name := Lookup(label)
	switch {
	case e == nil && (!d.isASCII() || hasEscapes(d.body)):
		d.note("charset %q is not known", label)
	case e == nil: // and of no consequence
	case d.isASCII() && !escapes[name]:
		return string(d.body), true
	case name == utf8Name && d.isUTF8() && d.strays == 0:
		return string(d.body), true
	case name == utf8Name || strings.HasPrefix(name, "utf-16"): // UTF-16 would not have begun with "<" or "{"
		d.note("charset %s does not fit the bytes", label)
	case d.isUTF8():
		d.note("charset %s does not fit the bytes: they are utf-8", label)
	default:
		text = convert(e, d.body)
		n := strings.Count(text, "\ufffd")
		if n == 0 {
			return text, true
		}
		d.note("charset %s does not fit the bytes: %d characters are lost", label, n)
		if 10*n < d.strays+d.sequences && (d.best == "" || n < d.misfits) { // else it is no more than a wrong label
			d.best, d.misfits = text, n
		}
	}
	return "", false
}

// byBytes reads the document where no label is believed without doubt.
func (d *decoding) byBytes() string {
	switch {
	case d.isASCII() || d.isUTF8():
		return Mixed(d.body)
	case d.best != "":
		return d.best
	default:
		d.note("the bytes are neither utf-8 nor of a charset that is declared and known: they are read as windows-1252")
		return d.withoutLabel(d.body)
	}
}

func (d *decoding) note(format string, args ...any) {
	d.notes = append(d.notes, fmt.Sprintf(format, args...))
}

// hasEscapes says whether bytes that are ASCII may switch charsets (ISO 2022).
func hasEscapes(body []byte) bool {
	return bytes.IndexByte(body, 0x1B) >= 0 || bytes.IndexByte(body, 0x0E) >= 0
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

// labelsOf are the charsets that a document is said to be in, the most credible first.
func labelsOf(body []byte, contentType string) []string {
	var labels []string
	for _, label := range []string{headerCharset(contentType), declaredCharset(body)} {
		if label != "" {
			labels = append(labels, label)
		}
	}
	return labels
}

// headerLabel finds a charset in a Content-Type that breaks the rules of one.
var headerLabel = regexp.MustCompile(`(?i)[;,\s]charset\s*[=:]\s*["']?\s*([A-Za-z0-9._:-]+)`)

// headerCharset is the charset of the Content-Type. Without one the header says nothing: RFC 7303 has done away with
// the us-ascii that text/xml once implied.
func headerCharset(contentType string) string {
	if _, params, err := mime.ParseMediaType(contentType); err == nil && params["charset"] != "" {
		return strings.TrimSpace(params["charset"])
	}
	if m := headerLabel.FindStringSubmatch(contentType[:min(len(contentType), 1024)]); m != nil {
		return m[1]
	}
	return ""
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

func convert(e encoding.Encoding, body []byte) string {
	out, err := e.NewDecoder().Bytes(body)
	if err != nil { // decoders replace what they cannot read; only a broken transformer fails
		return Mixed(body)
	}
	return string(out)
}
