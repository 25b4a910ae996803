package sources_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/sourcetest"
)

// suite are the numbered cases of the public test suite for subscribers (websub.rocks), in our own words. Each begins with
// a subscriber that is not at work yet.
var suite = []struct {
	name string
	run  func(t *testing.T, s *subscriber)
}{
	{"100 discovery by HTTP header", func(t *testing.T, s *subscriber) {
		s.pub.SetHeader("Link", fmt.Sprintf(`<%s>; rel="self", <%s>; rel="hub"`, s.pub.URL(), s.hub.URL()))
		s.pub.Publish(rss("one first"))
		s.goesOn(t, s.pub.URL(), rss("two second"))
	}},
	{"101 discovery by the links of a page", func(t *testing.T, s *subscriber) {
		const article = `<article><h2>%s</h2><a href="/%[1]s">read</a><p>A few words of %[1]s.</p></article>`
		s.source.Page = &newswire.Page{Item: "article", Title: "h2", Content: "p"}
		for _, name := range []string{"first", "second"} {
			s.pub.Handle("/"+name, sourcetest.Document("text/html", fmt.Sprintf("<title>%s</title>"+article, name, name)))
		}
		head := fmt.Sprintf(`<!DOCTYPE html><link rel="hub" href=%q><link rel=self href=%q>`, s.hub.URL(), s.pub.URL())
		s.pub.SetHeader("Content-Type", "text/html")
		s.pub.Publish(head + fmt.Sprintf(article, "first"))
		s.goesOn(t, s.pub.URL(), head+fmt.Sprintf(article, "second"))
	}},
	{"102 discovery by an Atom feed", func(t *testing.T, s *subscriber) {
		feed := func(id, title string) string {
			return fmt.Sprintf(`<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:f</id><title>F</title><updated>2026-01-01T00:00:00Z</updated>
<link rel="hub" href=%q/><link rel="self" href=%q/>
<entry><id>urn:%s</id><title>%s</title><updated>2026-01-01T00:00:00Z</updated><content>Words.</content></entry></feed>`, s.hub.URL(), s.pub.URL(), id, title)
		}
		s.pub.Publish(feed("one", "first"))
		s.goesOn(t, s.pub.URL(), feed("two", "second"))
	}},
	{"103 discovery by an RSS feed", func(t *testing.T, s *subscriber) {
		s.pub.Publish(s.feed("one first"))
		s.goesOn(t, s.pub.URL(), s.feed("two second"))
	}},
	{"104 the HTTP header goes before the body", func(t *testing.T, s *subscriber) {
		s.pub.SetHeader("Link", fmt.Sprintf(`<%s>; rel="self", <%s>; rel="hub"`, s.pub.URL(), s.hub.URL()))
		s.pub.Publish(s.named(s.hub.URL()+"?error=wrongtag", s.pub.URL()+"?wrong", "one first"))
		s.goesOn(t, s.pub.URL(), rss("two second"))
		if asked := s.hub.Requests(); len(asked) != 1 {
			t.Errorf("the hub was asked %d times; want once", len(asked))
		}
	}},
	{"200 the topic is another address than the one visited", func(t *testing.T, s *subscriber) {
		s.pub.Publish(s.named(s.hub.URL(), s.pub.URL()+"?self=other", "one first"))
		s.goesOn(t, s.pub.URL()+"?self=other", s.feed("two second"))
	}},
	{"201 a topic that is redirected for now", func(t *testing.T, s *subscriber) { s.redirectedTopic(t, http.StatusFound) }},
	{"202 a topic that is redirected for good", func(t *testing.T, s *subscriber) { s.redirectedTopic(t, http.StatusMovedPermanently) }},
	{"203 a hub that is redirected for now", func(t *testing.T, s *subscriber) { s.redirectedHub(t, http.StatusTemporaryRedirect) }},
	{"204 a hub that is redirected for good", func(t *testing.T, s *subscriber) { s.redirectedHub(t, http.StatusPermanentRedirect) }},
	{"205 another topic is not verified", func(t *testing.T, s *subscriber) {
		s.hub.Passive(true)
		s.pub.Publish(s.feed("one first"))
		s.work()
		form := s.asked(t)
		if status, echoed := s.hub.Verify(form, "hub.topic", form.Get("hub.topic")+"?invalid"); status != http.StatusNotFound || echoed {
			t.Errorf("another topic: %d, echoed %v; want 404", status, echoed)
		}
	}},
	{"300 a delivery is acknowledged", func(t *testing.T, s *subscriber) {
		s.pub.Publish(s.feed("one first"))
		s.goesOn(t, s.pub.URL(), s.feed("two second"))
	}},
	{"301 a wrong signature is dropped", func(t *testing.T, s *subscriber) {
		s.pub.Publish(s.feed("one first"))
		s.work()
		forged := s.feed("two forged")
		s.hub.Deliver(s.subscribed(), forged, "X-Hub-Signature", sourcetest.Sign("sha256", "not the secret", forged))
		s.hub.Push(s.feed("three third"))
		s.has("first", "third")
	}},
	{"302 a delivery without signature is rejected", func(t *testing.T, s *subscriber) {
		s.pub.Publish(s.feed("one first"))
		s.work()
		if status := s.hub.Deliver(s.subscribed(), s.feed("two unsigned")); status/100 == 2 {
			t.Errorf("it is answered %d; the suite wants no 2xx", status)
		}
		s.hub.Push(s.feed("three third"))
		s.has("first", "third")
	}},
}

func TestSubscriberPassesThePublicSuite(t *testing.T) {
	for _, tt := range suite {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, newSubscriber(t)) })
	}
}

// goesOn has the subscriber work, checks that the hub was asked for the topic, and that what the hub delivers then is recorded.
func (s *subscriber) goesOn(t *testing.T, topic, document string) {
	t.Helper()
	s.work()
	callback := s.subscribed()
	if got := s.hub.Subscribers()[callback]; got != topic {
		t.Errorf("subscribed to %q; want %q", got, topic)
	}
	s.has("first")
	if status := s.hub.Push(document); status/100 != 2 {
		t.Errorf("a delivery is answered %d; want 2xx", status)
	}
	s.has("first", "second")
}

// asked waits until the hub was asked, and returns the last form.
func (s *subscriber) asked(t *testing.T) url.Values {
	t.Helper()
	s.until("a request to the hub", func() bool { return len(s.hub.Requests()) > 0 && s.push().Proposed != "" })
	all := s.hub.Requests()
	form := all[len(all)-1]
	if got := len(form.Get("hub.secret")); got < 43 || got > 199 {
		t.Errorf("the secret has %d bytes; want 256 bits in less than 200 bytes", got)
	}
	return form
}

// redirectedTopic has the feed be at another address, which names the hub in its header.
func (s *subscriber) redirectedTopic(t *testing.T, status int) {
	t.Helper()
	moved := s.pub.Site() + "/moved"
	s.pub.Handle("/moved", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", fmt.Sprintf(`<%s>; rel="self", <%s>; rel="hub"`, moved, s.hub.URL()))
		s.pub.Feed().ServeHTTP(w, r)
	}))
	s.pub.Answer(sourcetest.Redirect(status, moved))
	s.pub.Publish(rss("one first"))
	s.goesOn(t, moved, rss("two second"))
}

// redirectedHub has the feed name an address that leads to the hub.
func (s *subscriber) redirectedHub(t *testing.T, status int) {
	t.Helper()
	s.pub.Handle("/old-hub", sourcetest.Redirect(status, s.hub.URL()))
	s.pub.Publish(s.named(s.pub.Site()+"/old-hub", s.pub.URL(), "one first"))
	s.goesOn(t, s.pub.URL(), s.feed("two second"))
}

func TestVerificationIsAnsweredForWhatWasAskedAlone(t *testing.T) {
	s := newSubscriber(t)
	s.hub.Passive(true)
	s.pub.Publish(s.feed("one first"))
	s.work()
	form := s.asked(t)
	callback := form.Get("hub.callback")
	wrong := callback[:len(callback)-1] + map[bool]string{true: "B", false: "A"}[strings.HasSuffix(callback, "A")]
	ask := func(callback string, change ...string) (int, string) {
		q := url.Values{"hub.mode": {"subscribe"}, "hub.topic": {form.Get("hub.topic")}, "hub.challenge": {"abc"}, "hub.lease_seconds": {"3600"}}
		for i := 0; i < len(change); i += 2 {
			q.Set(change[i], change[i+1])
		}
		return s.hub.Ask(callback, q)
	}
	for name, answer := range map[string]func() (int, string){
		"a wrong token":            func() (int, string) { return ask(wrong) },
		"a token of another shape": func() (int, string) { return ask(callback + "x") },
		"another source":           func() (int, string) { return ask(strings.Replace(callback, "/a.", "/b.", 1)) },
		"no token":                 func() (int, string) { return ask(s.callbacks.URL + "/websub/a") },
		"unsubscribe":              func() (int, string) { return ask(callback, "hub.mode", "unsubscribe") },
		"an unknown mode":          func() (int, string) { return ask(callback, "hub.mode", "publish") },
		"another topic":            func() (int, string) { return ask(callback, "hub.topic", "https://other.example/") },
		"no topic":                 func() (int, string) { return ask(callback, "hub.topic", "") },
		"no challenge":             func() (int, string) { return ask(callback, "hub.challenge", "") },
		"a long challenge":         func() (int, string) { return ask(callback, "hub.challenge", strings.Repeat("x", 5000)) },
		"denial of another topic": func() (int, string) {
			return ask(callback, "hub.mode", "denied", "hub.topic", "https://other.example/")
		},
	} {
		if status, body := answer(); status != http.StatusNotFound || strings.Contains(body, "abc") {
			t.Errorf("%s is answered %d %q; want 404", name, status, body)
		}
	}
	if s.push().Secret != "" {
		t.Errorf("a wrong verification was noted")
	}
	response, err := http.Get(callback + "?" + url.Values{
		"hub.mode": {"subscribe"}, "hub.topic": {form.Get("hub.topic")}, "hub.challenge": {"<script>abc"}, "hub.lease_seconds": {"3600"},
	}.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusOK || string(body) != "<script>abc" {
		t.Errorf("the right verification is answered %d %q; want the challenge", response.StatusCode, body)
	}
	if h := response.Header; !strings.HasPrefix(h.Get("Content-Type"), "text/plain") || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("a browser may take the challenge for a page: %v", h)
	}
	s.until("it is noted", func() bool { return s.push().Secret == form.Get("hub.secret") })
}
