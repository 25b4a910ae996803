package cachetest

import (
	"time"

	"github.com/newswire/newswire"
)

// held is the article as one that is not published.
func held(a newswire.Article) newswire.Article {
	a.Held = "almost nothing but links to other sites"
	return a
}

// released is the held article's next revision, published.
func released(a newswire.Article) newswire.Article {
	a.Revision++
	a.Released = true
	return a
}

var heldTests = []test{
	{"a held article is known and listed for the operator alone", func(t *tester) {
		a := held(within(piece("a", 1), "finance"))
		a.Authors = []newswire.Person{{ID: "jin-jiang", Name: "金江"}}
		t.record("a", a)
		for _, topic := range []newswire.Topic{
			newswire.All, newswire.SourceTopic("a"), newswire.CategoryTopic("finance"), newswire.AuthorTopic("jin-jiang"),
		} {
			t.equal(string(topic), ids(t.listing(topic)), []string(nil))
		}
		topic := newswire.HeldTopic("a")
		t.equal("held", t.listing(topic), []newswire.Article{a})
		got, err := t.Store.Article(t.ctx, a.ID)
		t.check(err, "Article(%s)", a.ID)
		t.equal("article", got, a)
		t.equal("known", t.known("a", a)[a.ID], memory(a))
		t.equal("changes", events(t.changes("")), []event{{newswire.Put, a.ID, 1, []newswire.Topic{topic}}})
	}},
	{"the directory of what is held names the sources, page by page", func(t *tester) {
		for _, source := range []string{"b", "a", "c"} {
			t.record(source, held(piece(source, 1)), held(piece(source, 2)))
		}
		var got []newswire.Topic
		for after := newswire.Cursor(""); ; {
			topics, next, err := t.Store.Topics(t.ctx, newswire.KindHeld, after, 2)
			t.check(err, "Topics(held, after %q)", after)
			for _, l := range topics {
				got = append(got, l.Topic)
				t.equal(string(l.Topic), l.Articles, 2)
			}
			if after = next; after == "" {
				break
			}
		}
		t.equal("directory", got, []newswire.Topic{"held/a", "held/b", "held/c"})
	}},
	{"an article is held, released and held again, and is listed accordingly", func(t *tester) {
		a := piece("a", 1)
		topics := []newswire.Topic{"all", "held/a", "source/a"}
		t.record("a", a)
		head := t.head()
		b := held(revised(a))
		t.record("a", b)
		t.equal("all while held", ids(t.listing(newswire.All)), []string(nil))
		t.equal("held", ids(t.listing(newswire.HeldTopic("a"))), []string{a.ID})
		c := released(b)
		t.record("a", c)
		t.equal("all when released", t.listing(newswire.All), []newswire.Article{c})
		t.equal("held when released", ids(t.listing(newswire.HeldTopic("a"))), []string(nil))
		e := held(revised(c))
		e.Released = false
		t.record("a", e)
		t.equal("all while held again", ids(t.listing(newswire.All)), []string(nil))
		t.equal("changes", events(t.changes(head)), []event{
			{newswire.Put, a.ID, 2, topics}, {newswire.Put, a.ID, 3, topics}, {newswire.Put, a.ID, 4, topics},
		})
	}},
	{"a held article that is withdrawn stays away", func(t *tester) {
		a := held(piece("a", 1))
		t.record("a", a)
		stone := t.withdraw(a.ID)
		t.equal("topics of the tombstone", stone.Topics, []newswire.Topic{"held/a"})
		t.isWithdrawn(a)
		t.record("a", a)
		t.isWithdrawn(a)
	}},
	{"retention counts what is held", func(t *tester) {
		t.record("a", held(piece("a", 1)), piece("a", 2), piece("a", 3))
		t.offered("a")
		if n := t.sweep("a", newswire.Retention{Articles: 2}); n != 1 {
			t.Errorf("Sweep to 2 dropped %d, want 1", n)
		}
		t.equal("held", ids(t.listing(newswire.HeldTopic("a"))), []string(nil))
		t.equal("all", ids(t.listing(newswire.All)), newestFirst(pieces("a", 2, 3)))
		t.Advance(20 * time.Millisecond)
		t.record("a", held(piece("a", 4)))
		t.offered("a")
		t.Advance(20 * time.Millisecond)
		if n := t.sweep("a", newswire.Retention{Age: time.Millisecond}); n != 3 {
			t.Errorf("Sweep by age dropped %d, want 3", n)
		}
		t.equal("held", ids(t.listing(newswire.HeldTopic("a"))), []string(nil))
	}},
}
