package browser

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestAReaderSubscribes(t *testing.T) {
	s := start(t, config(publisher(t).URL+"/feed.xml", ""), nil)
	until(t, "there are articles", func() bool { _, page := get(s.public + "/"); return strings.Contains(page, "A heron") })
	w := open(t)
	w.visit(s.public + "/category/birds")
	w.do(chromedp.Click(chromedp.CSS("details.subscribe summary")), chromedp.WaitVisible(chromedp.CSS("code.address")))
	address := w.text("code.address")
	if code, body := get(address); code != http.StatusOK || !strings.Contains(body, "A heron at the third lock") {
		t.Errorf("the address to copy, %s, answers %d", address, code)
	}
	if apps := w.all("details.subscribe .chips a", "e.href"); len(apps) < 2 || !strings.HasPrefix(apps[0], "feed:") {
		t.Errorf("common readers are opened by %q", apps)
	}
	if formats := w.all("details.subscribe .feeds a", "e.href"); len(formats) != 3 {
		t.Errorf("the formats are %q, want three", formats)
	}
	if hosts := w.strangers(s.public); len(hosts) > 0 {
		t.Errorf("the pages load from %q", hosts)
	}
}

func TestAReaderSearches(t *testing.T) {
	s := start(t, config(publisher(t).URL+"/feed.xml", ""), nil)
	w := open(t)
	until(t, "search finds the heron", func() bool {
		_, body := get(s.public + "/feeds/search.atom?q=heron")
		return strings.Contains(body, "A heron at the third lock")
	})
	w.visit(s.public + "/")
	w.follow("header nav a[href$='/search']")
	w.do(chromedp.SendKeys(chromedp.CSS("#q"), "heron"))
	w.follow("form.search button")
	if found := w.all("ul.articles h3", "e.innerText"); !slices.Equal(found, []string{"A heron at the third lock"}) {
		t.Errorf("found %q", found)
	}
	w.do(chromedp.WaitVisible(chromedp.CSS("ul.articles img")))
	feeds := w.all(`link[rel=alternate]`, "e.href")
	if len(feeds) != 3 {
		t.Fatalf("the query's feeds are %q, want three", feeds)
	}
	for _, feed := range feeds {
		if code, body := get(feed); code != http.StatusOK || !strings.Contains(body, "A heron at the third lock") || strings.Contains(body, "Barge number") {
			t.Errorf("the query's feed %s answers %d", feed, code)
		}
	}
	if hosts := w.strangers(s.public); len(hosts) > 0 {
		t.Errorf("the pages load from %q", hosts)
	}
}

func TestAReaderHearsARecording(t *testing.T) {
	origin := publisher(t)
	s := start(t, config(origin.URL+"/feed.xml", ""), nil)
	until(t, "there are articles", func() bool { _, page := get(s.public + "/"); return strings.Contains(page, "lock keeper") })
	w := open(t)
	w.visit(s.public + "/")
	w.follow(".more a[href*='/articles/']")
	w.do(chromedp.WaitVisible(chromedp.CSS("audio")))
	if hosts := w.strangers(s.public); len(hosts) > 0 {
		t.Errorf("before the recording is played, the page loads from %q", hosts)
	}
	play := `new Promise((resolve, reject) => { const a = document.querySelector("audio");
		a.onerror = () => reject(new Error("it cannot be played")); a.ontimeupdate = () => a.currentTime > 0 && resolve(a.duration); a.play().catch(reject) })`
	seconds := evaluate[float64](w, play, chromedp.EvalAwaitPromise)
	if seconds < 1.9 || seconds > 2.1 {
		t.Errorf("the recording has %v s, want 2", seconds)
	}
}

func TestAReaderGoesBackThroughAllArticles(t *testing.T) {
	s := start(t, config(publisher(t).URL+"/feed.xml", ""), nil)
	until(t, "there are articles", func() bool { _, page := get(s.public + "/"); return strings.Contains(page, "A heron") })
	w := open(t)
	w.visit(s.public + "/")
	seen := map[string]bool{}
	for pages := 1; ; pages++ {
		for _, title := range w.all("ul.articles h3", "e.innerText") {
			seen[title] = true
		}
		if !w.has("nav.pager a[rel=next]") {
			t.Logf("%d pages", pages)
			break
		}
		if pages > articles {
			t.Fatal("the pages do not end")
		}
		w.follow("nav.pager a[rel=next]")
	}
	if want := articles - 1; len(seen) != want { // one is held
		t.Errorf("%d articles on all pages, want %d", len(seen), want)
	}
	if hosts := w.strangers(s.public); len(hosts) > 0 {
		t.Errorf("the pages load from %q", hosts)
	}
}

func TestAThemeReplacesBlocksAndColours(t *testing.T) {
	s := start(t, config(publisher(t).URL+"/feed.xml", ""), map[string]string{
		"theme/extra.css": ":root{--accent:#0055aa}\n",
		"theme/foot.html": `{{define "footer"}}<footer><p id="own">Printed by {{.Site.Title}}</p></footer>{{end}}`,
	})
	w := open(t)
	w.visit(s.public + "/")
	if got := w.text("#own"); got != "Printed by The Test Wire" {
		t.Errorf("the footer says %q", got)
	}
	accent := evaluate[string](w, `getComputedStyle(document.documentElement).getPropertyValue("--accent").trim()`)
	if accent != "#0055aa" {
		t.Errorf("the accent is %q", accent)
	}
}
