package sources_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/sourcetest"
	"github.com/newswire/newswire/sources/websub"
)

var errKilled = errors.New("killed")

// dying is a store whose process is killed at a certain call: that and all later ones fail, and do nothing.
type dying struct {
	sources.Store
	left  atomic.Int64 // calls until then
	calls atomic.Int64
}

func (m *dying) dead() error {
	m.calls.Add(1)
	if m.left.Add(-1) < 0 {
		return errKilled
	}
	return nil
}

func (m *dying) States(ctx context.Context, ids ...string) (map[string]newswire.State, error) {
	if err := m.dead(); err != nil {
		return nil, err
	}
	return m.Store.States(ctx, ids...)
}

func (m *dying) Known(ctx context.Context, source string, ids []string) (map[string]cache.Known, error) {
	if err := m.dead(); err != nil {
		return nil, err
	}
	return m.Store.Known(ctx, source, ids)
}

func (m *dying) Reschedule(ctx context.Context, source string, from, to time.Time) error {
	if err := m.dead(); err != nil {
		return err
	}
	return m.Store.Reschedule(ctx, source, from, to)
}

func (m *dying) Claim(ctx context.Context, n int, lease time.Duration, only ...string) ([]cache.Lease, error) {
	if err := m.dead(); err != nil {
		return nil, err
	}
	return m.Store.Claim(ctx, n, lease, only...)
}

func (m *dying) Sweep(ctx context.Context, lease cache.Lease, keep newswire.Retention) (int, error) {
	if err := m.dead(); err != nil {
		return 0, err
	}
	return m.Store.Sweep(ctx, lease, keep)
}

func (m *dying) Enter(ctx context.Context, domain string, lease time.Duration, postpone ...cache.Postponement) (cache.Turn, error) {
	if err := m.dead(); err != nil {
		return cache.Turn{}, err
	}
	return m.Store.Enter(ctx, domain, lease, postpone...)
}

func (m *dying) Leave(ctx context.Context, turn cache.Turn) error {
	if err := m.dead(); err != nil {
		return err
	}
	return m.Store.Leave(ctx, turn)
}

func (m *dying) Record(ctx context.Context, lease cache.Lease, visit newswire.Visit, turns ...cache.Turn) error {
	if err := m.dead(); err != nil {
		return err
	}
	return m.Store.Record(ctx, lease, visit, turns...)
}

// killedAt makes the aggregator of a process that is killed at a call of the store, which does not visit by itself, and has it
// answer hubs.
func (s *subscriber) killedAt(call int) (store *dying, stop func()) {
	s.t.Helper()
	store = &dying{Store: s.store}
	store.left.Store(int64(call))
	ctx, cancel := context.WithCancel(s.t.Context())
	receiver := sources.NewReceiver(sources.NewAggregator(store, s.setup(), sources.Options{}))
	var running sync.WaitGroup
	running.Go(func() { _ = receiver.Run(ctx) })
	s.callbacks.Config.Handler = websub.NewHandler(receiver, websub.Options{})
	return store, func() {
		cancel()
		running.Wait()
	}
}

func TestADeliveryThatWasAcknowledgedOutlivesTheProcess(t *testing.T) {
	s := newSubscriber(t)
	s.pub.Publish(s.feed("0 title0"))
	stop := s.work()
	callback := s.told()
	s.visited()
	items, acknowledged := []string{"0 title0", "two second"}, 0
	for call, done := 0, false; !done && call < 50; call++ {
		stop() // nothing but the process that is killed is at work
		items = append(items, fmt.Sprintf("%d.x title%d.x", call, call))
		s.pub.Publish(s.feed(items...))
		store, kill := s.killedAt(call)
		document := s.feed(items[len(items)-1])
		status := s.hub.Deliver(callback, document, "X-Hub-Signature", sourcetest.Sign("sha256", s.hub.Secret(callback), document))
		kill()
		if done = store.calls.Load() <= int64(call); done { // it was not killed at all
			continue
		}
		stop = s.work()
		s.advance(3 * time.Minute) // the lease of the dead ends
		if status/100 == 2 {
			acknowledged++
			s.until("the article of a delivery that was acknowledged", func() bool {
				return slices.Contains(titles(s.articles("source/a")), fmt.Sprintf("title%d.x", call))
			})
		} else if status != http.StatusServiceUnavailable {
			t.Errorf("killed at call %d the process answered %d; want 503", call, status)
		}
		s.until("the source is no one's", func() bool {
			return s.standing().Why != "it is being visited, or a visit was cut off" && s.nextVisit().After(s.now())
		})
	}
	if acknowledged < 2 {
		t.Errorf("%d deliveries were acknowledged before the process was killed; want some", acknowledged)
	}
}

func TestASubscriptionOutlivesTheProcessThatAsksForIt(t *testing.T) {
	survived := false
	for call := 0; !survived && call < 60; call++ {
		s := newSubscriber(t)
		s.pub.Publish(s.feed("one first"))
		stop := s.work() // which answers the hub all the time
		stop()
		s.killVisits(call, &survived)
		s.advance(3 * time.Minute)
		s.work()
		s.until("a subscription by which the hub signs", func() bool {
			s.advance(20 * time.Minute) // until the next request, if there is to be one
			for callback := range s.hub.Subscribers() {
				document := s.feed("two second")
				s.hub.Deliver(callback, document, "X-Hub-Signature", sourcetest.Sign("sha256", s.hub.Secret(callback), document))
			}
			p := s.push()
			return p.Active(s.now()) && !p.Told.IsZero()
		})
		s.has("first", "second")
	}
	if !survived {
		t.Error("no process survived")
	}
}

// killVisits has a process visit until it is killed at a call of the store, or has subscribed.
func (s *subscriber) killVisits(call int, survived *bool) {
	s.t.Helper()
	store := &dying{Store: s.store}
	store.left.Store(int64(call))
	a := sources.NewAggregator(store, s.setup(), sources.Options{Idle: 10 * time.Millisecond, Tick: 10 * time.Millisecond})
	receiver := sources.NewReceiver(a)
	s.callbacks.Config.Handler = websub.NewHandler(receiver, websub.Options{})
	ctx, cancel := context.WithTimeout(s.t.Context(), 2*time.Minute)
	defer cancel()
	var running sync.WaitGroup
	running.Go(func() { _ = a.Run(ctx) })
	running.Go(func() { _ = receiver.Run(ctx) })
	s.until("it is killed, or has subscribed", func() bool {
		p := s.push()
		*survived = p.Active(s.now())
		return *survived || store.left.Load() < 0
	})
	cancel()
	running.Wait()
}

func TestADeliveryWaitsForTheVisitThatIsUnderWay(t *testing.T) {
	s := newSubscriber(t)
	s.pub.Publish(s.feed("one first"))
	s.work()
	s.told()
	// The visit is answered with what there was before the delivery.
	asked := make(chan struct{})
	s.pub.AnswerOnce(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		time.Sleep(300 * time.Millisecond)
		s.pub.Feed().ServeHTTP(w, r)
	}))
	s.advance(s.nextVisit().Sub(s.now()) + time.Second)
	<-asked
	began := time.Now()
	if status := s.hub.Push(s.feed("three third")); status != http.StatusAccepted {
		t.Errorf("it is answered %d", status)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("the hub waits for %v", took)
	}
	s.has("first", "second", "third")
	for _, r := range s.reported() {
		if r.Outcome == sources.Failed {
			t.Errorf("the visit was void: %+v", r)
		}
	}
}

func TestManyDeliveriesAtOnceAreAllRecorded(t *testing.T) {
	s := newSubscriber(t)
	s.pub.Publish(s.feed("one first"))
	s.work()
	callback := s.subscribed()
	var senders sync.WaitGroup
	want := []string{"first"}
	for n := range 20 {
		title := fmt.Sprintf("t%02d", n)
		want = append(want, title)
		senders.Go(func() {
			document := s.feed(fmt.Sprintf("g%d %s", n, title))
			for s.hub.Deliver(callback, document, "X-Hub-Signature", sourcetest.Sign("sha512", s.hub.Secret(callback), document))/100 != 2 {
				time.Sleep(10 * time.Millisecond)
			}
		})
	}
	senders.Wait()
	s.has(want...)
}

func TestAReplayChangesNothing(t *testing.T) {
	s := newSubscriber(t)
	s.pub.Publish(s.feed("one first"))
	s.work()
	callback := s.subscribed()
	entry := func(title, updated string) string {
		return fmt.Sprintf(`<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:f</id><title>F</title><updated>%s</updated>
<entry><id>urn:two</id><title>%s</title><updated>%[1]s</updated><content>Words.</content></entry></feed>`, updated, title)
	}
	pushed := func(document string) {
		t.Helper()
		before := s.state("a").Noted // Told may stay the same within a millisecond
		s.hub.Deliver(callback, document, "X-Hub-Signature", sourcetest.Sign("sha256", s.hub.Secret(callback), document))
		s.until("it is noted", func() bool { return s.state("a").Noted > before })
	}
	before, after := entry("draft", "2026-01-01T00:00:00Z"), entry("final", "2026-01-02T00:00:00Z")
	for _, document := range []string{before, after, after, before} {
		pushed(document)
	}
	s.has("final", "first")
	for _, a := range s.articles("source/a") {
		if a.Title == "final" && a.Revision != 2 {
			t.Errorf("the article has %d revisions; want 2", a.Revision)
		}
	}
}

func TestWhatAPushLeavesOutIsStillOffered(t *testing.T) {
	s := newSubscriber(t)
	s.source.Retention = newswire.Retention{Age: time.Minute}
	s.pub.Publish(s.feed("one first"))
	s.work()
	s.told()
	s.has("first", "second")
	s.pub.Publish(s.feed("one first", "two second")) // as the hub has said
	s.advance(10 * time.Minute)
	s.hub.Push(s.feed("three third"))
	s.has("first", "second", "third")
}

// counted is a store that counts how often states are read.
type counted struct {
	sources.Store
	reads atomic.Int64
}

func (c *counted) States(ctx context.Context, ids ...string) (map[string]newswire.State, error) {
	c.reads.Add(1)
	return c.Store.States(ctx, ids...)
}

func TestForgeriesReadTheStoreSeldom(t *testing.T) {
	s := newSubscriber(t)
	s.pub.Publish(s.feed("one first"))
	stop := s.work()
	callback := s.subscribed()
	stop()
	store := &counted{Store: s.store}
	receiver := sources.NewReceiver(sources.NewAggregator(store, s.setup(), sources.Options{}))
	var senders sync.WaitGroup
	const of = 4000
	wrong, strange := websub.NewSecret(), 0
	_, right, _ := strings.Cut(callback, "/a.")
	began := time.Now()
	for n := range of {
		senders.Go(func() {
			source, token := "a", wrong
			if n%4 == 0 {
				source = fmt.Sprint("s", n)
			}
			if _, err := receiver.Secrets(t.Context(), source, token); !errors.Is(err, newswire.ErrNotFound) {
				t.Errorf("a wrong token: %v", err)
			}
		})
		strange++
	}
	senders.Wait()
	t.Logf("%d wrong tokens took %v and %d reads of the store", of, time.Since(began), store.reads.Load())
	if reads := store.reads.Load(); reads > of/2 {
		t.Errorf("%d wrong tokens made %d reads of the store", of, reads)
	}
	if secrets, err := receiver.Secrets(t.Context(), "a", right); err != nil || len(secrets) == 0 {
		t.Errorf("after that the right token has %d secrets, %v", len(secrets), err)
	}
}

func TestNoSecretIsReported(t *testing.T) {
	s := newSubscriber(t)
	s.pub.Publish(s.feed("one first"))
	s.work()
	s.told()
	p := s.push()
	said := fmt.Sprintf("%+v %+v %s", s.reported(), s.standing(), s.standing().Push)
	for _, secret := range []string{p.Token, p.Secret} {
		if strings.Contains(said, secret) {
			t.Errorf("a secret is in %s", said)
		}
	}
}
