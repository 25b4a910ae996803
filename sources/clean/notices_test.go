package clean

import (
	"slices"
	"strings"
	"testing"
)

// FuzzShortcuts holds what is said of a line without reading it to the end to what the expressions and the lists say of it.
func FuzzShortcuts(f *testing.F) {
	for _, line := range []string{
		"", "a", "Disclaimer: the views are the author's", "[notice]", "Important notices", "legal notice: x", "terms", "termsx", "1. Casino", "(2) x",
		"声明：x", "【免责声明】", "责任编辑：王", "[责编/x]", "online casino", "казино", "①x", "ＡB", "a  b\tc",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		line = spaced(Legal(line))
		folded := fold(line)
		if want := declaration.MatchString(folded); want && !mayDeclare(folded) {
			t.Errorf("%q is a declaration, and it is said that none can be", folded)
		}
		if line != "" && alphabetic[line[0]] && numeral.MatchString(line) {
			t.Errorf("%q has a number", line)
		}
		if !isASCII(line) {
			return
		}
		if mark.MatchString(line) {
			t.Errorf("%q is an editor's mark in ASCII", line)
		}
		if slow := spaced(strings.TrimPrefix(fold("é "+line), "é")); folded != slow {
			t.Errorf("fold(%q) = %q, want %q", line, folded, slow)
		}
		if got, want := spam.in(folded), spam.in("é "+folded); !slices.Equal(got, want) {
			t.Errorf("the terms in %q are %q, want %q", folded, got, want)
		}
		if got, want := subjectsOf(folded, ofNotices), subjectsOf("é "+folded, ofNotices); got != want {
			t.Errorf("%q is about %b, want %b", folded, got, want)
		}
	})
}
