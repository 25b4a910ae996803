package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/pages"
	"github.com/newswire/newswire/syndication/revision"
)

// article answers at /articles/ID: title, excerpt and credit, and the way to the publisher, whose page is the canonical
// one. A withdrawn article is [newswire.ErrWithdrawn].
func (s *Server) article(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if !newswire.ValidID(id) {
		return fmt.Errorf("article %q: %w", id, newswire.ErrNotFound)
	}
	topic := newswire.SourceTopic(newswire.SourceOf(id)) // an article changes with its source
	return s.engine.Show(w, r, revision.Target{Topic: topic, Name: "article " + id, Render: func(ctx context.Context, _ *revision.Draft) (revision.Content, error) {
		d := s.directory()
		a, err := s.lists.store.Article(ctx, id)
		switch {
		case errors.Is(err, newswire.ErrNotFound), errors.Is(err, newswire.ErrWithdrawn):
			return revision.Content{}, fmt.Errorf("article %q: %w", id, err)
		case err != nil:
			return revision.Content{}, fmt.Errorf("article %q: %w: %w", id, errStore, err)
		case a.Phase == newswire.Expired && !a.UnderReview(), a.Public() && a.Rights.Over(s.options.Now()):
			return revision.Content{}, fmt.Errorf("article %q: %w", id, errOver)
		case !a.Public():
			return revision.Content{}, fmt.Errorf("article %q is held, or waits for its time: %w", id, newswire.ErrNotFound)
		}
		a.NoCredit = true // the page says the same itself
		v := wholeView(d, &a)
		if v.Corrected, err = s.lists.corrections(ctx, &a); err != nil {
			return revision.Content{}, fmt.Errorf("article %q: %w: %w", id, errStore, err)
		}
		p := newPage(d, v.Title, "")
		p.Canonical, p.NoIndex = v.URL, true
		// Without a date: a publisher dates a correction as it likes.
		c, err := d.page("article", pages.ArticlePage{Page: p, Article: v}, time.Time{})
		c.Fields = append(d.pageFields(permissions{plays: len(v.Media) > 0 || pages.Plays(v.Whole)}), robotsField)
		c.Until = a.Rights.Until
		c.Fields = append(c.Fields, termsFields([]newswire.Article{a}, "")...)
		return c, err
	}})
}

// corrections are when an article was corrected, oldest first: the dates to which its revisions moved what its publisher
// says of its last update. A revision without a date, or one that readers never saw, is none.
func (l *lists) corrections(ctx context.Context, a *newswire.Article) ([]time.Time, error) {
	if a.Revision < 2 {
		return nil, nil
	}
	revisions, err := l.store.Revisions(ctx, a.ID)
	if errors.Is(err, newswire.ErrNotFound) || errors.Is(err, newswire.ErrWithdrawn) {
		return nil, nil // it went a moment ago, which the change log tells
	}
	if err != nil {
		return nil, err
	}
	var dates []time.Time
	var last time.Time
	for _, r := range append(revisions, *a) {
		if !r.Public() {
			continue
		}
		if at := r.Modified(); at.After(last) {
			if !last.IsZero() {
				dates = append(dates, at)
			}
			last = at
		}
	}
	return dates, nil
}
