package cachetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// archivist reads a topic's archive again and again, and remembers what every page has ever said.
type archivist struct {
	store    cache.Store
	topic    newswire.Topic
	keep     int // articles in the feed, and to a page
	settings string
	said     map[int]string // what each page said; empty once it was retired
}

func newArchivist(store cache.Store, topic newswire.Topic, keep int) *archivist {
	return &archivist{store: store, topic: topic, keep: keep, settings: "s", said: map[int]string{}}
}

// file has what is beyond the newest articles closed, and returns these and the number of the newest page.
func (a *archivist) file(ctx context.Context) (feed []newswire.Article, newest int, err error) {
	page, err := a.store.Articles(ctx, cache.Query{Topic: a.topic, Limit: a.keep})
	if err != nil || page.Next == "" {
		return page.Articles, 0, err
	}
	newest, err = cache.Close(ctx, a.store, cache.Closing{Topic: a.topic, Settings: a.settings, After: page.Next, Size: a.keep})
	return page.Articles, newest, err
}

// read reads all pages that were ever closed, and returns those that stand. The error says how a page differs from what it was.
func (a *archivist) read(ctx context.Context) (map[int][]newswire.Article, error) {
	stand := map[int][]newswire.Article{}
	for n := 1; ; n++ {
		p, err := a.store.Archived(ctx, a.topic, n)
		if errors.Is(err, newswire.ErrNotFound) {
			for known := range a.said {
				if known >= n {
					return nil, fmt.Errorf("page %d is not known any more", known)
				}
			}
			return stand, nil
		}
		if err != nil {
			return nil, err
		}
		if err := a.hear(n, p.Articles); err != nil {
			return nil, fmt.Errorf("page %d: %w", n, err)
		}
		if p.Older >= n {
			return nil, fmt.Errorf("page %d calls %d older", n, p.Older)
		}
		if len(p.Articles) > 0 {
			stand[n] = p.Articles
		}
	}
}

// hear compares what a page says with what it has said before.
func (a *archivist) hear(n int, articles []newswire.Article) error {
	var now string
	if len(articles) > 0 {
		b, err := json.Marshal(articles)
		if err != nil {
			return err
		}
		now = string(b)
	}
	if before, met := a.said[n]; met && now != "" && before != now {
		return fmt.Errorf("said %q, and now says %q", before, now)
	}
	a.said[n] = now
	return nil
}

// check has everything closed and reads it. Nothing may be going on meanwhile.
func (a *archivist) check(t *tester) map[int][]newswire.Article {
	t.Helper()
	feed, newest, err := a.file(t.ctx)
	t.check(err, "file %s", a.topic)
	stand, err := a.read(t.ctx)
	t.check(err, "read the archive of %s", a.topic)
	listing := t.listing(a.topic)
	if len(listing) <= a.keep {
		return stand
	}
	if want := slices.Max(append(slices.Collect(maps.Keys(stand)), 0)); newest != want {
		t.Errorf("the newest page of %s is %d, want %d", a.topic, newest, want)
	}
	reached, paged := ids(feed), map[string]int{}
	for n, articles := range stand {
		for _, id := range ids(articles) {
			if other := paged[id]; other != 0 {
				t.Errorf("%s is in page %d and in page %d of %s", id, other, n, a.topic)
			}
			paged[id] = n
			reached = append(reached, id)
		}
		if !slices.Equal(ids(articles), newestFirst(articles)) || len(articles) > a.keep {
			t.Errorf("page %d of %s is out of order or too long: %v", n, a.topic, ids(articles))
		}
	}
	slices.Sort(reached)
	want := ids(listing)
	slices.Sort(want)
	t.equal("feed and pages of "+string(a.topic)+", against what is listed", slices.Compact(reached), want)
	a.checkOlder(t, stand)
	return stand
}

// checkOlder checks that a retired page leads to the next older one that stands.
func (a *archivist) checkOlder(t *tester, stand map[int][]newswire.Article) {
	t.Helper()
	older := 0
	for n := 1; n <= len(a.said); n++ {
		p, err := a.store.Archived(t.ctx, a.topic, n)
		t.check(err, "Archived(%s, %d)", a.topic, n)
		if p.Older != older {
			t.Errorf("page %d of %s: the next older one is said to be %d, want %d", n, a.topic, p.Older, older)
		}
		if stand[n] != nil {
			older = n
		}
	}
}

// numbers are what a source's articles are called in a test, by the pages that they are in.
func numbers(stand map[int][]newswire.Article) map[int][]int {
	out := map[int][]int{}
	for page, articles := range stand {
		for _, a := range articles {
			out[page] = append(out[page], int(a.Listed.Sub(past)/time.Minute))
		}
	}
	return out
}

var archiveTests = slices.Concat([]test{
	{"what the feed has room for is in no page", func(t *tester) {
		t.record("a", pieces("a", 1, 4)...)
		t.equal("pages", newArchivist(t.Store, newswire.All, 4).check(t), map[int][]newswire.Article{})
		for _, n := range []int{-1, 0, 1} {
			if p, err := t.Store.Archived(t.ctx, newswire.All, n); !errors.Is(err, newswire.ErrNotFound) {
				t.Errorf("Archived(all, %d) = %v, %v, want ErrNotFound", n, p, err)
			}
		}
		for topic, settings := range map[newswire.Topic]string{newswire.All: "s", "source/a": "another title", "category/unheard-of": "s"} {
			if n, err := t.Store.Newest(t.ctx, topic, settings); n != 0 || err != nil {
				t.Errorf("Newest(%s) = %d, %v; want none", topic, n, err)
			}
		}
		newest, more, err := t.Store.Archive(t.ctx, cache.Closing{Topic: "category/unheard-of", Settings: "s", Size: 4})
		if newest != 0 || more || err != nil {
			t.Errorf("Archive(category/unheard-of) = %d, %v, %v, want nothing", newest, more, err)
		}
	}},
	{"pages take the oldest first, and the last one what is next to leave the feed", func(t *tester) {
		a := newArchivist(t.Store, "source/a", 4)
		t.record("a", pieces("a", 1, 13)...)
		t.equal("of 13", numbers(a.check(t)), map[int][]int{1: {4, 3, 2, 1}, 2: {8, 7, 6, 5}, 3: {11, 10, 9}})
		t.record("a", pieces("a", 1, 15)...)
		t.equal("of 15, where none has left the feed but what has a page", numbers(a.check(t)),
			map[int][]int{1: {4, 3, 2, 1}, 2: {8, 7, 6, 5}, 3: {11, 10, 9}})
		t.record("a", pieces("a", 1, 16)...)
		t.equal("of 16", numbers(a.check(t))[4], []int{14, 13, 12})
	}},
	{"late arrivals join the next page", func(t *tester) {
		a := newArchivist(t.Store, newswire.All, 4)
		t.record("a", pieces("a", 11, 18)...)
		before := numbers(a.check(t))
		t.record("b", pieces("b", 1, 2)...)
		after := numbers(a.check(t))
		t.equal("what was closed", map[int][]int{1: after[1]}, before)
		t.equal("the next page", after[2], []int{16, 15, 2, 1})
	}},
	{"closing goes on over any number of pages, and is the same in every handle", func(t *tester) {
		t.record("a", pieces("a", 1, 103)...)
		a := newArchivist(t.Store, newswire.All, 2)
		if stand := a.check(t); len(stand) != 51 {
			t.Errorf("%d pages, want 51", len(stand))
		}
		other := newArchivist(t.Reopen(), newswire.All, 2)
		other.said = a.said
		other.check(t)
	}},
	{"a page goes with the first of its articles that changes, and no other page does", func(t *tester) {
		a := newArchivist(t.Store, newswire.All, 4)
		finance := newArchivist(t.Store, "category/finance", 4)
		articles := pieces("a", 1, 16)
		for i := range articles {
			articles[i] = within(articles[i], "finance")
		}
		t.record("a", articles...)
		t.equal("before", numbers(a.check(t)), map[int][]int{1: {4, 3, 2, 1}, 2: {8, 7, 6, 5}, 3: {12, 11, 10, 9}})
		finance.check(t)

		articles[5] = revised(articles[5])
		t.record("a", articles...)
		p, err := t.Store.Archived(t.ctx, newswire.All, 2)
		t.check(err, "Archived(all, 2)")
		t.equal("page 2 after article 6 was revised", p, cache.ArchivePage{Settings: "s", Older: 1})
		t.equal("after it was revised", numbers(a.check(t)), map[int][]int{1: {4, 3, 2, 1}, 3: {12, 11, 10, 9}, 4: {8, 7, 6, 5}})

		t.withdraw(articles[1].ID)
		t.equal("after article 2 was withdrawn", numbers(a.check(t)),
			map[int][]int{3: {12, 11, 10, 9}, 4: {8, 7, 6, 5}, 5: {13, 4, 3, 1}})

		articles[9] = within(revised(articles[9]))
		t.record("a", articles...)
		t.equal("of finance after article 10 left it", numbers(finance.check(t)),
			map[int][]int{4: {5, 4, 3, 1}, 5: {9, 8, 7, 6}, 6: {14, 13, 12, 11}})
		t.equal("of all, where it is still", numbers(a.check(t)), map[int][]int{4: {8, 7, 6, 5}, 5: {13, 4, 3, 1}, 6: {12, 11, 10, 9}})

		t.offered("a", articles[4:]...)
		if n := t.sweep("a", newswire.Retention{Articles: 14}); n != 1 {
			t.Fatalf("Sweep dropped %d, want article 1", n)
		}
		t.equal("after article 1 was dropped", numbers(a.check(t)),
			map[int][]int{4: {8, 7, 6, 5}, 6: {12, 11, 10, 9}, 7: {14, 13, 4, 3}})
	}},
	{"a page stands when its articles are offered in other words", func(t *tester) {
		a := newArchivist(t.Store, newswire.All, 4)
		articles := pieces("a", 1, 12)
		t.record("a", articles...)
		before := numbers(a.check(t))
		for i := range articles {
			articles[i].Offer = newswire.Hash("in other words")
		}
		t.record("a", articles...)
		t.record("a", articles...)
		a.said = map[int]string{} // the offer is no part of what is published
		t.equal("pages", numbers(a.check(t)), before)
	}},
	{"a page goes when one of its articles is written again with other words, even as the same revision", func(t *tester) {
		a := newArchivist(t.Store, newswire.All, 4)
		articles := pieces("a", 1, 12)
		t.record("a", articles...)
		a.check(t)
		articles[2].Publisher.Title = "The publisher's new name"
		t.record("a", articles...)
		t.equal("pages", numbers(a.check(t)), map[int][]int{2: {8, 7, 6, 5}, 3: {4, 3, 2, 1}})
	}},
	{"an article that moves in time retires the page that it leaves", func(t *tester) {
		a := newArchivist(t.Store, newswire.All, 4)
		articles := pieces("a", 1, 12)
		t.record("a", articles...)
		a.check(t)
		articles[0].Listed = past.Add(20 * time.Minute)
		articles[0].Revision++
		t.record("a", articles...)
		t.equal("pages", numbers(a.check(t)), map[int][]int{2: {8, 7, 6, 5}, 3: {9, 4, 3, 2}})
	}},
	{"other settings retire every page", func(t *tester) {
		a := newArchivist(t.Store, newswire.All, 4)
		t.record("a", pieces("a", 1, 12)...)
		a.check(t)
		if n, err := t.Store.Newest(t.ctx, newswire.All, "another title"); n != 0 || err != nil {
			t.Errorf("Newest(all) under settings that are yet to come = %d, %v", n, err)
		}
		a.settings = "another title"
		t.equal("pages", numbers(a.check(t)), map[int][]int{3: {4, 3, 2, 1}, 4: {8, 7, 6, 5}})
		p, err := t.Store.Archived(t.ctx, newswire.All, 3)
		t.check(err, "Archived(all, 3)")
		t.equal("settings of page 3", p.Settings, "another title")
	}},
	{"closing and retiring take bounded steps, between which no page is half of one", func(t *tester) {
		t.record("a", pieces("a", 1, 103)...)
		first := newArchivist(t.Store, newswire.All, 2)
		first.check(t)
		page, err := t.Store.Articles(t.ctx, cache.Query{Topic: newswire.All, Limit: 2})
		t.check(err, "Articles(all)")
		c := cache.Closing{Topic: newswire.All, Settings: "another title", After: page.Next, Size: 2}
		steps, last := 0, 0
		for more := true; more; steps++ {
			var newest int
			newest, more, err = t.Store.Archive(t.ctx, c)
			t.check(err, "Archive(all)")
			if got, err := t.Store.Newest(t.ctx, newswire.All, c.Settings); got != newest || err != nil {
				t.Errorf("Newest(all) = %d, %v after a step that said %d", got, err, newest)
			}
			if newest < last {
				t.Errorf("page %d is the newest after page %d was", newest, last)
			}
			last = newest
			for n := 1; n <= 102; n++ {
				p, err := t.Store.Archived(t.ctx, newswire.All, n)
				if errors.Is(err, newswire.ErrNotFound) {
					break
				}
				t.check(err, "Archived(all)")
				if len(p.Articles) == 1 {
					t.Errorf("page %d has one article, of settings %q, after step %d", n, p.Settings, steps)
				}
			}
		}
		if steps < 4 || last != 102 {
			t.Errorf("%d steps lead to page %d; want several, to page 102", steps, last)
		}
	}},
	{"an article that comes back after retention dropped it comes into a new page", func(t *tester) {
		a := newArchivist(t.Store, newswire.All, 2)
		t.record("a", pieces("a", 1, 6)...)
		a.check(t)
		t.offered("a", pieces("a", 2, 6)...)
		t.sweep("a", newswire.Retention{Articles: 5})
		a.check(t)
		t.record("a", pieces("a", 1, 6)...)
		t.equal("pages", numbers(a.check(t)), map[int][]int{2: {4, 3}, 3: {5, 2}, 4: {1}})
	}},
	{"what cannot be closed is an error", func(t *tester) {
		t.record("a", pieces("a", 1, 3)...)
		if _, _, err := t.Store.Archive(t.ctx, cache.Closing{Topic: newswire.All, Settings: "s", After: "x", Size: 4}); !errors.Is(err, newswire.ErrCursor) {
			t.Errorf("Archive after %q: %v, want ErrCursor", "x", err)
		}
		if _, _, err := t.Store.Archive(t.ctx, cache.Closing{Topic: newswire.All, Settings: "s"}); err == nil {
			t.Error("Archive with pages of nothing succeeded")
		}
	}},
	{"two processes that close at once close once", func(t *tester) {
		stores := []cache.Store{t.Store, t.Reopen()}
		for n := 1; n <= 10; n++ {
			t.record("a", pieces("a", 20*n, 20*n+19)...)
			var wg sync.WaitGroup
			for _, store := range stores {
				wg.Go(func() {
					if _, _, err := newArchivist(store, newswire.All, 4).file(t.ctx); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		}
		a := newArchivist(t.Store, newswire.All, 4)
		if stand := a.check(t); len(stand) != 49 || len(a.said) != 49 {
			t.Errorf("%d pages stand of %d, want 49: 196 articles, 4 to each", len(stand), len(a.said))
		}
	}},
	{"in a year of random events, the feed and its pages have every article, and no page changes", historyOf},
}, archiveFaults())

// historyOf lets a year of random events pass, the same one for every driver: its result must be the same as well.
func historyOf(t *tester) {
	const want = "lkcez72mkig2tbemfnhr24iaz4jv4iom3oiuefhjdkit3creofdq"
	random := rand.New(rand.NewPCG(1, 2))
	sources := []string{"a", "b", "c"}
	topics := map[newswire.Topic]*archivist{}
	for _, topic := range []newswire.Topic{newswire.All, "source/a", "category/x", "category/y"} {
		topics[topic] = newArchivist(t.Store, topic, 5)
	}
	known := map[string][]newswire.Article{} // of each source, by number; withdrawn and dropped ones among them
	for range 50 {
		source := sources[random.IntN(len(sources))]
		articles := known[source]
		var found []newswire.Article
		for range random.IntN(6) {
			a := piece(source, random.IntN(1000)) // any time: many come late
			if !slices.Contains(ids(articles), a.ID) {
				a = within(a, [][]string{nil, {"x"}, {"x", "y"}}[random.IntN(3)]...)
				articles = append(articles, a)
				found = append(found, a)
			}
		}
		for range random.IntN(3) {
			if len(articles) > 0 {
				i := random.IntN(len(articles))
				articles[i] = within(revised(articles[i]), [][]string{nil, {"x"}, {"y"}}[random.IntN(3)]...)
				found = slices.DeleteFunc(found, func(a newswire.Article) bool { return a.ID == articles[i].ID })
				found = append(found, articles[i])
			}
		}
		known[source] = articles
		t.record(source, found...)
		switch random.IntN(4) {
		case 0:
			if page := t.page(newswire.All, "", 100).Articles; len(page) > 0 {
				t.withdraw(page[random.IntN(len(page))].ID)
			}
		case 1:
			t.sweep(source, newswire.Retention{Articles: 10 + random.IntN(20)})
		}
		for _, topic := range slices.Sorted(maps.Keys(topics)) {
			if a := topics[topic]; random.IntN(3) == 0 {
				a.check(t)
			} else if _, err := a.read(t.ctx); err != nil { // nothing is closed, and yet no page changes
				t.Fatalf("%s: %v", topic, err)
			}
		}
		if t.Failed() {
			return
		}
	}
	var got string
	for _, topic := range slices.Sorted(maps.Keys(topics)) {
		got += fmt.Sprintln(topic, numbers(topics[topic].check(t)), len(topics[topic].said))
	}
	if hash := newswire.Hash(got); hash != want {
		t.Errorf("the result of this year is %s, want %s as in every driver:\n%s", hash, want, got)
	}
}

// archiveFaults strike the closing of pages, and changes of articles in them, at each command in turn.
func archiveFaults() []test {
	changed := func(source string) []newswire.Article {
		return []newswire.Article{revised(piece(source, 2)), within(revised(piece(source, 4)), "x-"+source)}
	}
	acts := []struct {
		name string
		act  func(t *tester, lease cache.Lease) error
		own  bool // of archives alone; the others are tested by the crashes as well
	}{
		{"closing", func(t *tester, lease cache.Lease) error {
			_, _, err := newArchivist(t.Store, newswire.SourceTopic(lease.Source), 2).file(t.ctx)
			return err
		}, true},
		{"a visit with changes", offer(changed), false},
		{"a withdrawal", withdrawFirst, false},
		{"retention", func(t *tester, lease cache.Lease) error {
			_, err := t.Store.Sweep(t.ctx, lease, newswire.Retention{Articles: 5})
			return err
		}, false},
		{"reading", func(t *tester, lease cache.Lease) error {
			_, err := newArchivist(t.Store, newswire.SourceTopic(lease.Source), 2).read(t.ctx)
			return err
		}, true},
	}
	var tests []test
	for _, a := range acts {
		for _, when := range []When{Before, After, Crash} {
			if when != Crash && !a.own {
				continue
			}
			tests = append(tests, test{fmt.Sprintf("%s, struck by a fault (%s)", a.name, when), func(t *tester) {
				for n, struck := 1, true; struck; n++ {
					source := fmt.Sprintf("s%d", n)
					t.record(source, pieces(source, 1, 6)...)
					t.offered(source)
					archive := newArchivist(t.Reopen(), newswire.SourceTopic(source), 2)
					if a.name != "closing" {
						archive.check(t)
					}
					lease := t.claim(source)
					t.Faults.Arm(n, when)
					err := a.act(t, lease)
					struck = t.Faults.Disarm()
					if err != nil && !(struck && errors.Is(err, ErrInjected)) {
						t.Fatalf("struck at command %d: %v, want the fault wrapped, or nil", n, err)
					}
					if _, err := archive.read(t.ctx); err != nil {
						t.Fatalf("struck at command %d: %v", n, err)
					}
					t.check(a.act(t, t.claim(source)), "struck at command %d, then repeated", n)
					if archive.check(t); t.Failed() {
						t.Fatalf("this is the result of a fault at command %d", n)
					}
				}
			}})
		}
	}
	return tests
}
