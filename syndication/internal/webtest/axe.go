package webtest

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// stage shows pages in frames of both widths, has axe look at each, and says what it finds.
const stage = `<!DOCTYPE html><title>stage</title><output id="found"></output><script>
const found = []
async function look(path, width) {
	const frame = document.createElement("iframe")
	frame.width = width; frame.height = 900; frame.src = path
	await new Promise(done => { frame.onload = done; document.body.append(frame) })
	const d = frame.contentDocument, script = d.createElement("script")
	script.src = "/axe.js"
	await new Promise(done => { script.onload = done; d.head.append(script) })
	for (const e of d.querySelectorAll("details")) e.open = true
	const seen = await frame.contentWindow.axe.run(d, {resultTypes: ["violations"]})
	for (const v of seen.violations) found.push(path + " at " + width + ": " + v.id + ": " + v.nodes.map(n => n.html).slice(0, 3).join(" "))
	if (d.documentElement.scrollWidth > width) found.push(path + " at " + width + ": wider than the screen: " + d.documentElement.scrollWidth)
	frame.remove()
}
(async () => {
	for (const path of PATHS) for (const width of [1280, 390]) await look(path, width)
	document.getElementById("found").textContent = "looked\n" + found.join("\n")
})().catch(e => { document.getElementById("found").textContent = "failed: " + e })
</script>`

// Accessible has axe-core look at pages of a handler in Chromium, in both color schemes and at both widths. AXE_CORE names the
// file axe.min.js of it, which is no part of this repository; without it, and without Chromium, the test is skipped.
func Accessible(t *testing.T, pages http.Handler, paths ...string) {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	axe, unread := os.ReadFile(os.Getenv("AXE_CORE"))
	if err != nil || unread != nil {
		t.Skip("left out: there is no chromium, or $AXE_CORE names no file")
	}
	list := strings.ReplaceAll(fmt.Sprintf("%q", paths), `" "`, `", "`)
	staged := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/stage":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte(strings.Replace(stage, "PATHS", list, 1)))
		case "/axe.js":
			w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
			_, _ = w.Write(axe)
		default:
			pages.ServeHTTP(&unguarded{w}, r)
		}
	}))
	defer staged.Close()
	for name, scheme := range map[string]string{"light": "1", "dark": "0"} {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		dom, err := exec.CommandContext(ctx, chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--dump-dom", "--timeout=90000", "--virtual-time-budget=90000",
			"--window-size=1400,1000", "--blink-settings=preferredColorScheme="+scheme, "--user-data-dir="+t.TempDir(), staged.URL+"/stage").Output()
		m := regexp.MustCompile(`(?s)<output id="found">(.*?)</output>`).FindSubmatch(dom)
		if err != nil || m == nil {
			t.Fatalf("Chromium: %v, %.300s", err, dom)
		}
		if got := html.UnescapeString(string(m[1])); strings.TrimSpace(got) != "looked" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// unguarded lets axe run on a page and in a frame, which the page's policy forbids.
type unguarded struct{ http.ResponseWriter }

func (w *unguarded) WriteHeader(code int) {
	w.Header().Del("Content-Security-Policy")
	w.ResponseWriter.WriteHeader(code)
}
