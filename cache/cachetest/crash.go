package cachetest

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// crash is an act that a fault strikes, at each of its commands in turn, and what is then done under a new lease.
type crash struct {
	name     string
	scene    func(t *tester, source string)           // what is there before; may be nil
	act      func(t *tester, lease cache.Lease) error // is struck
	again    func(t *tester, lease cache.Lease) error // is not
	dropping bool                                     // the act removes articles
	end      func(source string) aftermath            // the result; nil when that depends on where the fault struck
	then     func(t *tester, source string)           // checks what else must hold; may be nil
}

// aftermath is what a source lists, in order, and what the change log says of its articles, repeats left out.
type aftermath struct {
	listed []newswire.Article
	heard  map[string][]string
}

var crashes = []crash{
	{
		name: "a first visit, then the same again",
		act:  offer(firstOffer), again: offer(firstOffer), end: firstEnd, then: isScheduled,
	},
	{
		name: "a first visit, then what is not known",
		act:  offer(firstOffer), again: offerNews(firstOffer), end: firstEnd, then: isScheduled,
	},
	{
		name: "a first visit, then nothing is offered any more",
		act:  offer(firstOffer), again: offer(nothing), then: isScheduled,
	},
	{
		name: "a visit with changes, then the same again", scene: after(firstOffer),
		act: offer(secondOffer), again: offer(secondOffer), end: secondEnd, then: keptAndSwept,
	},
	{
		name: "a visit with changes, then what is not known", scene: after(firstOffer),
		act: offerNews(secondOffer), again: offerNews(secondOffer), end: secondEnd, then: keptAndSwept,
	},
	{
		name: "a visit with changes, then nothing is offered any more", scene: after(firstOffer),
		act: offer(secondOffer), again: offer(nothing), then: isScheduled,
	},
	{
		name: "a withdrawal", scene: after(firstOffer), dropping: true,
		act: withdrawFirst, again: withdrawFirst, end: withdrawnEnd,
		then: func(t *tester, source string) { t.isWithdrawn(firstOffer(source)[0]) },
	},
	{
		name: "a source that is forgotten", scene: after(nothing),
		act: forget, again: forget, then: isForgotten,
	},
	{
		name: "a first visit with limits, then the same again",
		act:  offer(limitedOffer), again: offer(limitedOffer), then: limitsAreIndexed,
	},
	{
		name: "limits that pass", scene: untilLimitsPass, dropping: true,
		act: passLimits, again: passLimits, end: passedEnd, then: isExpired,
	},
	{
		name: "limits that are taken away", scene: after(limitedOffer),
		act: offer(unlimitedOffer), again: offer(unlimitedOffer), end: firstEnd,
	},
	{
		name: "retention", scene: after(firstOffer, nothing), dropping: true,
		act: sweepToOne, again: sweepToOne, end: sweptEnd,
	},
}

var faultTests = func() []test {
	var tests []test
	for _, c := range crashes {
		for _, when := range []When{Before, After, Crash} {
			tests = append(tests, test{fmt.Sprintf("%s (%s)", c.name, when), func(t *tester) { t.endure(c, when) }})
		}
	}
	return tests
}()

// endure strikes the act at its first command, then on a fresh source at its second, and so on until it is over before
// the fault strikes. One follower listens all the time.
func (t *tester) endure(c crash, when When) {
	f := newAuditor(t)
	f.dropping = c.dropping
	for n, struck := 1, true; struck; n++ {
		if n > 1000 {
			t.Fatal("the act never ends")
		}
		source := fmt.Sprintf("s%d", n)
		if c.scene != nil {
			c.scene(t, source)
		}
		lease := t.claim(source)
		t.Faults.Arm(n, when)
		err := c.act(t, lease)
		struck = t.Faults.Disarm()
		if err != nil && !(struck && errors.Is(err, ErrInjected)) {
			t.Fatalf("struck at command %d: %v, want the fault wrapped, or nil", n, err)
		}
		t.check(f.follow(t.ctx), "struck at command %d: follow", n)
		t.check(c.again(t, t.claim(source)), "struck at command %d, then repeated", n)
		t.check(f.follow(t.ctx), "struck at command %d, then repeated: follow", n)
		t.checkOutcome(c, source, f)
		if t.Failed() {
			t.Fatalf("this is the result of a fault at command %d", n)
		}
		if !struck {
			t.Logf("%d commands", n-1)
		}
	}
	f.check(t)
}

// checkOutcome checks the result of a repeated act.
func (t *tester) checkOutcome(c crash, source string, f *auditor) {
	t.Helper()
	listed := t.listing(newswire.SourceTopic(source))
	view := f.view()
	maps.DeleteFunc(view, func(id string, _ int) bool { return newswire.SourceOf(id) != source })
	t.equal("what a follower believes, against what is listed", view, revisions(listed))
	for _, a := range listed {
		for _, topic := range a.Topics() {
			if topic != newswire.All && !slices.Contains(ids(t.listing(topic)), a.ID) {
				t.Errorf("%s does not list %s", topic, a.ID)
			}
		}
	}
	offered := slices.Concat(firstOffer(source), secondOffer(source))
	everything := t.known(source, slices.Concat(listed, offered)...)
	for _, a := range listed {
		t.equal("known of "+a.ID, everything[a.ID], memory(a))
	}
	for _, a := range offered {
		_, known := everything[a.ID]
		if _, err := t.Store.Article(t.ctx, a.ID); known == errors.Is(err, newswire.ErrNotFound) {
			t.Errorf("%s is known: %v, but Article says %v", a.ID, known, err)
		}
	}
	if c.end != nil {
		end := c.end(source)
		if end.listed != nil {
			t.equal("listing", listed, end.listed)
		}
		for id, want := range end.heard {
			t.equal("heard of "+id, f.heard[id], want)
		}
	}
	if c.then != nil {
		c.then(t, source)
	}
}

// What the publisher offers first; then, when one article changed and moved, one left, one changed and one is new; and
// when it offers nothing at all.
func firstOffer(source string) []newswire.Article {
	a, b, c := within(piece(source, 1), "x-"+source, "z-"+source), piece(source, 2), piece(source, 3)
	c.Authors = []newswire.Person{{ID: "w-" + source, Name: "Writer"}}
	return []newswire.Article{a, b, c}
}

func secondOffer(source string) []newswire.Article {
	first := firstOffer(source)
	return []newswire.Article{within(revised(first[0]), "y-"+source, "z-"+source), revised(first[2]), piece(source, 4)}
}

func nothing(string) []newswire.Article { return nil }

type offering func(source string) []newswire.Article

// after is a scene in which those visits were recorded.
func after(offerings ...offering) func(*tester, string) {
	return func(t *tester, source string) {
		for _, find := range offerings {
			t.record(source, find(source)...)
		}
	}
}

// offer records a visit that found these articles, known or not.
func offer(find offering) func(*tester, cache.Lease) error {
	return func(t *tester, lease cache.Lease) error {
		return t.Store.Record(t.ctx, lease, visit(lease, find(lease.Source)...))
	}
}

// offerNews records such a visit as the aggregator does: with those articles alone that the store does not know so.
func offerNews(find offering) func(*tester, cache.Lease) error {
	return func(t *tester, lease cache.Lease) error {
		articles := find(lease.Source)
		known, err := t.Store.Known(t.ctx, lease.Source, ids(articles))
		if err != nil {
			return err
		}
		v := visit(lease, articles...)
		v.Articles = slices.DeleteFunc(articles, func(a newswire.Article) bool { return known[a.ID].Digest == a.Digest() })
		return t.Store.Record(t.ctx, lease, v)
	}
}

func withdrawFirst(t *tester, lease cache.Lease) error {
	_, err := t.Store.Withdraw(t.ctx, firstOffer(lease.Source)[0].ID, "r")
	return err
}

func sweepToOne(t *tester, lease cache.Lease) error {
	_, err := t.Store.Sweep(t.ctx, lease, newswire.Retention{Articles: 1})
	return err
}

func forget(t *tester, lease cache.Lease) error { return t.Store.Forget(t.ctx, lease) }

// isForgotten checks that the source has no state and is not due.
func isForgotten(t *tester, source string) {
	t.Helper()
	states, err := t.Store.States(t.ctx, source)
	t.check(err, "States(%s)", source)
	if due, indexed := t.due()[source]; indexed || len(states) > 0 {
		t.Errorf("due %v (%v) and states %v, want neither", due, indexed, states)
	}
}

func firstEnd(source string) aftermath {
	a, b, c := firstOffer(source)[0], firstOffer(source)[1], firstOffer(source)[2]
	return aftermath{[]newswire.Article{c, b, a}, map[string][]string{a.ID: {"put 1"}, b.ID: {"put 1"}, c.ID: {"put 1"}}}
}

func secondEnd(source string) aftermath {
	a, b, c, t := secondOffer(source)[0], firstOffer(source)[1], secondOffer(source)[1], secondOffer(source)[2]
	return aftermath{[]newswire.Article{t, c, b, a}, map[string][]string{
		a.ID: {"put 1", "put 2"}, b.ID: {"put 1"}, c.ID: {"put 1", "put 2"}, t.ID: {"put 1"},
	}}
}

func withdrawnEnd(source string) aftermath {
	end := firstEnd(source)
	a := end.listed[2]
	end.listed, end.heard[a.ID] = end.listed[:2], []string{"put 1", "remove 1"}
	return end
}

func sweptEnd(source string) aftermath {
	end := firstEnd(source)
	for _, a := range end.listed[1:] {
		end.heard[a.ID] = []string{"put 1", "remove 1"}
	}
	end.listed = end.listed[:1]
	return end
}

// isScheduled checks that the source's state and due time were recorded.
func isScheduled(t *tester, source string) {
	t.Helper()
	states, err := t.Store.States(t.ctx, source)
	t.check(err, "States(%s)", source)
	t.equal("state", states[source], newswire.State{Source: source, Due: future})
	t.equal("due", t.due()[source], future)
}

// leftIsSwept checks that the one article that left is the one that retention takes.
func leftIsSwept(t *tester, source string) {
	t.Helper()
	isScheduled(t, source)
	head := t.head()
	if n := t.sweep(source, newswire.Retention{Articles: 1}); n != 1 {
		t.Errorf("Sweep dropped %d, want the one that left", n)
	}
	for _, c := range t.changes(head) {
		if left := firstOffer(source)[1].ID; c.Article != left || c.Op != newswire.Remove {
			t.Errorf("Sweep logged %+v, want the removal of %s", c, left)
		}
	}
}

// keptAndSwept checks that each changed article has its first revision behind it, and what leftIsSwept does.
func keptAndSwept(t *tester, source string) {
	t.Helper()
	first := firstOffer(source)
	for i, want := range [][]newswire.Article{first[:1], nil, first[2:]} {
		t.equal("revisions of "+first[i].ID, t.revisions(first[i].ID), want)
	}
	leftIsSwept(t, source)
}
