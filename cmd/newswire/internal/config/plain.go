package config

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plainKeys are the keys of a mapping whose values can be plain, by name.
type plainKeys map[string]plainKey

// plainKey is where such a value goes: into a text, a list of texts, or a mapping.
type plainKey struct {
	index []int     // of the field
	bit   uint64    // that marks the key as seen
	inner plainKeys // of a mapping
}

// plainKeysOf are those of a struct.
func plainKeysOf(t reflect.Type) plainKeys {
	keys := plainKeys{}
	keys.add(t, nil)
	if len(keys) > 64 {
		panic("config: more keys than there are bits for")
	}
	return keys
}

func (k plainKeys) add(t reflect.Type, at []int) {
	for f := range t.Fields() {
		index := slices.Concat(at, f.Index)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		key := plainKey{index: index, bit: 1 << len(k)}
		switch {
		case options == "inline":
			k.add(f.Type, index)
			continue
		case name == "-":
			continue
		case f.Type.Kind() == reflect.Struct:
			key.inner = plainKeysOf(f.Type)
		case f.Type.Kind() != reflect.String && f.Type != reflect.TypeFor[[]string]():
			continue
		}
		k[name] = key
	}
}

// entry reads an entry of a list that is written in the plainest way, and says whether it is: keys on lines of their own, or all
// of them in one pair of braces; each value a text, a list [a, b] or a mapping {a: b} of texts, on the line of its key. What such
// an entry means is known without the YAML library, which takes ten times as long. Every other entry is for the library, and so is what has
// a mistake.
func (k plainKeys) entry(text []byte, into reflect.Value) bool {
	column, closed, seen := -1, false, uint64(0)
	for line := range bytes.Lines(text) {
		pair := bytes.TrimLeft(bytes.TrimSuffix(line, []byte("\n")), " ")
		at := len(line) - len(bytes.TrimLeft(line, " "))
		switch {
		case column >= 0 && (len(pair) == 0 || pair[0] == '#'):
			if !printable(pair) {
				return false
			}
			continue
		case column < 0:
			var begins bool
			if pair, begins = bytes.CutPrefix(pair, []byte("- ")); !begins {
				return false
			}
			at += len("- ")
			column = at
			if closed = k.mapping(bytes.TrimRight(pair, " "), into, &seen); closed {
				continue
			}
		}
		if closed || at != column || !k.pair(pair, into, &seen) {
			return false
		}
	}
	return column >= 0
}

// mapping reads a mapping in braces.
func (k plainKeys) mapping(text []byte, into reflect.Value, seen *uint64) bool {
	list, ok := between(text, '{', '}')
	for pair := range bytes.SplitSeq(list, []byte(",")) { // of a text that has a comma, each part lacks a quote
		ok = ok && k.pair(bytes.Trim(pair, " "), into, seen)
	}
	return ok
}

// pair reads a key with its value, if the key was not seen before.
func (k plainKeys) pair(text []byte, into reflect.Value, seen *uint64) bool {
	name, value, _ := bytes.Cut(text, []byte(": "))
	key, known := k[string(name)]
	if !known || *seen&key.bit != 0 {
		return false
	}
	*seen |= key.bit
	field, value := into.FieldByIndex(key.index), bytes.Trim(value, " ")
	switch field.Kind() {
	case reflect.String:
		s, ok := plainText(value)
		field.SetString(s)
		return ok
	case reflect.Slice:
		list, ok := between(value, '[', ']')
		var texts []string
		for item := range bytes.SplitSeq(list, []byte(",")) {
			s, plain := plainText(bytes.Trim(item, " "))
			texts, ok = append(texts, s), ok && plain
		}
		field.Set(reflect.ValueOf(texts))
		return ok
	default:
		within := uint64(0)
		return key.inner.mapping(value, field, &within)
	}
}

// between is what stands between two brackets, if there are no others in it.
func between(text []byte, opening, closing byte) ([]byte, bool) {
	if len(text) < 2 || text[0] != opening || text[len(text)-1] != closing {
		return nil, false
	}
	text = text[1 : len(text)-1]
	return text, !bytes.ContainsAny(text, "[]{}")
}

// plainText reads a text, and says whether it is plain: between quotes and without an escape, or without quotes and of characters
// that nowhere mean anything to YAML.
func plainText(text []byte) (string, bool) {
	if len(text) == 0 || !printable(text) {
		return "", false
	}
	if quote := text[0]; quote == '"' || quote == '\'' {
		end := len(text) - 1
		plain := end > 0 && text[end] == quote && bytes.IndexByte(text[1:end], quote) < 0 && (quote == '\'' || bytes.IndexByte(text, '\\') < 0)
		return string(bytes.Trim(text, string(quote))), plain
	}
	for i, c := range text {
		switch {
		case c >= utf8.RuneSelf, letterOrDigit(c):
		case i == 0:
			return "", false
		case strings.IndexByte("-_./?=&%+~@()!;$'*, ", c) >= 0:
		case c == ':' && i+1 < len(text) && (text[i+1] == '/' || letterOrDigit(text[i+1])):
		default:
			return "", false
		}
	}
	s := string(text)
	return s, !special(s)
}

// printable says whether a text is UTF-8 of what can be seen, and of spaces.
func printable(text []byte) bool {
	for len(text) > 0 {
		c, size := rune(text[0]), 1
		if c >= utf8.RuneSelf {
			c, size = utf8.DecodeRune(text)
		}
		if c == utf8.RuneError || c < ' ' || c >= 0x7f && !unicode.IsPrint(c) {
			return false
		}
		text = text[size:]
	}
	return true
}

func letterOrDigit(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// special says whether a text without quotes may be something else to YAML: a word such as yes, a number or a date. One that
// begins with a digit is none of these if it has a character that no number and no date has.
func special(s string) bool {
	if s[0] <= '9' {
		return !strings.ContainsAny(s, "*ghijklmnpqrsuvwGHIJKLMNPQRSUVW")
	}
	return len(s) <= len("false") &&
		slices.Contains([]string{"y", "n", "yes", "no", "on", "off", "true", "false", "null"}, strings.ToLower(s))
}
