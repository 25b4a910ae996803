package webhook_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/partner"
	"github.com/newswire/newswire/syndication/webhook"
)

func TestMessageSaysTheTermsOfItsArticles(t *testing.T) {
	r := newRig(t, 2)
	licensed := func(n int, usage newswire.Usage) newswire.Article {
		a := article("s", n, 1)
		a.Rights.License, a.Rights.Usage = "https://p.example/terms", usage
		return a
	}
	record(t, r.store, licensed(0, "search=y, train-ai=n"), licensed(1, "search=y"), licensed(2, ""), article("s", 3, 1))
	got := r.sendAll(r.sender(r.store))
	if len(got) != 2 {
		t.Fatalf("%d messages, want 2", len(got))
	}
	if h := got[0].header; h.Get("Link") != `<https://p.example/terms>; rel="license"` || h.Get("Content-Usage") != "search=y, train-ai=n" {
		t.Errorf("of articles under one licence: Link %q, Content-Usage %q", h.Get("Link"), h.Get("Content-Usage"))
	}
	if h := got[1].header; h.Get("Link") != "" || h.Get("Content-Usage") != "" {
		t.Errorf("of articles that have no terms in common: Link %q, Content-Usage %q", h.Get("Link"), h.Get("Content-Usage"))
	}
}

func TestChangesComeInOrderAndAMessageHasOneType(t *testing.T) {
	r := newRig(t, 100)
	first := r.publish(3)
	if _, err := r.store.Withdraw(t.Context(), first[1].ID, "a mistake"); err != nil {
		t.Fatal(err)
	}
	second := r.publish(2)
	got := r.sendAll(r.sender(r.store))
	if diff := cmp.Diff([]string{"article.put 3", "article.remove 1", "article.put 2"}, summary(got)); diff != "" {
		t.Fatal(diff)
	}
	if diff := cmp.Diff(idsOf(first[0], first[1], first[2], first[1], second[0], second[1]), articlesOf(got)); diff != "" {
		t.Error(diff)
	}
	put, remove := got[0].Data.Changes[0], got[1].Data.Changes[0]
	if put.Op != "put" || put.Item == nil || put.Item.Title != "Article 0" || !strings.Contains(put.Item.Content, "And more of it.") {
		t.Errorf("a put: %+v", put)
	}
	if remove.Op != "remove" || remove.Item != nil || remove.Tombstone == nil || remove.Tombstone.Reason != "a mistake" {
		t.Errorf("a remove: %+v", remove)
	}
	if gone := got[0].Data.Changes[1]; gone.Op != "put" || gone.Item != nil {
		t.Errorf("a put of what was withdrawn since: %+v", gone)
	}
	for _, m := range got {
		last := m.Data.Changes[len(m.Data.Changes)-1]
		if m.Data.Next != last.Cursor || m.Time.IsZero() || !strings.HasPrefix(m.id, "msg_") {
			t.Errorf("message %s of %v: next %q, want %q", m.id, m.Time, m.Data.Next, last.Cursor)
		}
	}
}

func TestAMessageHasAtMostABatch(t *testing.T) {
	r := newRig(t, 3)
	articles := r.publish(10)
	got := r.sendAll(r.sender(r.store))
	want := []string{"article.put 3", "article.put 3", "article.put 3", "article.put 1"}
	if diff := cmp.Diff(want, summary(got)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(idsOf(articles...), articlesOf(got)); diff != "" {
		t.Error(diff)
	}
	if sent, more, err := r.send(r.sender(r.store)); sent || more || err != nil {
		t.Errorf("at the end: sent %v, more %v, %v", sent, more, err)
	}
}

func TestALargeArticleComesAlone(t *testing.T) {
	r := newRig(t, 100)
	var articles []newswire.Article
	for i, size := range []int{600 << 10, 600 << 10, 3 << 20, 1, 1} {
		a := article("large", i, 1)
		a.Content = "<p>" + strings.Repeat("x", size) + "</p>"
		articles = append(articles, a)
	}
	record(t, r.store, articles...)
	got := r.sendAll(r.sender(r.store))
	want := []string{"article.put 1", "article.put 1", "article.put 1", "article.put 2"}
	if diff := cmp.Diff(want, summary(got)); diff != "" {
		t.Error(diff)
	}
}

func TestAMessageIsTriedAgainAsItWas(t *testing.T) {
	r := newRig(t, 100)
	begun := r.publish(2)
	r.refuse(http.StatusInternalServerError)
	s := r.sender(r.store)
	for range 2 {
		if sent, _, err := r.send(s); sent || err == nil || err.Error() != "answers 500 Internal Server Error" {
			t.Fatalf("sent %v, %v", sent, err)
		}
	}
	later := r.publish(2) // the log grows meanwhile
	r.refuse(0)
	got := r.sendAll(r.sender(r.store)) // another process
	if diff := cmp.Diff([]string{"article.put 2", "article.put 2", "article.put 2", "article.put 2"}, summary(got)); diff != "" {
		t.Fatal(diff)
	}
	if got[0].id != got[1].id || got[0].id != got[2].id || got[0].body != got[2].body {
		t.Errorf("three attempts: ids %s, %s, %s", got[0].id, got[1].id, got[2].id)
	}
	if got[3].id == got[2].id {
		t.Error("the next message has the same id")
	}
	if diff := cmp.Diff(idsOf(slices.Concat(begun, later)...), articlesOf(got[2:])); diff != "" {
		t.Error(diff)
	}
}

// TestWhatACrashTakesBackComesAgainUnderItsID has a process send a message, and crash before that is recorded.
func TestWhatACrashTakesBackComesAgainUnderItsID(t *testing.T) {
	r := newRig(t, 100)
	r.publish(2)
	before := r.told
	first := r.sendAll(r.sender(r.store))
	r.told = before
	if again := r.sendAll(r.sender(r.store)); again[0].id != first[0].id || again[0].body != first[0].body {
		t.Errorf("the same changes: id %s, want %s", again[0].id, first[0].id)
	}
	r.told = before
	r.publish(1)
	larger := r.sendAll(r.sender(r.store))
	if len(larger) != 1 || len(larger[0].Data.Changes) != 3 || larger[0].id == first[0].id {
		t.Errorf("more changes: %v, id %s; want another than %s", summary(larger), larger[0].id, first[0].id)
	}
}

func TestASmallerBatchIsANewMessage(t *testing.T) {
	r := newRig(t, 100)
	r.publish(4)
	r.refuse(http.StatusRequestEntityTooLarge)
	_, _, _ = r.send(r.sender(r.store))
	large := r.got()
	r.refuse(0)
	w := *r.partner.Webhook
	w.Batch = 2
	r.configure(partner.Partner{ID: "acme", Webhook: &w})
	got := r.sendAll(r.sender(r.store))
	if diff := cmp.Diff([]string{"article.put 2", "article.put 2"}, summary(got)); diff != "" || got[0].id == large[0].id {
		t.Error(diff, got[0].id)
	}
}

func TestAPartnerGetsWhatItMaySee(t *testing.T) {
	r := newRig(t, 100)
	r.configure(partner.Partner{ID: "acme", Categories: []string{"finance"}, Content: newswire.PolicyTitle, Webhook: r.partner.Webhook})
	r.publish(3, "sport")
	ours := r.publish(2, "finance")
	r.publish(3, "sport")
	moved := article(ours[0].Source, 0, 2, "sport")
	record(t, r.store, moved, ours[1])
	got := r.sendAll(r.sender(r.store))
	if diff := cmp.Diff([]string{"article.remove 1", "article.put 1", "article.remove 1"}, summary(got)); diff != "" {
		t.Fatal(diff)
	}
	if diff := cmp.Diff(idsOf(ours[0], ours[1], ours[0]), articlesOf(got)); diff != "" {
		t.Error(diff)
	}
	for _, m := range got {
		if strings.Contains(m.body, "whole text") {
			t.Errorf("more than the title: %s", m.body)
		}
	}
}

func TestAPlaceThatIsGoneIsResynced(t *testing.T) {
	for name, told := range map[string]string{
		"trimmed": "1.", "of another store": "1.other", "no cursor": "nonsense", "a place that cannot be read": `{"after":`,
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, 100)
			r.publish(3)
			if err := r.store.TrimChanges(t.Context(), time.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			r.told = told
			r.refuse(http.StatusBadGateway)
			if _, _, err := r.send(r.sender(r.store)); err == nil {
				t.Fatal("no error")
			}
			later := r.publish(2)
			r.refuse(0)
			got := r.sendAll(r.sender(r.store))
			if diff := cmp.Diff([]string{"resync 0", "resync 0", "article.put 2"}, summary(got)); diff != "" {
				t.Fatal(diff)
			}
			if got[0].id != got[1].id || got[0].Data.Cursor != got[1].Data.Cursor || got[0].Data.Articles != site.URL+"/api/v1/articles" {
				t.Errorf("resync %s %+v, then %s %+v", got[0].id, got[0].Data, got[1].id, got[1].Data)
			}
			after, err := r.store.Changes(t.Context(), newswire.Cursor(got[1].Data.Cursor), 10)
			if err != nil || len(after) != 2 {
				t.Errorf("changes after the cursor of the resync: %v, %v", after, err)
			}
			if diff := cmp.Diff(idsOf(later...), articlesOf(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestA410DisablesTheEndpointUntilItChanges(t *testing.T) {
	r := newRig(t, 100)
	articles := r.publish(2)
	r.refuse(http.StatusGone)
	s := r.sender(r.store)
	for range 3 {
		if _, _, err := r.send(s); err == nil || !strings.Contains(err.Error(), "410 Gone and is disabled") {
			t.Errorf("error %v", err)
		}
	}
	if got := r.got(); len(got) != 1 {
		t.Errorf("%d messages to an endpoint that wants none", len(got))
	}
	if strings.Contains(r.told, secret) {
		t.Errorf("the secret is stored: %s", r.told)
	}
	r.refuse(0)
	w := *r.partner.Webhook
	w.URL += "2"
	r.configure(partner.Partner{ID: "acme", Webhook: &w})
	if diff := cmp.Diff(idsOf(articles...), articlesOf(r.sendAll(s))); diff != "" {
		t.Error(diff)
	}
}

func TestAReplayHasOtherIDs(t *testing.T) {
	r := newRig(t, 100)
	r.publish(2)
	s := r.sender(r.store)
	first := r.sendAll(s)
	r.told = webhook.PlaceAt("", "replay 1")
	r.refuse(http.StatusInternalServerError)
	_, _, _ = r.send(s)
	r.refuse(0)
	again := r.sendAll(s)
	if len(again) != 2 || again[0].id == first[0].id || again[0].id != again[1].id || again[0].body != first[0].body {
		t.Errorf("first %+v, then %+v", first, again)
	}
}

func TestRepeatsInTheLogAreToldOnce(t *testing.T) {
	r := newRig(t, 100)
	articles := r.publish(2)
	twice := &log{Store: r.store}
	twice.changes = func(ctx context.Context, after newswire.Cursor, limit int) ([]newswire.Change, error) {
		found, err := r.store.Changes(ctx, after, limit)
		return slices.Concat(found, found), err
	}
	if diff := cmp.Diff(idsOf(articles...), articlesOf(r.sendAll(r.sender(twice)))); diff != "" {
		t.Error(diff)
	}
}

func TestALongLogThatDoesNotConcernThePartnerIsPassedOverInParts(t *testing.T) {
	r := newRig(t, 100)
	endless := &log{Store: r.store}
	endless.changes = func(_ context.Context, after newswire.Cursor, limit int) ([]newswire.Change, error) {
		return slices.Repeat([]newswire.Change{{Cursor: after + "1", Op: newswire.Put, Article: "s.x", Topics: []newswire.Topic{"held/s"}}}, limit), nil
	}
	sent, more, err := r.send(r.sender(endless))
	if sent || !more || err != nil || r.told == "" {
		t.Errorf("sent %v, more %v, %v, now at %q", sent, more, err, r.told)
	}
}

func TestAFaultOfTheStoreMovesNothing(t *testing.T) {
	away := errors.New("away")
	faults := map[string]*log{
		"changes": {changes: func(context.Context, newswire.Cursor, int) ([]newswire.Change, error) { return nil, away }},
		"article": {article: func(string) error { return away }},
	}
	for name, l := range faults {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, 100)
			articles := r.publish(2)
			l.Store = r.store
			before := r.told
			if _, _, err := r.send(r.sender(l)); !errors.Is(err, away) || r.told != before {
				t.Errorf("%v, now at %q", err, r.told)
			}
			if got := r.got(); len(got) > 0 {
				t.Errorf("sent %v", summary(got))
			}
			if diff := cmp.Diff(idsOf(articles...), articlesOf(r.sendAll(r.sender(r.store)))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatAnEndpointAnswersIsTold(t *testing.T) {
	r := newRig(t, 100)
	r.publish(1)
	r.refuse(http.StatusTooManyRequests, "Retry-After", "3600")
	sub := &cache.Subscription{ID: "acme"}
	if o := r.sender(r.store).Send(t.Context(), sub); o.Retry != time.Hour || !o.Refused || o.Err == nil {
		t.Errorf("a 429 with Retry-After: %+v", o)
	}
	r.refuse(http.StatusFound, "Location", r.url)
	if o := r.sender(r.store).Send(t.Context(), sub); !o.Refused || !strings.Contains(o.Err.Error(), "redirects are not followed") {
		t.Errorf("a redirect: %+v", o)
	}
	if o := r.sender(r.store).Send(t.Context(), &cache.Subscription{ID: "other", Progress: cache.Progress{Told: "x"}}); o.Err == nil || o.Told != "x" || o.End {
		t.Errorf("a partner that is not in the config: %+v", o)
	}
	r.got()
	w := *r.partner.Webhook
	w.URL = "http://10.0.0.1/"
	r.configure(partner.Partner{ID: "acme", Webhook: &w})
	if o := r.sender(r.store).Send(t.Context(), sub); o.Refused || o.Err == nil || !strings.Contains(o.Err.Error(), "fetch.allow_private") {
		t.Errorf("a private address: %+v", o)
	}
}
