package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// hookSecret is what scripts sign webhooks with.
const hookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// hook is a partner's endpoint for webhooks.
type hook struct {
	url string

	mu   sync.Mutex
	code int
	sent []string // a line for each message
}

// ServeHTTP implements [http.Handler].
func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.Method == http.MethodGet {
		for _, line := range h.sent {
			fmt.Fprint(w, line)
		}
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	signed := "signed"
	if wh, err := standardwebhooks.NewWebhook(hookSecret); err != nil || wh.Verify(body, r.Header) != nil {
		signed = "not signed"
	}
	h.sent = append(h.sent, fmt.Sprintf("%d %s %s %s", h.code, signed, r.Header.Get("webhook-id"), body))
	w.WriteHeader(h.code)
}

func startHook(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: hook NAME [CODE]")
	}
	all := ts.Value(hooksKey).(map[string]*hook)
	h := all[args[0]]
	if h == nil {
		h = &hook{code: http.StatusNoContent}
		server := httptest.NewServer(h)
		ts.Value(testKey).(testing.TB).Cleanup(server.Close)
		all[args[0]], h.url = h, server.URL
		ts.Setenv(args[0], server.URL)
	}
	if len(args) == 2 {
		code, err := strconv.Atoi(args[1])
		ts.Check(err)
		h.mu.Lock()
		defer h.mu.Unlock()
		h.code = code
	}
}
