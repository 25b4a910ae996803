package stores

import (
	"context"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// Subscribe implements [cache.Subscriptions], as do the methods that follow: those that subscribers are answered with.
func (p *Pending) Subscribe(ctx context.Context, sub cache.Subscription) error {
	store, err := p.get()
	if err != nil {
		return err
	}
	return store.Subscribe(ctx, sub)
}

// Unsubscribe implements [cache.Subscriptions].
func (p *Pending) Unsubscribe(ctx context.Context, channel cache.Channel, ids ...string) error {
	store, err := p.get()
	if err != nil {
		return err
	}
	return store.Unsubscribe(ctx, channel, ids...)
}

// Subscription implements [cache.Subscriptions].
func (p *Pending) Subscription(ctx context.Context, channel cache.Channel, id string) (cache.Subscription, error) {
	return from(p, func(store cache.Store) (cache.Subscription, error) { return store.Subscription(ctx, channel, id) })
}

// Subscriptions implements [cache.Subscriptions].
func (p *Pending) Subscriptions(ctx context.Context, channel cache.Channel, after newswire.Cursor, limit int) (found []cache.Subscription, next newswire.Cursor, err error) {
	found, err = from(p, func(store cache.Store) (found []cache.Subscription, err error) {
		found, next, err = store.Subscriptions(ctx, channel, after, limit)
		return found, err
	})
	return found, next, err
}

// CountSubscriptions implements [cache.Subscriptions].
func (p *Pending) CountSubscriptions(ctx context.Context, q cache.SubscriptionQuery) (int, error) {
	return from(p, func(store cache.Store) (int, error) { return store.CountSubscriptions(ctx, q) })
}

// Subscribe implements [cache.Writer], as do the methods that follow.
func (s watched) Subscribe(ctx context.Context, sub cache.Subscription) error {
	return s.noted(ctx, "subscribe", s.store.Subscribe(ctx, sub))
}

func (s watched) Unsubscribe(ctx context.Context, channel cache.Channel, ids ...string) error {
	return s.noted(ctx, "unsubscribe", s.store.Unsubscribe(ctx, channel, ids...))
}

func (s watched) Wake(ctx context.Context, w cache.Waking) (newswire.Cursor, error) {
	woken, err := s.store.Wake(ctx, w)
	return woken, s.noted(ctx, "wake", err)
}

func (s watched) ClaimSubscriptions(
	ctx context.Context, c cache.Claiming,
) ([]cache.SubscriptionClaim, cache.UpcomingSubscription, error) {
	claims, next, err := s.store.ClaimSubscriptions(ctx, c)
	return claims, next, s.noted(ctx, "claim_subscriptions", err)
}

func (s watched) ExtendSubscriptions(
	ctx context.Context, channel cache.Channel, lease time.Duration, claims ...cache.SubscriptionClaim,
) error {
	return s.noted(ctx, "extend_subscriptions", s.store.ExtendSubscriptions(ctx, channel, lease, claims...))
}

func (s watched) Deliver(ctx context.Context, channel cache.Channel, done ...cache.Delivery) (cache.UpcomingSubscription, error) {
	next, err := s.store.Deliver(ctx, channel, done...)
	return next, s.noted(ctx, "deliver", err)
}

func (s watched) Rewind(ctx context.Context, channel cache.Channel, id, told string) error {
	return s.noted(ctx, "rewind", s.store.Rewind(ctx, channel, id, told))
}

// Rewind implements [cache.Store].
func (p *Pending) Rewind(ctx context.Context, channel cache.Channel, id, told string) error {
	store, err := p.get()
	if err != nil {
		return err
	}
	return store.Rewind(ctx, channel, id, told)
}
