// Package laxjson mends JSON that people and templates have written: commas behind the last of a list, line breaks inside
// of strings, comments, escapes that JSON does not have.
//
//	if err := json.Unmarshal(text, &v); err != nil {
//		err = json.Unmarshal(laxjson.Mend(text), &v)
//	}
//
// It refuses to judge what it cannot mend: that stays as it is, for the decoder to report.
package laxjson

import (
	"fmt"
	"strings"
)

// Mend writes a text as JSON as far as that goes. What is JSON comes back as it is.
func Mend(text string) string {
	m := mender{in: text}
	m.out.Grow(len(text) + len(text)/64)
	for m.pos < len(m.in) {
		switch c := m.in[m.pos]; {
		case c == '"':
			m.inString()
		case c == ',':
			m.comma()
		case c == '/' && m.comment():
		default:
			m.out.WriteByte(c)
			m.pos++
		}
	}
	return m.out.String()
}

type mender struct {
	in  string
	pos int
	out strings.Builder
}

// comma leaves out one behind which nothing follows but another comma or the end of the list.
func (m *mender) comma() {
	start := m.pos
	m.pos++
	m.space()
	if m.pos < len(m.in) && strings.IndexByte(",]}", m.in[m.pos]) >= 0 {
		return
	}
	m.out.WriteString(m.in[start:m.pos])
}

func (m *mender) space() {
	for m.pos < len(m.in) && strings.IndexByte(" \t\r\n", m.in[m.pos]) >= 0 {
		m.pos++
	}
}

// comment passes over a comment, if there is one.
func (m *mender) comment() bool {
	for _, form := range []struct{ begin, end string }{{"//", "\n"}, {"/*", "*/"}} {
		if !strings.HasPrefix(m.in[m.pos:], form.begin) {
			continue
		}
		end := strings.Index(m.in[m.pos+2:], form.end)
		if end < 0 {
			m.pos = len(m.in)
			return true
		}
		m.pos += 2 + end + len(form.end)
		m.out.WriteByte(' ')
		return true
	}
	return false
}

// inString copies a string.
func (m *mender) inString() {
	m.out.WriteByte('"')
	for m.pos++; m.pos < len(m.in); m.pos++ {
		switch c := m.in[m.pos]; {
		case c == '"':
			m.out.WriteByte('"')
			m.pos++
			return
		case c == '\\':
			m.escape()
		case c == '\n':
			m.out.WriteString(`\n`)
		case c == '\t':
			m.out.WriteString(`\t`)
		case c == '\r':
			m.out.WriteString(`\r`)
		case c < ' ':
			fmt.Fprintf(&m.out, `\u%04x`, c)
		default:
			m.out.WriteByte(c)
		}
	}
}

// escape copies an escape sequence. A backslash that begins none stands for itself, but for that before an apostrophe.
func (m *mender) escape() {
	rest := m.in[m.pos+1:]
	switch {
	case rest == "": // cut off
	case rest[0] == '\'' || rest[0] == '\n': // as in JavaScript
		if rest[0] == '\'' {
			m.out.WriteByte('\'')
		}
		m.pos++
	case strings.IndexByte(`"\/bfnrt`, rest[0]) >= 0:
		m.out.WriteString(m.in[m.pos : m.pos+2])
		m.pos++
	case rest[0] == 'u' && isHex(rest[1:]):
		m.out.WriteString(m.in[m.pos : m.pos+6])
		m.pos += 5
	default:
		m.out.WriteString(`\\`)
	}
}

// isHex says whether a text begins with four hexadecimal digits.
func isHex(s string) bool {
	if len(s) < 4 {
		return false
	}
	return strings.Trim(s[:4], "0123456789abcdefABCDEF") == ""
}
