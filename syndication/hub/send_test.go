package hub_test

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // a method of WebSub
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/delivery"
	"github.com/newswire/newswire/syndication/hub"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

func answering(code int, fields ...string) func(w http.ResponseWriter, r *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(fields); i += 2 {
			w.Header().Set(fields[i], fields[i+1])
		}
		w.WriteHeader(code)
	}
}

// answers are what callbacks answer to a delivery, and what comes of it. The Err is a part of what the operator reads.
var answers = []struct {
	name    string
	answer  func(w http.ResponseWriter, r *http.Request)
	want    delivery.Outcome
	err     string
	timeout time.Duration // where it is waited for: so short that the test is not long, and so long that an answer comes
}{
	{"200", answering(200), delivery.Outcome{Sent: true}, "", 0},
	{"299", answering(299), delivery.Outcome{Sent: true}, "", 0},
	{"410 ends it", answering(410), delivery.Outcome{End: true}, "", 0},
	{"404", answering(404), delivery.Outcome{Refused: true}, "answered 404", 0},
	{"500", answering(500), delivery.Outcome{Refused: true}, "answered 500", 0},
	{"429 with a pause", answering(429, "Retry-After", "120"), delivery.Outcome{Refused: true, Retry: 2 * time.Minute}, "answered 429", 0},
	{"503 with a pause of a year", answering(503, "Retry-After", "31536000"), delivery.Outcome{Refused: true, Retry: 24 * time.Hour}, "answered 503", 0},
	{"503 with nonsense", answering(503, "Retry-After", "soon"), delivery.Outcome{Refused: true}, "answered 503", 0},
	{"a redirect", answering(307, "Location", "/elsewhere"), delivery.Outcome{Refused: true}, "redirects are not followed", 0},
	{"a cut connection", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, delivery.Outcome{}, "EOF", 0},
	{"a header without an end", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
	}, delivery.Outcome{}, "header", 0},
	{"no answer", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, delivery.Outcome{}, "deadline", 200 * time.Millisecond},
	{"an answer by drops", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, ".")
			_ = http.NewResponseController(w).Flush()
			time.Sleep(10 * time.Millisecond)
		}
	}, delivery.Outcome{Sent: true}, "", time.Second}, // its code counts
	{"an answer without an end", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	}, delivery.Outcome{Sent: true}, "", 0},
}

func TestDeliverySaysTheTermsOfItsArticles(t *testing.T) {
	f, s := newFixture(t, hub.Options{}), newSubscriber(t)
	f.subscribed(s, "/feeds/all.atom?limit=1")
	a := webtest.Article("licensed", webtest.At("13:00:00.000"))
	a.Rights.License, a.Rights.Usage = "https://p.example/terms", "train-ai=n"
	f.shop.Put(a, a.FirstSeen)
	f.deliver()
	got := s.got()
	if len(got) != 1 {
		t.Fatalf("%d notifications, want 1", len(got))
	}
	if link := got[0].header.Get("Link"); !strings.HasSuffix(link, `rel="self", <https://p.example/terms>; rel="license"`) {
		t.Errorf("Link: %s; want the licence at its end", link)
	}
	if usage := got[0].header.Get("Content-Usage"); usage != "train-ai=n" {
		t.Errorf("Content-Usage: %q", usage)
	}
}

func TestAnswerDecidesWhatComesOfADelivery(t *testing.T) {
	for _, tt := range answers {
		t.Run(tt.name, func(t *testing.T) {
			f, s := newFixture(t, hub.Options{}), newSubscriber(t)
			f.subscribed(s, "/feeds/all.atom")
			told := f.subs.only(t).Told
			f.publish("fresh", 0)
			s.when(nil, tt.answer)
			sub := f.subs.only(t)
			sender := f.Hub
			if tt.timeout > 0 {
				sender = hub.New(f.subs, f.feeds, hub.Options{Site: func() string { return site }, AllowPrivate: loopback, Timeout: tt.timeout})
			}
			began := time.Now()
			got := sender.Send(t.Context(), &sub)
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("the delivery took %v", took)
			}
			if tt.err == "" != (got.Err == nil) || got.Err != nil && (!strings.Contains(got.Err.Error(), tt.err) || strings.Contains(got.Err.Error(), "/push")) {
				t.Errorf("the error is %v; want one of %q, without the path of the callback", got.Err, tt.err)
			}
			if (got.Told != told) != tt.want.Sent {
				t.Errorf("told %s, after %s", got.Told, told)
			}
			if got.Told, got.Err = "", nil; got != tt.want {
				t.Errorf("the outcome is %+v; want %+v", got, tt.want)
			}
		})
	}
}

func TestSignatureIsByTheMethodThatTheSubscriberChose(t *testing.T) {
	for method, function := range map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New} {
		f, s := newFixture(t, hub.Options{UserAgent: "newswire/9 (+https://wire.example.org/about)"}), newSubscriber(t)
		f.subscribed(s, "/feeds/all.json", "hub.secret", "between us", "hub.method", method)
		f.publish("fresh", 0)
		f.deliver()
		n := checkNotification(t, s.got(), "/feeds/all.json", "application/feed+json")
		mac := hmac.New(function, []byte("between us"))
		mac.Write([]byte(n.body))
		if want := method + "=" + hex.EncodeToString(mac.Sum(nil)); n.header.Get("X-Hub-Signature") != want {
			t.Errorf("X-Hub-Signature: %s; want %s", n.header.Get("X-Hub-Signature"), want)
		}
		if agent := n.header.Get("User-Agent"); agent != "newswire/9 (+https://wire.example.org/about)" {
			t.Errorf("User-Agent: %q", agent)
		}
	}
}

func TestDeliveryHasWhatIsNewWhereThatIsKnown(t *testing.T) {
	for _, extension := range []string{"atom", "rss", "json"} {
		f, s := newFixture(t, hub.Options{}), newSubscriber(t)
		f.subscribed(s, "/feeds/all."+extension)
		old := f.shop.Stock[0]
		first, second := f.publish("one", 0), f.publish("two", 1)
		f.deliver()
		f.deliver() // nothing more
		n := s.got()
		if len(n) != 1 || !strings.Contains(n[0].body, first.Title) || !strings.Contains(n[0].body, second.Title) || strings.Contains(n[0].body, old.Title) {
			t.Fatalf(".%s: %d notifications; want one with the two new articles alone\n%v", extension, len(n), n)
		}

		sub := f.subs.only(t)
		sub.Told = `"of-another-process"`
		if o := f.Send(t.Context(), &sub); !o.Sent || !strings.Contains(s.got()[1].body, old.Title) {
			t.Errorf(".%s: %+v where nothing is known of what the subscriber has; want the whole feed", extension, o)
		}
	}
}

// What keeps us from knowing what is new must not put a subscriber off for hours, and must not pass for nothing new.
func TestOutageOfOursIsNoFailureOfTheSubscriber(t *testing.T) {
	f, s := newFixture(t, hub.Options{}), newSubscriber(t)
	f.subscribed(s, "/feeds/all.atom")
	a := f.publish("fresh", 0)
	f.shop.Set(func(s *webtest.Shop) { s.Broken = io.ErrUnexpectedEOF })
	sub := f.subs.only(t)
	done := make(chan delivery.Outcome)
	go func() { done <- f.Send(t.Context(), &sub) }()
	select {
	case o := <-done:
		t.Fatalf("the outcome without a store is %+v", o)
	case <-time.After(300 * time.Millisecond):
	}
	f.shop.Set(func(s *webtest.Shop) { s.Broken = nil })
	if o := <-done; !o.Sent || !strings.Contains(s.got()[0].body, a.Title) {
		t.Errorf("the outcome when the store was back is %+v; want the change sent", o)
	}
}

func TestTopicThatIsGoneForAMomentKeepsItsSubscribers(t *testing.T) {
	f, s := newFixture(t, hub.Options{}), newSubscriber(t)
	f.subscribed(s, "/feeds/all.atom")
	sub := f.subs.only(t)
	sub.Terms = []byte(strings.Replace(string(sub.Terms), "/feeds/all.atom", "/feeds/category/gone.atom", 1))
	if o := f.Send(t.Context(), &sub); o != (delivery.Outcome{Told: sub.Told}) {
		t.Errorf("the outcome for a feed that there is not is %+v; want nothing sent and nothing ended", o)
	}
	sub.Terms = []byte(strings.Replace(string(sub.Terms), site, "https://former.example.org", 1))
	if o := f.Send(t.Context(), &sub); o != (delivery.Outcome{Told: sub.Told}) {
		t.Errorf("the outcome for a feed of the site's former address is %+v; want nothing sent and nothing ended", o)
	}
	sub.Terms = []byte("{")
	if o := f.Send(t.Context(), &sub); o.Err == nil || o.Told != sub.Told {
		t.Errorf("the outcome for terms that cannot be read is %+v; want an error", o)
	}
}

// counting counts what is asked of feeds.
type counting struct {
	hub.Feeds
	gets atomic.Int64
}

func (c *counting) ForHub() http.Handler {
	inner := c.Feeds.ForHub()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.gets.Add(1)
		inner.ServeHTTP(w, r)
	})
}

func TestThousandSubscribersShareOneRendering(t *testing.T) {
	shop := webtest.NewShop(webtest.ArticlesFrom(50)...)
	o := webtest.Fast
	var encoded atomic.Int64
	o.Formats = web.Formats()
	encode := o.Formats[0].Article
	o.Formats[0].Article = func(a *newswire.Article, s newswire.Site) ([]byte, error) {
		encoded.Add(1)
		return encode(a, s)
	}
	f := newFixtureOf(t, &counting{Feeds: webtest.Serve(t, shop, o)}, hub.Options{})
	f.shop = shop
	s := newSubscriber(t)
	f.subscribed(s, "/feeds/all.atom", "hub.secret", "k")
	f.publish("fresh", 0)
	feeds := f.feeds.(*counting)
	before, once := feeds.gets.Load(), encoded.Load()
	sub := f.subs.only(t)
	var wg sync.WaitGroup
	slots := make(chan struct{}, 256)
	for range 1000 {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if o := f.Send(t.Context(), &sub); !o.Sent {
				t.Errorf("the outcome is %+v", o)
			}
		})
	}
	wg.Wait()
	bodies := map[string]int{}
	for _, n := range s.got() {
		bodies[n.body]++
	}
	asked, made := feeds.gets.Load()-before, encoded.Load()-once
	t.Logf("for 1,000 deliveries the feed was asked for %d times, and %d articles were encoded", asked, made)
	if len(bodies) != 1 || asked > 500 || made != 1 {
		t.Errorf("%d different bodies; want one, few questions, and the new article encoded once", len(bodies))
	}
}

func TestRenewalOfAFailingSubscriptionHasItToldAtOnce(t *testing.T) {
	f, s := newFixture(t, hub.Options{}), newSubscriber(t)
	f.subscribed(s, "/feeds/all.atom")
	f.subs.mu.Lock()
	for id, sub := range f.subs.subs {
		sub.Progress = cache.Progress{Told: sub.Told, Failures: 9, Why: "away"}
		f.subs.subs[id] = sub
	}
	f.subs.mu.Unlock()
	told := f.subs.only(t).Told
	f.subscribed(s, "/feeds/all.atom", "hub.lease_seconds", "4000")
	webtest.Until(t, "the failures are forgotten", func() bool { return f.subs.only(t).Failures == 0 })
	if got := f.subs.only(t).Told; got != told {
		t.Errorf("told %s; want as before, %s", got, told)
	}
}
