package webhook_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache"
	"github.com/newswire/newswire/cache/rediscache/redistest"
	"github.com/newswire/newswire/syndication/delivery"
	"github.com/newswire/newswire/syndication/delivery/post"
	"github.com/newswire/newswire/syndication/partner"
	"github.com/newswire/newswire/syndication/webhook"
)

// fullStore is what a process that tells partners needs.
type fullStore interface {
	webhook.Store
	cache.Subscriptions
}

// seldom is how often processes look at the log in virtual time, of which there is much.
const seldom = 20 * time.Second

// process is one that tells partners.
type process struct {
	keeper *webhook.Keeper
	end    func()
}

// start has a process run until the test, or the process's end. It looks at the log every so often.
func (r *rig) start(store fullStore, poll time.Duration) *process {
	r.Helper()
	settings := func() *webhook.Settings { return r.current() }
	sender := webhook.NewSender(store, settings, webhook.Options{})
	d := delivery.New(store, sender, delivery.Options{Channel: cache.ChannelWebhook, Poll: poll, MinBackoff: time.Second})
	p := &process{keeper: webhook.NewKeeper(store, settings, webhook.KeeperOptions{Changed: d.Look})}
	for p.keeper.Keep(r.Context()) != nil { // the store may fail at random
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithCancel(r.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = d.Run(ctx) })
	running.Go(func() { _ = p.keeper.Run(ctx) })
	p.end = sync.OnceFunc(func() {
		cancel()
		running.Wait()
	})
	r.Cleanup(p.end)
	return p
}

// expect checks that the changes that were accepted are all that the log has, in order, repeats left out. It returns
// the messages.
func (r *rig) expect() []message {
	r.Helper()
	var want []string
	for after := newswire.Cursor(""); ; {
		some, err := r.store.Changes(r.Context(), after, 1000)
		if err != nil {
			r.Fatal(err)
		}
		if len(some) == 0 {
			break
		}
		for _, c := range some {
			want = append(want, string(c.Cursor))
			after = c.Cursor
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := map[string]bool{}
	n := 0
	for _, m := range r.accepted {
		for _, c := range m.Data.Changes {
			switch {
			case seen[c.Cursor]:
			case n == len(want) || want[n] != c.Cursor:
				r.Fatalf("change %d is %s, out of order", n, c.Cursor)
			default:
				seen[c.Cursor] = true
				n++
			}
		}
	}
	if n != len(want) {
		r.Errorf("%d of %d changes were told", n, len(want))
	}
	return r.accepted
}

// acceptedChanges is how many changes came, repeats and all.
func (r *rig) acceptedChanges() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.accepted {
		n += len(m.Data.Changes)
	}
	return n
}

// inVirtualTime runs a test with a partner outside of virtual time, where its network is.
func inVirtualTime(t *testing.T, test func(r *rig)) {
	t.Helper()
	to, dir := newReceiver(t), t.TempDir()
	synctest.Test(t, func(t *testing.T) { test(newRigFor(t, to, filepath.Join(dir, "wire.db"), 10)) })
}

func TestAnEndpointThatWasDeadForAWeekGetsAllInOrder(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		const poll = 10 * time.Minute // a week has many
		r.start(r.store, poll)
		alive := r.publish(3)
		time.Sleep(2 * poll)
		if n := r.acceptedChanges(); n != 3 {
			r.Fatalf("%d changes told, want 3", n)
		}
		answers := []int{http.StatusInternalServerError, http.StatusNotFound, http.StatusMovedPermanently, http.StatusUnauthorized}
		for day := range 7 {
			r.refuse(answers[day%len(answers)])
			r.publish(10)
			time.Sleep(24 * time.Hour)
		}
		if _, err := r.store.Withdraw(r.Context(), alive[0].ID, "a mistake"); err != nil {
			r.Fatal(err)
		}
		time.Sleep(time.Hour)
		if n := len(r.messages); n > 60 {
			r.Errorf("a dead endpoint was asked %d times in a week", n)
		}
		r.refuse(0)
		time.Sleep(8 * time.Hour) // the longest backoff, and a quarter more
		last := r.expect()
		if m := last[len(last)-1]; m.Type != "article.remove" || m.Data.Changes[0].Article != alive[0].ID {
			r.Errorf("the last message is %s %+v, want the withdrawal", m.Type, m.Data)
		}
		if _, err := r.store.Withdraw(r.Context(), alive[1].ID, "another"); err != nil {
			r.Fatal(err)
		}
		time.Sleep(2 * poll)
		if again := r.expect(); len(again) != len(last)+1 {
			r.Errorf("a withdrawal is told by %d messages, want 1", len(again)-len(last))
		}
	})
}

func TestABurstIsToldInFewMessages(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		w := *r.partner.Webhook
		w.Batch = 100
		r.configure(partner.Partner{ID: "acme", Webhook: &w})
		r.start(r.store, seldom)
		for range 20 {
			r.publish(50)
		}
		time.Sleep(time.Minute)
		if n := len(r.expect()); n > 30 {
			r.Errorf("1000 changes in %d messages of at most 100", n)
		}
	})
}

func TestAfterRetryAfterTheEndpointIsAskedAgain(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		r.refuse(http.StatusServiceUnavailable, "Retry-After", "7200")
		r.start(r.store, seldom)
		r.publish(1)
		time.Sleep(119 * time.Minute)
		if n := len(r.messages); n != 1 {
			r.Errorf("asked %d times in the two hours that it wanted to rest, want 1", n)
		}
		r.refuse(0)
		time.Sleep(2 * time.Minute)
		r.expect()
	})
}

// weak is a store that fails at random, before a call or after it.
type weak struct {
	cache.Store
	off atomic.Bool
}

var errWeak = errors.New("the store failed at random")

func strike[T any](w *weak, call func() (T, error)) (T, error) {
	var none T
	if !w.off.Load() && rand.IntN(8) == 0 {
		return none, errWeak
	}
	v, err := call()
	if err == nil && !w.off.Load() && rand.IntN(8) == 0 {
		return none, errWeak
	}
	return v, err
}

func (w *weak) Changes(ctx context.Context, after newswire.Cursor, limit int) ([]newswire.Change, error) {
	return strike(w, func() ([]newswire.Change, error) { return w.Store.Changes(ctx, after, limit) })
}

func (w *weak) Head(ctx context.Context) (newswire.Cursor, error) {
	return strike(w, func() (newswire.Cursor, error) { return w.Store.Head(ctx) })
}

func (w *weak) Article(ctx context.Context, id string) (newswire.Article, error) {
	return strike(w, func() (newswire.Article, error) { return w.Store.Article(ctx, id) })
}

func (w *weak) Subscribe(ctx context.Context, sub cache.Subscription) error {
	_, err := strike(w, func() (bool, error) { return true, w.Store.Subscribe(ctx, sub) })
	return err
}

func (w *weak) Wake(ctx context.Context, waking cache.Waking) (newswire.Cursor, error) {
	return strike(w, func() (newswire.Cursor, error) { return w.Store.Wake(ctx, waking) })
}

func (w *weak) Deliver(ctx context.Context, channel cache.Channel, done ...cache.Delivery) (cache.UpcomingSubscription, error) {
	return strike(w, func() (cache.UpcomingSubscription, error) { return w.Store.Deliver(ctx, channel, done...) })
}

func TestNothingIsLostToAStoreThatFailsAtRandom(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		store := &weak{Store: r.store}
		p := r.start(store, seldom)
		for range 30 {
			articles := r.publish(7)
			time.Sleep(time.Duration(rand.Int64N(int64(3 * time.Second))))
			if _, err := r.store.Withdraw(r.Context(), articles[3].ID, "a mistake"); err != nil {
				r.Fatal(err)
			}
			switch rand.IntN(3) {
			case 0:
				r.refuse(http.StatusBadGateway)
			case 1:
				r.refuse(0)
			case 2:
				p.end()
				p = r.start(store, seldom)
			}
		}
		store.off.Store(true)
		r.refuse(0)
		time.Sleep(10 * time.Hour)
		r.expect()
	})
}

// TestTwoProcessesTellOneAtATime has two processes share a store, in real time.
func TestTwoProcessesTellOneAtATime(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "wire.db")
		shared(t, func() cache.Store { return open(t, file) })
	})
	t.Run("redis", func(t *testing.T) {
		server := redistest.Start(t, redistest.Options{})
		shared(t, func() cache.Store {
			store, err := rediscache.Open(t.Context(), server.URL(), rediscache.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = store.Close() })
			return store
		})
	})
}

func shared(t *testing.T, open func() cache.Store) {
	r := newRigOn(t, newReceiver(t), open(), 3)
	var under, most atomic.Int32
	r.answer = func(w http.ResponseWriter) {
		w.WriteHeader(http.StatusNoContent)
		r.accepted = append(r.accepted, r.messages[len(r.messages)-1])
	}
	inner := r.http.Config.Handler
	r.http.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		most.Store(max(most.Load(), under.Add(1)))
		defer under.Add(-1)
		time.Sleep(time.Millisecond)
		inner.ServeHTTP(w, request)
	})
	r.start(r.store, 10*time.Millisecond)
	r.start(open(), 10*time.Millisecond)
	for range 20 {
		r.publish(7)
		time.Sleep(5 * time.Millisecond)
	}
	for deadline := time.Now().Add(20 * time.Second); r.acceptedChanges() < 140 && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	r.expect()
	if most.Load() != 1 {
		t.Errorf("%d messages at once to one partner", most.Load())
	}
	if n := r.acceptedChanges(); n != 140 {
		t.Errorf("%d changes told, want each once: 140", n)
	}
}

// current is the settings that processes have.
func (r *rig) current() *webhook.Settings {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.settings
}

// reconfigure gives the processes other settings, with these partners.
func (r *rig) reconfigure(partners ...partner.Partner) {
	s := webhook.NewSettings(site, partners, post.NewClient(post.Options{AllowPrivate: loopback}))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settings = s
}
