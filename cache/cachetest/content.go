package cachetest

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
)

// full is an article in which no field is empty.
func full(source string, n int) newswire.Article {
	a := piece(source, n)
	at := func(ms int) time.Time { return a.Listed.Add(time.Duration(ms) * time.Millisecond) }
	person := newswire.Person{ID: "jin-jiang", Name: "金江", Email: "jin@example.com", URL: "https://example.com/金江"}
	publisher := newswire.Publisher{
		ID: "tag:example.com,2026:feed", Title: "電商報 – \"the\" <e-commerce> daily & more", Subtitle: "s", URL: "https://example.com/",
		FeedURL: "https://example.com/feed?a=1&b=2", Updated: at(7), Rights: "© 電商報", Icon: "https://example.com/i.ico",
		Logo: "https://example.com/l.png", Language: "zh-Hant", Authors: []newswire.Person{person},
		Terms: []newswire.Term{{Term: "t", Scheme: "https://example.com/s", Label: "l"}},
	}
	a.PermaLink, a.NoCredit = true, true
	a.URL, a.Summary, a.Comments = "https://example.com/1.html#頁", "<p>摘要</p>", "https://example.com/1/comments"
	a.Authors = []newswire.Person{person, {Name: "Zoë"}}
	a.Contributors = []newswire.Person{{Name: "C"}}
	a.Updated, a.FirstSeen = at(1), at(999)
	a.Language, a.Categories = "zh-Hant", []string{"e-commerce", "finance"}
	a.Terms = []newswire.Term{{Term: "金融", Scheme: "x", Label: "Finance"}}
	a.Enclosures = []newswire.Enclosure{{URL: "https://example.com/1.mp3", Type: "audio/mpeg", Length: 1 << 40, Title: "t", Duration: 61 * time.Second}}
	a.Image = &newswire.Image{URL: "https://example.com/1.jpg", Type: "image/jpeg", Width: 640, Height: 480, Title: "t", Credit: "c"}
	a.Links = []newswire.Link{{Rel: "via", URL: "https://example.net/1", Type: "text/html", Title: "v"}}
	a.Rights = newswire.Rights{Policy: newswire.PolicyExcerpt, License: "https://example.com/l", Statement: "© 2026 the author", Contact: "info@example.com"}
	a.Rights.Since, a.Rights.From, a.Rights.Until = at(1), at(2), future
	a.Stated = newswire.Rights{License: "https://example.com/l", Statement: "© 金江", From: at(2), Until: future}
	a.Publisher, a.Upstream = publisher, &publisher
	a.Held, a.Released = "almost nothing but links to other sites", true
	before := "zh"
	a.Ruled = &newswire.Ruled{
		Rules: []newswire.AppliedRule{{Name: "rule 1", Line: 7, When: `"金融" in tags`, Do: []string{"language zh-Hant"}}}, Language: &before,
	}
	a.Removed = []newswire.Removal{{Reason: "hidden", Text: "電 & <x>"}}
	return a
}

var contentTests = []test{
	{"every field of an article comes back as it went in", func(t *tester) {
		a := full("a", 1)
		for v, i := reflect.ValueOf(a), 0; i < v.NumField(); i++ {
			if name := v.Type().Field(i).Name; v.Field(i).IsZero() && name != "Phase" { // the store fills it in
				t.Fatalf("the test leaves the article's %s empty", name)
			}
		}
		t.record("a", a)
		got, err := t.Reopen().Article(t.ctx, a.ID)
		t.check(err, "Article")
		if diff := cmp.Diff(a, got); diff != "" {
			t.Errorf("article (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]newswire.Article{a}, t.listing("author/jin-jiang")); diff != "" {
			t.Errorf("listing (-want +got):\n%s", diff)
		}
		t.equal("known", t.known("a", a)[a.ID], memory(a))
	}},
	{"any text comes back byte for byte", func(t *tester) {
		var articles []newswire.Article
		for n, text := range []string{
			"a\x00b\x00", "\x00", "\u2028\u2029\ufeff\ufffd", "\U0001F4F0 👩‍👩‍👧 \u202eright to left", "简体 繁體 にほんご العربية",
			"line\r\nline\ttab\x01\x1f\x7f\u0085", `"'` + "`" + `\n\u0000 {{.}} %s $1 ?1 :a @b <&>]]>`, strings.Repeat("x", 1<<20),
			strings.Repeat("電", 1<<20/3), strings.Repeat("\x00", 1<<10),
		} {
			a := piece("a", n)
			a.Title, a.Content, a.Rights.Statement, a.Publisher.Title = text, text, text, text
			a.Authors = []newswire.Person{{ID: "anyone", Name: text}}
			articles = append(articles, a)
		}
		t.record("a", articles...)
		for _, a := range articles {
			got, err := t.Store.Article(t.ctx, a.ID)
			t.check(err, "Article(%s)", a.ID)
			if !cmp.Equal(a, got) {
				t.Errorf("an article whose text is %.40q… of %d bytes came back with %.40q… of %d", a.Title, len(a.Title), got.Title, len(got.Title))
			}
		}
		for n, a := range articles { // names and reasons travel apart from the article
			t.record("a", within(revised(a), "c"))
			topics, err := directory(t.ctx, t.Store, newswire.KindAuthor)
			t.check(err, "directory")
			if len(topics) != 1 || topics[0].Name != a.Authors[0].Name {
				t.Errorf("article %d: the author's name is not the %.40q… last recorded: %.80v", n, a.Authors[0].Name, topics)
			}
			reason := a.Title
			stone, err := t.Store.Withdraw(t.ctx, a.ID, reason)
			t.check(err, "Withdraw")
			again, err := t.Store.Tombstone(t.ctx, a.ID)
			t.check(err, "Tombstone")
			if stone.Reason != reason || again.Reason != reason {
				t.Errorf("article %d: the reason came back as %.40q… and %.40q…, want %.40q…", n, stone.Reason, again.Reason, reason)
			}
		}
	}},
	{"every store gives the same bytes", func(t *tester) {
		var articles []newswire.Article
		for n := range 30 {
			a := full("a", n/2) // equal times, other IDs
			a.GUID += string(rune('a' + n))
			a.ID = newswire.ArticleID("a", a.GUID)
			a.Categories = [][]string{nil, {"finance"}, {"finance", "trade"}}[n%3]
			articles = append(articles, a)
		}
		t.record("a", articles[:20]...)
		t.record("a", articles[10:]...)
		got, err := Dump(t.ctx, t.Store)
		t.check(err, "Dump")
		want := expectedDump(t, articles)
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
			t.Errorf("dump (-want +got):\n%s", diff)
		}
		reopened, err := Dump(t.ctx, t.Reopen())
		t.check(err, "Dump of another handle")
		if !bytes.Equal(got, reopened) {
			t.Error("another handle on the same data gives other bytes")
		}
	}},
}

// expectedDump is what Dump ought to give, from the articles of [full] alone.
func expectedDump(t *tester, articles []newswire.Article) []byte {
	byID := map[string]newswire.Article{}
	for _, a := range articles {
		byID[a.ID] = a
	}
	var b bytes.Buffer
	for _, topic := range []newswire.Topic{"all", "category/finance", "category/trade", "author/jin-jiang", "source/a"} {
		name := ""
		if topic.Kind() == newswire.KindAuthor {
			name = "金江"
		}
		b.WriteString(string(topic) + " \"" + name + "\"\n")
		for _, id := range newestFirst(articles) {
			a := byID[id]
			listed := false
			for _, in := range a.Topics() {
				listed = listed || in == topic
			}
			if !listed {
				continue
			}
			line, err := json.Marshal(a)
			t.check(err, "marshal %s", id)
			b.Write(append(line, '\n'))
		}
	}
	return b.Bytes()
}
