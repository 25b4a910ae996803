package parse_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/parse"
)

// rss wraps items and channel elements.
func rss(inside string) string {
	return `<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Harbour News</title>` +
		`<link>https://harbour.example/</link>` + inside + `</channel></rss>`
}

// atom wraps entries and feed elements.
func atom(inside string) string {
	return `<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">` +
		`<id>tag:harbour.example,2026:feed</id><title>Harbour News</title><updated>2026-03-01T00:00:00Z</updated>` +
		`<link href="https://harbour.example/"/>` + inside + `</feed>`
}

const address = "https://harbour.example/feeds/news.xml"

// parsed parses a document that must be a feed.
func parsed(t testing.TB, document string) *parse.Document {
	t.Helper()
	doc, err := parse.Parse(t.Context(), []byte(document), parse.Options{URL: address})
	if err != nil {
		t.Fatalf("Parse(%.300q): %v", document, err)
	}
	checkDocument(t, doc)
	return doc
}

// single parses a document of one item.
func single(t testing.TB, document string) parse.Item {
	t.Helper()
	doc := parsed(t, document)
	if len(doc.Items) != 1 {
		t.Fatalf("Parse(%.300q) has %d items, want 1; repairs: %q", document, len(doc.Items), doc.Repairs)
	}
	return doc.Items[0]
}

// checkDocument checks what holds of every document.
func checkDocument(t testing.TB, doc *parse.Document) {
	t.Helper()
	guids, atomIDs := map[string]bool{}, map[string]bool{}
	checkStrings(t, doc.Publisher.Title, doc.Publisher.Subtitle, doc.Publisher.Rights, doc.Publisher.ID, doc.License, doc.Hub)
	for _, it := range doc.Items {
		if it.GUID == "" || guids[it.GUID] {
			t.Errorf("guid %q is empty or repeated", it.GUID)
		}
		if it.AtomID == "" || atomIDs[it.AtomID] {
			t.Errorf("atom id %q is empty or repeated", it.AtomID)
		}
		guids[it.GUID], atomIDs[it.AtomID] = true, true
		for _, at := range []time.Time{it.Published, it.Updated} {
			checkTime(t, at)
		}
		checkStrings(t, it.GUID, it.URL, it.Title, it.Summary, it.Content, it.Language, it.Base, it.Comments, it.Rights.Statement)
		for _, p := range append(append([]newswire.Person{}, it.Authors...), it.Contributors...) {
			if p.Name == "" {
				t.Errorf("item %q has a nameless person", it.GUID)
			}
			checkStrings(t, p.Name, p.Email, p.URL)
		}
		for _, term := range it.Terms {
			checkStrings(t, term.Term, term.Label, term.Scheme)
		}
		if len([]rune(it.Title)) > 1000 {
			t.Errorf("title of %d characters", len([]rune(it.Title)))
		}
	}
	deleted := map[string]bool{}
	for _, d := range doc.Deleted {
		if d.GUID == "" || deleted[d.GUID] {
			t.Errorf("deleted guid %q is empty or repeated", d.GUID)
		}
		deleted[d.GUID] = true
		checkTime(t, d.When)
		checkStrings(t, d.GUID, d.Reason)
	}
}

// checkTime checks that a time is in UTC and whole milliseconds.
func checkTime(t testing.TB, at time.Time) {
	t.Helper()
	if at.Location() != time.UTC || at.Nanosecond()%1e6 != 0 {
		t.Errorf("time %v is not in UTC and whole milliseconds", at)
	}
}

// checkStrings checks that strings are valid UTF-8 without characters that XML excludes.
func checkStrings(t testing.TB, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if !utf8.ValidString(s) {
			t.Errorf("%.200q is not UTF-8", s)
		}
		for _, c := range s {
			if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0xFFFE || c == 0xFFFF {
				t.Errorf("%.200q holds %U, which XML excludes", s, c)
				break
			}
		}
	}
}

// day is midnight in UTC.
func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
}

func TestADateThatCannotBeReadIsNoted(t *testing.T) {
	doc := parsed(t, rss(`<item><title>t</title><pubDate>Mon, 02 Mar 2026 10:30:00 XYZT</pubDate></item>`))
	if !doc.Items[0].Published.IsZero() {
		t.Errorf("published %v, want no date", doc.Items[0].Published)
	}
	if len(doc.Repairs) != 1 || !strings.Contains(doc.Repairs[0], "XYZT") {
		t.Errorf("repairs %q do not name the zone", doc.Repairs)
	}
}

func TestDatesThatMayBeOfTwoDaysAreNotedOnce(t *testing.T) {
	doc := parsed(t, rss(`<item><title>a</title><pubDate>05/02/2026 10:00</pubDate></item><item><title>b</title><pubDate>06/02/2026</pubDate></item>`))
	if !doc.Items[0].Published.IsZero() || !doc.Items[1].Published.IsZero() {
		t.Errorf("published %v and %v, want no dates", doc.Items[0].Published, doc.Items[1].Published)
	}
	if len(doc.Repairs) != 1 || !strings.Contains(doc.Repairs[0], "05/02/2026") || !strings.Contains(doc.Repairs[0], "two days") {
		t.Errorf("repairs %q, want one of the first date", doc.Repairs)
	}
}
