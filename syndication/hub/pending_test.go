package hub_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/hub"
	"github.com/newswire/newswire/syndication/internal/webtest"
)

// runUntil starts a hub on a store, and returns its address and what ends it as a kill does.
func runUntil(t *testing.T, subs *list) (address string, end func()) {
	t.Helper()
	return serve(t, hub.New(subs, &plainText{"one\n"}, hub.Options{Site: func() string { return site }, AllowPrivate: loopback}))
}

func TestVerificationThatWasCutOffBeginsAgain(t *testing.T) {
	for _, mode := range []string{"subscribe", "unsubscribe"} {
		t.Run(mode, func(t *testing.T) {
			subs, s := newList(), newSubscriber(t)
			ask := func(address, mode string) {
				t.Helper()
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(request(mode, "/feeds/all.atom", s.callback()).Encode()))
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				answer, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				defer answer.Body.Close()
				if answer.StatusCode != http.StatusAccepted {
					t.Fatalf("%s: %d", mode, answer.StatusCode)
				}
			}
			want := 1
			address, end := runUntil(t, subs)
			if mode == "unsubscribe" {
				want = 0
				ask(address, "subscribe")
				subs.await(t, 1)
			}
			webtest.Until(t, "nothing is left of that", func() bool { return subs.waiting() == 0 })
			s.when(func(w http.ResponseWriter, r *http.Request) {
				subs.fail(errors.New("the store is away"))
				echo(w, r)
			}, nil)
			before := len(s.asked())
			ask(address, mode)
			webtest.Until(t, "the callback has said yes", func() bool { return len(s.asked()) > before })
			end()
			if got := len(subs.all()); got == want {
				t.Fatalf("%d subscriptions after the kill: it came too late", got)
			}

			s.when(nil, nil)
			subs.fail(nil)
			subs.age(2 * time.Minute)
			_, _ = runUntil(t, subs)
			subs.await(t, want)
			webtest.Until(t, "nothing is left to ask", func() bool { return subs.waiting() == 0 })
			if again := s.asked()[len(s.asked())-1]; again.Get("hub.mode") != mode || again.Get("hub.topic") != site+"/feeds/all.atom" {
				t.Errorf("the callback was asked %v", again)
			}
		})
	}
}

func TestVerificationThatNoProcessTookUpInTimeIsForgotten(t *testing.T) {
	for name, row := range map[string]cache.Subscription{
		"of yesterday":        {Since: time.Now().Add(-24 * time.Hour), Terms: []byte(`{"mode":"subscribe","topic":"` + site + `/feeds/all.atom","callback":"http://127.0.0.1:1/"}`)},
		"of a feed of others": {Since: time.Now().Add(-2 * time.Minute), Terms: []byte(`{"mode":"subscribe","topic":"https://other.example/","callback":"http://127.0.0.1:1/"}`)},
		"that cannot be read": {Since: time.Now().Add(-2 * time.Minute), Terms: []byte(`{`)},
	} {
		t.Run(name, func(t *testing.T) {
			subs := newList()
			row.Channel, row.ID = cache.ChannelHubPending, "1"
			subs.pending["1"] = row
			_, _ = runUntil(t, subs)
			webtest.Until(t, "it is forgotten", func() bool { return subs.waiting() == 0 })
			if n := len(subs.all()); n != 0 {
				t.Errorf("%d subscriptions", n)
			}
		})
	}
}
