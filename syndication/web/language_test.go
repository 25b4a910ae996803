package web_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

func TestPagesSpeakTheSitesLanguage(t *testing.T) {
	for tag, want := range map[string][4]string{
		"de":      {`<html lang="de">`, "<summary>Abonnieren</summary>", "Artikel zu Finance, jeweils mit Verlag und Autor.", "<p class=\"intro\">Unter dieser Adresse ist nichts.</p>"},
		"zh-Hant": {`<html lang="zh-Hant">`, "<summary>訂閱</summary>", "關於Finance的文章", "這個網址沒有內容。"},
		"ar":      {`<html lang="ar" dir="rtl">`, "<summary>اشترك</summary>", "مقالات عن Finance", "لا شيء في هذا العنوان."},
		"pt":      {`<html lang="en">`, "<summary>Subscribe</summary>", "Articles on Finance, each with its publisher and its author.", "There is nothing at this address."},
	} {
		d := *webtest.Directory()
		d.Site.Language = tag
		s := webtest.ServeDirectory(t, webtest.NewShop(mixed()...), func() *web.Directory { return &d }, webtest.Fast)
		body := s.Get(t, "/category/finance").Text
		for _, text := range want[:3] {
			if !strings.Contains(body, text) {
				t.Errorf("%s: the page lacks %s", tag, text)
			}
		}
		if feed := s.Get(t, "/feeds/category/finance.atom").Text; !strings.Contains(feed, `xml:lang="`+tag+`"`) || !strings.Contains(feed, want[2]) {
			t.Errorf("%s: the feed does not say %s", tag, want[2])
		}
		nowhere := s.Get(t, "/nowhere").Text
		balanced(t, nowhere)
		if !strings.Contains(nowhere, want[3]) {
			t.Errorf("%s: the page of an error does not say %s", tag, want[3])
		}
		if line := s.Get(t, "/feeds/category/nothing.atom").Text; line != "There is nothing at this address.\n" {
			t.Errorf("%s: a program is told %q", tag, line)
		}
	}
}

// The front page of a site with 60 authors, 20 sources and long excerpts fits in 30 KB, and needs one style sheet.
func TestFrontPageIsSmall(t *testing.T) {
	articles := webtest.ArticlesFrom(60)
	d := *webtest.Directory()
	for i := range articles {
		a := &articles[i]
		a.Title = fmt.Sprintf("Title number %d of an article whose words are %x", i, i*7919)
		a.Authors[0].ID, a.Authors[0].Name = fmt.Sprintf("w%03d", i), fmt.Sprintf("Writer %d", i)
		a.Summary = "<p>" + strings.Repeat(fmt.Sprintf("What the %dth says, %x. ", i, i*104729), 20) + "</p>"
		if i < 20 {
			d.Sources = append(d.Sources, d.Sources[0])
			d.Sources[len(d.Sources)-1].ID = fmt.Sprintf("source-%d", i)
		}
	}
	s := webtest.ServeDirectory(t, webtest.NewShop(articles...), func() *web.Directory { return &d }, web.Options{})
	got := s.Get(t, "/", "Accept-Encoding", "gzip")
	if n := len(got.Text); got.Header.Get("Content-Encoding") != "gzip" || n > 30<<10 {
		t.Errorf("the front page has %d bytes in gzip, want at most 30 KiB", n)
	}
	zr, err := gzip.NewReader(strings.NewReader(got.Text))
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if _, err := page.ReadFrom(zr); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(page.String(), `rel="stylesheet"`); n != 1 || strings.Contains(page.String(), "<style") {
		t.Errorf("%d style sheets", n)
	}
	t.Logf("%d bytes, %d in gzip", page.Len(), len(got.Text))
}
