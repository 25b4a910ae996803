package newswire_test

import (
	"slices"
	"testing"
	"time"

	"github.com/newswire/newswire"
)

func TestRightsHavePhases(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 11, 28, hour, 0, 0, 0, time.UTC) }
	never := time.Time{}
	for _, tt := range []struct {
		name             string
		from, until, now time.Time
		phase            newswire.Phase
		next             time.Time
	}{
		{"no limits", never, never, at(12), newswire.Open, never},
		{"before its beginning", at(13), never, at(12), newswire.Waiting, at(13)},
		{"at its beginning", at(13), never, at(13), newswire.Open, never},
		{"before its end", never, at(13), at(12), newswire.Open, at(13)},
		{"at its end", never, at(13), at(13), newswire.Expired, never},
		{"before both", at(13), at(14), at(12), newswire.Waiting, at(13)},
		{"between both", at(13), at(14), at(13), newswire.Open, at(14)},
		{"it ends before it begins", at(14), at(13), at(12), newswire.Waiting, at(13)},
		{"it has ended before it begins", at(14), at(13), at(13), newswire.Expired, never},
		{"it begins as it ends", at(13), at(13), at(13), newswire.Expired, never},
	} {
		r := newswire.Rights{From: tt.from, Until: tt.until}
		if got := r.PhaseAt(tt.now); got != tt.phase {
			t.Errorf("%s: PhaseAt = %q, want %q", tt.name, got, tt.phase)
		}
		a := newswire.Article{Rights: r, Phase: tt.phase}
		if got := a.NextLimit(); !got.Equal(tt.next) {
			t.Errorf("%s: NextLimit = %v, want %v", tt.name, got, tt.next)
		}
	}
}

func TestArticleIsListedByItsPhase(t *testing.T) {
	for _, tt := range []struct {
		name    string
		article newswire.Article
		want    []newswire.Topic
	}{
		{"open", newswire.Article{}, []newswire.Topic{"all", "source/a"}},
		{"waiting", newswire.Article{Phase: newswire.Waiting}, []newswire.Topic{"unlisted/a"}},
		{"expired", newswire.Article{Phase: newswire.Expired}, []newswire.Topic{"unlisted/a"}},
		{"waiting and held", newswire.Article{Phase: newswire.Waiting, Held: "links"}, []newswire.Topic{"held/a"}},
		{"waiting and released", newswire.Article{Phase: newswire.Waiting, Held: "links", Released: true}, []newswire.Topic{"unlisted/a"}},
	} {
		tt.article.Source = "a"
		if got := tt.article.Topics(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: topics %v, want %v", tt.name, got, tt.want)
		}
		public := slices.ContainsFunc(tt.want, newswire.Topic.Public)
		if tt.article.Public() != public {
			t.Errorf("%s: Public is %v, and its topics are not", tt.name, !public)
		}
	}
}

// TestLimitsAreNoContent holds on to the digests that are in stores: limits must not make every article a new revision.
func TestLimitsAreNoContent(t *testing.T) {
	a := newswire.Article{ID: "a-1", Source: "a", Title: "Harvest", Rights: newswire.Rights{Policy: newswire.PolicyExcerpt}}
	before := a.Digest()
	if want := "a000e63e844be183d7617202ed6e0e7c"; before != want {
		t.Errorf("Digest = %s, want %s as in every store", before, want)
	}
	at := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	a.Phase = newswire.Waiting
	a.Rights.Since, a.Rights.From, a.Rights.Until = at, at, at
	a.Stated.From, a.Stated.Until = at, at
	if got := a.Digest(); got != before {
		t.Errorf("Digest with limits = %s, want %s", got, before)
	}
}
