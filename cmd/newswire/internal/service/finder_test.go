package service

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/newswire/newswire/sources/sourcetest"
)

const listOfNews = `<!DOCTYPE html><html><head><title>Harbour news</title></head><body><nav><a href="/">Home</a></nav><main>
<div class="news-item"><h3><a href="/n/1">The first crane of the year</a></h3><p>2026-03-05</p></div>
<div class="news-item"><h3><a href="/n/2">A second crane has come</a></h3><p>2026-03-04</p></div>
<div class="news-item"><h3><a href="/n/3">The third one is late</a></h3><p>2026-03-03</p></div></main></body></html>`

// look has an operator look for a source, and returns the status code and the page as text.
func (o *operator) look(address string) (int, string) {
	o.t.Helper()
	csrf := regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(o.open("/add"))[1]
	response, err := o.PostForm(o.base+"/add", url.Values{"csrf": {csrf}, "address": {address}})
	if err != nil {
		o.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return response.StatusCode, html.UnescapeString(string(body))
}

func TestAnOperatorFindsASourceByTheConsole(t *testing.T) {
	withFeed := sourcetest.NewPublisher(t, item("one"))
	withFeed.Handle("/site", sourcetest.Document("text/html", `<html><head><link rel="alternate" type="application/rss+xml" href="`+sourcetest.FeedPath+`"></head></html>`))
	without := sourcetest.NewPublisher(t, listOfNews)
	without.Handle("/list", sourcetest.Document("text/html", listOfNews))
	without.Handle("/bare", sourcetest.Document("text/html", "<html><body><p>Nothing.</p></body></html>"))
	without.Handle("/secret", sourcetest.Document("text/html", listOfNews))
	without.Handle("/robots.txt", sourcetest.Document("text/plain", "User-agent: *\nDisallow: /secret\n"))
	r := start(t, "sqlite:"+t.TempDir()+"/wire.db", fmt.Sprintf(`
  - {id: daily, url: %q, schedule: "@every 12h"}
`, withFeed.URL()))
	o := &operator{t: t, base: r.admin + "/console"}
	until(t, r, "the first visit", func() bool { return strings.Contains(o.open("/sources/daily"), ">well<") })
	for _, tt := range []struct {
		name, address string
		code          int
		want          []string
	}{
		{"a page without a feed", without.Site() + "/list", http.StatusOK, []string{
			"has no feed", "List 1", "by .news-item", "url: " + without.Site() + "/list", "page: {item: .news-item, link: a@href}",
			"The first crane of the year", "2026-03-05", without.Site() + "/n/3",
		}},
		{"a page with a feed that is a source already", withFeed.Site() + "/site", http.StatusOK, []string{
			"Feeds of", "found in a link in the page's head", "It is a source already: daily.", "url: " + withFeed.URL(), "Title of one",
		}},
		{"a page without a list", without.Site() + "/bare", http.StatusConflict, []string{"nothing on the page looks like a list of articles", "look for the page"}},
		{"a page that robots.txt forbids", without.Site() + "/secret", http.StatusConflict, []string{"robots.txt does not let us"}},
		{"a private address", "http://10.0.0.1/", http.StatusConflict, []string{"private"}},
		{"a page that is not there", without.Site() + "/none", http.StatusConflict, []string{"404", "Is the address right"}},
		{"no address", "just some words", http.StatusConflict, []string{"This is no address of a site"}},
		{"a file of this machine", "file:///etc/passwd", http.StatusConflict, []string{"This is no address of a site"}},
	} {
		code, body := o.look(tt.address)
		for _, want := range tt.want {
			if code != tt.code || !strings.Contains(body, want) {
				t.Errorf("%s: %d without %q; want %d:\n%s", tt.name, code, want, tt.code, body)
			}
		}
	}
	for _, q := range without.Requests() {
		if strings.HasPrefix(q.Path, "/n/") {
			t.Errorf("a look at the site has read the article %s", q.Path)
		}
	}
}
