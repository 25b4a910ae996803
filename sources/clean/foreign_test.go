package clean_test

import (
	"strings"
	"testing"
)

const half = `<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>`

// formulas are what programs make of formulas, and what is to be left: one of the forms.
var formulas = []struct{ name, in, want string }{
	{"a half", `<p>Add <math xmlns="http://www.w3.org/1998/Math/MathML" display="inline">` + half[6:] + ` cup.</p>`, `<p>Add <math display="inline">` + half[6:] + ` cup.</p>`},
	{"roots, powers and tables", `<math><msqrt><msup><mi mathvariant="normal">x</mi><mn>2</mn></msup></msqrt><mtable><mtr><mtd columnspan="2"><mo stretchy="false">(</mo></mtd></mtr></mtable></math>`, `<math><msqrt><msup><mi mathvariant="normal">x</mi><mn>2</mn></msup></msqrt><mtable><mtr><mtd columnspan="2"><mo stretchy="false">(</mo></mtd></mtr></mtable></math>`},
	{"elements that hold nothing", `<math><mmultiscripts><mi>X</mi><mrow></mrow><mn>1</mn><mprescripts></mprescripts><none></none><mn>2</mn></mmultiscripts><mspace width="1em"></mspace></math>`, `<math><mmultiscripts><mi>X</mi><mrow></mrow><mn>1</mn><mprescripts></mprescripts><mrow></mrow><mn>2</mn></mmultiscripts><mspace width="1em"></mspace></math>`},
	{"fences of before", `<math><mfenced><mi>a</mi><mi>b</mi></mfenced><mfenced open="[" close="]" separators=";"><mi>a</mi><mi>b</mi></mfenced></math>`, `<math><mrow><mo>(</mo><mi>a</mi><mo>,</mo><mi>b</mi><mo>)</mo></mrow><mrow><mo>[</mo><mi>a</mi><mo>;</mo><mi>b</mi><mo>]</mo></mrow></math>`},
	{"the same in other languages", `<math><semantics><mrow><mi>x</mi></mrow><annotation encoding="application/x-tex">x</annotation><annotation-xml encoding="text/html"><p>x</p></annotation-xml></semantics></math>`, `<math><mrow><mi>x</mi></mrow></math>`},
	{"what leads and styles", `<math href="https://x.example/" style="color:red" onclick="x()"><mi style="x" mathcolor="red">x</mi><mrow href="javascript:x"><mo>=</mo></mrow></math>`, `<math><mi>x</mi><mrow><mo>=</mo></mrow></math>`},
	{"HTML in a formula", `<math><mtext><b>if</b> <a href="/x">so</a></mtext><mi><img src="/a.png"></mi></math>`, `<math><mtext>if so</mtext><mi></mi></math>`},
	{"KaTeX", `<p>So <span class="katex"><span class="katex-mathml">` + half + `</span><span class="katex-html" aria-hidden="true"><span class="mord">1</span><span class="mord">2</span></span></span> of it.</p>`, `<p>So ` + half + ` of it.</p>`},
	{"KaTeX on a line of its own", `<span class="katex-display"><span class="katex"><span class="katex-mathml">` + half + `</span><span class="katex-html">12</span></span></span>`, half},
	{"KaTeX without MathML", `<p>So <span class="katex"><span class="katex-html">1 2</span></span>.</p>`, `<p>So 1 2.</p>`},
	{"MathJax 2", `<span class="MathJax_Preview">1/2</span><span class="MathJax" data-mathml="&lt;math&gt;x&lt;/math&gt;"><nobr aria-hidden="true">12</nobr><span class="MJX_Assistive_MathML">` + half + `</span></span><script type="math/tex">\frac12</script>`, half},
	{"MathJax 2 by its attribute", `<span class="MathJax" data-mathml="&lt;math&gt;&lt;mn&gt;7&lt;/mn&gt;&lt;/math&gt;"><nobr>7</nobr></span>`, `<math><mn>7</mn></math>`},
	{"MathJax 3", `<mjx-container jax="SVG"><svg width="9" height="9"><g><path d="M0 0"/></g></svg><mjx-assistive-mml>` + half + `</mjx-assistive-mml></mjx-container>`, half},
	{"a formula that was never laid out", `<p>So <script type="math/tex">\frac12</script>, and <script type="math/tex; mode=display">x^2</script></p>`, `<p>So \(\frac12\), and \[x^2\]</p>`},
	{"MathML in a script", `<script type="math/mml">` + half + `</script>`, half},
	{"a wiki's", `<span class="mwe-math-element"><span style="display:none">` + half + `</span><img src="/half.svg" class="mwe-math-fallback-image-inline" alt="one half"></span>`, half},
	{"parts of a formula without it", `<p><mfrac><mn>1</mn><mn>2</mn></mfrac></p>`, `<p>12</p>`},

	{"a direction", `<p>A <bdo dir="rtl">cba</bdo> <bdi>d</bdi></p>`, `<p>A <bdo dir="rtl">cba</bdo> <bdi>d</bdi></p>`},
	{"readings", `<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>`, `<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>`},
	{"details", `<details open name="x"><summary>Why</summary><p>Because.</p></details>`, `<details open=""><summary>Why</summary><p>Because.</p></details>`},
}

const shapes = `<rect x="1" y="2" width="30" height="9" fill="#c00"></rect><path d="M0 0L9 9Z"></path><text x="1" y="2">tide</text>`

var drawings = []struct{ name, in, want string }{
	{"shapes and words", `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 150" class="c"><g transform="scale(2)">` + shapes + `</g></svg>`, `<svg viewbox="0 0 300 150" width="300" height="150" role="img"><g transform="scale(2)">` + shapes + `</g></svg>`},
	{"one with a name", `<svg width="300px" height="150"><title>The tides</title><desc>By day</desc>` + shapes + `</svg>`, `<svg width="300" height="150" role="img" aria-label="The tides">` + shapes + `</svg>`},
	{"one that is too large", `<svg viewBox="0 0 40000 10000">` + shapes + `</svg>`, `<svg viewbox="0 0 40000 10000" width="2000" height="500" role="img">` + shapes + `</svg>`},
	{"an icon", `a<svg viewBox="0 0 24 24">` + shapes + `</svg>b`, `ab`},
	{"an icon with a name", `a <svg width="16" height="16" aria-label="Menu">` + shapes + `</svg> b`, `a Menu b`},
	{"one that is not for readers", `a<svg viewBox="0 0 300 150" aria-hidden="true" aria-label="x">` + shapes + `</svg>`, `a`},
	{"one without shapes", `a<svg viewBox="0 0 300 150"><g></g></svg>`, `a`},
	{"one that loads", `a <svg viewBox="0 0 300 150"><title>Tides</title>` + shapes + `<image href="https://x.example/a.png"/></svg>`, `a Tides`},
	{"one that refers", `a <svg viewBox="0 0 300 150" aria-label="Tides"><use href="#x"/>` + shapes + `</svg>`, `a Tides`},
	{"one that refers by its paint", `a <svg viewBox="0 0 300 150" aria-label="Tides"><rect fill="url(#x)"/></svg>`, `a Tides`},
	{"one that runs", `a <svg viewBox="0 0 300 150" aria-label="Tides"><script>x()</script>` + shapes + `</svg>`, `a Tides`},
	{"one that handles events", `a <svg viewBox="0 0 300 150" aria-label="Tides"><rect onclick="x()"/></svg>`, `a Tides`},
	{"one that moves", `a <svg viewBox="0 0 300 150" aria-label="Tides"><rect><animate attributeName="x"/></rect></svg>`, `a Tides`},
	{"one with HTML inside", `a <svg viewBox="0 0 300 150" aria-label="Tides">` + shapes + `<foreignObject><p>x</p></foreignObject></svg>`, `a Tides`},
	{"one that styles", `a <svg viewBox="0 0 300 150" aria-label="Tides"><style>*{}</style>` + shapes + `</svg>`, `a Tides`},
	{"one in a link", `<a href="/x"><svg viewBox="0 0 300 150" aria-label="Tides">` + shapes + `</svg></a>`, `<a href="https://harbour.example/x">Tides</a>`},
	{"parts of a drawing without it", `<p><path d="M0 0"></path><text>a</text></p>`, `<p>a</p>`},
}

func TestFormulasAndDrawingsAreKeptOnce(t *testing.T) {
	base := page(t)
	for _, tt := range append(formulas, drawings...) {
		got := asHTML(t, tt.in, base)
		if got != tt.want {
			t.Errorf("%s: HTML(%q)\n got %q\nwant %q", tt.name, tt.in, got, tt.want)
		}
		checkClean(t, got, base)
		checkArticle(t, asArticle(t, tt.in, base, about()), base)
	}
}

func TestWordsOfAFormulaAreApart(t *testing.T) {
	if got := asHTML(t, half, nil); strings.Contains(got, ">12<") {
		t.Errorf("a half has become twelve: %q", got)
	}
}
