package api_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/api"
)

func TestASnapshotThenChangesMissesNothing(t *testing.T) {
	onEveryStore(t, func(t *testing.T, store cache.Store) {
		s := serve(t, store, api.Options{})
		first := decode[changePage](t, s.get(t, "changes"), http.StatusOK)
		if first.Next == "" || len(first.Changes) > 0 {
			t.Fatalf("without a cursor, of an empty log: %+v", first)
		}
		a, b := article("dsb", 1, "finance"), article("dsb", 2)
		record(t, store, a, b)
		a.Revision, a.Title = 2, "Corrected"
		record(t, store, a)
		if _, err := store.Withdraw(t.Context(), b.ID, "The author asked."); err != nil {
			t.Fatal(err)
		}
		until(t, "the log is heard", func() bool {
			return len(decode[changePage](t, s.get(t, "changes?after="+first.Next), http.StatusOK).Changes) == 4
		})
		var got []change
		next := first.Next
		for {
			p := decode[changePage](t, s.get(t, "changes?limit=1&after="+next), http.StatusOK)
			if len(p.Changes) == 0 {
				break
			}
			if len(p.Changes) > 1 || p.Next != p.Changes[0].Cursor {
				t.Fatalf("a page of one is %+v", p)
			}
			got = append(got, p.Changes...)
			next = p.Next
		}
		if len(got) != 4 {
			t.Fatalf("%d changes, want 4: %+v", len(got), got)
		}
		for _, c := range got[:2] {
			switch c.Article {
			case a.ID:
				if c.Op != "put" || c.Revision != 1 || c.Item == nil || c.Item.Title != "Corrected" || c.Item.Wire.Revision != 2 {
					t.Errorf("the first change of a is %+v; want the article as it is now", c)
				}
			case b.ID:
				if c.Op != "put" || c.Item != nil {
					t.Errorf("the first change of b is %+v; want none of its text, for it was withdrawn", c)
				}
			}
		}
		if c := got[2]; c.Article != a.ID || c.Revision != 2 || c.Item == nil || !slices.Contains(c.Topics, "category/finance") {
			t.Errorf("the correction is %+v", c)
		}
		if c := got[3]; c.Op != "remove" || c.Article != b.ID || c.Tomb == nil || c.Tomb.ID != b.AtomID || c.Tomb.Reason != "The author asked." {
			t.Errorf("the withdrawal is %+v", c)
		}
		if p := decode[changePage](t, s.get(t, "changes"), http.StatusOK); p.Next != next {
			t.Errorf("the log ends at %s, want %s", p.Next, next)
		}
	})
}

func TestWhatIsHeldIsNotTold(t *testing.T) {
	store := openSQLite(t)
	s := serve(t, store, api.Options{})
	a, held := article("dsb", 1), article("dsb", 2)
	held.Held = "almost nothing but links"
	record(t, store, held)
	record(t, store, a)
	p := decode[changePage](t, s.get(t, "changes?wait=30s&after=0"), http.StatusOK)
	if len(p.Changes) != 1 || p.Changes[0].Article != a.ID {
		t.Fatalf("changes are %+v, want those of %s alone", p.Changes, a.ID)
	}
	a.Revision, a.Held = 2, "almost nothing but links"
	record(t, store, a)
	p = decode[changePage](t, s.get(t, "changes?wait=30s&after="+p.Next), http.StatusOK)
	if len(p.Changes) != 1 || p.Changes[0].Op != "remove" || p.Changes[0].Item != nil {
		t.Fatalf("an article that became held is %+v, want a remove", p.Changes)
	}
	for _, topic := range p.Changes[0].Topics {
		if strings.HasPrefix(topic, "held") {
			t.Errorf("the topics are %v", p.Changes[0].Topics)
		}
	}
}

func TestLongPollEndsWithTheFirstChange(t *testing.T) {
	onEveryStore(t, func(t *testing.T, store cache.Store) {
		s := serve(t, store, api.Options{})
		next := decode[changePage](t, s.get(t, "changes"), http.StatusOK).Next
		began := time.Now()
		if p := decode[changePage](t, s.get(t, "changes?wait=100ms&after="+next), http.StatusOK); len(p.Changes) > 0 || p.Next != next || time.Since(began) < 100*time.Millisecond {
			t.Errorf("after %v: %+v", time.Since(began), p)
		}
		answer := make(chan changePage, 1)
		go func() { answer <- decode[changePage](t, s.get(t, "changes?wait=30s&after="+next), http.StatusOK) }()
		select {
		case p := <-answer:
			t.Fatalf("answered %+v before there was a change", p)
		case <-time.After(100 * time.Millisecond):
		}
		a := article("dsb", 1)
		record(t, store, a)
		select {
		case p := <-answer:
			if len(p.Changes) != 1 || p.Changes[0].Article != a.ID || p.Changes[0].Item == nil {
				t.Errorf("answered %+v", p)
			}
		case <-time.After(time.Minute):
			t.Fatal("not answered after a change")
		}
	})
}

func TestACursorThatIsTooOldSaysWhereToBegin(t *testing.T) {
	onEveryStore(t, func(t *testing.T, store cache.Store) {
		a := article("dsb", 1)
		record(t, store, a)
		first, err := store.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			a.Revision++
			record(t, store, a)
		}
		if err := store.TrimChanges(t.Context(), time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		s := serve(t, store, api.Options{})
		for _, path := range []string{"changes?after=" + string(first), "changes?after=0", "changes?wait=30s&after=0", "changes/stream?after=0"} {
			p := decode[api.Problem](t, s.get(t, path), http.StatusGone)
			if !strings.HasSuffix(p.Type, "/cursor-gone") || p.Resync != settings.Site.URL+"/api/v1/changes" {
				t.Errorf("%s: %+v", path, p)
			}
		}
		p := decode[changePage](t, s.get(t, "changes"), http.StatusOK)
		a.Revision++
		record(t, store, a)
		if p = decode[changePage](t, s.get(t, "changes?wait=30s&after="+p.Next), http.StatusOK); len(p.Changes) != 1 {
			t.Errorf("after the new beginning: %+v", p)
		}
	})
}

// counting is a store that counts what is asked for articles and changes.
type counting struct {
	cache.Store
	calls atomic.Int64 // but for those of the follower
	polls atomic.Int64
}

func (c *counting) Article(ctx context.Context, id string) (newswire.Article, error) {
	c.calls.Add(1)
	return c.Store.Article(ctx, id)
}

func (c *counting) Changes(ctx context.Context, after newswire.Cursor, limit int) ([]newswire.Change, error) {
	if limit == 1000 {
		c.polls.Add(1)
	} else {
		c.calls.Add(1)
	}
	return c.Store.Changes(ctx, after, limit)
}

func (c *counting) Head(ctx context.Context) (newswire.Cursor, error) {
	c.calls.Add(1)
	return c.Store.Head(ctx)
}

func TestThoseThatWaitAskNothingOfTheStore(t *testing.T) {
	store := &counting{Store: openSQLite(t)}
	record(t, store, article("dsb", 1))
	s := serve(t, store, api.Options{Heartbeat: 20 * time.Millisecond})
	until(t, "the log is followed", func() bool { return store.polls.Load() > 1 })
	next := decode[changePage](t, s.get(t, "changes"), http.StatusOK).Next
	const clients = 20
	var streams []*events
	for range clients {
		streams = append(streams, s.stream(t, "after="+next, ""))
	}
	answers := make(chan changePage, clients)
	for range clients {
		go func() { answers <- decode[changePage](t, s.get(t, "changes?wait=30s&after="+next), http.StatusOK) }()
	}
	for range 5 {
		decode[changePage](t, s.get(t, "changes?after="+next), http.StatusOK)
	}
	s.waiting(t, 2*clients)
	before := store.calls.Load()
	time.Sleep(300 * time.Millisecond)
	if n := store.calls.Load() - before; n > 0 {
		t.Errorf("%d calls to the store while nothing changed", n)
	}
	before = store.calls.Load()
	a := article("dsb", 2)
	record(t, store, a)
	for range clients {
		if p := <-answers; len(p.Changes) != 1 || p.Changes[0].Item == nil {
			t.Errorf("answered %+v", p)
		}
	}
	for _, e := range streams {
		if c := e.next(t); c.Article != a.ID {
			t.Errorf("streamed %+v", c)
		}
	}
	if n := store.calls.Load() - before; n > 8 {
		t.Errorf("%d calls to the store for one change and %d clients", n, 2*clients)
	}
}

// until waits for something that a server does beside.
func until(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

func TestWhatWasWithdrawnIsNotToldFromMemory(t *testing.T) {
	store := openSQLite(t)
	s := serve(t, store, api.Options{})
	next := decode[changePage](t, s.get(t, "changes"), http.StatusOK).Next
	a := article("dsb", 1)
	record(t, store, a)
	if p := decode[changePage](t, s.get(t, "changes?wait=30s&after="+next), http.StatusOK); len(p.Changes) != 1 || p.Changes[0].Item == nil {
		t.Fatalf("told %+v", p)
	}
	if _, err := store.Withdraw(t.Context(), a.ID, "a mistake"); err != nil {
		t.Fatal(err)
	}
	var p changePage
	until(t, "the withdrawal is heard", func() bool {
		p = decode[changePage](t, s.get(t, "changes?after="+next), http.StatusOK)
		return len(p.Changes) == 2
	})
	if p.Changes[0].Item != nil || p.Changes[1].Op != "remove" || p.Changes[1].Tomb == nil {
		t.Errorf("then told %+v", p)
	}
}
