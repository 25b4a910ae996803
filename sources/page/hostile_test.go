package page_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/page"
	"github.com/newswire/newswire/sources/parse"
)

// every selector finds something in the hostile pages.
var every = page.Selectors{Item: "li, div, p", Title: "h1", Author: ".by", Published: "time@datetime, .date", Remove: []string{".ad"}}

// hostilePages are pages that were made to cost more than they are worth.
func hostilePages() map[string]string {
	deep := func(tag string) string { return strings.Repeat(tag, 200_000) }
	paragraph := "<p>" + strings.Repeat("A sentence, with a comma, of some length. ", 5) + "</p>"
	return map[string]string{
		"elements nested 200,000 deep":           deep("<div>") + paragraph,
		"links nested 20,000 deep":               strings.Repeat("<a href=x>", 20_000),
		"items nested 20,000 deep":               strings.Repeat(`<li><a href="x">`, 20_000) + paragraph,
		"formatting nested 20,000 deep":          strings.Repeat("<font color=red>", 20_000) + paragraph,
		"authors nested 300 deep":                strings.Repeat(`<div itemprop=author class=info>`, 300) + strings.Repeat("<i></i>", 500),
		"a title of 10 MB, in two places":        "<title>" + strings.Repeat("Flut ", 1<<20) + `</title><meta property="og:title" content="` + strings.Repeat("Flut ", 1<<20) + `">` + strings.Repeat("<h2>Flut</h2>", 2000),
		"a heading of 50 kB":                     "<h1>" + strings.Repeat("Flut ", 10_000) + "</h1>" + paragraph,
		"a byline of 100 kB":                     `<meta name="author" content="` + strings.Repeat("By A and ", 1<<14) + `"><div class=by>` + strings.Repeat("By A, ", 1<<14) + "</div>",
		"a date of 100 kB":                       "<time datetime='" + strings.Repeat("2026-", 1<<14) + "'></time><p class=date>" + strings.Repeat("1 2 ", 1<<14),
		"20,000 list items":                      strings.Repeat(`<li><a href="x">y</a></li>`, 20_000),
		"5000 meta elements":                     strings.Repeat(`<meta property="article:tag og:title dc:creator" content="x">`, 5000),
		"500 paragraphs":                         strings.Repeat("<div><p>a, b, c, d and so on, for more than a few</p></div>", 500),
		"300 paragraphs, 100 deep":               strings.Repeat("<div class=a>"+strings.Repeat("<p>a, b, c, d and so on, for more than a few</p>", 3), 100),
		"500 links":                              strings.Repeat("<div><a href=x>a, b, c, d and so on, for more than a few</a></div>", 500),
		"400 tables in each other":               strings.Repeat("<table><tr><td>a, b, c, d and so on, for more than a few", 400),
		"20,000 line breaks":                     strings.Repeat("a<br> <br>", 20_000),
		"550 paragraphs, each deeper":            strings.Repeat("<div>"+paragraph, 550),
		"1000 notices":                           strings.Repeat("<div>版权 侵权</div>", 1000),
		"JSON-LD nested 20,000 deep":             `<script type="application/ld+json">` + strings.Repeat(`{"@graph":[`, 20_000) + "</script>",
		"10,000 objects of JSON-LD":              `<script type="application/ld+json">[` + strings.Repeat(`{"@type":"Article","@id":"a","author":{"@id":"a"}},`, 10_000) + `{}]</script>`,
		"JSON-LD that refers to itself":          `<script type="application/ld+json">{"@type":"Article","@id":"a","author":{"@id":"a","name":"A"},"image":{"@id":"a"},"publisher":{"@id":"a"}}</script>`,
		"a srcset of 50 kB":                      `<article>` + paragraph + `<img src="a.jpg" srcset="` + strings.Repeat("a.jpg 1x, ", 5000) + `">` + paragraph,
		"a class of 50 kB":                       `<p class="` + strings.Repeat("date ", 10_000) + `">2026`,
		"50,000 attributes":                      "<p " + strings.Repeat("a b c d e ", 10_000) + ">" + paragraph,
		"templates in tables in tables":          strings.Repeat("<table><tr><td><template>", 3000),
		"an address of 1 MB":                     `<base href="https://x.example/` + strings.Repeat("a", 1<<18) + `"><link rel=canonical href="data:` + strings.Repeat("a", 1<<20) + `">`,
		"separators of no title":                 "<title>" + strings.Repeat(" | ", 10_000) + "</title>",
		"frames instead of a body":               "<frameset>" + strings.Repeat("<frame src=x>", 10_000),
		"a document in a document in a document": strings.Repeat("<html><head><body><noscript><iframe>", 20_000),
	}
}

func TestHostilePagesCostNoMoreThanTheirLength(t *testing.T) {
	if testing.Short() {
		t.Skip("left out: takes seconds")
	}
	for name, document := range hostilePages() {
		t.Run(name, func(t *testing.T) {
			// A reader whose cost grows with the square of the length needs minutes here, and the test binary's timeout ends it.
			checkBoth(t, []byte(document), page.Options{URL: address, ContentType: "text/html; charset=utf-8"}, every)
		})
	}
}

// checkBoth reads a page as an article and as a list, and checks what must hold of any page.
func checkBoth(t *testing.T, body []byte, o page.Options, s page.Selectors) {
	t.Helper()
	it, err := page.Read(t.Context(), body, o, s)
	switch {
	case err == nil:
		checkItem(t, it)
	case !errors.Is(err, page.ErrNotPage):
		t.Errorf("Read: %v", err)
	}
	items, err := page.List(t.Context(), body, o, s)
	if err != nil && !errors.Is(err, page.ErrNotPage) && !errors.Is(err, page.ErrNoItems) {
		t.Errorf("List: %v", err)
	}
	if (len(items) == 0) != (err != nil) || len(items) > 200 {
		t.Errorf("List = %d items, %v", len(items), err)
	}
	known := map[string]bool{}
	for i := range items {
		if it := &items[i]; known[it.URL] || it.URL == "" || it.GUID != it.URL {
			t.Errorf("List offers %q as %q; want each address once", it.URL, it.GUID)
		}
		known[items[i].URL] = true
		checkItem(t, &items[i])
	}
}

// checkItem checks that an item is valid UTF-8, of lines no longer than lines, and of absolute addresses alone.
func checkItem(t *testing.T, it *parse.Item) {
	t.Helper()
	lines := []string{it.Title, it.Language, it.Rights.Statement, it.Publisher.Title, it.URL, it.GUID, it.AtomID}
	addresses := []string{it.URL, it.Rights.License, it.Base}
	for _, p := range it.Authors {
		if p.Name == "" {
			t.Error("an author has no name")
		}
		lines, addresses = append(lines, p.Name, p.Email), append(addresses, p.URL)
	}
	for _, term := range it.Terms {
		lines = append(lines, term.Term)
	}
	for _, link := range it.Links {
		addresses = append(addresses, link.URL)
	}
	if it.Image != nil {
		lines, addresses = append(lines, it.Image.Title, it.Image.Credit), append(addresses, it.Image.URL)
	}
	addresses = append(addresses, addressesIn(t, it.Content)...)
	for _, s := range lines {
		if !utf8.ValidString(s) || utf8.RuneCountInString(s) > 8192 || strings.ContainsAny(s, "\n\r\t\x00") {
			t.Errorf("%.100q is no line", s)
		}
	}
	for _, s := range []string{it.Content, it.Summary} {
		if !utf8.ValidString(s) {
			t.Errorf("%.100q is not valid UTF-8", s)
		}
	}
	for _, s := range addresses {
		if u, err := url.Parse(s); s != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
			t.Errorf("%.200q is no absolute address", s)
		}
	}
	if len(it.Authors) > 50 || len(it.Terms) > 50 {
		t.Errorf("%d authors, %d terms", len(it.Authors), len(it.Terms))
	}
	for _, at := range []time.Time{it.Published, it.Updated} {
		if at.Location() != time.UTC || !at.IsZero() && at.Year() < 1990 {
			t.Errorf("time %v", at)
		}
	}
	if it.Rights.Policy != newswire.Policy("") {
		t.Errorf("a page has set the policy %q", it.Rights.Policy)
	}
}

// addressesIn are the addresses in HTML, but for those of mailboxes and telephones.
func addressesIn(t *testing.T, content string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(content))
	if err != nil {
		t.Errorf("content cannot be parsed: %v", err)
		return nil
	}
	var addresses []string
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			switch a.Key {
			case "href", "src", "poster", "cite", "data", "action", "longdesc":
				if scheme, _, _ := strings.Cut(strings.ToLower(a.Val), ":"); scheme != "mailto" && scheme != "tel" {
					addresses = append(addresses, a.Val)
				}
			case "srcset":
				for candidate := range strings.SplitSeq(a.Val, ", ") {
					address, _, _ := strings.Cut(candidate, " ")
					addresses = append(addresses, address)
				}
			}
		}
	}
	return addresses
}

func FuzzPage(f *testing.F) {
	for _, name := range []string{"platform", "graph", "entry", "list"} {
		f.Add(read(f, "testdata/"+name+".html"), "text/html")
	}
	f.Add([]byte(`<base href="//x"><li><a href="?a=1&b"><img srcset="a 1x,b 2x,,data:x" data-src="//c"></a><noscript><img src=d></noscript>`), "")
	f.Add([]byte(`<ul><li class="ad><a href="x">y</a><base href="/z/"><p>torn "tags</p></ul>`), "text/html") // an attribute named "z/"
	f.Add([]byte("<meta charset=gbk><title>\xb5\xe7\xc9\xcc_\xcd\xf8</title><p itemprop='author headline'>\xff"), "text/html")
	f.Add([]byte(`<script type="application/ld+json">{"@type":["Article",1],"author":[[{"name":{}}]],"image":[{}],"license":"/l"}</script><div class=info>文/a，b 2026年3月5日`), "text/html; charset=utf-8")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		o := page.Options{URL: address, ContentType: contentType}
		checkBoth(t, body, o, every)
		checkBoth(t, body, o, page.Selectors{Item: "*", Content: "body *"})
		checkBoth(t, body, page.Options{}, page.Selectors{Item: "a", Link: "@href"})
	})
}
