package cachetest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// auditor follows the change log as a partner or a rendered feed does, and judges what it reads.
type auditor struct {
	store  cache.Store
	after  newswire.Cursor
	last   map[string]newswire.Change  // the last change of each article, repeats left out
	topics map[string][]newswire.Topic // where each article was when it was last read
	heard  map[string][]string         // "put 1", "remove 1": the changes of each article, repeats left out

	repeats int // records that were read twice

	// dropping says that retention is at work, so that an article may be gone before the log says so.
	dropping bool
}

func newAuditor(t *tester) *auditor {
	return &auditor{
		store: t.Store, last: map[string]newswire.Change{}, topics: map[string][]newswire.Topic{}, heard: map[string][]string{},
	}
}

// follow reads what is new. The error says which promise of the log is broken.
func (f *auditor) follow(ctx context.Context) error {
	for {
		changes, err := f.store.Changes(ctx, f.after, 5)
		if err != nil {
			return fmt.Errorf("Changes(after %q): %w", f.after, err)
		}
		if len(changes) == 0 {
			return nil
		}
		for _, c := range changes {
			if err := f.hear(ctx, c); err != nil {
				return fmt.Errorf("change %+v: %w", c, err)
			}
			f.after = c.Cursor
		}
	}
}

func (f *auditor) hear(ctx context.Context, c newswire.Change) error {
	last, met := f.last[c.Article]
	switch {
	case met && last.Op == c.Op && last.Revision == c.Revision:
		f.repeats++
		return nil
	case c.Op == newswire.Remove && !met:
		return errors.New("removes an article that was never put")
	case c.Op == newswire.Put && met && last.Op == newswire.Put && c.Revision < last.Revision:
		return fmt.Errorf("goes back from revision %d", last.Revision)
	case !slices.IsSorted(c.Topics):
		return errors.New("its topics are not sorted")
	}
	for _, topic := range f.topics[c.Article] {
		if !slices.Contains(c.Topics, topic) {
			return fmt.Errorf("does not name %s, where the article was", topic)
		}
	}
	f.last[c.Article] = c
	f.heard[c.Article] = append(f.heard[c.Article], fmt.Sprint(c.Op, " ", c.Revision))
	delete(f.topics, c.Article)
	if c.Op == newswire.Remove {
		return nil
	}

	a, err := f.store.Article(ctx, c.Article)
	switch {
	case errors.Is(err, newswire.ErrWithdrawn), f.dropping && errors.Is(err, newswire.ErrNotFound):
		return nil
	case err != nil:
		return err
	case a.Revision < c.Revision:
		return fmt.Errorf("the article is still at revision %d", a.Revision)
	case a.Revision > c.Revision:
		return nil // a later change tells
	case a.Phase != newswire.Open:
		return nil // a removal tells
	}
	for _, topic := range a.Topics() {
		if !slices.Contains(c.Topics, topic) {
			return fmt.Errorf("does not name %s, where the article is", topic)
		}
	}
	f.topics[c.Article] = a.Topics()
	return nil
}

// view is what the follower believes is listed: the revision of each article.
func (f *auditor) view() map[string]int {
	view := map[string]int{}
	for id, c := range f.last {
		if c.Op == newswire.Put {
			view[id] = c.Revision
		}
	}
	return view
}

// check follows to the end, and compares what was read with what is listed. No writer may be at work meanwhile.
func (f *auditor) check(t *tester) {
	t.Helper()
	t.check(f.follow(t.ctx), "follow")
	t.equal("what a follower of the log believes, against what is listed", f.view(), revisions(t.listing(newswire.All)))
}

func revisions(articles []newswire.Article) map[string]int {
	out := map[string]int{}
	for _, a := range articles {
		out[a.ID] = a.Revision
	}
	return out
}
