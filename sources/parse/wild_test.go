package parse_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/newswire/newswire/sources/parse"
)

// wild are habits of publishers, each with what readers expect of it.
var wild = []struct {
	name, document string
	read           func(*parse.Item) string
	want           string
}{
	{
		"a text in a CDATA section that was escaped",
		rss(`<item><description>&lt;![CDATA[Hello &lt;b&gt;all&lt;/b&gt;]]&gt;</description></item>`),
		summary, "Hello <b>all</b>",
	},
	{
		"a title in a CDATA section inside of another",
		rss(`<item><title><![CDATA[<![CDATA[Twice]]]]><![CDATA[>]]></title></item>`),
		titleOf, "Twice",
	},
	{
		"a plain text of several paragraphs, folded like a mail",
		rss("<item><description>One &amp;amp; a\nhalf.\r\n\r\nTwo.\n \n\nThree.</description></item>"),
		summary, "<p>One &amp; a\nhalf.</p><p>Two.</p><p>Three.</p>",
	},
	{
		"a text with elements keeps its empty lines",
		rss("<item><description>One.&lt;br&gt;\n\nTwo.</description></item>"),
		summary, "One.<br>\n\nTwo.",
	},
	{
		"an Atom text of several paragraphs",
		atom("<entry><id>a:1</id><content type='text'>One &lt;b>.\n\nTwo.</content></entry>"),
		content, "<p>One &lt;b&gt;.</p><p>Two.</p>",
	},
	{
		"the description of a film, in lines",
		atom("<entry><id>a:1</id><media:group><media:description>Lines &lt;3\nand &amp;amp; more\n\n0:00 Intro</media:description></media:group></entry>"),
		summary, "<p>Lines &lt;3<br>and &amp; more</p><p>0:00 Intro</p>",
	},
	{
		"the description of a film, in HTML",
		rss("<item><media:description>&lt;p&gt;One&lt;/p&gt;\n&lt;p&gt;Two&lt;/p&gt;</media:description></item>"),
		summary, "<p>One</p>\n<p>Two</p>",
	},
	{
		"an episode's summary, in lines",
		rss("<item><itunes:summary>One\nTwo</itunes:summary></item>"),
		summary, "<p>One<br>Two</p>",
	},
	{
		"an episode whose title is iTunes' alone",
		rss(`<item><itunes:title>Episode</itunes:title></item>`),
		titleOf, "Episode",
	},
	{
		"the people of an episode",
		rss(`<item><podcast:person href="/ann" role="guest">Ann Lee</podcast:person><podcast:person>Ben Ode</podcast:person></item>`),
		func(it *parse.Item) string { return fmt.Sprint(it.Contributors) }, "[{ Ann Lee  https://harbour.example/ann} { Ben Ode  }]",
	},
	{
		"the licence of an episode",
		rss(`<item><podcast:license url="https://creativecommons.org/licenses/by/4.0/">cc-by-4.0</podcast:license></item>`),
		func(it *parse.Item) string { return it.Rights.License }, "https://creativecommons.org/licenses/by/4.0/",
	},
	{
		"Dublin Core in its newer namespace",
		rss(`<item><dcterms:title>A crane</dcterms:title><dcterms:subject>ports</dcterms:subject></item>`),
		func(it *parse.Item) string { return fmt.Sprint(it.Title, it.Terms) }, "A crane[{ports  }]",
	},
	{
		"rights that are the address of a licence",
		rss(`<item><dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights></item>`),
		func(it *parse.Item) string { return it.Rights.License + it.Rights.Statement }, "http://creativecommons.org/licenses/by/4.0/",
	},
	{
		"rights that begin with the address of a licence",
		rss(`<item><dc:rights>https://creativecommons.org/licenses/by/4.0/ and by agreement</dc:rights></item>`),
		func(it *parse.Item) string { return it.Rights.License + "|" + it.Rights.Statement }, "|https://creativecommons.org/licenses/by/4.0/ and by agreement",
	},
	{
		"rights that are the address of a site",
		rss(`<item><dc:rights>https://harbour.example/</dc:rights></item>`),
		func(it *parse.Item) string { return it.Rights.License + " " + it.Rights.Statement }, " https://harbour.example/",
	},
	{
		"a film that nothing plays",
		atom(`<entry><id>a:1</id><media:group><media:content url="https://tube.example/v/1" type="application/x-shockwave-flash"/></media:group></entry>`),
		enclosures, "",
	},
	{
		"several pictures, the first with its description",
		rss(`<item><media:content url="https://m.example/1.jpg" medium="image"><media:description>A crane</media:description></media:content>
			<media:content url="https://m.example/2.jpg" medium="image" fileSize="9"/><media:content medium="image"/></item>`),
		func(it *parse.Item) string { return it.Image.URL + " " + it.Image.Title + " " + enclosures(it) },
		"https://m.example/1.jpg A crane https://m.example/2.jpg image/jpeg 9",
	},
	{
		"the author's picture before the article's",
		rss(`<item><media:content url="https://2.gravatar.com/avatar/0f?s=96" medium="image"><media:title>ann</media:title></media:content>
			<media:content url="https://m.example/1.jpg" medium="image"/></item>`),
		func(it *parse.Item) string { return it.Image.URL + it.Image.Title + enclosures(it) }, "https://m.example/1.jpg",
	},
	{
		"one picture in several widths",
		rss(`<item><media:content url="https://m.example/1.jpg" width="140"/><media:content url="https://m.example/2.jpg" width="460"/></item>`),
		func(it *parse.Item) string { return it.Image.URL + " " + enclosures(it) }, "https://m.example/2.jpg ",
	},
	{
		"a picture as an item's image",
		rss(`<item><image>/1.jpg</image><title>t</title></item>`),
		func(it *parse.Item) string { return it.Image.URL + it.Title }, "https://harbour.example/1.jpgt",
	},
	{
		"a picture as an item's image, as a channel has it",
		rss(`<item><image><url>/1.jpg</url><title>x</title><link>https://x.example/</link></image><title>t</title></item>`),
		func(it *parse.Item) string { return it.Image.URL + it.Title + it.URL }, "https://harbour.example/1.jpgt",
	},
	{
		"a date that cannot be read beside one that can",
		rss(`<item><pubDate>soon</pubDate><dc:date>2026-03-02T10:30:00Z</dc:date></item>`),
		func(it *parse.Item) string { return it.Published.String() }, "2026-03-02 10:30:00 +0000 UTC",
	},
	{
		"an author in JSON that is a name alone",
		`{"version":"https://jsonfeed.org/version/1.1","title":"n","items":[{"id":"1","authors":["Ann Lee",{"name":"Ben Ode"}],"author":"Cy Q"}]}`,
		func(it *parse.Item) string { return fmt.Sprint(it.Authors) }, "[{ Ann Lee  } { Ben Ode  }]",
	},
	{
		"a summary in JSON that was escaped for HTML",
		`{"version":"https://jsonfeed.org/version/1.1","title":"n","items":[{"id":"1","summary":"A &amp; B < C"}]}`,
		summary, "A &amp; B &lt; C",
	},
	{
		"a summary in JSON that is HTML",
		`{"version":"https://jsonfeed.org/version/1.1","title":"n","items":[{"id":"1","summary":"<p>A <b>b</b></p>"}]}`,
		summary, "<p>A <b>b</b></p>",
	},
	{
		"an address without its scheme",
		rss(`<item><link>www.harbour.example/1?x=2</link></item>`),
		func(it *parse.Item) string { return it.URL }, "https://www.harbour.example/1?x=2",
	},
	{
		"a page whose name begins with www",
		rss(`<item><link>www.html</link></item>`),
		func(it *parse.Item) string { return it.URL }, "https://harbour.example/feeds/www.html",
	},
}

func summary(it *parse.Item) string { return it.Summary }
func content(it *parse.Item) string { return it.Content }
func titleOf(it *parse.Item) string { return it.Title }

func enclosures(it *parse.Item) string {
	var out []string
	for _, e := range it.Enclosures {
		out = append(out, fmt.Sprint(e.URL, " ", e.Type, " ", e.Length))
	}
	return strings.Join(out, ", ")
}

func TestPublishersHabitsAreUnderstood(t *testing.T) {
	for _, tt := range wild {
		t.Run(tt.name, func(t *testing.T) {
			it := single(t, tt.document)
			if got := tt.read(&it); got != tt.want {
				t.Errorf("Parse(%.400q) read %q, want %q", tt.document, got, tt.want)
			}
		})
	}
}

func TestTitlesInJSONThatWereEscapedForHTMLAreUnderstood(t *testing.T) {
	doc := parsed(t, `{"version":"https://jsonfeed.org/version/1.1","title":"A &amp; B","items":[{"id":"1","title":"C &amp; D"}]}`)
	if doc.Publisher.Title != "A & B" || doc.Items[0].Title != "C & D" {
		t.Errorf("titles %q and %q", doc.Publisher.Title, doc.Items[0].Title)
	}
}
