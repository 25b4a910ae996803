//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/sqlitecache"
	"github.com/newswire/newswire/syndication/delivery"
	"github.com/newswire/newswire/syndication/hub"
	"github.com/newswire/newswire/syndication/web"
)

const (
	site   = "https://wire.example.org"
	topics = 20
)

// rig is a hub with its store and its subscribers.
type rig struct {
	*subscribers
	store   *counted
	hub     *hub.Hub
	dir     string
	work    *errgroup.Group
	stop    func()
	changes int // that were recorded
}

// counted counts the calls to a store that deliveries need.
type counted struct {
	cache.Store
	calls, deliveries atomic.Int64
}

func (c *counted) Wake(ctx context.Context, w cache.Waking) (newswire.Cursor, error) {
	c.calls.Add(1)
	return c.Store.Wake(ctx, w)
}

func (c *counted) ClaimSubscriptions(ctx context.Context, q cache.Claiming) ([]cache.SubscriptionClaim, cache.UpcomingSubscription, error) {
	c.calls.Add(1)
	return c.Store.ClaimSubscriptions(ctx, q)
}

func (c *counted) Deliver(ctx context.Context, channel cache.Channel, done ...cache.Delivery) (cache.UpcomingSubscription, error) {
	c.calls.Add(1)
	for i := range done {
		if d := &done[i]; d.Progress.Told != d.Claim.Told {
			c.deliveries.Add(1)
		}
	}
	return c.Store.Deliver(ctx, channel, done...)
}

func (c *counted) ExtendSubscriptions(ctx context.Context, channel cache.Channel, lease time.Duration, claims ...cache.SubscriptionClaim) error {
	c.calls.Add(1)
	return c.Store.ExtendSubscriptions(ctx, channel, lease, claims...)
}

func category(n int) string { return fmt.Sprintf("c%d", n) }

// start has a hub run, with its subscribers in a process of their own.
func start(ctx context.Context) (_ *rig, err error) {
	r := &rig{}
	if r.dir, err = os.MkdirTemp("", "push"); err != nil {
		return nil, err
	}
	store, err := sqlitecache.Open(ctx, filepath.Join(r.dir, "wire.db"), sqlitecache.Options{})
	if err != nil {
		return nil, err
	}
	r.store = &counted{Store: store}
	ctx, r.stop = context.WithCancel(ctx)
	if r.subscribers, err = startSubscribers(ctx); err != nil {
		return nil, err
	}
	d := &web.Directory{Site: newswire.Site{Title: "The Wire", URL: site, Language: "en"}}
	for n := range topics {
		d.Categories = append(d.Categories, newswire.Category{ID: category(n), Title: "Category " + category(n)})
	}
	feeds := web.New(r.store, func() *web.Directory { return d }, web.Options{})
	private := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	r.hub = hub.New(r.store, feeds, hub.Options{Site: func() string { return site }, AllowPrivate: private})
	loop := delivery.New(r.store, r.hub, delivery.Options{Channel: cache.ChannelHub})
	r.work, ctx = errgroup.WithContext(ctx)
	r.work.Go(func() error { return feeds.Run(ctx) })
	r.work.Go(func() error { return r.hub.Run(ctx) })
	r.work.Go(func() error { return loop.Run(ctx) })
	return r, nil
}

func (r *rig) close() error {
	r.stop()
	err := r.work.Wait()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	_ = r.command.Wait() // it was interrupted
	return errors.Join(err, r.store.Close(), os.RemoveAll(r.dir))
}

// subscribe has n subscribers ask the hub, and waits until it has verified all of them. Each is a client of its own.
func (r *rig) subscribe(ctx context.Context, n int, topic func(subscriber int) string) error {
	for i := range n {
		form := url.Values{
			"hub.mode": {"subscribe"}, "hub.callback": {r.callback(i)}, "hub.secret": {"a secret of this subscriber"},
			"hub.topic": {site + "/feeds/" + topic(i) + ".atom"},
		}
		for {
			q := httptest.NewRequestWithContext(ctx, http.MethodPost, hub.Path, strings.NewReader(form.Encode()))
			q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			q.RemoteAddr = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 1).String()
			w := httptest.NewRecorder()
			r.hub.ServeHTTP(w, q)
			if w.Code == http.StatusAccepted {
				break
			}
			if w.Code != http.StatusServiceUnavailable && w.Code != http.StatusTooManyRequests {
				return fmt.Errorf("the hub answered %d: %s", w.Code, w.Body)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	for {
		stored, err := r.store.CountSubscriptions(ctx, cache.SubscriptionQuery{Channel: cache.ChannelHub})
		if err != nil || stored >= n {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// publish records a visit with one new article in the categories given.
func (r *rig) publish(ctx context.Context, categories ...string) error {
	r.changes++
	const source = "s"
	due, err := r.store.Due(ctx)
	if err != nil {
		return err
	}
	if err := r.store.Reschedule(ctx, source, due[source], time.Unix(1, 0)); err != nil {
		return err
	}
	leases, err := r.store.Claim(ctx, 1, time.Hour, source)
	if err != nil || len(leases) != 1 {
		return fmt.Errorf("claim: %d leases, %w", len(leases), err)
	}
	now := time.Now()
	guid := fmt.Sprint(r.changes)
	a := newswire.Article{
		ID: newswire.ArticleID(source, guid), Source: source, GUID: guid, Revision: 1, Categories: categories, URL: site + "/" + guid,
		Title: fmt.Sprintf("push-%d-%d", r.changes, now.UnixNano()), Summary: strings.Repeat("Some words of the article. ", 30),
		Published: now, Listed: now, FirstSeen: now,
		Rights: newswire.Rights{Policy: newswire.PolicyFull},
	}
	return r.store.Record(ctx, leases[0], newswire.Visit{
		Source: source, At: now, Articles: []newswire.Article{a}, State: newswire.State{Source: source, Due: now.Add(time.Hour)},
	})
}
