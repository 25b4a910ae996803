package cachetest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

var listingTests = []test{
	{"an empty store is empty and not broken", func(d *desk) {
		d.check(d.Store.Ping(d.ctx), "Ping")
		if p := d.page(newswire.All, "", 10); len(p.Articles) != 0 || p.Next != "" || !p.Changed.IsZero() {
			d.Errorf("Articles(all) = %+v, want nothing", p)
		}
		if p := d.page(newswire.CategoryTopic("unheard-of"), "", 10); len(p.Articles) != 0 || !p.Changed.IsZero() {
			d.Errorf("Articles(category/unheard-of) = %+v, want nothing", p)
		}
		topics, next, err := d.Store.Topics(d.ctx, newswire.KindSource, "", 10)
		d.check(err, "Topics(source)")
		if len(topics) != 0 || next != "" {
			d.Errorf("Topics(source) = %v, %q, want nothing", topics, next)
		}
		if a, err := d.Store.Article(d.ctx, "a-b"); !errors.Is(err, newswire.ErrNotFound) {
			d.Errorf("Article(a-b) = %v, %v, want ErrNotFound", a, err)
		}
		states, err := d.Store.States(d.ctx, "a")
		d.check(err, "States(a)")
		known, err := d.Store.Known(d.ctx, "a", []string{"a-b"})
		d.check(err, "Known(a)")
		if len(states) != 0 || len(known) != 0 {
			d.Errorf("States(a), Known(a-b) = %v, %v, want nothing", states, known)
		}
		head, err := d.Store.Head(d.ctx)
		d.check(err, "Head()")
		changes, err := d.Store.Changes(d.ctx, "", 10)
		d.check(err, "Changes()")
		if head != "" || len(changes) != 0 {
			d.Errorf("Head(), Changes() = %q, %v, want nothing", head, changes)
		}
		d.check(d.Store.TrimChanges(d.ctx, future), "TrimChanges")
		due, err := d.Store.Due(d.ctx)
		d.check(err, "Due()")
		leases, err := d.Store.Claim(d.ctx, 10, time.Minute)
		d.check(err, "Claim(10)")
		if len(due) != 0 || len(leases) != 0 {
			d.Errorf("Due(), Claim(10) = %v, %v, want nothing", due, leases)
		}
	}},
	{"an article is listed under all, its source, its categories and its authors", func(d *desk) {
		a := within(piece("a", 1), "finance", "trade")
		a.Authors = []newswire.Person{{ID: "jin-jiang", Name: "金江"}, {Name: "no id, no topic"}}
		d.record("a", a, piece("a", 2))
		for topic, want := range map[newswire.Topic][]string{
			newswire.All:                        newestFirst([]newswire.Article{a, piece("a", 2)}),
			newswire.SourceTopic("a"):           newestFirst([]newswire.Article{a, piece("a", 2)}),
			newswire.CategoryTopic("finance"):   {a.ID},
			newswire.CategoryTopic("trade"):     {a.ID},
			newswire.AuthorTopic("jin-jiang"):   {a.ID},
			newswire.CategoryTopic("jin-jiang"): nil,
		} {
			d.equal(string(topic), ids(d.listing(topic)), want)
		}
		got, err := d.Store.Article(d.ctx, a.ID)
		d.check(err, "Article(%s)", a.ID)
		d.equal("article", got, a)
	}},
	{"newest first, and among equal times by descending ID", func(d *desk) {
		articles := pieces("a", 1, 9)
		for i := range articles {
			articles[i].Listed = time.Date(1849, 3, 1, 0, 0, 0, 0, time.UTC)
			if i >= 3 {
				articles[i].Listed = past
			}
			if i >= 7 {
				articles[i].Listed = past.Add(time.Millisecond)
			}
		}
		d.record("a", articles...)
		for limit := 1; limit <= 10; limit++ {
			got, err := walk(d.ctx, d.Store, newswire.All, limit)
			d.check(err, "walk by %d", limit)
			d.equal(fmt.Sprintf("by pages of %d", limit), ids(got), newestFirst(articles))
		}
	}},
	{"a page ends the listing when nothing is left, not one page later", func(d *desk) {
		d.record("a", pieces("a", 1, 6)...)
		first := d.page(newswire.All, "", 3)
		if first.Next == "" {
			d.Fatal("page 1 of 2 has no next page")
		}
		second := d.page(newswire.All, first.Next, 3)
		if len(second.Articles) != 3 || second.Next != "" {
			d.Errorf("page 2 of 2 has %d articles and next %q, want 3 and none", len(second.Articles), second.Next)
		}
	}},
	{"paging neither skips nor repeats while articles arrive and go", func(d *desk) {
		old := pieces("a", 1, 20)
		d.record("a", old...)
		var got []string
		var after newswire.Cursor
		for n := 0; ; n++ {
			p := d.page(newswire.All, after, 3)
			got = append(got, ids(p.Articles)...)
			if p.Next == "" {
				break
			}
			after = p.Next
			d.record(fmt.Sprintf("b%d", n), piece(fmt.Sprintf("b%d", n), 1000+n)) // newer than all
			if n == 2 {                                                           // the cursor's own article goes
				_, err := d.Store.Withdraw(d.ctx, got[len(got)-1], "test")
				d.check(err, "Withdraw")
			}
		}
		d.equal("what was listed from the beginning", got, newestFirst(old))
	}},
	{"older articles that arrive while paging come in their place", func(d *desk) {
		d.record("a", pieces("a", 10, 15)...)
		p := d.page(newswire.All, "", 3)
		d.record("b", piece("b", 1))
		rest := d.page(newswire.All, p.Next, 10)
		d.equal("rest", ids(rest.Articles), append(newestFirst(pieces("a", 10, 12)), piece("b", 1).ID))
	}},
	{"topics are listed in order, with names, counts and the time of change", func(d *desk) {
		for i, source := range []string{"c", "a", "e", "b", "d"} {
			a := within(piece(source, i), "cat-"+source, "shared")
			a.Authors = []newswire.Person{{ID: "p-" + source, Name: "Name of " + source}, {ID: "everyone", Name: "Name " + source}}
			d.record(source, a)
		}
		for _, kind := range []newswire.Kind{newswire.KindSource, newswire.KindCategory, newswire.KindAuthor} {
			got, err := directory(d.ctx, d.Store, kind)
			d.check(err, "directory of %s", kind)
			if !slices.IsSortedFunc(got, func(a, b cache.Listing) int {
				if a.Topic < b.Topic {
					return -1
				}
				return 1
			}) {
				d.Errorf("topics of kind %s out of order: %v", kind, got)
			}
			if want := map[newswire.Kind]int{newswire.KindSource: 5, newswire.KindCategory: 6, newswire.KindAuthor: 6}[kind]; len(got) != want {
				d.Errorf("%d topics of kind %s, want %d: %v", len(got), kind, want, got)
			}
			for _, l := range got {
				want := cache.Listing{Topic: l.Topic, Articles: 1, Changed: d.page(l.Topic, "", 1).Changed}
				switch id := l.Topic.ID(); {
				case id == "everyone":
					want.Name, want.Articles = "Name d", 5
				case id == "shared":
					want.Articles = 5
				case kind == newswire.KindAuthor:
					want.Name = "Name of " + id[2:]
				}
				d.equal(string(l.Topic), l, want)
			}
		}
		all, next, err := d.Store.Topics(d.ctx, newswire.KindSource, "", 5)
		d.check(err, "Topics(source)")
		if len(all) != 5 || next != "" {
			d.Errorf("Topics(source, limit 5) = %d topics and next %q, want 5 and none", len(all), next)
		}
	}},
	{"a topic that lists nothing any more is in no directory", func(d *desk) {
		d.record("a", within(piece("a", 1), "finance"))
		d.record("a", within(revised(piece("a", 1)), "trade"))
		got, err := directory(d.ctx, d.Store, newswire.KindCategory)
		d.check(err, "directory")
		if len(got) != 1 || got[0].Topic != newswire.CategoryTopic("trade") || got[0].Articles != 1 {
			d.Errorf("categories = %v, want trade alone", got)
		}
	}},
	{"a page tells when its topic changed, by the change log's time", func(d *desk) {
		d.record("a", within(piece("a", 1), "finance"))
		d.Advance(50 * time.Millisecond)
		d.record("b", within(piece("b", 1), "trade"))
		d.Advance(50 * time.Millisecond)
		_, err := d.Store.Withdraw(d.ctx, piece("a", 1).ID, "test")
		d.check(err, "Withdraw")
		d.Advance(50 * time.Millisecond)
		d.record("b", within(piece("b", 1), "trade")) // the same again: no change
		last := map[newswire.Topic]newswire.Change{}
		for _, c := range d.changes("") {
			for _, topic := range c.Topics {
				last[topic] = c
			}
		}
		for topic, c := range last {
			if got := d.page(topic, "", 1).Changed; got.Before(c.At) || got.Sub(c.At) >= 50*time.Millisecond {
				d.Errorf("%s changed at %v, but its last change is from %v", topic, got, c.At)
			}
		}
		if len(last) != 5 {
			d.Errorf("topics in the change log: %v, want 5", last)
		}
	}},
	{"a cursor that the store never made is refused", func(d *desk) {
		d.record("a", pieces("a", 1, 3)...)
		for _, bad := range []newswire.Cursor{"x", "-", "!!", "0:0:0:0:0", "\x00", "9999999999999999999999999", "é"} {
			if _, err := d.Store.Articles(d.ctx, cache.Query{Topic: newswire.All, After: bad, Limit: 2}); !errors.Is(err, newswire.ErrCursor) {
				d.Errorf("Articles(all, after %q): %v, want ErrCursor", bad, err)
			}
			if _, err := d.Store.Changes(d.ctx, bad, 2); !errors.Is(err, newswire.ErrCursor) {
				d.Errorf("Changes(after %q): %v, want ErrCursor", bad, err)
			}
			if _, _, err := d.Store.Topics(d.ctx, newswire.KindSource, bad, 2); !errors.Is(err, newswire.ErrCursor) {
				d.Errorf("Topics(source, after %q): %v, want ErrCursor", bad, err)
			}
		}
	}},
}
