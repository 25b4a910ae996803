package parse_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/newswire/newswire/sources/internal/hostile"
	"github.com/newswire/newswire/sources/parse"
)

// documents are the places of a feed that hold a text, with what a text has to be there.
var documents = []struct {
	name  string
	build func(text string) string
}{
	{"an RSS description", func(s string) string { return rss("<item><description><![CDATA[" + s + "]]></description></item>") }},
	{"an RSS title", func(s string) string { return rss("<item><title><![CDATA[" + s + "]]></title></item>") }},
	{"markup that was not escaped", func(s string) string { return rss("<item><description>" + s + "</description></item>") }},
	{"Atom content of type xhtml", func(s string) string {
		return atom(`<entry><id>a:1</id><content type="xhtml"><div>` + s + `</div></content></entry>`)
	}},
	{"an element that is not known", func(s string) string { return rss("<item><x:y>" + s + "</x:y></item>") }},
	{"the channel", func(s string) string { return rss(s) }},
	{"what is before the document", func(s string) string { return s + rss("<item><title>t</title></item>") }},
}

// repeated are other parts of documents, over and over. A percent sign stands for a number that is another each time.
var repeated = []hostile.Input{
	hostile.Repeat("items", head, "<item/>", foot),
	hostile.Repeat("items that are not closed", head, "<item><title>t%</title>", foot),
	hostile.Repeat("items of one guid", head, "<item><guid>g</guid><title>t%</title><description>d%</description></item>", foot),
	hostile.Repeat("items of one guid at their own addresses", head, "<item><guid>g</guid><link>/%</link></item>", foot),
	hostile.Repeat("items behind one with a long address", head+"<item><guid>g</guid><link>/?"+strings.Repeat("a&amp;", 500)+"</link></item>", "<item><guid>g</guid><link>/%</link></item>", foot),
	hostile.Repeat("namespaces on the root", "<rss ", `xmlns:a%="b" `, "><channel>"+strings.Repeat("<item><a:b/><c:d/></item>", 400)+"</channel></rss>"),
	hostile.Repeat("namespaces and elements", "<rss><channel>", `<item xmlns:a%="b"><a:b/>`, "</channel></rss>"),
	hostile.Repeat("bases", "<rss><channel>", `<item xml:base="a/%/">`, "</channel></rss>"),
	hostile.Repeat("containers", "<rss>", "<channel><media:group>", ""),
	hostile.Repeat("extensions", head+"<item>", `<media:content url="/%.mp3"><media:title>t</media:title></media:content>`, "</item>"+foot),
	hostile.Repeat("pictures", head+"<item>", `<media:content medium="image" url="/%"/><media:thumbnail url="/%"/>`, "</item>"+foot),
	hostile.Repeat("authors", head+"<item>", "<dc:creator>Ann %, Ben % and Cy %</dc:creator>", "</item>"+foot),
	hostile.Repeat("authors on one line", head+"<item><dc:creator>", "Ann %, ", "</dc:creator></item>"+foot),
	hostile.Repeat("mailboxes", head+"<item><author>", "a%@b.example, ", "</author></item>"+foot),
	hostile.Repeat("categories", head+"<item>", "<category>c%</category>", "</item>"+foot),
	hostile.Repeat("keywords", head+"<item><media:keywords>", "k%, ", "</media:keywords></item>"+foot),
	hostile.Repeat("links", head+"<item>", `<atom:link rel="related" href="/%"/>`, "</item>"+foot),
	hostile.Repeat("dates", head+"<item>", "<pubDate>Mon, 0% Mar 05/02/2026</pubDate><dc:date>yesterday %</dc:date>", "</item>"+foot),
	hostile.Repeat("a date", head+"<item><pubDate>", "Mon, ", "</pubDate></item>"+foot),
	hostile.Repeat("terms in RSL", head+"<item>", `<rsl:content url="/%"><rsl:license><rsl:payment>`, "</item>"+foot),
	hostile.Repeat("deletions", head, `<at:deleted-entry ref="r%"/>`, foot),
	hostile.Repeat("declared entities", "<!DOCTYPE rss [", `<!ENTITY e% "&e1;&e2;&e3;">`, "]>"+head+"<item><title>"+strings.Repeat("&e1;&e9;", 200)+"</title></item>"+foot),
	hostile.Repeat("references to an entity", `<!DOCTYPE rss [<!ENTITY e "`+strings.Repeat("x", 4000)+`">]>`+head+"<item><title>", "&e;", "</title></item>"+foot),
	hostile.Repeat("a subset without an end", "<!DOCTYPE rss [", `<!ENTITY e '%"> [`, ""),
	hostile.Repeat("declarations", "", "<!D [ ", head+foot),
	hostile.Repeat("instructions", "", "<?x ", head+foot),
	hostile.Repeat("attributes without an end", head, `<item a="`, ""),
	hostile.Repeat("sections of CDATA without an end", head+"<item><title>", "<![CDATA[", ""),
	hostile.Repeat("escaped sections of CDATA", head+"<item><title>", "&lt;![CDATA[", "</title></item>"+foot),
	hostile.Repeat("empty lines", head+"<item><description>", "x\n\n", "</description></item>"+foot),
	hostile.Repeat("lines", head+"<item><description>", "x%\n", "</description></item>"+foot),
	hostile.Repeat("mojibake", head+"<item><description>", "Ã©â€", "</description></item>"+foot),
	hostile.Repeat("bytes that are not UTF-8", head+"<item><title>", "\xe9 é ", "</title></item>"+foot),
	hostile.Repeat("bytes under a label", `<?xml version="1.0" encoding="gbk"?>`+head+"<item><title>", "\x81\xff\xe9", "</title></item>"+foot),
	hostile.Repeat("controls", head+"<item><title>", "\x01&#1;", "</title></item>"+foot),
	hostile.Repeat("a source under the item", head+"<item><link>https://a.example/1</link><source url='https://a.example/1/", "x/", "'>t</source></item>"+foot),
	hostile.Repeat("items of JSON", jsonHead, `{"id":"%","authors":["Ann, Ben and Cy"],"tags":["a","b"]},`, "{}]}"),
	hostile.Repeat("items of JSON with commas", jsonHead, `{"id":"%",},`, "]}"),
	hostile.Repeat("JSON that is cut off", jsonHead, `{"id":"%"},`, ""),
	hostile.Repeat("lists of JSON", jsonHead, "[", ""),
	hostile.Repeat("commas of JSON", jsonHead, " ,", "]}"),
	hostile.Repeat("comments of JSON", jsonHead, "/*", ""),
	hostile.Repeat("strings of JSON", jsonHead+`"`, "\\u \n", ""),
}

const (
	head     = `<rss version="2.0"><channel><title>t</title>`
	foot     = `</channel></rss>`
	jsonHead = `{"version":"https://jsonfeed.org/version/1.1","title":"n","items":[`
)

func TestWhatParsingCostsGrowsWithTheLengthAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("left out: takes seconds")
	}
	read := func(in hostile.Input, build func(string) string) {
		err := in.Grow(func(text string) {
			if _, err := parse.Parse(t.Context(), []byte(build(text)), parse.Options{URL: address}); err != nil && !errors.Is(err, parse.ErrNotFeed) {
				t.Errorf("%s: %v", in.Name, err)
			}
		})
		if err != nil {
			t.Error(err)
		}
	}
	for _, in := range repeated {
		read(in, func(text string) string { return text })
	}
	for i, in := range hostile.Inputs() { // each in one place, the places by turns
		read(in, documents[i%len(documents)].build)
	}
}

func TestParsingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, document := range []string{rss(strings.Repeat("<item/>", 10_000)), atom(strings.Repeat("<entry/>", 10_000))} {
		if doc, err := parse.Parse(ctx, []byte(document), parse.Options{}); !errors.Is(err, context.Canceled) {
			t.Errorf("Parse = %v, %v; want %v", doc, err, context.Canceled)
		}
	}
}
