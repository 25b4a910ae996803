package cachetest

import (
	"errors"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// known asks the store what it remembers of articles of a source.
func (d *desk) known(source string, articles ...newswire.Article) map[string]cache.Known {
	d.Helper()
	k, err := d.Store.Known(d.ctx, source, ids(articles))
	d.check(err, "Known(%s)", source)
	return k
}

// memory is what Known ought to say of an article.
func memory(a newswire.Article) cache.Known {
	return cache.Known{
		Revision: a.Revision, Digest: a.Digest(), Offer: a.Offer, Published: a.Published, Updated: a.Updated,
		FirstSeen: a.FirstSeen, Listed: a.Listed,
	}
}

var visitTests = []test{
	{"a recorded visit is there for every handle", func(d *desk) {
		a := piece("a", 1)
		d.record("a", a)
		other := d.Reopen()
		got, err := other.Article(d.ctx, a.ID)
		d.check(err, "Article(%s)", a.ID)
		d.equal("article", got, a)
		due, err := other.Due(d.ctx)
		d.check(err, "Due()")
		d.equal("due", due, map[string]time.Time{"a": future})
	}},
	{"the state of a source is remembered whole", func(d *desk) {
		lease := d.claim("a")
		v := visit(lease)
		v.State = newswire.State{
			Source: "a", URL: "https://example.org/feed?x=1",
			Validators: newswire.Validators{ETag: `W/"a\x00b"`, LastModified: "yesterday, they said"},
			Body:       "b", Settings: "s", Schedule: "@hourly", Due: future, NotBefore: future.Add(-time.Hour), Why: "max-age of 1800 s",
			Moved: newswire.Move{To: "https://example.net/", Sightings: 2, Since: past},
			Health: newswire.Health{
				LastVisit: past, LastSuccess: past.Add(time.Millisecond), LastChange: past.Add(time.Second),
				Status: 200, Failures: 3, Error: "格式錯誤", Stopped: "410 Gone", Offered: 20,
			},
		}
		d.check(d.Store.Record(d.ctx, lease, v), "Record")
		d.check(d.Store.Reschedule(d.ctx, "b", time.Time{}, past), "Reschedule(b)")
		got, err := d.Store.States(d.ctx, "a", "b", "c")
		d.check(err, "States")
		d.equal("states: of b and c nothing was ever recorded", got, map[string]newswire.State{"a": v.State})
	}},
	{"a source that is forgotten has no state and is not due", func(d *desk) {
		a := piece("a", 1)
		d.record("a", a)
		d.record("b", piece("b", 1))
		d.withdraw(a.ID)
		lease := d.claim("a")
		for range 2 {
			d.check(d.Store.Forget(d.ctx, lease), "Forget(a)")
		}
		states, err := d.Store.States(d.ctx, "a", "b")
		d.check(err, "States")
		d.equal("states", states, map[string]newswire.State{"b": {Source: "b", Due: future}})
		d.equal("due", d.due(), map[string]time.Time{"b": future})
		d.isWithdrawn(a)

		next := d.claim("a")
		if next.Token <= lease.Token {
			d.Errorf("the next token is %d, want more than %d", next.Token, lease.Token)
		}
		for _, call := range []error{d.Store.Forget(d.ctx, lease), d.Store.Record(d.ctx, lease, visit(lease, piece("a", 2)))} {
			if !errors.Is(call, newswire.ErrFenced) {
				d.Errorf("under the lease of before: %v, want ErrFenced", call)
			}
		}
		d.check(d.Store.Record(d.ctx, next, visit(next, a, piece("a", 3))), "Record(a)")
		d.equal("a", ids(d.listing(newswire.SourceTopic("a"))), []string{piece("a", 3).ID})
	}},
	{"a zero due time takes the source out of the index", func(d *desk) {
		lease := d.claim("a")
		v := visit(lease, piece("a", 1))
		v.State.Due = time.Time{}
		v.State.Health.Stopped = "410 Gone"
		d.check(d.Store.Record(d.ctx, lease, v), "Record")
		due, err := d.Store.Due(d.ctx)
		d.check(err, "Due()")
		d.equal("due", due, map[string]time.Time{})
		states, err := d.Store.States(d.ctx, "a")
		d.check(err, "States")
		d.equal("states", states, map[string]newswire.State{"a": v.State})
	}},
	{"what is known of articles is enough to tell new from changed", func(d *desk) {
		a, b := piece("a", 1), piece("a", 2)
		b.Published, b.Updated = time.Time{}, past.Add(-60*365*24*time.Hour)
		d.record("a", a, b)
		d.equal("known", d.known("a", a, b, piece("a", 3)), map[string]cache.Known{a.ID: memory(a), b.ID: memory(b)})
		a = revised(a)
		a.Updated = past.Add(time.Hour)
		d.record("a", a, b)
		d.equal("known after a revision", d.known("a", a, b), map[string]cache.Known{a.ID: memory(a), b.ID: memory(b)})
		d.equal("known of nothing", d.known("a"), map[string]cache.Known{})
	}},
	{"an article is recorded again in place", func(d *desk) {
		a, b := piece("a", 1), piece("a", 2)
		d.record("a", a, b)
		a2 := revised(a)
		d.record("a", a2, b)
		d.equal("all", d.listing(newswire.All), []newswire.Article{b, a2})
		if got := d.page(newswire.SourceTopic("a"), "", 5); len(got.Articles) != 2 {
			d.Errorf("source/a lists %d articles, want 2", len(got.Articles))
		}
	}},
	{"an article moves between topics, and leaves none behind", func(d *desk) {
		a := within(piece("a", 1), "finance", "trade")
		a.Authors = []newswire.Person{{ID: "first", Name: "First"}}
		d.record("a", a)
		head := d.head()
		a = within(revised(a), "trade", "world")
		a.Authors = []newswire.Person{{ID: "second", Name: "Second"}}
		d.record("a", a)
		for topic, want := range map[newswire.Topic][]string{
			"all": {a.ID}, "source/a": {a.ID}, "category/finance": nil, "category/trade": {a.ID},
			"category/world": {a.ID}, "author/first": nil, "author/second": {a.ID},
		} {
			d.equal(string(topic), ids(d.listing(topic)), want)
		}
		d.equal("the change names old topics and new", events(d.changes(head)), []event{{newswire.Put, a.ID, 2, []newswire.Topic{
			"all", "author/first", "author/second", "category/finance", "category/trade", "category/world", "source/a",
		}}})
	}},
	{"the same revision is written again in place, and not logged again", func(d *desk) {
		a := piece("a", 1)
		d.record("a", a)
		head := d.head()
		a.Publisher.Title = "The publisher's new name"
		d.record("a", a)
		d.equal("all", d.listing(newswire.All), []newswire.Article{a})
		d.equal("changes", events(d.changes(head)), []event(nil))
	}},
	{"a Record that is repeated under its own lease does no harm", func(d *desk) {
		lease := d.claim("a")
		v := visit(lease, pieces("a", 1, 3)...)
		for range 3 {
			d.check(d.Store.Record(d.ctx, lease, v), "Record")
		}
		d.equal("all", ids(d.listing(newswire.All)), newestFirst(pieces("a", 1, 3)))
		if got := d.changes(""); len(got) != 3 {
			d.Errorf("%d changes, want 3: %v", len(got), got)
		}
	}},
	{"sources do not disturb each other", func(d *desk) {
		d.record("a", pieces("a", 1, 3)...)
		d.record("a-b", pieces("a-b", 1, 3)...) // an ID that begins like another
		d.record("a")                           // a stops offering everything
		lease := d.claim("a-b")
		n, err := d.Store.Sweep(d.ctx, lease, newswire.Retention{Articles: 1})
		d.check(err, "Sweep(a-b)")
		if n != 0 {
			d.Errorf("Sweep(a-b) dropped %d articles that a-b still offers", n)
		}
		d.equal("a", ids(d.listing("source/a")), newestFirst(pieces("a", 1, 3)))
		d.equal("a-b", ids(d.listing("source/a-b")), newestFirst(pieces("a-b", 1, 3)))
	}},
	{"a visit by a worker that was never given the lease is refused", func(d *desk) {
		d.record("a", piece("a", 1))
		lease := d.claim("a")
		for _, forged := range []cache.Lease{{Source: "a", Token: lease.Token - 1}, {Source: "a"}, {Source: "b", Token: lease.Token}} {
			err := d.Store.Record(d.ctx, forged, visit(forged, piece(forged.Source, 2)))
			if !errors.Is(err, newswire.ErrFenced) {
				d.Errorf("Record with %+v: %v, want ErrFenced", forged, err)
			}
		}
		d.equal("all", ids(d.listing(newswire.All)), []string{piece("a", 1).ID})
	}},
}
