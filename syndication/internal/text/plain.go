package text

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/newswire/newswire"
)

// Plain is the text of an HTML fragment on one line: markup gone, references decoded, white space collapsed, and a space
// where one block ends and the next begins. It is [Legal], for a reference can stand for what is not.
func Plain(fragment string) string {
	if !strings.ContainsAny(fragment, "<&") {
		return collapse(Legal(fragment))
	}
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(fragment))
	hidden := 0
	for {
		switch z.Next() {
		case html.ErrorToken: // only ever the end: a string has no other way to fail
			return collapse(Legal(b.String()))
		case html.TextToken:
			if hidden == 0 {
				b.Write(z.Text())
			}
		case html.StartTagToken:
			name, _ := z.TagName()
			switch atom.Lookup(name) {
			case atom.Script, atom.Style, atom.Template:
				hidden++
			}
			separate(&b, name)
		case html.EndTagToken:
			name, _ := z.TagName()
			switch atom.Lookup(name) {
			case atom.Script, atom.Style, atom.Template:
				hidden = max(0, hidden-1)
			}
			separate(&b, name)
		case html.SelfClosingTagToken:
			name, _ := z.TagName()
			separate(&b, name)
		}
	}
}

// separate writes a space for a tag that is not part of running text.
func separate(b *strings.Builder, tag []byte) {
	switch atom.Lookup(tag) {
	case atom.A, atom.Abbr, atom.B, atom.Bdi, atom.Bdo, atom.Cite, atom.Code, atom.Del, atom.Dfn, atom.Em, atom.Font,
		atom.I, atom.Ins, atom.Kbd, atom.Mark, atom.Q, atom.Rp, atom.Rt, atom.Ruby, atom.S, atom.Samp, atom.Small,
		atom.Span, atom.Strong, atom.Sub, atom.Sup, atom.Time, atom.Tt, atom.U, atom.Var, atom.Wbr:
	default:
		b.WriteByte(' ')
	}
}

func collapse(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for word := range strings.FieldsSeq(s) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	return b.String()
}

// markup is how a tag begins, a complete character reference, or a numeric one without its semicolon.
var markup = regexp.MustCompile(`<[/!?A-Za-z]|&#?[\pL\pN_]+;|&#[\pL\pN_]`)

// reference is what may be a named character reference without its semicolon.
var reference = regexp.MustCompile(`&([A-Za-z]+)`)

// LooksLikeMarkup says whether plain text contains what a reader that guesses would read as HTML: "the <b> tag" or
// "&amp; explained", but not "R&D" or "1&1". It is better sent as HTML, escaped, for then every reader shows it as it is.
func LooksLikeMarkup(s string) bool {
	if !strings.ContainsAny(s, "<&") {
		return false
	}
	if markup.MatchString(s) {
		return true
	}
	for _, m := range reference.FindAllString(s, -1) {
		if html.UnescapeString(m+";") != m+";" {
			return true
		}
	}
	return false
}

// digits matches what validators, if not readers, read as a character reference: "1&1".
var digits = regexp.MustCompile(`&\pL*[\pN_]`)

// Attribute is plain text for an attribute, which has no way to say that it is HTML: on one line, and empty if it could
// be read as markup.
func Attribute(s string) string {
	if s = newswire.Line(s); LooksLikeMarkup(s) || digits.MatchString(s) {
		return ""
	}
	return s
}

// escaper writes plain text as HTML.
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Escape writes plain text as HTML. Quotation marks stay, for it is not meant for attributes.
func Escape(s string) string { return escaper.Replace(s) }

var hexEscaper = strings.NewReplacer("&", "&#x26;", "<", "&#x3C;", ">", "&#x3E;")

// EscapeHex writes plain text as XML character data with hexadecimal references.
func EscapeHex(s string) string { return hexEscaper.Replace(s) }
