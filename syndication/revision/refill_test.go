package revision_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/revision"
)

// emptied is a log whose store is emptied and filled by a test.
type emptied struct {
	log
	replaced  atomic.Bool // not told yet
	articles  atomic.Int64
	completed atomic.Bool
}

func (s *emptied) Changes(ctx context.Context, after newswire.Cursor, limit int) ([]newswire.Change, error) {
	if s.replaced.Swap(false) {
		return nil, newswire.ErrReplaced
	}
	return s.log.Changes(ctx, after, limit)
}

func (s *emptied) empty() {
	s.articles.Store(0)
	s.completed.Store(false)
	s.replaced.Store(true)
}

// fill puts an article into the store.
func (s *emptied) fill(topics int64) {
	s.articles.Store(topics)
	s.append(newswire.Put, 1)
}

// target is a feed of what is in the store.
func (s *emptied) target(name string) revision.Target {
	return revision.Target{Topic: newswire.All, Name: name, Persist: true, Render: func(context.Context, *revision.Draft) (revision.Content, error) {
		n := s.articles.Load()
		return revision.Content{MediaType: "text/plain", Body: fmt.Appendf(nil, "%d articles", n), Articles: make([]uint64, n)}, nil
	}}
}

func TestLastGoodFeedsAreServedWhileAnEmptiedStoreFills(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, folder := &emptied{}, openFolder(t)
		s.fill(5)
		o := revision.Options{Snapshot: folder, SnapshotEvery: time.Second, Complete: func(context.Context) (bool, error) { return s.completed.Load(), nil }}
		e := run(t, &s.log, o) // the one before, which has all in the snapshot
		shown(t, e, s.target("persisted"))
		time.Sleep(2 * time.Second)

		e = run(t, s, revision.Options{Snapshot: folder, SnapshotEvery: time.Hour, Complete: o.Complete})
		shown(t, e, s.target("shelved"))
		time.Sleep(1100 * time.Millisecond)
		s.empty()
		shown(t, e, s.target("made between the emptying and its discovery"))
		time.Sleep(500 * time.Millisecond)
		s.fill(1) // by the first of the visits
		time.Sleep(500 * time.Millisecond)
		for _, name := range []string{"shelved", "persisted"} {
			w := httptest.NewRecorder()
			if err := e.Show(w, httptest.NewRequest(http.MethodGet, "/", nil), s.target(name)); err != nil || w.Body.String() != "5 articles" || w.Header().Get("Age") == "" {
				t.Errorf("what is %s is shown as %q of Age %q, %v; want the last good one, and how old it is", name, w.Body, w.Header().Get("Age"), err)
			}
		}
		if got := shown(t, e, s.target("made between the emptying and its discovery")); got != "1 articles" {
			t.Errorf("what was rendered of nothing is shown as %q", got)
		}
		if err := e.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "emptied") {
			t.Errorf("Check = %v; want what happened", err)
		}
		s.fill(4)
		s.completed.Store(true)
		time.Sleep(2 * time.Second)
		for _, name := range []string{"shelved", "persisted"} {
			if got := shown(t, e, s.target(name)); got != "4 articles" {
				t.Errorf("what is %s is shown as %q when the store is filled", name, got)
			}
		}
		if err := e.Check(t.Context()); err != nil {
			t.Errorf("Check = %v when the store is filled", err)
		}
	})
}

func TestWithdrawalFromAStoreThatFillsIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &emptied{}
		s.fill(5)
		e := run(t, s, revision.Options{Complete: func(context.Context) (bool, error) { return false, nil }})
		shown(t, e, s.target("shelved"))
		time.Sleep(time.Second)
		s.empty()
		time.Sleep(time.Second)
		s.append(newswire.Remove, 1)
		time.Sleep(time.Second)
		if got := shown(t, e, s.target("shelved")); got != "0 articles" {
			t.Errorf("%q are shown after one was withdrawn", got)
		}
	})
}
