package parse_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/newswire/newswire/sources/parse"
)

func TestWhatIsNoFeedIsNamed(t *testing.T) {
	for _, tt := range []struct{ name, body, found string }{
		{"nothing", "", "empty"},
		{"white space", " \n\t ", "empty"},
		{"an HTML page", "<!DOCTYPE html><html><head><title>Sign in &amp; go</title></head><body>x</body></html>", `an HTML page titled "Sign in & go"`},
		{"a page without html", "<head><title>Down</title></head>", `an HTML page titled "Down"`},
		{"text", "Service unavailable", `text that begins "Service unavailable"`},
		{"bytes", "\x00\x01\x02\xff\xfe\x89PNG", "text that begins"},
		{"another XML document", `<?xml version="1.0"?><urlset><url/></urlset>`, "an XML document <urlset>"},
		{"another JSON document", `{"error":"not found"}`, "a JSON document that is no JSON Feed"},
		{"broken JSON", `{"version":`, "JSON"},
	} {
		doc, err := parse.Parse(t.Context(), []byte(tt.body), parse.Options{})
		if !errors.Is(err, parse.ErrNotFeed) || !strings.Contains(err.Error(), tt.found) {
			t.Errorf("%s: Parse = %v, %v; want %v that names %q", tt.name, doc, err, parse.ErrNotFeed, tt.found)
		}
	}
}

// costly are documents that were made to cost more than they are worth.
func costly() map[string]string {
	deep := func(name string) string { return strings.Repeat("<"+name+">", 50_000) }
	return map[string]string{
		"elements nested 50,000 deep in a text":  rss(`<item><description>` + deep("b") + `</description></item>`),
		"elements nested 50,000 deep at the top": `<rss version="2.0">` + deep("channel"),
		"extensions nested 50,000 deep":          rss(`<item><media:group>` + deep("media:group") + `</media:group></item>`),
		"unknown elements nested 50,000 deep":    rss(`<item>` + deep("x:y") + `</item>`),
		"end tags of nothing":                    rss(`<item><description>` + deep("b") + strings.Repeat("</c>", 50_000) + `</description></item>`),
		"Atom content nested 50,000 deep":        atom(`<entry><id>a:1</id><content type="xhtml">` + deep("div") + `</content></entry>`),
		"JSON nested 50,000 deep":                `{"version":"https://jsonfeed.org/version/1","items":` + strings.Repeat("[", 50_000),
		"a long title":                           rss(`<item><title>` + strings.Repeat("Flut ", 1<<16) + `</title></item>`),
		"a title of ampersands":                  rss(`<item><title>` + strings.Repeat("&", 1<<16) + `</title></item>`),
		"a title of tags":                        rss(`<item><title><![CDATA[` + strings.Repeat("<b>x</b>", 1<<16) + `]]></title></item>`),
		"attributes":                             rss(`<item ` + strings.Repeat(`xmlns:a="b" `, 1<<16) + `><title>t</title></item>`),
		"namespaces on every element": `<rss ` + strings.Repeat(`xmlns:a="b" `, 20_000) + `><channel>` +
			strings.Repeat(`<item><a:b/><title>t</title></item>`, 2000) + `</channel></rss>`,
		"categories":                rss(`<item><title>t</title>` + strings.Repeat("<category>x</category>", 1<<16) + `</item>`),
		"empty items":               rss(strings.Repeat("<item/>", 1<<16)),
		"unclosed CDATA":            rss(`<item><title><![CDATA[` + strings.Repeat("x", 1<<17)),
		"unclosed CDATAs":           rss(`<item><title>` + strings.Repeat("<![CDATA[", 1<<16)),
		"unclosed comments":         strings.Repeat("<!--", 1<<17),
		"unclosed declarations":     strings.Repeat("<![", 1<<17),
		"unclosed attributes":       rss(strings.Repeat(`<item a="`, 1<<16)),
		"brackets of no subset":     strings.Repeat("<!D [>", 1<<16),
		"people of one item":        rss(`<item><title>t</title>` + many(`<dc:creator>n%d</dc:creator>`, 20_000) + `</item>`),
		"links of one item":         atom(`<entry><id>a:1</id>` + many(`<link rel="enclosure" href="https://x.example/%d"/>`, 20_000) + `</entry>`),
		"mailboxes":                 rss(`<item><title>t</title><author>` + strings.Repeat("@,", 1<<17) + `</author></item>`),
		"escaped CDATA in itself":   rss(`<item><title>` + strings.Repeat("&lt;![CDATA[", 1<<16) + `</title></item>`),
		"a long text encoded twice": rss(`<item><description>` + strings.Repeat("Ã©â€", 1<<16) + `</description></item>`),
		"paragraphs":                rss(`<item><description>` + strings.Repeat("x\n\n", 1<<17) + `</description></item>`),
		"galleries without end":     rss(`<item>` + many(`<media:content medium="image" url="https://x.example/%d"/>`, 20_000) + `</item>`),
		"less-than signs":           rss(`<item><title>` + strings.Repeat("<", 1<<17) + `</title></item>`),
		"a date of many days":       rss(`<item><pubDate>` + strings.Repeat("1 ", 1<<16) + `</pubDate></item>`),
		"a billion laughs":          laughs(),
		"references of a prefix":    rss(`<item><title>` + strings.Repeat("&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 1<<16) + `</title></item>`),
	}
}

// many repeats a format with numbers.
func many(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// laughs is a document whose entities would expand to gigabytes.
func laughs() string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">`)
	for i := range 9 {
		fmt.Fprintf(&b, `<!ENTITY l%d "%s">`, i+1, strings.Repeat(fmt.Sprintf("&l%d;", i), 10))
	}
	b.WriteString(`]><rss version="2.0"><channel><item><title>&l9;</title></item></channel></rss>`)
	return b.String()
}

// How their cost grows is measured elsewhere: here it matters that what comes of them is sound, and bounded.
func TestHostileDocumentsAreBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("left out: takes seconds")
	}
	for name, document := range costly() {
		t.Run(name, func(t *testing.T) {
			doc, err := parse.Parse(t.Context(), []byte(document), parse.Options{URL: address})
			if err != nil {
				if !errors.Is(err, parse.ErrNotFeed) {
					t.Errorf("err = %v", err)
				}
				return
			}
			checkDocument(t, doc)
			if len(doc.Items) > 2000 {
				t.Errorf("%d items", len(doc.Items))
			}
			for _, note := range doc.Repairs {
				if len(note) > 500 {
					t.Errorf("a repair is noted in %d bytes", len(note))
				}
			}
		})
	}
}

func TestItemsBeyondTheBoundAreLeftOut(t *testing.T) {
	for _, document := range []string{
		rss(many(`<item><guid>%d</guid></item>`, 9)),
		atom(many(`<entry><id>%d</id></entry>`, 9)),
		`{"version":"https://jsonfeed.org/version/1","items":[` + strings.TrimSuffix(many(`{"id":%d},`, 9), ",") + `]}`,
	} {
		doc, err := parse.Parse(t.Context(), []byte(document), parse.Options{MaxItems: 3})
		if err != nil || len(doc.Items) != 3 || doc.Items[2].GUID != "2" || len(doc.Repairs) != 1 {
			t.Errorf("Parse(%.200q) = %+v, %v; want the first three items and a note", document, doc, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, tt := range faults {
		f.Add([]byte(tt.document), tt.options.ContentType)
	}
	f.Add([]byte(laughs()), "application/rss+xml")
	f.Add([]byte(atom(`<entry><id>a</id><content type="xhtml"><div>x</div></content><source><id>b</id></source></entry>`)), "")
	f.Add([]byte(rss(`<item><media:group><media:content url="x.mp4"/></media:group><source url="y">z</source></item>`)), "")
	f.Add([]byte(atom(`<at:deleted-entry ref="a" when="2026-03-02"><at:comment>x</at:comment></at:deleted-entry>`)), "")
	f.Add([]byte(`{"title":"t","items":[],"_newswire":{"tombstones":[{"id":"1","withdrawn":"2026-03-02"}]}}`), "")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		doc, err := parse.Parse(t.Context(), body, parse.Options{URL: address, ContentType: contentType, MaxItems: 50})
		if err != nil {
			if !errors.Is(err, parse.ErrNotFeed) {
				t.Errorf("err = %v", err)
			}
			return
		}
		checkDocument(t, doc)
	})
}
