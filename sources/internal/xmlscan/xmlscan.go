// Package xmlscan cuts XML that need not be well-formed into tokens.
//
//	sc := xmlscan.New(document)
//	for t := sc.Next(); t.Kind != xmlscan.EndOfDocument; t = sc.Next() { … }
//
// It has no errors, and it refuses to judge: names come as they are written, and whether tags match is left to the caller.
package xmlscan

import "strings"

// Kind tells the tokens of a Scanner apart.
type Kind int

// The kinds of token.
const (
	StartTag      Kind = iota // an element begins, and ends too where Closed says so
	EndTag                    // an element ends
	Text                      // characters or a CDATA section
	EndOfDocument             // the last
)

// Token is a piece of an XML document.
type Token struct {
	Kind   Kind
	Name   string // of a tag, with its prefix
	Attrs  []Attr // of a start tag, values decoded
	Closed bool   // of a start tag: it ends itself
	Text   string // decoded
}

// Attr is an attribute; its name has its prefix.
type Attr struct{ Name, Value string }

// Scanner cuts an XML document into tokens. Unlike encoding/xml it has no errors: what is not markup is text. It knows
// HTML's entities, and those that the document declares, within a bound: it cannot be made to multiply its input.
type Scanner struct {
	s        string
	pos      int
	noSubset bool // no internal subset of a DOCTYPE ends any more
	entities entities
}

// New is a scanner at the beginning of a document.
func New(document string) *Scanner { return &Scanner{s: document} }

// Offset is how many bytes were scanned.
func (sc *Scanner) Offset() int { return sc.pos }

// Seek moves the scanner back to an offset that it had.
func (sc *Scanner) Seek(offset int) { sc.pos = offset }

// Next returns the next token; after the last, EndOfDocument for ever.
func (sc *Scanner) Next() Token {
	for sc.pos < len(sc.s) {
		rest := sc.s[sc.pos:]
		switch {
		case rest[0] != '<':
			return sc.characters(rest)
		case strings.HasPrefix(rest, "<![CDATA["):
			sc.pos += len("<![CDATA[")
			return Token{Kind: Text, Text: sc.cdata()}
		case strings.HasPrefix(rest, "<!--"):
			sc.pos += len("<!--")
			sc.until("-->")
		case strings.HasPrefix(rest, "<?"):
			sc.until(">")
		case strings.HasPrefix(rest, "<!"):
			sc.declaration()
		case len(rest) > 2 && rest[1] == '/' && isNameStart(rest[2]):
			sc.pos += 2
			name := sc.name()
			sc.until(">")
			return Token{Kind: EndTag, Name: name}
		case len(rest) > 1 && isNameStart(rest[1]):
			sc.pos++
			return sc.tag()
		case len(rest) == 1 || rest == "</": // the beginning of a tag that was cut off
			sc.pos = len(sc.s)
		default:
			sc.pos++
			return Token{Kind: Text, Text: "<"}
		}
	}
	return Token{Kind: EndOfDocument}
}

// characters reads text up to the next markup.
func (sc *Scanner) characters(rest string) Token {
	if i := strings.IndexByte(rest, '<'); i >= 0 {
		rest = rest[:i]
	}
	sc.pos += len(rest)
	return Token{Kind: Text, Text: sc.entities.unescape(rest)}
}

// until returns what comes before a delimiter and moves behind it. Where the delimiter never comes, the document was cut
// off, and what is left of it is nothing.
func (sc *Scanner) until(delimiter string) string {
	rest := sc.s[sc.pos:]
	i := strings.Index(rest, delimiter)
	if i < 0 {
		sc.pos = len(sc.s)
		return ""
	}
	sc.pos += i + len(delimiter)
	return rest[:i]
}

// cdata reads a CDATA section. One that was cut off goes to the end of the document.
func (sc *Scanner) cdata() string {
	rest := sc.s[sc.pos:]
	if !strings.Contains(rest, "]]>") {
		sc.pos = len(sc.s)
		return rest
	}
	return sc.until("]]>")
}

// declaration passes over a DOCTYPE. The entities that its internal subset declares are known from there on.
func (sc *Scanner) declaration() {
	rest := sc.s[sc.pos:]
	if end := strings.IndexByte(rest, '>'); !sc.noSubset && end >= 0 {
		if open := strings.IndexByte(rest[:end], '['); open >= 0 {
			if length, ok := sc.entities.declare(rest[open+1:]); ok {
				sc.pos += open + 1 + length
				sc.until(">")
				return
			}
			sc.noSubset = true
		}
	}
	sc.until(">")
}

// tag reads a start tag from its name on.
func (sc *Scanner) tag() Token {
	t := Token{Kind: StartTag, Name: sc.name()}
	for {
		sc.space()
		if sc.pos >= len(sc.s) {
			return Token{Kind: EndOfDocument}
		}
		switch c := sc.s[sc.pos]; {
		case c == '>':
			sc.pos++
			return t
		case c == '/' && strings.HasPrefix(sc.s[sc.pos:], "/>"):
			sc.pos += 2
			t.Closed = true
			return t
		case c == '<': // the tag was never ended; its next neighbour begins
			return t
		case isNameStart(c):
			t.Attrs = append(t.Attrs, sc.attribute())
		default:
			sc.pos++
		}
	}
}

// attribute reads an attribute with or without a value, quoted or not.
func (sc *Scanner) attribute() Attr {
	a := Attr{Name: sc.name()}
	sc.space()
	if sc.pos >= len(sc.s) || sc.s[sc.pos] != '=' {
		return a
	}
	sc.pos++
	sc.space()
	if sc.pos >= len(sc.s) {
		return a
	}
	if q := sc.s[sc.pos]; q == '"' || q == '\'' {
		sc.pos++
		a.Value = sc.entities.unescape(sc.until(string(q)))
		return a
	}
	start := sc.pos
	for sc.pos < len(sc.s) && !isSpace(sc.s[sc.pos]) && sc.s[sc.pos] != '>' {
		sc.pos++
	}
	a.Value = sc.entities.unescape(strings.TrimSuffix(sc.s[start:sc.pos], "/"))
	return a
}

func (sc *Scanner) name() string {
	start := sc.pos
	for sc.pos < len(sc.s) && isName(sc.s[sc.pos]) {
		sc.pos++
	}
	return sc.s[start:sc.pos]
}

func (sc *Scanner) space() {
	for sc.pos < len(sc.s) && isSpace(sc.s[sc.pos]) {
		sc.pos++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isNameStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == ':' || c >= 0x80
}

func isName(c byte) bool { return isNameStart(c) || c >= '0' && c <= '9' || c == '-' || c == '.' }

// CutName cuts a name at its colon.
func CutName(name string) (prefix, local string, prefixed bool) {
	if i := strings.IndexByte(name, ':'); i > 0 {
		return name[:i], name[i+1:], true
	}
	return "", strings.TrimPrefix(name, ":"), false
}
