package clean_test

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/newswire/newswire/sources/clean"
)

// page is the base of the fragments.
func page(t testing.TB) *url.URL {
	t.Helper()
	u, err := url.Parse("https://harbour.example/2026/crane/index.html")
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// asHTML is a fragment, cleaned.
func asHTML(t testing.TB, fragment string, base *url.URL) string {
	t.Helper()
	cleaned, err := clean.HTML(t.Context(), fragment, base)
	if err != nil {
		t.Fatal(err)
	}
	return cleaned
}

// asArticle is a fragment, cleaned as an article.
func asArticle(t testing.TB, fragment string, base *url.URL, about *clean.About) clean.Result {
	t.Helper()
	result, err := clean.Article(t.Context(), fragment, base, about)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

var fragments = []struct{ name, in, want string }{
	{"text", `a & b < c`, `a &amp; b &lt; c`},
	{"markup that is fine", `<p>a <b>b</b> <a href="https://x.example/" title="t">c</a></p>`, `<p>a <b>b</b> <a href="https://x.example/" title="t">c</a></p>`},
	{"nothing", ` <p> &nbsp; </p><div><br></div>`, ``},
	{"an image alone", `<img src="a.png" alt="a">`, `<img src="https://harbour.example/2026/crane/a.png" alt="a" loading="lazy"/>`},

	{"scripts", `a<script>alert(1)</script><style>p{}</style><noscript>b</noscript>`, `ab`},
	{"event handlers and styles", `<p onclick="x()" style="color:red" class="c" id="i" data-x="y" lang="de">a</p>`, `<p lang="de">a</p>`},
	{"addresses that run", `<a href="javascript:alert(1)">a</a> <a href=" java&#10;script:x">b</a> <a href="data:text/html,x">c</a> <a href="vbscript:x">d</a>`, `a b c d`},
	{"forms", `<form action="/x"><p>a</p><input name="q"><button>go</button><select><option>o</option></select><textarea>t</textarea></form>`, `<p>a</p>`},
	{"comments and instructions", `a<!-- b --><?php c ?>d<!DOCTYPE x>`, `ad`},
	{"drawings", `a<svg><script>x</script><text>b</text></svg>c`, `ac`},
	{"formulas", `<math><mi>x</mi><mo>=</mo><mn>1</mn></math>`, `<math><mi>x</mi><mo>=</mo><mn>1</mn></math>`},
	{"unknown elements", `<p>a <x-y z="1">b</x-y> <blink>c</blink></p>`, `<p>a b c</p>`},
	{"obsolete elements", `<center>a</center><strike>b</strike><tt>c</tt><font color="red">d</font>`, `<div>a</div><s>b</s><code>c</code>d`},
	{"addresses in angle brackets", `<p>Ann <ann@x.example>, <https://x.example/a>`, `<p>Ann &lt;ann@x.example&gt;, &lt;https://x.example/a&gt;</p>`},
	{"types and files in angle brackets", `Map<K,V> of List<String> in <stdio.h><br>`, `Map&lt;K,V&gt; of List&lt;String&gt; in &lt;stdio.h&gt;<br/>`},
	{"comparisons without spaces", `$a<b$ and x<y for z> a`, `$a&lt;b$ and x&lt;y for z&gt; a`},
	{"unknown elements that are ended, end themselves or have attributes", `<o:p>a</o:p>b<x/>c<st1:place w:st="on">d`, `abcd`},
	{"a tag that is cut off", `a <a href="https://x.exam`, `a`},
	{"unbalanced markup", `<p>a<b>b<i>c</b>d`, `<p>a<b>b<i>c</i></b><i>d</i></p>`},
	{"end tags of nothing", `a</div></p></b>b`, `ab`},

	{"relative links", `<a href="../x?a=1&amp;b=2">a</a><a href="#top">b</a><a href="//cdn.example/y">c</a>`, `<a href="https://harbour.example/2026/x?a=1&amp;b=2">a</a><a href="https://harbour.example/2026/crane/index.html#top">b</a><a href="https://cdn.example/y">c</a>`},
	{"links with spaces and letters", `<a href=" /a b/ü?q=ä#é ">a</a>`, `<a href="https://harbour.example/a%20b/%C3%BC?q=%C3%A4#%C3%A9">a</a>`},
	{"mail and telephone", `<a href="mailto:a@b.example?subject=x">a</a> <a href="tel:+49 (30) 1">b</a>`, `<a href="mailto:a@b.example">a</a> <a href="tel:+49301">b</a>`},
	{"links that hold nothing", `a<a href="/x"></a><a name="y">b</a>`, `ab`},
	{"trackers", `<a href="https://x.example/?utm_source=a&amp;b=%20c&amp;fbclid=1&amp;gclid=2#utm_medium=rss">a</a>`, `<a href="https://x.example/?b=%20c">a</a>`},
	{"quotations", `<blockquote cite="/q">a</blockquote><q cite="javascript:x">b</q>`, `<blockquote cite="https://harbour.example/q">a</blockquote><q>b</q>`},

	{"pixels", `a<img src="https://x.example/p.gif" width="1" height="1"><img src="https://y.example/q" style="display: none"><img src="https://pixel.wp.com/b.gif?x">`, `a`},
	{"lazy pictures", `<img src="data:image/gif;base64,R0lGOD" data-src="a.png" data-srcset="a.png 1x, b.png 2x"><noscript><img src="a.png"></noscript>`, `<img src="https://harbour.example/2026/crane/a.png" srcset="https://harbour.example/2026/crane/a.png 1x, https://harbour.example/2026/crane/b.png 2x" alt="" loading="lazy"/>`},
	{"a set of pictures", `<img srcset="a.png?x=1,2 100w,b.png 200w, data:x 300w" sizes="50vw" alt="a">`, `<img srcset="https://harbour.example/2026/crane/a.png?x=1,2 100w, https://harbour.example/2026/crane/b.png 200w" sizes="50vw" alt="a" src="https://harbour.example/2026/crane/a.png?x=1,2" loading="lazy"/>`},
	{"a picture without address", `a <img alt="smile"> b<img src="javascript:x">`, `a smile b`},
	{"pictures by format", `<picture><source srcset="a.webp" type="image/webp"><source><img src="a.png" alt="a"></picture>`, `<picture><source srcset="https://harbour.example/2026/crane/a.webp" type="image/webp"/><img src="https://harbour.example/2026/crane/a.png" alt="a" loading="lazy"/></picture>`},
	{"sizes", `<img src="a.png" alt="a" width="640px" height="50%">`, `<img src="https://harbour.example/2026/crane/a.png" alt="a" width="640" loading="lazy"/>`},
	{"films", `<video poster="p.png" autoplay onplay="x()"><source src="a.mp4" type="video/mp4"><source src="javascript:x">no video</video>`, `<video poster="https://harbour.example/2026/crane/p.png" controls="controls"><source src="https://harbour.example/2026/crane/a.mp4" type="video/mp4"/>no video</video>`},
	{"a film without address", `<video>no video</video>`, `no video`},
	{"embedded pages", `<iframe src="https://www.youtube.com/embed/x?utm_source=y" title="A film"></iframe><iframe src="//player.example/1"></iframe><iframe src="about:blank"></iframe><iframe src="https://x.example/" width="1"></iframe>`, `<a href="https://www.youtube.com/embed/x">A film</a><a href="https://player.example/1">player.example</a>`},
	{"embedded objects", `<object data="a.swf"></object><object data="b.swf"><p>instead</p></object>`, `<a href="https://harbour.example/2026/crane/a.swf">harbour.example</a><p>instead</p>`},
	{"tables", `<table border="1"><tr><th scope="row">a<td colspan="2" bgcolor="red">b</table>`, `<table><tbody><tr><th scope="row">a</th><td colspan="2">b</td></tr></tbody></table>`},
	{"characters that XML excludes", "a\x00b&#8;c\ufffed&#150;", `abcd–`},
	{"code", "<pre>\n\n a &lt; b</pre>", "<pre>\n\n a &lt; b</pre>"},
}

func TestHTMLIsCleaned(t *testing.T) {
	base := page(t)
	for _, tt := range fragments {
		t.Run(tt.name, func(t *testing.T) {
			got := asHTML(t, tt.in, base)
			if got != tt.want {
				t.Errorf("HTML(%q)\n got %q\nwant %q", tt.in, got, tt.want)
			}
			checkClean(t, got, base)
		})
	}
}

func TestWithoutABaseWhatIsRelativeGoes(t *testing.T) {
	got := asHTML(t, `<a href="/x">a</a> <img src="b.png" alt="b"> <a href="https://x.example/">c</a>`, nil)
	if want := `a b <a href="https://x.example/">c</a>`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// checkClean checks what holds of everything that was cleaned.
func checkClean(t testing.TB, got string, base *url.URL) {
	t.Helper()
	if again := asHTML(t, got, base); again != got {
		t.Errorf("cleaning what is clean\nmade of %q\n       a %q", got, again)
	}
	if !utf8.ValidString(got) || got != clean.Legal(got) {
		t.Errorf("%q holds characters that XML excludes", got)
	}
	nodes, err := html.ParseFragment(strings.NewReader(got), nil)
	if err != nil {
		t.Fatalf("%q does not parse: %v", got, err)
	}
	for _, n := range nodes {
		checkNode(t, n)
	}
}

// checkNode checks that nothing is left that runs or follows.
func checkNode(t testing.TB, n *html.Node) {
	t.Helper()
	switch n.Data {
	case "script", "style", "iframe", "object", "embed", "form", "input", "button", "foreignObject", "annotation-xml", "mglyph", "use", "animate", "meta", "base", "link":
		if n.Type == html.ElementNode {
			t.Errorf("a %s is left", n.Data)
		}
	}
	for _, a := range n.Attr {
		if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "class" || strings.HasPrefix(a.Key, "data-") {
			t.Errorf("attribute %s is left", a.Key)
		}
		switch a.Key {
		case "href", "src", "poster", "cite":
			if !strings.HasPrefix(a.Val, "http://") && !strings.HasPrefix(a.Val, "https://") && !strings.HasPrefix(a.Val, "mailto:") && !strings.HasPrefix(a.Val, "tel:") {
				t.Errorf("%s=%q is not absolute", a.Key, a.Val)
			}
			_, query, _ := strings.Cut(a.Val, "?")
			if strings.Contains("&"+query, "&utm_") {
				t.Errorf("%s=%q follows readers", a.Key, a.Val)
			}
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		checkNode(t, c)
	}
}

func TestHostileHTMLCostsNoMoreThanItsLength(t *testing.T) {
	if testing.Short() {
		t.Skip("left out: takes seconds")
	}
	for name, in := range map[string]string{
		"many beginnings of tags":        "deep" + strings.Repeat("<t ", 1<<18),
		"elements nested 200,000 deep":   strings.Repeat("<div>", 200_000) + "deep",
		"elements nested 500 deep":       strings.Repeat("<div>", 500) + "deep",
		"formatting nested 200,000 deep": strings.Repeat("<b>", 200_000) + "deep",
		"links in links":                 strings.Repeat("<a href=/>", 10_000) + "deep",
		"tables in tables":               strings.Repeat("<table><tr><td>", 150) + "deep",
		"tables in links":                strings.Repeat("<a href=/><table>", 100) + "deep",
		"262,144 attributes":             "<p " + strings.Repeat("a=b ", 1<<18) + ">deep",
		"a srcset of 16,384":             `deep<img srcset="` + strings.Repeat("a.png 1x,", 1<<14) + `">`,
		"a srcset of commas":             `deep<img srcset="` + strings.Repeat(",", 1<<20) + `">`,
		"half a megabyte":                strings.Repeat("<p>deep</p>", 1<<16),
		"unclosed comments":              "deep" + strings.Repeat("<!--", 1<<18),
		"hidden in each other":           "<p>deep " + strings.Repeat("deep", 1000) + strings.Repeat("<div hidden>"+strings.Repeat("x ", 1000), 400),
		"a long tail of links":           "deep" + strings.Repeat(`<br><a href="https://x.example/">casino</a>`, 1<<14),
		"a tail of lines after breaks":   "deep" + strings.Repeat("<br>", 1<<15) + strings.Repeat(`<p>[图片]</p><br><a href="https://x.example/">casino</a>`, 1<<12),
		"marks without end":              "deep" + strings.Repeat("<p>编辑：某某</p>", 1<<14),
		"notices without end":            "deep" + strings.Repeat("<p>1. The views are the author's, in this article. 2. Copyright stays with the author.</p>", 1<<12),
		"links in boxes":                 "deep" + strings.Repeat("<b>", 90) + strings.Repeat(`<i><p><a href="https://x.example/">x</a></p></i>`, 1<<12),
	} {
		t.Run(name, func(t *testing.T) {
			// A cleaner whose cost grows with the square of the length needs minutes here, and the test binary's timeout ends it.
			got := asHTML(t, in, page(t))
			article := asArticle(t, in, page(t), about()).HTML
			if !strings.Contains(got, "deep") || !strings.Contains(article, "deep") {
				t.Errorf("the text is lost: %.200q, %.200q", got, article)
			}
			if _, err := html.ParseFragment(strings.NewReader(got), nil); err != nil {
				t.Errorf("what came out does not parse: %v", err)
			}
		})
	}
}

func TestTextIsWhatAReaderReads(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"a  b\n c", "a b c"},
		{"<p>a</p><p>b<br>c</p>", "a b c"},
		{"<b>w</b>ord &amp; <i>more</i>", "word & more"},
		{"a<script>x</script><style>y</style>b", "ab"},
		{"a<!-- b -->c", "ac"},
		{"<table><tr><td>a<td>b</table>", "a b"},
		{"<img alt='x'>a", "a"},
		{"1 &lt; 2", "1 < 2"},
		{"a\x00b", "ab"},
		{"<p", ""},
	} {
		if got := clean.Text(tt.in); got != tt.want {
			t.Errorf("Text(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestUntrackedLeavesTheRestAlone(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"https://x.example/?a=1&utm_source=b&c=%2F+d", "https://x.example/?a=1&c=%2F+d"},
		{"https://x.example/?utm_source=b", "https://x.example/"},
		{"https://x.example/?UTM_Source=b&a", "https://x.example/?a"},
		{"https://x.example/a?b#c", "https://x.example/a?b#c"},
		{"https://x.example/#utm_source=a", "https://x.example/"},
		{"https://x.example/#!/utm_source=a", "https://x.example/#!/utm_source=a"},
		{"https://x.example/#/a?utm_source=a&b=c", "https://x.example/#/a?b=c"},
		{"https://x.example/#/a?utm_source=a", "https://x.example/#/a"},
		{"https://x.example/?a=utm_source", "https://x.example/?a=utm_source"},
	} {
		if got := clean.Untracked(tt.in); got != tt.want {
			t.Errorf("Untracked(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestAddressesAreMadeAbsolute(t *testing.T) {
	base := page(t)
	for _, tt := range []struct{ in, want string }{
		{"https://x.example/a?b=c&d#e", "https://x.example/a?b=c&d#e"},
		{"HTTPS://X.example/", "https://X.example/"},
		{"a b.png", "https://harbour.example/2026/crane/a%20b.png"},
		{"100%.html", "https://harbour.example/2026/crane/100%25.html"},
		{"a%20b", "https://harbour.example/2026/crane/a%20b"},
		{"/a\n\tb", "https://harbour.example/ab"},
		{"?q=[1]", "https://harbour.example/2026/crane/index.html?q=%5B1%5D"},
		{"#a#b", "https://harbour.example/2026/crane/index.html#a%23b"},
		{"http://[2001:db8::1]/x", "http://[2001:db8::1]/x"},
		{"https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"},
		{"https://user:secret@x.example/", "https://x.example/"},
		{"javascript:alert(1)", ""},
		{"data:text/plain,x", ""},
		{"mailto:a@b.example", ""},
		{"ftp://x.example/", ""},
		{"http:x", ""},
		{"http://", ""},
		{"", ""},
		{"http://a b/", ""},
		{strings.Repeat("a", 10_000), ""},
	} {
		got := clean.Address(base, tt.in)
		if got != tt.want {
			t.Errorf("Address(%q) = %q, want %q", tt.in, got, tt.want)
		}
		if again := clean.Address(base, got); again != got {
			t.Errorf("Address(%q) = %q", got, again)
		}
	}
}

func FuzzHTML(f *testing.F) {
	for _, tt := range slices.Concat(fragments, formulas, drawings, late) {
		f.Add(tt.in)
	}
	for _, in := range []string{
		`<a><table><a>`, `<p><object><p>x</object>`, `<table><p>a<tr><td><p>b`, `<ruby>a<rt>b<rp>c`, `<dl><dd><dl><dt>x`,
		`<h1><h2>a<h3>b`, `<svg><p><style><!--</style><img src=x onerror=y>`, `<math><mtext><table><mglyph><style>`,
		`<li><p><li>a`, `<b><p><b><p><b><p><b><p>x`, `<nobr><nobr>a`, `<details><summary>a</summary><p>b`, `</br></p>x`,
		`<picture><p><img src=a>`, `<audio src=a><a href=b>c</audio>`, `<q><div><q>`, `<select><p>x`, `<a href=x><iframe src=//y>`,
	} {
		f.Add(in)
	}
	base, err := url.Parse("https://harbour.example/a/b")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, fragment string) {
		checkClean(t, asHTML(t, fragment, base), base)
		if got := clean.Text(fragment); strings.ContainsAny(got, "\n\t") || got != strings.TrimSpace(got) {
			t.Errorf("Text(%q) = %q is not one line", fragment, got)
		}
	})
}

// The W3C feed validator is the judge of what a feed may hold.
func TestCleanHTMLPassesTheW3CValidator(t *testing.T) {
	if os.Getenv("FEEDVALIDATOR") == "" {
		t.Skip("left out: $FEEDVALIDATOR does not name a checkout of the W3C feed validator")
	}
	shared := os.Getenv("NEWSWIRE_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	validate := filepath.Join(shared, "tools", "validate.py")
	if _, err := os.Stat(validate); err != nil {
		t.Skip("left out: neither $NEWSWIRE_SHARED/tools/validate.py nor ../shared/tools/validate.py is there")
	}
	var b strings.Builder
	b.WriteString(`<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>t</title><link>https://harbour.example/</link><description>d</description><atom:link rel="self" type="application/rss+xml" href="https://harbour.example/feed"/>`)
	for i, tt := range fragments {
		if out := asHTML(t, tt.in, page(t)); out != "" {
			b.WriteString("\n<item><title>" + tt.name + "</title><guid isPermaLink='false'>" + strings.Repeat("x", i+1) + "</guid><description>" + html.EscapeString(out) + "</description></item>")
		}
	}
	b.WriteString(`</channel></rss>`)
	file := filepath.Join(t.TempDir(), "clean.rss")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "/usr/bin/python3", validate, "--strict", file).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
