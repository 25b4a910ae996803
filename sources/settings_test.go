package sources_test

import (
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/sourcetest"
)

// wholeText is on the page of the one article.
const wholeText = "The whole text of it, at some length, as articles have."

// published says something of the articles that readers see.
func published(of func(a newswire.Article) string) func(h *harness) string {
	return func(h *harness) string {
		var all []string
		for _, a := range h.articles(newswire.All) {
			all = append(all, of(a))
		}
		return strings.Join(all, ", ")
	}
}

// settings are changed by an operator after the first visit; what is seen of them before and after.
var settings = []struct {
	name           string
	before, change func(s *newswire.Source)
	what           func(h *harness) string
	was, want      string
	edited         int
}{
	{
		"full_text on", nil, func(s *newswire.Source) { s.FullText = true },
		published(func(a newswire.Article) string { return a.Content }), "", "<p>" + wholeText + "</p>", 1,
	},
	{
		"full_text off", func(s *newswire.Source) { s.FullText = true }, func(s *newswire.Source) { s.FullText = false },
		published(func(a newswire.Article) string { return a.Content }), "<p>" + wholeText + "</p>", "", 1,
	},
	{
		"page.content", func(s *newswire.Source) { s.Page = &newswire.Page{Item: "li"} },
		func(s *newswire.Source) { s.Page = &newswire.Page{Item: "li", Content: "h2"} },
		published(func(a newswire.Article) string { return a.Content }), "<p>" + wholeText + "</p>", "<h2>About it</h2>", 1,
	},
	{
		"block", nil, func(s *newswire.Source) { s.Block = []string{"paperclip"} },
		published(func(a newswire.Article) string { return a.Title }), "Paperclips", "", 1,
	},
	{
		"name", nil, func(s *newswire.Source) { s.Name = "The Publisher" },
		published(func(a newswire.Article) string { return a.Publisher.Title }), "127.0.0.1", "The Publisher", 1,
	},
	{
		"name of a source with full text", func(s *newswire.Source) { s.FullText = true }, func(s *newswire.Source) { s.Name = "The Publisher" },
		published(func(a newswire.Article) string { return a.Publisher.Title }), "127.0.0.1", "The Publisher", 1,
	},
	{
		"timezone", nil, func(s *newswire.Source) { s.Timezone = time.FixedZone("Nowhere/City", 3600) },
		published(func(a newswire.Article) string { return a.Published.Format(time.TimeOnly) }), "10:00:00", "10:00:00", 0, // dates alone are no change
	},
}

// TestAChangedSettingCountsAlthoughTheDocumentDoesNotChange has a publisher that answers 304 to every visitor that knows its
// document.
func TestAChangedSettingCountsAlthoughTheDocumentDoesNotChange(t *testing.T) {
	for _, tt := range settings {
		t.Run(tt.name, func(t *testing.T) {
			h, pub := newHarness(t), sourcetest.NewPublisher(t, "")
			pub.SetHeader("Cache-Control", "")
			pub.Handle("/1", sourcetest.Document("text/html", "<html><head><title>Paperclips</title></head><body><article><h2>About it</h2><p>"+wholeText+"</p></article></body></html>"))
			s := newswire.Source{ID: "pub", URL: pub.URL()}
			if tt.before != nil {
				tt.before(&s)
			}
			pub.Publish(`<rss version="2.0"><channel><item><guid>1</guid><link>` + pub.Site() + `/1</link><title>Paperclips</title><pubDate>Mon, 02 Mar 2026 10:00:00</pubDate></item></channel></rss>`)
			if s.Page != nil {
				pub.Publish(`<html><body><ul><li><a href="/1">Paperclips</a></li></ul></body></html>`)
			}
			h.visit(nil, s)
			h.visit(nil, s)
			if got := tt.what(h); got != tt.was && !strings.Contains(got, tt.was) {
				t.Fatalf("before the change %q, want %q", got, tt.was)
			}
			tt.change(&s)
			if r := h.visit(nil, s)["pub"]; r.New != 0 || r.Edited != tt.edited {
				t.Errorf("%d new and %d edited (%s %v), want 0 and %d", r.New, r.Edited, r.Error, r.Repairs, tt.edited)
			}
			if got := tt.what(h); got != tt.want && !strings.Contains(got, tt.want) {
				t.Errorf("after the change %q, want %q", got, tt.want)
			}
			wantOutcome(t, h.visit(nil, s)["pub"], sources.NotModified, 0, 0)
		})
	}
}

// TestANewerProgramReadsEachDocumentOnceMore has the digest of what an older program left in the store.
func TestANewerProgramReadsEachDocumentOnceMore(t *testing.T) {
	h, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 One", "2 Two"))
	pub.SetHeader("Cache-Control", "")
	s := newswire.Source{ID: "pub", URL: pub.URL()}
	h.visit(nil, s)
	state := h.state("pub")
	state.Reading = ""
	if err := h.store.Reschedule(t.Context(), "pub", h.due("pub"), time.UnixMilli(1)); err != nil {
		t.Fatal(err)
	}
	leases, err := h.store.Claim(t.Context(), 1, time.Minute)
	if err != nil || len(leases) != 1 {
		t.Fatal(len(leases), err)
	}
	if err := h.store.Record(t.Context(), leases[0], newswire.Visit{Source: "pub", At: leases[0].At, State: state}, []cache.Turn{}...); err != nil {
		t.Fatal(err)
	}
	before, articles := len(pub.Requests()), h.articles(newswire.All)
	wantOutcome(t, h.visit(nil, s)["pub"], sources.Unchanged, 0, 0)
	if pub.LastRequest().Header.Get("If-None-Match") != "" {
		t.Error("the document was asked for conditionally, want that it is read once more")
	}
	wantOutcome(t, h.visit(nil, s)["pub"], sources.NotModified, 0, 0)
	if n := len(pub.Requests()) - before; n != 2 {
		t.Errorf("%d requests, want two", n)
	}
	if after := h.articles(newswire.All); len(after) != len(articles) || after[0].Revision != 1 || after[1].Revision != 1 {
		t.Errorf("%d articles, the first at revision %d; want the same as before", len(after), after[0].Revision)
	}
}
