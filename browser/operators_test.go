package browser

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// logIn logs in, after an attempt with a wrong token.
func logIn(w *window, s *service) {
	w.t.Helper()
	w.visit(s.admin + "/console")
	w.do(chromedp.SendKeys(chromedp.CSS("input[name=token]"), "a guess"))
	w.follow("form button")
	if !w.has("[role=alert]") {
		w.t.Error("a wrong token is not told")
	}
	w.do(chromedp.SendKeys(chromedp.CSS("input[name=token]"), adminToken))
	w.follow("form button")
	if got := w.text("h1"); got != "Overview" {
		w.t.Fatalf("after the login the page is %q", got)
	}
}

func TestAnOperatorReleasesAndWithdraws(t *testing.T) {
	s := start(t, config(publisher(t).URL+"/feed.xml", ""), nil)
	until(t, "there are articles", func() bool { _, page := get(s.public + "/"); return strings.Contains(page, "A heron") })
	w := open(t)
	logIn(w, s)
	w.follow("nav a[href='/console/held']")
	w.follow("li.card h2 a")
	w.follow("form[action='/console/release'] button")
	until(t, "the released article is shown", func() bool { _, page := get(s.public + "/"); return strings.Contains(page, "Waiting for a decision") })

	_, feed := get(s.public + "/feeds/all.json")
	id := articleID(t, feed, "A heron at the third lock")
	if code := status(s.public + "/articles/" + id); code != http.StatusOK {
		t.Fatalf("the article's page answers %d", code)
	}
	w.visit(s.admin + "/console/article?id=" + id)
	w.do(chromedp.SendKeys(chromedp.CSS("form[action='/console/withdraw'] input[name=reason]"), "The heron asked for it"))
	w.follow("form[action='/console/withdraw'] button")
	until(t, "the withdrawn article is gone", func() bool { return status(s.public+"/articles/"+id) == http.StatusGone })
	if code := w.visit(s.public + "/articles/" + id); code != http.StatusGone {
		t.Errorf("the browser gets %d for the withdrawn article", code)
	}
	if hosts := w.strangers(s.public); len(hosts) != countOf(hosts, strings.TrimPrefix(s.admin, "http://")) {
		t.Errorf("the pages load from %q", hosts)
	}
}

func TestAnOperatorAddsASource(t *testing.T) {
	origin := publisher(t)
	s := start(t, config(origin.URL+"/feed.xml", ""), nil)
	w := open(t)
	logIn(w, s)
	w.visit(s.admin + "/console/add")
	w.do(chromedp.SendKeys(chromedp.CSS("input[name=address]"), origin.URL+"/feed.xml"))
	w.follow("form[action='/console/add'] button")
	lines := w.text("pre.paste")
	if !strings.Contains(lines, origin.URL+"/feed.xml") || !strings.Contains(lines, "id:") {
		t.Errorf("the lines to paste are %q", lines)
	}
	if titles := w.all("li.offered strong", "e.innerText"); len(titles) == 0 || titles[0] != "Barge number 0" {
		t.Errorf("the preview has %q", titles)
	}
}

func TestAnOperatorPausesASource(t *testing.T) {
	s := start(t, config(publisher(t).URL+"/feed.xml", ""), nil)
	until(t, "there are articles", func() bool { _, page := get(s.public + "/"); return strings.Contains(page, "A heron") })
	w := open(t)
	logIn(w, s)
	w.visit(s.admin + "/console/sources/canal")
	w.follow("form[action='/console/pause'] button")
	w.visit(s.admin + "/console/sources/canal")
	if !w.has("form[action='/console/resume'] button") {
		t.Fatal("a source that was paused cannot be resumed")
	}
	w.follow("form[action='/console/resume'] button")
	w.visit(s.admin + "/console/sources/canal")
	if !w.has("form[action='/console/pause'] button") {
		t.Error("the source is paused after it was resumed")
	}
}

func countOf(list []string, one string) (n int) {
	for _, s := range list {
		if s == one {
			n++
		}
	}
	return n
}

// articleID is the ID of the article with a title in a JSON feed of ours.
func articleID(t *testing.T, feed, title string) string {
	t.Helper()
	var document struct {
		Items []struct {
			Title string `json:"title"`
			Ours  struct {
				ID string `json:"id"`
			} `json:"_newswire"`
		} `json:"items"`
	}
	if err := json.Unmarshal([]byte(feed), &document); err != nil {
		t.Fatal(err)
	}
	for _, item := range document.Items {
		if item.Title == title {
			return item.Ours.ID
		}
	}
	t.Fatalf("no %q in the feed", title)
	return ""
}
