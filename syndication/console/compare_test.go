package console_test

import (
	"strings"
	"testing"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/console"
)

// revisions are what the held article was: published, and then held for something else.
func revisions() []newswire.Article {
	full := newswire.Rights{Policy: newswire.PolicyFull}
	return []newswire.Article{
		{ID: "a-1", Source: "a", Revision: 1, Title: "Casino <b>", Content: "<p>Of the town hall.</p><p>Spin <em>now</em></p>", Rights: full},
		{ID: "a-1", Source: "a", Revision: 2, Title: "Casino <b>", Content: "<p>Held before</p>", Held: "it looked injected", Rights: full},
	}
}

func TestAHeldArticleIsComparedWithWhatWouldBePublished(t *testing.T) {
	s := &shelf{}
	b := newBrowser(t, s, console.Options{})
	_, body := b.get("/article?id=a-1")
	if !strings.Contains(body, "What its publisher sent") || !strings.Contains(body, "What would be published") || strings.Contains(body, "What readers saw") {
		t.Errorf("without an earlier revision: %s", body)
	}
	s.revisions = revisions()
	_, body = b.get("/article?id=a-1")
	for _, want := range []string{
		"it looks injected", "The published revision, and the new one", "What readers saw", "Casino &lt;b&gt;</p>", "<del>− Of the town hall.</del>",
		"What they would see", "What its publisher sent",
	} {
		before, after, found := strings.Cut(body, want)
		if !found {
			t.Fatalf("%s is not behind what precedes it:\n%s", want, before)
		}
		body = after
	}
	if strings.Contains(body, "Held before") || strings.Contains(body, "<script") || strings.Contains(body, "<em>") {
		t.Errorf("the page has %s", body)
	}
}
