package hub_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/sqlitecache"
	"github.com/newswire/newswire/syndication/delivery"
	"github.com/newswire/newswire/syndication/hub"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

// poll is seldom, for a week of virtual time has many.
const poll = time.Hour

// wire is all of it on a real store, in virtual time and without a network.
type wire struct {
	*testing.T
	store *sqlitecache.Store
	web   *web.Server
	hub   *hub.Hub

	callback http.Handler // answers for every host
}

// RoundTrip implements [http.RoundTripper].
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	w.callback.ServeHTTP(rec, r)
	return rec.Result(), nil
}

// onTheWire runs a test with a store, readers and a hub, but without the loop.
func onTheWire(t *testing.T, test func(w *wire)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		store, err := sqlitecache.Open(t.Context(), filepath.Join(dir, "wire.db"), sqlitecache.Options{Hasty: true})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		w := &wire{T: t, store: store, web: web.New(store, webtest.Directory, web.Options{Poll: poll})}
		w.hub = hub.New(store, w.web, hub.Options{Site: func() string { return site }})
		w.hub.Through(w)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = w.web.Run(ctx) })
		running.Go(func() { _ = w.hub.Run(ctx) })
		defer running.Wait()
		defer cancel()
		test(w)
	})
}

// loop runs the loop of deliveries until the returned function is called.
func (w *wire) loop(store delivery.Store) (stop func()) {
	d := delivery.New(store, w.hub, delivery.Options{Channel: cache.ChannelHub, Poll: poll})
	ctx, cancel := context.WithCancel(w.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = d.Run(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

// subscribe has a subscriber subscribe to a topic for a number of seconds.
func (w *wire) subscribe(topic, seconds string) {
	w.Helper()
	form := request("subscribe", topic, "https://reader.example/push", "hub.lease_seconds", seconds)
	r := httptest.NewRequestWithContext(w.Context(), http.MethodPost, hub.Path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	w.hub.ServeHTTP(rec, r)
	if rec.Code != http.StatusAccepted {
		w.Fatalf("subscribe to %s: %d %s", topic, rec.Code, rec.Body)
	}
	synctest.Wait()
}

func (w *wire) publish(slugs ...string) (articles []newswire.Article) {
	w.Helper()
	for _, slug := range slugs {
		a := webtest.Article(slug, time.Now())
		articles = append(articles, a)
		time.Sleep(time.Minute)
	}
	webtest.Record(w.T, w.store, articles[0].Source, articles...)
	return articles
}

// reader is a subscriber that may be away.
type reader struct {
	mu     sync.Mutex
	away   bool
	bodies []string
}

func (s *reader) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.away && r.Method == http.MethodPost:
		w.WriteHeader(http.StatusServiceUnavailable)
	case r.Method == http.MethodPost:
		body, _ := io.ReadAll(r.Body)
		s.bodies = append(s.bodies, string(body))
	default:
		echo(w, r)
	}
}

func (s *reader) leave(away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = away
}

func (s *reader) got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.bodies...)
}

func TestWithdrawalReachesASubscriberThatWasAwayForAWeek(t *testing.T) {
	for _, tt := range []struct {
		name    string
		renewed bool
		within  time.Duration
	}{
		{"at the next attempt", false, 8 * time.Hour},
		{"at once when it subscribes again", true, time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onTheWire(t, func(w *wire) {
				s := &reader{}
				w.callback = s
				first := w.publish("one", "two", "three")
				w.subscribe("/feeds/all.atom", "99999999")
				defer w.loop(w.store)()
				time.Sleep(2 * poll)
				s.leave(true)
				second := w.publish("four", "five")
				time.Sleep(24 * time.Hour)
				for _, a := range []newswire.Article{first[1], second[0]} { // one that it has, and one that it never heard of
					if _, err := w.store.Withdraw(w.Context(), a.ID, "The author asked."); err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(6 * 24 * time.Hour)
				s.leave(false)
				if tt.renewed {
					w.subscribe("/feeds/all.atom", "99999999")
				}
				time.Sleep(tt.within)
				bodies := s.got()
				if len(bodies) != 1 {
					t.Fatalf("%d deliveries; want 1", len(bodies))
				}
				for text, want := range map[string]bool{
					second[1].Title: true, second[0].Title: false, first[1].Title: false, first[0].Title: false,
					`<at:deleted-entry ref="` + first[1].AtomID + `"`: true,
				} {
					if strings.Contains(bodies[0], text) != want {
						t.Errorf("the delivery has %q: %v; want %v\n%s", text, !want, want, bodies[0])
					}
				}
			})
		})
	}
}

// amnesiac is a store to which nothing of a delivery is recorded, as if the process died before.
type amnesiac struct{ *sqlitecache.Store }

func (amnesiac) Deliver(context.Context, cache.Channel, ...cache.Delivery) (cache.UpcomingSubscription, error) {
	return cache.UpcomingSubscription{}, errors.New("killed")
}

func TestDeliveryThatWasNotRecordedIsMadeAgain(t *testing.T) {
	onTheWire(t, func(w *wire) {
		s := &reader{}
		w.callback = s
		w.publish("one")
		w.subscribe("/feeds/all.atom", "99999999")
		stop := w.loop(w.store) // so that the change below is news
		time.Sleep(2 * poll)
		stop()
		stop = w.loop(amnesiac{w.store})
		a := w.publish("two")[0]
		time.Sleep(2 * poll)
		stop()
		killed := len(s.got())
		if killed == 0 {
			t.Fatal("nothing was delivered before the process died")
		}
		defer w.loop(w.store)()
		time.Sleep(6 * poll)
		bodies := s.got()
		if len(bodies) != killed+1 {
			t.Fatalf("%d deliveries, %d of them before the process died; want one more", len(bodies), killed)
		}
		for _, body := range bodies {
			if body != bodies[0] || !strings.Contains(body, a.Title) {
				t.Errorf("a delivery differs, or lacks the change:\n%s", body)
			}
		}
	})
}

func TestLeaseEndsASubscription(t *testing.T) {
	onTheWire(t, func(w *wire) {
		s := &reader{}
		w.callback = s
		w.publish("one")
		w.subscribe("/feeds/all.atom", "86400")
		defer w.loop(w.store)()
		time.Sleep(25 * time.Hour)
		w.publish("two")
		time.Sleep(6 * poll)
		if n := len(s.got()); n != 0 {
			t.Errorf("%d deliveries after the lease", n)
		}
		if n, err := w.store.CountSubscriptions(w.Context(), cache.SubscriptionQuery{Channel: cache.ChannelHub}); n != 0 || err != nil {
			t.Errorf("%d subscriptions left, %v", n, err)
		}
	})
}
