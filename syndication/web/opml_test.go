package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

func TestListOfFeedsHasEveryAuthorOrSaysThatItHasNot(t *testing.T) {
	const some = "some of them; all are at https://wire.example.org/authors"
	store := webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000")))
	s := webtest.Serve(t, store, webtest.Fast)
	if body := s.Get(t, "/feeds.opml").Text; !strings.Contains(body, "/feeds/author/jin-jiang.atom") || !strings.Contains(body, "/feeds/author/ada.atom") || strings.Contains(body, some) {
		t.Errorf("the list of feeds has not just the authors of the config and of the articles:\n%s", body)
	}
	many := webtest.Article("b", webtest.At("10:00:00.000"))
	for i := range 2100 {
		many.Authors = append(many.Authors, newswire.Person{ID: fmt.Sprintf("author-%04d", i), Name: fmt.Sprintf("Author %d", i)})
	}
	store.Put(many, webtest.At("10:00:00.000"))
	webtest.Until(t, "the list says that it has not all", func() bool { return strings.Contains(s.Get(t, "/feeds.opml").Text, some) })
	if n := strings.Count(s.Get(t, "/feeds.opml").Text, "/feeds/author/"); n < 2000 || n > 2010 {
		t.Errorf("the list of feeds has %d authors", n)
	}
}

func TestAShortListOfFeedsIsKeptAndALongOneIsWrittenForEachAnswer(t *testing.T) {
	for _, tt := range []struct {
		sources int
		kept    bool
	}{{10, true}, {3000, false}} {
		d := webtest.Directory()
		for i := range tt.sources {
			d.Sources = append(d.Sources, newswire.Source{ID: fmt.Sprintf("more-%d", i), Name: "One more"})
		}
		s := webtest.ServeDirectory(t, webtest.NewShop(), func() *web.Directory { return d }, webtest.Fast)
		got := s.Get(t, "/feeds.opml")
		if n := strings.Count(got.Text, "/feeds/source/more-"); n != tt.sources {
			t.Errorf("the list has %d of %d sources", n, tt.sources)
		}
		if kept := got.Header.Get("Content-Length") != ""; kept != tt.kept {
			t.Errorf("a list of %d sources is kept: %t; want %t", tt.sources, kept, tt.kept)
		}
		again := s.Get(t, "/feeds.opml")
		if tag := got.Header.Get("ETag"); tag == "" || tag != again.Header.Get("ETag") || again.Text != got.Text {
			t.Errorf("a list of %d sources is another one when it is asked for again: %s, %s", tt.sources, tag, again.Header.Get("ETag"))
		}
	}
}

func TestSourceWithoutANameIsCalledAsItsFeedIs(t *testing.T) {
	nameless := func() *web.Directory {
		d := webtest.Directory()
		d.Sources[0].Name = ""
		return d
	}
	o := webtest.Fast
	o.Poll = 10 * time.Millisecond
	s := webtest.ServeDirectory(t, webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000"))), nameless, o)
	if body := s.Get(t, "/feeds.opml").Text; !strings.Contains(body, "電商報 – The Wire") {
		t.Errorf("the list of feeds does not call the source as its feed does:\n%s", body)
	}
	if body := s.Get(t, "/").Text; !strings.Contains(body, `<li><span><a href="/source/dsb" dir="auto">電商報</a>`) {
		t.Errorf("the front page does not call the source as its feed does:\n%s", body)
	}
}
