package sources_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/sourcetest"
)

// hacked is a feed with one article of its own, to which links and notices were added, and one that was injected.
const hacked = `<rss version="2.0"><channel><title>Harbour News</title><link>https://harbour.example/</link><language>en</language>
<item><guid>crane</guid><title>A crane has fallen</title><description><![CDATA[<p>Three were hurt.</p>
<p>1. The views in this article are the author's own.</p><p>2. Complaints go to desk@harbour.example.</p>
<div style="display:none">unseen</div><p><a href="https://a.example/">viagra</a> <a href="https://b.example/">judi online</a>
<a href="https://c.example/">togel</a></p>]]></description></item>
<item><guid>casino</guid><title>Online casino bonus</title><description><![CDATA[<p>Play at <a href="https://a.example/">the casino</a>
or <a href="https://b.example/">another casino</a>.</p>]]></description></item></channel></rss>`

func TestWhatWasInjectedIsRemovedOrHeld(t *testing.T) {
	d := newHarness(t)
	s := newswire.Source{ID: "news", URL: sourcetest.NewPublisher(t, hacked).URL(), Rights: newswire.Rights{Contact: "us@wire.example"}}
	r := d.visit(nil, s)["news"]
	if r.New != 2 || r.Held != 1 {
		t.Errorf("%d new, %d held; want 2, 1", r.New, r.Held)
	}
	published := d.articles(newswire.All)
	if d := cmp.Diff([]string{"A crane has fallen"}, titles(published)); d != "" {
		t.Fatal(d)
	}
	crane := published[0]
	if crane.Summary != "<p>Three were hurt.</p>" {
		t.Errorf("summary %q", crane.Summary)
	}
	want := newswire.Rights{Policy: newswire.PolicyFull, Statement: "The views in this article are the author's own.", Contact: "desk@harbour.example"}
	if d := cmp.Diff(want, crane.Rights); d != "" {
		t.Error(d)
	}
	reasons := []newswire.Removal{{Reason: "hidden"}, {Reason: "injected links"}, {Reason: "notices"}}
	if d := cmp.Diff(reasons, crane.Removed, cmpopts.IgnoreFields(newswire.Removal{}, "Text")); d != "" {
		t.Error(d)
	}
	held := d.held()
	if d := cmp.Diff([]string{"Online casino bonus"}, titles(held)); d != "" {
		t.Fatal(d)
	}
	if !strings.Contains(held[0].Held, "casino") {
		t.Errorf("held because %q", held[0].Held)
	}
}

func TestAReleaseLastsAsLongAsTheTextDoes(t *testing.T) {
	d := newHarness(t)
	publisher := sourcetest.NewPublisher(t, hacked)
	s := newswire.Source{ID: "news", URL: publisher.URL()}
	d.visit(nil, s)
	due, state := d.due("news"), d.state("news")
	id := newswire.ArticleID("news", "casino")
	a, err := sources.Release(t.Context(), d.store, id)
	if err != nil || a.ID != id || !a.Public() {
		t.Fatalf("Release = %q, %v", a.ID, err)
	}
	if got := d.due("news"); !got.Equal(due) {
		t.Errorf("after the release the source is due at %v, want %v as before", got, due)
	}
	if diff := cmp.Diff(state, d.state("news")); diff != "" {
		t.Error("the release changed the source's state:\n" + diff)
	}
	if got := len(d.articles(newswire.All)); got != 2 {
		t.Errorf("%d articles are published, want 2", got)
	}

	publisher.Publish(strings.ReplaceAll(hacked, "togel", "casino")) // another document with the same articles
	if r := d.visit(nil, s)["news"]; r.New+r.Edited+r.Held != 0 {
		t.Errorf("the same articles again: %+v", r)
	}
	if got := len(d.articles(newswire.All)); got != 2 {
		t.Errorf("%d articles are published after the next visit, want 2", got)
	}
	s.Categories = []string{"news"}
	d.visit([]newswire.Category{{ID: "news"}}, s)
	if got := len(d.articles(newswire.CategoryTopic("news"))); got != 2 {
		t.Errorf("%d articles are in a new category, want 2", got)
	}

	publisher.Publish(strings.ReplaceAll(hacked, "Play at", "Win at"))
	if r := d.visit([]newswire.Category{{ID: "news"}}, s)["news"]; r.Edited != 1 || r.Held != 1 {
		t.Errorf("another text: %d edited, %d held; want 1, 1", r.Edited, r.Held)
	}
	if got := len(d.articles(newswire.All)); got != 1 {
		t.Errorf("%d articles are published, want 1", got)
	}
}

func TestReleaseSaysWhyItDoesNot(t *testing.T) {
	d := newHarness(t)
	d.visit(nil, newswire.Source{ID: "news", URL: sourcetest.NewPublisher(t, hacked).URL()})
	withdrawn := newswire.ArticleID("news", "casino")
	if _, err := d.store.Withdraw(t.Context(), withdrawn, "spam"); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]error{
		newswire.ArticleID("news", "crane"):    sources.ErrNotHeld,
		newswire.ArticleID("news", "no such"):  newswire.ErrNotFound,
		newswire.ArticleID("other", "nothing"): newswire.ErrNotFound,
		withdrawn:                              newswire.ErrWithdrawn,
	} {
		if _, err := sources.Release(t.Context(), d.store, id); !errors.Is(err, want) {
			t.Errorf("Release(%s): %v, want %v", id, err, want)
		}
	}
}

func TestAnArticleOfASourceThatIsNotVisitedAnyMoreCanBeReleased(t *testing.T) {
	d := newHarness(t)
	d.visit(nil, newswire.Source{ID: "news", URL: sourcetest.NewPublisher(t, hacked).URL()})
	if err := d.store.Reschedule(t.Context(), "news", d.due("news"), time.Time{}); err != nil {
		t.Fatal(err)
	}
	if _, err := sources.Release(t.Context(), d.store, newswire.ArticleID("news", "casino")); err != nil {
		t.Fatal(err)
	}
	if at := d.due("news"); !at.IsZero() {
		t.Errorf("the source is due again, at %v", at)
	}
}

func TestAVisitThatAReleaseMakesVoidIsMadeAgainSoon(t *testing.T) {
	d := newHarness(t)
	d.visit(nil, newswire.Source{ID: "news", URL: sourcetest.NewPublisher(t, hacked).URL()})
	before := d.due("news")
	d.advance(2 * time.Hour)
	underWay, err := d.store.Claim(t.Context(), 1, time.Hour, "news")
	if err != nil || len(underWay) != 1 {
		t.Fatalf("Claim = %v, %v", underWay, err)
	}
	if _, err := sources.Release(t.Context(), d.store, newswire.ArticleID("news", "casino")); err != nil {
		t.Fatal(err)
	}
	if at := d.due("news"); at.Before(before) || at.After(d.now().Add(time.Minute)) {
		t.Errorf("due at %v, want within a minute from %v, and not where the lease of the visit ends", at, d.now())
	}
}

func TestBlockedWordsCountFromTheNextDocumentOn(t *testing.T) {
	d := newHarness(t)
	publisher := sourcetest.NewPublisher(t, rss("1 Paperclips for all", "2 Tides"))
	s := newswire.Source{ID: "news", URL: publisher.URL()}
	d.visit(nil, s)
	publisher.Publish(rss("1 Paperclips for all", "2 Tides", "3 Ebb"))
	s.Block = []string{"paperclip"}
	if r := d.visit(nil, s)["news"]; r.Held != 1 || r.Edited != 1 || r.New != 1 {
		t.Errorf("%d edited, %d held; want 1, 1", r.Edited, r.Held)
	}
	if diff := cmp.Diff([]string{"Ebb", "Tides"}, titles(d.articles(newswire.All))); diff != "" {
		t.Error(diff)
	}
	s.Block = nil
	publisher.Publish(rss("1 Paperclips for all", "2 Tides"))
	d.visit(nil, s)
	if got := len(d.articles(newswire.All)); got != 3 {
		t.Errorf("%d articles are published when nothing is blocked any more, want 3", got)
	}
}

func (d *harness) held() []newswire.Article {
	d.t.Helper()
	held, err := sources.Held(d.t.Context(), d.store)
	if err != nil {
		d.t.Fatal(err)
	}
	return held
}

func (d *harness) due(source string) time.Time {
	d.t.Helper()
	due, err := d.store.Due(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	return due[source]
}
