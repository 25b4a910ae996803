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
		{"entities of the document", `<!DOCTYPE x [<!ENTITY a "Ann > ]> 'B'"><!ENTITY b "&a; &amp; &#67;"> <!-- ]> --> <?y ?>] ><x b="&b;">&a;`, `<x b="Ann > ]> 'B' & C">"Ann > ]> 'B'"`},
		{"the first declaration holds", `<!DOCTYPE x [<!ENTITY a "1"><!ENTITY a "2">]>&a;`, `"1"`},
		{"entities of XML are not declared otherwise", `<!DOCTYPE x [<!ENTITY lt "x"><!ENTITY copy "c">]>&lt;&copy;`, `"<c"`},
		{"entities whose value is elsewhere, and of parameters", `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY % b "c">]>&a;&b;`, `"&a;&b;"`},
		{"an entity of itself", `<!DOCTYPE x [<!ENTITY a "&a;"><!ENTITY b "&c;"><!ENTITY c "&b;">]>&a;&b;&c;`, `"&a;&c;&c;"`},
		{"a subset that never ends", `<!DOCTYPE x [<!ENTITY a "1"><x>&a;`, `<x>"1"`},
		{"a tag that is cut off", `<x><y a="1`, `<x>`},
	} {
		if got := written(tt.document); got != tt.want {
			t.Errorf("%s: %s reads %s, want %s", tt.name, tt.document, got, tt.want)
		}
	}
}

// Documents have been made of entities that stand for gigabytes, by nesting or by number.
func TestEntitiesDoNotMultiplyADocument(t *testing.T) {
	nested := `<!DOCTYPE x [<!ENTITY l0 "laugh">`
	for i := range 20 {
		nested += fmt.Sprintf(`<!ENTITY l%d "%s">`, i+1, strings.Repeat(fmt.Sprintf("&l%d;", i), 10))
	}
	for name, document := range map[string]string{
		"nested":      nested + `]>` + strings.Repeat("&l20;&l3;&l2;", 10_000),
		"a long one":  `<!DOCTYPE x [<!ENTITY a "` + strings.Repeat("x", 4000) + `">]>` + strings.Repeat("&a;", 100_000),
		"a great one": `<!DOCTYPE x [<!ENTITY a "` + strings.Repeat("x", 1<<20) + `">]>` + strings.Repeat("&a;", 100_000),
		"many":        `<!DOCTYPE x [` + strings.Repeat(`<!ENTITY a "b">`, 100_000) + `]>` + strings.Repeat("&a;", 100_000),
	} {
		length := 0
		sc := xmlscan.New(document)
		for tok := sc.Next(); tok.Kind != xmlscan.EndOfDocument; tok = sc.Next() {
			length += len(tok.Text)
		}
		if length > len(document)+1<<20 {
			t.Errorf("%s: %d bytes became %d", name, len(document), length)
		}
	}
}
