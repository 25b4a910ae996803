package sources_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/sourcetest"
)

// byMany is a feed of so many items, each by another author, with one last item by many authors.
func byMany(items, together int) string {
	var b strings.Builder
	b.WriteString(`<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Crowd</title>`)
	for i := range items {
		fmt.Fprintf(&b, "<item><guid>%d</guid><title>Number %d</title><dc:creator>Ann Lee%d</dc:creator></item>", i, i, i)
	}
	b.WriteString("<item><guid>all</guid><title>Together</title>")
	for i := range together {
		fmt.Fprintf(&b, "<dc:creator>Bo Cai%d</dc:creator>", i)
	}
	return b.String() + "</item></channel></rss>"
}

// authorTopics are the authors with a feed of their own, and the articles whose authors have none.
func authorTopics(h *harness) (topics map[string]bool, without int) {
	h.t.Helper()
	topics = map[string]bool{}
	for after := newswire.Cursor(""); ; {
		page, err := h.store.Articles(h.t.Context(), cache.Query{Topic: newswire.All, Limit: 500, After: after})
		if err != nil {
			h.t.Fatal(err)
		}
		for _, a := range page.Articles {
			for _, author := range a.Authors {
				if author.ID == "" {
					without++
				} else {
					topics[author.ID] = true
				}
			}
		}
		if after = page.Next; after == "" {
			return topics, without
		}
	}
}

func TestOneDocumentMakesABoundedNumberOfAuthorFeeds(t *testing.T) {
	h := newHarness(t)
	s := newswire.Source{ID: "crowd", URL: sourcetest.NewPublisher(t, byMany(600, 0)).URL()}
	r := h.visit(nil, s)["crowd"]
	if r.New != 601 || !strings.Contains(strings.Join(r.Repairs, "; "), "100 names") {
		t.Errorf("%d new, repairs %q; want 601, and word of 100 names", r.New, r.Repairs)
	}
	topics, without := authorTopics(h)
	if len(topics) != 500 || without != 100 {
		t.Errorf("%d author feeds, %d authors without; want 500, 100", len(topics), without)
	}
	// Other settings have every article classified again, and that brings no more feeds.
	s.Categories = []string{"people"}
	h.visit([]newswire.Category{{ID: "people", Title: "People"}}, s)
	if topics, without := authorTopics(h); len(topics) != 500 || without != 100 {
		t.Errorf("after other settings %d author feeds, %d authors without; want 500, 100", len(topics), without)
	}
}

func TestOneArticleHasABoundedNumberOfAuthorFeeds(t *testing.T) {
	h := newHarness(t)
	h.visit(nil, newswire.Source{ID: "crowd", URL: sourcetest.NewPublisher(t, byMany(0, 80)).URL()})
	if topics, without := authorTopics(h); len(topics) != 50 || without != 30 {
		t.Errorf("%d author feeds, %d authors without; want 50, 30", len(topics), without)
	}
}

func TestAnArticleThatIsTooMuchFailsItsVisitAndNoOther(t *testing.T) {
	h := newHarness(t)
	huge := "<rss version='2.0'><channel><title>News</title><item><guid>1</guid><title>The flood</title><description>" +
		strings.Repeat("&lt;b>", 500_000) + "</description></item><item><guid>2</guid><title>The crane</title></item></channel></rss>"
	r := h.visit(nil, newswire.Source{ID: "news", URL: sourcetest.NewPublisher(t, huge).URL()})["news"]
	if r.Outcome != sources.Failed || !strings.Contains(r.Error, "The flood") || r.Due.IsZero() {
		t.Errorf("outcome %q, error %q, due %v; want a failure that names the article, and a next visit", r.Outcome, r.Error, r.Due)
	}
	if got := titles(h.articles(newswire.All)); len(got) != 1 || got[0] != "The crane" {
		t.Errorf("articles %q; want the one that is none too much", got)
	}
}
