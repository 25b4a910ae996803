package config

import (
	"iter"
	"reflect"
	"slices"
	"strings"
)

// keysOf lists the keys of the mapping that the named type stands for.
func keysOf(typeName string) []string {
	var found []string
	var walk func(t reflect.Type)
	walk = func(t reflect.Type) {
		for key, value := range keys(t) {
			if t.Name() == typeName {
				found = append(found, key)
			}
			walk(mapping(value))
		}
	}
	walk(reflect.TypeFor[document]())
	slices.Sort(found)
	return slices.Compact(found)
}

// keys are the keys that a mapping may have, inlined ones too, with the type of the value of each.
func keys(t reflect.Type) iter.Seq2[string, reflect.Type] {
	return func(yield func(string, reflect.Type) bool) {
		if t.Kind() != reflect.Struct {
			return
		}
		for f := range t.Fields() {
			key, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
			if options == "inline" {
				for inner, value := range keys(f.Type) {
					if !yield(inner, value) {
						return
					}
				}
				continue
			}
			if key != "-" && !yield(key, f.Type) {
				return
			}
		}
	}
}

// mapping is the type of a mapping behind pointers, lists and maps of it.
func mapping(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	return t
}

// suggest is the candidate that a misspelt word most likely meant, or nothing when none is close.
func suggest(word string, candidates []string) string {
	word = strings.ToLower(word)
	best, least := "", max(2, len(word)/3)+1
	for _, c := range candidates {
		d := distance(word, c)
		if 3*sharedStart(word, c) >= 2*max(len(word), len(c)) { // another form of the word, such as its plural
			d = min(d, least-1)
		}
		if d < least {
			best, least = c, d
		}
	}
	return best
}

// sharedStart is the length of what two words begin with alike.
func sharedStart(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// distance is the least number of insertions, deletions, substitutions and swaps of neighbours that turn a into b.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
