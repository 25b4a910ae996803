package tree

import (
	"strings"
	"testing"
)

func TestWhatMakesATreeOutOfProportionIsCostly(t *testing.T) {
	var reopened strings.Builder
	reopened.WriteString("<p>")
	for i := range 200 {
		reopened.WriteString("<b class=" + strings.Repeat("x", i) + ">")
	}
	for _, tt := range []struct {
		name, in string
		want     bool
	}{
		{"text", "a < b", false},
		{"an article", strings.Repeat("<p>The <b>crane</b> <i>fell.</p>", 1000), false},
		{"formatting that is never closed", strings.Repeat("<p><font color=red>x</p>", 1000), false},
		{"formatting around many paragraphs", "<b><i><em>" + strings.Repeat("<p>The crane fell.</p>", 1000), false},
		{"a document in a document", "<html><body><p>x<html><body><p>y", false},
		{"much formatting, opened again", reopened.String() + strings.Repeat("</p><p>x", 2000), true},
		{"much formatting by other ends", reopened.String() + strings.Repeat("</div><div>x", 2000), true},
		{"documents without end", strings.Repeat("<html a>", 100), true},
		{"tags without end", strings.Repeat("<p>", MaxTags+1), true},
	} {
		if got := IsCostly(tt.in); got != tt.want {
			t.Errorf("%s: costly %v, want %v", tt.name, got, tt.want)
		}
	}
}

// A tree of what is not costly has no more nodes than the count says.
func FuzzIsCostly(f *testing.F) {
	f.Add("<p><b a=1><b a=2></p><p>x</p><p>y")
	f.Add("<a><i>x</a><table><b><tr><td>y</i></table>")
	f.Fuzz(func(t *testing.T, document string) {
		if IsCostly(document) {
			return
		}
		root := parseAny(document)
		if root == nil {
			return
		}
		nodes := 0
		for range root.Descendants() {
			nodes++
		}
		if most := 4*len(document) + 2000; nodes > most {
			t.Errorf("%d nodes of %d bytes", nodes, len(document))
		}
	})
}
