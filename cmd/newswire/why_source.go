package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/fetch"
)

// sourceTold is everything that is known of a source. It has no secret in it.
type sourceTold struct {
	standing
	URL        string              `json:"url"`
	VisitedAt  string              `json:"visited_at,omitempty"` // the address that answered last, where it is another
	Schedule   string              `json:"schedule"`
	Validators newswire.Validators `json:"validators,omitzero"` // by which the next visit asks whether it has changed
	Wish       string              `json:"wish,omitempty"`      // of the publisher, about visits
	Cadence    newswire.Cadence    `json:"cadence,omitzero"`
	Rhythm     time.Duration       `json:"rhythm,omitempty"`
	Unread     int                 `json:"unread,omitempty"` // articles whose pages are still to be read
	Listed     int                 `json:"listed"`
	Held       int                 `json:"held"`
	Dropped    int                 `json:"dropped"` // by rules
	Unlisted   int                 `json:"unlisted"`
	Categories []string            `json:"categories,omitempty"` // of every article
	Rules      []string            `json:"rules,omitempty"`
	Rights     newswire.Rights     `json:"rights"`
	Usage      newswire.Usage      `json:"usage,omitempty"`   // as its robots.txt states it
	License    string              `json:"license,omitempty"` // likewise
}

func (w *reasoner) aboutSource(ctx context.Context, s *newswire.Source) (*sourceTold, error) {
	var one standing
	err := overview{w.store, w.catalog}.standings(ctx, func(list []standing) error {
		one = list[0]
		return nil
	}, s.ID)
	if err != nil {
		return nil, err
	}
	states, err := w.store.States(ctx, s.ID)
	if err != nil {
		return nil, err
	}
	state := states[s.ID]
	t := &sourceTold{
		URL: fetch.Redact(s.URL), Schedule: s.Schedule, Validators: state.Validators, Cadence: state.Cadence, Rhythm: state.Rhythm,
		Unread: len(state.Unread), Categories: s.Categories, Rights: s.Rights, Usage: state.Usage, License: state.License,
	}
	t.standing = one
	if at := fetch.Redact(state.URL); state.URL != "" && at != t.URL {
		t.VisitedAt = at
	}
	if !state.NotBefore.IsZero() {
		t.Wish = state.Wish + ": not before " + when(state.NotBefore)
	}
	for _, r := range w.conf.Rules.For(s.ID) {
		t.Rules = append(t.Rules, newswire.AppliedRule{Name: r.Name, Line: r.Line, When: r.When, Do: r.Do}.String())
	}
	return t, w.counts(ctx, t)
}

// counts counts a source's articles by where they stand.
func (w *reasoner) counts(ctx context.Context, t *sourceTold) error {
	dropped := func(a *newswire.Article) bool { return a.Held == newswire.DroppedByRule }
	held := func(a *newswire.Article) bool { return !dropped(a) }
	for _, c := range []struct {
		n      *int
		topic  newswire.Topic
		wanted func(*newswire.Article) bool
	}{
		{&t.Listed, newswire.SourceTopic(t.Source), nil},
		{&t.Held, newswire.HeldTopic(t.Source), held},
		{&t.Dropped, newswire.HeldTopic(t.Source), dropped},
		{&t.Unlisted, newswire.UnlistedTopic(t.Source), nil},
	} {
		var err error
		if *c.n, err = w.count(ctx, c.topic, c.wanted); err != nil {
			return err
		}
	}
	return nil
}

func (t *sourceTold) facts() facts {
	var f facts
	f.add("source", t.Source)
	f.add("url", t.URL)
	f.add("answered at", t.VisitedAt)
	condition := string(t.Condition)
	if t.Failures > 0 {
		condition += fmt.Sprintf(", %d failures in a row", t.Failures)
	}
	f.add("condition", condition)
	f.add("error", t.Error)
	f.addAll("remarks", t.Remarks)
	visit := when(t.LastVisit)
	if t.Status != 0 {
		visit += ", status " + strconv.Itoa(t.Status)
	}
	f.add("last visit", visit)
	f.add("last success", when(t.LastSuccess))
	f.add("last change", when(t.LastChange))
	f.add("next visit", when(t.Due)+": "+t.Why)
	f.add("schedule", t.Schedule)
	f.add("publisher's wish", t.Wish)
	if !t.LastSuccess.IsZero() {
		f.add("validators", validators(t.Validators))
	}
	if t.Push != nil {
		f.add("hub", t.Push.String())
	}
	f.add("readers", strconv.Itoa(t.Readers))
	f.add("articles", fmt.Sprintf("%d in its last document; %d listed, %d held, %d dropped by rules, %d not at their time", t.Offered, t.Listed, t.Held, t.Dropped, t.Unlisted))
	if t.Unread > 0 {
		f.add("", fmt.Sprintf("%d wait for their pages to be read", t.Unread))
	}
	f.add("categories", strings.Join(t.Categories, ", "))
	f.addAll("rules", t.Rules)
	f.addAll("rights", rightsFacts(&t.Rights))
	f.add("robots.txt states", string(t.Usage))
	f.add("licence there", t.License)
	return f
}

func validators(v newswire.Validators) string {
	var parts []string
	if v.ETag != "" {
		parts = append(parts, "ETag "+v.ETag)
	}
	if v.LastModified != "" {
		parts = append(parts, "Last-Modified "+v.LastModified)
	}
	if parts == nil {
		return "none: every visit gets the whole document"
	}
	return strings.Join(parts, ", ")
}

// rightsFacts say rights in lines.
func rightsFacts(r *newswire.Rights) []string {
	out := []string{"policy " + string(r.Policy)}
	if r.Partners != "" {
		out = append(out, "partners get "+string(r.Partners))
	}
	for _, part := range [][2]string{{"licence ", r.License}, {"statement ", r.Statement}, {"contact ", r.Contact}, {"machines: ", string(r.Usage)}} {
		if part[1] != "" {
			out = append(out, part[0]+part[1])
		}
	}
	if r.Embargo > 0 {
		out = append(out, fmt.Sprintf("shown %v after its date", r.Embargo))
	}
	if r.Expires > 0 {
		out = append(out, fmt.Sprintf("shown until %v after its date", r.Expires))
	}
	if shown := shownWhen(r); shown != "" {
		out = append(out, shown)
	}
	return out
}
