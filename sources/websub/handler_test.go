package websub_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/sourcetest"
	"github.com/newswire/newswire/sources/websub"
)

// known is a subscriber with one subscription, and one that is to end.
type known struct {
	token, left, secret string

	mu        sync.Mutex // guards all below
	lookups   int
	delivered []websub.Delivery
	denied    []websub.Denial
	err       error
}

func (k *known) Secrets(_ context.Context, source, token string) ([]string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lookups++
	switch {
	case k.err != nil:
		return nil, k.err
	case source == "a" && token == k.left:
		return nil, websub.ErrLeft
	case source != "a" || token != k.token:
		return nil, newswire.ErrNotFound
	}
	return []string{k.secret}, nil
}

func (k *known) Verify(_ context.Context, source, token string, v websub.Verification) error {
	if source != "a" || token != k.token || v.Topic != "t" || v.Lease != time.Hour {
		return newswire.ErrNotFound
	}
	return k.err
}

func (k *known) Deny(_ context.Context, _, _ string, d websub.Denial) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.denied = append(k.denied, d)
	return nil
}

func (k *known) Deliver(_ context.Context, d *websub.Delivery) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.delivered = append(k.delivered, *d)
	return nil
}

// heard serves a handler on loopback. It returns its address, and what it says and counts.
func heard(t testing.TB, k *known, timeout time.Duration) (site string, log *strings.Builder, count func(websub.Outcome) int) {
	t.Helper()
	log = &strings.Builder{}
	var mu sync.Mutex
	outcomes := map[websub.Outcome]int{}
	h := websub.NewHandler(k, websub.Options{
		MaxBytes: 1 << 20, Timeout: timeout, Log: slog.New(slog.NewTextHandler(log, nil)),
		Report: func(o websub.Outcome) {
			mu.Lock()
			defer mu.Unlock()
			outcomes[o]++
		},
	})
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL, log, func(o websub.Outcome) int {
		mu.Lock()
		defer mu.Unlock()
		return outcomes[o]
	}
}

func newKnown() *known {
	return &known{token: websub.NewSecret(), left: websub.NewSecret(), secret: "s3cret"}
}

func TestDeliveriesAreAnsweredByWhatTheyAre(t *testing.T) {
	k := newKnown()
	site, _, count := heard(t, k, time.Minute)
	hub := sourcetest.NewHub(t)
	right, large := websub.Callback(site, "a", k.token), strings.Repeat("x", 1<<20+1)
	middle := large[:1<<20]
	signed := func(body string) string { return sourcetest.Sign("sha256", k.secret, body) }
	for _, tt := range []struct {
		name, callback, body, signature string
		status                          int
		outcome                         websub.Outcome
	}{
		{"signed", right, "words", signed("words"), 202, websub.Accepted},
		{"as large as may be", right, middle, signed(middle), 202, websub.Accepted},
		{"empty", right, "", signed(""), 202, websub.Accepted},
		{"forged", right, "words", signed("other words"), 202, websub.Forged},
		{"unsigned", right, "words", "", 403, websub.Unsigned},
		{"too large", right, large, signed(large), 413, websub.TooLarge},
		{"to another token", websub.Callback(site, "a", websub.NewSecret()), "words", signed("words"), 404, websub.Unknown},
		{"to another source", websub.Callback(site, "b", k.token), "words", signed("words"), 404, websub.Unknown},
		{"to no token", site + "/websub/a", "words", signed("words"), 404, websub.Unknown},
		{"to a token of another shape", right + "x", "words", signed("words"), 404, websub.Unknown},
		{"to a path below", right + "/x", "words", signed("words"), 404, websub.Unknown},
		{"to one that is to end", websub.Callback(site, "a", k.left), "words", signed("words"), 410, websub.Left},
	} {
		before := count(tt.outcome)
		headers := []string{}
		if tt.signature != "" {
			headers = append(headers, "X-Hub-Signature", tt.signature)
		}
		if status := hub.Deliver(tt.callback, tt.body, headers...); status != tt.status || count(tt.outcome) != before+1 {
			t.Errorf("%s: %d, and %d more %s; want %d, and one", tt.name, status, count(tt.outcome)-before, tt.outcome, tt.status)
		}
	}
	if len(k.delivered) != 3 {
		t.Errorf("%d deliveries were accepted; want 3", len(k.delivered))
	}
}

func TestAHubThatDripsIsLetGo(t *testing.T) {
	k := newKnown()
	site, _, count := heard(t, k, 100*time.Millisecond)
	callback := websub.Callback(site, "a", k.token)
	conn, err := net.Dial("tcp", strings.TrimPrefix(site, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nX-Hub-Signature: sha256=00\r\nContent-Length: 1000\r\n\r\nabc", strings.TrimPrefix(callback, site))
	began := time.Now()
	answer, _ := io.ReadAll(io.LimitReader(conn, 15))
	if !strings.Contains(string(answer), "408") || count(websub.Broken) != 1 {
		t.Errorf("a body that does not come is answered %q after %v, counted %d", answer, time.Since(began), count(websub.Broken))
	}
}

func TestOneSourceCannotFillAllSlots(t *testing.T) {
	k := newKnown()
	site, _, count := heard(t, k, time.Minute)
	callback := websub.Callback(site, "a", k.token)
	for range 4 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(site, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nX-Hub-Signature: sha256=00\r\nContent-Length: 1000\r\n\r\nabc", strings.TrimPrefix(callback, site))
	}
	hub := sourcetest.NewHub(t)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if hub.Deliver(callback, "x", "X-Hub-Signature", "sha256=00") == http.StatusServiceUnavailable && count(websub.Busy) > 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("a fifth delivery of one source is read while four are dripping")
		}
	}
}

func TestNoPartOfACallbackIsLogged(t *testing.T) {
	k := newKnown()
	site, log, _ := heard(t, k, time.Minute)
	hub := sourcetest.NewHub(t)
	k.err = errors.New("the disk is full")
	callback := websub.Callback(site, "a", k.token)
	if status := hub.Deliver(callback, "words", "X-Hub-Signature", "sha256=00"); status != http.StatusServiceUnavailable {
		t.Errorf("while the store is away a delivery is answered %d; want 503", status)
	}
	hub.Ask(callback, map[string][]string{"hub.mode": {"subscribe"}, "hub.topic": {"t"}, "hub.challenge": {"c"}, "hub.lease_seconds": {"3600"}})
	if said := log.String(); !strings.Contains(said, "the disk is full") || strings.Contains(said, k.token) {
		t.Errorf("the log is %q; want the error without the token", said)
	}
}

func TestDenialsAreFitToBeShown(t *testing.T) {
	k := newKnown()
	site, _, _ := heard(t, k, time.Minute)
	hub := sourcetest.NewHub(t)
	status, _ := hub.Ask(websub.Callback(site, "a", k.token), map[string][]string{
		"hub.mode": {"denied"}, "hub.topic": {"t"}, "hub.reason": {"not\n\x1b[31mhere\u202e " + strings.Repeat("x", 1000)},
	})
	if status/100 != 2 || len(k.denied) != 1 {
		t.Fatalf("a denial is answered %d, and noted %d times", status, len(k.denied))
	}
	if r := k.denied[0].Reason; !strings.HasPrefix(r, "not [31mhere xx") || len(r) > 200 {
		t.Errorf("the reason is %q; want it on one line, short, without controls", r)
	}
}

func BenchmarkForgedDeliveries(b *testing.B) {
	k := newKnown()
	h := websub.NewHandler(k, websub.Options{})
	body := strings.Repeat("<item>words</item>", 500)
	for name, path := range map[string]string{"token": "a." + websub.NewSecret(), "signature": "a." + k.token} {
		b.Run("wrong "+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, websub.Path+path, strings.NewReader(body))
				r.Header.Set("X-Hub-Signature", "sha256="+strings.Repeat("0", 64))
				h.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
}
