package tree

import (
	"strings"
	"testing"
)

func TestTagsThatEndAsInXMLAreEnded(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{`<iframe src="a" />b`, `<iframe src="a" /></iframe>b`},
		{`<IFRAME src='a'/>b`, `<IFRAME src='a'/></iframe>b`},
		{`<iframe/>b`, `<iframe/></iframe>b`},
		{`<iframe src=https://x.example/>b`, `<iframe src=https://x.example/>b`},
		{`<iframe title="a > b" src="c"/>d`, `<iframe title="a > b" src="c"/></iframe>d`},
		{`<iframe src="a"></iframe>b`, `<iframe src="a"></iframe>b`},
		{`<video src="a"/><audio src="b" />c`, `<video src="a"/></video><audio src="b" /></audio>c`},
		{`<script src="a"/>b`, `<script src="a"/></script>b`},
		{`<script>"<script src='a' />"</script>b`, `<script>"<script src='a' />"</script>b`},
		{`<script>a<iframe/>b`, `<script>a<iframe/></iframe>b`},
		{`<i class="icon"/>b`, `<i class="icon"/></i>b`},
		{`<p/>a<br/>b<img src="c"/>`, `<p/>a<br/>b<img src="c"/>`},
		{`<iframe src="a`, `<iframe src="a`},
		{`a/>b<`, `a/>b<`},
	} {
		if got := CloseAsXML(tt.in); got != tt.want {
			t.Errorf("CloseAsXML(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzCloseAsXML(f *testing.F) {
	f.Add(`<iframe src="a" />b<script>c</script>`)
	f.Fuzz(func(t *testing.T, fragment string) {
		closed := CloseAsXML(fragment)
		if len(closed) > 2*len(fragment)+len(fragment)/2+1 || !strings.HasPrefix(fragment, closed[:strings.Index(closed+"<", "<")]) {
			t.Errorf("CloseAsXML(%q) = %q", fragment, closed)
		}
	})
}
