package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/fetch"
)

// articleTold is everything that is known of an article, or of one that was withdrawn.
type articleTold struct {
	Article    *newswire.Article        `json:"article,omitempty"`
	State      string                   `json:"state"` // "published", or why readers do not see it
	Listed     []newswire.Topic         `json:"listed,omitempty"`
	Categories []sources.CategoryReason `json:"category_reasons,omitempty"`
	Limits     []string                 `json:"limits,omitempty"` // which beginning and end hold
	Revisions  int                      `json:"revisions_kept,omitempty"`
	Tombstone  *newswire.Tombstone      `json:"tombstone,omitempty"`
}

func (w *reasoner) aboutArticle(ctx context.Context, id string) (*articleTold, error) {
	a, err := w.store.Article(ctx, id)
	if errors.Is(err, newswire.ErrWithdrawn) {
		tombstone, err := w.store.Tombstone(ctx, id)
		if err != nil {
			return nil, err
		}
		return &articleTold{State: "withdrawn, for good: " + tombstone.Reason, Tombstone: &tombstone}, nil
	}
	if err != nil {
		return nil, err
	}
	revisions, err := w.store.Revisions(ctx, id)
	if err != nil {
		return nil, err
	}
	return &articleTold{
		Article: &a, State: articleState(&a), Listed: a.Topics(), Categories: w.catalog.CategoryReasons(&a),
		Limits: w.limits(&a), Revisions: len(revisions),
	}, nil
}

// articleState says whether readers see an article, and why not.
func articleState(a *newswire.Article) string {
	switch {
	case a.UnderReview() && a.Held == newswire.DroppedByRule:
		return "dropped: " + a.WhyHeld()
	case a.UnderReview():
		return "held: " + a.WhyHeld()
	case a.Phase == newswire.Waiting:
		return "waiting: " + shownWhen(&a.Rights)
	case a.Phase == newswire.Expired:
		return "expired: " + shownWhen(&a.Rights)
	case a.Released:
		return "published: released, although " + a.Held
	}
	return "published"
}

// limits say which beginning and which end hold for an article: the publisher's words, or the operator's settings.
func (w *reasoner) limits(a *newswire.Article) []string {
	var out []string
	setting, days := "the source's embargo", "the source's expires"
	if s := w.source(a.Source); s != nil {
		setting, days = fmt.Sprintf("%s of %v", setting, s.Rights.Embargo), fmt.Sprintf("%s of %v", days, s.Rights.Expires)
	}
	say := func(verb string, at, stated time.Time, setting string) {
		switch {
		case at.IsZero():
		case at.Equal(stated):
			out = append(out, fmt.Sprintf("shown %s %s, by the publisher's word", verb, when(at)))
		default:
			out = append(out, fmt.Sprintf("shown %s %s, by %s, counted from %s", verb, when(at), setting, when(a.Rights.Since)))
		}
	}
	say("from", a.Rights.From, a.Stated.From, setting)
	say("until", a.Rights.Until, a.Stated.Until, days)
	return out
}

func (t *articleTold) facts() facts {
	var f facts
	if t.Article == nil {
		f.add("article", t.Tombstone.Article)
		f.add("state", t.State)
		f.add("withdrawn", when(t.Tombstone.At))
		f.add("source", t.Tombstone.Source)
		f.add("was listed in", topics(t.Tombstone.Topics))
		return f
	}
	a := t.Article
	f.add("article", a.ID)
	f.add("title", a.Title)
	f.add("state", t.State)
	f.add("listed in", topics(t.Listed))
	f.add("source", a.Source)
	f.add("publisher", a.Publisher.Title)
	f.add("feed", fetch.Redact(a.Publisher.FeedURL))
	if a.Upstream != nil {
		f.add("taken from", strings.TrimSpace(a.Upstream.Title+" "+a.Upstream.FeedURL))
	}
	f.add("address", a.URL)
	f.add("guid", a.GUID)
	f.add("revision", fmt.Sprintf("%d; %d earlier ones are kept, newswire history shows them", a.Revision, t.Revisions))
	f.addAll("dates", dates(a))
	for i, c := range t.Categories {
		f.add([]string{"categories", ""}[min(i, 1)], c.Category+": "+strings.Join(c.Why, "; "))
	}
	for i, p := range a.Authors {
		f.add([]string{"authors", ""}[min(i, 1)], strings.TrimSpace(p.Name+" ("+dash(p.ID)+")"))
	}
	f.add("language", a.Language)
	rights := a.Rights
	rights.From, rights.Until = time.Time{}, time.Time{}
	f.addAll("rights", rightsFacts(&rights))
	f.addAll("limits", t.Limits)
	if a.Stated.License != "" || a.Stated.Statement != "" || a.Stated.Usage != "" {
		f.add("publisher states", strings.Join(nonempty(a.Stated.License, a.Stated.Statement, string(a.Stated.Usage)), "; "))
	}
	for i, r := range rulesOf(a) {
		f.add([]string{"rules", ""}[min(i, 1)], r.String())
	}
	for i, r := range a.Removed {
		f.add([]string{"removed", ""}[min(i, 1)], fmt.Sprintf("%s: %.80q", r.Reason, r.Text))
	}
	return f
}

// dates say when, and where each date comes from.
func dates(a *newswire.Article) []string {
	var out []string
	if !a.Published.IsZero() {
		out = append(out, "published "+when(a.Published)+", as the publisher said first")
	}
	if !a.Updated.IsZero() {
		out = append(out, "updated "+when(a.Updated)+", as the publisher said, of it or of the document with its correction")
	}
	first := "first seen " + when(a.FirstSeen)
	if a.Published.IsZero() && a.Updated.IsZero() {
		first += ", or the date of the document that offered it: the publisher gives it no date"
	}
	return append(out, first, "stands in listings at "+when(a.Listed))
}

func topics(list []newswire.Topic) string {
	names := make([]string, len(list))
	for i, t := range list {
		names[i] = string(t)
	}
	return strings.Join(names, ", ")
}

func nonempty(texts ...string) []string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return out
}
