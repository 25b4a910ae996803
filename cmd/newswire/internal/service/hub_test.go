package service

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire/sources/sourcetest"
)

// page is a publisher's feed with so many articles.
func page(n int) string {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>Daily</title><link>https://daily.example.com/</link><description>d</description>`)
	for i := n; i > 0; i-- {
		fmt.Fprintf(&b, "<item><guid>https://daily.example.com/%d</guid><link>https://daily.example.com/%[1]d</link><title>Number %[1]d</title></item>", i)
	}
	b.WriteString("</channel></rss>")
	return b.String()
}

// push is what a callback was sent.
type push struct {
	header http.Header
	body   string
}

func newCallback(t *testing.T) (address string, deliveries <-chan push) {
	t.Helper()
	sent := make(chan push, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, r.URL.Query().Get("hub.challenge"))
			return
		}
		body, _ := io.ReadAll(r.Body)
		sent <- push{r.Header, string(body)}
	}))
	t.Cleanup(server.Close)
	return server.URL + "/push", sent
}

func TestChangeGoesFromThePublisherToASubscriberOfTheHub(t *testing.T) {
	publisher := sourcetest.NewPublisher(t, page(2))
	r := start(t, "sqlite:"+t.TempDir()+"/wire.db", fmt.Sprintf("  - {id: daily, url: %q, schedule: \"@every 1s\"}\n", publisher.URL()))
	until(t, r, "the publisher's articles", func() bool { return strings.Contains(get(t, r.public+"/feeds/all.atom"), "Number 2") })
	feed, err := http.Get(r.public + "/feeds/all.atom")
	if err != nil {
		t.Fatal(err)
	}
	_ = feed.Body.Close()
	const link = `<https://wire.example/feeds/all.atom>; rel="self", <https://wire.example/hub>; rel="hub"`
	if got := feed.Header.Get("Link"); got != link {
		t.Errorf("Link: %s; want %s", got, link)
	}
	if text := get(t, r.public+"/hub"); !strings.Contains(text, "https://wire.example/feeds.opml") {
		t.Errorf("the hub says of itself %q", text)
	}

	callback, deliveries := newCallback(t)
	answer, err := http.PostForm(r.public+"/hub", url.Values{
		"hub.mode": {"subscribe"}, "hub.topic": {"https://wire.example/feeds/all.atom"}, "hub.callback": {callback}, "hub.secret": {"k"},
	})
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusAccepted {
		t.Fatalf("subscribed: %s", answer.Status)
	}
	publisher.Publish(page(3))
	select {
	case d := <-deliveries:
		mac := hmac.New(sha256.New, []byte("k"))
		mac.Write([]byte(d.body))
		if !strings.Contains(d.body, "Number 3") || strings.Contains(d.body, "Number 2") || d.header.Get("X-Hub-Signature") != "sha256="+hex.EncodeToString(mac.Sum(nil)) {
			t.Errorf("delivered %v\n%s\nwant the new article alone, signed", d.header, d.body)
		}
	case <-time.After(90 * time.Second):
		t.Fatalf("nothing was delivered:\n%s", r.log.String())
	}
	for _, metric := range []string{
		`newswire_hub_verifications_total{mode="subscribe",result="verified"} 1`, `newswire_deliveries_total{channel="hub",outcome="sent"} 1`,
	} {
		until(t, r, metric, func() bool { return strings.Contains(get(t, r.admin+"/metrics"), metric) })
	}
}
