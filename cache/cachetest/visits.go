package cachetest

import (
	"errors"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// known asks the store what it remembers of articles of a source.
func (t *tester) known(source string, articles ...newswire.Article) map[string]cache.Known {
	t.Helper()
	k, err := t.Store.Known(t.ctx, source, ids(articles))
	t.check(err, "Known(%s)", source)
	return k
}

// memory is what Known ought to say of an article.
func memory(a newswire.Article) cache.Known {
	return cache.Known{
		Revision: a.Revision, Digest: a.Digest(), Offer: a.Offer, Published: a.Published, Updated: a.Updated,
		FirstSeen: a.FirstSeen, Listed: a.Listed, Since: a.Rights.Since,
	}
}

var visitTests = []test{
	{"a recorded visit is there for every handle", func(t *tester) {
		a := piece("a", 1)
		t.record("a", a)
		other := t.Reopen()
		got, err := other.Article(t.ctx, a.ID)
		t.check(err, "Article(%s)", a.ID)
		t.equal("article", got, a)
		due, err := other.Due(t.ctx)
		t.check(err, "Due()")
		t.equal("due", due, map[string]time.Time{"a": future})
	}},
	{"the state of a source is remembered whole", func(t *tester) {
		lease := t.claim("a")
		v := visit(lease)
		v.State = newswire.State{
			Source: "a", URL: "https://example.org/feed?x=1",
			Validators: newswire.Validators{ETag: `W/"a\x00b"`, LastModified: "yesterday, they said"},
			Body:       "b", Settings: "s", Schedule: "@hourly", Due: future, NotBefore: future.Add(-time.Hour), Why: "max-age of 1800 s",
			Paused: newswire.Pause{Since: past, Reason: "its publisher asked"},
			Moved:  newswire.Move{To: "https://example.net/", Sightings: 2, Since: past},
			Health: newswire.Health{
				LastVisit: past, LastSuccess: past.Add(time.Millisecond), LastChange: past.Add(time.Second),
				Status: 200, Failures: 3, Error: "格式錯誤", Stopped: "410 Gone", Offered: 20,
			},
		}
		t.check(t.Store.Record(t.ctx, lease, v), "Record")
		t.check(t.Store.Reschedule(t.ctx, "b", time.Time{}, past), "Reschedule(b)")
		got, err := t.Store.States(t.ctx, "a", "b", "c")
		t.check(err, "States")
		t.equal("states: of b and c nothing was ever recorded", got, map[string]newswire.State{"a": v.State})
	}},
	{"the last notes of visits are kept, newest first, and every handle has them", func(t *tester) {
		lease := t.claim("a")
		note := func(i int) *newswire.Note {
			return &newswire.Note{
				At: past.Add(time.Duration(i) * time.Hour), Took: time.Second, Outcome: "failed", Status: 503 + i, Confirmed: i,
				Header: []newswire.HeaderField{{Name: "ETag", Value: `W/"é"`}}, Removed: map[string]int{"hidden": i},
			}
		}
		for i := 1; i <= newswire.NotesKept+3; i++ {
			v := visit(lease)
			v.Note, v.State.Noted = note(i), i
			t.check(t.Store.Record(t.ctx, lease, v), "Record")
		}
		v := visit(lease)
		v.State.Noted = newswire.NotesKept + 3
		t.check(t.Store.Record(t.ctx, lease, v), "Record without a note")
		var want []newswire.Note
		for i := newswire.NotesKept + 3; i > 3; i-- {
			want = append(want, *note(i))
		}
		got, err := t.Reopen().Notes(t.ctx, "a")
		t.check(err, "Notes")
		t.equal("notes", got, want)
		t.check(t.Store.Forget(t.ctx, lease), "Forget")
		for _, source := range []string{"a", "b"} {
			got, err = t.Store.Notes(t.ctx, source)
			t.check(err, "Notes(%s)", source)
			t.equal("notes of "+source, got, []newswire.Note(nil))
		}
	}},
	{"a source that is forgotten has no state and is not due", func(t *tester) {
		a := piece("a", 1)
		t.record("a", a)
		t.record("b", piece("b", 1))
		t.withdraw(a.ID)
		lease := t.claim("a")
		for range 2 {
			t.check(t.Store.Forget(t.ctx, lease), "Forget(a)")
		}
		states, err := t.Store.States(t.ctx, "a", "b")
		t.check(err, "States")
		t.equal("states", states, map[string]newswire.State{"b": {Source: "b", Due: future}})
		t.equal("due", t.due(), map[string]time.Time{"b": future})
		t.isWithdrawn(a)

		next := t.claim("a")
		if next.Token <= lease.Token {
			t.Errorf("the next token is %d, want more than %d", next.Token, lease.Token)
		}
		for _, call := range []error{t.Store.Forget(t.ctx, lease), t.Store.Record(t.ctx, lease, visit(lease, piece("a", 2)))} {
			if !errors.Is(call, newswire.ErrFenced) {
				t.Errorf("under the lease of before: %v, want ErrFenced", call)
			}
		}
		t.check(t.Store.Record(t.ctx, next, visit(next, a, piece("a", 3))), "Record(a)")
		t.equal("a", ids(t.listing(newswire.SourceTopic("a"))), []string{piece("a", 3).ID})
	}},
	{"a zero due time takes the source out of the index", func(t *tester) {
		lease := t.claim("a")
		v := visit(lease, piece("a", 1))
		v.State.Due = time.Time{}
		v.State.Health.Stopped = "410 Gone"
		t.check(t.Store.Record(t.ctx, lease, v), "Record")
		due, err := t.Store.Due(t.ctx)
		t.check(err, "Due()")
		t.equal("due", due, map[string]time.Time{})
		states, err := t.Store.States(t.ctx, "a")
		t.check(err, "States")
		t.equal("states", states, map[string]newswire.State{"a": v.State})
	}},
	{"what is known of articles is enough to tell new from changed", func(t *tester) {
		a, b := piece("a", 1), piece("a", 2)
		b.Published, b.Updated = time.Time{}, past.Add(-60*365*24*time.Hour)
		t.record("a", a, b)
		t.equal("known", t.known("a", a, b, piece("a", 3)), map[string]cache.Known{a.ID: memory(a), b.ID: memory(b)})
		a = revised(a)
		a.Updated = past.Add(time.Hour)
		t.record("a", a, b)
		t.equal("known after a revision", t.known("a", a, b), map[string]cache.Known{a.ID: memory(a), b.ID: memory(b)})
		t.equal("known of nothing", t.known("a"), map[string]cache.Known{})
	}},
	{"an article is recorded again in place", func(t *tester) {
		a, b := piece("a", 1), piece("a", 2)
		t.record("a", a, b)
		a2 := revised(a)
		t.record("a", a2, b)
		t.equal("all", t.listing(newswire.All), []newswire.Article{b, a2})
		if got := t.page(newswire.SourceTopic("a"), "", 5); len(got.Articles) != 2 {
			t.Errorf("source/a lists %d articles, want 2", len(got.Articles))
		}
	}},
	{"an article moves between topics, and leaves none behind", func(t *tester) {
		a := within(piece("a", 1), "finance", "trade")
		a.Authors = []newswire.Person{{ID: "first", Name: "First"}}
		t.record("a", a)
		head := t.head()
		a = within(revised(a), "trade", "world")
		a.Authors = []newswire.Person{{ID: "second", Name: "Second"}}
		t.record("a", a)
		for topic, want := range map[newswire.Topic][]string{
			"all": {a.ID}, "source/a": {a.ID}, "category/finance": nil, "category/trade": {a.ID},
			"category/world": {a.ID}, "author/first": nil, "author/second": {a.ID},
		} {
			t.equal(string(topic), ids(t.listing(topic)), want)
		}
		t.equal("the change names old topics and new", events(t.changes(head)), []event{{newswire.Put, a.ID, 2, []newswire.Topic{
			"all", "author/first", "author/second", "category/finance", "category/trade", "category/world", "source/a",
		}}})
	}},
	{"the same revision is written again in place, and not logged again", func(t *tester) {
		a := piece("a", 1)
		t.record("a", a)
		head := t.head()
		a.Publisher.Title = "The publisher's new name"
		t.record("a", a)
		t.equal("all", t.listing(newswire.All), []newswire.Article{a})
		t.equal("changes", events(t.changes(head)), []event(nil))
	}},
	{"a Record that is repeated under its own lease does no harm", func(t *tester) {
		lease := t.claim("a")
		v := visit(lease, pieces("a", 1, 3)...)
		for range 3 {
			t.check(t.Store.Record(t.ctx, lease, v), "Record")
		}
		t.equal("all", ids(t.listing(newswire.All)), newestFirst(pieces("a", 1, 3)))
		if got := t.changes(""); len(got) != 3 {
			t.Errorf("%d changes, want 3: %v", len(got), got)
		}
	}},
	{"sources do not disturb each other", func(t *tester) {
		t.record("a", pieces("a", 1, 3)...)
		t.record("a-b", pieces("a-b", 1, 3)...) // an ID that begins like another
		t.record("a")                           // a stops offering everything
		lease := t.claim("a-b")
		n, err := t.Store.Sweep(t.ctx, lease, newswire.Retention{Articles: 1})
		t.check(err, "Sweep(a-b)")
		if n != 0 {
			t.Errorf("Sweep(a-b) dropped %d articles that a-b still offers", n)
		}
		t.equal("a", ids(t.listing("source/a")), newestFirst(pieces("a", 1, 3)))
		t.equal("a-b", ids(t.listing("source/a-b")), newestFirst(pieces("a-b", 1, 3)))
	}},
	{"a visit by a worker that was never given the lease is refused", func(t *tester) {
		t.record("a", piece("a", 1))
		lease := t.claim("a")
		for _, forged := range []cache.Lease{{Source: "a", Token: lease.Token - 1}, {Source: "a"}, {Source: "b", Token: lease.Token}} {
			err := t.Store.Record(t.ctx, forged, visit(forged, piece(forged.Source, 2)))
			if !errors.Is(err, newswire.ErrFenced) {
				t.Errorf("Record with %+v: %v, want ErrFenced", forged, err)
			}
		}
		t.equal("all", ids(t.listing(newswire.All)), []string{piece("a", 1).ID})
	}},
}
