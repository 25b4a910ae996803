package cachetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// limitTester is the part of the tester that concerns limits.
type limitTester struct{ *tester }

func limitTest(name string, run func(t limitTester)) test {
	return test{name, func(t *tester) { run(limitTester{t}) }}
}

// soon is how far ahead limits are that are waited for: they must not pass before they are recorded and looked at, though the
// machine stops for half a second meanwhile.
func (t limitTester) soon() time.Duration {
	t.Helper()
	began := time.Now()
	for range 2 {
		t.record("pace")
	}
	return max(700*time.Millisecond, 20*time.Since(began)).Truncate(time.Millisecond)
}

// wait has the store's clock run.
func (t limitTester) wait(d time.Duration) {
	const most = 400 * time.Millisecond
	for ; d > most; d -= most {
		t.Advance(most)
	}
	t.Advance(d)
}

// now is the store's time.
func (t limitTester) now() time.Time {
	t.Helper()
	return t.claim("clock").At
}

// between is the article with limits; a zero one is none.
func between(a newswire.Article, from, until time.Time) newswire.Article {
	a.Rights.Since, a.Rights.From, a.Rights.Until = a.Published, from, until
	return a
}

// in is the article as the store has it in a phase.
func in(phase newswire.Phase, a newswire.Article) newswire.Article {
	a.Phase = phase
	return a
}

// pass passes at most n limits.
func (t limitTester) pass(n int) int {
	t.Helper()
	passed, err := t.Store.PassLimits(t.ctx, n)
	t.check(err, "PassLimits(%d)", n)
	return passed
}

// isNext checks that the next limit is that far away.
func (t limitTester) isNext(least, most time.Duration) {
	t.Helper()
	if left, any, err := t.Store.NextLimit(t.ctx); err != nil || !any || left < least || left > most {
		t.Errorf("NextLimit() = %v, %v, %v, want one in %v to %v", left, any, err, least, most)
	}
}

// isNone checks that no limit is there to be passed. One that is ahead may have been taken away since it was indexed.
func (t limitTester) isNone() {
	t.Helper()
	t.pass(10)
	if left, any, err := t.Store.NextLimit(t.ctx); err != nil || any && left <= 0 {
		t.Errorf("NextLimit() = %v, %v, %v, want none", left, any, err)
	}
}

// isUnlisted checks that an article is known, listed for the operator alone, and there in a phase.
func (t limitTester) isUnlisted(a newswire.Article, phase newswire.Phase) {
	t.Helper()
	a = in(phase, a)
	open := in(newswire.Open, a)
	for _, topic := range open.Topics() {
		if slices.Contains(ids(t.listing(topic)), a.ID) {
			t.Errorf("%s is listed in %s", a.ID, topic)
		}
	}
	t.equal("unlisted", t.listing(newswire.UnlistedTopic(a.Source)), []newswire.Article{a})
	got, err := t.Store.Article(t.ctx, a.ID)
	t.check(err, "Article(%s)", a.ID)
	t.equal("article", got, a)
	t.equal("known", t.known(a.Source, a)[a.ID], memory(a))
}

// isListed checks that an article is listed wherever it belongs, and not for the operator.
func (t limitTester) isListed(a newswire.Article) {
	t.Helper()
	for _, topic := range a.Topics() {
		t.equal(string(topic), t.listing(topic), []newswire.Article{a})
	}
	t.equal("unlisted", ids(t.listing(newswire.UnlistedTopic(a.Source))), []string(nil))
}

// byline is an article of source a in a category, by an author.
func byline() newswire.Article {
	a := within(piece("a", 1), "finance")
	a.Authors = []newswire.Person{{ID: "jin-jiang", Name: "金江"}}
	return a
}

var everywhere = []newswire.Topic{"all", "author/jin-jiang", "category/finance", "source/a"}

var limitTests = []test{
	limitTest("without limits there is nothing to pass", func(t limitTester) {
		t.record("a", piece("a", 1))
		t.isNone()
		if n := t.pass(1); n != 0 {
			t.Errorf("PassLimits passed %d, want 0", n)
		}
	}),
	limitTest("an article that waits is known and listed for the operator alone", func(t limitTester) {
		a := between(byline(), t.now().Add(time.Hour), time.Time{})
		t.record("a", a)
		t.isUnlisted(a, newswire.Waiting)
		t.isNext(time.Hour-time.Minute, time.Hour)
		t.equal("passed too soon", t.pass(10), 0)
		t.equal("changes", events(t.changes("")), []event(nil))
		authors, err := directory(t.ctx, t.Store, newswire.KindAuthor)
		t.check(err, "Topics(author)")
		t.equal("authors", authors, []cache.Listing(nil))
		b := revised(a)
		t.record("a", b)
		t.isUnlisted(b, newswire.Waiting)
		t.equal("changes after a revision", events(t.changes("")), []event(nil))
	}),
	limitTest("an article opens at its time", func(t limitTester) {
		soon := t.soon()
		a := between(byline(), t.now().Add(soon), time.Time{})
		t.record("a", a)
		t.isNext(-time.Minute, soon)
		t.wait(soon)
		t.isNext(-time.Minute, 0)
		t.equal("passed", t.pass(10), 1)
		t.isListed(a)
		t.equal("changes", events(t.changes("")), []event{{newswire.Put, a.ID, 1, append(slices.Clone(everywhere), "unlisted/a")}})
		authors, err := directory(t.ctx, t.Store, newswire.KindAuthor)
		t.check(err, "Topics(author)")
		if len(authors) != 1 || authors[0].Name != "金江" || authors[0].Changed.IsZero() {
			t.Errorf("authors are %+v, want one with its name", authors)
		}
		t.isNone()
		t.record("a", a)
		t.isListed(a)
		if n := len(t.changes("")); n != 1 {
			t.Errorf("%d changes after the same visit, want 1", n)
		}
	}),
	limitTest("an article ends at its time, and stays away", func(t limitTester) {
		soon := t.soon()
		a := between(byline(), time.Time{}, t.now().Add(soon))
		t.record("a", a)
		t.isListed(a)
		t.wait(soon)
		t.equal("passed", t.pass(10), 1)
		t.isUnlisted(a, newswire.Expired)
		t.isNone()
		want := []event{{newswire.Put, a.ID, 1, everywhere}, {newswire.Remove, a.ID, 1, append(slices.Clone(everywhere), "unlisted/a")}}
		t.equal("changes", events(t.changes("")), want)
		t.record("a", a)
		t.isUnlisted(a, newswire.Expired)
		b := revised(a)
		t.record("a", b)
		t.isUnlisted(b, newswire.Expired)
		t.equal("changes after it was offered again", events(t.changes("")), want)
	}),
	limitTest("what is first offered after its end is never listed", func(t limitTester) {
		a := between(byline(), time.Time{}, past)
		t.record("a", a)
		t.isUnlisted(a, newswire.Expired)
		t.equal("changes", events(t.changes("")), []event(nil))
		t.isNone()
	}),
	limitTest("an article waits, opens and ends", func(t limitTester) {
		soon := t.soon()
		now := t.now()
		a := between(byline(), now.Add(soon), now.Add(2*soon))
		t.record("a", a)
		t.wait(soon)
		t.equal("passed at the beginning", t.pass(10), 1)
		t.isListed(a)
		t.isNext(-time.Minute, soon)
		t.wait(soon)
		t.equal("passed at the end", t.pass(10), 1)
		t.isUnlisted(a, newswire.Expired)
	}),
	limitTest("other limits move an article at once", func(t limitTester) {
		a := byline()
		t.record("a", a)
		now := t.now()
		both := append(slices.Clone(everywhere), "unlisted/a")
		b := between(a, now.Add(time.Hour), time.Time{})
		t.record("a", b)
		t.isUnlisted(b, newswire.Waiting)
		c := between(a, now.Add(-time.Hour), now.Add(time.Hour))
		t.record("a", c)
		t.isListed(c)
		d := between(a, time.Time{}, now.Add(-time.Minute))
		t.record("a", d)
		t.isUnlisted(d, newswire.Expired)
		t.record("a", a)
		t.isListed(a)
		t.equal("changes", events(t.changes("")), []event{
			{newswire.Put, a.ID, 1, everywhere},
			{newswire.Remove, a.ID, 1, both},
			{newswire.Put, a.ID, 1, both},
			{newswire.Remove, a.ID, 1, both},
			{newswire.Put, a.ID, 1, both},
		})
		t.isNone()
	}),
	limitTest("an end that is put off is not passed", func(t limitTester) {
		soon := t.soon()
		now := t.now()
		t.record("a", between(byline(), time.Time{}, now.Add(soon)))
		a := between(byline(), time.Time{}, now.Add(time.Hour))
		t.record("a", a)
		t.wait(soon)
		t.pass(10)
		t.isListed(a)
		t.isNext(time.Hour-time.Minute, time.Hour)
	}),
	limitTest("what the publisher offers no longer comes and goes too, and ages out", func(t limitTester) {
		soon := t.soon()
		now := t.now()
		a := between(piece("a", 1), now.Add(soon), now.Add(2*soon))
		b := between(piece("a", 2), time.Time{}, now.Add(soon))
		t.record("a", a, b)
		t.offered("a")
		t.wait(soon)
		t.equal("passed", t.pass(10), 2)
		t.equal("all", ids(t.listing(newswire.All)), []string{a.ID})
		head := t.head()
		if n := t.sweep("a", newswire.Retention{Articles: 1}); n != 1 {
			t.Errorf("Sweep dropped %d, want the oldest", n)
		}
		t.equal("changes by retention", events(t.changes(head)), []event{{newswire.Remove, a.ID, 1, []newswire.Topic{"all", "source/a"}}})
		t.Advance(20 * time.Millisecond)
		if n := t.sweep("a", newswire.Retention{Age: time.Millisecond}); n != 1 {
			t.Errorf("Sweep by age dropped %d, want the one that has ended", n)
		}
		t.equal("unlisted", ids(t.listing(newswire.UnlistedTopic("a"))), []string(nil))
		if n := len(t.changes(head)); n != 1 {
			t.Errorf("%d changes, want none for what was not listed", n-1)
		}
		t.wait(soon)
		t.isNone()
	}),
	limitTest("what waits can be withdrawn", func(t limitTester) {
		soon := t.soon()
		a := between(byline(), t.now().Add(soon), time.Time{})
		t.record("a", a)
		t.withdraw(a.ID)
		t.isWithdrawn(a)
		t.wait(soon)
		t.isNone()
		t.isWithdrawn(a)
		t.record("a", a)
		t.isWithdrawn(a)
		t.equal("changes", events(t.changes("")), []event(nil))
	}),
	limitTest("what is held stays so when its limits pass", func(t limitTester) {
		soon := t.soon()
		now := t.now()
		a := held(between(byline(), now.Add(soon), now.Add(2*soon)))
		t.record("a", a)
		t.wait(soon)
		t.equal("passed", t.pass(10), 1)
		t.equal("held", t.listing(newswire.HeldTopic("a")), []newswire.Article{a})
		b := released(a)
		t.record("a", b)
		t.isListed(b)
		t.wait(soon)
		t.pass(10)
		t.isUnlisted(b, newswire.Expired)
	}),
	limitTest("the page of an archive goes with an article that ends", func(t limitTester) {
		soon := t.soon()
		a := between(piece("a", 1), time.Time{}, t.now().Add(soon))
		t.record("a", a, piece("a", 2))
		n, err := cache.Close(t.ctx, t.Store, cache.Closing{Topic: newswire.All, Settings: "s", Size: 2})
		t.check(err, "Close")
		t.wait(soon)
		t.pass(10)
		page, err := t.Store.Archived(t.ctx, newswire.All, n)
		t.check(err, "Archived(%d)", n)
		t.equal("page", ids(page.Articles), []string(nil))
	}),
	limitTest("limits of many sources pass a few at a time", func(t limitTester) {
		soon := 2 * t.soon() // for many records
		from := t.now().Add(soon)
		want := map[string]int{}
		for _, source := range []string{"a", "b", "c"} {
			for n := 1; n <= 3; n++ {
				a := between(piece(source, n), from, time.Time{})
				t.record(source, a)
				want[a.ID] = 1
			}
		}
		t.wait(soon)
		passed := 0
		for range 20 {
			n := t.pass(2)
			if n > 2 {
				t.Errorf("PassLimits(2) passed %d", n)
			}
			passed += n
		}
		t.equal("passed", passed, 9)
		t.equal("all", revisions(t.listing(newswire.All)), want)
		t.isNone()
	}),
	limitTest("several processes pass each limit once", func(t limitTester) {
		soon := t.soon()
		now := t.now()
		var articles []newswire.Article
		for n := 1; n <= 20; n++ {
			articles = append(articles, between(piece("a", n), now.Add(soon), time.Time{}))
		}
		t.record("a", articles...)
		t.wait(soon)
		var g sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			store := t.Reopen()
			g.Go(func() {
				for range 5 {
					_, err := store.PassLimits(context.WithoutCancel(t.ctx), 7)
					errs[i] = errors.Join(errs[i], err)
				}
			})
		}
		g.Wait()
		t.check(errors.Join(errs...), "PassLimits")
		t.isNone()
		t.equal("all", ids(t.listing(newswire.All)), newestFirst(articles))
		heard := map[string]int{}
		for _, c := range t.changes("") {
			heard[c.Article]++
		}
		for _, a := range articles {
			t.equal("changes of "+a.ID, heard[a.ID], 1)
		}
	}),
}

// limitedOffer is the first offer, of which the first article waits for an hour, and the second has ended.
func limitedOffer(source string) []newswire.Article {
	first := firstOffer(source)
	return []newswire.Article{between(first[0], future, time.Time{}), between(first[1], time.Time{}, past), first[2]}
}

// unlimitedOffer is the same without limits.
func unlimitedOffer(source string) []newswire.Article {
	offered := limitedOffer(source)
	for i := range offered {
		offered[i].Rights = newswire.Rights{}
	}
	return offered
}

// limitsAreIndexed checks that what waits is to be passed one day.
func limitsAreIndexed(t *tester, source string) {
	t.Helper()
	isScheduled(t, source)
	if left, any, err := t.Store.NextLimit(t.ctx); err != nil || !any || left <= 0 {
		t.Errorf("NextLimit() = %v, %v, %v, want one ahead", left, any, err)
	}
	t.equal("unlisted", len(t.listing(newswire.UnlistedTopic(source))), 2)
}

// untilLimitsPass records the first offer, of which the first article is to open and the second to end, and waits for that.
func untilLimitsPass(t *tester, source string) {
	t.Helper()
	limits := limitTester{t}
	soon := limits.soon()
	first, at := firstOffer(source), limits.now().Add(soon)
	t.record(source, between(first[0], at, time.Time{}), between(first[1], time.Time{}, at), first[2])
	limits.wait(soon)
}

func passLimits(t *tester, _ cache.Lease) error {
	_, err := t.Store.PassLimits(t.ctx, 10)
	return err
}

func passedEnd(source string) aftermath {
	first := firstOffer(source)
	return aftermath{nil, map[string][]string{
		first[0].ID: {"put 1"}, first[1].ID: {"put 1", "remove 1"}, first[2].ID: {"put 1"},
	}}
}

// isExpired checks what is listed of what untilLimitsPass has recorded.
func isExpired(t *tester, source string) {
	t.Helper()
	first := firstOffer(source)
	t.equal("listed", ids(t.listing(newswire.SourceTopic(source))), []string{first[2].ID, first[0].ID})
	t.equal("unlisted", ids(t.listing(newswire.UnlistedTopic(source))), []string{first[1].ID})
}
