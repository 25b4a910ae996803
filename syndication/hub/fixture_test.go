package hub_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/delivery"
	"github.com/newswire/newswire/syndication/hub"
	"github.com/newswire/newswire/syndication/internal/webtest"
)

const site = "https://wire.example.org"

// loopback is where the subscribers of tests are.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// list is a store of subscriptions in memory.
type list struct {
	mu     sync.Mutex
	subs   map[string]cache.Subscription
	broken error
	writes int

	pending map[string]cache.Subscription // what is just being verified
}

func (l *list) Subscriptions(_ context.Context, channel cache.Channel, _ newswire.Cursor, _ int) ([]cache.Subscription, newswire.Cursor, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if channel != cache.ChannelHubPending {
		return nil, "", errors.New("this is not asked for")
	}
	return slices.Collect(maps.Values(l.pending)), "", l.broken
}

func newList() *list {
	return &list{subs: map[string]cache.Subscription{}, pending: map[string]cache.Subscription{}}
}

func (l *list) open() error {
	l.writes++
	return l.broken
}

func (l *list) Subscribe(_ context.Context, sub cache.Subscription) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if sub.Channel == cache.ChannelHubPending {
		sub.Since = time.Now()
		l.pending[sub.ID] = sub
		return l.broken
	}
	if err := l.open(); err != nil {
		return err
	}
	if old, ok := l.subs[sub.ID]; ok {
		sub.Progress = old.Progress
	}
	l.subs[sub.ID] = sub
	return nil
}

func (l *list) Unsubscribe(_ context.Context, channel cache.Channel, ids ...string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if channel == cache.ChannelHubPending {
		delete(l.pending, ids[0])
		return l.broken
	}
	if err := l.open(); err != nil {
		return err
	}
	for _, id := range ids {
		delete(l.subs, id)
	}
	return nil
}

func (l *list) Subscription(_ context.Context, _ cache.Channel, id string) (cache.Subscription, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	sub, ok := l.subs[id]
	if !ok {
		return sub, newswire.ErrNotFound
	}
	return sub, nil
}

func (l *list) Rewind(_ context.Context, _ cache.Channel, id, told string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	sub := l.subs[id]
	sub.Progress = cache.Progress{Told: told}
	l.subs[id] = sub
	return l.open()
}

func (l *list) CountSubscriptions(_ context.Context, q cache.SubscriptionQuery) (n int, err error) {
	for _, sub := range l.all() {
		if (q.Group == "" || q.Group == sub.Group) && (q.Topic == "" || slices.Contains(sub.Topics, q.Topic)) {
			n++
		}
	}
	return n, nil
}

func (l *list) all() []cache.Subscription {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []cache.Subscription
	for _, sub := range l.subs {
		all = append(all, sub)
	}
	return all
}

// fail has every call fail from now on; nil ends that.
func (l *list) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken = err
}

// waiting is how many verifications are noted.
func (l *list) waiting() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.pending)
}

// age has what is noted of verifications be older.
func (l *list) age(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, sub := range l.pending {
		sub.Since = sub.Since.Add(-d)
		l.pending[id] = sub
	}
}

// only is the one subscription that there is.
func (l *list) only(t *testing.T) cache.Subscription {
	t.Helper()
	all := l.all()
	if len(all) != 1 {
		t.Fatalf("there are %d subscriptions; want 1", len(all))
	}
	return all[0]
}

// await waits until so many subscriptions are stored.
func (l *list) await(t *testing.T, n int) {
	t.Helper()
	webtest.Until(t, "the subscriptions are stored", func() bool { return len(l.all()) == n })
}

// fixture is a hub of feeds over HTTP.
type fixture struct {
	*hub.Hub
	t     *testing.T
	subs  *list
	shop  *webtest.Shop
	url   string
	feeds hub.Feeds
}

// newFixture starts a hub of the feeds of webtest, with nine articles.
func newFixture(t *testing.T, o hub.Options) *fixture {
	t.Helper()
	shop := webtest.NewShop(webtest.ArticlesFrom(9)...)
	f := newFixtureOf(t, webtest.Serve(t, shop, webtest.Fast), o)
	f.shop = shop
	return f
}

// newFixtureOf starts a hub of some feeds.
func newFixtureOf(t *testing.T, feeds hub.Feeds, o hub.Options) *fixture {
	t.Helper()
	if o.Site == nil {
		o.Site = func() string { return site }
	}
	if o.AllowPrivate == nil {
		o.AllowPrivate = loopback
	}
	subs := newList()
	h := hub.New(subs, feeds, o)
	address, _ := serve(t, h)
	return &fixture{Hub: h, t: t, subs: subs, url: address, feeds: feeds}
}

// serve has a hub run and answer, until end is called or the test ends.
func serve(t *testing.T, h *hub.Hub) (address string, end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = h.Run(ctx)
	}()
	server := httptest.NewServer(h)
	end = func() {
		server.Close()
		cancel()
		<-done
	}
	t.Cleanup(end)
	return server.URL, end
}

// ask posts a form to the hub, and returns the code and the body of its answer.
func (f *fixture) ask(form url.Values) (int, string) {
	f.t.Helper()
	code, _, body := f.post("application/x-www-form-urlencoded", form.Encode())
	return code, body
}

func (f *fixture) post(contentType, body string) (int, http.Header, string) {
	f.t.Helper()
	r, err := http.NewRequestWithContext(f.t.Context(), http.MethodPost, f.url, strings.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		f.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(text)
}

// accepted asks for something that the hub is to accept.
func (f *fixture) accepted(form url.Values) {
	f.t.Helper()
	if code, body := f.ask(form); code != http.StatusAccepted {
		f.t.Fatalf("POST %v: %d %s; want 202", form, code, body)
	}
}

// request is a form with a mode, a topic and a callback, and what else is given as name, value, name, value.
func request(mode, topic, callback string, more ...string) url.Values {
	form := url.Values{"hub.mode": {mode}, "hub.topic": {site + topic}, "hub.callback": {callback}}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

// subscribed subscribes, and waits until that is verified and stored.
func (f *fixture) subscribed(s *subscriber, topic string, more ...string) {
	f.t.Helper()
	n := len(s.asked())
	f.accepted(request("subscribe", topic, s.callback(), more...))
	webtest.Until(f.t, "the subscription is stored", func() bool {
		for _, question := range s.asked()[n:] {
			if question.Get("hub.topic") == site+topic && f.stored(s, question) {
				return true
			}
		}
		return false
	})
}

// stored says whether what a callback was asked for is stored.
func (f *fixture) stored(s *subscriber, question url.Values) bool {
	for _, sub := range f.subs.all() {
		var terms struct {
			Topic, Callback string
			Lease           json.Number
		}
		err := json.Unmarshal(sub.Terms, &terms)
		if err == nil && terms.Topic == question.Get("hub.topic") && terms.Callback == s.callback() && terms.Lease.String() == question.Get("hub.lease_seconds") {
			return true
		}
	}
	return false
}

// publish adds an article, which is newer than all others.
func (f *fixture) publish(slug string, minute int) newswire.Article {
	a := webtest.Article(slug, webtest.At("12:00:00.000").Add(time.Duration(minute)*time.Minute))
	f.shop.Put(a, a.FirstSeen)
	return a
}

// deliver tells every subscriber what there is to tell, once, as the loop of package delivery does.
func (f *fixture) deliver() (outcomes []delivery.Outcome) {
	f.t.Helper()
	for _, sub := range f.subs.all() {
		o := f.Send(f.t.Context(), &sub)
		f.subs.mu.Lock()
		if o.End {
			delete(f.subs.subs, sub.ID)
		} else {
			sub.Told = o.Told
			f.subs.subs[sub.ID] = sub
		}
		f.subs.mu.Unlock()
		outcomes = append(outcomes, o)
	}
	return outcomes
}

// delivered is a notification as a subscriber got it.
type delivered struct {
	header http.Header
	body   string
}

// subscriber is a callback on loopback that agrees to everything, unless it is told otherwise.
type subscriber struct {
	URL string

	mu      sync.Mutex
	verify  func(w http.ResponseWriter, r *http.Request) // default: echo the challenge
	receive func(w http.ResponseWriter, r *http.Request) // default: 204
	gets    []url.Values
	posts   []delivered
}

func newSubscriber(t *testing.T) *subscriber {
	t.Helper()
	return newSubscriberAt(t, "127.0.0.1")
}

// newSubscriberAt is newSubscriber, at another address of loopback, which counts as another host.
func newSubscriberAt(t *testing.T, ip string) *subscriber {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp4", ip+":0")
	if err != nil {
		t.Skipf("no second address of loopback: %v", err)
	}
	s := &subscriber{}
	server := httptest.NewUnstartedServer(s)
	_ = server.Listener.Close()
	server.Listener = l
	server.Start()
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// callback is an address that has a query already.
func (s *subscriber) callback() string { return s.URL + "/push?feed=1" }

func (s *subscriber) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	verify, receive := s.verify, s.receive
	s.mu.Unlock()
	if r.Method == http.MethodPost {
		if receive != nil {
			receive(w, r)
		} else {
			w.WriteHeader(http.StatusNoContent)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.posts = append(s.posts, delivered{r.Header, string(body)})
		return
	}
	if verify != nil {
		verify(w, r)
	} else {
		echo(w, r)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gets = append(s.gets, r.URL.Query())
}

func echo(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, r.URL.Query().Get("hub.challenge"))
}

// when replaces what the subscriber does.
func (s *subscriber) when(verify, receive func(w http.ResponseWriter, r *http.Request)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.verify, s.receive = verify, receive
}

// asked is the questions that the hub has asked.
func (s *subscriber) asked() []url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.gets)
}

// got is what the hub has sent.
func (s *subscriber) got() []delivered {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.posts)
}
