package parse_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/newswire/newswire/sources/parse"
)

func TestWhatCannotBeAnAtomIDBecomesATag(t *testing.T) {
	for _, tt := range []struct{ guid, want string }{
		{"https://harbour.example/?p=1", "https://harbour.example/?p=1"},
		{"tag:harbour.example,2026:1", "tag:harbour.example,2026:1"},
		{"urn:uuid:60a76c80-d399-11d9-b93c-0003939e0af6", "urn:uuid:60a76c80-d399-11d9-b93c-0003939e0af6"},
		{"17", "tag:harbour.example,2026:17"},
		{"story:17", "tag:harbour.example,2026:story:17"},
		{"a b#c", "tag:harbour.example,2026:a%20b%23c"},
		{"a%20b", "tag:harbour.example,2026:a%2520b"},
		{"/2026/crane", "tag:harbour.example,2026:/2026/crane"},
		{"新聞-1", "tag:harbour.example,2026:%E6%96%B0%E8%81%9E-1"},
		{"http://harbour.example/a b", "tag:harbour.example,2026:http://harbour.example/a%20b"},
		{"http:///nowhere", "tag:harbour.example,2026:http:///nowhere"},
		{"tag:harbour.example:1", "tag:harbour.example,2026:tag:harbour.example:1"},
		{"urn:uuid:17", "tag:harbour.example,2026:urn:uuid:17"},
	} {
		it := single(t, rss(`<item><guid isPermaLink="false">`+strings.ReplaceAll(tt.guid, "&", "&amp;")+`</guid></item>`))
		if it.GUID != tt.guid || it.AtomID != tt.want {
			t.Errorf("guid %q has atom id %q, want %q of %q", it.GUID, it.AtomID, tt.want, tt.guid)
		}
	}
}

func TestTheAuthorityOfATagIsADNSName(t *testing.T) {
	for _, tt := range []struct{ site, want string }{
		{"https://WWW.Harbour.example:8080/x", "tag:www.harbour.example,2026:1"},
		{"https://bücher.example/", "tag:xn--bcher-kva.example,2026:1"},
		{"https://my_site.example/", "tag:my-site.example,2026:1"},
		{"http://[2001:db8::1]/", "tag:2001-db8--1,2026:1"},
	} {
		it := single(t, `<rss version="2.0"><channel><link>`+tt.site+`</link><item><guid>1</guid></item></channel></rss>`)
		if it.AtomID != tt.want {
			t.Errorf("%s: atom id %q, want %q", tt.site, it.AtomID, tt.want)
		}
	}
	doc, err := parse.Parse(t.Context(), []byte(`<rss><channel><item><guid>1</guid></item></channel></rss>`), parse.Options{})
	if err != nil || doc.Items[0].AtomID != "tag:publisher.invalid,2026:1" {
		t.Errorf("without any address: %+v, %v", doc, err)
	}
}

func TestAnItemWithoutGuidIsKnownByItsAddressOrItsText(t *testing.T) {
	it := single(t, rss(`<item><title>t</title><link>https://harbour.example/1</link></item>`))
	if it.GUID != "https://harbour.example/1" || !it.PermaLink {
		t.Errorf("guid %q, permalink %v", it.GUID, it.PermaLink)
	}
	one := single(t, rss(`<item><title>t</title><description>x</description></item>`))
	same := single(t, rss(`<item><description>x</description><title>t</title></item>`))
	other := single(t, rss(`<item><title>t</title><description>y</description></item>`))
	if one.GUID != same.GUID || one.GUID == other.GUID {
		t.Errorf("guids %q, %q, %q", one.GUID, same.GUID, other.GUID)
	}
}

// sharing are items that share a guid, each with the titles and the texts of the articles that come of them.
var sharing = []struct {
	name, items string
	articles    []string
}{
	{
		"the latest of one article", `
		<item><guid>g</guid><link>https://harbour.example/1</link><title>t</title><pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate><description>old</description></item>
		<item><guid>h</guid><title>another</title></item>
		<item><guid>g</guid><link>https://harbour.example/1</link><title>t</title><pubDate>Mon, 02 Mar 2026 11:00:00 GMT</pubDate><description>new</description></item>`,
		[]string{"t new", "another "},
	},
	{
		"the first among equals", `
		<item><guid>g</guid><title>t</title><description>one</description></item>
		<item><guid>g</guid><title>t</title><description>two</description></item>`,
		[]string{"t one"},
	},
	{
		"articles at different addresses", `
		<item><guid>g</guid><link>https://harbour.example/1</link><title>a</title></item>
		<item><guid>g</guid><link>https://harbour.example/2</link><title>b</title></item>`,
		[]string{"a ", "b "},
	},
	{
		"articles of different titles and texts at one address, without dates", `
		<item><link>https://harbour.example/board</link><title>a</title><description>one</description></item>
		<item><link>https://harbour.example/board</link><title>b</title><description>two</description></item>
		<item><link>https://harbour.example/board</link><title>c</title><description>three</description></item>`,
		[]string{"a one", "b two", "c three"},
	},
	{
		"articles of different titles and texts with one date", `
		<item><guid>g</guid><title>a</title><pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate><description>one</description></item>
		<item><guid>g</guid><title>b</title><pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate><description>two</description></item>`,
		[]string{"a one", "b two"},
	},
	{
		"articles at two addresses, two of them at one", `
		<item><guid>g</guid><link>https://harbour.example/1</link><title>a</title><description>one</description></item>
		<item><guid>g</guid><link>https://harbour.example/2</link><title>b</title><description>two</description></item>
		<item><guid>g</guid><link>https://harbour.example/2</link><title>c</title><description>three</description></item>`,
		[]string{"a one", "b two", "c three"},
	},
	{
		"notices without titles", `
		<item><guid>g</guid><description>one</description></item>
		<item><guid>g</guid><description>two</description></item>`,
		[]string{" one", " two"},
	},
	{
		"one article with its text under another title", `
		<item><guid>g</guid><title>a</title><description>one</description></item>
		<item><guid>g</guid><title>A</title><description>one</description></item>`,
		[]string{"a one"},
	},
	{
		"one article whose address is signed and counted", `
		<item><guid>g</guid><link>https://harbour.example/1?Expires=1&amp;Signature=a</link><title>a</title></item>
		<item><guid>g</guid><link>http://harbour.example/1/?utm_source=rss&amp;Expires=2&amp;Signature=b</link><title>a</title></item>`,
		[]string{"a "},
	},
	{
		"articles of different dates and titles", `
		<item><guid>g</guid><title>a</title><pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate></item>
		<item><guid>g</guid><title>b</title><pubDate>Mon, 02 Mar 2026 11:00:00 GMT</pubDate></item>`,
		[]string{"a ", "b "},
	},
}

func TestASharedGuidIsAnUpdateOrNothing(t *testing.T) {
	for _, tt := range sharing {
		t.Run(tt.name, func(t *testing.T) {
			doc := parsed(t, rss(tt.items))
			var got []string
			for _, it := range doc.Items {
				got = append(got, it.Title+" "+it.Summary)
			}
			if !slices.Equal(got, tt.articles) {
				t.Errorf("kept %q, want %q", got, tt.articles)
			}
			if len(doc.Repairs) == 0 {
				t.Error("nothing was noted for the operator")
			}
		})
	}
}

func TestArticlesThatSharedAGuidAreToldApartForAsLongAsOneIsThere(t *testing.T) {
	const (
		one    = `<item><guid>g</guid><link>https://harbour.example/1</link><title>a</title></item>`
		two    = `<item><guid>g</guid><link>https://harbour.example/2</link><title>b</title></item>`
		early  = `<item><guid>g</guid><title>a</title><pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate></item>`
		late   = `<item><guid>g</guid><title>b</title><pubDate>Mon, 02 Mar 2026 11:00:00 GMT</pubDate></item>`
		latest = `<item><guid>g</guid><title>c</title><pubDate>Mon, 02 Mar 2026 12:00:00 GMT</pubDate></item>`
		other  = `<item><guid>h</guid><title>another</title></item>`
		first  = `<item><guid>g</guid><title>a</title><description>one</description></item>`
		second = `<item><guid>g</guid><title>b</title><description>two</description></item>`
		third  = `<item><guid>g</guid><title>c</title><description>three</description></item>`
	)
	for _, tt := range []struct {
		name      string
		documents []string
	}{
		{"by address", []string{two + one, two + other, two}},
		{"by date", []string{late + early, late + other, late}},
		{"by title", []string{second + first, second + other, second}},
		{"by title, as one leaves and another comes", []string{second + first, third + second, third}},
		{"by title, as a text is corrected", []string{second + first, second + strings.ReplaceAll(first, "one", "1")}},
		{"by date, as one leaves and another comes", []string{late + early, latest + late, late}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			known := map[string]string{} // guids by title
			var shared map[string]string
			for _, document := range tt.documents {
				doc, err := parse.Parse(t.Context(), []byte(rss(document)), parse.Options{URL: address, Shared: shared})
				if err != nil {
					t.Fatal(err)
				}
				checkDocument(t, doc)
				shared = doc.Shared
				for _, it := range doc.Items {
					if before := known[it.Title]; before != "" && before != it.GUID {
						t.Errorf("%q was known by %q, and is by %q", it.Title, before, it.GUID)
					}
					known[it.Title] = it.GUID
				}
			}
			doc, err := parse.Parse(t.Context(), []byte(rss(other)), parse.Options{URL: address, Shared: shared})
			if err != nil || len(doc.Shared) > 0 {
				t.Errorf("when all have left, %v is remembered (%v)", doc.Shared, err)
			}
		})
	}
}

// Marks of campaigns, signatures and counters change at every visit. They are part of no identity, and marks of no address.
func TestAddressesThatChangeAtEveryVisitNameOneArticle(t *testing.T) {
	for _, tt := range []struct{ link, url, guid string }{
		{"https://harbour.example/1?utm_source=rss&amp;utm_campaign=0302", "https://harbour.example/1", "https://harbour.example/1"},
		{"https://harbour.example/1?p=1&amp;fbclid=0f", "https://harbour.example/1?p=1", "https://harbour.example/1?p=1"},
		{"https://harbour.example/1?Expires=1&amp;Signature=a", "https://harbour.example/1?Expires=1&Signature=a", "https://harbour.example/1"},
		{"https://harbour.example/1?cb=17", "https://harbour.example/1?cb=17", "https://harbour.example/1"},
		{"https://harbour.example/1?v=17", "https://harbour.example/1?v=17", "https://harbour.example/1?v=17"},
	} {
		it := single(t, rss(`<item><title>t</title><link>`+tt.link+`</link></item>`))
		if it.URL != tt.url || it.GUID != tt.guid {
			t.Errorf("link %s: address %q, guid %q; want %q, %q", tt.link, it.URL, it.GUID, tt.url, tt.guid)
		}
	}
	doc := parsed(t, rss(`<item><link>https://harbour.example/?v=1772400000</link></item><item><link>https://harbour.example/?v=1772500000</link></item>`))
	if len(doc.Items) != 2 || doc.Items[1].GUID != "https://harbour.example/?v=1772500000" {
		t.Errorf("%d articles at addresses that differ in a number; want both, known by it", len(doc.Items))
	}
	it := single(t, rss(`<item><title>t</title><guid>https://harbour.example/1?utm_source=rss</guid></item>`))
	if it.GUID != "https://harbour.example/1?utm_source=rss" || it.URL != "https://harbour.example/1" {
		t.Errorf("guid %q, address %q; want the guid as the publisher has it", it.GUID, it.URL)
	}
}

// A page of notices has one at first, which is known by the address of the page.
func TestANoticeKeepsItsIdentityWhenOthersComeBesideIt(t *testing.T) {
	notice := func(title, text string) string {
		return `<item><link>https://harbour.example/board</link><title>` + title + `</title><description>` + text + `</description></item>`
	}
	one, two, three, four := notice("a", "one"), notice("b", "two"), notice("c", "three"), notice("d", "four")
	known, guids := map[string]string{}, map[string]string{}
	var shared map[string]string
	for i, document := range []string{one, two + one, notice("b", "two, corrected") + one, three + two, "", four} {
		doc, err := parse.Parse(t.Context(), []byte(rss(document)), parse.Options{URL: address, Shared: shared})
		if err != nil {
			t.Fatal(err)
		}
		checkDocument(t, doc)
		shared = doc.Shared
		if want := strings.Count(document, "<item>"); len(doc.Items) != want {
			t.Errorf("document %d has %d articles, want %d", i, len(doc.Items), want)
		}
		for _, it := range doc.Items {
			if before := known[it.Title]; before != "" && before != it.GUID {
				t.Errorf("document %d: %q was known by %q, and is by %q", i, it.Title, before, it.GUID)
			}
			if other := guids[it.GUID]; other != "" && other != it.Title {
				t.Errorf("document %d: %q has the guid of %q", i, it.Title, other)
			}
			known[it.Title], guids[it.GUID] = it.GUID, it.Title
		}
	}
}

func TestAGuidBeyondReasonIsHashed(t *testing.T) {
	it := single(t, rss(`<item><guid>`+strings.Repeat("x", 1<<20)+`</guid></item>`))
	if len(it.GUID) > 100 || len(it.AtomID) > 200 {
		t.Errorf("guid of %d bytes, atom id of %d", len(it.GUID), len(it.AtomID))
	}
}

// The W3C feed validator is the judge of what an atom:id may be.
func TestAtomIDsPassTheW3CValidator(t *testing.T) {
	if os.Getenv("FEEDVALIDATOR") == "" {
		t.Skip("left out: $FEEDVALIDATOR does not name a checkout of the W3C feed validator")
	}
	validate := filepath.Join(filepath.Dir(filepath.Dir(corpus(t))), "tools", "validate.py")
	var b strings.Builder
	b.WriteString(`<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:harbour.example,2026:feed</id><title>t</title><updated>2026-03-01T00:00:00Z</updated><link rel="self" href="https://harbour.example/feed"/><author><name>a</name></author>`)
	for i, guid := range []string{
		"17", "a b", "http:///x", "urn:uuid:1", "tag:x", "story:17", "新聞", "https://harbour.example/?a=1&b=[2]", "a<b>&\"'", "info:lccn/1",
		"news:1@x", "doi:10.1/2", "mailto:a@b.example", "x%zz", `a\b^c|d{e}`, "cid:1", "http://a b/", "ftp://x/y",
	} {
		guid = strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace(guid)
		it := single(t, rss(`<item><guid>`+guid+`</guid></item>`))
		b.WriteString(`<entry><id>` + strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace(it.AtomID) + `</id><title>t</title><updated>2026-03-01T00:00:` +
			string(rune('0'+i/10)) + string(rune('0'+i%10)) + `Z</updated><link href="https://harbour.example/` + string(rune('a'+i)) + `"/><summary>s</summary></entry>`)
	}
	b.WriteString(`</feed>`)
	file := filepath.Join(t.TempDir(), "ids.atom")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "/usr/bin/python3", validate, "--strict", file).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
