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
		func(it *parse.Item) string { return fmt.Sprint(it.Contributors) }, "[{ Ann Lee  https://harbour.example/ann  } { Ben Ode    }]",
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
		func(it *parse.Item) string { return fmt.Sprint(it.Authors) }, "[{ Ann Lee    } { Ben Ode    }]",
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

// habits are more of them.
var habits = []struct {
	name, document string
	read           func(*parse.Item) string
	want           string
}{
	{
		"a prefix bound to https", rss(`<item><content:encoded xmlns:content="https://purl.org/rss/1.0/modules/content/">Whole.</content:encoded></item>`),
		content, "Whole.",
	},
	{
		"a prefix bound to www", rss(`<item><dc:title xmlns:dc="http://www.purl.org/dc/elements/1.1/">A crane</dc:title></item>`),
		titleOf, "A crane",
	},
	{
		"a prefix bound to another path", rss(`<item><itunes:title xmlns:itunes="http://www.itunes.com/dtds/podcast-2.0.dtd">Episode</itunes:title></item>`),
		titleOf, "Episode",
	},
	{
		"a prefix bound to nothing", rss(`<item><content:encoded xmlns:content="">Whole.</content:encoded></item>`),
		content, "Whole.",
	},
	{
		"a prefix bound to another host of its home", rss(`<item><media:thumbnail xmlns:media="http://video.search.yahoo.com/mrss" url="/1.jpg"/></item>`),
		func(it *parse.Item) string { return it.Image.URL }, "https://harbour.example/1.jpg",
	},
	{
		"Atom in RSS, its namespace by https", rss(`<item><a10:link xmlns:a10="https://www.w3.org/2005/Atom" href="/1"/></item>`),
		func(it *parse.Item) string { return it.URL }, "https://harbour.example/1",
	},
	{
		"another namespace nearly right", rss(`<item><d:title xmlns:d="https://purl.org/dc/elements/1.1">A crane</d:title></item>`),
		titleOf, "A crane",
	},
	{
		"a prefix of another module", rss(`<item><content:encoded xmlns:content="https://other.example/ns">x</content:encoded></item>`),
		content, "",
	},
	{"a type with a prefix", atom(`<entry><id>a:1</id><content a:type="html">&lt;b&gt;x&lt;/b&gt;</content></entry>`), content, "<b>x</b>"},
	{"a type of another vocabulary", atom(`<entry><id>a:1</id><content xsi:type="x:html">&lt;b&gt;x&lt;/b&gt;</content></entry>`), content, "&lt;b&gt;x&lt;/b&gt;"},
	{"xhtml that is HTML escaped", atom(`<entry><id>a:1</id><content type="xhtml">&lt;p&gt;x &amp;amp; y&lt;/p&gt;</content></entry>`), content, "<p>x &amp; y</p>"},
	{"xhtml that is HTML escaped in a div", atom(`<entry><id>a:1</id><content type="xhtml"><div>&lt;p&gt;x&lt;/p&gt;</div></content></entry>`), content, "<p>x</p>"},
	{"xhtml that shows an element", atom(`<entry><id>a:1</id><content type="xhtml"><div><p>Use &lt;b&gt;x&lt;/b&gt;</p></div></content></entry>`), content, "<p>Use &lt;b&gt;x&lt;/b&gt;</p>"},
	{"a script in a title", rss(`<item><title>safe&lt;script type="x"&gt;alert("a &lt; b")&lt;/script&gt; title</title></item>`), titleOf, "safe title"},
	{"a style in a title", atom(`<entry><id>a:1</id><title type="html">&lt;style&gt;b{}&lt;/style&gt;safe</title></entry>`), titleOf, "safe"},
	{"a title about an element", rss(`<item><title>The &lt;script&gt; element</title></item>`), titleOf, "The <script> element"},
	{"a frame closed as in XML", rss(`<item><description>&lt;iframe src="https://v.example/1" /&gt;&lt;p&gt;Two&lt;/p&gt;</description></item>`), summary, `<iframe src="https://v.example/1" ></iframe><p>Two</p>`},
	{"a film closed as in XML", rss(`<item><content:encoded><![CDATA[<video src='1.mp4' controls/><p>Two</p>]]></content:encoded></item>`), content, `<video src='1.mp4' controls></video><p>Two</p>`},
	{"a frame whose address ends with a stroke", rss(`<item><description>&lt;iframe src=https://v.example/&gt;x&lt;/iframe&gt; &lt;br/&gt;</description></item>`), summary, `<iframe src=https://v.example/>x</iframe> <br/>`},
	{"a frame in JSON", `{"version":"https://jsonfeed.org/version/1.1","title":"n","items":[{"id":"1","content_html":"<iframe src='1'/>x"}]}`, content, "<iframe src='1'></iframe>x"},
	{"the whole text for Yandex", rss(`<item><description>x</description><yandex:full-text xmlns:yandex="http://news.yandex.ru">Whole.</yandex:full-text></item>`), content, "Whole."},
	{"a page for Turbo", rss(`<item><turbo:content xmlns:turbo="http://turbo.yandex.ru"><![CDATA[<p>Whole.</p>]]></turbo:content></item>`), content, "<p>Whole.</p>"},
	{"content without a prefix", rss(`<item><content>` + strings.Repeat("Whole. ", 50) + `</content></item>`), content, strings.TrimSpace(strings.Repeat("Whole. ", 50))},
	{"a body", rss(`<item><description>x</description><body>&lt;p>Whole.&lt;/p></body></item>`), content, "<p>Whole.</p>"},
	{"content with a prefix beside one without", rss(`<item><content:encoded>Whole.</content:encoded><content>x</content></item>`), content, "Whole."},
	{"an Atom link with its address as text", atom(`<entry><id>a:1</id><link>/1</link></entry>`), func(it *parse.Item) string { return it.URL }, "https://harbour.example/1"},
	{"an RSS link with its address as attribute", rss(`<item><title>t</title><link href="/1"/></item>`), func(it *parse.Item) string { return it.URL }, "https://harbour.example/1"},
	{"a guid that is a path", rss(`<item><guid>/2026/crane</guid></item>`), func(it *parse.Item) string { return it.URL + " " + it.GUID }, "https://harbour.example/2026/crane /2026/crane"},
	{"a guid that is a path without a stroke before it", rss(`<item><guid isPermaLink="true">2026/crane</guid></item>`), func(it *parse.Item) string { return it.URL }, "https://harbour.example/2026/crane"},
	{"a guid that is a path and no permalink", rss(`<item><guid isPermaLink="false">/2026/crane</guid></item>`), func(it *parse.Item) string { return it.URL }, ""},
	{"a guid that has a stroke", rss(`<item><guid>post/17</guid></item>`), func(it *parse.Item) string { return it.URL }, ""},
	{"an avatar", atom(`<entry><id>a:1</id><media:thumbnail height="30" width="30" url="https://avatars.githubusercontent.com/u/1?s=30"/></entry>`), imageOf, ""},
	{"an avatar that does not say how wide it is", atom(`<entry><id>a:1</id><media:thumbnail url="https://avatars1.githubusercontent.com/u/1"/></entry>`), imageOf, ""},
	{"a crop", rss(`<item><media:thumbnail height="72" width="72" url="https://b.example/s72-c/1.jpg"/></item>`), imageOf, ""},
	{"a small picture", rss(`<item><media:thumbnail height="90" width="120" url="https://b.example/1.jpg"/></item>`), imageOf, "https://b.example/1.jpg"},
	{"lines that are sentences", rss("<item><description>One.\nTwo.</description></item>"), summary, "<p>One.<br>Two.</p>"},
	{"lines that begin with capitals", rss("<item><description>Date: today\r\nPlace: the quay\r\n\r\nAll welcome</description></item>"), summary, "<p>Date: today<br>Place: the quay</p><p>All welcome</p>"},
	{"lines without capitals", rss("<item><description>第一行\n第二行</description></item>"), summary, "<p>第一行<br>第二行</p>"},
	{"a list", rss("<item><description>Bring:\n- rope\n- a knife</description></item>"), summary, "<p>Bring:<br>- rope<br>- a knife</p>"},
	{"a verse", rss("<item><description>the tide comes in\nthe tide goes out\nand so do we</description></item>"), summary, "<p>the tide comes in<br>the tide goes out<br>and so do we</p>"},
	{
		"a text that was folded", rss("<item><description>The harbour master has closed the quay for the winter. The\nFerry Company was told of it in the autumn, and has moved its\nboats to the other side.</description></item>"),
		summary, "The harbour master has closed the quay for the winter. The\nFerry Company was told of it in the autumn, and has moved its\nboats to the other side.",
	},
	{"an Atom text of lines", atom("<entry><id>a:1</id><content type='text'>One.\nTwo &lt;b>.</content></entry>"), content, "<p>One.<br>Two &lt;b&gt;.</p>"},
	{"a summary in JSON of lines", `{"version":"https://jsonfeed.org/version/1.1","title":"n","items":[{"id":"1","summary":"One\nTwo"}]}`, summary, "<p>One<br>Two</p>"},
	{
		"JSON with a comma behind the last, and a line break in a string",
		"{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"n\",\"items\":[{\"id\":\"1\",\"title\":\"t\",\"content_text\":\"one\ntwo\",},],}",
		content, "<p>one<br>two</p>",
	},
	{"entities of a DOCTYPE", `<!DOCTYPE rss [<!ENTITY co "Acme"><!ENTITY base "https://harbour.example">]><rss><channel><item><title>A &amp;amp; &co;</title><link>&base;/1</link></item></channel></rss>`, func(it *parse.Item) string { return it.Title + " " + it.URL }, "A & Acme https://harbour.example/1"},
}

func imageOf(it *parse.Item) string {
	if it.Image == nil {
		return ""
	}
	return it.Image.URL
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
	for _, tt := range append(wild, habits...) {
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
