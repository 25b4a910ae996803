package config

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v4"
)

// runLength is how many sources of a long file are read at a time. The tree of a text takes some thirty times its bytes, so
// a file of a hundred thousand sources is never a tree as a whole.
const runLength = 1000

// listHead stands before a run of entries, which makes it a text of its own.
const listHead = "sources:\n"

// run is a text with sources that is read by itself: some entries of a long file's list, or a short file.
type run struct {
	file   string
	head   string // what stands before the text to make it a text of its own
	text   []byte // whole lines
	before int    // lines of the file before it
}

// document is the run as a text of its own.
func (r run) document() []byte { return append([]byte(r.head), r.text...) }

// part is the run to be read.
func (r run) part() part { return part{file: r.file, before: r.before - strings.Count(r.head, "\n")} }

// layout is a text whose list of sources is in block style.
type layout struct {
	rest []byte // the text without the entries; all that stays is on its own line
	line int    // of the key sources
	runs []run
}

// splitSources cuts the list under the key sources into runs of so many entries. It returns nil where there is no such list.
//
// It is right because a run that YAML accepts by itself leaves no quote, bracket or scalar open: a line that begins at the
// column of the entries, or at the first column, ends all but quotes and brackets. So in the whole text, too, what follows
// begins an entry, or a key of the file. It remains for [layout.holds] to see that the key is one of the file, and for the
// caller to refuse anchors in runs, which what follows could mean.
func splitSources(file string, text []byte, length int) *layout {
	for _, other := range []string{"\u0085", "\u2028", "\u2029"} { // to YAML they end lines, too
		if bytes.Contains(text, []byte(other)) {
			return nil
		}
	}
	if bytes.Count(text, []byte("\r")) != bytes.Count(text, []byte("\r\n")) {
		return nil
	}
	head, line := findKey(text)
	if head < 0 {
		return nil
	}
	runs, end := cutEntries(text[head:], run{file: file, head: listHead, before: line}, length)
	end += head
	if len(runs) == 0 {
		return nil
	}
	key := bytes.LastIndexByte(text[:head-1], '\n') + 1
	rest := append(bytes.Clone(text[:key]), "sources: []\n"...)
	rest = append(rest, bytes.Repeat([]byte("\n"), bytes.Count(text[head:end], []byte("\n")))...)
	return &layout{append(rest, text[end:]...), line, runs}
}

// findKey finds the line that is the key sources and nothing else. It returns where the line after it begins, and the
// line's number, or a negative offset.
func findKey(text []byte) (next, line int) {
	for next < len(text) {
		line++
		content := text[next:]
		if i := bytes.IndexByte(content, '\n'); i >= 0 {
			content = content[:i+1]
		}
		next += len(content)
		if value, ok := bytes.CutPrefix(content, []byte("sources:")); ok {
			value = bytes.Trim(value, " \r\n")
			if len(value) == 0 || value[0] == '#' && content[len("sources:")] == ' ' && printable(value) {
				return next, line
			}
		}
	}
	return -1, 0
}

// cutEntries cuts a list into runs of so many entries, which are like the first but for their text. It returns where the list ends.
func cutEntries(text []byte, first run, length int) (runs []run, end int) {
	indent, entries, current := -1, 0, first
	begin, offset, lines := 0, 0, first.before
	for offset < len(text) {
		content := text[offset:]
		if i := bytes.IndexByte(content, '\n'); i >= 0 {
			content = content[:i+1]
		}
		inner := bytes.TrimLeft(content, " ")
		column := len(content) - len(inner)
		words := bytes.TrimSpace(inner)
		entry := len(words) > 0 && words[0] == '-' && (len(words) == 1 || words[1] == ' ')
		switch {
		case len(words) == 0, words[0] == '#':
		case indent < 0 && !entry:
			return nil, 0
		case indent < 0:
			indent, entries = column, 1
		case entry && column == indent && entries < length:
			entries++
		case entry && column == indent:
			current.text = text[begin:offset]
			runs = append(runs, current)
			begin, entries, current.before = offset, 1, lines
		case column == 0 && content[0] != '\t':
			current.text = text[begin:offset]
			return append(runs, current), offset
		}
		offset += len(content)
		lines++
	}
	current.text = text[begin:]
	return append(runs, current), len(text)
}

// holds says whether the key that was found is one of the file: in the tree of the rest it is a key of a block mapping at the
// root.
func (l *layout) holds(root *yaml.Node) bool {
	if root.Kind == yaml.DocumentNode && len(root.Content) == 1 {
		root = root.Content[0]
	}
	if root.Kind != yaml.MappingNode || root.Style&yaml.FlowStyle != 0 {
		return false
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		if key := root.Content[i]; key.Value == "sources" && int(key.Line) == l.line && key.Column == 1 {
			return true
		}
	}
	return false
}

// anchored says whether anything in a tree has an anchor.
func anchored(node *yaml.Node) bool {
	if node.Anchor != "" {
		return true
	}
	for _, inner := range node.Content {
		if anchored(inner) {
			return true
		}
	}
	return false
}
