package sources

import (
	"context"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// Articles leave by their age at most a day late, and at most a part of that age.
const (
	maxLate  = 24 * time.Hour
	latePart = 24
)

// sweep drops what is beyond the source's retention. It does not look while nothing can have come to be beyond it: most
// visits bring nothing.
func (a *Aggregator) sweep(ctx context.Context, lease cache.Lease, s *scheduled, v *newswire.Visit) (dropped int, err error) {
	state, quiet := &v.State, v.Offered == nil && len(v.Articles) == 0
	if quiet && !state.Swept.IsZero() && state.Kept == s.Retention && !late(v.At.Sub(state.Swept), s.Retention) {
		return 0, nil
	}
	dropped, err = a.store.Sweep(ctx, lease, s.Retention)
	state.Kept, state.Swept = s.Retention, time.Time{}
	if quiet {
		state.Swept = v.At
	}
	return dropped, err
}

// late says whether an article may have been too old for long, when it was last looked so long ago.
func late(ago time.Duration, keep newswire.Retention) bool {
	return keep.Age > 0 && ago >= min(maxLate, keep.Age/latePart)
}
