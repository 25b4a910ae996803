package parse_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
)

// wholeAtom has every element of Atom that is read.
const wholeAtom = `<?xml version="1.0" encoding="utf-8"?>
<a:feed xmlns:a="http://www.w3.org/2005/Atom" xml:lang="fr" xml:base="https://harbour.example/feeds/all.xml">
  <a:id>urn:uuid:60a76c80-d399-11d9-b93c-0003939e0af6</a:id>
  <a:title type="html">Port &amp;amp; mer</a:title><a:subtitle>a &lt;b&gt; c</a:subtitle>
  <a:updated>2026-03-02T12:00:00Z</a:updated>
  <a:link rel="self" href="all.xml"/><a:link href="/"/><a:link rel="hub" href="https://hub.example/"/>
  <a:link rel="license" href="https://creativecommons.org/licenses/by/4.0/"/>
  <a:author><a:name>La rédaction</a:name></a:author>
  <a:icon>/icon.png</a:icon><a:logo>logo.png</a:logo><a:rights>tous droits réservés</a:rights>
  <a:entry xml:base="../2026/crane/">
    <a:id>urn:uuid:60a76c80-d399-11d9-b93c-0003939e0af7</a:id>
    <a:title>a literal &lt;b> here</a:title>
    <a:link href="."/><a:link rel="alternate" type="application/json" href="data.json"/>
    <a:link rel="enclosure" href="crane.mp3" length="99" type="audio/mpeg" title="The sound"/>
    <a:link rel="via" href="https://tip.example/"/><a:link rel="related" href="https://more.example/" title="More"/>
    <a:link rel="replies" type="application/atom+xml" href="talk.atom"/><a:link rel="replies" type="text/html" href="talk"/>
    <a:link rel="http://www.iana.org/assignments/relation/license" href="https://creativecommons.org/licenses/by-sa/4.0/"/>
    <a:published>2026-03-02T09:30:00.25+01:00</a:published><a:updated>2026-03-02T10:00:00Z</a:updated>
    <a:author><a:name>Ann Lee</a:name><a:email>ann@harbour.example</a:email><a:uri>/people/ann</a:uri></a:author>
    <a:author><a:name>Ben Ode</a:name></a:author>
    <a:contributor><a:name>Cy Pic</a:name></a:contributor>
    <a:category term="accidents" scheme="https://terms.example/" label="Accidents"/>
    <a:summary>1 &lt; 2</a:summary>
    <a:content type="xhtml" xml:lang="de" xml:base="text/"><div xmlns="http://www.w3.org/1999/xhtml"><p>x &lt; y &amp; <img src="a.png" alt=""/></p><p/></div></a:content>
    <a:rights>© Ann Lee</a:rights>
    <a:source><a:id>tag:agency.example,2026:feed</a:id><a:title>The Agency</a:title><a:updated>2026-03-01T00:00:00Z</a:updated>
      <a:link rel="self" href="https://agency.example/feed"/><a:author><a:name>Agency</a:name></a:author></a:source>
  </a:entry>
</a:feed>`

// wholeAtomBase is the base of its entry.
const wholeAtomBase = "https://harbour.example/2026/crane/"

// wholeAtomPublisher is what wholeAtom says of its publisher.
var wholeAtomPublisher = newswire.Publisher{
	ID: "urn:uuid:60a76c80-d399-11d9-b93c-0003939e0af6", Title: "Port & mer", Subtitle: "a <b> c",
	URL: "https://harbour.example/", FeedURL: "https://harbour.example/feeds/all.xml", Updated: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC),
	Rights: "tous droits réservés", Icon: "https://harbour.example/icon.png", Logo: "https://harbour.example/feeds/logo.png",
	Language: "fr", Authors: []newswire.Person{{Name: "La rédaction"}},
}

// wholeAtomEntry is what wholeAtom says of its entry.
var wholeAtomEntry = newswire.Article{
	GUID: "urn:uuid:60a76c80-d399-11d9-b93c-0003939e0af7", AtomID: "urn:uuid:60a76c80-d399-11d9-b93c-0003939e0af7",
	URL: wholeAtomBase, Title: "a literal <b> here", Summary: "1 &lt; 2", Content: `<p>x &lt; y &amp; <img src="a.png" alt=""></p><p></p>`,
	Authors: []newswire.Person{
		{Name: "Ann Lee", Email: "ann@harbour.example", URL: "https://harbour.example/people/ann"}, {Name: "Ben Ode"},
	},
	Contributors: []newswire.Person{{Name: "Cy Pic"}},
	Published:    time.Date(2026, 3, 2, 8, 30, 0, 250e6, time.UTC), Updated: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC),
	Language: "de", Terms: []newswire.Term{{Term: "accidents", Scheme: "https://terms.example/", Label: "Accidents"}},
	Enclosures: []newswire.Enclosure{{URL: wholeAtomBase + "crane.mp3", Type: "audio/mpeg", Length: 99, Title: "The sound"}},
	Comments:   wholeAtomBase + "talk",
	Links: []newswire.Link{
		{Rel: "via", URL: "https://tip.example/"}, {Rel: "related", URL: "https://more.example/", Title: "More"},
	},
	Rights: newswire.Rights{License: "https://creativecommons.org/licenses/by-sa/4.0/", Statement: "© Ann Lee"},
	Upstream: &newswire.Publisher{
		ID: "tag:agency.example,2026:feed", Title: "The Agency", FeedURL: "https://agency.example/feed", Updated: day(2026, 3, 1),
		Authors: []newswire.Person{{Name: "Agency"}},
	},
}

func TestAtomIsReadWhole(t *testing.T) {
	doc := parsed(t, wholeAtom)
	if diff := cmp.Diff(wholeAtomPublisher, doc.Publisher); diff != "" {
		t.Errorf("publisher (-want +got):\n%s", diff)
	}
	if doc.Format != "atom 1.0" || doc.Hub != "https://hub.example/" || doc.License != "https://creativecommons.org/licenses/by/4.0/" {
		t.Errorf("format %q, hub %q, license %q", doc.Format, doc.Hub, doc.License)
	}
	if diff := cmp.Diff(wholeAtomEntry, doc.Items[0].Article); diff != "" {
		t.Errorf("entry (-want +got):\n%s", diff)
	}
	if got := doc.Items[0].Base; got != wholeAtomBase+"text/" {
		t.Errorf("base %q, want %q", got, wholeAtomBase+"text/")
	}
}

func TestAnEntryWithoutAuthorsHasThoseOfItsSourceAndElseOfItsFeed(t *testing.T) {
	for _, tt := range []struct{ entry, want string }{
		{`<entry><id>a:1</id><author><name>Ann</name></author><source><id>b:1</id><author><name>Ben</name></author></source></entry>`, "Ann"},
		{`<entry><id>a:1</id><source><id>b:1</id><title>x</title><author><name>Ben</name></author></source></entry>`, "Ben"},
		{`<entry><id>a:1</id></entry>`, "Dora"},
	} {
		doc := parsed(t, atom(`<author><name>Dora</name></author>`+tt.entry))
		if got := authorNames(doc); got != tt.want {
			t.Errorf("%s: authors %q, want %q", tt.entry, got, tt.want)
		}
	}
}

func TestTypesOfAtomTextsAreToldApart(t *testing.T) {
	for _, tt := range []struct{ name, content, want string }{
		{"text", `<content type="text">a &lt;b&gt; c</content>`, "a &lt;b&gt; c"},
		{"no type", `<content>AT&amp;T</content>`, "AT&amp;T"},
		{"html", `<content type="html">a &lt;b&gt;c&lt;/b&gt;</content>`, "a <b>c</b>"},
		{"html in CDATA", `<content type="html"><![CDATA[a <b>c</b> ]]]]><![CDATA[>]]></content>`, "a <b>c</b> ]]>"},
		{"html that was not escaped", `<content type="html">a <b>c</b></content>`, "a <b>c</b>"},
		{"a media type", `<content type="text/plain">1 &lt; 2</content>`, "1 &lt; 2"},
		{"what is not text", `<content type="image/png">iVBORw0KGgo=</content>`, ""},
	} {
		if it := single(t, atom(`<entry><id>a:1</id>`+tt.content+`</entry>`)); it.Content != tt.want {
			t.Errorf("%s: content %q, want %q", tt.name, it.Content, tt.want)
		}
	}
}

func TestAtom03IsRead(t *testing.T) {
	doc := parsed(t, `<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>Old</title><link rel="alternate" type="text/html" href="https://old.example/"/>
<modified>2004-03-02T00:00:00Z</modified><copyright>© 2004</copyright><tagline>still here</tagline>
<entry><title mode="escaped" type="text/html">R&amp;amp;D</title><id>tag:old.example,2004:1</id><link rel="alternate" type="text/html" href="https://old.example/1"/>
<created>2004-03-01T00:00:00Z</created><modified>2004-03-02T00:00:00Z</modified>
<author><name>Ann</name><url>https://ann.example/</url></author>
<content type="text/html" mode="base64">PHA+aGk8L3A+</content></entry></feed>`)
	it := doc.Items[0]
	if doc.Format != "atom 0.3" || doc.Publisher.Rights != "© 2004" || doc.Publisher.Subtitle != "still here" || it.Title != "R&D" ||
		it.Content != "<p>hi</p>" || !it.Published.Equal(day(2004, 3, 1)) || !it.Updated.Equal(day(2004, 3, 2)) ||
		len(it.Authors) != 1 || it.Authors[0].URL != "https://ann.example/" {
		t.Errorf("read %+v of %q by %+v", it, doc.Format, doc.Publisher)
	}
}

func TestContentThatIsElsewhereIsPointedTo(t *testing.T) {
	it := single(t, atom(`<entry><id>a:1</id><content type="audio/mpeg" src="/one.mp3"/></entry>`))
	if len(it.Enclosures) != 1 || it.Enclosures[0].URL != "https://harbour.example/one.mp3" {
		t.Errorf("enclosures %v", it.Enclosures)
	}
	it = single(t, atom(`<entry><id>a:1</id><content type="text/html" src="/one.html"/></entry>`))
	if it.URL != "https://harbour.example/one.html" {
		t.Errorf("address %q", it.URL)
	}
}
