package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/api"
)

// events is a client of server-sent events.
type events struct {
	*http.Response
	lines  *bufio.Reader
	cancel context.CancelFunc
	last   string // Last-Event-ID
	name   string // of the last event
}

// stream opens a stream, after what Last-Event-ID says if that is not empty.
func (s *server) stream(t testing.TB, query, last string) *events {
	t.Helper()
	return s.open(t, query, "Last-Event-ID", last)
}

// streamAs opens a stream with a key.
func (s *server) streamAs(t testing.TB, key string) *events {
	t.Helper()
	return s.open(t, "", "Authorization", key)
}

// open opens a stream with a header field, if its value is not empty.
func (s *server) open(t testing.TB, query, field, value string) *events {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+api.Path+"changes/stream?"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	if value != "" {
		r.Header.Set(field, value)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = response.Body.Close()
	})
	return newEvents(response, cancel)
}

func newEvents(response *http.Response, cancel context.CancelFunc) *events {
	return &events{Response: response, lines: bufio.NewReader(response.Body), cancel: cancel}
}

// read reads to the end of an event with data. It is false at the end of the stream.
func (e *events) read() (data string, ok bool) {
	e.name = ""
	for {
		line, err := e.lines.ReadString('\n')
		if err != nil {
			return "", false
		}
		line = strings.TrimSuffix(line, "\n")
		switch {
		case line == "" && data != "":
			return data, true
		case strings.HasPrefix(line, "id: "):
			e.last = line[4:]
		case strings.HasPrefix(line, "event: "):
			e.name = line[7:]
		case strings.HasPrefix(line, "data: "):
			data = line[6:]
		}
	}
}

// next is the next change.
func (e *events) next(t testing.TB) change {
	t.Helper()
	data, ok := e.read()
	if !ok {
		t.Fatal("the stream ended")
	}
	var c change
	if err := json.Unmarshal([]byte(data), &c); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	if c.Cursor != e.last {
		t.Errorf("id %s of the change %s", e.last, c.Cursor)
	}
	return c
}

func TestAStreamTellsChangesAsTheyComeAndResumes(t *testing.T) {
	onEveryStore(t, func(t *testing.T, store cache.Store) {
		s := serve(t, store, api.Options{Heartbeat: 30 * time.Millisecond})
		e := s.stream(t, "", "")
		if e.StatusCode != 200 || e.Header.Get("Content-Type") != "text/event-stream" {
			t.Fatalf("%d %q", e.StatusCode, e.Header.Get("Content-Type"))
		}
		a := article("dsb", 1)
		for line := ""; !strings.HasPrefix(line, ":"); {
			var err error
			if line, err = e.lines.ReadString('\n'); err != nil {
				t.Fatalf("before a heartbeat: %v", err)
			}
		}
		record(t, store, a)
		if c := e.next(t); c.Article != a.ID || c.Item == nil {
			t.Errorf("streamed %+v", c)
		}
		e.cancel()
		a.Revision = 2
		record(t, store, a)
		a.Revision = 3
		record(t, store, a)
		again := s.stream(t, "after=nonsense", e.last) // the field comes first
		for want := 2; want <= 3; want++ {
			if c := again.next(t); c.Revision != want {
				t.Errorf("resumed with revision %d, want %d", c.Revision, want)
			}
		}
	})
}

func TestAStreamThatBeganBeforeAnyChangeCanBeResumed(t *testing.T) {
	store := openSQLite(t)
	s := serve(t, store, api.Options{})
	e := s.stream(t, "", "")
	line, err := e.lines.ReadString('\n')
	last, ok := strings.CutPrefix(strings.TrimSpace(line), "id: ")
	if err != nil || !ok {
		t.Fatalf("the stream begins with %q, %v; want an id", line, err)
	}
	e.cancel()
	a := article("dsb", 1)
	record(t, store, a)
	if c := s.stream(t, "", last).next(t); c.Article != a.ID {
		t.Errorf("resumed with %+v", c)
	}
}

func TestAStreamEndsWithTheService(t *testing.T) {
	store := openSQLite(t)
	registry := prometheus.NewRegistry()
	a := api.New(store, func() *api.Settings { return settings }, api.Options{Poll: 10 * time.Millisecond, Registerer: registry})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	s := &server{API: a, url: listen(t, a), metrics: registry}
	e := s.stream(t, "", "")
	poll := make(chan int, 1)
	go func() { poll <- s.ask(t, http.MethodGet, "changes?wait=30s&after=0").StatusCode }()
	s.waiting(t, 2)
	stop()
	<-done
	if data, ok := e.read(); ok {
		t.Errorf("after the end: %s", data)
	}
	if code := <-poll; code != http.StatusOK {
		t.Errorf("a long poll at the end = %d", code)
	}
}

// silent is a store in which articles cannot be read for a while.
type silent struct {
	cache.Store
	left atomic.Int32 // readings that fail
}

func (s *silent) Article(ctx context.Context, id string) (newswire.Article, error) {
	if s.left.Add(-1) >= 0 {
		return newswire.Article{}, errAway
	}
	return s.Store.Article(ctx, id)
}

func TestStreamGoesOnAfterAnErrorWithoutFurtherNews(t *testing.T) {
	store := &silent{Store: openSQLite(t)}
	s := serve(t, store, api.Options{Heartbeat: time.Hour})
	e := s.stream(t, "", "0")
	store.left.Store(2)
	a := article("dsb", 1)
	record(t, store, a)
	if data, ok := e.read(); !ok || !strings.Contains(data, a.ID) {
		t.Errorf("read %q, %t; want the change", data, ok)
	}
	if left := store.left.Load(); left > 0 {
		t.Errorf("%d errors are left: the stream met none", left)
	}
}
