package parse_test

import (
	"strings"
	"testing"

	"github.com/newswire/newswire/sources/parse"
)

// Long texts go around gofeed. What looks like the mark of another text is a text like any other.
func TestTextsComeBackToTheirOwnItems(t *testing.T) {
	long := strings.Repeat("a long text ", 50) + "<b>x</b> ]]> &amp;"
	texts := []string{long + "1", "short", long + "2", "newswire-text:0", "newswire-text:1", "newswire-text:x", "newswire&#45;text:2", ""}
	for name, document := range map[string]func(items string) string{"rss": rss, "atom": atom} {
		var items strings.Builder
		for i, text := range texts {
			text = strings.ReplaceAll(text, "]]>", "]]&gt;")
			text = strings.NewReplacer("<", "&lt;", "&amp;", "&amp;amp;").Replace(text)
			if name == "rss" {
				items.WriteString("<item><guid>" + string(rune('a'+i)) + "</guid><description>" + text + "</description></item>")
			} else {
				items.WriteString("<entry><id>x:" + string(rune('a'+i)) + `</id><content type="html">` + text + "</content></entry>")
			}
		}
		doc, err := parse.Parse(t.Context(), []byte(document(items.String())), parse.Options{})
		if err != nil || len(doc.Items) != len(texts) {
			t.Fatalf("%s: %d items, %v; want %d", name, len(doc.Items), err, len(texts))
		}
		for i, want := range texts {
			want = strings.ReplaceAll(want, "&#45;", "-")
			if got := doc.Items[i].Summary + doc.Items[i].Content; got != want {
				t.Errorf("%s, item %d: %q, want %q", name, i, got, want)
			}
		}
	}
}
