package hub_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/hub"
	"github.com/newswire/newswire/syndication/internal/webtest"
)

// TestPublicSuite is the cases of the public WebSub test suite for hubs (websub.rocks), by their numbers.
func TestPublicSuite(t *testing.T) {
	for _, tt := range []struct {
		name string
		test func(*testing.T)
	}{
		{"100 a typical request, and no signature without a secret", suite100},
		{"101 a signature with a secret", suite101},
		{"102 parameters that the hub does not know", suite102},
		{"103 a subscription again before it expires", suite103},
		{"104 the end of a subscription", suite104},
		{"105 a topic in plain text", suite105},
		{"106 a topic in JSON", suite106},
	} {
		t.Run(tt.name, tt.test)
	}
}

// checkNotification is what the suite checks of each notification, in our words.
func checkNotification(t *testing.T, got []delivered, topic, contentType string) delivered {
	t.Helper()
	if len(got) != 1 {
		t.Fatalf("%d notifications; want 1", len(got))
	}
	n := got[0]
	want := "<" + site + hub.Path + `>; rel="hub", <` + site + topic + `>; rel="self"`
	if n.header.Get("Link") != want {
		t.Errorf("Link: %s; want %s", n.header.Get("Link"), want)
	}
	if n.header.Get("Content-Type") != contentType {
		t.Errorf("Content-Type: %q; want that of the topic, %q", n.header.Get("Content-Type"), contentType)
	}
	if strings.TrimSpace(n.body) == "" {
		t.Error("the notification has no body")
	}
	return n
}

// notified has one article published and returns the notification of it.
func (f *fixture) notified(s *subscriber, topic, contentType string) delivered {
	f.t.Helper()
	f.deliver()
	if n := len(s.got()); n != 0 {
		f.t.Fatalf("%d notifications before there was something new", n)
	}
	a := f.publish("fresh", 0)
	f.deliver()
	n := checkNotification(f.t, s.got(), topic, contentType)
	if !strings.Contains(n.body, a.Title) {
		f.t.Errorf("the notification lacks the new article:\n%s", n.body)
	}
	return n
}

const atomType = "application/atom+xml; charset=utf-8"

func suite100(t *testing.T) {
	f, s := newFixture(t, hub.Options{}), newSubscriber(t)
	f.subscribed(s, "/feeds/all.atom")
	question := s.asked()[0]
	for name, want := range map[string]string{
		"hub.mode": "subscribe", "hub.topic": site + "/feeds/all.atom", "hub.lease_seconds": "864000", "feed": "1",
	} {
		if question.Get(name) != want {
			t.Errorf("the callback was asked with %s=%q; want %q", name, question.Get(name), want)
		}
	}
	n := f.notified(s, "/feeds/all.atom", atomType)
	if n.header.Get("X-Hub-Signature") != "" {
		t.Errorf("a signature without a secret: %s", n.header.Get("X-Hub-Signature"))
	}
}

func suite101(t *testing.T) {
	f, s := newFixture(t, hub.Options{}), newSubscriber(t)
	f.subscribed(s, "/feeds/all.atom", "hub.secret", "between us")
	n := f.notified(s, "/feeds/all.atom", atomType)
	mac := hmac.New(sha256.New, []byte("between us"))
	mac.Write([]byte(n.body))
	if want := "sha256=" + hex.EncodeToString(mac.Sum(nil)); n.header.Get("X-Hub-Signature") != want {
		t.Errorf("X-Hub-Signature: %q; want %q", n.header.Get("X-Hub-Signature"), want)
	}
}

func suite102(t *testing.T) {
	f, s := newFixture(t, hub.Options{}), newSubscriber(t)
	f.subscribed(s, "/feeds/all.rss", "foo", "bar", "hub.foo", "hub.bar", "hub.verify", "sync")
	f.notified(s, "/feeds/all.rss", "application/rss+xml; charset=utf-8")
}

func suite103(t *testing.T) {
	f, s := newFixture(t, hub.Options{}), newSubscriber(t)
	f.subscribed(s, "/feeds/all.atom")
	f.subscribed(s, "/feeds/all.atom", "hub.lease_seconds", "86400")
	f.subs.only(t)
	f.notified(s, "/feeds/all.atom", atomType)
}

func suite104(t *testing.T) {
	f, s := newFixture(t, hub.Options{}), newSubscriber(t)
	f.subscribed(s, "/feeds/all.atom")
	f.accepted(request("unsubscribe", "/feeds/all.atom", s.callback()))
	webtest.Until(t, "the subscription ends", func() bool { return len(f.subs.all()) == 0 })
	question := s.asked()[1]
	if question.Get("hub.mode") != "unsubscribe" || question.Get("hub.topic") != site+"/feeds/all.atom" || question.Has("hub.lease_seconds") {
		t.Errorf("the callback was asked %v", question)
	}
	f.publish("fresh", 0)
	f.deliver()
	if n := len(s.got()); n != 0 {
		t.Errorf("%d notifications after the end", n)
	}
}

// plainText is a topic that is no feed.
type plainText struct{ text string }

func (*plainText) FeedTopic(*url.URL) (newswire.Topic, error) { return newswire.All, nil }

func (p *plainText) ForHub() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tag := fmt.Sprintf(`"%x"`, p.text)
		w.Header().Set("ETag", tag)
		w.Header().Set("Content-Type", "text/plain")
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write([]byte(p.text))
	})
}

func suite105(t *testing.T) {
	topic := &plainText{"one line\n"}
	f, s := newFixtureOf(t, topic, hub.Options{}), newSubscriber(t)
	f.subscribed(s, "/notes.txt")
	topic.text = "one line & <another>, é\r\n"
	f.deliver()
	if n := checkNotification(t, s.got(), "/notes.txt", "text/plain"); n.body != topic.text {
		t.Errorf("the notification is %q; want %q", n.body, topic.text)
	}
}

func suite106(t *testing.T) {
	f, s := newFixture(t, hub.Options{}), newSubscriber(t)
	f.subscribed(s, "/feeds/all.json?limit=5")
	f.notified(s, "/feeds/all.json?limit=5", "application/feed+json")
}
