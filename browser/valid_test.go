package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// demoPages are pages of every kind of a demo that runs, its console's too.
func demoPages(t *testing.T) []string {
	t.Helper()
	public, admin := demo(t)
	var feed string
	until(t, "the demo has articles", func() bool { _, feed = get(public + "/feeds/all.json"); return strings.Contains(feed, "crust") })
	var ids struct {
		Items []struct {
			Ours struct {
				ID string `json:"id"`
			} `json:"_newswire"`
		} `json:"items"`
	}
	if err := json.Unmarshal([]byte(feed), &ids); err != nil {
		t.Fatal(err)
	}
	pages := []string{
		public + "/", public + "/category/outdoors", public + "/sources", public + "/categories", public + "/source/kitchen", public + "/author/sana-qureshi", public + "/authors",
		public + "/search", public + "/search?q=the", public + "/about/fetcher", public + "/nowhere",
		admin + "/console", admin + "/console/sources", admin + "/console/sources/kitchen", admin + "/console/held",
		admin + "/console/partners", admin + "/console/add", admin + "/console/changes",
		admin + "/console/article?id=" + ids.Items[0].Ours.ID,
	}
	for _, item := range ids.Items {
		pages = append(pages, public+"/articles/"+item.Ours.ID)
	}
	return pages
}

// TestPagesAreValid has html-validate, which HTML_VALIDATE names, look at pages and console of the demo.
func TestPagesAreValid(t *testing.T) {
	validate := os.Getenv("HTML_VALIDATE")
	if validate == "" {
		t.Skip("left out: $HTML_VALIDATE names no html-validate")
	}
	pages := demoPages(t)
	dir := t.TempDir()
	var files []string
	for i, address := range pages {
		code, page := get(address)
		if code == 0 || !strings.Contains(page, "</html>") {
			t.Errorf("%s answers %d without a page", address, code)
		}
		file := filepath.Join(dir, fmt.Sprintf("%d.html", i))
		write(t, file, page)
		files = append(files, file)
	}
	// How empty elements end is style: what publishers wrote goes by the rules of XHTML too.
	write(t, filepath.Join(dir, ".htmlvalidate.json"), `{"root": true, "extends": ["html-validate:recommended"], "rules": {"void-style": "off"}}`)
	if out, err := exec.CommandContext(t.Context(), validate, files...).CombinedOutput(); err != nil {
		t.Errorf("html-validate: %v\n%s", err, out)
	}
	t.Logf("%d pages", len(pages))
}

// TestPagesAreAccessible has axe-core, which AXE_CORE names, look at the same pages, in both colour schemes and at both widths.
func TestPagesAreAccessible(t *testing.T) {
	axe, err := os.ReadFile(os.Getenv("AXE_CORE"))
	if err != nil {
		t.Skip("left out: $AXE_CORE names no file")
	}
	pages := demoPages(t)
	looks := 0
	for _, width := range []int64{1000, 390} {
		for _, scheme := range []string{"light", "dark"} {
			w := open(t)
			w.prefer(scheme)
			w.do(chromedp.EmulateViewport(width, 760))
			for _, address := range pages {
				w.visit(address)
				evaluate[chromedp.Void](w, string(axe))
				wrong := evaluate[[]string](w, `axe.run().then(r => r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html).join(" ")))`, chromedp.EvalAwaitPromise)
				if looks++; len(wrong) > 0 {
					t.Errorf("%s, %s, %d wide: %q", address, scheme, width, wrong)
				}
			}
		}
	}
	t.Logf("%d looks", looks)
}
