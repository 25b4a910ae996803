package parse_test

import (
	"html"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/parse"
)

const (
	byLicense  = "https://creativecommons.org/licenses/by/4.0/"
	collective = "https://rslcollective.example/license"
)

// rslFeed is a feed with the RSL module, in the form of the standard's examples.
func rslFeed(channel, item string) string {
	return `<?xml version="1.0"?><rss version="2.0" xmlns:rsl="https://rslstandard.org/rsl" xmlns:cc="http://creativecommons.org/ns#" xmlns:atom="http://www.w3.org/2005/Atom"><channel>
<title>Harbour News</title><link>https://harbour.example/</link>` + channel + `<item><title>A crane</title><link>https://harbour.example/crane</link>` + item + `</item></channel></rss>`
}

func TestRSLGivesTheAddressOfTermsAndWhoseTheRightsAre(t *testing.T) {
	tests := []struct {
		name, item string
		want       newswire.Rights
	}{
		{"a standard licence for a name", `<rsl:content url="https://harbour.example/crane">
  <rsl:license>
    <rsl:permits type="usage">search,ai-input</rsl:permits>
    <rsl:payment type="attribution"><rsl:standard>` + byLicense + `</rsl:standard></rsl:payment>
  </rsl:license>
  <rsl:copyright type="organization" contactEmail="rights@harbour.example">Harbour Press</rsl:copyright>
</rsl:content>`, newswire.Rights{License: byLicense, Statement: "© Harbour Press"}},
		{"a statement", `<rsl:content url="/crane"><rsl:copyright>Copyright 2026 Ann Lee</rsl:copyright></rsl:content>`, newswire.Rights{Statement: "Copyright 2026 Ann Lee"}},
		{"one that others use too before the publisher's own", `<rsl:content url="/crane"><rsl:license><rsl:payment><rsl:custom>https://harbour.example/rates</rsl:custom></rsl:payment></rsl:license>
<rsl:license><rsl:payment type="use"><rsl:standard>` + collective + `</rsl:standard></rsl:payment></rsl:license></rsl:content>`, newswire.Rights{License: collective}},
		{"Creative Commons where there is the choice", `<rsl:content url="/crane"><rsl:license><rsl:payment type="use"><rsl:standard>` + collective + `</rsl:standard></rsl:payment></rsl:license>
<rsl:license><rsl:payment type="attribution"><rsl:standard>` + byLicense + `</rsl:standard></rsl:payment></rsl:license></rsl:content>`, newswire.Rights{License: byLicense}},
		{
			"the publisher's own", `<rsl:content url="/crane"><rsl:terms>https://harbour.example/terms</rsl:terms><rsl:license><rsl:payment type="purchase"><rsl:custom>https://harbour.example/rates</rsl:custom><rsl:amount currency="USD">5</rsl:amount></rsl:payment></rsl:license></rsl:content>`,
			newswire.Rights{License: "https://harbour.example/rates"},
		},
		{"terms for people", `<rsl:content url="/crane"><rsl:terms>https://harbour.example/terms</rsl:terms><rsl:license><rsl:prohibits type="usage">ai-train</rsl:prohibits><rsl:payment type="free"/></rsl:license></rsl:content>`, newswire.Rights{License: "https://harbour.example/terms"}},
		{"no address", `<rsl:content url="/crane"><rsl:license><rsl:payment><rsl:standard>rslcollective.example/license</rsl:standard></rsl:payment></rsl:license></rsl:content>`, newswire.Rights{}},
		{"another prefix", `<x:content xmlns:x="https://rslstandard.org/rsl" url="/crane"><x:terms>https://harbour.example/terms</x:terms></x:content>`, newswire.Rights{License: "https://harbour.example/terms"}},
		{"another namespace", `<rsl:content xmlns:rsl="https://other.example/" url="/crane"><rsl:terms>https://harbour.example/terms</rsl:terms></rsl:content>`, newswire.Rights{}},
		{"of an enclosure", `<enclosure url="https://harbour.example/crane.mp3" type="audio/mpeg"/><rsl:content url="https://harbour.example/crane.mp3"><rsl:copyright>The band</rsl:copyright></rsl:content>
<rsl:content url="https://harbour.example/crane"><rsl:copyright>Ann Lee</rsl:copyright></rsl:content>`, newswire.Rights{Statement: "© Ann Lee"}},
		{"a document that is linked", `<atom:link rel="license" type="application/rsl+xml" href="https://harbour.example/license.xml"/>`, newswire.Rights{License: "https://harbour.example/license.xml"}},
		{"a licence for people before a document for machines", `<atom:link rel="license" type="application/rsl+xml" href="https://harbour.example/license.xml"/><atom:link rel="license" href="` + byLicense + `"/>`, newswire.Rights{License: byLicense}},
		{"the same in another vocabulary", `<rsl:content url="/crane"><rsl:terms>https://harbour.example/terms</rsl:terms></rsl:content><cc:license>` + byLicense + `</cc:license>`, newswire.Rights{License: byLicense}},
		{"an element that nothing closes", `<rsl:content url="/crane"><rsl:terms>https://harbour.example/terms</rsl:terms>`, newswire.Rights{License: "https://harbour.example/terms"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := parse.Parse(t.Context(), []byte(rslFeed("", tt.item)), parse.Options{URL: "https://harbour.example/feed.xml"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, d.Items[0].Rights); diff != "" {
				t.Error(diff)
			}
			if d.License != "" || d.Publisher.Rights != "" {
				t.Errorf("the feed has the licence %q and the rights %q of its item", d.License, d.Publisher.Rights)
			}
		})
	}
}

func TestRSLOfAFeedIsOfTheWholeSiteAlone(t *testing.T) {
	for _, tt := range []struct{ url, want string }{
		{"/", byLicense},
		{"", byLicense},
		{"https://harbour.example/*", byLicense},
		{"/premium/*", ""},
		{"/*.pdf$", ""},
	} {
		content := `<rsl:content url="` + tt.url + `"><rsl:copyright>Harbour Press</rsl:copyright><rsl:license><rsl:payment><rsl:standard>` + byLicense + `</rsl:standard></rsl:payment></rsl:license></rsl:content>`
		d, err := parse.Parse(t.Context(), []byte(rslFeed(content, "")), parse.Options{URL: "https://harbour.example/feed.xml"})
		if err != nil {
			t.Fatal(err)
		}
		if d.License != tt.want || (d.Publisher.Rights != "") != (tt.want != "") {
			t.Errorf("content of %q: licence %q, rights %q; want %q", tt.url, d.License, d.Publisher.Rights, tt.want)
		}
	}
}

func TestRSLIsReadInAtom(t *testing.T) {
	document := `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:rsl="https://rslstandard.org/rsl"><title>Harbour News</title><id>urn:x</id>
<link rel="license" type="application/rsl+xml" href="/license.xml"/>
<entry><title>A crane</title><id>urn:x:1</id><rsl:content url="/crane"><rsl:terms>https://harbour.example/terms</rsl:terms><rsl:copyright>Ann Lee</rsl:copyright></rsl:content></entry></feed>`
	d, err := parse.Parse(t.Context(), []byte(document), parse.Options{URL: "https://harbour.example/feed.atom"})
	if err != nil {
		t.Fatal(err)
	}
	if want := "https://harbour.example/license.xml"; d.License != want {
		t.Errorf("the feed's licence is %q, want %q", d.License, want)
	}
	if diff := cmp.Diff(newswire.Rights{License: "https://harbour.example/terms", Statement: "© Ann Lee"}, d.Items[0].Rights); diff != "" {
		t.Error(diff)
	}
}

func TestRSLOfAPageIsRead(t *testing.T) {
	for _, tt := range []struct {
		document string
		want     newswire.Rights
	}{
		{
			`<?xml version="1.0"?><rsl xmlns="https://rslstandard.org/rsl"><content url=""><license><permits type="usage">all</permits><payment type="attribution"><standard> ` + byLicense + ` </standard></payment></license><copyright>Ann &amp; Lee</copyright></content></rsl>`,
			newswire.Rights{License: byLicense, Statement: "© Ann & Lee"},
		},
		{`<rsl:rsl xmlns:rsl="https://rslstandard.org/rsl"><rsl:content url="https://harbour.example/crane"><rsl:terms>https://harbour.example/terms</rsl:terms></rsl:content></rsl:rsl>`, newswire.Rights{License: "https://harbour.example/terms"}},
		{`<rsl><content url=""><license><payment><standard>` + byLicense + `</license></content></rsl>`, newswire.Rights{License: byLicense}},
		{`<rsl><content url=""><terms>javascript:alert(1)</terms></content></rsl>`, newswire.Rights{}},
		{`<rsl/>`, newswire.Rights{}},
		{`not a document`, newswire.Rights{}},
		{``, newswire.Rights{}},
	} {
		if diff := cmp.Diff(tt.want, parse.RSL(tt.document)); diff != "" {
			t.Errorf("RSL(%q): %s", tt.document, diff)
		}
	}
}

func FuzzRSL(f *testing.F) {
	f.Add(`<rsl><content url=""><license><payment><standard>https://a.example/</standard></payment></license><copyright>a</copyright></content></rsl>`)
	f.Add(`<rsl><content><content></rsl></content>`)
	f.Fuzz(func(t *testing.T, document string) {
		r := parse.RSL(document)
		if again := parse.RSL(`<rsl><content><terms>` + html.EscapeString(r.License) + `</terms></content></rsl>`).License; again != r.License {
			t.Errorf("of %q comes the licence %q, which is no address", document, r.License)
		}
	})
}
