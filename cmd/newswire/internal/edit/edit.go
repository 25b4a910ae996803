// Package edit adds sources, categories and partners to newswire.yaml in the operator's own text, and changes or removes
// an entry: what is there besides, comments and layout with it, stays byte for byte.
//
//	data, err = edit.Append(data, edit.Addition{Sources: []edit.Source{{ID: "dsb", URL: address}}})
//	data, err = edit.Set(data, "partners", "acme", edit.Pair{"key_sha256", digest})
//	_, err = config.Parse(path, data)
//	err = edit.Write(path, data)
//
// It refuses with [ErrLayout] where it cannot tell how to add and change nothing else. Whether what it adds makes sense
// is for package config to check.
package edit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// ErrLayout says that the text is laid out in a way that cannot be added to without changing it.
var ErrLayout = errors.New("cannot be added to as it is laid out")

// Addition is what is added. Categories come before sources, and sources before partners.
type Addition struct {
	Categories []Category
	Sources    []Source
	Partners   []Partner
}

// Category is an entry of categories.
type Category struct {
	ID    string `json:"id" yaml:"id"`
	Title string `json:"title,omitempty" yaml:"title,omitempty"`
}

// Source is an entry of sources.
type Source struct {
	ID         string   `json:"id" yaml:"id"`
	Name       string   `json:"name,omitempty" yaml:"name,omitempty"`
	URL        string   `json:"url" yaml:"url"`
	Site       string   `json:"site,omitempty" yaml:"site,omitempty"`
	Categories []string `json:"categories,omitempty" yaml:"categories,omitempty,flow"`
	Page       *Page    `json:"page,omitempty" yaml:"page,omitempty,flow"`
}

// Page is the selectors of a source without a feed.
type Page struct {
	Item      string `json:"item" yaml:"item"`
	Link      string `json:"link,omitempty" yaml:"link,omitempty"`
	Title     string `json:"title,omitempty" yaml:"title,omitempty"`
	Author    string `json:"author,omitempty" yaml:"author,omitempty"`
	Published string `json:"published,omitempty" yaml:"published,omitempty"`
}

// Partner is an entry of partners.
type Partner struct {
	ID         string   `json:"id" yaml:"id"`
	KeySHA256  string   `json:"key_sha256" yaml:"key_sha256"`
	Categories []string `json:"categories,omitempty" yaml:"categories,omitempty,flow"`
	Content    string   `json:"content,omitempty" yaml:"content,omitempty"`
	Rate       string   `json:"rate,omitempty" yaml:"rate,omitempty"`
}

// Text is an entry as it stands under sources, for an operator to paste.
func (s *Source) Text() string { return block([]Source{*s}, 2)[0] }

// Append adds to a config's text, which may be empty. The error wraps [ErrLayout], or says that the text is no YAML.
func Append(data []byte, a Addition) ([]byte, error) {
	const bom = "\ufeff"
	text, marked := strings.CutPrefix(string(data), bom)
	var err error
	if len(a.Categories) > 0 {
		if text, err = add(text, "categories", a.Categories); err != nil {
			return nil, err
		}
	}
	if len(a.Sources) > 0 {
		if text, err = add(text, "sources", a.Sources); err != nil {
			return nil, err
		}
	}
	if len(a.Partners) > 0 {
		if text, err = add(text, "partners", a.Partners); err != nil {
			return nil, err
		}
	}
	if marked {
		text = bom + text
	}
	return []byte(text), nil
}

// add adds entries to the list under a key of the text's mapping, and makes sure that nothing else has changed.
func add[E any](text, key string, entries []E) (string, error) {
	out, err := insert(text, key, entries)
	if err != nil {
		return "", fmt.Errorf("%s: %w", key, err)
	}
	want, err := tree(text)
	if err != nil {
		return "", err
	}
	var added []any
	if err := reload(entries, &added); err != nil {
		return "", err
	}
	got, err := tree(out)
	list, _ := got[key].([]any)
	before, _ := want[key].([]any)
	atEnd, atStart := slices.Concat(before, added), slices.Concat(added, before)
	if err != nil || !reflect.DeepEqual(list, atEnd) && !reflect.DeepEqual(list, atStart) {
		return "", fmt.Errorf("%s: %w", key, ErrLayout)
	}
	delete(got, key)
	delete(want, key)
	if !reflect.DeepEqual(got, want) {
		return "", fmt.Errorf("%s: %w", key, ErrLayout)
	}
	return out, nil
}

// tree is what a text says, without its layout. An empty one says nothing.
func tree(text string) (map[string]any, error) {
	root, err := parse(text)
	if err != nil || root == nil {
		return map[string]any{}, err
	}
	var t map[string]any
	if err := root.Decode(&t); err != nil {
		return nil, err
	}
	return t, nil
}

// reload turns entries into what reading them gives.
func reload[E any](entries []E, out *[]any) error {
	b, err := yaml.Dump(entries)
	if err != nil {
		return err
	}
	return yaml.Load(b, out)
}

// parse is the node of a text's mapping; nil when the text says nothing.
func parse(text string) (*yaml.Node, error) {
	if !slices.ContainsFunc(strings.Split(text, "\n"), func(l string) bool { return !isBlank(l) && !isComment(l) }) {
		return nil, nil
	}
	var document yaml.Node
	if err := yaml.Load([]byte(text), &document); err != nil {
		return nil, err
	}
	root := &document
	if root.Kind == yaml.DocumentNode && len(root.Content) == 1 {
		root = root.Content[0]
	}
	if root.Kind != yaml.MappingNode {
		return nil, ErrLayout
	}
	return root, nil
}

// insert writes entries where the list under a key is, or makes one.
func insert[E any](text, key string, entries []E) (string, error) {
	root, err := parse(text)
	if err != nil {
		return "", err
	}
	l := newLayout(text)
	at := -1
	for i := 0; root != nil && i < len(root.Content); i += 2 {
		if root.Content[i].Value == key {
			at = i
		}
	}
	if at < 0 {
		return l.append(key, block(entries, 2)), nil
	}
	name, list := root.Content[at], root.Content[at+1]
	limit := len(l.lines)
	for i := 0; i < len(root.Content); i += 2 {
		if next := int(root.Content[i].Line) - 1; next >= int(name.Line) {
			limit = min(limit, next)
		}
	}
	switch {
	case list.Kind == yaml.ScalarNode && list.Tag == "!!null":
		return l.insert(int(name.Line), block(entries, int(name.Column)+1)), nil
	case list.Kind != yaml.SequenceNode:
		return "", ErrLayout
	case list.Style&yaml.FlowStyle != 0:
		return l.insertFlow(list, flow(entries))
	default:
		return l.insert(l.end(list, limit), l.spaced(list, block(entries, int(list.Column)-1))), nil
	}
}

// block is entries as they are written in a list, an entry each.
func block[E any](entries []E, indent int) []string {
	var out []string
	for _, e := range entries {
		b, err := yaml.Dump([]E{e}, yaml.WithIndent(2), yaml.WithLineWidth(-1), yaml.WithUnicode(true))
		if err != nil {
			panic("edit: an entry of strings does not become YAML: " + err.Error())
		}
		var lines strings.Builder
		for line := range strings.Lines(string(b)) {
			lines.WriteString(strings.Repeat(" ", indent) + line)
		}
		out = append(out, lines.String())
	}
	return out
}

// flow is entries between brackets: JSON, which is YAML too.
func flow[E any](entries []E) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(entries); err != nil {
		panic("edit: an entry of strings does not become JSON: " + err.Error())
	}
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(b.String()), "["), "]")
}
