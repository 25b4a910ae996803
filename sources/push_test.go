package sources_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/sourcetest"
	"github.com/newswire/newswire/sources/websub"
)

// subscriber is an aggregator at work that hubs can reach, on loopback, with a publisher and its hub.
type subscriber struct {
	*harness
	pub       *sourcetest.Publisher
	hub       *sourcetest.Hub
	callbacks *httptest.Server
	agg       *sources.Aggregator
	source    newswire.Source

	mu       sync.Mutex // guards what follows
	results  []sources.Result
	outcomes map[websub.Outcome]int
}

// newSubscriber makes one that is not at work yet.
func newSubscriber(t *testing.T) *subscriber {
	s := &subscriber{
		harness: newHarness(t), pub: sourcetest.NewPublisher(t, ""), hub: sourcetest.NewHub(t), outcomes: map[websub.Outcome]int{},
	}
	s.source = newswire.Source{
		ID: "a", URL: s.pub.URL(), Schedule: "@every 1h", Rights: newswire.Rights{Policy: newswire.PolicyFull},
	}
	return s
}

// named is a feed that names a hub and itself in its body.
func (s *subscriber) named(hub, self string, items ...string) string {
	links := fmt.Sprintf(`<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href=%q/><atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href=%q/>`, hub, self)
	return strings.Replace(rss(items...), "<channel>", "<channel>"+links, 1)
}

// feed is a feed of items that names the hub.
func (s *subscriber) feed(items ...string) string { return s.named(s.hub.URL(), s.pub.URL(), items...) }

// work has the aggregator and the receiver work until the returned function is called, or the test ends.
func (s *subscriber) work() (stop func()) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	receiver, handler := s.receiver()
	if s.callbacks == nil {
		s.callbacks = httptest.NewServer(handler)
		s.t.Cleanup(s.callbacks.Close)
		s.agg.Replace(s.setup())
	} else {
		s.callbacks.Config.Handler = handler
	}
	var running sync.WaitGroup
	running.Go(func() { _ = s.agg.Run(ctx) })
	running.Go(func() { _ = receiver.Run(ctx) })
	stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
	})
	s.t.Cleanup(stop)
	return stop
}

// receiver makes an aggregator and its receiver.
func (s *subscriber) receiver() (*sources.Receiver, http.Handler) {
	s.t.Helper()
	o := s.options
	o.Idle, o.Tick = 20*time.Millisecond, 20*time.Millisecond
	o.Jitter = func(time.Duration) time.Duration { return 0 }
	o.Report = func(r sources.Result) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.results = append(s.results, r)
	}
	s.agg = sources.NewAggregator(s.store, s.setup(), o)
	receiver := sources.NewReceiver(s.agg)
	return receiver, websub.NewHandler(receiver, websub.Options{MaxBytes: 1 << 20, Timeout: time.Minute, Report: func(o websub.Outcome) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.outcomes[o]++
	}})
}

func (s *subscriber) setup() sources.Setup {
	catalog, err := sources.NewCatalog([]newswire.Source{s.source}, nil, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	setup := sources.Setup{Catalog: catalog, Fetcher: s.client}
	if s.callbacks != nil {
		setup.Push = &sources.Push{Site: s.callbacks.URL, Poster: s.client}
	}
	return setup
}

// until waits for something to hold.
func (s *subscriber) until(what string, holds func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("in vain: %s; the state is %+v, the results are %+v", what, s.state("a"), s.reported())
		}
	}
}

func (s *subscriber) reported() []sources.Result {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.results)
}

func (s *subscriber) count(o websub.Outcome) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.outcomes[o]
}

// subscribed waits for a subscription, and returns its callback.
func (s *subscriber) subscribed() string {
	s.t.Helper()
	s.until("a subscription", func() bool { return s.push().Secret != "" && len(s.hub.Subscribers()) > 0 })
	for callback := range s.hub.Subscribers() {
		return callback
	}
	return ""
}

func (s *subscriber) push() newswire.Push { return s.state("a").Push }

// has waits for articles with these titles, and no others.
func (s *subscriber) has(want ...string) {
	s.t.Helper()
	s.until(fmt.Sprint("articles ", want), func() bool {
		got := titles(s.articles("source/a"))
		slices.Sort(got)
		return slices.Equal(got, want)
	})
}

// visits counts requests for the feed.
func (s *subscriber) visits() int { return len(s.pub.Requests()) }

func TestAPushedEntryIsRecordedAtOnce(t *testing.T) {
	s := newSubscriber(t)
	s.pub.Publish(s.feed("one first"))
	s.work()
	s.subscribed()
	before := s.visits()
	if status := s.hub.Push(s.feed("two second")); status != http.StatusAccepted {
		t.Errorf("the hub is answered %d; want 202", status)
	}
	s.has("first", "second")
	if s.visits() != before {
		t.Errorf("the publisher was visited for what the hub had sent")
	}
	s.until("the state says what the hub did", func() bool { return !s.push().Told.IsZero() && !s.push().Since.IsZero() })
}
