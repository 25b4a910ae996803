package parse_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/parse"
)

// wholeRSS has every element of RSS that is read.
const wholeRSS = `<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:a10="http://www.w3.org/2005/Atom" xmlns:podcast="http://www.itunes.com/dtds/podcast-1.0.dtd"
  xmlns:m="http://search.yahoo.com/mrss/" xmlns:creativeCommons="http://backend.userland.com/creativeCommonsRssModule"
  xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel>
  <title>Harbour &amp;amp; News</title>
  <link>https://harbour.example/</link>
  <description>All of the &lt;b&gt;port&lt;/b&gt;</description>
  <language>en-gb</language>
  <copyright>© 2026 Harbour Press</copyright>
  <managingEditor>desk@harbour.example (Dora Desk)</managingEditor>
  <lastBuildDate>Mon, 02 Mar 2026 12:00:00 GMT</lastBuildDate>
  <ttl>90</ttl>
  <skipHours><hour>24</hour><hour>3</hour><hour>x</hour></skipHours>
  <skipDays><day>Sunday</day><day>saturday</day></skipDays>
  <sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>
  <image><url>/logo.png</url><title>not the channel's title</title><link>https://elsewhere.example/</link></image>
  <a10:link rel="self" href="https://harbour.example/feed.xml"/>
  <a10:link rel="hub" href="https://hub.example/"/>
  <creativeCommons:license>https://creativecommons.org/licenses/by/4.0/</creativeCommons:license>
  <category domain="https://terms.example/">ports</category>
  <item>
    <title>A &lt;b&gt;crane&lt;/b&gt; falls on Map&lt;K, V&gt;</title>
    <link>/2026/crane?utm_source=rss</link>
    <guid isPermaLink="false">crane-1</guid>
    <pubDate>Mon, 02 Mar 2026 10:30:00 +0100</pubDate>
    <a10:updated>2026-03-02T11:00:00Z</a10:updated>
    <dc:creator>Ann Lee</dc:creator><dc:creator>Ben Ode</dc:creator>
    <author>ann@harbour.example (Ann Lee)</author>
    <description>Nobody was &lt;i&gt;hurt&lt;/i&gt;.</description>
    <content:encoded><![CDATA[<p>The whole story <img src="crane.jpg"></p>]]></content:encoded>
    <category>accidents</category><category>accidents</category><dc:subject>cranes</dc:subject>
    <comments>https://harbour.example/2026/crane#talk</comments>
    <enclosure url="https://cdn.example/crane.mp3" length="much" />
    <enclosure url="https://cdn.example/crane.pdf" length="1024" type="application/pdf"/>
    <podcast:duration>1:02:03</podcast:duration>
    <m:group>
      <m:content url="https://cdn.example/small.jpg" width="200" height="100" medium="image"/>
      <m:content url="https://cdn.example/large.jpg" width="2000" height="1000" medium="image"><m:credit>Cy Pic</m:credit></m:content>
      <m:title>The crane</m:title>
    </m:group>
    <m:thumbnail url="https://cdn.example/thumb.jpg"/>
    <source url="https://agency.example/rss">The Agency</source>
    <dc:rights>© Ann Lee</dc:rights>
    <a10:link rel="license" href="https://creativecommons.org/licenses/by-nc/4.0/"/>
    <a10:link rel="via" href="https://tip.example/1"/>
    <dc:language>de_AT</dc:language>
  </item>
</channel></rss>`

// wholeRSSDocument is what wholeRSS says.
var wholeRSSDocument = &parse.Document{
	Format: "rss 2.0",
	Publisher: newswire.Publisher{
		ID: "https://harbour.example/feed.xml", Title: "Harbour & News", Subtitle: "All of the port",
		URL: "https://harbour.example/", FeedURL: "https://harbour.example/feed.xml",
		Updated: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC), Rights: "© 2026 Harbour Press",
		Logo: "https://harbour.example/logo.png", Language: "en-GB",
		Authors: []newswire.Person{{Name: "Dora Desk", Email: "desk@harbour.example"}},
		Terms:   []newswire.Term{{Term: "ports", Scheme: "https://terms.example/"}},
	},
	License: "https://creativecommons.org/licenses/by/4.0/",
	Cadence: newswire.Cadence{
		TTL: 90 * time.Minute, SkipHours: []int{0, 3}, SkipDays: []time.Weekday{time.Sunday, time.Saturday},
		Period: 6 * time.Hour,
	},
	Hub: "https://hub.example/",
	Items: []parse.Item{{
		Article: newswire.Article{
			GUID: "crane-1", AtomID: "tag:harbour.example,2026:crane-1",
			URL:     "https://harbour.example/2026/crane",
			Title:   "A crane falls on Map<K, V>",
			Summary: "Nobody was <i>hurt</i>.", Content: `<p>The whole story <img src="crane.jpg"></p>`,
			Authors:   []newswire.Person{{Name: "Ann Lee", Email: "ann@harbour.example"}, {Name: "Ben Ode"}},
			Published: time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC), Updated: time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC),
			Language: "de-AT", Terms: []newswire.Term{{Term: "accidents"}, {Term: "cranes"}},
			Enclosures: []newswire.Enclosure{
				{URL: "https://cdn.example/crane.mp3", Type: "audio/mpeg", Duration: time.Hour + 2*time.Minute + 3*time.Second},
				{URL: "https://cdn.example/crane.pdf", Type: "application/pdf", Length: 1024},
			},
			Image: &newswire.Image{
				URL: "https://cdn.example/large.jpg", Type: "image/jpeg", Width: 2000, Height: 1000,
				Title: "The crane", Credit: "Cy Pic",
			},
			Comments: "https://harbour.example/2026/crane#talk",
			Links:    []newswire.Link{{Rel: "via", URL: "https://tip.example/1"}},
			Rights: newswire.Rights{
				License: "https://creativecommons.org/licenses/by-nc/4.0/", Statement: "© Ann Lee",
			},
			Upstream: &newswire.Publisher{
				ID: "https://agency.example/rss", Title: "The Agency", FeedURL: "https://agency.example/rss",
			},
		},
		Base: "https://harbour.example/2026/crane",
	}},
}

func TestRSSIsReadWhole(t *testing.T) {
	doc := parsed(t, wholeRSS)
	if diff := cmp.Diff(wholeRSSDocument, doc); diff != "" {
		t.Errorf("read other than it was written (-want +got):\n%s", diff)
	}
}

func TestRSS10IsReadByItsAbout(t *testing.T) {
	doc := parsed(t, `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
  xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel rdf:about="https://harbour.example/"><title>Harbour</title><link>https://harbour.example/</link>
 <items><rdf:Seq><rdf:li resource="https://harbour.example/1"/></rdf:Seq></items></channel>
<image><title>logo</title><url>https://harbour.example/logo.png</url></image>
<item rdf:about="https://harbour.example/1"><title>One</title><link>https://harbour.example/one</link>
 <dc:date>2026-03-02T10:30:00+09:00</dc:date><dc:creator>Ann Lee</dc:creator></item></rdf:RDF>`)
	it := doc.Items[0]
	if doc.Format != "rss 1.0" || doc.Publisher.Logo != "https://harbour.example/logo.png" || it.GUID != "https://harbour.example/1" ||
		it.URL != "https://harbour.example/one" || it.Published.Hour() != 1 || len(it.Authors) != 1 {
		t.Errorf("read %+v of %q by %+v", it, doc.Format, doc.Publisher)
	}
}

func TestAnUndeclaredPrefixIsUnderstood(t *testing.T) {
	it := single(t, rss(`<item><title>t</title><dc:creator>Ann</dc:creator><content:encoded>&lt;p&gt;x&lt;/p&gt;</content:encoded></item>`))
	if len(it.Authors) != 1 || it.Content != "<p>x</p>" {
		t.Errorf("authors %v, content %q", it.Authors, it.Content)
	}
}

func TestMarkupThatWasNotEscapedIsKept(t *testing.T) {
	it := single(t, rss(`<item><title>a <b>bold</b> title</title><description>one<br/>two <a href="/x?a=1&b=2">three & four</a><p>five</description></item>`))
	if it.Title != "a bold title" || it.Summary != `one<br>two <a href="/x?a=1&amp;b=2">three & four</a><p>five` {
		t.Errorf("title %q, summary %q", it.Title, it.Summary)
	}
}

func TestTheChannelsAuthorIsNotTheItems(t *testing.T) {
	it := single(t, rss(`<managingEditor>desk@harbour.example</managingEditor><itunes:author>Harbour FM</itunes:author><item><title>t</title></item>`))
	if len(it.Authors) != 0 {
		t.Errorf("the item has authors that it did not name: %v", it.Authors)
	}
}

func TestAnAddressIsWhatTheGuidSaysWhereNoLinkIs(t *testing.T) {
	for _, tt := range []struct{ guid, want string }{
		{`<guid>https://harbour.example/1</guid>`, "https://harbour.example/1"},
		{`<guid isPermaLink="false">https://harbour.example/1</guid>`, ""},
		{`<guid>17</guid>`, ""},
	} {
		if it := single(t, rss(`<item>`+tt.guid+`</item>`)); it.URL != tt.want {
			t.Errorf("%s: address %q, want %q", tt.guid, it.URL, tt.want)
		}
	}
}
