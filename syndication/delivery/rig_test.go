package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/sqlitecache"
	"github.com/newswire/newswire/syndication/delivery"
)

// rig is a store whose changes are told to subscribers, in virtual time.
type rig struct {
	*testing.T
	store    *watched
	articles int // that were published

	mu       sync.Mutex // guards what follows
	received map[string][]receipt
	attempts map[string][]time.Time // deliveries, by ID
	atOnce   map[string]int         // of these under way, by group
	most     map[string]int         // of these at any time
}

// receipt is a change as a subscriber got it.
type receipt struct {
	newswire.Change
	at time.Time
}

// inRig runs a test in virtual time.
func inRig(t *testing.T, test func(r *rig)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		store, err := sqlitecache.Open(t.Context(), filepath.Join(dir, "wire.db"), sqlitecache.Options{Hasty: true})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		test(&rig{
			T: t, store: &watched{Store: store}, received: map[string][]receipt{}, attempts: map[string][]time.Time{},
			atOnce: map[string]int{}, most: map[string]int{},
		})
	})
}

// watched counts the calls to a store, and may have them fail.
type watched struct {
	*sqlitecache.Store
	claims, deliveries, wakes, others, reads atomic.Int64
	recorded                                 atomic.Int64 // deliveries
	away                                     atomic.Bool
	onDeliver                                atomic.Pointer[func() error] // in place of Deliver
}

var errAway = errors.New("the store is away")

func (w *watched) call(n *atomic.Int64) error {
	n.Add(1)
	if w.away.Load() {
		return errAway
	}
	return nil
}

// calls is how often the store was called, but for the change log.
func (w *watched) calls() int64 {
	return w.claims.Load() + w.deliveries.Load() + w.wakes.Load() + w.others.Load()
}

func (w *watched) Changes(ctx context.Context, after newswire.Cursor, limit int) ([]newswire.Change, error) {
	if err := w.call(&w.reads); err != nil {
		return nil, err
	}
	return w.Store.Changes(ctx, after, limit)
}

func (w *watched) Wake(ctx context.Context, waking cache.Waking) (newswire.Cursor, error) {
	if err := w.call(&w.wakes); err != nil {
		return "", err
	}
	return w.Store.Wake(ctx, waking)
}

func (w *watched) ClaimSubscriptions(ctx context.Context, c cache.Claiming) ([]cache.SubscriptionClaim, cache.UpcomingSubscription, error) {
	if err := w.call(&w.claims); err != nil {
		return nil, cache.UpcomingSubscription{}, err
	}
	return w.Store.ClaimSubscriptions(ctx, c)
}

func (w *watched) Deliver(ctx context.Context, channel cache.Channel, done ...cache.Delivery) (cache.UpcomingSubscription, error) {
	if err := w.call(&w.deliveries); err != nil {
		return cache.UpcomingSubscription{}, err
	}
	if fault := w.onDeliver.Load(); fault != nil {
		if err := (*fault)(); err != nil {
			return cache.UpcomingSubscription{}, err
		}
	}
	w.recorded.Add(int64(len(done)))
	return w.Store.Deliver(ctx, channel, done...)
}

func (w *watched) ExtendSubscriptions(ctx context.Context, channel cache.Channel, lease time.Duration, claims ...cache.SubscriptionClaim) error {
	if err := w.call(&w.others); err != nil {
		return err
	}
	return w.Store.ExtendSubscriptions(ctx, channel, lease, claims...)
}

func (w *watched) CountSubscriptions(ctx context.Context, q cache.SubscriptionQuery) (int, error) {
	if err := w.call(&w.others); err != nil {
		return 0, err
	}
	return w.Store.CountSubscriptions(ctx, q)
}

func (r *rig) check(err error, format string, args ...any) {
	r.Helper()
	if err != nil {
		r.Fatalf("%s: %v", fmt.Sprintf(format, args...), err)
	}
}

// subscribe stores a subscription to the topic of its group, which its ID begins with.
func (r *rig) subscribe(ids ...string) {
	r.Helper()
	head, err := r.store.Head(r.Context())
	r.check(err, "Head")
	for _, id := range ids {
		group, _, _ := strings.Cut(id, "-")
		r.check(r.store.Subscribe(r.Context(), cache.Subscription{
			Channel: cache.ChannelHub, ID: id, Topics: []newswire.Topic{newswire.All}, Group: group,
			Progress: cache.Progress{Told: string(head)},
		}), "Subscribe(%s)", id)
	}
}

// publish records a visit with as many new articles.
func (r *rig) publish(articles int) {
	r.Helper()
	r.articles += articles
	source := fmt.Sprintf("s%d", r.articles)
	r.check(r.store.Reschedule(r.Context(), source, time.Time{}, time.Now().Add(-time.Second)), "Reschedule")
	leases, err := r.store.Claim(r.Context(), 1, time.Hour, source)
	if err != nil || len(leases) != 1 {
		r.Fatalf("Claim(%s) = %v, %v", source, leases, err)
	}
	visit := newswire.Visit{Source: source, At: time.Now(), State: newswire.State{Source: source}}
	for n := range articles {
		guid := fmt.Sprint(n)
		visit.Articles = append(visit.Articles, newswire.Article{
			ID: newswire.ArticleID(source, guid), Source: source, GUID: guid, Title: "News " + guid, Listed: time.Now(), FirstSeen: time.Now(),
			Revision: 1,
		})
	}
	r.check(r.store.Record(r.Context(), leases[0], visit), "Record")
}

// run runs the loop until the test, or what it returns, ends it.
func (r *rig) run(sender delivery.Sender, o delivery.Options) (d *delivery.Deliverer, stop func()) {
	r.Helper()
	return r.runOn(r.store, sender, o)
}

func (r *rig) runOn(store delivery.Store, sender delivery.Sender, o delivery.Options) (d *delivery.Deliverer, stop func()) {
	r.Helper()
	o.Channel = cache.ChannelHub
	d = delivery.New(store, sender, o)
	ctx, cancel := context.WithCancel(r.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			r.Errorf("Run() = %v, want the end of its context", err)
		}
	})
	r.Cleanup(stop)
	return d, stop
}

// Send implements [delivery.Sender]: the subscriber gets all changes after its mark. How it takes them is in its ID.
func (r *rig) Send(ctx context.Context, sub *cache.Subscription) delivery.Outcome {
	r.attend(sub, 1)
	defer r.attend(sub, -1)
	took, failure := 20*time.Millisecond, error(nil)
	switch {
	case strings.HasPrefix(sub.ID, "dead"):
		took = time.Hour
	case strings.HasPrefix(sub.ID, "dripping"):
		took = 8 * time.Second
	case strings.HasPrefix(sub.ID, "unhurried"):
		took = 800 * time.Millisecond
	case strings.HasPrefix(sub.ID, "refusing"):
		failure = errors.New("the callback answers 500")
	case strings.HasPrefix(sub.ID, "panicking"):
		panic("at the disco")
	}
	select {
	case <-time.After(took):
	case <-ctx.Done():
		failure = ctx.Err()
	}
	if failure != nil {
		return delivery.Outcome{Told: sub.Told, Err: failure, Refused: true}
	}
	changes, err := r.store.Store.Changes(ctx, newswire.Cursor(sub.Told), 10_000)
	if err != nil {
		return delivery.Outcome{Told: sub.Told, Err: err}
	}
	if len(changes) == 0 {
		return delivery.Outcome{Told: sub.Told}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range changes {
		r.received[sub.ID] = append(r.received[sub.ID], receipt{c, time.Now()})
	}
	return delivery.Outcome{Told: string(changes[len(changes)-1].Cursor), Sent: true}
}

// attend counts deliveries as they begin and end.
func (r *rig) attend(sub *cache.Subscription, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n > 0 {
		r.attempts[sub.ID] = append(r.attempts[sub.ID], time.Now())
	}
	r.atOnce[sub.Group] += n
	r.most[sub.Group] = max(r.most[sub.Group], r.atOnce[sub.Group])
}

// got checks that a subscriber has each change that was published, in order, and returns how many it got twice, and how long
// after its record the last one came.
func (r *rig) got(id string) (twice int, last time.Duration) {
	r.Helper()
	r.mu.Lock()
	receipts := slices.Clone(r.received[id])
	r.mu.Unlock()
	seen := map[newswire.Cursor]bool{}
	for _, c := range receipts {
		if seen[c.Cursor] {
			twice++
			continue
		}
		seen[c.Cursor] = true
		last = max(last, c.at.Sub(c.At))
	}
	if len(seen) != r.articles {
		r.Errorf("%s got %d of %d changes", id, len(seen), r.articles)
	}
	return twice, last
}

// latest is how long after its record the last change came to any of these, where each must have all of them, once.
func (r *rig) latest(ids ...string) (last time.Duration) {
	r.Helper()
	for _, id := range ids {
		twice, after := r.got(id)
		if twice > 0 {
			r.Errorf("%s got %d changes twice", id, twice)
		}
		last = max(last, after)
	}
	return last
}

func (r *rig) tries(id string) []time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.attempts[id])
}

// subscription is a subscription as it is stored.
func (r *rig) subscription(id string) cache.Subscription {
	r.Helper()
	sub, err := r.store.Subscription(r.Context(), cache.ChannelHub, id)
	r.check(err, "Subscription(%s)", id)
	return sub
}

// hosts are n IDs, each of a group of its own.
func hosts(prefix string, n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("%s%d-", prefix, i))
	}
	return out
}

// names are n IDs.
func names(prefix string, n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("%s%d", prefix, i))
	}
	return out
}

// quick is a [delivery.Sender] that does nothing.
type quick struct {
	mu   sync.Mutex // guards sent
	sent int
}

func (q *quick) Send(context.Context, *cache.Subscription) delivery.Outcome {
	time.Sleep(time.Millisecond)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sent++
	return delivery.Outcome{Sent: true}
}

func (q *quick) count() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.sent
}
