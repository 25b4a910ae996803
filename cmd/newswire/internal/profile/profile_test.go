package profile_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire/cmd/newswire/internal/profile"
)

var now = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

const (
	rssHead = `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" ` +
		`xmlns:media="http://search.yahoo.com/mrss/" xmlns:mi="http://schemas.ingestion.microsoft.com/common/" xmlns:snf="http://www.smartnews.be/snf">`
	channelHead = `<title>Harbour Notes</title><link>https://harbour.example.com/</link><description>From the mole, daily</description>` +
		`<language>en</language><pubDate>Sat, 28 Nov 2026 10:00:00 GMT</pubDate><snf:logo><url>https://harbour.example.com/logo.png</url></snf:logo>`
)

var long = strings.Repeat("The tide turns and the boats swing round. ", 10)

// goodItem is the nth item of a feed that every profile takes.
func goodItem(n int) string {
	return fmt.Sprintf(`<item><title>The tide turns at the harbour %d</title><link>https://harbour.example.com/%d</link><guid isPermaLink="false">tide-%d</guid>`+
		`<pubDate>Sat, 28 Nov 2026 09:00:00 GMT</pubDate><dc:creator>Ada Marsh</dc:creator><description>%s</description>`+
		`<content:encoded>&lt;p&gt;%s&lt;/p&gt;&lt;p&gt;&lt;a href="https://harbour.example.com/"&gt;More&lt;/a&gt;&lt;/p&gt;</content:encoded>`+
		`<media:content url="https://harbour.example.com/%d.jpg" medium="image" width="1200" height="800"/></item>`, n, n, n, long, long, n)
}

// goodFeed has 25 of them, after an item that is given.
func goodFeed(item string) string {
	var b strings.Builder
	b.WriteString(rssHead + "<channel>" + channelHead + item)
	for n := range 25 {
		b.WriteString(goodItem(n))
	}
	return b.String() + "</channel></rss>"
}

const goodSitemap = `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">` +
	`<url><loc>https://harbour.example.com/1</loc><news:news><news:publication><news:name>Harbour Notes</news:name><news:language>en</news:language></news:publication>` +
	`<news:publication_date>2026-11-28T09:00:00Z</news:publication_date><news:title>The tide turns</news:title></news:news></url></urlset>`

func check(t *testing.T, name, document, address string) *profile.Report {
	t.Helper()
	r, err := profile.Check(name, []byte(document), profile.Options{Address: address, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAGoodFeedKeepsEveryRule(t *testing.T) {
	for _, name := range profile.Names() {
		r := check(t, name, goodFeed(""), "https://harbour.example.com/feed.xml")
		if len(r.Findings) > 0 || !r.Fine() || r.Items != 25 || r.Refused != 0 {
			t.Errorf("%s: %d items, %d refused: %+v", name, r.Items, r.Refused, r.Findings)
		}
	}
	if r := check(t, "google-news", goodSitemap, ""); len(r.Findings) > 0 || r.Items != 1 {
		t.Errorf("a good sitemap: %+v", r.Findings)
	}
}

// change is what breaks a rule: a piece of the first item, or of the feed, in place of another.
type change struct{ rule, old, new string }

// inItem are changes of the first item, inFeed of the whole feed.
var (
	inItem = map[string][]change{
		"msn": {
			{"id", `<guid isPermaLink="false">tide-0</guid>`, ""},
			{"unique-id", "tide-0", "tide-1"},
			{"title", "<title>The tide turns at the harbour 0</title>", ""},
			{"title-length", "The tide turns at the harbour 0", "Tides"},
			{"title-length", "The tide turns at the harbour 0", long},
			{"title-plain", "The tide turns at the harbour 0", "The tide &lt;b&gt;turns&lt;/b&gt; at the harbour"},
			{"title-address", "The tide turns at the harbour 0", "The tide turns at https://t.example/1"},
			{"date", "<pubDate>Sat, 28 Nov 2026 09:00:00 GMT</pubDate>", ""},
			{"date", "Sat, 28 Nov 2026 09:00:00 GMT", "28 November"},
			{"date-range", "Sat, 28 Nov 2026 09:00:00 GMT", "Sat, 28 Nov 2026 13:00:00 GMT"},
			{"date-range", "Sat, 28 Nov 2026 09:00:00 GMT", "Thu, 27 Nov 2025 09:00:00 GMT"},
			{"link", "<link>https://harbour.example.com/0</link>", ""},
			{"link", "https://harbour.example.com/0<", "https://ada@harbour.example.com/0<"},
			{"summary-plain", "<description>", "<description>&lt;p&gt;"},
			{"elements", "&lt;p&gt;The", "&lt;script&gt;1&lt;/script&gt;&lt;p&gt;The"},
			{"absolute", `href="https://harbour.example.com/"`, `href="/more"`},
			{"absolute", `&lt;p&gt;The`, `&lt;img src="a.jpg"&gt;&lt;p&gt;The`},
			{"picture", "<media:content ", "<media:credit "},
		},
		"flipboard": {
			{"title", "<title>The tide turns at the harbour 0</title>", ""},
			{"link", "<link>https://harbour.example.com/0</link>", "<link>/0</link>"},
			{"link-host", "https://harbour.example.com/0<", "https://other.example/0<"},
			{"description-length", long + "</description>", "Tides</description>"},
			{"date", "Sat, 28 Nov 2026 09:00:00 GMT", "yesterday"},
			{"id", `<guid isPermaLink="false">tide-0</guid>`, ""},
			{"unique-id", "tide-0", "tide-1"},
			{"author", "<dc:creator>Ada Marsh</dc:creator>", ""},
			{"picture", "<media:content ", "<media:credit "},
			{"picture-size", `height="800"`, `height="400"`},
		},
		"smartnews": {
			{"title", "<title>The tide turns at the harbour 0</title>", ""},
			{"link", "<link>https://harbour.example.com/0</link>", ""},
			{"link-tracking", "https://harbour.example.com/0<", "https://harbour.example.com/0?utm_source=x<"},
			{"id", `<guid isPermaLink="false">tide-0</guid>`, ""},
			{"date", "Sat, 28 Nov 2026 09:00:00 GMT", ""},
			{"date-range", "Sat, 28 Nov 2026 09:00:00 GMT", "Sun, 29 Nov 2026 09:00:00 GMT"},
			{"text", "content:encoded>", "content:other>"},
		},
		"google-news": {
			{"item-size", "&lt;p&gt;The", strings.Repeat("tide ", 210_000)},
			{"id", `<guid isPermaLink="false">tide-0</guid>`, ""},
			{"unique-id", "tide-0", "tide-1"},
			{"permalink", ` isPermaLink="false"`, ""},
			{"date", "Sat, 28 Nov 2026 09:00:00 GMT", ""},
			{"text", "content:encoded>", "content:other>"},
			{"picture", "<media:content ", "<media:credit "},
		},
	}
	inFeed = map[string][]change{
		"msn": {
			{"format", "rss", "opml"},
			{"feed-size", "</channel>", "<!--" + strings.Repeat("x", 10_000_000) + "--></channel>"},
			{"feed-length", "</channel>", strings.Repeat("<item/>", 10) + "</channel>"},
		},
		"flipboard": {
			{"format", "rss", "opml"},
			{"channel-title", "<title>Harbour Notes</title>", ""},
			{"channel-link", "<link>https://harbour.example.com/</link>", ""},
			{"channel-description", "<description>From the mole, daily</description>", ""},
			{"channel-language", "<language>en</language>", ""},
			{"feed-length", "item>", "other>"},
		},
		"smartnews": {
			{"format", "rss", "opml"},
			{"encoding", "UTF-8", "ISO-8859-1"},
			{"feed-size", "</channel>", "<!--" + strings.Repeat("x", 1<<20) + "--></channel>"},
			{"channel-title", "<title>Harbour Notes</title>", ""},
			{"channel-link", "<link>https://harbour.example.com/</link>", ""},
			{"channel-description", "<description>From the mole, daily</description>", ""},
			{"description-length", "From the mole, daily", "From the mole, daily and at length"},
			{"channel-date", "<pubDate>Sat, 28 Nov 2026 10:00:00 GMT</pubDate>", ""},
			{"channel-language", "<language>en</language>", ""},
			{"logo", "snf:logo", "snf:other"},
		},
		"google-news": {
			{"format", "rss", "opml"},
			{"feed-size", "</channel>", "<!--" + strings.Repeat("x", 2<<20) + "--></channel>"},
			{"feed-length", "</channel>", strings.Repeat("<item/>", 40) + "</channel>"},
		},
	}
	inSitemap = []change{
		{"sitemap-publication", "<news:language>en</news:language>", ""},
		{"sitemap-title", "<news:title>The tide turns</news:title>", ""},
		{"sitemap-date", "2026-11-28T09:00:00Z", "today"},
		{"sitemap-age", "2026-11-28T09:00:00Z", "2026-11-24"},
		{"sitemap-length", "</urlset>", strings.Repeat("<url/>", 1000) + "</urlset>"},
	}
)

func TestEveryRuleOfItemsIsBroken(t *testing.T) {
	for name, changes := range inItem {
		for _, c := range changes {
			item := strings.Replace(goodItem(0), c.old, c.new, -1)
			if item == goodItem(0) {
				t.Errorf("%s/%s: the change changes nothing", name, c.rule)
			}
			document := rssHead + "<channel>" + channelHead
			for n := 1; n < 25; n++ {
				document += goodItem(n)
			}
			r := check(t, name, document+item+"</channel></rss>", "")
			if !broken(r, c.rule, 25) {
				t.Errorf("%s/%s is not broken by %.60q: %+v", name, c.rule, c.new, r.Findings)
			}
		}
	}
}

func TestEveryRuleOfFeedsIsBroken(t *testing.T) {
	for name, changes := range inFeed {
		for _, c := range changes {
			r := check(t, name, strings.ReplaceAll(goodFeed(""), c.old, c.new), "")
			if !broken(r, c.rule, 0) {
				t.Errorf("%s/%s is not broken by %.60q: %+v", name, c.rule, c.new, r.Findings)
			}
		}
	}
	for _, c := range inSitemap {
		r := check(t, "google-news", strings.Replace(goodSitemap, c.old, c.new, 1), "")
		if !broken(r, c.rule, 1) && !broken(r, c.rule, 0) {
			t.Errorf("%s is not broken by %.60q: %+v", c.rule, c.new, r.Findings)
		}
	}
	if r := check(t, "msn", goodFeed(""), "http://harbour.example.com/feed.xml"); !broken(r, "https", 0) || r.Refused != 25 {
		t.Errorf("a feed over http: %d refused, %+v", r.Refused, r.Findings)
	}
}

// broken says whether a rule is broken by the item of that number, 0 for the feed.
func broken(r *profile.Report, rule string, item int) bool {
	return slices.ContainsFunc(r.Findings, func(f profile.Finding) bool { return f.Rule == rule && f.Item == item })
}

func TestAnItemWithoutTextIsRefused(t *testing.T) {
	item := strings.NewReplacer("content:encoded>", "content:other>", "description>", "other>").Replace(goodItem(99))
	for name, rule := range map[string]string{"msn": "body", "flipboard": "text", "smartnews": "text"} {
		if r := check(t, name, goodFeed(item), ""); !broken(r, rule, 1) || r.Refused != 1 {
			t.Errorf("%s: %d refused, %+v", name, r.Refused, r.Findings)
		}
	}
}

func TestAtomIsTakenWhereAPartnerTakesIt(t *testing.T) {
	document := `<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:f</id><title>F</title><subtitle>Daily</subtitle><updated>2026-11-28T10:00:00Z</updated>` +
		`<entry><id>urn:1</id><title>The tide turns at the harbour</title><link href="https://harbour.example.com/1"/><published>2026-11-28T09:00:00Z</published><updated>2026-11-28T09:00:00Z</updated>` +
		`<content type="html">&lt;p&gt;Tides&lt;img src="https://harbour.example.com/1.jpg"&gt;&lt;/p&gt;</content></entry></feed>`
	for name, fine := range map[string]bool{"msn": true, "smartnews": true, "google-news": true, "flipboard": false} {
		if r := check(t, name, document, ""); r.Fine() != fine || r.Items != 1 {
			t.Errorf("%s: %+v", name, r.Findings)
		}
	}
}

func TestWhatIsNoFeedBreaksOneRule(t *testing.T) {
	for document, says := range map[string]string{
		"":                          "empty",
		"<rss><channel>":            "well-formed",
		"<rss><channel></rss>":      "well-formed",
		strings.Repeat("<a>", 1000): "nested",
		`{"version":"https://jsonfeed.org/version/1.1"}`: "empty",
	} {
		for _, name := range profile.Names() {
			r := check(t, name, document, "")
			if r.Fine() || len(r.Findings) != 1 || r.Findings[0].Rule != "format" || !strings.Contains(r.Findings[0].Found, says) {
				t.Errorf("%s of %.40q: %+v", name, document, r.Findings)
			}
		}
	}
	if _, err := profile.Check("other", nil, profile.Options{}); err == nil {
		t.Error("a profile that there is not has no error")
	}
}

// Every rule has a test that breaks it, an address, and a row in the documentation.
func TestEveryRuleIsTestedAndDocumented(t *testing.T) {
	docs, err := os.ReadFile("../../../../docs/profiles.md")
	if err != nil {
		t.Fatal(err)
	}
	tested := map[string]bool{"msn/https": true, "msn/body": true, "flipboard/text": true}
	for _, all := range []map[string][]change{inItem, inFeed, {"google-news": inSitemap}} {
		for name, changes := range all {
			for _, c := range changes {
				tested[name+"/"+c.rule] = true
			}
		}
	}
	for _, p := range profile.Profiles() {
		_, section, _ := strings.Cut(string(docs), "## "+p.Title+"\n")
		section, _, _ = strings.Cut(section, "\n## ")
		for _, r := range p.Rules {
			if !tested[p.Name+"/"+r.Name] {
				t.Errorf("%s/%s is broken by no test", p.Name, r.Name)
			}
			if row := fmt.Sprintf("| `%s` | %s | %s |", r.Name, r.Wants, r.Severity); !strings.Contains(section, row) || !strings.Contains(section, r.Source) {
				t.Errorf("docs/profiles.md lacks the row %s", row)
			}
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add(goodFeed(""))
	f.Add(goodSitemap)
	f.Fuzz(func(t *testing.T, document string) {
		for _, name := range profile.Names() {
			r := check(t, name, document, "")
			if r.Refused > r.Items || r.Refused > 0 && r.Fine() {
				t.Errorf("%s: %d of %d refused", name, r.Refused, r.Items)
			}
		}
	})
}
