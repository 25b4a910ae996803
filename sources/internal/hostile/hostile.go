// Package hostile makes HTML that costs more than it is worth, for the tests of the packages that read HTML.
//
//	for _, input := range hostile.Inputs() {
//		if err := input.Grow(func(text string) { read(text) }); err != nil {
//			t.Error(err)
//		}
//	}
//
// The inputs come from a small grammar: a frame, and inside of it one unit over and over. Each can be made of any
// length, and [Input.Grow] compares what ten times the length costs.
package hostile

import (
	"strconv"
	"strings"
)

// Input is one kind of input.
type Input struct {
	Name  string
	frame frame
	unit  string
}

// Repeated is an input of a unit of one's own; a percent sign in it stands for a number that is another each time.
func Repeated(name, unit string) Input { return Input{Name: name, unit: unit} }

// frame is what stands before and behind the repeated unit. One that is filled has text of other words for the first half.
type frame struct {
	name, before, after string
	filled              bool
}

const body = `<p>The crane fell into the harbour on Monday, and divers lifted it two days later with a second crane from the yard.</p>`

var frames = []frame{
	{name: "under a text", before: body},
	{name: "under a long text", filled: true},
	{name: "deep in formatting", before: strings.Repeat("<b><i>", 45)},
	{name: "in a torn table", before: body + "<table>"},
}

// units are repeated; a percent sign stands for a number that is another each time.
var units = []struct{ name, text string }{
	{"text", "word% "},
	{"text without spaces", "wordwithoutend"},
	{"ideographs", "電商平台%"},
	{"spaces", " \n\t"},
	{"references", "&amp;&lt;&eacute;&notanentity;&#x%;"},
	{"less-than signs", "<"},
	{"beginnings of tags", "<t "},
	{"types in angle brackets", "List<String%>"},
	{"unclosed boxes", "<div>"},
	{"closed boxes", "<div>x%</div>"},
	{"empty boxes", "<div></div><span> </span>"},
	{"unclosed formatting", "<b>"},
	{"unclosed formatting, each other", "<b class=%>"},
	{"formatting across paragraphs", "<p><font size=%>x</p>"},
	{"misnested formatting", "<b><i></b></i>"},
	{"ends of nothing", "x</x></b></p>"},
	{"ends of nothing between words", "crane and harbour</o:p>"},
	{"parts of tables", "x<td><tr></tbody>"},
	{"tables", "<table><tr><td>x"},
	{"rows", "<tr><td>x%</td><td><b>y</b></td></tr>"},
	{"paragraphs", "<p>x% y z</p>"},
	{"unclosed paragraphs", "<p>x"},
	{"line breaks", "x%<br>"},
	{"headings", "<h2>Read more</h2><h3>x%</h3>"},
	{"items of lists", "<li>x%"},
	{"lists in lists", "<ul><li>x"},
	{"definitions", "<dl><dt>x<dd>y"},
	{"links to other sites", `<a href="https://s%.example/">casino %</a> `},
	{"links to other sites, a line each", `<p><a href="https://s%.example/">divorce lawyer%</a></p>`},
	{"links to other sites, a row", `<br><a href="https://s%.example/a">harbour%</a> <a href="https://t%.example/b">viagra</a>`},
	{"links to other sites, in Chinese", `<li><a href="https://s%.example/">澳門賭場%</a></li>`},
	{"links under the beginning of a word", "<a href=//s%.io/>cran</a> "},
	{"links to own pages", `<li><a href="/%">Read more %</a></li>`},
	{"links that lead nowhere", `<a href="javascript:%">x</a><a name=%>`},
	{"links in links", "<a href=/%>"},
	{"links with mail", `<a href="mailto:(((%@x.example">x</a>`},
	{"pictures", `<img src="a%.png" data-src="b%.png" alt="x">`},
	{"pictures with sets", `<picture><source srcset="a%.png 1x, b.png 2x"><img srcset="c%.png 3x"></picture>`},
	{"pictures without scripts", `<img data-src="x%.png"><noscript><img src="y%.png"></noscript> `},
	{"nothing without scripts", "<noscript></noscript> "},
	{"films", `<video src="a%.mp4"><source src="b.mp4"></video><audio><source></audio>`},
	{"frames", `<iframe src="https://f%.example/" title="x"></iframe>`},
	{"objects", `<object data="a%.swf"><p>x</object>`},
	{"forms", `<form><select><option>x<input name=%></select><textarea>y</textarea></form>`},
	{"scripts", `<script>x%</script><style>y</style>`},
	{"comments", "x<!-- % -->"},
	{"unclosed comments", "<!--"},
	{"sections of CDATA", "<![CDATA[x%]]>"},
	{"drawings", `<svg viewBox="0 0 9 9"><g><path d="M0 0L%"/></g></svg>`},
	{"drawings in drawings", "<svg><g><foreignObject>"},
	{"formulas", "<math><mfrac><mn>1</mn><mn>%</mn></mfrac></math>"},
	{"formulas in formulas", "<math><mrow><mi>"},
	{"hidden boxes", "<div hidden>x</div><p hidden></p>"},
	{"hidden in each other", `<div style="font-size:0;visibility:hidden">x`},
	{"transparent links", `<span style="opacity:0"><a href="https://s%.example/">x</a></span>`},
	{"placeholders", "<p>[图片]</p>"},
	{"marks", "<p>编辑：某某</p>"},
	{"notices", "<p>%. The views are the author's, in this article. Copyright stays with the author.</p>"},
	{"notes", `<ruby>漢<rt>kan</ruby><bdo dir=rtl>x%</bdo><details><summary>y</details>`},
	{"dates and names", `<div class="date info" itemprop="author">By Ann Lee% 2026-03-05</div>`},
	{"headlines", `<h1 itemprop="headline">A crane% has fallen</h1>`},
	{"metadata", `<meta property="article:tag og:title" content="x%"><link rel=tag href=/%>`},
	{"templates", "<template><tr>"},
	{"preformatted", "<pre>\n\n x%</pre>"},
}

// inside are frames with a unit of their own, which fits nowhere else.
var inside = []Input{
	{"attributes", frame{before: body + "<p", after: ">x</p>"}, ` a%="b"`},
	{"attributes of formatting", frame{before: "<b", after: ">x<p>y</b>z"}, ` a%="b"`},
	{"attributes without values", frame{before: body + "<p ", after: ">x</p>"}, "a% "},
	{"one attribute", frame{before: body + "<p ", after: ">x</p>"}, `a="b" `},
	{"a style of comments", frame{before: body + `<p style="`, after: `">x</p>`}, "/**/"},
	{"a style of declarations", frame{before: body + `<p style="`, after: `">x</p>`}, "a%: b;"},
	{"classes", frame{before: body + `<p class="`, after: `">x</p>`}, "date% "},
	{"a set of pictures", frame{before: body + `<img srcset="`, after: `">`}, "a%.png 1x, "},
	{"a set of commas", frame{before: body + `<img srcset="`, after: `">`}, ","},
	{"an address", frame{before: body + `<a href="/`, after: `">x</a>`}, "a%/../"},
	{"a query", frame{before: body + `<a href="/?`, after: `">x</a>`}, "utm_a%=b&"},
	{"a mailbox", frame{before: body + `<a href="mailto:`, after: `">x</a>`}, "(a%,"},
	{"an alternative text", frame{before: body + `<img alt="`, after: `">`}, "word% "},
	{"a link's text", frame{before: body + `<p><a href="https://x.example/">`, after: `</a></p>`}, "casino% "},
	{"a title", frame{before: "<title>", after: "</title>" + body}, " | Word%"},
	{"data about an article", frame{before: `<script type="application/ld+json">[`, after: `{}]</script>` + body}, `{"@type":"Article","@id":"a%","author":{"@id":"a%"}},`},
	{"data in data", frame{before: `<script type="application/ld+json">`, after: `</script>` + body}, `{"@graph":[`},
	{"a path", frame{before: body + `<svg viewBox="0 0 9 9"><path d="`, after: `"/></svg>`}, "L% 0"},
	{"paragraphs under a base", frame{before: `<base href="https://x.example/` + strings.Repeat("a", 4000) + `/">` + body}, `<a href=?%>x</a>`},
}

// Repeat is an input of another grammar: a unit over and over, with what stands before and behind it. A percent sign in the
// unit stands for a number that is another each time.
func Repeat(name, before, unit, after string) Input {
	return Input{Name: name, frame: frame{before: before, after: after}, unit: unit}
}

// Inputs are all kinds of input, some hundreds.
func Inputs() []Input {
	inputs := append([]Input(nil), inside...)
	for _, u := range units {
		for _, f := range frames {
			inputs = append(inputs, Input{u.name + ", " + f.name, f, u.text})
		}
	}
	return inputs
}

// Make is the input at a length of about that many bytes.
func (i Input) Make(size int) string {
	var b strings.Builder
	b.Grow(size + len(i.frame.before) + len(i.frame.after) + len(i.unit) + 16)
	b.WriteString(i.frame.before)
	if i.frame.filled {
		b.WriteString("<p>")
		for n := 0; b.Len() < size/2; n++ {
			b.WriteString("crane" + strconv.Itoa(n) + " fell ")
		}
		b.WriteString("</p>")
	}
	for n := 0; b.Len() < size; n++ {
		if strings.Contains(i.unit, "%") {
			b.WriteString(strings.ReplaceAll(i.unit, "%", strconv.Itoa(n)))
		} else {
			b.WriteString(i.unit)
		}
	}
	b.WriteString(i.frame.after)
	return b.String()
}
