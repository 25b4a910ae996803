package markup_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire/sources/internal/markup"
)

// written is tokens as a text that can be compared: <name a=b>, </name>, "text".
func written(document string) string {
	var b strings.Builder
	for t := range markup.Tokens(document) {
		switch t.Kind {
		case markup.Start:
			b.WriteString("<" + t.Name)
			for _, name := range []string{"a", "b"} {
				if v, ok := t.Attrs[name]; ok {
					b.WriteString(" " + name + "=" + v)
				}
			}
			b.WriteString(">")
		case markup.End:
			b.WriteString("</" + t.Name + ">")
		case markup.Text:
			b.WriteString(`"` + t.Text + `"`)
		}
	}
	return b.String()
}

func TestTokensOfMarkupThatIsNotWellFormed(t *testing.T) {
	tests := []struct{ name, document, want string }{
		{"well-formed", `<x A="1"><y/>t</x>`, `<x a=1><y></y>"t"</x>`},
		{"prefixes", `<n:x n:a="1"></n:x>`, `<x a=1></x>`},
		{"a declaration, a comment", `<?xml version="1.1"?><!-- <z> --><x/>`, `<x></x>`},
		{"HTML's raw text elements hold markup", `<title><y/></title><script/><y/>`, `<title><y></y></title><script></script><y></y>`},
		{"CDATA is text as it is", `<x><![CDATA[a &amp; <b>]]></x>`, `<x>"a &amp; <b>"</x>`},
		{"undeclared entities", `<x a="caf&eacute;">&nbsp;&eacute;&#x4e2d;</x>`, "<x a=café>\"\u00a0é中\"</x>"},
		{"bare ampersands in an address", `<x a="?p=1&copy=2">?p=1&copy=2&amp;b=3</x>`, `<x a=?p=1&copy=2>"?p=1&copy=2&b=3"</x>`},
		{"references to what XML cannot hold", `<x a="1&#8;">2&#8;&#0;</x>`, `<x a=1>"2"</x>`},
		{"declared entities", `<!DOCTYPE x [<!ENTITY l "lol">]><x>&l;&lol;</x>`, `<x>"lol&lol;"</x>`},
		{"no quotes, no value, one twice", `<x a=1 b a=2>`, `<x a=1 b=>`},
		{"cut off in a tag", `<x><y a="1`, `<x>`},
		{"cut off in CDATA", `<x><![CDATA[half`, `<x>"half"`},
		{"nothing", ``, ``},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, written(tt.document)); diff != "" {
			t.Errorf("%s: %q (-want +got):\n%s", tt.name, tt.document, diff)
		}
	}
}
