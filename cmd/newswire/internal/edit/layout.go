package edit

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// layout is a text as lines, each with its end. Lines are counted from 0; a YAML node's from 1.
type layout struct {
	lines  []string
	ending string // of the text's lines: "\n" or "\r\n"
}

func newLayout(text string) *layout {
	l := &layout{ending: "\n"}
	for line := range strings.Lines(text) {
		l.lines = append(l.lines, line)
	}
	if len(l.lines) > 0 && strings.HasSuffix(l.lines[0], "\r\n") {
		l.ending = "\r\n"
	}
	return l
}

// insert writes entries before the line at.
func (l *layout) insert(at int, entries []string) string {
	var b strings.Builder
	for _, line := range l.lines[:at] {
		b.WriteString(line)
	}
	if at > 0 && !strings.HasSuffix(l.lines[at-1], "\n") {
		b.WriteString(l.ending)
	}
	for _, e := range entries {
		b.WriteString(strings.ReplaceAll(e, "\n", l.ending))
	}
	for _, line := range l.lines[at:] {
		b.WriteString(line)
	}
	return b.String()
}

// append writes entries under a new key at the end of the document.
func (l *layout) append(key string, entries []string) string {
	entries[0] = key + ":\n" + entries[0]
	at := l.trimmed(0, l.documentEnd(len(l.lines)), isBlank)
	if at > 0 {
		entries[0] = "\n" + entries[0]
	}
	return l.insert(at, entries)
}

// end is the line behind the last entry of a list, which reaches no further than limit. Comments that are set in under
// the entry belong to it.
func (l *layout) end(list *yaml.Node, limit int) int {
	limit = l.documentEnd(limit)
	end := l.trimmed(int(list.Line), limit, func(line string) bool { return isBlank(line) || isComment(line) })
	for end < limit && isComment(l.lines[end]) && indent(l.lines[end]) >= int(list.Column) {
		end++
	}
	return end
}

// trimmed is limit without the lines before it that may go, but not before start.
func (l *layout) trimmed(start, limit int, mayGo func(string) bool) int {
	for limit > start && mayGo(l.lines[limit-1]) {
		limit--
	}
	return limit
}

// documentEnd is limit, or the line that ends the document before it.
func (l *layout) documentEnd(limit int) int {
	for i, line := range l.lines[:limit] {
		if strings.HasPrefix(line, "...") || i > 0 && strings.HasPrefix(line, "---") && l.begun(i) {
			return i
		}
	}
	return limit
}

// begun says whether there is anything but comments and directives before a line.
func (l *layout) begun(at int) bool {
	for _, line := range l.lines[:at] {
		if !isBlank(line) && !isComment(line) && !strings.HasPrefix(line, "%") {
			return true
		}
	}
	return false
}

// spaced sets entries apart by an empty line where those of the list are.
func (l *layout) spaced(list *yaml.Node, entries []string) []string {
	if len(list.Content) < 2 {
		return entries
	}
	before := int(list.Content[len(list.Content)-1].Line) - 2
	for before > 0 && isComment(l.lines[before]) {
		before--
	}
	if isBlank(l.lines[before]) {
		for i := range entries {
			entries[i] = "\n" + entries[i]
		}
	}
	return entries
}

// insertFlow writes entries behind the bracket that opens a list.
func (l *layout) insertFlow(list *yaml.Node, entries string) (string, error) {
	line := l.lines[list.Line-1]
	at := 0
	for range list.Column - 1 {
		_, size := utf8.DecodeRuneInString(line[at:])
		at += size
	}
	if at >= len(line) || line[at] != '[' {
		return "", ErrLayout
	}
	if len(list.Content) > 0 {
		entries += ", "
	}
	l.lines[list.Line-1] = line[:at+1] + entries + line[at+1:]
	return strings.Join(l.lines, ""), nil
}

func isBlank(line string) bool { return strings.TrimSpace(line) == "" }

func isComment(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "#") }

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }
