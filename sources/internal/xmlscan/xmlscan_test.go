package xmlscan_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/newswire/newswire/sources/internal/xmlscan"
)

// written is the tokens of a document as a text that can be compared.
func written(document string) string {
	var b strings.Builder
	sc := xmlscan.New(document)
	for t := sc.Next(); t.Kind != xmlscan.EndOfDocument; t = sc.Next() {
		switch t.Kind {
		case xmlscan.StartTag:
			fmt.Fprintf(&b, "<%s", t.Name)
			for _, a := range t.Attrs {
				fmt.Fprintf(&b, " %s=%q", a.Name, a.Value)
			}
			if t.Closed {
				b.WriteString("/")
			}
			b.WriteString(">")
		case xmlscan.EndTag:
			fmt.Fprintf(&b, "</%s>", t.Name)
		case xmlscan.Text:
			fmt.Fprintf(&b, "%q", t.Text)
		case xmlscan.EndOfDocument:
		}
	}
	return b.String()
}

func TestTokensOfXMLThatIsNotWellFormed(t *testing.T) {
	for _, tt := range []struct{ name, document, want string }{
		{"well-formed", `<a:x b:c="1">t</a:x>`, `<a:x b:c="1">"t"</a:x>`},
		{"an element that ends itself", `<x/>`, `<x/>`},
		{"attributes without quotes and values", `<x a=1 b c='2'>`, `<x a="1" b="" c="2">`},
		{"a start tag that is never ended", `<x a="1"<y>`, `<x a="1"><y>`},
		{"a less-than sign that begins nothing", `1 < 2`, `"1 ""<"" 2"`},
		{"CDATA is text as it is", `<![CDATA[a &amp; <b>]]>`, `"a &amp; <b>"`},
		{"HTML's entities and bare ampersands", `&eacute; & &copy=1`, `"é & &copy=1"`},
		{"comments, instructions and a DOCTYPE with a subset", `<!-- x --><?y z?><!DOCTYPE x [<!ELEMENT x ANY>]><x>`, `<x>`},
		{"a tag that is cut off", `<x><y a="1`, `<x>`},
	} {
		if got := written(tt.document); got != tt.want {
			t.Errorf("%s: %s reads %s, want %s", tt.name, tt.document, got, tt.want)
		}
	}
}
