package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/partner"
)

const (
	keepEvery  = time.Minute      // between two looks at the subscriptions
	keepAgain  = 5 * time.Second  // after a look that failed
	storeCall  = 10 * time.Second // that a call to the store may take
	renewEvery = 10 * time.Minute // how often a process says that its config has a webhook
	orphaned   = 3 * renewEvery   // after which one that no process says so of is in no config
	listAtOnce = 500
)

// Registry is the part of [cache.Store] that a [Keeper] writes.
type Registry interface {
	Head(ctx context.Context) (newswire.Cursor, error)
	Subscribe(ctx context.Context, sub cache.Subscription) error
	Unsubscribe(ctx context.Context, channel cache.Channel, ids ...string) error
	Rewind(ctx context.Context, channel cache.Channel, id, told string) error
	Subscriptions(ctx context.Context, channel cache.Channel, after newswire.Cursor, limit int) ([]cache.Subscription, newswire.Cursor, error)
}

// terms are what is stored of a subscription for the Keeper.
type terms struct {
	Webhook string    `json:"webhook"` // its fingerprint, when a process last read its config
	Seen    time.Time `json:"seen"`    // when a process last had it in its config
}

// KeeperOptions adjust a [Keeper]. The zero value works.
type KeeperOptions struct {
	Changed    func()                // is called when a subscription may be due, such as [delivery.Deliverer.Look]; default: nothing
	Now        func() time.Time      // default time.Now
	Log        *slog.Logger          // default: discard
	Registerer prometheus.Registerer // of its metrics; default: none
}

// Keeper has the store have a subscription for each partner with a webhook, as the config says. A new one begins at the end of
// the log. One that stays keeps its place, also when its url or its categories change.
//
// Several processes share a store, and for a while after a reload they have different configs. So a subscription goes at once
// where a process has seen it leave its config; one that it never knew goes when no process has said for a while that it
// knows it.
type Keeper struct {
	store    Registry
	settings func() *Settings
	options  KeeperOptions
	reloaded chan struct{} // holds a token when the settings may be others

	before *Settings            // at the last look
	met    map[string]struct{}  // subscriptions that this process had in the store
	orphan map[string]firstSeen // subscriptions that it does not know

	mu        sync.Mutex
	endpoints []Endpoint // as they were at the last look
}

// firstSeen is when a Keeper first saw certain terms.
type firstSeen struct {
	terms []byte
	at    time.Time
}

// NewKeeper makes a Keeper. It panics when its metrics are already registered with o.Registerer.
func NewKeeper(store Registry, settings func() *Settings, o KeeperOptions) *Keeper {
	if o.Changed == nil {
		o.Changed = func() {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	k := &Keeper{
		store: store, settings: settings, options: o, reloaded: make(chan struct{}, 1),
		met: map[string]struct{}{}, orphan: map[string]firstSeen{},
	}
	if o.Registerer != nil {
		o.Registerer.MustRegister(gauges{k})
	}
	return k
}

// Reload has the Keeper look at the settings at once.
func (k *Keeper) Reload() {
	select {
	case k.reloaded <- struct{}{}:
	default:
	}
}

// Run keeps the subscriptions until ctx ends, and returns ctx.Err().
func (k *Keeper) Run(ctx context.Context) error {
	for {
		pause := keepEvery
		if err := k.Keep(ctx); err != nil && ctx.Err() == nil {
			k.options.Log.WarnContext(ctx, "webhooks not compared with the config yet", "error", err)
			pause = keepAgain
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-k.reloaded:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// Keep compares the subscriptions with the config once.
func (k *Keeper) Keep(ctx context.Context) error {
	settings := k.settings()
	stored, err := list(ctx, k.store)
	if err != nil {
		return err
	}
	var errs []error
	for id, p := range settings.partners {
		sub, ok := stored[id]
		if ok {
			err = k.renew(ctx, &sub, p, settings != k.before)
		} else {
			stored[id] = cache.Subscription{Channel: cache.ChannelWebhook, ID: id} // for those that watch
			err = k.begin(ctx, p)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("webhook of %s: %w", id, err))
			continue
		}
		k.met[id] = struct{}{}
	}
	for id, sub := range stored {
		if settings.partners[id] == nil {
			if err := k.end(ctx, &sub); err != nil {
				errs = append(errs, fmt.Errorf("webhook of %s, which is in the config no more: %w", id, err))
			}
		}
	}
	k.show(settings, stored)
	if len(errs) == 0 {
		k.before = settings // or else what has changed is looked for again
	}
	return errors.Join(errs...)
}

// list is all subscriptions of webhooks, by ID.
func list(ctx context.Context, store Registry) (map[string]cache.Subscription, error) {
	ctx, cancel := context.WithTimeout(ctx, storeCall)
	defer cancel()
	stored := map[string]cache.Subscription{}
	for after := newswire.Cursor(""); ; {
		some, next, err := store.Subscriptions(ctx, cache.ChannelWebhook, after, listAtOnce)
		if err != nil {
			return nil, fmt.Errorf("list webhooks: %w", err)
		}
		for i := range some {
			stored[some[i].ID] = some[i]
		}
		if after = next; after == "" {
			return stored, nil
		}
	}
}

// begin stores a subscription for a partner that has none. Where there was one a moment ago, the store was emptied.
func (k *Keeper) begin(ctx context.Context, p *partner.Partner) error {
	ctx, cancel := context.WithTimeout(ctx, storeCall)
	defer cancel()
	at := place{Lost: true}
	if _, met := k.met[p.ID]; !met {
		head, err := k.store.Head(ctx)
		if err != nil {
			return err
		}
		at = place{After: head}
	}
	if err := k.subscribe(ctx, p, at, fingerprint(p.Webhook)); err != nil {
		return err
	}
	k.options.Log.InfoContext(ctx, "webhook begins", "partner", p.ID)
	k.options.Changed()
	return nil
}

func (k *Keeper) subscribe(ctx context.Context, p *partner.Partner, at place, print string) error {
	text, err := json.Marshal(terms{print, k.options.Now().UTC()})
	if err != nil {
		return err
	}
	return k.store.Subscribe(ctx, cache.Subscription{
		Channel: cache.ChannelWebhook, ID: p.ID, Topics: topics(p), Terms: text, Progress: cache.Progress{Told: at.String()},
	})
}

// topics are what wakes the subscription of a partner.
func topics(p *partner.Partner) []newswire.Topic {
	if len(p.Categories) == 0 {
		return []newswire.Topic{newswire.All}
	}
	out := make([]newswire.Topic, len(p.Categories))
	for i, id := range p.Categories {
		out[i] = newswire.CategoryTopic(id)
	}
	return out
}

// renew says that the config has a webhook. Where the config was read since the last look and the webhook is another one than
// it was, the partner is told at once what it could not be told before.
func (k *Keeper) renew(ctx context.Context, sub *cache.Subscription, p *partner.Partner, reread bool) error {
	ctx, cancel := context.WithTimeout(ctx, storeCall)
	defer cancel()
	var t terms
	_ = json.Unmarshal(sub.Terms, &t) // none are others
	print := fingerprint(p.Webhook)
	if !reread {
		print = t.Webhook
	}
	changed := print != t.Webhook
	if !reread && k.options.Now().Sub(t.Seen).Abs() < renewEvery {
		return nil
	}
	at := parsePlace(sub.Told) // which counts where another process has just removed it
	if err := k.subscribe(ctx, p, at, print); err != nil || !changed {
		return err
	}
	at.Disabled = ""
	if err := k.store.Rewind(ctx, cache.ChannelWebhook, sub.ID, at.String()); err != nil && !errors.Is(err, newswire.ErrNotFound) {
		return err
	}
	k.options.Log.InfoContext(ctx, "webhook has changed", "partner", p.ID)
	k.options.Changed()
	return nil
}

// end removes a subscription that is in no config.
func (k *Keeper) end(ctx context.Context, sub *cache.Subscription) error {
	now := k.options.Now()
	if k.before == nil || k.before.partners[sub.ID] == nil {
		first, ok := k.orphan[sub.ID]
		if !ok || !bytes.Equal(first.terms, sub.Terms) {
			k.orphan[sub.ID] = firstSeen{sub.Terms, now}
			return nil
		}
		if now.Sub(first.at) < orphaned {
			return nil
		}
	}
	ctx, cancel := context.WithTimeout(ctx, storeCall)
	defer cancel()
	if err := k.store.Unsubscribe(ctx, cache.ChannelWebhook, sub.ID); err != nil {
		return err
	}
	delete(k.orphan, sub.ID)
	delete(k.met, sub.ID)
	k.options.Log.InfoContext(ctx, "webhook ends: it is in the config no more", "partner", sub.ID)
	return nil
}
