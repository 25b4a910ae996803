package clean_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	webpage "github.com/newswire/newswire/sources/page"
)

// payloads are inputs that run a script in a browser which is given them as they are, or that are parsed into such after
// they were written once. The word x1() stands for the script.
var payloads = []string{
	`<script>x1()</script>`, `<SCRIPT SRC="data:text/javascript,x1()"></SCRIPT>`, `<scr<script>ipt>x1()</script>`, `<script/src=data:,x1()>`,
	`<img src=x onerror=x1()>`, `<img src=x onerror="x1()"//`, `<img/src=x/onerror=x1()>`, "<img src=x\x0conerror=x1()>", `<img src="x` + "`" + `onerror=x1()">`,
	`<img src=x:y onerror&#61;x1()>`, `<image src=x onerror=x1()>`, `<img srcset="x 1x" onerror=x1()>`, `<picture><source srcset="x"><img onerror=x1()></picture>`,
	`<svg onload=x1()>`, `<svg/onload=x1()//`, `<svg><script>x1()</script></svg>`, `<svg><script href="data:text/javascript,x1()"/></svg>`,
	`<svg><animate onbegin=x1() attributeName=x dur=1s>`, `<svg><a href="javascript:x1()"><text y=20>a</text></a></svg>`,
	`<svg><set attributeName=onmouseover to=x1()></svg>`, `<svg><use href="data:image/svg+xml,<svg id=x><script>x1()</script></svg>#x">`,
	`<svg><style><img src=x onerror=x1()></style></svg>`, `<svg></p><style><a id="</style><img src=x onerror=x1()>">`,
	`<svg viewBox="0 0 300 150"><rect width="9" height="9" onfocus=x1() tabindex=1 autofocus /></svg>`,
	`<svg viewBox="0 0 300 150"><title><img src=x onerror=x1()></title><rect/></svg>`, `<svg viewBox="0 0 300 150"><desc><script>x1()</script></desc><path d="M0"/></svg>`,
	`<svg viewBox="0 0 300 150"><text><![CDATA[<img src=x onerror=x1()>]]></text></svg>`, `<svg width=300 height=300><path d="M0&quot;><img src=x onerror=x1()>"/></svg>`,
	`<svg aria-label="&quot;><img src=x onerror=x1()>" viewBox="0 0 99 99"><rect/></svg>`, `<svg viewBox="0 0 99 99"><g fill="url(javascript:x1())"><rect/></g></svg>`,
	`<math><maction actiontype="statusline#x" xlink:href="javascript:x1()">a</maction></math>`, `<math href="javascript:x1()">a</math>`,
	`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=x1()&gt;">`,
	`<math><mtext><h1><a><h6></a></h6><mglyph><svg><mtext><style><a title="</style><img src=x onerror=x1()>"></style></h1>`,
	`<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=x1()>`,
	`<math><annotation-xml encoding="text/html"><style><img src=x onerror=x1()></style></annotation-xml></math>`,
	`<math><annotation-xml encoding="text/html"><p><img src=x onerror=x1()></annotation-xml></math>`, `<math><mi><style><img src=x onerror=x1()></style></mi></math>`,
	`<math><ms><noscript><p title="</noscript><img src=x onerror=x1()>"></noscript></ms></math>`, `<math><mo>&lt;img src=x onerror=x1()&gt;</mo></math>`,
	`<math><mtext><![CDATA[<img src=x onerror=x1()>]]></mtext></math>`, `<math><mn><script>x1()</script></mn></math>`,
	`<span class=MathJax data-mathml="<math><mtext><img src=x onerror=x1()></mtext></math>">a</span>`, `<span class=MathJax data-mathml="<img src=x onerror=x1()><math></math>">a</span>`,
	`<script type="math/tex"><img src=x onerror=x1()></script>`, `<script type="math/mml"><math><mi><img src=x onerror=x1()></mi></math></script>`,
	`<noscript><p title="</noscript><img src=x onerror=x1()>">`, `<template><img src=x onerror=x1()></template>`, `<template shadowrootmode=open><img src=x onerror=x1()></template>`,
	`<style><img src="</style><img src=x onerror=x1()//">`, `<title><img src="</title><img src=x onerror=x1()>">`, `<textarea><img title="</textarea><img src=x onerror=x1()>">`,
	`<xmp><p title="</xmp><img src=x onerror=x1()>">`, `<noembed><img title="</noembed><img src=x onerror=x1()>"></noembed>`, `<iframe><img title="</iframe><img src=x onerror=x1()>"></iframe>`,
	`<plaintext><img src=x onerror=x1()>`, `<listing>&lt;img src=x onerror=x1()&gt;</listing>`, `<select><style></select><img src=x onerror=x1()></style></select>`,
	`<a href="javascript:x1()">a</a>`, `<a href=" &#1; java&#10;script:x1()">a</a>`, `<a href="JaVaScRiPt:x1()">a</a>`, `<a href="data:text/html,<script>x1()</script>">a</a>`,
	`<a href="//x" ping="javascript:x1()" onclick=x1()>a</a>`, `<a href="vbscript:x1()">a</a>`, `<a href="#" onfocus=x1() autofocus tabindex=1>a</a>`,
	`<a href="https://a.example/&quot; onclick=&quot;x1()">a</a>`, `<area href="javascript:x1()"><map name=m><area href="javascript:x1()"></map>`,
	`<iframe src="javascript:x1()">`, `<iframe srcdoc="<script>parent.x1()</script>">`, `<iframe src="data:text/html,<script>x1()</script>">`, `<iframe data-src="javascript:x1()" src="about:blank">`,
	`<iframe src="x" onload=x1() />a`, `<embed src="javascript:x1()">`, `<object data="javascript:x1()">`, `<object data="data:text/html,<script>x1()</script>">a</object>`,
	`<amp-img src=x onerror=x1()></amp-img>`, `<amp-youtube data-videoid='"><img src=x onerror=x1()>'></amp-youtube>`, `<amp-iframe src="javascript:x1()"></amp-iframe>`,
	`<lite-youtube videoid="x" playlabel="<img src=x onerror=x1()>"></lite-youtube>`, `<amp-facebook data-href="javascript:x1()"></amp-facebook>`,
	`<img data-lazy="javascript:x1()//.jpg">`, `<img data-orig="x.jpg&quot; onerror=&quot;x1()">`, `<img alt="&quot; onerror=x1() x=&quot;" src=x>`,
	`<video><source onerror=x1()></video>`, `<video src=x onerror=x1()>`, `<audio src=x onerror=x1()>`, `<video poster="javascript:x1()" src=x>`,
	`<body onload=x1()>`, `<body onpageshow=x1()>`, `<html onmouseover=x1()>`, `<input onfocus=x1() autofocus>`, `<details open ontoggle=x1()>a</details>`,
	`<marquee onstart=x1()>a</marquee>`, `<p style="animation-name:x" onanimationstart=x1()>a</p>`, `<dialog open onclose=x1()>a</dialog>`, `<keygen autofocus onfocus=x1()>`,
	`<meta http-equiv=refresh content="0;url=javascript:x1()">`, `<base href="javascript:x1()//"><a href="#">a</a>`, `<link rel=stylesheet href="data:text/css,*{}" onload=x1()>`,
	`<form action="javascript:x1()"><button>a</button></form>`, `<button formaction="javascript:x1()" form=f>a</button><form id=f></form>`, `<isindex type=image src=1 onerror=x1()>`,
	`<table background="javascript:x1()"><td>a</table>`, `<p title="<img src=x onerror=x1()>">a</p>`, `<blockquote cite="javascript:x1()">a</blockquote>`,
	`<!--><img src=x onerror=x1()>-->`, `<!--a--!><img src=x onerror=x1()>-->`, `<![CDATA[><img src=x onerror=x1()>]]>`, `<?x ><img src=x onerror=x1()>?>`, `<!DOCTYPE a "><img src=x onerror=x1()>">`,
	`</p><img src=x onerror=x1()></p>`, `<a<img src=x onerror=x1()>`, `<<img src=x onerror=x1()>`, "<im\x00g src=x onerror=x1()>", "<img src=x one\x00rror=x1()>",
	`&lt;img src=x onerror=x1()&gt;`, `&amp;lt;img src=x onerror=x1()&amp;gt;`, "<img src=x onerror=x1()", `<img src="x"onerror="x1()"`,
	"\ufeff<script>x1()</script>", `<ruby><rt><style></rt><img src=x onerror=x1()></style></ruby>`, `<bdo dir="rtl&quot; onclick=&quot;x1()">a</bdo>`,
	`<font color="&quot;onmouseover=x1()">a</font>`, `<custom-element onclick=x1() is=x>a</custom-element>`, `<x onclick=x1() tabindex=0 id=x>a</x>`,
}

// What must hold of everything that was cleaned holds of what is left of these.
func TestNothingIsLeftOfPayloadsThatRuns(t *testing.T) {
	base := page(t)
	for _, in := range payloads {
		checkClean(t, asHTML(t, in, base), base)
		checkArticle(t, asArticle(t, in, base, about()), base)
	}
}

// listedPayloads are the strings with markup in files of others' tests, each taken for a payload.
func listedPayloads(t *testing.T) []string {
	t.Helper()
	folder := os.Getenv("SANITIZER_PAYLOADS")
	if folder == "" {
		return nil
	}
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("SANITIZER_PAYLOADS: no files in %s (%v)", folder, err)
	}
	literal := regexp.MustCompile("\"(?:[^\"\\\\\\n]|\\\\.)*\"|'(?:[^'\\\\\\n]|\\\\.)*'|`[^`]*`")
	var all []string
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range literal.FindAllString(string(b), -1) {
			text := m[1 : len(m)-1]
			if m[0] != '`' {
				if unquoted, err := strconv.Unquote(`"` + strings.NewReplacer(`\'`, `'`, `\/`, `/`, `"`, `\"`, `\"`, `\"`).Replace(text) + `"`); err == nil {
					text = unquoted
				}
			}
			if strings.Contains(text, "<") && len(text) < 100_000 {
				all = append(all, text)
			}
		}
	}
	return all
}

// stage is a page that shows each text in a document of its own, does there what a reader may do, and counts the scripts
// that ran or that would have run without a policy against them.
var stage = template.Must(template.New("").Parse(`<!DOCTYPE html><title>stage</title><output id="hits">[]</output><script>
const texts = {{.}}, hits = []
function hit(i, why) { hits.push([i, String(why)]); document.getElementById("hits").textContent = JSON.stringify(hits) }
function show(i) {
	const frame = document.createElement("iframe"), bait = "parent.hit(" + i + ", 'ran')"
	frame.srcdoc = '<!DOCTYPE html><meta http-equiv="Content-Security-Policy" content="script-src \'nonce-n\'; navigate-to \'none\'">' +
		'<script nonce="n">for (const name of ["x1", "alert", "confirm", "prompt", "xss", "print", "eval"]) window[name] = () => ' + bait + ';' +
		'document.addEventListener("securitypolicyviolation", e => { if (e.effectiveDirective.startsWith("script-src")) parent.hit(' + i + ', e.effectiveDirective) })<\/script>' +
		'<body><div id="text">' + texts[i] + '</div></body>'
	frame.onload = () => {
		const d = frame.contentDocument
		if (!d) { return }
		for (const e of d.querySelectorAll("#text *")) {
			for (const kind of ["mouseover", "focus", "click", "toggle", "animationstart", "pointerenter"]) {
				e.dispatchEvent(new Event(kind, {bubbles: true, cancelable: true}))
			}
		}
		for (const a of d.querySelectorAll("[href], [action], [formaction], [src], [data]")) {
			for (const k of ["href", "action", "formaction", "src", "data", "xlink:href"]) {
				if (/^[\s\x00-\x20]*(javascript|vbscript|data:text)/i.test(a.getAttribute(k) || "")) { hit(i, k) }
			}
		}
		const again = d.createElement("div")
		d.body.append(again)
		again.innerHTML = d.getElementById("text") ? d.getElementById("text").innerHTML : ""
	}
	document.body.append(frame)
}
for (let i = 0; i < texts.length; i++) { show(i) }
</script>`))

// hits are the texts, by number, in which a script ran or would have run in Chromium.
func hits(t *testing.T, chromium string, texts []string) map[int]string {
	t.Helper()
	const together = 150
	found := map[int]string{}
	output := regexp.MustCompile(`<output id="hits">(.*?)</output>`)
	for from := 0; from < len(texts); from += together {
		some := texts[from:min(from+together, len(texts))]
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/" {
				http.NotFound(w, r)
				return
			}
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			if err := stage.Execute(w, some); err != nil {
				t.Error(err)
			}
		}))
		cmd := exec.CommandContext(t.Context(), chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--dump-dom", "--virtual-time-budget=8000",
			"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--user-data-dir="+t.TempDir(), server.URL)
		dom, err := cmd.Output()
		server.Close()
		m := output.FindSubmatch(dom)
		if err != nil || m == nil {
			t.Fatalf("Chromium: %v, and no count of hits in %.200q", err, dom)
		}
		var all [][2]any
		text := bytes.NewBufferString(strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(string(m[1])))
		if err := json.NewDecoder(text).Decode(&all); err != nil {
			t.Fatalf("Chromium's count %.200q: %v", m[1], err)
		}
		for _, h := range all {
			if i, ok := h[0].(float64); ok {
				found[from+int(i)] = fmt.Sprint(h[1])
			}
		}
	}
	return found
}

// TestNothingRunsInChromium has a browser show what was cleaned. Beside the payloads here it takes those of the files in
// $SANITIZER_PAYLOADS: tests of other sanitizers, which are no part of this repository.
func TestNothingRunsInChromium(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("left out: there is no chromium")
	}
	ours := len(payloads)
	inputs := slices.Concat(payloads, listedPayloads(t))
	if len(inputs) == ours {
		t.Skip("left out: $SANITIZER_PAYLOADS names no folder with tests of other sanitizers")
	}
	raw := hits(t, chromium, payloads)
	if len(raw) < ours/2 {
		t.Errorf("of %d payloads that were not cleaned only %d run: the stage sees too little", ours, len(raw))
	}
	base := page(t)
	var texts, from []string
	add := func(text, in string) {
		if text != "" && strings.Contains(text, "<") {
			texts, from = append(texts, text), append(from, in)
		}
	}
	for _, in := range inputs {
		add(asArticle(t, in, base, about()).HTML, in)
		item, err := webpage.Read(t.Context(), []byte("<!DOCTYPE html><title>t</title><article>"+paragraph+in+paragraph+"</article>"), webpage.Options{URL: base.String()}, webpage.Selectors{})
		if err != nil {
			t.Fatal(err)
		}
		add(asArticle(t, item.Content, base, about()).HTML, "a page with "+in)
	}
	for i, why := range hits(t, chromium, texts) {
		t.Errorf("%s: what is left of %q runs: %q", why, from[i], texts[i])
	}
	t.Logf("%d payloads, %d of them our own, of which %d ran before they were cleaned; %d texts shown", len(inputs), ours, len(raw), len(texts))
}
