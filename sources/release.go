package sources

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// ReviewStore is what an operator's decisions over held articles need of the cache.
type ReviewStore interface {
	cache.Articles
	cache.Visits
	cache.Schedule
}

// DropStore is what [Drop] needs of the cache.
type DropStore interface {
	cache.Articles
	cache.Tombstones
}

var (
	// ErrNotHeld says that an article is not held: readers see it already.
	ErrNotHeld = errors.New("not held")

	// ErrVisited says that the article's source is being visited at this moment: try again.
	ErrVisited = errors.New("the source is just being visited")
)

const (
	// releaseLease is how long a release may take; a source whose release crashed comes due again after that.
	releaseLease = 30 * time.Second

	// remakeAfter is when a visit that a release has made void is made again: its publisher may just have been asked.
	remakeAfter = 10 * time.Second
)

// Held returns all articles that wait for the operator's review, by source, newest first.
func Held(ctx context.Context, store cache.Articles) ([]newswire.Article, error) {
	return ofKind(ctx, store, newswire.KindHeld, func(a *newswire.Article) bool { return a.Held != newswire.DroppedByRule })
}

// Dropped returns all articles that a rule drops, likewise.
func Dropped(ctx context.Context, store cache.Articles) ([]newswire.Article, error) {
	return ofKind(ctx, store, newswire.KindHeld, func(a *newswire.Article) bool { return a.Held == newswire.DroppedByRule })
}

// Unlisted returns all articles that wait for their time or are past it, by source, newest first.
func Unlisted(ctx context.Context, store cache.Articles) ([]newswire.Article, error) {
	return ofKind(ctx, store, newswire.KindUnlisted, func(*newswire.Article) bool { return true })
}

// ofKind returns those articles of the topics of a kind that are wanted.
func ofKind(ctx context.Context, store cache.Articles, kind newswire.Kind, wanted func(*newswire.Article) bool) ([]newswire.Article, error) {
	var all []newswire.Article
	for after := newswire.Cursor(""); ; {
		topics, next, err := store.Topics(ctx, kind, after, pageOf)
		if err != nil {
			return nil, err
		}
		for _, l := range topics {
			for article, err := range listed(ctx, store, l.Topic) {
				if err != nil {
					return nil, err
				}
				if wanted(&article) {
					all = append(all, article)
				}
			}
		}
		if after = next; after == "" {
			return all, nil
		}
	}
}

// Release publishes an article that is held, as its next revision. It stays published while its publisher offers the same
// text; a changed one is judged again. The source's due time is what it was; a visit that is under way is void, and made
// again soon. The error may wrap ErrNotHeld, ErrVisited, [newswire.ErrNotFound] or [newswire.ErrWithdrawn].
func Release(ctx context.Context, store ReviewStore, id string) (_ newswire.Article, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("release %s: %w", id, err)
		}
	}()
	if _, err := heldArticle(ctx, store, id); err != nil {
		return newswire.Article{}, err
	}
	loan, err := borrow(ctx, store, newswire.SourceOf(id))
	if err != nil {
		return newswire.Article{}, err
	}
	// While a visit is under way, the due time is where its lease ends.
	state := loan.state
	state.Due = earlier(loan.due, later(state.Due, loan.lease.At.Add(remakeAfter)))
	visit := newswire.Visit{Source: loan.lease.Source, At: loan.lease.At, State: state}
	article, err := heldArticle(ctx, store, id) // a visit may have changed it since
	if err == nil {
		article.Released = true
		article.Revision++
		visit.Articles = []newswire.Article{article}
	}
	return article, errors.Join(err, store.Record(ctx, loan.lease, visit))
}

// loan is a source's lease for what is not a visit.
type loan struct {
	lease cache.Lease
	state newswire.State
	due   time.Time // what it was before; while a visit was under way, when that lease would have ended
}

// borrowTries is how often a source is tried to be borrowed. Each time, the lease of the worker that was quicker is voided.
const borrowTries = 5

// borrow takes the lease of a source for a change that is not a visit, so that no visit comes in between: one that is under
// way is void. ErrVisited when other workers were quicker each time.
func borrow(ctx context.Context, store PauseStore, source string) (l loan, err error) {
	for range borrowTries {
		if l, err = tryBorrow(ctx, store, source); !errors.Is(err, ErrVisited) {
			break
		}
	}
	return l, err
}

// tryBorrow makes the source due for a moment, and claims it. Between the two, another worker may claim it: ErrVisited.
func tryBorrow(ctx context.Context, store PauseStore, source string) (l loan, err error) {
	index, err := store.Due(ctx, source)
	if err != nil {
		return l, err
	}
	l.due = index[source]
	if err := store.Reschedule(ctx, source, l.due, taken); err != nil {
		return l, err
	}
	leases, err := store.Claim(ctx, 1, releaseLease, source)
	if err != nil {
		return l, err
	}
	if len(leases) == 0 {
		return l, ErrVisited
	}
	l.lease = leases[0]
	states, err := store.States(ctx, source)
	l.state = states[source]
	return l, err
}

// Drop withdraws an article that is held, so that it stays away however often it is offered. The error may wrap ErrNotHeld,
// [newswire.ErrNotFound] or [newswire.ErrWithdrawn].
func Drop(ctx context.Context, store DropStore, id, reason string) (newswire.Tombstone, error) {
	_, err := heldArticle(ctx, store, id)
	if err != nil {
		return newswire.Tombstone{}, fmt.Errorf("drop %s: %w", id, err)
	}
	return store.Withdraw(ctx, id, reason)
}

func heldArticle(ctx context.Context, store cache.Articles, id string) (newswire.Article, error) {
	article, err := store.Article(ctx, id)
	if err == nil && !article.UnderReview() {
		err = ErrNotHeld
	}
	return article, err
}
