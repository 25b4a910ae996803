package hub_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/newswire/newswire/syndication/hub"
	"github.com/newswire/newswire/syndication/internal/webtest"
)

// refusals are answers that confirm nothing.
var refusals = map[string]func(w http.ResponseWriter, r *http.Request){
	"404": func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		echo(w, r)
	},
	"500":     func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no", http.StatusInternalServerError) },
	"nothing": func(http.ResponseWriter, *http.Request) {},
	"something else": func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "yes")
	},
	"the challenge and more": func(w http.ResponseWriter, r *http.Request) {
		echo(w, r)
		_, _ = io.WriteString(w, " indeed")
	},
	"the challenge and a line break": func(w http.ResponseWriter, r *http.Request) {
		echo(w, r)
		_, _ = io.WriteString(w, "\n")
	},
	"the challenge and much more": func(w http.ResponseWriter, r *http.Request) {
		echo(w, r)
		_, _ = io.WriteString(w, strings.Repeat("x", 1<<20))
	},
	"a redirect": func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/push" {
			http.Redirect(w, r, "/elsewhere?"+r.URL.RawQuery, http.StatusFound)
			return
		}
		echo(w, r)
	},
	"a cut connection": func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) },
}

func TestOnlyTheEchoConfirms(t *testing.T) {
	for name, answer := range refusals {
		t.Run(name, func(t *testing.T) {
			f, s := newFixture(t, hub.Options{}), newSubscriber(t)
			var asked atomic.Int32
			s.when(func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				answer(w, r)
			}, nil)
			f.accepted(request("subscribe", "/feeds/all.atom", s.callback()))
			// One callback host is asked in order: what comes after the refusal shows that it was one.
			webtest.Until(t, "the callback is asked", func() bool { return asked.Load() > 0 })
			s.when(nil, nil)
			f.subscribed(s, "/feeds/all.rss")
			f.subs.only(t)
			if n := asked.Load(); n != 1 {
				t.Errorf("the callback was asked %d times", n)
			}
		})
	}
}

func TestChallengesCannotBeGuessed(t *testing.T) {
	f, s := newFixture(t, hub.Options{}), newSubscriber(t)
	seen := map[string]bool{}
	for i := range 20 {
		f.subscribed(s, "/feeds/all.atom", "hub.lease_seconds", fmt.Sprint(1000+i))
	}
	for _, question := range s.asked() {
		challenge := question.Get("hub.challenge")
		if len(challenge) < 22 || seen[challenge] {
			t.Errorf("challenge %q is short or a repeat", challenge)
		}
		seen[challenge] = true
	}
}

// secretOf is the secret that deliveries are signed with.
func secretOf(t *testing.T, f *fixture) string {
	t.Helper()
	var terms struct {
		Secret string `json:"secret"`
	}
	if err := json.Unmarshal(f.subs.only(t).Terms, &terms); err != nil {
		t.Fatal(err)
	}
	return terms.Secret
}

// A request in a subscriber's name must not stop what the subscriber has: neither while it waits, nor when it is not confirmed.
func TestRenewalNeverInterrupts(t *testing.T) {
	f, s := newFixture(t, hub.Options{}), newSubscriber(t)
	f.subscribed(s, "/feeds/all.atom", "hub.secret", "old", "hub.lease_seconds", "5000")
	before := f.subs.only(t)
	asked, answer := make(chan struct{}), make(chan bool)
	s.when(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		if <-answer {
			echo(w, r)
		} else {
			w.WriteHeader(http.StatusNotFound)
		}
	}, nil)
	for i, confirmed := range []bool{false, true} {
		f.accepted(request("subscribe", "/feeds/all.atom", s.callback(), "hub.secret", "new", "hub.lease_seconds", "7000"))
		<-asked
		f.publish(fmt.Sprint("meanwhile", i), i)
		f.deliver()
		if n := s.got(); len(n) != i+1 || !strings.HasPrefix(n[i].header.Get("X-Hub-Signature"), "sha256=") || secretOf(t, f) != "old" {
			t.Fatalf("%d notifications while a renewal waits, signed with %q; want %d, with the old secret", len(n), secretOf(t, f), i+1)
		}
		answer <- confirmed
		if !confirmed {
			continue
		}
		webtest.Until(t, "the new secret counts", func() bool { return secretOf(t, f) == "new" })
	}
	after := f.subs.only(t)
	if after.ID != before.ID || !after.Until.After(before.Until) {
		t.Errorf("the renewed subscription is %s until %v; it was %s until %v", after.ID, after.Until, before.ID, before.Until)
	}
}

func TestUnconfirmedEndIsNone(t *testing.T) {
	f, s := newFixture(t, hub.Options{}), newSubscriber(t)
	f.subscribed(s, "/feeds/all.atom")
	asked := make(chan struct{}, 1)
	s.when(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		asked <- struct{}{}
	}, nil)
	f.accepted(request("unsubscribe", "/feeds/all.atom", s.callback()))
	<-asked
	s.when(nil, nil)
	f.subscribed(s, "/feeds/all.rss") // in order
	if n := len(f.subs.all()); n != 2 {
		t.Errorf("%d subscriptions after an end that the callback did not confirm; want both", n)
	}
}

func TestSlowCallbackKeepsNoOtherWaiting(t *testing.T) {
	f, slow := newFixture(t, hub.Options{Timeout: time.Minute}), newSubscriber(t)
	release := make(chan struct{})
	asked := make(chan struct{}, 100)
	slow.when(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-release
		echo(w, r)
	}, nil)
	defer close(release)
	for i := range 50 {
		f.accepted(request("subscribe", fmt.Sprintf("/feeds/all.atom?limit=%d", i+1), slow.callback()))
	}
	<-asked
	f.subscribed(newSubscriberAt(t, "127.0.0.2"), "/feeds/all.atom")
	if n := len(asked); n != 0 {
		t.Errorf("the slow host was asked %d times more at the same time", n)
	}
}

func TestFloodOfRequestsIsSlowedDown(t *testing.T) {
	f, victim := newFixture(t, hub.Options{PerHost: 20}), newSubscriber(t)
	victim.when(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, nil)
	slowed, began := 0, time.Now()
	for i := range 200 {
		form := request("subscribe", "/feeds/all.atom", fmt.Sprintf("%s/%d", victim.URL, i))
		code, header, body := f.post("application/x-www-form-urlencoded", form.Encode())
		switch code {
		case http.StatusAccepted:
		case http.StatusTooManyRequests:
			if slowed++; header.Get("Retry-After") == "" {
				t.Fatalf("%d %s without Retry-After", code, body)
			}
		default:
			t.Fatalf("%d %s", code, body)
		}
	}
	may := 20 + int(time.Since(began)/time.Second) + 1 // one a second, once the first are used up
	if asked := len(victim.asked()); slowed < 200-may || asked > may {
		t.Errorf("of 200 requests %d were slowed, and the victim was asked %d times; want at most %d", slowed, asked, may)
	}
}

func TestConfirmedSubscriberIsToldWhenThereIsNoRoom(t *testing.T) {
	f, s := newFixture(t, hub.Options{PerHost: 1}), newSubscriber(t)
	asked, answer := make(chan struct{}, 9), make(chan struct{})
	s.when(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-answer
		echo(w, r)
	}, nil)
	f.accepted(request("subscribe", "/feeds/all.atom", s.callback()))
	<-asked
	other := f.subs
	other.mu.Lock()
	other.subs["another"] = other.subs[""] // another process has taken the last place meanwhile
	taken := other.subs["another"]
	taken.Group = "127.0.0.1"
	other.subs["another"] = taken
	other.mu.Unlock()
	close(answer)
	webtest.Until(t, "the callback hears of the denial", func() bool {
		questions := s.asked()
		last := questions[max(0, len(questions)-1):]
		return len(last) == 1 && last[0].Get("hub.mode") == "denied"
	})
	questions := s.asked()
	denial := questions[len(questions)-1]
	if denial.Get("hub.topic") != site+"/feeds/all.atom" || !strings.Contains(denial.Get("hub.reason"), "127.0.0.1") || len(f.subs.all()) != 1 {
		t.Errorf("denied with %v", denial)
	}
}

// The subscriber believes that it has what it confirmed, so a store that is away for a moment is waited for.
func TestConfirmedSubscriptionOutlastsAStoreThatIsAway(t *testing.T) {
	f, s := newFixture(t, hub.Options{}), newSubscriber(t)
	f.subs.mu.Lock()
	f.subs.broken = errors.New("connection refused")
	f.subs.mu.Unlock()
	f.accepted(request("subscribe", "/feeds/all.atom", s.callback()))
	webtest.Until(t, "the hub has tried to store it", func() bool {
		f.subs.mu.Lock()
		defer f.subs.mu.Unlock()
		return f.subs.writes > 0
	})
	f.subs.mu.Lock()
	f.subs.broken = nil
	f.subs.mu.Unlock()
	f.subs.await(t, 1)
}
