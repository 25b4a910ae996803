package sourcetest

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // hubs may sign with it
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// Hub is a WebSub hub under a test's control, on loopback. It verifies what it is asked for before it answers, unless the
// test tells it otherwise, and delivers when the test says so.
type Hub struct {
	t      testing.TB
	server *httptest.Server

	mu       sync.Mutex // guards what follows
	requests []url.Values
	secrets  map[string]string // by callback, of what was verified
	topics   map[string]string // by callback
	answer   http.Handler
	passive  bool
	lease    string
}

// NewHub starts a hub, and stops it when the test ends.
func NewHub(t testing.TB) *Hub {
	t.Helper()
	h := &Hub{t: t, secrets: map[string]string{}, topics: map[string]string{}, lease: "864000"}
	h.server = httptest.NewServer(http.HandlerFunc(h.serve))
	t.Cleanup(h.server.Close)
	return h
}

// URL is the hub's address.
func (h *Hub) URL() string { return h.server.URL + "/hub" }

// Answer has a handler answer requests from now on; nil goes back to what a hub does. It is called with the form parsed.
func (h *Hub) Answer(handler http.Handler) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answer = handler
}

// Passive has the hub accept requests, and verify none.
func (h *Hub) Passive(passive bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.passive = passive
}

// Grant sets the seconds of a lease, as they are written.
func (h *Hub) Grant(seconds string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lease = seconds
}

// Requests are all forms that were posted, in order.
func (h *Hub) Requests() []url.Values {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]url.Values(nil), h.requests...)
}

// Subscribers are the callbacks that were verified and not left, with their topics.
func (h *Hub) Subscribers() map[string]string {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := map[string]string{}
	for callback := range h.secrets {
		all[callback] = h.topics[callback]
	}
	return all
}

func (h *Hub) serve(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || r.Method != http.MethodPost {
		http.Error(w, "post a form", http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	h.requests = append(h.requests, r.PostForm)
	answer, passive := h.answer, h.passive
	h.mu.Unlock()
	switch {
	case answer != nil:
		answer.ServeHTTP(w, r)
		return
	case !passive:
		status, echoed := h.Verify(r.PostForm)
		if status/100 != 2 || !echoed {
			http.Error(w, "the callback does not verify", http.StatusBadRequest)
			return
		}
	}
	w.WriteHeader(http.StatusAccepted)
}

// challenge is what a subscriber is to echo.
const challenge = "kX9<b>0</b>"

// Verify asks a callback whether a form was meant, and does what it asks for if so. The query is put over what the hub asks
// with by itself: "hub.topic", "https://other.example/".
func (h *Hub) Verify(form url.Values, query ...string) (status int, echoed bool) {
	h.t.Helper()
	h.mu.Lock()
	lease := h.lease
	h.mu.Unlock()
	q := url.Values{
		"hub.mode": {form.Get("hub.mode")}, "hub.topic": {form.Get("hub.topic")}, "hub.challenge": {challenge}, "hub.lease_seconds": {lease},
	}
	for i := 0; i+1 < len(query); i += 2 {
		q.Set(query[i], query[i+1])
	}
	status, body := h.Ask(form.Get("hub.callback"), q)
	echoed = body == challenge
	if status/100 == 2 && echoed {
		h.mu.Lock()
		defer h.mu.Unlock()
		if q.Get("hub.mode") == "unsubscribe" {
			delete(h.secrets, form.Get("hub.callback"))
		} else {
			h.secrets[form.Get("hub.callback")], h.topics[form.Get("hub.callback")] = form.Get("hub.secret"), form.Get("hub.topic")
		}
	}
	return status, echoed
}

// Ask gets a callback with a query. The status is 0 where there is no answer.
func (h *Hub) Ask(callback string, q url.Values) (status int, body string) {
	h.t.Helper()
	response, err := http.Get(callback + "?" + q.Encode())
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	b, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(b)
}

// Push delivers a document to all subscribers, signed with sha256, and returns the last status.
func (h *Hub) Push(document string) (status int) {
	h.t.Helper()
	for callback := range h.Subscribers() {
		status = h.Deliver(callback, document, "X-Hub-Signature", Sign("sha256", h.Secret(callback), document))
	}
	return status
}

// Secret is the one that a callback's deliveries are signed with.
func (h *Hub) Secret(callback string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.secrets[callback]
}

// Deliver posts a document to a callback with some headers, and returns the status, 0 where there is no answer.
func (h *Hub) Deliver(callback, document string, headers ...string) (status int) {
	h.t.Helper()
	request, err := http.NewRequest(http.MethodPost, callback, strings.NewReader(document))
	if err != nil {
		h.t.Fatal(err)
	}
	request.Header.Set("Content-Type", mediaType([]byte(document)))
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

// Sign is the X-Hub-Signature of a document by a method: sha1, sha256, sha384 or sha512.
func Sign(method, secret, document string) string {
	of := map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New}[method]
	mac := hmac.New(of, []byte(secret))
	_, _ = io.WriteString(mac, document)
	return fmt.Sprintf("%s=%s", method, hex.EncodeToString(mac.Sum(nil)))
}
