package hub_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/newswire/newswire/syndication/hub"
)

// FuzzRequest has strangers send anything: each gets an answer, and what is accepted is a subscription to a feed of ours with a
// callback that can be asked.
func FuzzRequest(f *testing.F) {
	for _, tt := range refused {
		f.Add(tt.form.Encode())
	}
	f.Add(request("subscribe", "/feeds/all.atom?limit=3", "https://reader.example/push?x=1", "hub.secret", "k", "hub.lease_seconds", "7").Encode())
	f.Add("hub.mode=subscribe&hub.mode;x=%00&=&&hub.topic[]=1")
	f.Fuzz(func(t *testing.T, body string) {
		// Nothing runs, so what is accepted waits for ever.
		h := hub.New(newList(), &plainText{"one\n"}, hub.Options{Site: func() string { return site }})
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, hub.Path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		switch w.Code {
		case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
			return
		case http.StatusAccepted:
		default:
			t.Fatalf("%q: %d %s", body, w.Code, w.Body)
		}
		form, err := url.ParseQuery(body)
		if err != nil {
			t.Fatalf("%q was accepted: %v", body, err)
		}
		callback, err := url.Parse(form.Get("hub.callback"))
		if err != nil || callback.Scheme != "http" && callback.Scheme != "https" || callback.Hostname() == "" || callback.User != nil {
			t.Errorf("%q was accepted, with the callback %q", body, form.Get("hub.callback"))
		}
		if topic, err := url.Parse(form.Get("hub.topic")); form.Get("hub.mode") == "subscribe" && (err != nil || !strings.EqualFold(topic.Hostname(), "wire.example.org")) {
			t.Errorf("%q was accepted, with the topic %q", body, form.Get("hub.topic"))
		}
	})
}
