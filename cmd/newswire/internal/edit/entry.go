package edit

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// ErrNoEntry says that a list has no entry with the ID.
var ErrNoEntry = errors.New("there is no such entry")

// Pair is a key of an entry with its value.
type Pair struct{ Key, Value string }

// Set gives keys of an entry other values, and adds those that it has not. The entry is that of a list, by its id. The
// error wraps [ErrNoEntry] or [ErrLayout].
func Set(data []byte, list, id string, pairs ...Pair) ([]byte, error) {
	return change(data, list, func(text string, entries *yaml.Node, at int) (string, any, error) {
		entry := entries.Content[at]
		var want map[string]any
		if err := entry.Decode(&want); err != nil {
			return "", nil, err
		}
		l := newLayout(text)
		for _, p := range pairs {
			want[p.Key] = p.Value
		}
		// From the last to the first, so that what comes before keeps its place.
		for _, p := range slices.Backward(sorted(entry, pairs)) {
			if err := l.set(entry, p); err != nil {
				return "", nil, err
			}
		}
		return strings.Join(l.lines, ""), want, nil
	}, id)
}

// Remove takes an entry out of a list that has one on each line or more. The error wraps [ErrNoEntry] or [ErrLayout].
func Remove(data []byte, list, id string) ([]byte, error) {
	return change(data, list, func(text string, entries *yaml.Node, at int) (string, any, error) {
		if entries.Style&yaml.FlowStyle != 0 {
			return "", nil, ErrLayout
		}
		l := newLayout(text)
		from := int(entries.Content[at].Line) - 1
		var to int
		if at+1 < len(entries.Content) {
			to = int(entries.Content[at+1].Line) - 1
			to = l.trimmed(from+1, to, func(line string) bool { return isBlank(line) || isComment(line) })
		} else {
			to = l.last(entries, from)
		}
		return strings.Join(slices.Delete(l.lines, from, to), ""), nil, nil
	}, id)
}

// change changes an entry of a list, and makes sure that nothing else has changed. What do returns is the new text, and
// what its entry is then; nil when it is to be gone.
func change(data []byte, list string, do func(text string, entries *yaml.Node, at int) (string, any, error), id string) ([]byte, error) {
	const bom = "\ufeff"
	text, marked := strings.CutPrefix(string(data), bom)
	want, err := tree(text)
	if err != nil {
		return nil, err
	}
	entries, at, err := find(text, list, id)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", list, err)
	}
	out, entry, err := do(text, entries, at)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", list, err)
	}
	before, _ := want[list].([]any)
	after := slices.Delete(slices.Clone(before), at, at+1)
	if entry != nil {
		after = slices.Insert(after, at, entry)
	}
	got, err := tree(out)
	now, _ := got[list].([]any)
	if err != nil || len(now) != len(after) || len(after) > 0 && !reflect.DeepEqual(plain(now), plain(after)) {
		return nil, fmt.Errorf("%s: %w", list, ErrLayout)
	}
	delete(got, list)
	delete(want, list)
	if !maps.EqualFunc(got, want, func(a, b any) bool { return reflect.DeepEqual(a, b) }) {
		return nil, fmt.Errorf("%s: %w", list, ErrLayout)
	}
	if marked {
		out = bom + out
	}
	return []byte(out), nil
}

// plain is what YAML says with all scalars as their texts: a time that is not quoted is read as a time.
func plain(v any) string {
	b, err := yaml.Dump(v)
	if err != nil {
		return err.Error()
	}
	return strings.NewReplacer(`"`, "", "'", "").Replace(string(b))
}

// find is the list under a key, and the place in it of the entry with an ID.
func find(text, key, id string) (*yaml.Node, int, error) {
	root, err := parse(text)
	if err != nil {
		return nil, 0, err
	}
	for i := 0; root != nil && i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value != key {
			continue
		}
		list := root.Content[i+1]
		if list.Kind != yaml.SequenceNode {
			return nil, 0, ErrLayout
		}
		for at, entry := range list.Content {
			if _, value := member(entry, "id"); value != nil && value.Value == id {
				return list, at, nil
			}
		}
	}
	return nil, 0, fmt.Errorf("%w: %s", ErrNoEntry, id)
}

// member is a key of a mapping with its value; nil when it has none of that name.
func member(mapping *yaml.Node, key string) (name, value *yaml.Node) {
	for i := 0; mapping.Kind == yaml.MappingNode && i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i], mapping.Content[i+1]
		}
	}
	return nil, nil
}

// sorted are the pairs in the order in which the entry has them; those that it has not stay together, behind its id.
func sorted(entry *yaml.Node, pairs []Pair) []Pair {
	place := func(p Pair) int {
		if name, _ := member(entry, p.Key); name != nil {
			return int(name.Line)<<16 + int(name.Column)
		}
		name, _ := member(entry, "id")
		return int(name.Line)<<16 + int(name.Column)
	}
	return slices.SortedStableFunc(slices.Values(pairs), func(a, b Pair) int { return place(a) - place(b) })
}

// scalar is the text of a value that stands on one line: quoted, or without what ends a plain one.
var scalar = regexp.MustCompile(`^(?:"[^"\\]*"|'[^']*'|[^\s,\[\]{}#]+)`)

// set writes a pair into an entry: in the place of its value, or behind the entry's id.
func (l *layout) set(entry *yaml.Node, p Pair) error {
	quoted := strconv.Quote(p.Value)
	if _, value := member(entry, p.Key); value != nil {
		line, at, end := l.scalar(value)
		if end == 0 {
			return ErrLayout
		}
		*line = (*line)[:at] + quoted + (*line)[end:]
		return nil
	}
	return l.setBehindID(entry, p.Key+": "+quoted)
}

// setBehindID writes a key with its value behind an entry's id.
func (l *layout) setBehindID(entry *yaml.Node, pair string) error {
	name, value := member(entry, "id")
	line, _, end := l.scalar(value)
	switch {
	case end == 0:
		return ErrLayout
	case entry.Style&yaml.FlowStyle != 0:
		*line = (*line)[:end] + ", " + pair + (*line)[end:]
	default:
		if !strings.HasSuffix(*line, "\n") {
			*line += l.ending
		}
		*line += strings.Repeat(" ", int(name.Column)-1) + pair + l.ending
	}
	return nil
}

// scalar is the line of a value, and from where to where it stands there; end is 0 for one that is laid out otherwise.
func (l *layout) scalar(value *yaml.Node) (line *string, at, end int) {
	line = &l.lines[value.Line-1]
	for range value.Column - 1 {
		_, size := utf8.DecodeRuneInString((*line)[at:])
		at += size
	}
	if value.Kind != yaml.ScalarNode || at >= len(*line) {
		return line, 0, 0
	}
	found := scalar.FindString((*line)[at:])
	if strings.Trim(found, `"'`) != value.Value {
		return line, 0, 0
	}
	return line, at, at + len(found)
}

// last is the line behind the last entry of a list, which begins on the line from: what is set in further than the list
// belongs to it.
func (l *layout) last(list *yaml.Node, from int) int {
	end := from + 1
	for at := end; at < len(l.lines); at++ {
		switch line := l.lines[at]; {
		case isBlank(line), isComment(line) && indent(line) < int(list.Column):
			continue
		case indent(line) < int(list.Column):
			return end
		}
		end = at + 1
	}
	return end
}
