package hub_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/hub"
)

const good = "http://127.0.0.1:9/push"

// refused are requests that are wrong, and the parameter that is.
var refused = []struct {
	name      string
	form      url.Values
	parameter string
}{
	{"no mode", url.Values{"hub.topic": {site + "/feeds/all.atom"}, "hub.callback": {good}}, "hub.mode"},
	{"a mode that there is not", request("listen", "/feeds/all.atom", good), "hub.mode"},
	{"a publisher's mode", request("publish", "/feeds/all.atom", good), "hub.mode"},
	{"two modes", url.Values{"hub.mode": {"subscribe", "unsubscribe"}}, "hub.mode"},
	{"no callback", request("subscribe", "/feeds/all.atom", ""), "hub.callback"},
	{"a relative callback", request("subscribe", "/feeds/all.atom", "/push"), "hub.callback"},
	{"a callback without a host", request("subscribe", "/feeds/all.atom", "http:///push"), "hub.callback"},
	{"a callback of another scheme", request("subscribe", "/feeds/all.atom", "gopher://127.0.0.1/push"), "hub.callback"},
	{"a file", request("subscribe", "/feeds/all.atom", "file:///etc/passwd"), "hub.callback"},
	{"a password", request("subscribe", "/feeds/all.atom", "http://user:pass@127.0.0.1/push"), "hub.callback"},
	{"a fragment", request("subscribe", "/feeds/all.atom", good+"#here"), "hub.callback"},
	{"port 0", request("subscribe", "/feeds/all.atom", "http://127.0.0.1:0/push"), "hub.callback"},
	{"a port beyond the last", request("subscribe", "/feeds/all.atom", "http://127.0.0.1:65536/push"), "hub.callback"},
	{"a line break", request("subscribe", "/feeds/all.atom", "http://127.0.0.1/\r\nX: y"), "hub.callback"},
	{"a very long callback", request("subscribe", "/feeds/all.atom", good+"?"+strings.Repeat("x", 2048)), "hub.callback"},
	{"a private address", request("subscribe", "/feeds/all.atom", "http://10.1.2.3/push"), "hub.callback"},
	{"the address of a cloud's secrets", request("subscribe", "/feeds/all.atom", "http://169.254.169.254/latest"), "hub.callback"},
	{"a private address in IPv6", request("subscribe", "/feeds/all.atom", "http://[::ffff:10.1.2.3]/push"), "hub.callback"},
	{"a local address in IPv6", request("subscribe", "/feeds/all.atom", "http://[fe80::1]/push"), "hub.callback"},
	{"two callbacks", url.Values{"hub.mode": {"subscribe"}, "hub.topic": {site + "/feeds/all.atom"}, "hub.callback": {good, good}}, "hub.callback"},
	{"no topic", url.Values{"hub.mode": {"subscribe"}, "hub.callback": {good}}, "hub.topic"},
	{"another site's topic", url.Values{"hub.mode": {"subscribe"}, "hub.callback": {good}, "hub.topic": {"https://other.example/feeds/all.atom"}}, "hub.topic"},
	{"another scheme's topic", url.Values{"hub.mode": {"subscribe"}, "hub.callback": {good}, "hub.topic": {"http://wire.example.org/feeds/all.atom"}}, "hub.topic"},
	{"a page", request("subscribe", "/category/finance", good), "hub.topic"},
	{"a page of an archive", request("subscribe", "/feeds/all/archive/3.atom", good), "hub.topic"},
	{"a topic without a feed", request("subscribe", "/feeds/author/no-such.atom", good), "hub.topic"},
	{"a format that there is not", request("subscribe", "/feeds/all.pdf", good), "hub.topic"},
	{"a variant with a limit beyond the most", request("subscribe", "/feeds/all.atom?limit=100000", good), "hub.topic"},
	{"held articles", request("subscribe", "/feeds/held/dsb.atom", good), "hub.topic"},
	{"a path with dots", request("subscribe", "/feeds/../feeds/all.atom", good), "hub.topic"},
	{"a topic with a fragment", request("subscribe", "/feeds/all.atom#x", good), "hub.topic"},
	{"a lease in words", request("subscribe", "/feeds/all.atom", good, "hub.lease_seconds", "a day"), "hub.lease_seconds"},
	{"no lease", request("subscribe", "/feeds/all.atom", good, "hub.lease_seconds", "0"), "hub.lease_seconds"},
	{"less than no lease", request("subscribe", "/feeds/all.atom", good, "hub.lease_seconds", "-5"), "hub.lease_seconds"},
	{"a secret of 200 bytes", request("subscribe", "/feeds/all.atom", good, "hub.secret", strings.Repeat("s", 200)), "hub.secret"},
	{"a signature that proves nothing", request("subscribe", "/feeds/all.atom", good, "hub.secret", "s", "hub.method", "md5"), "hub.method"},
}

func TestWrongRequestIsToldItsParameter(t *testing.T) {
	f := newFixture(t, hub.Options{})
	for _, tt := range refused {
		t.Run(tt.name, func(t *testing.T) {
			code, body := f.ask(tt.form)
			var problem struct {
				Status    int    `json:"status"`
				Detail    string `json:"detail"`
				Parameter string `json:"parameter"`
			}
			if err := json.Unmarshal([]byte(body), &problem); err != nil {
				t.Fatalf("%d %s: %v", code, body, err)
			}
			if code != http.StatusBadRequest || problem.Status != code || problem.Parameter != tt.parameter || !strings.HasPrefix(problem.Detail, tt.parameter+" ") {
				t.Errorf("%d %s; want 400 that names %s", code, body, tt.parameter)
			}
		})
	}
	if n := len(f.subs.all()); n != 0 {
		t.Errorf("%d subscriptions were stored", n)
	}
}

func TestHubRefusesWhatIsNoForm(t *testing.T) {
	f := newFixture(t, hub.Options{})
	const form = "application/x-www-form-urlencoded"
	for _, tt := range []struct {
		name, contentType, body string
		want                    int
	}{
		{"JSON", "application/json", `{"hub.mode": "subscribe"}`, http.StatusUnsupportedMediaType},
		{"no type", "", "hub.mode=subscribe", http.StatusUnsupportedMediaType},
		{"more than 16 KiB", form, "hub.mode=subscribe&x=" + strings.Repeat("x", 16<<10), http.StatusRequestEntityTooLarge},
		{"a stray percent sign", form, "hub.mode=%zz", http.StatusBadRequest},
	} {
		if code, header, body := f.post(tt.contentType, tt.body); code != tt.want || header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s %s; want %d and a problem document", tt.name, code, header.Get("Content-Type"), body, tt.want)
		}
	}
}

func TestHubSaysWhatItIs(t *testing.T) {
	f := newFixture(t, hub.Options{})
	for method, want := range map[string]int{"GET": 200, "HEAD": 200, "OPTIONS": 204, "PUT": 405, "DELETE": 405} {
		r, err := http.NewRequestWithContext(t.Context(), method, f.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != want || want != 200 && !strings.Contains(answer.Header.Get("Allow"), "POST") {
			t.Errorf("%s: %d, Allow %q; want %d", method, answer.StatusCode, answer.Header.Get("Allow"), want)
		}
	}
}

func TestLeaseIsBoundedBothWays(t *testing.T) {
	for asked, want := range map[string]string{"": "864000", "1": "300", "301": "301", "2592001": "2592000", "99999999999999999999999": "2592000"} {
		f, s, began := newFixture(t, hub.Options{Lease: 240 * time.Hour, MaxLease: 720 * time.Hour}), newSubscriber(t), time.Now()
		f.subscribed(s, "/feeds/all.atom", "hub.lease_seconds", asked)
		questions := s.asked()
		if got := questions[len(questions)-1].Get("hub.lease_seconds"); got != want {
			t.Errorf("asked for %q, granted %s; want %s", asked, got, want)
		}
		lease, err := time.ParseDuration(want + "s")
		if until := f.subs.only(t).Until; err != nil || until.Before(began.Add(lease)) || until.After(time.Now().Add(lease)) {
			t.Errorf("asked for %q, the subscription lasts until %v; want %v from now", asked, until, lease)
		}
	}
}

func TestFeedsAreTopicsHoweverTheyAreWritten(t *testing.T) {
	f, s := newFixture(t, hub.Options{PerHost: 50}), newSubscriber(t)
	for _, topic := range []string{
		"https://wire.example.org/feeds/all.atom",
		"https://WIRE.example.org:443/feeds/all.rss",
		"https://wire.example.org/feeds/category/finance.json",
		"https://wire.example.org/feeds/all.atom?content=title&limit=5",
		"https://wire.example.org/feeds/all.atom?limit=5&content=title&utm=x", // the same, not in its plain form
	} {
		f.accepted(url.Values{"hub.mode": {"subscribe"}, "hub.topic": {topic}, "hub.callback": {s.callback()}})
	}
	f.subs.await(t, 5)
	f.publish("fresh", 1)
	f.deliver()
	links := map[string]int{}
	for _, n := range s.got() {
		links[n.header.Get("Link")]++
	}
	variant := `<https://wire.example.org/hub>; rel="hub", <https://wire.example.org/feeds/all.atom?content=title&limit=5>; rel="self"`
	if len(s.got()) != 5 || links[variant] != 2 {
		t.Errorf("%d notifications, of %v; want 5, two of them of the variant under its own address", len(s.got()), links)
	}
}

func TestBasePathOfTheSiteBelongsToTopics(t *testing.T) {
	topic := &plainText{"one\n"}
	f, s := newFixtureOf(t, topic, hub.Options{Site: func() string { return site + "/news" }}), newSubscriber(t)
	if code, body := f.ask(request("subscribe", "/feeds/all.atom", s.callback())); code != http.StatusBadRequest {
		t.Errorf("a topic outside of the site: %d %s; want 400", code, body)
	}
	if code, body := f.ask(request("subscribe", "/newsfeeds/all.atom", s.callback())); code != http.StatusBadRequest {
		t.Errorf("a topic beside the site: %d %s; want 400", code, body)
	}
	f.subscribed(s, "/news/feeds/all.atom")
	topic.text = "two\n"
	f.deliver()
	want := "<" + site + `/news/hub>; rel="hub", <` + site + `/news/feeds/all.atom>; rel="self"`
	if n := s.got(); len(n) != 1 || n[0].header.Get("Link") != want {
		t.Errorf("notified %v; want a Link of %s", n, want)
	}
}

func TestBoundsOfHostsAndTopics(t *testing.T) {
	f, s := newFixture(t, hub.Options{PerHost: 2, PerTopic: 1}), newSubscriber(t)
	f.subscribed(s, "/feeds/all.atom")
	if code, body := f.ask(request("subscribe", "/feeds/all.rss", s.callback())); code != http.StatusForbidden || !strings.Contains(body, "hub.topic") {
		t.Errorf("the second subscription of a topic: %d %s; want 403", code, body)
	}
	f = newFixture(t, hub.Options{PerHost: 1})
	f.subscribed(s, "/feeds/all.atom")
	other := newSubscriber(t) // on another port of the same host
	if code, body := f.ask(request("subscribe", "/feeds/all.rss", other.callback())); code != http.StatusForbidden && code != http.StatusTooManyRequests {
		t.Errorf("the second subscription of a host: %d %s; want 403", code, body)
	}
}

func TestRenewalIsNoFurtherSubscription(t *testing.T) {
	f, s := newFixture(t, hub.Options{PerHost: 3, PerTopic: 1}), newSubscriber(t)
	f.subscribed(s, "/feeds/all.atom")
	f.subscribed(s, "/feeds/all.atom", "hub.lease_seconds", "1000")
	f.subs.only(t)
}

// broken are feeds that cannot be rendered at the moment.
type broken struct{}

func (broken) ForHub() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
}

func (broken) FeedTopic(u *url.URL) (newswire.Topic, error) {
	if u.Path == "/odd" {
		return "", errors.New("it is odd")
	}
	return newswire.All, nil
}

func TestHubThatCannotReadItsFeedsAsksToComeBack(t *testing.T) {
	f := newFixtureOf(t, broken{}, hub.Options{})
	code, header, body := f.post("application/x-www-form-urlencoded", request("subscribe", "/feeds/all.atom", good).Encode())
	if code != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
		t.Errorf("%d, Retry-After %q: %s; want 503 with one", code, header.Get("Retry-After"), body)
	}
	if code, body := f.ask(request("subscribe", "/odd", good)); code != http.StatusBadRequest || !strings.Contains(body, "it is odd") {
		t.Errorf("%d %s; want the reason in words", code, body)
	}
}
