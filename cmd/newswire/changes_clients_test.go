package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/newswire/newswire"
)

// listener is a client that follows the change log, and what it was told.
type listener struct {
	name string
	base string // address of the API
	http *http.Client

	mu      sync.Mutex // guards what follows
	told    []string   // cursors, in order
	next    string     // where it goes on
	resyncs []string   // answers that its cursor is gone
	wrong   map[string]int
}

// told is what a client reads of a change.
type toldChange struct {
	Cursor string
}

// follow has three clients follow the log from its beginning, until the test ends.
func follow(t *testing.T, base string) []*listener {
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var all []*listener
	add := func(name string, run func(l *listener, ctx context.Context)) {
		l := &listener{name: name, base: base, http: &http.Client{Transport: &http.Transport{}}, next: "0", wrong: map[string]int{}}
		all = append(all, l)
		wg.Go(func() {
			for ctx.Err() == nil {
				run(l, ctx)
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	add("poll", func(l *listener, ctx context.Context) { l.poll(ctx, "") })
	add("long poll", func(l *listener, ctx context.Context) { l.poll(ctx, "&wait=10s") })
	add("stream", (*listener).stream)
	t.Cleanup(func() {
		stop()
		wg.Wait()
		for _, l := range all {
			l.http.CloseIdleConnections()
		}
	})
	return all
}

// tell notes what the client was told, and where it goes on.
func (l *listener) tell(next string, changes ...toldChange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range changes {
		l.told = append(l.told, c.Cursor)
	}
	l.next = next
}

// answered looks at the status of an answer, and says whether it is one.
func (l *listener) answered(answer *http.Response) bool {
	if answer.StatusCode == http.StatusOK {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wrong[answer.Status]++
	if answer.StatusCode == http.StatusGone {
		l.resyncs = append(l.resyncs, fmt.Sprintf("%s after %d", l.next, len(l.told)))
	}
	return false
}

func (l *listener) ask(ctx context.Context, path string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, l.base+path, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Last-Event-ID", l.next)
	return l.http.Do(r)
}

// poll asks until there is nothing new, or an answer was cut off.
func (l *listener) poll(ctx context.Context, wait string) {
	for {
		answer, err := l.ask(ctx, "changes?limit=200"+wait+"&after="+l.next)
		if err != nil {
			return
		}
		var page struct {
			Changes []toldChange
			Next    string
		}
		whole := l.answered(answer) && json.NewDecoder(answer.Body).Decode(&page) == nil
		_ = answer.Body.Close()
		if !whole {
			return
		}
		if l.tell(page.Next, page.Changes...); len(page.Changes) == 0 {
			return
		}
	}
}

// stream reads server-sent events until the connection ends.
func (l *listener) stream(ctx context.Context) {
	answer, err := l.ask(ctx, "changes/stream")
	if err != nil {
		return
	}
	defer answer.Body.Close()
	if !l.answered(answer) {
		return
	}
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	id, data, kind := l.next, "", ""
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ": ")
		switch field {
		case "id":
			id = value
		case "event":
			kind = value
		case "data":
			data = value
		case "": // an event that is not cut off
			var c toldChange
			switch {
			case kind != "":
				l.answered(&http.Response{StatusCode: http.StatusGone, Status: kind})
				return
			case data == "":
				l.tell(id)
			case json.Unmarshal([]byte(data), &c) == nil:
				l.tell(id, c)
			}
			data = ""
		}
	}
}

// check waits until the clients have heard the whole log, and compares what they heard with it, and the log with what was
// written.
func check(t *testing.T, w *writer, clients []*listener) {
	t.Helper()
	all := everyCursor(t, w)
	if t.Failed() {
		return
	}
	for _, l := range clients {
		l.await(t, all[len(all)-1])
		l.mu.Lock()
		lost, repeated, misplaced := compare(l.told, all)
		t.Logf("%s: %d lost, %d repeated, %d out of order of %d changes; %d times told to begin again; refused: %v",
			l.name, lost, repeated, misplaced, len(all), len(l.resyncs), l.wrong)
		if lost+repeated+misplaced+len(l.resyncs) > 0 {
			t.Errorf("%s did not hear each change once and in order; its cursor was gone: %v", l.name, l.resyncs)
		}
		l.mu.Unlock()
	}
}

// await waits until a client has heard of a change.
func (l *listener) await(t *testing.T, last string) {
	t.Helper()
	var next string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		l.mu.Lock()
		n := l.next
		l.mu.Unlock()
		if n == last {
			return
		}
		if n != next { // it is not there yet, but on its way
			next, deadline = n, time.Now().Add(time.Minute)
		}
	}
	t.Errorf("%s is at %s, want %s", l.name, next, last)
}

// everyCursor reads the log, and holds it against what was written: each revision of each article once and in order, and
// then the removal of those that were withdrawn.
func everyCursor(t *testing.T, w *writer) (all []string) {
	t.Helper()
	heard := map[string]int{} // the last revision of each article, one more for its removal
	lost, repeated := 0, 0
	for after := newswire.Cursor(""); ; {
		some, err := w.store.Changes(t.Context(), after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(some) == 0 {
			break
		}
		for _, c := range some {
			all = append(all, string(c.Cursor))
			n := c.Revision
			if c.Op == newswire.Remove {
				n++
			}
			switch before := heard[c.Article]; {
			case n <= before:
				repeated++
			case n > before+1:
				lost += n - before - 1
			}
			heard[c.Article] = max(heard[c.Article], n)
		}
		after = some[len(some)-1].Cursor
	}
	for source, p := range w.sources {
		for i := range articlesAtOnce {
			lost += max(0, p.last(i)-heard[written(source, i, 1).ID])
		}
	}
	t.Logf("the log: %d lost, %d repeated of %d changes that were acknowledged", lost, repeated, w.total())
	if lost+repeated > 0 || len(all) != w.total() {
		t.Errorf("the log has %d changes, %d lost and %d repeated, of %d that were acknowledged", len(all), lost, repeated, w.total())
	}
	return all
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
