package sources

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/parse"
)

// What a tombstone says where the publisher gives no reason.
const (
	saysSo   = "its publisher has withdrawn it"
	pageGone = "its publisher has taken the page down for good (410 Gone)"
)

// maxAtOnce is how many articles a publisher may always withdraw in one document. A withdrawal is for ever, and a feed that
// is broken or hacked must not empty the store: more than these are followed only if they are not more than half of the
// source's articles.
const maxAtOnce = 20

// withdrawals follows what a document says its publisher has withdrawn. It returns the articles that are not to be
// published, by ID: those that were withdrawn, and those that the same document offers and withdraws. Of an article that was
// never met nothing is stored: a later document that offers it, and does not withdraw it, counts.
//
// It comes before the visit is recorded, so that a visit that is cut short is repeated and finishes it. It needs no
// lease: the publisher's word is as good when another worker has heard it too.
func (v *visiting) withdrawals(ctx context.Context, deleted []parse.Deletion) (gone map[string]bool, err error) {
	s, state := v.source, &v.record.State
	doubted := state.Doubted
	state.Doubted = false
	if s.Withdrawals == newswire.TrustNone || len(deleted) == 0 {
		return nil, nil
	}
	ids := make([]string, len(deleted))
	for i, d := range deleted {
		ids[i] = newswire.ArticleID(s.ID, d.GUID)
	}
	known, err := v.store.Known(ctx, s.ID, ids)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errStore, err)
	}
	gone = map[string]bool{}
	reasons := map[string]string{}
	for i, id := range ids {
		gone[id] = true
		if k, met := known[id]; met && !k.Withdrawn {
			reasons[id] = cmp.Or(deleted[i].Reason, saysSo)
		}
	}
	if state.Doubted, err = v.tooMany(ctx, len(reasons), doubted); err != nil {
		return nil, err
	}
	if state.Doubted {
		v.result.Doubted = len(reasons)
		for id := range reasons {
			delete(gone, id)
		}
		return gone, nil
	}
	for _, id := range ids {
		if reason := reasons[id]; reason != "" {
			if err := v.withdraw(ctx, id, reason); err != nil {
				return nil, err
			}
		}
	}
	return gone, nil
}

// tooMany says whether n articles of a source are too many to be withdrawn at once. What was in doubt before stays so: new
// articles do not make it any better.
func (v *visiting) tooMany(ctx context.Context, n int, doubted bool) (bool, error) {
	if n <= maxAtOnce || v.source.Withdrawals == newswire.TrustAll {
		return false, nil
	}
	if doubted {
		return true, nil
	}
	there := 0
	for _, topic := range v.source.topics() {
		for _, err := range listed(ctx, v.store, topic) {
			if err != nil {
				return false, fmt.Errorf("%w: %w", errStore, err)
			}
			if there++; there >= 2*n {
				return false, nil
			}
		}
	}
	return true, nil
}

// doubtful says what an operator can do about withdrawals that were not followed.
func doubtful(n int) string {
	return fmt.Sprintf("the publisher withdraws %d articles at once, more than half of what is here: nothing was withdrawn; "+
		"if that is right, set withdrawals: all for this source", n)
}

// withdraw withdraws an article by its publisher's word, if there is one.
func (v *visiting) withdraw(ctx context.Context, id, reason string) error {
	v.tracer.Recording(ctx, v.source.ID)
	switch _, err := v.store.Withdraw(ctx, id, reason); {
	case errors.Is(err, newswire.ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("%w: %w", errStore, err)
	}
	v.result.Withdrawn++
	return nil
}
