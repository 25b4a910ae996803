package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache"
	"github.com/newswire/newswire/cache/rediscache/redistest"
	"github.com/newswire/newswire/syndication/api"
)

// manyChanges is how many changes three clients follow while everything is disturbed.
const manyChanges = 1000

// faulty is a store that is away now and then.
type faulty struct {
	cache.Store
	away atomic.Bool
}

var errAway = errors.New("the store is away")

// fault fails while the store is away, and one call in some hundreds at any time.
func (f *faulty) fault() error {
	if f.away.Load() || rand.IntN(300) == 0 {
		return errAway
	}
	return nil
}

func (f *faulty) Article(ctx context.Context, id string) (newswire.Article, error) {
	if err := f.fault(); err != nil {
		return newswire.Article{}, err
	}
	return f.Store.Article(ctx, id)
}

func (f *faulty) Changes(ctx context.Context, after newswire.Cursor, limit int) ([]newswire.Change, error) {
	if err := f.fault(); err != nil {
		return nil, err
	}
	return f.Store.Changes(ctx, after, limit)
}

func (f *faulty) Head(ctx context.Context) (newswire.Cursor, error) {
	if err := f.fault(); err != nil {
		return "", err
	}
	return f.Store.Head(ctx)
}

// replica is an API that is cut off and started again on the same address. Its port is kept meanwhile, or another process
// could have it.
type replica struct {
	store   api.Store
	server  *httptest.Server
	current atomic.Pointer[api.API] // nil while it is away
	end     func()
}

func newReplica(t *testing.T, store api.Store) *replica {
	t.Helper()
	r := &replica{store: store}
	r.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		a := r.current.Load()
		if a == nil {
			panic(http.ErrAbortHandler) // the connection is cut
		}
		a.ServeHTTP(w, request)
	}))
	t.Cleanup(r.server.Close)
	return r
}

func (r *replica) start() {
	a := api.New(r.store, func() *api.Settings { return settings }, api.Options{Poll: 5 * time.Millisecond, Heartbeat: 50 * time.Millisecond, Kept: 500})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = a.Run(ctx)
	}()
	r.current.Store(a)
	r.end = func() {
		r.current.Store(nil)
		cancel()
		r.server.CloseClientConnections()
		<-done
	}
}

// heard is what a client was told, in order.
type heard struct {
	name string
	mu   sync.Mutex
	told []string // cursors
	next string
}

func (h *heard) tell(next string, changes ...change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range changes {
		h.told = append(h.told, changes[i].Cursor)
	}
	h.next = next
}

func (h *heard) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.told)
}

// client is what the followers ask with.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// poll follows by polls, long ones where wait says so, until ctx ends.
func (h *heard) poll(ctx context.Context, address, wait string) {
	for ctx.Err() == nil {
		var p changePage
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"changes?limit=100"+wait+"&after="+h.next, nil)
		if err != nil {
			panic(err)
		}
		answer, err := client.Do(r)
		if err == nil {
			if answer.StatusCode == http.StatusOK && json.NewDecoder(answer.Body).Decode(&p) == nil { // whole, or asked for again
				h.tell(p.Next, p.Changes...)
			}
			_ = answer.Body.Close()
		}
		if len(p.Changes) == 0 {
			time.Sleep(time.Millisecond)
		}
	}
}

// stream follows by server-sent events until ctx ends.
func (h *heard) stream(ctx context.Context, address string) {
	for ctx.Err() == nil {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"changes/stream", nil)
		if err != nil {
			panic(err)
		}
		r.Header.Set("Last-Event-ID", h.next)
		answer, err := client.Do(r)
		if err != nil {
			time.Sleep(time.Millisecond)
			continue
		}
		e := newEvents(answer, func() {})
		for answer.StatusCode == http.StatusOK {
			data, ok := e.read()
			var c change
			if !ok || json.Unmarshal([]byte(data), &c) != nil {
				break
			}
			h.tell(e.last, c)
		}
		_ = answer.Body.Close()
	}
}

// TestClientsHearEveryChangeOnceFromAStoreThatFails has a poll, a long poll and a stream follow the log while what serves them is
// cut off and started again, and the store fails and is away. A million changes, and real kills, are for make changes.
func TestClientsHearEveryChangeOnceFromAStoreThatFails(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) (cache.Store, func()){
		"sqlite": func(t *testing.T) (cache.Store, func()) { return openSQLite(t), func() {} },
		"redis": func(t *testing.T) (cache.Store, func()) {
			server := redistest.Start(t, redistest.Options{AppendOnly: true})
			store, err := rediscache.Open(t.Context(), server.URL(), rediscache.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { closeStore(t, store) })
			return store, func() {
				server.Kill()
				server.Restart()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, crash := open(t)
			disturbed(t, store, crash)
		})
	}
}

func disturbed(t *testing.T, store cache.Store, crash func()) {
	weak := &faulty{Store: store}
	r := newReplica(t, weak)
	r.start()
	defer func() { r.end() }()
	address := r.server.URL + api.Path
	ctx, stop := context.WithCancel(t.Context())
	clients := []*heard{{name: "poll", next: "0"}, {name: "long poll", next: "0"}, {name: "stream", next: "0"}}
	var wg sync.WaitGroup
	wg.Go(func() { clients[0].poll(ctx, address, "") })
	wg.Go(func() { clients[1].poll(ctx, address, "&wait=10s") })
	wg.Go(func() { clients[2].stream(ctx, address) })
	defer func() {
		stop()
		wg.Wait()
	}()

	written := 0
	for round := 0; written < manyChanges; round++ {
		written += publish(t, store, round, 50)
		switch round % 8 {
		case 1:
			r.end()
			r.start()
		case 3:
			weak.away.Store(true)
			time.Sleep(20 * time.Millisecond)
			weak.away.Store(false)
		case 6:
			if round/8%4 == 0 {
				crash()
			}
		}
	}
	all, err := everyCursor(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < written {
		t.Fatalf("%d changes in the log of %d that were written", len(all), written)
	}
	for _, c := range clients {
		until(t, fmt.Sprintf("%s has heard all %d", c.name, len(all)), func() bool { return c.count() >= len(all) })
		c.mu.Lock()
		lost, repeated, misplaced := compare(c.told, all)
		c.mu.Unlock()
		t.Logf("%s: %d lost, %d repeated, %d out of order, of %d changes", c.name, lost, repeated, misplaced, len(all))
		if lost+repeated+misplaced > 0 {
			t.Fail()
		}
	}
}

// publish records new articles, or the next revisions of the round before, and withdraws one now and then. It returns how
// many changes that makes. A store that was cut off a moment ago is asked again.
func publish(t *testing.T, store cache.Store, round, n int) int {
	t.Helper()
	source := fmt.Sprintf("s%d", round/2)
	var articles []newswire.Article
	for i := range n {
		a := article(source, i, "finance")
		a.Revision = 1 + round%2
		a.Offer = fmt.Sprint(a.Revision)
		articles = append(articles, a)
	}
	again(t, func(ctx context.Context) error {
		due, err := store.Due(ctx)
		if err != nil {
			return err
		}
		if err := store.Reschedule(ctx, source, due[source], time.Now().Add(-time.Hour)); err != nil {
			return err
		}
		leases, err := store.Claim(ctx, 1, time.Minute, source)
		if err != nil || len(leases) != 1 {
			return errors.Join(err, errors.New("no lease"))
		}
		return store.Record(ctx, leases[0], newswire.Visit{
			Source: source, At: leases[0].At, Articles: articles, State: newswire.State{Source: source, Due: leases[0].At.Add(time.Hour)},
		})
	})
	if round%2 == 0 {
		return n
	}
	again(t, func(ctx context.Context) error {
		_, err := store.Withdraw(ctx, articles[0].ID, "a mistake")
		return err
	})
	return n + 1
}

func again(t *testing.T, do func(ctx context.Context) error) {
	t.Helper()
	var err error
	for range 3000 {
		if err = do(t.Context()); err == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal(err)
}

// everyCursor is the whole log.
func everyCursor(ctx context.Context, store cache.Store) (all []string, err error) {
	for after := newswire.Cursor(""); ; {
		some, err := store.Changes(ctx, after, 1000)
		if err != nil || len(some) == 0 {
			return all, err
		}
		for _, c := range some {
			all = append(all, string(c.Cursor))
		}
		after = some[len(some)-1].Cursor
	}
}

// compare counts what differs between what a client was told and the log.
func compare(told, all []string) (lost, repeated, misplaced int) {
	times := make(map[string]int, len(all))
	for i, cursor := range told {
		if times[cursor]++; times[cursor] > 1 {
			repeated++
		}
		if i < len(all) && cursor != all[i] {
			misplaced++
		}
	}
	for _, cursor := range all {
		if times[cursor] == 0 {
			lost++
		}
	}
	return lost, repeated, misplaced
}
