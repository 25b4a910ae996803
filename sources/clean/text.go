package clean

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/text/encoding/charmap"

	"github.com/newswire/newswire/sources/internal/byteset"
	"github.com/newswire/newswire/sources/internal/tree"
)

// Text is what a reader would read of a fragment of HTML: plain text on one line, without what scripts, styles and
// forms hold.
func Text(fragment string) string {
	if !strings.ContainsAny(fragment, "<&") {
		return spaced(Legal(fragment))
	}
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(tree.CloseAsXML(fragment)))
	silent := ""
	for {
		switch z.Next() {
		case html.ErrorToken:
			return spaced(Legal(b.String()))
		case html.TextToken:
			if silent == "" {
				b.Write(z.Text())
			}
		case html.StartTagToken:
			name, _ := z.TagName()
			if silent == "" && isSilent[string(name)] {
				silent = string(name)
			}
			b.WriteString(between(string(name)))
		case html.EndTagToken:
			name, _ := z.TagName()
			if string(name) == silent {
				silent = ""
			}
			b.WriteString(between(string(name)))
		case html.SelfClosingTagToken:
			name, _ := z.TagName()
			b.WriteString(between(string(name)))
		case html.CommentToken, html.DoctypeToken:
		}
	}
}

// spaced makes every run of white space one space, with none at the ends.
func spaced(s string) string {
	after := byte(' ') // what comes before is as good as a space
	for i := range len(s) {
		c := s[i]
		if c == ' ' && after == ' ' || c >= '\t' && c <= '\r' || c >= utf8.RuneSelf && startsSpace(s[i:]) {
			return strings.Join(strings.Fields(s), " ")
		}
		after = c
	}
	return strings.TrimSuffix(s, " ")
}

// startsSpace says whether a text begins with white space.
func startsSpace(s string) bool {
	c, _ := utf8.DecodeRuneInString(s)
	return unicode.IsSpace(c)
}

// isSilent are the elements whose text is not for readers.
var isSilent = map[string]bool{
	"script": true, "style": true, "template": true, "textarea": true, "select": true, "iframe": true, "title": true,
	"noframes": true, "noembed": true,
}

// inline are the elements that stand in the middle of words.
var inline = map[string]bool{
	"a": true, "abbr": true, "b": true, "bdi": true, "bdo": true, "big": true, "cite": true, "code": true, "del": true,
	"dfn": true, "em": true, "font": true, "i": true, "ins": true, "kbd": true, "mark": true, "q": true, "s": true,
	"samp": true, "small": true, "span": true, "strike": true, "strong": true, "sub": true, "sup": true, "time": true,
	"tt": true, "u": true, "var": true, "wbr": true,
}

// between is what stands in the place of a tag: nothing where it may be in the middle of a word, else a space.
func between(name string) string {
	if inline[name] || isSilent[name] {
		return ""
	}
	return " "
}

// Legal makes a string valid UTF-8 without the characters that XML 1.0 §2.2 excludes. The C1 controls, which no text
// means, become the windows-1252 characters that they were; byte order marks and replacement characters, which stand for
// what is lost already, go.
func Legal(s string) string {
	for i := plainSpan(s); i < len(s); i += plainSpan(s[i:]) {
		c, size := utf8.DecodeRuneInString(s[i:])
		if legalRune(c) != c {
			return strings.Map(legalRune, s)
		}
		i += size
	}
	return s
}

// plainByte are printable ASCII and white space.
var plainByte = byteset.Of(byteset.Letters + byteset.Digits + " \t\n\r" + "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")

// plainSpan is how many of these a string begins with.
func plainSpan(s string) int {
	const some = 8
	for n := 0; ; n += some {
		n += byteset.Printable(s[n:])
		if more := plainByte.Span(s[n:min(len(s), n+some)]); more < some {
			return n + more
		}
	}
}

// isASCII says whether no character of a text is beyond ASCII.
func isASCII(s string) bool {
	for i := byteset.Printable(s); i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
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
