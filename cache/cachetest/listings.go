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
	{"an empty store is empty and not broken", func(t *tester) {
		t.check(t.Store.Ping(t.ctx), "Ping")
		if p := t.page(newswire.All, "", 10); len(p.Articles) != 0 || p.Next != "" || !p.Changed.IsZero() {
			t.Errorf("Articles(all) = %+v, want nothing", p)
		}
		if p := t.page(newswire.CategoryTopic("unheard-of"), "", 10); len(p.Articles) != 0 || !p.Changed.IsZero() {
			t.Errorf("Articles(category/unheard-of) = %+v, want nothing", p)
		}
		topics, next, err := t.Store.Topics(t.ctx, newswire.KindSource, "", 10)
		t.check(err, "Topics(source)")
		if len(topics) != 0 || next != "" {
			t.Errorf("Topics(source) = %v, %q, want nothing", topics, next)
		}
		if a, err := t.Store.Article(t.ctx, "a-b"); !errors.Is(err, newswire.ErrNotFound) {
			t.Errorf("Article(a-b) = %v, %v, want ErrNotFound", a, err)
		}
		states, err := t.Store.States(t.ctx, "a")
		t.check(err, "States(a)")
		known, err := t.Store.Known(t.ctx, "a", []string{"a-b"})
		t.check(err, "Known(a)")
		if len(states) != 0 || len(known) != 0 {
			t.Errorf("States(a), Known(a-b) = %v, %v, want nothing", states, known)
		}
		head, err := t.Store.Head(t.ctx)
		t.check(err, "Head()")
		changes, err := t.Store.Changes(t.ctx, "", 10)
		t.check(err, "Changes()")
		if head != "" || len(changes) != 0 {
			t.Errorf("Head(), Changes() = %q, %v, want nothing", head, changes)
		}
		t.check(t.Store.TrimChanges(t.ctx, future), "TrimChanges")
		due, err := t.Store.Due(t.ctx)
		t.check(err, "Due()")
		leases, err := t.Store.Claim(t.ctx, 10, time.Minute)
		t.check(err, "Claim(10)")
		if len(due) != 0 || len(leases) != 0 {
			t.Errorf("Due(), Claim(10) = %v, %v, want nothing", due, leases)
		}
	}},
	{"an article is listed under all, its source, its categories and its authors", func(t *tester) {
		a := within(piece("a", 1), "finance", "trade")
		a.Authors = []newswire.Person{{ID: "jin-jiang", Name: "金江"}, {Name: "no id, no topic"}}
		t.record("a", a, piece("a", 2))
		for topic, want := range map[newswire.Topic][]string{
			newswire.All:                        newestFirst([]newswire.Article{a, piece("a", 2)}),
			newswire.SourceTopic("a"):           newestFirst([]newswire.Article{a, piece("a", 2)}),
			newswire.CategoryTopic("finance"):   {a.ID},
			newswire.CategoryTopic("trade"):     {a.ID},
			newswire.AuthorTopic("jin-jiang"):   {a.ID},
			newswire.CategoryTopic("jin-jiang"): nil,
		} {
			t.equal(string(topic), ids(t.listing(topic)), want)
		}
		got, err := t.Store.Article(t.ctx, a.ID)
		t.check(err, "Article(%s)", a.ID)
		t.equal("article", got, a)
	}},
	{"newest first, and among equal times by descending ID", func(t *tester) {
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
		t.record("a", articles...)
		for limit := 1; limit <= 10; limit++ {
			got, err := walk(t.ctx, t.Store, newswire.All, limit)
			t.check(err, "walk by %d", limit)
			t.equal(fmt.Sprintf("by pages of %d", limit), ids(got), newestFirst(articles))
		}
	}},
	{"a page ends the listing when nothing is left, not one page later", func(t *tester) {
		t.record("a", pieces("a", 1, 6)...)
		first := t.page(newswire.All, "", 3)
		if first.Next == "" {
			t.Fatal("page 1 of 2 has no next page")
		}
		second := t.page(newswire.All, first.Next, 3)
		if len(second.Articles) != 3 || second.Next != "" {
			t.Errorf("page 2 of 2 has %d articles and next %q, want 3 and none", len(second.Articles), second.Next)
		}
	}},
	{"paging neither skips nor repeats while articles arrive and go", func(t *tester) {
		old := pieces("a", 1, 20)
		t.record("a", old...)
		var got []string
		var after newswire.Cursor
		for n := 0; ; n++ {
			p := t.page(newswire.All, after, 3)
			got = append(got, ids(p.Articles)...)
			if p.Next == "" {
				break
			}
			after = p.Next
			t.record(fmt.Sprintf("b%d", n), piece(fmt.Sprintf("b%d", n), 1000+n)) // newer than all
			if n == 2 {                                                           // the cursor's own article goes
				_, err := t.Store.Withdraw(t.ctx, got[len(got)-1], "test")
				t.check(err, "Withdraw")
			}
		}
		t.equal("what was listed from the beginning", got, newestFirst(old))
	}},
	{"an article is listed by the ids that its author had, in a directory of their own", func(t *tester) {
		a := piece("a", 1)
		a.Authors = []newswire.Person{{ID: "jin", Name: "金江", Former: "a-jin a-17"}}
		t.record("a", a)
		t.equal("former", ids(t.listing(newswire.FormerTopic("a-17"))), []string{a.ID})
		t.equal("author", ids(t.listing(newswire.AuthorTopic("a-17"))), []string(nil))
		got, err := directory(t.ctx, t.Store, newswire.KindFormer)
		t.check(err, "directory of former ids")
		t.equal("directory", len(got), 2)
	}},
	{"a name in capitals takes the place of no other", func(t *tester) {
		for i, name := range []string{"ADA MARSH", "Ada Marsh", "ADA MARSH"} {
			a := piece("a", i)
			a.Authors = []newswire.Person{{ID: "ada", Name: name}}
			t.record("a", a)
			got, err := directory(t.ctx, t.Store, newswire.KindAuthor)
			t.check(err, "directory of authors")
			t.equal(fmt.Sprint("name after ", i+1), got[0].Name, []string{"ADA MARSH", "Ada Marsh", "Ada Marsh"}[i])
		}
	}},
	{"older articles that arrive while paging come in their place", func(t *tester) {
		t.record("a", pieces("a", 10, 15)...)
		p := t.page(newswire.All, "", 3)
		t.record("b", piece("b", 1))
		rest := t.page(newswire.All, p.Next, 10)
		t.equal("rest", ids(rest.Articles), append(newestFirst(pieces("a", 10, 12)), piece("b", 1).ID))
	}},
	{"topics are listed in order, with names, counts and the time of change", func(t *tester) {
		for i, source := range []string{"c", "a", "e", "b", "d"} {
			a := within(piece(source, i), "cat-"+source, "shared")
			a.Authors = []newswire.Person{{ID: "p-" + source, Name: "Name of " + source}, {ID: "everyone", Name: "Name " + source}}
			t.record(source, a)
		}
		for _, kind := range []newswire.Kind{newswire.KindSource, newswire.KindCategory, newswire.KindAuthor} {
			got, err := directory(t.ctx, t.Store, kind)
			t.check(err, "directory of %s", kind)
			if !slices.IsSortedFunc(got, func(a, b cache.Listing) int {
				if a.Topic < b.Topic {
					return -1
				}
				return 1
			}) {
				t.Errorf("topics of kind %s out of order: %v", kind, got)
			}
			if want := map[newswire.Kind]int{newswire.KindSource: 5, newswire.KindCategory: 6, newswire.KindAuthor: 6}[kind]; len(got) != want {
				t.Errorf("%d topics of kind %s, want %d: %v", len(got), kind, want, got)
			}
			for _, l := range got {
				want := cache.Listing{Topic: l.Topic, Articles: 1, Changed: t.page(l.Topic, "", 1).Changed}
				switch id := l.Topic.ID(); {
				case id == "everyone":
					want.Name, want.Articles = "Name d", 5
				case id == "shared":
					want.Articles = 5
				case kind == newswire.KindAuthor:
					want.Name = "Name of " + id[2:]
				}
				t.equal(string(l.Topic), l, want)
			}
		}
		for after, want := range map[newswire.Cursor][]newswire.Topic{
			"source/b": {"source/c", "source/d"}, "source/b-": {"source/c", "source/d"}, "source/0": {"source/a", "source/b"},
			"source/dz": {"source/e"}, "source/ezzz": nil,
		} {
			some, next, err := t.Store.Topics(t.ctx, newswire.KindSource, after, 2)
			t.check(err, "Topics(source, after %s)", after)
			var topics []newswire.Topic
			for _, l := range some {
				topics = append(topics, l.Topic)
			}
			t.equal("what follows "+string(after), topics, want)
			if more := after < "source/c"; more != (next != "") {
				t.Errorf("Topics(source, after %s) goes on after %q; there is more: %v", after, next, more)
			}
		}
		all, next, err := t.Store.Topics(t.ctx, newswire.KindSource, "", 5)
		t.check(err, "Topics(source)")
		if len(all) != 5 || next != "" {
			t.Errorf("Topics(source, limit 5) = %d topics and next %q, want 5 and none", len(all), next)
		}
	}},
	{"a topic that lists nothing any more is in no directory", func(t *tester) {
		t.record("a", within(piece("a", 1), "finance"))
		t.record("a", within(revised(piece("a", 1)), "trade"))
		got, err := directory(t.ctx, t.Store, newswire.KindCategory)
		t.check(err, "directory")
		if len(got) != 1 || got[0].Topic != newswire.CategoryTopic("trade") || got[0].Articles != 1 {
			t.Errorf("categories = %v, want trade alone", got)
		}
	}},
	{"a page tells when its topic changed, by the change log's time", func(t *tester) {
		t.record("a", within(piece("a", 1), "finance"))
		t.Advance(50 * time.Millisecond)
		t.record("b", within(piece("b", 1), "trade"))
		t.Advance(50 * time.Millisecond)
		_, err := t.Store.Withdraw(t.ctx, piece("a", 1).ID, "test")
		t.check(err, "Withdraw")
		t.Advance(50 * time.Millisecond)
		t.record("b", within(piece("b", 1), "trade")) // the same again: no change
		last := map[newswire.Topic]newswire.Change{}
		for _, c := range t.changes("") {
			for _, topic := range c.Topics {
				last[topic] = c
			}
		}
		for topic, c := range last {
			if got := t.page(topic, "", 1).Changed; got.Before(c.At) || got.Sub(c.At) >= 50*time.Millisecond {
				t.Errorf("%s changed at %v, but its last change is from %v", topic, got, c.At)
			}
		}
		if len(last) != 5 {
			t.Errorf("topics in the change log: %v, want 5", last)
		}
	}},
	{"a cursor that the store never made is refused", func(t *tester) {
		t.record("a", pieces("a", 1, 3)...)
		for _, bad := range []newswire.Cursor{"x", "-", "!!", "0:0:0:0:0", "\x00", "9999999999999999999999999", "é"} {
			if _, err := t.Store.Articles(t.ctx, cache.Query{Topic: newswire.All, After: bad, Limit: 2}); !errors.Is(err, newswire.ErrCursor) {
				t.Errorf("Articles(all, after %q): %v, want ErrCursor", bad, err)
			}
			if _, err := t.Store.Changes(t.ctx, bad, 2); !errors.Is(err, newswire.ErrCursor) {
				t.Errorf("Changes(after %q): %v, want ErrCursor", bad, err)
			}
			if _, _, err := t.Store.Topics(t.ctx, newswire.KindSource, bad, 2); !errors.Is(err, newswire.ErrCursor) {
				t.Errorf("Topics(source, after %q): %v, want ErrCursor", bad, err)
			}
		}
	}},
}
