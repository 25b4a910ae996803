package newswire

import (
	"strings"
	"unicode"
)

// breaks are the characters that end or indent lines.
const breaks = "\n\r\t\v\f\u0085\u2028\u2029"

// Line makes one line of text, as titles and names are: white space with a line break or a tab in it becomes one space,
// and there is none at the ends. Other white space, such as two spaces or a narrow one, is the publisher's own and stays.
func Line(s string) string {
	s = strings.TrimSpace(s)
	if !strings.ContainsAny(s, breaks) {
		return s
	}
	var b strings.Builder
	for s != "" {
		word := strings.IndexFunc(s, unicode.IsSpace)
		if word < 0 {
			word = len(s)
		}
		b.WriteString(s[:word])
		s = s[word:]
		space := s[:len(s)-len(strings.TrimLeftFunc(s, unicode.IsSpace))]
		if strings.ContainsAny(space, breaks) {
			b.WriteByte(' ')
		} else {
			b.WriteString(space)
		}
		s = s[len(space):]
	}
	return b.String()
}

// Loud says whether a name is in capitals throughout, as no person is usually written.
func Loud(name string) bool {
	upper := 0
	for _, r := range name {
		switch {
		case unicode.IsLower(r):
			return false
		case unicode.IsUpper(r):
			upper++
		}
	}
	return upper > 1
}
