package sitemap_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/parse"
	"github.com/newswire/newswire/sources/sitemap"
)

const address = "https://news.example.com/sitemap-news.xml"

func urlset(entries string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">` + entries + `</urlset>`
}

const newsEntry = `<url>
  <loc>https://news.example.com/2026/flood?a=1&amp;b=2</loc><lastmod>2026-11-02T09:30:00+08:00</lastmod>
  <news:news>
    <news:publication><news:name>電商報</news:name><news:language>zh-tw</news:language></news:publication>
    <news:publication_date>2026-11-02T09:00:00+08:00</news:publication_date>
    <news:title><![CDATA[Flood &amp; rain]]></news:title>
    <news:keywords>weather, flood ,weather</news:keywords>
  </news:news>
  <image:image><image:loc>/pictures/1.jpg</image:loc><image:title>Not the article's</image:title><image:caption>nor this</image:caption></image:image>
</url>`

func parsed(t *testing.T, body string, o parse.Options) *parse.Document {
	t.Helper()
	doc, err := sitemap.Parse([]byte(body), o)
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return doc
}

func TestANewsSitemapReadsLikeAFeed(t *testing.T) {
	got := parsed(t, urlset(newsEntry), parse.Options{URL: address})
	const article = "https://news.example.com/2026/flood?a=1&b=2"
	want := &parse.Document{
		Format:    sitemap.FormatNews,
		Publisher: newswire.Publisher{ID: address, FeedURL: address, Title: "電商報", Language: "zh-TW"},
		Items: []parse.Item{{Base: article, Article: newswire.Article{
			GUID: article, PermaLink: true, AtomID: article, URL: article, Title: "Flood & rain", Language: "zh-TW",
			Published: time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC),
			Updated:   time.Date(2026, 11, 2, 1, 30, 0, 0, time.UTC),
			Terms:     []newswire.Term{{Term: "weather"}, {Term: "flood"}},
			Image:     &newswire.Image{URL: "https://news.example.com/pictures/1.jpg", Title: "Not the article's"},
		}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAPlainSitemapGivesAddressesAndDates(t *testing.T) {
	taipei := time.FixedZone("", 8*60*60)
	doc := parsed(t, urlset(`
		<url><loc>https://news.example.com/about</loc></url>
		<url><loc> /old </loc><lastmod>2026-01-01</lastmod></url>
		<url><loc>https://news.example.com/new</loc><lastmod>2026-02-01 10:00</lastmod></url>
		<url><loc>https://news.example.com/new</loc></url>
		<url><loc>javascript:alert(1)</loc></url>
		<url><lastmod>2026-03-01</lastmod></url>
		<url><loc>https://news.example.com/when</loc><lastmod>recently</lastmod></url>`), parse.Options{URL: address, Timezone: taipei})
	var got []string
	for _, it := range doc.Items {
		got = append(got, it.URL+" "+it.Updated.Format(time.RFC3339)+it.Title)
	}
	want := []string{
		"https://news.example.com/new 2026-02-01T02:00:00Z",
		"https://news.example.com/old 2025-12-31T16:00:00Z",
		"https://news.example.com/about 0001-01-01T00:00:00Z",
		"https://news.example.com/when 0001-01-01T00:00:00Z",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("newest first (-want +got):\n%s", diff)
	}
	if doc.Format != sitemap.FormatPlain || len(doc.Repairs) != 1 || !strings.Contains(doc.Repairs[0], "recently") {
		t.Errorf("format %q, repairs %q; want %q and a note on the date", doc.Format, doc.Repairs, sitemap.FormatPlain)
	}
}

func TestADayOfChangeBeforeTheHourOfPublicationIsNone(t *testing.T) {
	doc := parsed(t, urlset(strings.Replace(newsEntry, "2026-11-02T09:30:00+08:00", "2026-11-02", 1)), parse.Options{URL: address})
	if it := doc.Items[0]; !it.Updated.IsZero() {
		t.Errorf("updated %v, published %v; want no update", it.Updated, it.Published)
	}
}

func TestSitemapsThatAreNotWellFormedAreReadAsFarAsTheyGo(t *testing.T) {
	cut := urlset(newsEntry + `<url><loc>https://news.example.com/2?a=1&b=2</loc><lastmod>2026-01-01</lastmod><url><loc>https://news.example.com/3</loc></u`)
	doc := parsed(t, strings.TrimSuffix(cut, "</urlset>"), parse.Options{URL: address})
	var got []string
	for _, it := range doc.Items {
		got = append(got, it.URL)
	}
	want := []string{"https://news.example.com/2026/flood?a=1&b=2", "https://news.example.com/2?a=1&b=2", "https://news.example.com/3"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheNewestAreKept(t *testing.T) {
	var entries strings.Builder
	for day := range 20 {
		fmt.Fprintf(&entries, "<url><loc>https://news.example.com/%d</loc><lastmod>2026-01-%02d</lastmod></url>", day+1, day+1)
	}
	doc := parsed(t, urlset(entries.String()), parse.Options{URL: address, MaxItems: 2})
	if len(doc.Items) != 2 || doc.Items[0].URL != "https://news.example.com/20" || doc.Items[1].URL != "https://news.example.com/19" {
		t.Errorf("got %v, want the 20th and the 19th", doc.Items)
	}
}

const index = `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://news.example.com/a.xml</loc><lastmod>2026-01-01</lastmod></sitemap>
<sitemap><loc>/b.xml</loc><lastmod>2026-02-01</lastmod></sitemap><sitemap><loc></loc></sitemap></sitemapindex>`

func TestAnIndexListsItsChildren(t *testing.T) {
	got, err := sitemap.Children([]byte(index), parse.Options{URL: address})
	if err != nil {
		t.Fatal(err)
	}
	want := []sitemap.Child{
		{URL: "https://news.example.com/b.xml", Modified: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)},
		{URL: "https://news.example.com/a.xml", Modified: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := sitemap.Parse([]byte(index), parse.Options{}); !errors.Is(err, sitemap.ErrIndex) {
		t.Errorf("Parse of an index: %v, want %v", err, sitemap.ErrIndex)
	}
	if _, err := sitemap.Children([]byte(urlset("")), parse.Options{}); !errors.Is(err, parse.ErrNotFeed) {
		t.Errorf("Children of a sitemap: %v, want %v", err, parse.ErrNotFeed)
	}
}

func TestIsTellsSitemapsFromOtherDocuments(t *testing.T) {
	for _, tt := range []struct {
		body string
		want bool
	}{
		{urlset(""), true},
		{index, true},
		{"\ufeff<!-- made by hand --><urlset>" + strings.Repeat("<url/>", 10_000), true},
		{"\xff\xfe<\x00u\x00r\x00l\x00s\x00e\x00t\x00>\x00", true},
		{`<rss version="2.0"/>`, false},
		{`<rss version="2.0"><title>what a urlset is</title></rss>`, false},
		{"<!DOCTYPE html><urlset>", true},
		{"https://news.example.com/1\n", false},
		{"", false},
	} {
		if got := sitemap.Is([]byte(tt.body)); got != tt.want {
			t.Errorf("Is(%.60q) = %v, want %v", tt.body, got, tt.want)
		}
		_, err := sitemap.Parse([]byte(tt.body), parse.Options{})
		if errors.Is(err, parse.ErrNotFeed) == tt.want {
			t.Errorf("Parse(%.60q): %v, but Is says %v", tt.body, err, tt.want)
		}
	}
}

// FuzzParse: every article has an absolute address that is its guid, no two the same one, and none is newer than the one
// before it; dates are UTC.
func FuzzParse(f *testing.F) {
	f.Add([]byte(urlset(newsEntry)))
	f.Add([]byte(index))
	f.Add([]byte(`<urlset><url><loc>https://a.example/` + "\xe9" + `</loc><image><loc>x</url></urlset>`))
	f.Fuzz(func(t *testing.T, in []byte) {
		doc, err := sitemap.Parse(in, parse.Options{URL: address})
		if err != nil {
			return
		}
		seen := map[string]bool{}
		var before time.Time
		for i, it := range doc.Items {
			if !strings.HasPrefix(it.URL, "http") || it.PermaLink != (it.GUID == it.URL) || seen[it.GUID] {
				t.Errorf("address %q, guid %q, seen before: %v", it.URL, it.GUID, seen[it.GUID])
			}
			seen[it.GUID] = true
			at := it.Modified()
			if i > 0 && at.After(before) {
				t.Errorf("item %d is of %v, behind one of %v", i, at, before)
			}
			before = at
			if it.Published.Location() != time.UTC || it.Updated.Location() != time.UTC {
				t.Errorf("dates %v and %v are not UTC", it.Published, it.Updated)
			}
			if it.Image != nil && it.Image.URL == "" {
				t.Error("a picture without an address")
			}
		}
	})
}

func TestMarksOfCampaignsAndSignaturesAreNoPartOfAnIdentity(t *testing.T) {
	doc := parsed(t, urlset(`<url><loc>https://news.example.com/1?utm_source=sitemap</loc></url>
		<url><loc>https://news.example.com/1</loc></url>
		<url><loc>https://news.example.com/2?Expires=1&amp;Signature=a</loc></url>`), parse.Options{URL: address})
	var got []string
	for _, it := range doc.Items {
		got = append(got, it.GUID+" "+it.URL)
	}
	want := []string{"https://news.example.com/1 https://news.example.com/1", "https://news.example.com/2 https://news.example.com/2?Expires=1&Signature=a"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
