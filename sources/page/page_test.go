package page_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/newswire/newswire/sources/page"
	"github.com/newswire/newswire/sources/parse"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

var shanghai = location("Asia/Shanghai")

func location(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return loc
}

const address = "https://news.example.com/crossborder/20260305/1130.html"

// compare checks what was read against a golden file.
func compare(t *testing.T, name string, got any) {
	t.Helper()
	file := filepath.Join("testdata", name+".json")
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(got); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(read(t, file)), b.String()); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", name, diff)
	}
}

func TestArticlesAreReadFromTheirPages(t *testing.T) {
	for _, tt := range []struct {
		name, page string
		selectors  page.Selectors
	}{
		{"platform", "platform", page.Selectors{}},
		{"platform-selected", "platform", page.Selectors{
			Title: "h1", Author: ".info", Published: ".info", Content: "#con, .shengming", Remove: []string{".xgyd", ".right"},
		}},
		{"graph", "graph", page.Selectors{}},
		{"entry", "entry", page.Selectors{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			it, err := page.Read(t.Context(), read(t, filepath.Join("testdata", tt.page+".html")),
				page.Options{URL: address, ContentType: "text/html", Timezone: shanghai}, tt.selectors)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, tt.name, it)
		})
	}
}

func TestListsAreReadInTheirOrder(t *testing.T) {
	items, err := page.List(t.Context(), read(t, filepath.Join("testdata", "list.html")),
		page.Options{URL: "https://news.example.com/list.html", Timezone: shanghai},
		page.Selectors{Item: "ul.news li", Link: "a", Author: "em", Published: ".t, time@datetime", Remove: []string{".ad"}})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "list", items)
}

// one reads a page of that head and body.
func one(t *testing.T, head, body string) *parse.Item {
	t.Helper()
	it, err := page.Read(t.Context(), []byte("<!DOCTYPE html><html><head>"+head+"</head><body>"+body+"</body></html>"),
		page.Options{URL: address, ContentType: "text/html; charset=utf-8", Timezone: shanghai}, page.Selectors{})
	if err != nil {
		t.Fatal(err)
	}
	return it
}

func TestBylinesBecomeNames(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{"Ann Lee", "Ann Lee"},
		{"By Ann Lee", "Ann Lee"},
		{"BY: ANN LEE", "ANN LEE"},
		{"Written by Ann Lee and Bo Cai", "Ann Lee|Bo Cai"},
		{"By Ann Lee, Bo Cai & Cy Dee", "Ann Lee|Bo Cai|Cy Dee"},
		{"Par Ann Lée et Bo Cai", "Ann Lée|Bo Cai"},
		{"Lee, Ann", "Lee, Ann"},
		{"Ann Lee, MD", "Ann Lee, MD"},
		{"Ann Lee March 25, 2015", "Ann Lee"},
		{"By Ann Lee | Published 2026-03-05 10:30", "Ann Lee"},
		{"Ann Lee (ann@news.example.com)", "Ann Lee"},
		{"Last Updated: January 7, 2025", ""},
		{"April 28, 2019 at 6:01 am", ""},
		{"https://social.example/ann", ""},
		{"@ann", ""},
		{"admin", ""},
		{"佚名", ""},
		{"Byron Bay", "Byron Bay"},
		{"作者：金江", "金江"},
		{"作者: 金江 2026-03-05 10:30", "金江"},
		{"來源：電商報　作者：金江　責任編輯：李四", "金江"},
		{"来源：电商报", ""},
		{"责任编辑：李四", ""},
		{"文/金江", "金江"},
		{"文｜金江", "金江"},
		{"金江/文", "金江"},
		{"本报记者 金江", "金江"},
		{"金江、王小明", "金江|王小明"},
		{"金江 王小明", "金江|王小明"},
		{"作者：金江 编辑：李四", "金江"},
		{"Ann&amp;#39;s Desk", "Ann's Desk"},
	} {
		it := one(t, `<meta name="author" content="`+tt.line+`">`, "")
		var names []string
		for _, p := range it.Authors {
			names = append(names, p.Name)
		}
		if got := strings.Join(names, "|"); got != tt.want {
			t.Errorf("authors of %q = %q; want %q", tt.line, got, tt.want)
		}
	}
}

func TestTitlesLoseTheirSite(t *testing.T) {
	const long = "Ports reopen after the long strike"
	for _, tt := range []struct{ name, head, body, want string }{
		{"nothing", "", "", ""},
		{"the title alone", "<title>Ports</title>", "", "Ports"},
		{"a section and a site", "<title>" + long + " | Trade | The Harbour Post</title>", "", long},
		{"a dash that belongs to the title", "<title>Trade - and " + long + " | The Harbour Post</title>", "", "Trade - and " + long},
		{"the site first", "<title>HP » " + long + "</title>", "", long},
		{"a short title with its heading", "<title>Ports reopen - The Harbour Post</title>", "<h1>Ports reopen</h1>", "Ports reopen"},
		{"a short title without", "<title>Ports reopen - HP</title>", "", "Ports reopen - HP"},
		{"a heading of the site", "<title>" + long + " - The Harbour Post</title>", "<h1>The Harbour Post</h1>", long},
		{"a site known by name", `<title>x</title><meta property="og:title" content="Ports reopen · The Harbour Post"><meta property="og:site_name" content="The Harbour Post">`, "", "Ports reopen"},
		{"a site that is a word of the title", `<meta property="og:title" content="Who owns The Harbour Post"><meta property="og:site_name" content="The Harbour Post">`, "", "Who owns The Harbour Post"},
		{"a site that is the title", `<meta property="og:title" content="The Harbour Post"><meta property="og:site_name" content="The Harbour Post">`, "", "The Harbour Post"},
		{"Chinese", "<title>宇航员在太空中喝酒会怎么样？_探索者_光明网</title>", "", "宇航员在太空中喝酒会怎么样？"},
		{"Chinese, spaced", "<title>宇航员在太空中喝酒会怎么样？ - 光明网</title>", "", "宇航员在太空中喝酒会怎么样？"},
		{"a picture's title", "", "<svg><title>menu</title></svg><h1>" + long + "</h1>", long},
		{"escaped twice", `<meta property="og:title" content="Q&amp;amp;A with Ann">`, "", "Q&A with Ann"},
		{"lines and spaces", "<title>\n  Ports\n\treopen \n</title>", "", "Ports reopen"},
	} {
		if got := one(t, tt.head, tt.body).Title; got != tt.want {
			t.Errorf("%s: title = %q; want %q", tt.name, got, tt.want)
		}
	}
}

func TestTimesAreFoundWhereverTheyAreSaid(t *testing.T) {
	for _, tt := range []struct{ name, head, body, want string }{
		{"nothing", "", "<p>2026-03-05 10:30</p>", ""},
		{"OpenGraph", `<meta property="article:published_time" content="2026-03-05T10:30:00Z">`, "", "2026-03-05T10:30:00Z"},
		{"a meta element without zone", `<meta name="pubdate" content="2026-03-05 10:30:00">`, "", "2026-03-05T02:30:00Z"},
		{"a time element", "", `<time datetime="2026-03-05T10:30+01:00">today</time>`, "2026-03-05T09:30:00Z"},
		{"a time element's text", "", `<time>5 March 2026, 10:30</time>`, "2026-03-05T02:30:00Z"},
		{"of several the declared one", "", `<time datetime="2026-01-01">x</time><time itemprop="datePublished" datetime="2026-03-05">y</time>`, "2026-03-04T16:00:00Z"},
		{"a line", "", `<div class="info">By Ann | March 5, 2026 10:30 am | 3 comments</div>`, "2026-03-05T02:30:00Z"},
		{"Chinese", "", `<span class="pub-date">2026年3月5日 10:30</span>`, "2026-03-05T02:30:00Z"},
		{"Chinese, in the afternoon", "", `<span class="date">2026年3月5日 下午3:30</span>`, "2026-03-05T07:30:00Z"},
		{"Chinese, full-width", "", `<span class="time">发布时间：２０２６－０３－０５　１０：３０</span>`, "2026-03-05T02:30:00Z"},
		{"Chinese, behind its label", "", `<p>作者：金江 时间：2026/3/5 10:30:05 来源：本站</p>`, "2026-03-05T02:30:05Z"},
		{"a day alone", "", `<span class="date">发布于 2026.03.05</span>`, "2026-03-04T16:00:00Z"},
		{"no date at all", "", `<span class="date">3小时前</span>`, ""},
		{"before the web", "", `<time datetime="1888-03-05">x</time>`, ""},
	} {
		want := time.Time{}
		if tt.want != "" {
			var err error
			if want, err = time.Parse(time.RFC3339, tt.want); err != nil {
				t.Fatal(err)
			}
		}
		if got := one(t, tt.head, tt.body).Published; !got.Equal(want) {
			t.Errorf("%s: published %v; want %v", tt.name, got, want)
		}
	}
}

func TestLinkedDataIsReadAsItIsWritten(t *testing.T) {
	const article = `{"@context":"https://schema.org","@type":"NewsArticle","headline":"Ports reopen","author":"Ann Lee"}`
	for _, tt := range []struct{ name, script, want string }{
		{"as it should be", article, "Ports reopen by Ann Lee"},
		{"in a comment", "<!--\n" + article + "\n-->", "Ports reopen by Ann Lee"},
		{"in CDATA", "//<![CDATA[\n" + article + "\n//]]>", "Ports reopen by Ann Lee"},
		{"with a semicolon", article + ";", "Ports reopen by Ann Lee"},
		{"with a comma too many", strings.Replace(article, "}", ",}", 1), "Ports reopen by Ann Lee"},
		{"with a line break in a string", strings.Replace(article, "Ports ", "Ports\n", 1), "Ports reopen by Ann Lee"},
		{"escaped as HTML", strings.ReplaceAll(article, `"`, "&quot;"), "Ports reopen by Ann Lee"},
		{"twice", article + article, "Ports reopen by Ann Lee"},
		{"in a list", "[{\"@type\":\"BreadcrumbList\"}," + article + "]", "Ports reopen by Ann Lee"},
		{"inside of its page", `{"@type":"WebPage","mainEntity":` + article + "}", "Ports reopen by Ann Lee"},
		{"of several, that of this address", `[{"@type":"BlogPosting","headline":"Another","url":"/1"},{"@type":"BlogPosting","headline":"This one","mainEntityOfPage":{"@id":"` + address + `"}}]`, "This one by "},
		{"several authors", `{"@type":"http://schema.org/BlogPosting","headline":["H"],"author":[{"name":"Ann Lee"},{"givenName":"Bo","familyName":"Cai"},{"name":"ann lee"}]}`, "H by Ann Lee, Bo Cai"},
		{"no article", `{"@type":"Product","name":"Anchor","author":"Ann Lee"}`, "Shown by "},
		{"cut off", article[:40], "Shown by "},
		{"of other types", `{"@type":{"a":1},"headline":7,"author":true}`, "Shown by "},
	} {
		it := one(t, `<title>Shown</title><script type="application/ld+json">`+tt.script+"</script>", "")
		var names []string
		for _, p := range it.Authors {
			names = append(names, p.Name)
		}
		if got := it.Title + " by " + strings.Join(names, ", "); got != tt.want {
			t.Errorf("%s: %q; want %q", tt.name, got, tt.want)
		}
	}
}

func TestTheTextOfJSONLDStandsInForOneThatAScriptWouldShow(t *testing.T) {
	text := strings.Repeat("The cranes at the western docks moved again on Thursday. ", 9)
	it := one(t, `<script type="application/ld+json">{"@type":"Article","headline":"H","articleBody":"`+text+`\n\na < b"}</script>`, `<div id="app"></div>`)
	if want := "<p>" + strings.TrimSpace(text) + "</p><p>a &lt; b</p>"; it.Content != want {
		t.Errorf("content = %q; want %q", it.Content, want)
	}
}

func TestACanonicalAddressCountsOnTheSameSite(t *testing.T) {
	for _, tt := range []struct{ name, canonical, want, via string }{
		{"none", "", address, ""},
		{"the same site", "https://m.example.com/a?utm_source=x&b=1", "https://m.example.com/a?b=1", ""},
		{"relative", "/a", "https://news.example.com/a", ""},
		{"another site", "https://origin.example.org/a", address, "https://origin.example.org/a"},
		{"the front page", "https://news.example.com/", address, ""},
		{"no web address", "javascript:a()", address, ""},
	} {
		it := one(t, `<link rel="canonical" href="`+tt.canonical+`">`, "")
		via := ""
		if len(it.Links) > 0 {
			via = it.Links[0].URL
		}
		if it.URL != tt.want || it.GUID != tt.want || via != tt.via {
			t.Errorf("%s: URL %q, GUID %q, via %q; want %q and via %q", tt.name, it.URL, it.GUID, via, tt.want, tt.via)
		}
	}
}

func TestPagesAreDecodedWhateverTheirLabel(t *testing.T) {
	const body = "<p>生意总是要做的，只是做法要变。生意總是要做的，祇是做法要變。</p>"
	simplified := strings.Split(body, "生意總")[0]
	encode := func(e encoding.Encoding, s string) string {
		out, err := e.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	const marked = `<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"><title>x</title></head>`
	for _, tt := range []struct{ name, header, document, want string }{
		{"UTF-8", "text/html", body, "生意总"},
		{"UTF-8 labelled otherwise", "text/html; charset=iso-8859-1", marked + body, "生意总"},
		{"GBK by its header", "text/html; charset=gbk", encode(simplifiedchinese.GBK, body), "生意總"},
		{"GBK by its meta element", "text/html", encode(simplifiedchinese.GBK, marked+simplified), "生意总"},
		{"GBK behind 4 KiB of scripts", "text/html", encode(simplifiedchinese.GBK, "<script>"+strings.Repeat("/", 4<<10)+"</script>"+marked+simplified), "生意总"},
		{"GBK that says nothing", "text/html", encode(simplifiedchinese.GBK, simplified), "生意总"},
		{"GBK labelled UTF-8", "text/html; charset=utf-8", encode(simplifiedchinese.GBK, marked+simplified), "生意总"},
		{"Big5", "text/html; charset=big5", encode(traditionalchinese.Big5, "<p>生意總是要做的</p>"), "生意總"},
		{"UTF-16 with its mark", "text/html", encode(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), body), "生意总"},
		{"windows-1252 that says nothing", "text/html", encode(charmap.Windows1252, "<p>“Café” costs €3</p>"), "“Café” costs €3"},
		{"one bad byte in UTF-8", "text/html; charset=utf-8", "<p>Caf\xe9, crème</p>", "Café, crème"},
	} {
		it, err := page.Read(t.Context(), []byte(tt.document), page.Options{URL: address, ContentType: tt.header}, page.Selectors{Content: "p"})
		if err != nil || !strings.Contains(it.Content, tt.want) {
			t.Errorf("%s: content %q, %v; want %q in it", tt.name, it.Content, err, tt.want)
		}
	}
}

func TestSelectorsThatDoNotParseAreNamed(t *testing.T) {
	s := page.Selectors{Item: "li[", Link: "a@href", Title: "h1:nope", Author: `a[href*="@"]@title`, Remove: []string{".ad", "..x"}}
	err := s.Check()
	for _, want := range []string{`item: selector "li["`, `title: selector "h1:nope"`, `remove: selector "..x"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Check = %v; want %s in it", err, want)
		}
	}
	if strings.Contains(err.Error(), "link") || strings.Contains(err.Error(), "author") || strings.Contains(err.Error(), ".ad") {
		t.Errorf("Check = %v; blames selectors that parse", err)
	}
	if _, errRead := page.Read(t.Context(), []byte("<p>"), page.Options{}, s); errRead == nil || errRead.Error() != err.Error() {
		t.Errorf("Read = %v; want %v", errRead, err)
	}
	if err := (page.Selectors{Item: "li@href"}).Check(); err == nil {
		t.Error("Check takes an attribute for an item")
	}
	if err := (page.Selectors{Item: "ul.news > li:not(.ad)", Link: "@data-url", Published: "time@datetime, .t", Content: "main article, main .text"}).Check(); err != nil {
		t.Errorf("Check = %v; want nil", err)
	}
}

func TestWhatIsNoPageAndNoListIsSaid(t *testing.T) {
	for _, tt := range []struct {
		name, kind, document string
		selectors            page.Selectors
		want                 error
		says                 string
	}{
		{"nothing", "text/html", " ", page.Selectors{Item: "li"}, page.ErrNotPage, "empty"},
		{"a picture", "image/png", "\x89PNG<", page.Selectors{Item: "li"}, page.ErrNotPage, "image/png"},
		{"JSON", "application/json", `{"a":"<li>"}`, page.Selectors{Item: "li"}, page.ErrNotPage, "application/json"},
		{"a feed", "application/xml", `<?xml version="1.0"?><rss/>`, page.Selectors{Item: "li"}, page.ErrNotPage, "XML"},
		{"no selector", "text/html", "<ul><li>", page.Selectors{}, page.ErrNoItems, "no selector"},
		{"nothing that the selector matches", "text/html", "<ul><li>", page.Selectors{Item: ".news li"}, page.ErrNoItems, `".news li" matches nothing`},
		{"items without links", "text/html", "<ul><li>a<li>b", page.Selectors{Item: "li"}, page.ErrNoItems, "none has a link"},
	} {
		items, err := page.List(t.Context(), []byte(tt.document), page.Options{URL: address, ContentType: tt.kind}, tt.selectors)
		if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: List = %v, %v; want %v that says %q", tt.name, items, err, tt.want, tt.says)
		}
	}
}

func TestALinkIsTheItemTheOneAroundItOrTheFirstInIt(t *testing.T) {
	for _, tt := range []struct {
		name, document string
		selectors      page.Selectors
		want           string // addresses and titles
	}{
		{"the item", `<a class="n" href="/1">One</a><a class="n" href="/2"><h3>Two</h3></a>`, page.Selectors{Item: "a.n"}, "/1 One /2 Two "},
		{"around it", `<a href="/1"><div class="n">One</div></a>`, page.Selectors{Item: ".n"}, "/1 One "},
		{"the first in it", `<div class="n"><a href="#">x</a><a href="/1">One</a></div>`, page.Selectors{Item: ".n"}, "/1 One "},
		{"another attribute", `<div class="n" data-url="/1"><h3>One</h3></div>`, page.Selectors{Item: ".n", Link: "@data-url", Title: "h3"}, "/1 One "},
		{"one around a picture", `<div class="n"><a href="/1"><img alt=""></a><h3>One</h3></div>`, page.Selectors{Item: ".n"}, "/1 One "},
		{"a shortened one", `<div class="n"><a href="/1" title="One and more">One…</a></div>`, page.Selectors{Item: ".n"}, "/1 One and more "},
		{"no more than asked for", `<a href="/1">One</a><a href="/2">Two</a><a href="/3">Three</a><a href="/4">Four</a>`, page.Selectors{Item: "a"}, "/1 One /2 Two /3 Three "},
	} {
		items, err := page.List(t.Context(), []byte(tt.document), page.Options{URL: address, MaxItems: 3}, tt.selectors)
		got := ""
		for _, it := range items {
			got += strings.TrimPrefix(it.URL, "https://news.example.com") + " " + it.Title + " "
		}
		if got != tt.want || err != nil {
			t.Errorf("%s: List = %q, %v; want %q", tt.name, got, err, tt.want)
		}
	}
}

func TestTeasersBesideAnArticleAreOthers(t *testing.T) {
	const card = `<div class="card"><h3><a href="%s">%s</a></h3><time datetime="2020-01-02">then</time><span class="by">By Ann Other</span></div>`
	teasers := fmt.Sprintf(card, "/2", "Another article") + fmt.Sprintf(card, "/3", "A third one")
	s := page.Selectors{Item: ".card", Link: "h3 a", Title: ".card h3", Published: ".card time@datetime", Author: ".card .by"}
	for _, tt := range []struct{ name, body, title, date string }{
		{"beside it", `<article><h1>The article</h1><time datetime="2026-03-05">today</time></article>` + teasers, "The article", "2026-03-05"},
		{"one that leads to the article itself", fmt.Sprintf(card, "/1", "The article in short"), "The article in short", "2020-01-02"},
		{"the article is one", `<div class="card"><h1>The article</h1><h3><a href="/2">A part of it</a></h3><time datetime="2026-03-05">now</time></div>` + teasers, "A part of it", "2026-03-05"},
	} {
		it, err := page.Read(t.Context(), []byte("<html><head><title>The article</title></head><body>"+tt.body), page.Options{URL: "https://news.example/1"}, s)
		if err != nil {
			t.Fatal(err)
		}
		if it.Title != tt.title || it.Published.Format(time.DateOnly) != tt.date {
			t.Errorf("%s: %q of %s; want %q of %s", tt.name, it.Title, it.Published.Format(time.DateOnly), tt.title, tt.date)
		}
		if strings.HasPrefix(tt.name, "beside") && len(it.Authors) > 0 {
			t.Errorf("%s: authors %v of another article", tt.name, it.Authors)
		}
	}
	items, err := page.List(t.Context(), []byte("<html><body>"+teasers), page.Options{URL: "https://news.example/1"}, s)
	if err != nil || len(items) != 2 || items[0].Title != "Another article" || items[0].Published.IsZero() || len(items[0].Authors) == 0 {
		t.Errorf("List = %+v, %v; want what the teasers say", items, err)
	}
}

func TestADateInPartsIsRead(t *testing.T) {
	const body = `<ul><li><div class="date"><b>28</b><i>March</i><i>2026</i></div><a href="/1">One</a></li></ul>`
	items, err := page.List(t.Context(), []byte(body), page.Options{URL: "https://news.example/"}, page.Selectors{Item: "li"})
	if err != nil || len(items) != 1 || items[0].Published.Format(time.DateOnly) != "2026-03-28" {
		t.Errorf("List = %+v, %v; want one of 28 March", items, err)
	}
}
