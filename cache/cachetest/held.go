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
	{"a held article is known and listed for the operator alone", func(d *desk) {
		a := held(within(piece("a", 1), "finance"))
		a.Authors = []newswire.Person{{ID: "jin-jiang", Name: "金江"}}
		d.record("a", a)
		for _, topic := range []newswire.Topic{
			newswire.All, newswire.SourceTopic("a"), newswire.CategoryTopic("finance"), newswire.AuthorTopic("jin-jiang"),
		} {
			d.equal(string(topic), ids(d.listing(topic)), []string(nil))
		}
		topic := newswire.HeldTopic("a")
		d.equal("held", d.listing(topic), []newswire.Article{a})
		got, err := d.Store.Article(d.ctx, a.ID)
		d.check(err, "Article(%s)", a.ID)
		d.equal("article", got, a)
		d.equal("known", d.known("a", a)[a.ID], memory(a))
		d.equal("changes", events(d.changes("")), []event{{newswire.Put, a.ID, 1, []newswire.Topic{topic}}})
	}},
	{"the directory of what is held names the sources, page by page", func(d *desk) {
		for _, source := range []string{"b", "a", "c"} {
			d.record(source, held(piece(source, 1)), held(piece(source, 2)))
		}
		var got []newswire.Topic
		for after := newswire.Cursor(""); ; {
			topics, next, err := d.Store.Topics(d.ctx, newswire.KindHeld, after, 2)
			d.check(err, "Topics(held, after %q)", after)
			for _, l := range topics {
				got = append(got, l.Topic)
				d.equal(string(l.Topic), l.Articles, 2)
			}
			if after = next; after == "" {
				break
			}
		}
		d.equal("directory", got, []newswire.Topic{"held/a", "held/b", "held/c"})
	}},
	{"an article is held, released and held again, and is listed accordingly", func(d *desk) {
		a := piece("a", 1)
		topics := []newswire.Topic{"all", "held/a", "source/a"}
		d.record("a", a)
		head := d.head()
		b := held(revised(a))
		d.record("a", b)
		d.equal("all while held", ids(d.listing(newswire.All)), []string(nil))
		d.equal("held", ids(d.listing(newswire.HeldTopic("a"))), []string{a.ID})
		c := released(b)
		d.record("a", c)
		d.equal("all when released", d.listing(newswire.All), []newswire.Article{c})
		d.equal("held when released", ids(d.listing(newswire.HeldTopic("a"))), []string(nil))
		e := held(revised(c))
		e.Released = false
		d.record("a", e)
		d.equal("all while held again", ids(d.listing(newswire.All)), []string(nil))
		d.equal("changes", events(d.changes(head)), []event{
			{newswire.Put, a.ID, 2, topics}, {newswire.Put, a.ID, 3, topics}, {newswire.Put, a.ID, 4, topics},
		})
	}},
	{"a held article that is withdrawn stays away", func(d *desk) {
		a := held(piece("a", 1))
		d.record("a", a)
		stone := d.withdraw(a.ID)
		d.equal("topics of the tombstone", stone.Topics, []newswire.Topic{"held/a"})
		d.isWithdrawn(a)
		d.record("a", a)
		d.isWithdrawn(a)
	}},
	{"retention counts what is held", func(d *desk) {
		d.record("a", held(piece("a", 1)), piece("a", 2), piece("a", 3))
		d.offered("a")
		if n := d.sweep("a", newswire.Retention{Articles: 2}); n != 1 {
			d.Errorf("Sweep to 2 dropped %d, want 1", n)
		}
		d.equal("held", ids(d.listing(newswire.HeldTopic("a"))), []string(nil))
		d.equal("all", ids(d.listing(newswire.All)), newestFirst(pieces("a", 2, 3)))
		d.Advance(20 * time.Millisecond)
		d.record("a", held(piece("a", 4)))
		d.offered("a")
		d.Advance(20 * time.Millisecond)
		if n := d.sweep("a", newswire.Retention{Age: time.Millisecond}); n != 3 {
			d.Errorf("Sweep by age dropped %d, want 3", n)
		}
		d.equal("held", ids(d.listing(newswire.HeldTopic("a"))), []string(nil))
	}},
}
