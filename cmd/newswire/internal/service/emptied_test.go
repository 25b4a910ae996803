package service

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/newswire/newswire/cache/rediscache/redistest"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/stores"
	"github.com/newswire/newswire/sources/sourcetest"
)

// lockedBuffer is a log that is read while it is written.
type lockedBuffer struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// running is a service at work on a store, with its log.
type running struct {
	public, admin string
	store         *stores.Pending
	log           lockedBuffer
}

// start runs a service for the sources of a config until the test ends.
func start(t *testing.T, address, sources string) *running {
	t.Helper()
	conf, err := config.Parse("newswire.yaml", fmt.Appendf(nil, `
site: {title: Wire, url: https://wire.example}
store: %s
fetch: {allow_private: [127.0.0.0/8], domain_interval: 0s}
sources:
%s`, address, sources))
	if err != nil {
		t.Fatal(err)
	}
	r := &running{}
	log := slog.New(slog.NewTextHandler(&r.log, nil))
	s := &Service{Config: conf, Version: "test", Store: stores.NewPending(address, stores.Memory{}, log), Log: log, Visits: true}
	for _, l := range []struct {
		listener *net.Listener
		address  *string
	}{{&s.Public, &r.public}, {&s.Admin, &r.admin}} {
		if *l.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		*l.address = "http://" + (*l.listener).Addr().String()
	}
	if err := s.Store.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the service ended with %v", err)
		}
		if err := s.Store.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// get is the body of an answer.
func get(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// until waits for something to hold.
func until(t *testing.T, r *running, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(90 * time.Second); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in vain: %s; the log is\n%s", what, r.log.String())
		}
	}
}

func TestAnEmptiedStoreFillsAgainByItself(t *testing.T) {
	for name, empty := range map[string]func(*redistest.Server){
		"FLUSHALL":                 (*redistest.Server).Flush,
		"a restart without a file": (*redistest.Server).Restart,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t, redistest.Options{})
			feed := func(guid string) string {
				return `<rss version="2.0"><channel><title>T</title><item><guid>` + guid + `</guid><title>Title of ` + guid +
					`</title><description>Words enough.</description></item></channel></rss>`
			}
			first, second := sourcetest.NewPublisher(t, feed("one")), sourcetest.NewPublisher(t, feed("two"))
			r := start(t, server.URL(), fmt.Sprintf(`
  - {id: first, url: %q, schedule: "@every 1h"}
  - {id: second, url: %q, schedule: "@every 1h"}
`, first.URL(), second.URL()))
			filled := func() bool {
				body := get(t, r.public+"/feeds/all.atom")
				return strings.Contains(body, "Title of one") && strings.Contains(body, "Title of two")
			}
			// A feed can have an article before the log was read that tells of it, and is made again when that is read: what is
			// emptied at that moment is what it is made of. So there are some polls of the log in between.
			told := 0
			until(t, r, "the first articles, and that the log was read", func() bool {
				if filled() {
					told++
				}
				return told > 50
			})
			if body := get(t, r.admin+"/readyz"); strings.Contains(body, "emptied") || strings.Contains(r.log.String(), "emptied") {
				t.Errorf("before the store was emptied readyz says %q, and the log %s", body, r.log.String())
			}
			seen := make(chan struct{}) // the refill does not end before
			second.Answer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				select {
				case <-seen:
				case <-r.Context().Done():
				}
				w.WriteHeader(http.StatusServiceUnavailable)
			}))
			first.Publish(feed("three"))
			empty(server)
			until(t, r, "a word in readyz", func() bool {
				if !strings.Contains(r.log.String(), "all sources were visited again") && !filled() {
					t.Error("readers get less than before while the store fills")
				}
				return strings.Contains(get(t, r.admin+"/readyz"), "have yet to be visited again")
			})
			close(seen)
			if log := r.log.String(); strings.Count(log, "the store was emptied, or is another one") != 1 {
				t.Errorf("the log does not say once what happened:\n%s", log)
			}
			until(t, r, "the visit to a source that was not due", func() bool {
				return strings.Contains(get(t, r.public+"/feeds/all.atom"), "Title of three")
			})
			until(t, r, "the end of the refill", func() bool { return strings.Contains(r.log.String(), "all sources were visited again") })
			if body := get(t, r.admin+"/readyz"); strings.Contains(body, "found empty") {
				t.Errorf("readyz goes on about the store: %q", body)
			}
		})
	}
}
