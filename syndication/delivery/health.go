package delivery

import (
	"context"
	"fmt"
	"time"

	"github.com/newswire/newswire/cache"
)

const (
	// lostAfter is how long the store may be away before an operator is told.
	lostAfter = time.Minute

	// manyFail is how many subscriptions must fail, and how long more than half of all, before an operator is told: one
	// subscriber that is away is its own matter, and most of them at once are ours.
	manyFail    = 10
	manyFailFor = 10 * time.Minute
)

// health is what is known of how deliveries go.
type health struct {
	oldest   time.Time // since when the subscription waits that has waited for the longest; zero where none does
	lost     time.Time // since when the store fails; zero while it answers
	lostWhy  error
	all      int // subscriptions
	failing  int
	many     time.Time // since when too many fail; zero while they do not
	lastFail string    // of the last delivery that failed: which, and why
}

// note hears how a call to the store went.
func (d *Deliverer) note(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case err == nil:
		d.health.lost = time.Time{}
	case d.health.lost.IsZero():
		d.health.lost = d.options.Now()
		fallthrough
	default:
		d.health.lostWhy = err
	}
}

// behind hears what comes next.
func (d *Deliverer) behind(now time.Time, next cache.UpcomingSubscription) {
	var oldest time.Time
	if wait := max(next.Failing, -next.In); wait > 0 {
		oldest = now.Add(-wait)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.health.oldest = oldest
}

// oldest is for how long the subscription has waited that has waited for the longest.
func (d *Deliverer) oldest() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.health.oldest.IsZero() {
		return 0
	}
	return d.options.Now().Sub(d.health.oldest)
}

// noteFailure remembers a delivery that failed, as an example.
func (d *Deliverer) noteFailure(id, why string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.health.lastFail = id + ": " + why
}

// counted hears how many subscriptions there are.
func (d *Deliverer) counted(all, failing int) {
	d.metrics.subscriptions.WithLabelValues("failing").Set(float64(failing))
	d.metrics.subscriptions.WithLabelValues("well").Set(float64(all - failing))
	d.mu.Lock()
	defer d.mu.Unlock()
	h := &d.health
	h.all, h.failing = all, failing
	switch {
	case failing < manyFail || 2*failing <= all:
		h.many = time.Time{}
	case h.many.IsZero():
		h.many = d.options.Now()
	}
}

// Check says why subscribers are not told, where an operator must act. It asks no store and returns at once.
func (d *Deliverer) Check(context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	h, now := &d.health, d.options.Now()
	switch {
	case !h.lost.IsZero() && now.Sub(h.lost) >= lostAfter:
		return fmt.Errorf("no subscriber of %s is told since %s: %w", d.options.Channel, h.lost.UTC().Format(time.RFC3339), h.lostWhy)
	case !h.many.IsZero() && now.Sub(h.many) >= manyFailFor:
		return fmt.Errorf("%d of %d subscribers of %s cannot be told since %s; the last is %s",
			h.failing, h.all, d.options.Channel, h.many.UTC().Format(time.RFC3339), h.lastFail)
	}
	return nil
}
