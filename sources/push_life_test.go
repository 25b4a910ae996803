package sources_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/push"
	"github.com/newswire/newswire/sources/sourcetest"
	"github.com/newswire/newswire/sources/websub"
)

// asks waits until the hub was asked so often, and returns the last form.
func (s *subscriber) asks(n int) url.Values {
	s.t.Helper()
	s.until("requests to the hub", func() bool { return len(s.hub.Requests()) >= n })
	return s.hub.Requests()[n-1]
}

// told has the hub work: it has sent something.
func (s *subscriber) told() (callback string) {
	s.t.Helper()
	callback = s.subscribed()
	s.hub.Push(s.feed("two second"))
	s.until("a push is noted", func() bool { return !s.push().Told.IsZero() })
	return callback
}

func TestALeaseIsRenewedWithoutAGap(t *testing.T) {
	s := newSubscriber(t)
	s.hub.Grant("3600")
	s.pub.Publish(s.feed("one first"))
	s.work()
	callback := s.subscribed()
	old := s.hub.Secret(callback)
	since := s.push().Since
	s.hub.Passive(true)
	s.advance(31 * time.Minute)
	renewal := s.asks(2)
	if renewal.Get("hub.callback") != callback || renewal.Get("hub.secret") == old || renewal.Get("hub.mode") != "subscribe" {
		t.Errorf("renewed by %v; want the callback as it was, with a new secret", renewal)
	}
	s.until("a request that is yet to be verified", func() bool { return s.push().Proposed != "" })
	if p := s.push(); !p.Active(s.now()) || p.Secret != old {
		t.Errorf("the renewal interrupts what works: %+v", p)
	}
	deliver := func(secret, title string) {
		t.Helper()
		document := s.feed(title)
		s.hub.Deliver(callback, document, "X-Hub-Signature", sourcetest.Sign("sha256", secret, document))
	}
	deliver(old, "two before")
	s.has("before", "first")
	if status, echoed := s.hub.Verify(renewal); status != http.StatusOK || !echoed {
		t.Fatalf("the renewal is not verified: %d", status)
	}
	s.until("the renewal is noted", func() bool { return s.push().Secret == renewal.Get("hub.secret") })
	deliver(old, "three during")
	s.has("before", "during", "first")
	deliver(renewal.Get("hub.secret"), "four with")
	s.has("before", "during", "first", "with")
	if p := s.push(); !p.Since.Equal(since) || p.Until.Sub(s.now()) < 59*time.Minute {
		t.Errorf("after the renewal the subscription is one since %v, until %v; want since %v, for an hour more", p.Since, p.Until, since)
	}
}

func TestTheSecretOfARepeatedRequestIsTheSame(t *testing.T) {
	s := newSubscriber(t)
	s.hub.Passive(true)
	s.pub.Publish(s.feed("one first"))
	s.work()
	first := s.asks(1)
	s.until("the next is due", func() bool { return s.push().Proposed != "" })
	s.advance(16 * time.Minute)
	if second := s.asks(2); second.Encode() != first.Encode() {
		t.Errorf("asked again with %v; want %v, for the hub may verify the first yet", second, first)
	}
	s.hub.Verify(first)
	s.subscribed()
	s.hub.Push(s.feed("two second"))
	s.has("first", "second")
}

func TestLeasesAreBounded(t *testing.T) {
	for granted, want := range map[string]time.Duration{
		"315360000": 14 * 24 * time.Hour, "99999999999999999999999": 14 * 24 * time.Hour, "86400": 24 * time.Hour,
		"0": 10 * 24 * time.Hour, "-5": 10 * 24 * time.Hour, "": 10 * 24 * time.Hour, "soon": 10 * 24 * time.Hour,
	} {
		t.Run(granted, func(t *testing.T) {
			t.Parallel()
			s := newSubscriber(t)
			s.hub.Grant(granted)
			s.pub.Publish(s.feed("one first"))
			s.work()
			s.subscribed()
			if got := s.push().Until.Sub(s.push().Verified); got != want {
				t.Errorf("a lease of %q s is taken for %v; want %v", granted, got, want)
			}
			if next := s.push().Next.Sub(s.push().Verified); next < want/2 || next > want*2/3 {
				t.Errorf("it is renewed after %v of %v", next, want)
			}
		})
	}
}

func TestADenialIsRememberedWithItsReason(t *testing.T) {
	s := newSubscriber(t)
	s.pub.Publish(s.feed("one first"))
	s.work()
	callback := s.told()
	s.hub.Ask(callback, url.Values{"hub.mode": {"denied"}, "hub.topic": {s.pub.URL()}, "hub.reason": {"the topic has moved"}})
	s.until("the denial is noted", func() bool { return strings.Contains(s.push().Error, "the topic has moved") })
	if p := s.push(); p.Active(s.now()) {
		t.Errorf("a denied subscription is active: %+v", p)
	}
	if due := s.nextVisit(); due.After(s.now().Add(2 * time.Hour)) {
		t.Errorf("the next visit is on %v; want it by the schedule", due)
	}
	if asked := len(s.hub.Requests()); asked != 1 {
		t.Errorf("the hub was asked %d times", asked)
	}
	s.advance(25 * time.Hour)
	s.asks(2)
}

func TestAHubThatRefusesIsAskedAgainWithBackoff(t *testing.T) {
	s := newSubscriber(t)
	s.hub.Answer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "  no such\n\x1b[31mtopic \xff"+r.PostForm.Encode(), http.StatusBadRequest) // a hub may repeat what it was asked
	}))
	s.pub.Publish(s.feed("one first"))
	s.work()
	s.asks(1)
	s.until("the reason is noted", func() bool { return strings.Contains(s.push().Error, "400 Bad Request: no such [31mtopic") })
	if p := s.push(); strings.Contains(p.Error, p.Token) || strings.Contains(p.Error, p.Proposed) || strings.Contains(p.Error, "\x1b") || !utf8.ValidString(p.Error) {
		t.Errorf("the reason is %q; want no secret in it, and no controls", p.Error)
	}
	pauses := []time.Duration{}
	for n := 2; n < 6; n++ {
		p := s.push()
		pauses = append(pauses, p.Next.Sub(p.Asked))
		s.advance(p.Next.Sub(s.now()) + time.Second)
		s.asks(n)
		s.until("it is noted", func() bool { return s.push().Failures == n && s.push().Error != "" })
	}
	for i := 1; i < len(pauses); i++ {
		if pauses[i] != 2*pauses[i-1] {
			t.Errorf("the pauses are %v; want each twice the one before", pauses)
		}
	}
}

func TestASubscriptionEndsWithItsReason(t *testing.T) {
	for name, end := range map[string]func(s *subscriber){
		"the feed names no hub":           func(s *subscriber) { s.pub.Publish(rss("one first", "two second")) },
		"the publisher is gone":           func(s *subscriber) { s.pub.Answer(sourcetest.Status(http.StatusGone)) },
		"the operator changes the source": func(s *subscriber) { s.source.URL = s.pub.Site() + "/other"; s.agg.Replace(s.setup()) },
		"the operator removes the source": func(s *subscriber) {
			s.source.ID = "b"
			s.agg.Replace(s.setup())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSubscriber(t)
			s.pub.Publish(s.feed("one first"))
			s.work()
			callback := s.told()
			end(s)
			s.advance(25 * time.Hour)
			s.until("the hub is told", func() bool { return s.hub.Subscribers()[callback] == "" && len(s.push().Left) == 0 })
			all := s.hub.Requests()
			for _, form := range all {
				if form.Get("hub.callback") == callback && form.Get("hub.mode") == "unsubscribe" {
					if form.Get("hub.topic") != s.pub.URL() {
						t.Errorf("unsubscribed from %v", form)
					}
					return
				}
			}
			t.Errorf("the hub was asked %v; want it to be left", all)
		})
	}
}

func TestAnotherHubIsSubscribedAndTheFormerLeft(t *testing.T) {
	s := newSubscriber(t)
	other := sourcetest.NewHub(t)
	s.pub.Publish(s.feed("one first"))
	s.work()
	callback := s.told()
	s.pub.Publish(s.named(other.URL(), s.pub.URL(), "one first", "two second"))
	s.advance(25 * time.Hour)
	s.until("the other hub verifies", func() bool { return len(other.Subscribers()) == 1 })
	s.until("the former hub is told", func() bool { return len(s.hub.Subscribers()) == 0 })
	if _, same := other.Subscribers()[callback]; same {
		t.Error("the other hub has the callback of the former one")
	}
	document := s.feed("three late")
	if status := s.hub.Deliver(callback, document, "X-Hub-Signature", "sha256=00"); status != http.StatusNotFound && status != http.StatusGone {
		t.Errorf("what the former hub sends is answered %d", status)
	}
	other.Push(s.feed("four fourth"))
	s.has("first", "fourth", "second")
}

func TestAHubThatCannotBeToldIsLeftToItsLease(t *testing.T) {
	s := newSubscriber(t)
	s.pub.Publish(s.feed("one first"))
	s.work()
	s.told()
	s.hub.Answer(sourcetest.Status(http.StatusInternalServerError))
	s.pub.Publish(rss("one first", "two second"))
	s.advance(25 * time.Hour)
	for n := 2; n < 5; n++ {
		s.asks(n)
		s.advance(time.Hour + time.Minute)
	}
	s.until("nothing is left", func() bool { return len(s.push().Left) == 0 })
	if n := len(s.hub.Requests()); n != 4 {
		t.Errorf("the hub was asked %d times; want once to subscribe, and three times to unsubscribe", n)
	}
}

func TestWhileAHubWorksThePublisherIsVisitedOnceADay(t *testing.T) {
	for name, tt := range map[string]struct {
		pinned bool
		spec   string
		least  time.Duration
		most   time.Duration
	}{
		"by the usual schedule":      {false, "@every 1h", 23 * time.Hour, 26 * time.Hour},
		"by a schedule of its own":   {true, "@every 1h", 20 * time.Minute, 2 * time.Hour},
		"by one that is more seldom": {false, "@every 72h", 36 * time.Hour, 150 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSubscriber(t)
			s.source.Schedule, s.source.Pinned = tt.spec, tt.pinned
			s.pub.Publish(s.feed("one first"))
			s.work()
			s.told()
			before := s.visits()
			s.advance(s.nextVisit().Sub(s.now()) + time.Second)
			s.until("a visit", func() bool {
				return s.visits() > before && s.state("a").Health.LastVisit.After(s.now().Add(-time.Minute))
			})
			if wait := s.nextVisit().Sub(s.now()); wait < tt.least || wait > tt.most {
				t.Errorf("the next visit is %v away, because %s; want %v to %v", wait, s.state("a").Why, tt.least, tt.most)
			}
		})
	}
}

// nextVisit is when the publisher is visited next.
func (s *subscriber) nextVisit() time.Time {
	state := s.state("a")
	return state.NextVisit()
}

// standing is what an operator is told of the source.
func (s *subscriber) standing() sources.Standing {
	s.t.Helper()
	catalog, err := sources.NewCatalog([]newswire.Source{s.source}, nil, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	list, err := sources.Standings(s.t.Context(), s.store, catalog)
	if err != nil {
		s.t.Fatal(err)
	}
	return list[0]
}

// visited lets the clock go on to the next visit, and waits for it.
func (s *subscriber) visited() {
	s.t.Helper()
	before := s.state("a").Health.LastVisit
	s.advance(s.nextVisit().Sub(s.now()) + time.Second)
	s.until("a visit", func() bool { return s.state("a").Health.LastVisit.After(before) })
}

func TestASilentHubIsFoundOut(t *testing.T) {
	s := newSubscriber(t)
	s.pub.Publish(s.feed("one first"))
	s.work()
	callback := s.told()
	s.visited() // after which it is visited once a day
	if line := s.standing().Push.String(); !strings.HasPrefix(line, "push by 127.0.0.1") || !strings.Contains(line, "last push 2") {
		t.Errorf("the operator is told %q", line)
	}
	s.pub.Publish(s.feed("one first", "two second", "three unsaid"))
	s.visited()
	if wait := s.nextVisit().Sub(s.now()); wait > 2*time.Hour {
		t.Errorf("the hub is waited for for %v; want the source to be visited by its schedule", wait)
	}
	if !s.push().Silent.IsZero() {
		t.Error("the hub counts as silent at once; it may be late")
	}
	s.visited()
	if line := s.standing().Push.String(); !strings.HasPrefix(line, "hub was silent, polling again") {
		t.Errorf("the operator is told %q", line)
	}
	if wait := s.nextVisit().Sub(s.now()); wait > 2*time.Hour {
		t.Errorf("the next visit is %v away; want it by the schedule", wait)
	}
	// It is asked again later, and what it sends meanwhile is recorded.
	if wait := s.push().Next.Sub(s.now()); wait < 11*time.Hour || wait > 25*time.Hour {
		t.Errorf("the hub is asked again in %v; want about a day", wait)
	}
	document := s.feed("four fourth")
	s.hub.Deliver(callback, document, "X-Hub-Signature", sourcetest.Sign("sha256", s.hub.Secret(callback), document))
	s.has("first", "fourth", "second", "unsaid")
	s.until("it is silent no more", func() bool { return s.push().Silent.IsZero() })
	if p := s.push(); !p.Works(s.now()) {
		t.Errorf("a hub that speaks again does not work: %+v", p)
	}
}

func TestAHubThatIsLateIsNotSilent(t *testing.T) {
	s := newSubscriber(t)
	s.pub.Publish(s.feed("one first"))
	s.work()
	s.told()
	s.visited()
	s.pub.Publish(s.feed("one first", "two second", "three late"))
	s.visited()
	s.until("it is suspected", func() bool { return !s.push().Suspected.IsZero() })
	s.hub.Push(s.feed("three late"))
	s.until("it is not any more", func() bool { return s.push().Suspected.IsZero() })
	s.visited()
	if p := s.push(); !p.Works(s.now()) {
		t.Errorf("a hub that was late does not work: %+v", p)
	}
}

func TestAPingHasThePublisherVisited(t *testing.T) {
	for name, body := range map[string]string{
		"empty": "", "words": "there is news", "a page": "<!DOCTYPE html><title>T</title>", "a feed without articles": rss(),
		"a tail": "<item><title>x", "another format": `{"version":"https://jsonfeed.org/version/1.1","items":[]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSubscriber(t)
			s.pub.Publish(s.feed("one first"))
			s.work()
			callback := s.subscribed()
			s.pub.Publish(s.feed("one first", "two second"))
			before := s.visits()
			s.hub.Deliver(callback, body, "X-Hub-Signature", sourcetest.Sign("sha1", s.hub.Secret(callback), body))
			s.until("the ping is noted", func() bool { return !s.push().Told.IsZero() })
			if wait := s.nextVisit().Sub(s.now()); s.visits() == before && (wait > time.Minute || wait < 30*time.Second) {
				t.Errorf("after a ping the visit is %v away; want a minute after the last", wait)
			}
			s.advance(time.Minute)
			s.has("first", "second")
		})
	}
}

func TestAPublishersWishHoldsAgainstAPing(t *testing.T) {
	s := newSubscriber(t)
	s.pub.SetHeader("Cache-Control", "max-age=7200")
	s.pub.Publish(s.feed("one first"))
	s.work()
	callback := s.subscribed()
	s.hub.Deliver(callback, "", "X-Hub-Signature", sourcetest.Sign("sha256", s.hub.Secret(callback), ""))
	s.until("the ping is noted", func() bool { return !s.push().Told.IsZero() })
	if wait := s.nextVisit().Sub(s.now()); wait < 110*time.Minute {
		t.Errorf("after a ping the visit is %v away; the publisher wants two hours", wait)
	}
}

func TestCountsAreByState(t *testing.T) {
	s := newSubscriber(t)
	s.pub.Publish(s.feed("one first"))
	s.work()
	s.told()
	catalog, err := sources.NewCatalog([]newswire.Source{s.source}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	counts, err := sources.CountPushes(t.Context(), s.store, catalog)
	if err != nil || counts[push.Works] != 1 || len(counts) != 1 {
		t.Errorf("counted %v, %v; want one that works", counts, err)
	}
	if s.count(websub.Accepted) != 1 || s.count(websub.Verified) != 1 {
		t.Errorf("the outcomes are %v", s.outcomes)
	}
}
