package sources

import (
	"context"
	"time"

	"github.com/newswire/newswire"
)

// Articles leave by their age at most a day late, and at most a part of that age.
const (
	maxLate  = 24 * time.Hour
	latePart = 24
)

// sweep drops what is beyond the source's retention. It does not look while nothing can have come to be beyond it: most
// visits bring nothing.
func (v *visiting) sweep(ctx context.Context) (err error) {
	state, at, keep := &v.record.State, v.record.At, v.source.Retention
	quiet := v.record.Offered == nil && len(v.record.Articles) == 0
	if quiet && !state.Swept.IsZero() && state.Kept == keep && !overdue(at.Sub(state.Swept), keep) {
		return nil
	}
	v.result.Dropped, err = v.store.Sweep(ctx, v.claim.Lease, keep)
	state.Kept, state.Swept = keep, time.Time{}
	if quiet {
		state.Swept = at
	}
	return err
}

// overdue says whether an article may have been too old for long, when the last sweep was so long ago.
func overdue(ago time.Duration, keep newswire.Retention) bool {
	return keep.Age > 0 && ago >= min(maxLate, keep.Age/latePart)
}
