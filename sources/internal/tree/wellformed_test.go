package tree

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

var wellFormed = []struct {
	fragment string
	want     bool
}{
	{``, true},
	{`plain &amp; simple &copy 2026 &nbsp;`, true},
	{`<p class="a" lang='de'>a <b>b <i>c</i></b><br><br/></p><hr>` + "\n" + `<p>d</p>`, true},
	{`<a href="/x?a=1&b=2&amp;c=3&#38;d" title="&quot;x&quot;">a</a>`, true},
	{`<a title="z" href="/x">attributes of formatting are sorted</a>`, true},
	{`<img alt src="a.png"><p hidden>x</p>`, true},
	{`<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul><dl><dt>a</dt><dd>b</dd></dl>`, true},
	{`<b><p>a</p></b>`, true},
	{`<pre>a` + "\n" + `</pre>`, true},
	{`<div><h2>a</h2><h3>b</h3></div>`, true},

	{`<p>a<p>b`, false},
	{`<p>a<div>b</div></p>`, false},
	{`<p>a<hr></p>`, false},
	{`<p><span><p>a</p></span></p>`, false},
	{`<b>a<i>b</b>c</i>`, false},
	{`<b>a<b>b</b></b>`, false},
	{`<a href="/x">a<a href="/y">b</a></a>`, false},
	{`<h2>a<h3>b</h3></h2>`, false},
	{`<li>a</li>`, false},
	{`<ul><div><li>a</li></div></ul>`, false},
	{`<p>a`, false},
	{`a</p>`, false},
	{`a</div>`, false},
	{`a</br>`, false},
	{`<P>a</P>`, false},
	{`<p/>`, false},
	{`<p a="1" a="2">x</p>`, false},
	{`<p a=1>x</p>`, false},
	{`<p a="1"b="2">x</p>`, false},
	{`<p a = "1">x</p>`, false},
	{`<p title="&copy">x</p>`, false},
	{`<p title="&notit;">x</p>`, false},
	{`<p title="&#x;">x</p>`, false},
	{`<p`, false},
	{`<p title="a`, false},
	{`<pre>` + "\n" + `a</pre>`, false},
	{`<!-- a -->`, false},
	{`a < b`, false},
	{`</>`, false},
	{`<table><tr><td>a</td></tr></table>`, false},
	{`<script>a</script>`, false},
	{"a\rb", false},
	{"a\x00b", false},
	{strings.Repeat("<div>", 200) + strings.Repeat("</div>", 200), false},
}

func TestAWellFormedFragmentLeavesTheAlgorithmNothingToDecide(t *testing.T) {
	for _, tt := range wellFormed {
		if got := parseWellFormed(tt.fragment, usedMemory()) != nil; got != tt.want {
			t.Errorf("%q is well-formed: %v; want %v", tt.fragment, got, tt.want)
		}
		checkWellFormed(t, tt.fragment)
	}
}

// Most of what publishers send is to be well-formed, or the short way is not worth its lines.
func TestRealArticlesAreReadAsTheAlgorithmReadsThem(t *testing.T) {
	for _, b := range realFeeds(t) {
		for piece := range strings.SplitSeq(html.UnescapeString(string(b)), "<![CDATA[") {
			piece, _, _ = strings.Cut(piece, "]]>")
			checkWellFormed(t, piece)
		}
	}
}

// realFeeds are the documents of real publishers, by name. They are no part of this repository: without them, what needs
// them is left out.
func realFeeds(t *testing.T) map[string][]byte {
	t.Helper()
	shared := os.Getenv("NEWSWIRE_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "..", "shared")
	}
	files, err := filepath.Glob(filepath.Join(shared, "corpus", "feeds", "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("left out: neither $NEWSWIRE_SHARED/corpus nor ../shared/corpus is there")
	}
	feeds := make(map[string][]byte, len(files))
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		feeds[filepath.Base(file)] = b
	}
	return feeds
}

// checkWellFormed holds a tree that was read as well-formed to the one that x/net/html makes.
func checkWellFormed(t *testing.T, fragment string) {
	t.Helper()
	memory := usedMemory()
	got := parseWellFormed(fragment, memory)
	if got == nil {
		return
	}
	want := parseAny(fragment)
	if want == nil {
		t.Fatalf("read as well-formed: %q, which the algorithm refuses", fragment)
	}
	compareTrees(t, fragment, got, want)
}

// usedMemory is memory that held another tree.
func usedMemory() *Memory {
	m := new(Memory)
	m.Parse(`<div title="a"><p lang="b">c</p><ul><li>d</li></ul></div>`)
	m.Clear()
	return m
}

func compareTrees(t *testing.T, fragment string, got, want *html.Node) {
	t.Helper()
	if got.Type != want.Type || got.Data != want.Data || got.DataAtom != want.DataAtom || got.Namespace != want.Namespace || len(got.Attr) != len(want.Attr) {
		t.Fatalf("of %q:\n got %+v\nwant %+v", fragment, got, want)
	}
	for i := range got.Attr {
		if got.Attr[i] != want.Attr[i] {
			t.Fatalf("of %q: got %+v, want %+v", fragment, got.Attr[i], want.Attr[i])
		}
	}
	g, w := got.FirstChild, want.FirstChild
	for ; g != nil && w != nil; g, w = g.NextSibling, w.NextSibling {
		compareTrees(t, fragment, g, w)
	}
	if g != nil || w != nil {
		t.Fatalf("of %q: %q has the children %v, want %v", fragment, got.Data, g, w)
	}
}

func FuzzWellFormed(f *testing.F) {
	for _, tt := range wellFormed {
		f.Add(tt.fragment)
	}
	for name := range elements {
		f.Add("<" + name + ` title="a&amp;b">a</` + name + "><p><" + name + ">b</" + name + "></p><" + name + "><p>c</p></" + name + ">")
	}
	f.Fuzz(func(t *testing.T, fragment string) {
		checkWellFormed(t, fragment)
		// What was rendered is nearly well-formed, so that the fuzzer gets further than by chance.
		if root := parseAny(fragment); root != nil {
			checkWellFormed(t, Render(root, 0))
		}
	})
}
