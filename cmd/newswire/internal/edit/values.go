package edit

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// AddValues adds texts to a list of an entry's, such as the categories of a source, and makes that list where the entry has
// none. The entry is that of a list, by its id. The error wraps [ErrNoEntry] or [ErrLayout].
func AddValues(data []byte, list, id, key string, values ...string) ([]byte, error) {
	return change(data, list, func(text string, entries *yaml.Node, at int) (string, any, error) {
		entry := entries.Content[at]
		var want map[string]any
		if err := entry.Decode(&want); err != nil {
			return "", nil, err
		}
		added := make([]any, len(values))
		for i, v := range values {
			added[i] = v
		}
		l := newLayout(text)
		name, own := member(entry, key)
		switch {
		case name == nil:
			want[key] = added
			out, err := l.addMember(entry, key+": ["+strings.Join(scalars(values), ", ")+"]")
			return out, want, err
		case own.Kind != yaml.SequenceNode:
			return "", nil, ErrLayout
		}
		before, _ := want[key].([]any)
		if own.Style&yaml.FlowStyle != 0 {
			want[key] = slices.Concat(added, before)
			out, err := l.insertFlow(own, strings.Join(scalars(values), ", "))
			return out, want, err
		}
		want[key] = slices.Concat(before, added)
		last := own.Content[len(own.Content)-1]
		var lines []string
		for _, v := range scalars(values) {
			lines = append(lines, strings.Repeat(" ", int(own.Column)-1)+"- "+v+"\n")
		}
		return l.insert(int(last.Line), lines), want, nil
	}, id)
}

// addMember writes a member behind an entry's id.
func (l *layout) addMember(entry *yaml.Node, member string) (string, error) {
	if err := l.setBehindID(entry, member); err != nil {
		return "", err
	}
	return strings.Join(l.lines, ""), nil
}

// scalars are texts as YAML writes them on one line, quoted where they must be.
func scalars(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		b, err := yaml.Dump(v, yaml.WithLineWidth(-1))
		if err != nil {
			panic("edit: a text does not become YAML: " + err.Error())
		}
		out[i] = strings.TrimSpace(string(b))
	}
	return out
}
