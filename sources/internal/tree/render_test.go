package tree

import "testing"

// checkRender holds what is rendered to what html.Render makes of the same tree.
func checkRender(t *testing.T, fragment string) {
	t.Helper()
	root := parseAny(fragment)
	if root == nil {
		return
	}
	if got, want := Render(root, len(fragment)), renderAny(root); got != want {
		t.Errorf("of %q:\n got %q\nwant %q", fragment, got, want)
	}
}

var rendered = []string{
	"", "a &amp; b &lt; c &gt; d \" e ' f&#13;g", `<p lang="&quot;&#39;&amp;&#13;<>">a<br>b<img src="x"></p>`, "<pre>\n\na</pre><p>\n\nb</p>", "<pre>\n<b>a</b></pre>",
	"a<!-- b -->", "<script>a<b&c</script>", "<iframe>a<b&c</iframe>", `<svg xlink:href="x"><a>b</a></svg>`, "<textarea>\n\na</textarea>", "<blink>a</blink>",
	"<table><tr><td>a", "<source><track><wbr><hr>", "<noscript><p>a</noscript>", "<plaintext>a<b>&c",
}

func TestATreeIsRenderedAsHTMLRenderDoesIt(t *testing.T) {
	for _, fragment := range rendered {
		checkRender(t, fragment)
	}
}

func FuzzRender(f *testing.F) {
	for _, fragment := range rendered {
		f.Add(fragment)
	}
	for name := range elements {
		f.Add("<" + name + ` lang="a">b<` + name + ">c</" + name + ">")
	}
	f.Fuzz(checkRender)
}
