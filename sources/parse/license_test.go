package parse_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/newswire/newswire/sources/parse"
)

const saLicense = "https://creativecommons.org/licenses/by-sa/4.0/"

// licensesOf are the licences of an item, the first one first.
func licensesOf(it *parse.Item) []string {
	var all []string
	if it.Rights.License != "" {
		all = append(all, it.Rights.License)
	}
	for _, l := range it.Links {
		if l.Rel == "license" {
			all = append(all, l.URL)
		}
	}
	return all
}

func TestAllLicencesOfAnItemAreKept(t *testing.T) {
	const ns = ` xmlns:cc="http://creativecommons.org/ns#" xmlns:b="http://backend.userland.com/creativeCommonsRssModule" xmlns:atom="http://www.w3.org/2005/Atom" ` +
		`xmlns:dcterms="http://purl.org/dc/terms/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"`
	tests := []struct {
		name, item string
		want       []string
	}{
		{"none", "", nil},
		{"two links", `<atom:link rel="license" href="` + byLicense + `"/><atom:link rel="license" href="` + saLicense + `"/>`, []string{byLicense, saLicense}},
		{"the same twice", `<atom:link rel="license" href="` + byLicense + `"/><cc:license>` + byLicense + `</cc:license>`, []string{byLicense}},
		{"two of Creative Commons", `<cc:license resource="` + byLicense + `"/><b:license>` + saLicense + `</b:license>`, []string{saLicense, byLicense}},
		{"Dublin Core and Media RSS", `<dcterms:license>` + byLicense + `</dcterms:license><media:license type="text/html" href="` + saLicense + `">CC</media:license>`, []string{byLicense, saLicense}},
		{"in the place of rights", `<cc:license>` + byLicense + `</cc:license><dc:rights>` + saLicense + `</dc:rights>`, []string{byLicense, saLicense}},
		{"too many", strings.Repeat(`<atom:link rel="license" href="https://l.example/%d"/>`, 40), nil},
	}
	for _, tt := range tests {
		item := tt.item
		if tt.name == "too many" {
			for i := range 40 {
				item = strings.Replace(item, "%d", fmt.Sprint(i), 1)
				if i < 10 {
					tt.want = append(tt.want, fmt.Sprintf("https://l.example/%d", i))
				}
			}
		}
		for format, doc := range map[string]string{
			"rss":  `<rss version="2.0"` + ns + `><channel><title>T</title><item><title>I</title>` + item + `</item></channel></rss>`,
			"atom": `<atom:feed` + ns + `><atom:title>T</atom:title><atom:entry><atom:id>urn:1</atom:id><atom:title>I</atom:title>` + item + `</atom:entry></atom:feed>`,
		} {
			d, err := parse.Parse(t.Context(), []byte(doc), parse.Options{URL: "https://harbour.example/feed"})
			if err != nil {
				t.Fatal(err)
			}
			if got := licensesOf(&d.Items[0]); !slices.Equal(got, tt.want) {
				t.Errorf("%s, %s: %q; want %q", tt.name, format, got, tt.want)
			}
		}
	}
}

func TestAllLicencesOfAFeedAreKept(t *testing.T) {
	d, err := parse.Parse(t.Context(), []byte(`<rss version="2.0" xmlns:cc="http://creativecommons.org/ns#" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>T</title>`+
		`<copyright>https://harbour.example/license</copyright><atom:link rel="license" href="`+byLicense+`"/><cc:license>`+saLicense+`</cc:license><item><title>I</title></item></channel></rss>`), parse.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{saLicense, "https://harbour.example/license"}; d.License != byLicense || !slices.Equal(d.Licenses, want) || d.Publisher.Rights != "" {
		t.Errorf("the feed is under %q and %q, with the rights %q", d.License, d.Licenses, d.Publisher.Rights)
	}
}

func TestRightsAreReadWhereTheyStand(t *testing.T) {
	const ns = ` xmlns:dcterms="http://purl.org/dc/terms/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"`
	for item, want := range map[string]string{
		`<dc:rights>© A</dc:rights><dcterms:rights>© B</dcterms:rights>`:                          "© A",
		`<dcterms:rights>© B</dcterms:rights><dcterms:accessRights>Open</dcterms:accessRights>`:   "© B",
		`<media:copyright>© C</media:copyright><dcterms:accessRights>Open</dcterms:accessRights>`: "© C",
		`<dcterms:accessRights>Subscribers alone</dcterms:accessRights>`:                          "Subscribers alone",
	} {
		for format, doc := range map[string]string{
			"rss":  `<rss version="2.0"` + ns + `><channel><title>T</title><item><title>I</title>` + item + `</item></channel></rss>`,
			"atom": `<feed xmlns="http://www.w3.org/2005/Atom"` + ns + `><title>T</title><entry><id>urn:1</id><title>I</title>` + item + `</entry></feed>`,
		} {
			d, err := parse.Parse(t.Context(), []byte(doc), parse.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := d.Items[0].Rights.Statement; got != want {
				t.Errorf("%s of %s: %q, want %q", item, format, got, want)
			}
		}
	}
}
