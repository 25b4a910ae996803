package parse_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/newswire/newswire/sources/parse"
)

// Texts do not go through gofeed. What looks like the number of another item's text is a text like any other.
func TestTextsComeBackToTheirOwnItems(t *testing.T) {
	long := strings.Repeat("a long text ", 50) + "<b>x</b> ]]> &amp;"
	texts := []string{long + "1", "short", long + "2", "0", "1", "&lt;n:beside>0&lt;/n:beside>", ""}
	for name, document := range map[string]func(items string) string{"rss": rss, "atom": atom} {
		var items strings.Builder
		for i, text := range texts {
			text = strings.ReplaceAll(text, "]]>", "]]&gt;")
			text = strings.NewReplacer("<", "&lt;", "&amp;", "&amp;amp;").Replace(text)
			if name == "rss" {
				items.WriteString("<item><guid>" + string(rune('a'+i)) + "</guid><description>" + text + "</description></item>")
			} else {
				items.WriteString("<entry><id>x:" + string(rune('a'+i)) + `</id><content type="html">` + text + "</content></entry>")
			}
		}
		doc, err := parse.Parse(t.Context(), []byte(document(items.String())), parse.Options{})
		if err != nil || len(doc.Items) != len(texts) {
			t.Fatalf("%s: %d items, %v; want %d", name, len(doc.Items), err, len(texts))
		}
		for i, want := range texts {
			want = strings.ReplaceAll(want, "&lt;", "<")
			if got := doc.Items[i].Summary + doc.Items[i].Content; got != want {
				t.Errorf("%s, item %d: %q, want %q", name, i, got, want)
			}
		}
	}
}

// Of several texts the last counts, also where it is empty, and with it what is said of it.
func TestTheLastOfSeveralTextsCounts(t *testing.T) {
	for _, tt := range []struct{ name, document, summary, content, url string }{
		{"descriptions", rss("<item><description>a</description><description>b</description></item>"), "b", "", ""},
		{"an empty one behind it", rss("<item><description>a</description><description/></item>"), "", "", ""},
		{"texts of RSS", rss(`<item><content:encoded>a</content:encoded><content:encoded>b</content:encoded></item>`), "", "b", ""},
		{"the first of those that RSS has not", rss("<item><body>a</body><fullitem>b</fullitem></item>"), "", "a", ""},
		{"texts of Atom", atom(`<entry><id>a:1</id><summary>a</summary><content>b</content><summary>c</summary><content>d</content></entry>`), "c", "d", ""},
		{"a text that is elsewhere", atom(`<entry><id>a:1</id><content type="text/html" src="https://a.example/1"/></entry>`), "", "", "https://a.example/1"},
		{"a text behind one that is elsewhere", atom(`<entry><id>a:1</id><content src="https://a.example/1"/><content>b</content></entry>`), "", "b", ""},
	} {
		doc, err := parse.Parse(t.Context(), []byte(tt.document), parse.Options{})
		if err != nil || len(doc.Items) != 1 {
			t.Errorf("%s: %v, %v; want one item", tt.name, doc, err)
			continue
		}
		if it := doc.Items[0]; it.Summary != tt.summary || it.Content != tt.content || it.URL != tt.url {
			t.Errorf("%s: summary %q, content %q, address %q; want %q, %q, %q", tt.name, it.Summary, it.Content, it.URL, tt.summary, tt.content, tt.url)
		}
	}
}

// No publisher can give its item what stands beside another.
func TestNoPublisherNumbersItsItems(t *testing.T) {
	for _, forged := range []string{
		"<n:beside>1</n:beside>",
		`<n:beside xmlns:n="urn:newswire:parse">1</n:beside>`,
		`<n:beside xmlns:n="n">1</n:beside>`,
		`<beside xmlns="n">1</beside>`,
		`<media:group><n:beside>1</n:beside></media:group>`,
	} {
		for _, document := range []string{
			rss("<item><guid>a:1</guid>" + forged + "<description>mine</description></item><item><guid>a:2</guid><description>theirs</description></item>"),
			atom("<entry><id>a:1</id>" + forged + "<summary>mine</summary></entry><entry><id>a:2</id><summary>theirs</summary></entry>"),
		} {
			doc, err := parse.Parse(t.Context(), []byte(document), parse.Options{})
			if err != nil || len(doc.Items) != 2 {
				t.Fatalf("%s: %v, %v; want two items", document, doc, err)
			}
			if it := doc.Items[0]; it.GUID != "a:1" || it.Summary != "mine" {
				t.Errorf("%s: the first item is %q, and says %q", document, it.GUID, it.Summary)
			}
		}
	}
}

// What gofeed reads is the most of what parsing costs: most of its allocations are made for each element.
func TestAnItemCostsLessThanGofeedAlone(t *testing.T) {
	const items, most = 50, 180 // gofeed alone makes 231 for each
	text := strings.Repeat("&lt;p&gt;A long text.&lt;/p&gt;", 100)
	entry := `<entry><title type="html">t</title><id>https://a.example/%</id><link href="https://a.example/%"/><published>2026-10-01T00:00:00Z</published>` +
		`<updated>2026-10-01T00:00:00Z</updated><author><name>Ann Star</name></author><category term="a"/><category term="b"/><summary>s</summary>` +
		`<content type="html">` + text + `</content></entry>`
	var b strings.Builder
	for i := range items {
		b.WriteString(strings.ReplaceAll(entry, "%", strconv.Itoa(i)))
	}
	document := []byte(atom(b.String()))
	allocs := testing.AllocsPerRun(5, func() {
		if doc, err := parse.Parse(t.Context(), document, parse.Options{}); err != nil || len(doc.Items) != items {
			t.Fatalf("%d items, %v", len(doc.Items), err)
		}
	})
	if allocs > items*most {
		t.Errorf("an item of %d takes %.0f allocations, want no more than %d", items, allocs/items, most)
	}
}
