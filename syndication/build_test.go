package syndication_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/internal/feedtest"
)

func build(articles ...newswire.Article) newswire.Feed {
	return syndication.Build(feedtest.Site, newswire.All, "All", "", articles)
}

func TestRightsDecideHowMuchOfAnArticleIsRepublished(t *testing.T) {
	long := "<p>" + strings.Repeat("The moon pulls the harbour about. ", 40) + "</p>"
	chinese := "<p>" + strings.Repeat("攤位還在，人卻少了。", 60) + "</p>"
	tests := []struct {
		name             string
		policy           newswire.Policy
		summary, content string
		wantSummary      string
		wantContent      string
	}{
		{"full keeps both", newswire.PolicyFull, "<p>Short.</p>", "<p>Long.</p>", "<p>Short.</p>", "<p>Long.</p>"},
		{"full with nothing but a summary shows it as the text", newswire.PolicyFull, "<p>Short.</p>", "", "<p>Short.</p>", ""},
		{"full does not say the same twice", newswire.PolicyFull, "<p>Same.</p>", "<div>Same.</div>", "", "<div>Same.</div>"},
		{"excerpt takes the publisher's summary as it is", newswire.PolicyExcerpt, "<p>Short <b>and</b> sweet.</p>", long, "<p>Short <b>and</b> sweet.</p>", ""},
		{"excerpt of a short text is the text", newswire.PolicyExcerpt, "", "<p>1 &lt; 2 &amp; <b>so</b> on.</p>", "<p>1 &lt; 2 &amp; so on.</p>", ""},
		{"excerpt ends with a sentence", newswire.PolicyExcerpt, "", long, "<p>" + strings.TrimSpace(strings.Repeat("The moon pulls the harbour about. ", 11)) + " …</p>", ""},
		{"excerpt of Chinese ends with a sentence", newswire.PolicyExcerpt, "", chinese, "<p>" + strings.Repeat("攤位還在，人卻少了。", 40) + " …</p>", ""},
		{"a summary that is the text is no summary", newswire.PolicyExcerpt, long, long, "<p>" + strings.TrimSpace(strings.Repeat("The moon pulls the harbour about. ", 11)) + " …</p>", ""},
		{"a summary as long as an article is cut like one", newswire.PolicyExcerpt, long, "", "<p>" + strings.TrimSpace(strings.Repeat("The moon pulls the harbour about. ", 11)) + " …</p>", ""},
		{"no policy is excerpt", "", "<p>Short.</p>", long, "<p>Short.</p>", ""},
		{"excerpt of nothing is nothing", newswire.PolicyExcerpt, "", "<p> </p>", "", ""},
		{"title keeps no text at all", newswire.PolicyTitle, "<p>Short.</p>", long, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := feedtest.Rich()
			a.NoCredit = true
			a.Rights.Policy, a.Summary, a.Content = tt.policy, tt.summary, tt.content
			got := build(a).Articles[0]
			if got.Summary != tt.wantSummary || got.Content != tt.wantContent {
				t.Errorf("Build made\n\tsummary %q, content %q; want\n\tsummary %q, content %q", got.Summary, got.Content, tt.wantSummary, tt.wantContent)
			}
		})
	}
}

func TestCreditEndsTheText(t *testing.T) {
	plain := newswire.Article{
		AtomID: "tag:x,2020:1", URL: "https://harbour.example.com/1", Title: "Tides <& terms>", Content: "<p>Text.</p>",
		Rights:    newswire.Rights{Policy: newswire.PolicyFull},
		Publisher: newswire.Publisher{Title: "Harbour & Co", URL: "https://harbour.example.com/"},
	}
	const article = `<a href="https://harbour.example.com/1">Tides &lt;&amp; terms&gt;</a>`
	const publisher = `<a href="https://harbour.example.com/">Harbour &amp; Co</a>`
	tests := []struct {
		name   string
		change func(*newswire.Article)
		want   string // of the credit line; empty for none
	}{
		{"article and publisher", func(*newswire.Article) {}, "↗ " + article + " · " + publisher},
		{"authors, one with a page", func(a *newswire.Article) {
			a.Authors = []newswire.Person{{Name: "Ada", URL: "https://ada.example.org/"}, {Name: "金江"}, {Email: "x@example.org"}}
		}, "↗ " + article + " · " + publisher + ` · <a href="https://ada.example.org/">Ada</a>, 金江`},
		{"a publisher that is its own author is named once", func(a *newswire.Article) {
			a.Authors = []newswire.Person{{Name: "Harbour & Co"}}
		}, "↗ " + article + " · " + publisher},
		{"rights and licence", func(a *newswire.Article) {
			a.Rights.Statement, a.Rights.License = "© 2026 Ada", "https://creativecommons.org/licenses/by-sa/4.0/"
		}, "↗ " + article + " · " + publisher + ` · © 2026 Ada · <a href="https://creativecommons.org/licenses/by-sa/4.0/">CC BY-SA 4.0</a>`},
		{"the publisher's rights, and a licence by its host", func(a *newswire.Article) {
			a.Publisher.Rights, a.Rights.License = "© Harbour", "https://terms.example.org/1"
		}, "↗ " + article + " · " + publisher + ` · © Harbour · <a href="https://terms.example.org/1">terms.example.org</a>`},
		{"no address that a reader should not follow", func(a *newswire.Article) {
			a.URL, a.Publisher.URL, a.Publisher.FeedURL = "javascript:alert(1)", "data:x", "https://harbour.example.com/feed"
		}, `↗ <a href="https://harbour.example.com/feed">Harbour &amp; Co</a>`},
		{"no title", func(a *newswire.Article) { a.Title = "" }, `↗ <a href="https://harbour.example.com/1">harbour.example.com/1</a> · ` + publisher},
		{"a publisher without a title", func(a *newswire.Article) { a.Publisher.Title = "" }, "↗ " + article + ` · <a href="https://harbour.example.com/">harbour.example.com</a>`},
		{"nothing to credit", func(a *newswire.Article) { a.URL, a.Publisher = "", newswire.Publisher{} }, ""},
		{"switched off", func(a *newswire.Article) { a.NoCredit = true }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := plain
			tt.change(&a)
			want := "<p>Text.</p>"
			if tt.want != "" {
				want += "<p>" + tt.want + "</p>"
			}
			if got := build(a).Articles[0].Content; got != want {
				t.Errorf("Build made the text\n\t%s; want\n\t%s", got, want)
			}
		})
	}

	t.Run("the summary, where it is all there is", func(t *testing.T) {
		a := plain
		a.Rights.Policy = newswire.PolicyTitle
		got := build(a).Articles[0]
		if want := "<p>↗ " + article + " · " + publisher + "</p>"; got.Summary != want || got.Content != "" {
			t.Errorf("Build made summary %q, content %q; want summary %q", got.Summary, got.Content, want)
		}
	})
}

func TestAFeedIsAsNewAsItsNewestArticle(t *testing.T) {
	older, newer := feedtest.Rich(), feedtest.Rich()
	older.GUID, older.AtomID, newer.GUID, newer.AtomID = "tag:x,2020:1", "tag:x,2020:1", "tag:x,2020:2", "tag:x,2020:2"
	newer.Updated = older.Updated.Add(time.Hour)
	if got := build(older, newer).Updated; !got.Equal(newer.Updated) {
		t.Errorf("Updated = %v, want %v", got, newer.Updated)
	}
	if got := build().Updated; !got.IsZero() {
		t.Errorf("Updated of an empty feed = %v, want zero", got)
	}
}

func TestAnArticleThatCameTwiceIsListedOnce(t *testing.T) {
	first, second := feedtest.Rich(), feedtest.Rich()
	first.ID, second.ID = "harbour-1", "harbour-finance-1"
	got := build(first, second).Articles
	if len(got) != 1 || got[0].ID != first.ID {
		t.Errorf("Build listed %d articles, the first %q; want %q alone", len(got), got[0].ID, first.ID)
	}
}

func TestBuildLeavesItsArgumentsAsTheyAre(t *testing.T) {
	articles := []newswire.Article{feedtest.Rich(), feedtest.Hostile()}
	build(articles...)
	if diff := cmp.Diff([]newswire.Article{feedtest.Rich(), feedtest.Hostile()}, articles); diff != "" {
		t.Errorf("Build changed its arguments (-before +after):\n%s", diff)
	}
}

func TestWhatIsStillOfferedHasNoTombstone(t *testing.T) {
	f := build(feedtest.Rich())
	updated := f.Updated
	early, late := updated.Add(-time.Hour), updated.Add(time.Hour)
	syndication.Withdraw(&f, []newswire.Tombstone{
		{Article: "harbour-9", AtomID: f.Articles[0].AtomID, At: late.Add(time.Hour)}, // another of the publisher's feeds has it
		{Article: "harbour-2", AtomID: "tag:x,2020:2", At: late},
		{Article: "harbour-finance-2", AtomID: "tag:x,2020:2", At: early},
		{Article: "harbour-3", AtomID: "tag:x,2020:3", At: early},
	})
	var got []string
	for _, t := range f.Tombstones {
		got = append(got, t.Article)
	}
	if diff := cmp.Diff([]string{"harbour-2", "harbour-3"}, got); diff != "" {
		t.Errorf("tombstones (-want +got):\n%s", diff)
	}
	if !f.Updated.Equal(late) {
		t.Errorf("Updated = %v; want the withdrawal's %v", f.Updated, late)
	}
}
