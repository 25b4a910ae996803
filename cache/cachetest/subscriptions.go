package cachetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// pushed is the channel of the tests.
const pushed = cache.ChannelHub

// subscribing is a tester of subscriptions.
type subscribing struct{ *tester }

func subscribed(run func(t subscribing)) func(*tester) {
	return func(t *tester) { run(subscribing{t}) }
}

// subscriber is a subscription to topics.
func subscriber(id string, topics ...newswire.Topic) cache.Subscription {
	return cache.Subscription{Channel: pushed, ID: id, Topics: topics, Group: "host.example", Terms: []byte(`{"callback": "` + id + `"}`)}
}

func (t subscribing) subscribe(subs ...cache.Subscription) {
	t.Helper()
	for _, s := range subs {
		t.check(t.Store.Subscribe(t.ctx, s), "Subscribe(%s)", s.ID)
	}
}

func (t subscribing) subscription(id string) cache.Subscription {
	t.Helper()
	s, err := t.Store.Subscription(t.ctx, pushed, id)
	t.check(err, "Subscription(%s)", id)
	return s
}

func (t subscribing) claimSubscriptions(c cache.Claiming) []cache.SubscriptionClaim {
	t.Helper()
	return t.claimSubscriptionsFrom(t.Store, c)
}

func (t subscribing) claimSubscriptionsFrom(store cache.Store, c cache.Claiming) []cache.SubscriptionClaim {
	t.Helper()
	c.Channel = pushed
	if c.Lease == 0 {
		c.Lease = long
	}
	claims, next, err := store.ClaimSubscriptions(t.ctx, c)
	t.check(err, "ClaimSubscriptions(%+v)", c)
	t.same(next)
	return claims
}

// claimAll claims all that is due.
func (t subscribing) claimAll() []cache.SubscriptionClaim {
	t.Helper()
	return t.claimSubscriptions(cache.Claiming{Limit: 1000, Doubtful: 1000})
}

// claimOne claims the one subscription that is due.
func (t subscribing) claimOne(id string) cache.SubscriptionClaim {
	t.Helper()
	claims := t.claimAll()
	if len(claims) != 1 || claims[0].ID != id {
		t.Fatalf("claimed %v, want %s alone", subscribers(claims), id)
	}
	return claims[0]
}

func (t subscribing) deliver(done ...cache.Delivery) {
	t.Helper()
	next, err := t.Store.Deliver(t.ctx, pushed, done...)
	t.check(err, "Deliver(%d)", len(done))
	t.same(next)
}

// settled are subscriptions that were told all there is.
func (t subscribing) settled(subs ...cache.Subscription) {
	t.Helper()
	t.subscribe(subs...)
	for _, c := range t.claimAll() {
		t.deliver(succeeded(c))
	}
	t.equal("due once all were told", subscribers(t.claimAll()), []string(nil))
}

// succeeded is a delivery after which there is nothing to tell.
func succeeded(c cache.SubscriptionClaim) cache.Delivery {
	return cache.Delivery{Claim: c, Progress: cache.Progress{Told: "told-" + c.ID, At: c.At}}
}

// failed is a delivery that failed, to be tried again.
func failed(c cache.SubscriptionClaim, again time.Duration) cache.Delivery {
	p := c.Progress
	p.Failures++
	p.Failing, p.Why = c.At, "the callback answers 500"
	return cache.Delivery{Claim: c, Progress: p, Again: true, In: again}
}

func (t subscribing) wake(topics ...newswire.Topic) {
	t.Helper()
	woken, err := t.Store.Woken(t.ctx, pushed)
	t.check(err, "Woken")
	to := newswire.Cursor(fmt.Sprintf("%08d", len(woken)+1)) + woken
	got, err := t.Store.Wake(t.ctx, cache.Waking{Channel: pushed, From: woken, To: to, Topics: topics})
	t.check(err, "Wake(%q)", topics)
	t.equal("woken up to", got, to)
}

func (t subscribing) nextSubscription() cache.UpcomingSubscription {
	t.Helper()
	u, err := t.Store.NextSubscription(t.ctx, pushed)
	t.check(err, "NextSubscription")
	return u
}

// same checks what was said to come next against NextSubscription. Clocks go on in between.
func (t subscribing) same(next cache.UpcomingSubscription) {
	t.Helper()
	u := t.nextSubscription()
	if next.Any != u.Any || u.In > next.In || next.In-u.In > long/2 || next.Failing > u.Failing {
		t.Errorf("next was to come %+v, and now %+v", next, u)
	}
}

func (t subscribing) countSubscriptions(q cache.SubscriptionQuery) int {
	t.Helper()
	q.Channel = pushed
	n, err := t.Store.CountSubscriptions(t.ctx, q)
	t.check(err, "CountSubscriptions(%+v)", q)
	return n
}

func subscribers(claims []cache.SubscriptionClaim) []string {
	var out []string
	for _, c := range claims {
		out = append(out, c.ID)
	}
	return out
}

var subscriptionTests = slices.Concat(subscribeTests, wakeTests, claimTests, deliveryTests, subscriptionFaultTests)

var subscribeTests = []test{
	{"a subscription is stored as it is, due at once", subscribed(func(t subscribing) {
		s := subscriber("a", newswire.All, newswire.CategoryTopic("x"))
		s.Until, s.Progress = future, cache.Progress{Told: "here", Failures: 2, Failing: past, At: past, Why: "no answer"}
		t.subscribe(s)
		got := t.subscription("a")
		if got.Since.Before(past) || got.Due.IsZero() {
			t.Errorf("since %v, due %v; want both", got.Since, got.Due)
		}
		s.Since, s.Due = got.Since, got.Due
		t.equal("subscription", got, s)
		other, err := t.Reopen().Subscription(t.ctx, pushed, "a")
		t.check(err, "Subscription by another process")
		t.equal("subscription by another process", other, s)
		if c := t.claimOne("a"); c.Told != "here" || c.Failures != 2 {
			t.Errorf("claimed %+v, want it as it was given", c)
		}
	})},
	{"a renewal changes the terms, and neither progress, due time nor claim", subscribed(func(t subscribing) {
		t.settled(subscriber("a", newswire.CategoryTopic("x")))
		before := t.subscription("a")
		s := subscriber("a", newswire.CategoryTopic("y"))
		s.Group, s.Until, s.Terms, s.Told = "other.example", future, []byte(`{"lease":7}`), "elsewhere"
		t.subscribe(s)
		s.Progress, s.Since = before.Progress, before.Since
		t.equal("renewed", t.subscription("a"), s)
		t.wake(newswire.CategoryTopic("x"))
		t.equal("due by its former topic", subscribers(t.claimAll()), []string(nil))
		t.wake(newswire.CategoryTopic("y"))
		c := t.claimOne("a")
		t.subscribe(s)
		t.equal("due after a renewal during a claim", subscribers(t.claimAll()), []string(nil))
		t.deliver(succeeded(c))
		t.equal("told", t.subscription("a").Told, "told-a")
		t.equal("counted with its former group", t.countSubscriptions(cache.SubscriptionQuery{Group: "host.example"}), 0)
		t.equal("counted with its group", t.countSubscriptions(cache.SubscriptionQuery{Group: "other.example"}), 1)
	})},
	{"what is no channel, ID, group or topic is refused", subscribed(func(t subscribing) {
		for name, spoil := range map[string]func(*cache.Subscription){
			"no channel": func(s *cache.Subscription) { s.Channel = "" },
			"no ID":      func(s *cache.Subscription) { s.ID = "" },
			"a blank":    func(s *cache.Subscription) { s.ID = "a b" },
			"a group":    func(s *cache.Subscription) { s.Group = "a\x00b" },
			"a topic":    func(s *cache.Subscription) { s.Topics = []newswire.Topic{"ä"} },
		} {
			s := subscriber("a", newswire.All)
			spoil(&s)
			if err := t.Store.Subscribe(t.ctx, s); !errors.Is(err, cache.ErrSubscription) {
				t.Errorf("%s: Subscribe(%+v) = %v, want ErrSubscription", name, s, err)
			}
		}
		t.equal("number", t.countSubscriptions(cache.SubscriptionQuery{}), 0)
	})},
	{"channels do not meet", subscribed(func(t subscribing) {
		s := subscriber("a", newswire.All)
		s.Channel = cache.ChannelWebhook
		t.subscribe(s)
		t.wake(newswire.All)
		t.equal("due in another channel", subscribers(t.claimAll()), []string(nil))
		t.equal("next in another channel", t.nextSubscription(), cache.UpcomingSubscription{})
		if _, err := t.Store.Subscription(t.ctx, pushed, "a"); !errors.Is(err, newswire.ErrNotFound) {
			t.Errorf("Subscription in another channel: %v, want ErrNotFound", err)
		}
		woken, err := t.Store.Woken(t.ctx, cache.ChannelWebhook)
		t.check(err, "Woken")
		t.equal("woken in another channel", woken, newswire.Cursor(""))
	})},
	{"Unsubscribe removes, and its claim is lost", subscribed(func(t subscribing) {
		t.subscribe(subscriber("a", newswire.All), subscriber("b", newswire.All))
		claims := t.claimAll()
		t.check(t.Store.Unsubscribe(t.ctx, pushed, "a", "unheard-of"), "Unsubscribe")
		t.check(t.Store.Unsubscribe(t.ctx, pushed, "a"), "Unsubscribe again")
		for _, c := range claims {
			t.deliver(succeeded(c))
		}
		if _, err := t.Store.Subscription(t.ctx, pushed, "a"); !errors.Is(err, newswire.ErrNotFound) {
			t.Errorf("Subscription after Unsubscribe: %v, want ErrNotFound", err)
		}
		t.wake(newswire.All)
		t.claimOne("b")
		t.subscribe(subscriber("a", newswire.All))
		t.deliver(succeeded(claims[0]), succeeded(claims[1])) // of the first a
		t.equal("of a new subscription, told", t.subscription("a").Told, "")
		t.claimOne("a")
	})},
	{"paging lists each once, in order of ID", subscribed(func(t subscribing) {
		for i := range 25 {
			t.subscribe(subscriber(fmt.Sprintf("s%02d", 24-i), newswire.All))
		}
		var got []string
		var after newswire.Cursor
		for {
			page, next, err := t.Store.Subscriptions(t.ctx, pushed, after, 10)
			t.check(err, "Subscriptions(after %q)", after)
			for _, s := range page {
				got = append(got, s.ID)
			}
			if next == "" {
				break
			}
			if len(page) != 10 {
				t.Fatalf("a page of %d that is not the last, want 10", len(page))
			}
			after = next
		}
		if len(got) != 25 || !slices.IsSorted(got) {
			t.Errorf("listed %v, want 25 in order", got)
		}
		if _, _, err := t.Store.Subscriptions(t.ctx, pushed, "no\x00cursor", 10); !errors.Is(err, newswire.ErrCursor) {
			t.Errorf("Subscriptions after what is no cursor: %v, want ErrCursor", err)
		}
		if _, _, err := t.Store.Subscriptions(t.ctx, pushed, "", 0); err == nil {
			t.Error("Subscriptions with a limit of 0: want an error")
		}
	})},
	{"counts are by group, by topic and of those that fail", subscribed(func(t subscribing) {
		x, y := newswire.CategoryTopic("x"), newswire.CategoryTopic("y")
		for i := range 12 {
			s := subscriber(fmt.Sprint("s", i), []newswire.Topic{x, y, newswire.All}[i%3])
			s.Group = []string{"one.example", "one.example.org"}[i%2]
			t.subscribe(s)
		}
		for _, c := range t.claimSubscriptions(cache.Claiming{Limit: 4}) {
			t.deliver(failed(c, long))
		}
		fails := 0
		for i := range 12 {
			if s := t.subscription(fmt.Sprint("s", i)); s.Failures > 0 && s.Group == "one.example" && s.Topics[0] == x {
				fails++
			}
		}
		for _, tt := range []struct {
			cache.SubscriptionQuery
			want int
		}{
			{cache.SubscriptionQuery{}, 12},
			{cache.SubscriptionQuery{Group: "one.example"}, 6},
			{cache.SubscriptionQuery{Group: "one"}, 0},
			{cache.SubscriptionQuery{Topic: x}, 4},
			{cache.SubscriptionQuery{Topic: "category/"}, 0},
			{cache.SubscriptionQuery{Topic: x, Group: "one.example"}, 2},
			{cache.SubscriptionQuery{Failing: true}, 4},
			{cache.SubscriptionQuery{Topic: x, Group: "one.example", Failing: true}, fails},
		} {
			t.equal(fmt.Sprintf("number of %+v", tt.SubscriptionQuery), t.countSubscriptions(tt.SubscriptionQuery), tt.want)
		}
	})},
	{"one that has ended is neither there nor counted, and its claim removes it", subscribed(func(t subscribing) {
		s, kept := subscriber("a", newswire.All), subscriber("b", newswire.All)
		s.Until = t.subscriptionClock().Add(brief)
		t.subscribe(s, kept)
		t.equal("number before", t.countSubscriptions(cache.SubscriptionQuery{Topic: newswire.All, Group: "host.example"}), 2)
		t.outlast()
		if _, err := t.Store.Subscription(t.ctx, pushed, "a"); !errors.Is(err, newswire.ErrNotFound) {
			t.Errorf("Subscription after its end: %v, want ErrNotFound", err)
		}
		for _, q := range []cache.SubscriptionQuery{{}, {Topic: newswire.All}, {Group: "host.example"}, {Topic: newswire.All, Group: "host.example"}} {
			t.equal(fmt.Sprintf("number of %+v after", q), t.countSubscriptions(q), 1)
		}
		page, _, err := t.Store.Subscriptions(t.ctx, pushed, "", 10)
		t.check(err, "Subscriptions")
		t.equal("listed after", len(page), 1)
		if u := t.nextSubscription(); !u.Any || u.In > 0 {
			t.Errorf("NextSubscription() = %+v, want now", u)
		}
		if err := t.Store.Rewind(t.ctx, pushed, "a", ""); !errors.Is(err, newswire.ErrNotFound) {
			t.Errorf("Rewind after its end: %v, want ErrNotFound", err)
		}
		t.claimOne("b")
		if u := t.nextSubscription(); u.In <= 0 {
			t.Errorf("NextSubscription() = %+v after the claim, want the claim's end", u)
		}
	})},
	{"one that has ended begins again with the progress given", subscribed(func(t subscribing) {
		s := subscriber("a", newswire.All)
		s.Until = t.subscriptionClock().Add(brief)
		t.settled(s)
		t.outlast()
		s.Until, s.Told = future, "here"
		t.subscribe(s)
		if c := t.claimOne("a"); c.Told != "here" {
			t.Errorf("told %q, want the progress given", c.Told)
		}
	})},
}

// subscriptionClock is the store's time.
func (t subscribing) subscriptionClock() time.Time {
	t.Helper()
	t.subscribe(subscriber("clock"))
	defer func() { t.check(t.Store.Unsubscribe(t.ctx, pushed, "clock"), "Unsubscribe(clock)") }()
	return t.subscription("clock").Since
}

var wakeTests = []test{
	{"a wake makes due those that want one of its topics, once each", subscribed(func(t subscribing) {
		x, y, z := newswire.CategoryTopic("x"), newswire.CategoryTopic("y"), newswire.CategoryTopic("z")
		t.settled(subscriber("a", x), subscriber("b", y), subscriber("c", x, y), subscriber("d", z), subscriber("e"))
		t.wake(x, y, "category/unheard-of")
		claims := subscribers(t.claimAll())
		slices.Sort(claims)
		t.equal("woken", claims, []string{"a", "b", "c"})
	})},
	{"each record wakes once, also where several processes read it", subscribed(func(t subscribing) {
		other := t.Reopen()
		wake := func(store cache.Store, from, to, want newswire.Cursor) {
			t.Helper()
			got, err := store.Wake(t.ctx, cache.Waking{Channel: pushed, From: from, To: to, Topics: []newswire.Topic{newswire.All}})
			t.check(err, "Wake(%q to %q)", from, to)
			t.equal("woken up to", got, want)
		}
		due := func(want ...string) {
			t.Helper()
			claims := t.claimAll()
			t.equal("due", subscribers(claims), want)
			for _, c := range claims {
				t.deliver(succeeded(c))
			}
		}
		t.settled(subscriber("a", newswire.All))
		wake(t.Store, "5", "7", "") // records were passed over
		due()
		wake(t.Store, "", "3", "3")
		due("a")
		wake(other, "", "3", "3") // again
		wake(other, "", "2", "3")
		wake(other, "2", "4", "3")
		due()
		wake(other, "3", "4", "4")
		due("a")
		woken, err := t.Store.Woken(t.ctx, pushed)
		t.check(err, "Woken")
		t.equal("Woken", woken, newswire.Cursor("4"))
	})},
	{"with All every subscription is woken, also from another cursor", subscribed(func(t subscribing) {
		t.settled(subscriber("a", newswire.CategoryTopic("x")), subscriber("b"))
		t.wake(newswire.All)
		got, err := t.Store.Wake(t.ctx, cache.Waking{Channel: pushed, From: "elsewhere", To: "here", All: true})
		t.check(err, "Wake of all")
		t.equal("woken up to", got, newswire.Cursor("here"))
		t.equal("woken", len(t.claimAll()), 2)
	})},
	{"a wake shortens no backoff, and is not lost by it", subscribed(func(t subscribing) {
		t.settled(subscriber("a", newswire.All))
		t.wake(newswire.All)
		t.deliver(failed(t.claimOne("a"), brief))
		t.wake(newswire.All)
		t.equal("due in the backoff", subscribers(t.claimAll()), []string(nil))
		if u := t.nextSubscription(); !u.Any || u.In > brief {
			t.Errorf("NextSubscription() = %+v, want the end of the backoff", u)
		}
		t.outlast()
		t.claimOne("a")
	})},
	{"a wake brings forward what waits without a failure", subscribed(func(t subscribing) {
		t.settled(subscriber("a", newswire.All))
		t.wake(newswire.All)
		d := succeeded(t.claimOne("a"))
		d.Again, d.In = true, long
		t.deliver(d)
		t.equal("due at once", subscribers(t.claimAll()), []string(nil))
		t.wake(newswire.All)
		t.claimOne("a")
	})},
	{"a wake during a claim is not lost", subscribed(func(t subscribing) {
		t.settled(subscriber("a", newswire.All))
		t.wake(newswire.All)
		c := t.claimOne("a")
		t.wake(newswire.All)
		t.equal("due during the claim", subscribers(t.claimAll()), []string(nil))
		t.deliver(succeeded(c))
		second := t.claimOne("a")
		if second.Told != "told-a" || second.Token <= c.Token {
			t.Errorf("claimed %+v, want it told and a larger token than %d", second, c.Token)
		}
		t.deliver(succeeded(second))
		t.equal("due after that", subscribers(t.claimAll()), []string(nil))
	})},
	{"a wake during a claim that fails waits for the backoff", subscribed(func(t subscribing) {
		t.settled(subscriber("a", newswire.All))
		t.wake(newswire.All)
		c := t.claimOne("a")
		t.wake(newswire.All)
		t.deliver(failed(c, long))
		t.equal("due in the backoff", subscribers(t.claimAll()), []string(nil))
	})},
	{"a wake after a claim has lapsed is not lost by its late delivery", subscribed(func(t subscribing) {
		t.settled(subscriber("a", newswire.All))
		t.wake(newswire.All)
		c := t.claimSubscriptions(cache.Claiming{Limit: 1, Lease: brief})[0]
		t.outlast()
		t.wake(newswire.All)
		t.deliver(succeeded(c))
		t.claimOne("a")
	})},
	{"a wake reaches thousands", subscribed(func(t subscribing) {
		const n = 2500
		for i := range n {
			t.subscribe(subscriber(fmt.Sprintf("s%04d", i), newswire.All))
		}
		for {
			claims := t.claimAll()
			if len(claims) == 0 {
				break
			}
			done := make([]cache.Delivery, len(claims))
			for i, c := range claims {
				done[i] = succeeded(c)
			}
			t.deliver(done...)
		}
		t.wake(newswire.All)
		claimed := map[string]bool{}
		for {
			claims := t.claimSubscriptions(cache.Claiming{Limit: 700})
			if len(claims) == 0 {
				break
			}
			for _, c := range claims {
				claimed[c.ID] = true
			}
		}
		t.equal("number woken", len(claimed), n)
	})},
}

var claimTests = []test{
	{"the longest due come first, what is not due never", subscribed(func(t subscribing) {
		t.settled(subscriber("a", newswire.CategoryTopic("a")), subscriber("b", newswire.CategoryTopic("b")),
			subscriber("c", newswire.CategoryTopic("c")), subscriber("d"))
		for _, id := range []string{"c", "a", "b"} {
			t.wake(newswire.CategoryTopic(id))
			t.Advance(5 * time.Millisecond)
		}
		t.equal("none asked for", subscribers(t.claimSubscriptions(cache.Claiming{})), []string(nil))
		t.equal("first two", subscribers(t.claimSubscriptions(cache.Claiming{Limit: 2})), []string{"c", "a"})
		t.equal("the rest", subscribers(t.claimSubscriptions(cache.Claiming{Limit: 9})), []string{"b"})
	})},
	{"a claim says when it was taken, and the subscription when it ends", subscribed(func(t subscribing) {
		t.subscribe(subscriber("a", newswire.All))
		c := t.claimOne("a")
		if c.At.Before(past) || c.Due.Sub(c.At) != long || c.Token <= 0 || string(c.Terms) != `{"callback": "a"}` {
			t.Errorf("claim %+v, want one of %v with its terms", c, long)
		}
		t.equal("due", t.subscription("a").Due, c.Due)
	})},
	{"two handles never hold the same", subscribed(func(t subscribing) {
		const n = 60
		for i := range n {
			t.subscribe(subscriber(fmt.Sprint("s", i), newswire.All))
		}
		var mu sync.Mutex // guards claimed
		claimed := map[string]int{}
		var wg sync.WaitGroup
		for _, store := range []cache.Store{t.Store, t.Reopen(), t.Store, t.Reopen()} {
			wg.Go(func() {
				for {
					claims, _, err := store.ClaimSubscriptions(t.ctx, cache.Claiming{Channel: pushed, Limit: 4, Lease: long})
					if err != nil || len(claims) == 0 {
						t.check(err, "ClaimSubscriptions")
						return
					}
					mu.Lock()
					for _, c := range claims {
						claimed[c.ID]++
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		for id, times := range claimed {
			if times != 1 {
				t.Errorf("%s was claimed %d times", id, times)
			}
		}
		t.equal("number claimed", len(claimed), n)
	})},
	{"those of a crashed process come due again when the lease ends, and its late delivery changes nothing", subscribed(func(t subscribing) {
		t.subscribe(subscriber("a", newswire.All))
		first := t.claimSubscriptions(cache.Claiming{Limit: 1, Lease: brief})
		other := t.Reopen()
		t.equal("while the lease holds", subscribers(t.claimSubscriptionsFrom(other, cache.Claiming{Limit: 1})), []string(nil))
		t.outlast()
		second := t.claimSubscriptionsFrom(other, cache.Claiming{Limit: 1, Lease: long})
		if len(first) != 1 || len(second) != 1 || second[0].Token <= first[0].Token {
			t.Fatalf("claims %+v, then %+v, want one each and a larger token", first, second)
		}
		t.deliver(succeeded(first[0]))
		t.deliver(cache.Delivery{Claim: first[0], Remove: true})
		t.equal("told by the late delivery", t.subscription("a").Told, "")
		t.equal("due", t.subscription("a").Due, second[0].Due)
		t.deliver(succeeded(second[0]))
		t.equal("told", t.subscription("a").Told, "told-a")
	})},
	{"a delivery after the lease's end counts while no other has claimed", subscribed(func(t subscribing) {
		t.subscribe(subscriber("a", newswire.All))
		c := t.claimSubscriptions(cache.Claiming{Limit: 1, Lease: brief})[0]
		t.outlast()
		t.deliver(succeeded(c))
		t.equal("due", subscribers(t.claimAll()), []string(nil))
	})},
	{"a claim that is extended lasts longer", subscribed(func(t subscribing) {
		t.subscribe(subscriber("a", newswire.All), subscriber("b", newswire.All))
		claims := t.claimSubscriptions(cache.Claiming{Limit: 2, Lease: brief})
		lost := claims[0]
		lost.Token--
		t.check(t.Store.ExtendSubscriptions(t.ctx, pushed, long, claims[1], lost), "ExtendSubscriptions")
		t.check(t.Store.ExtendSubscriptions(t.ctx, pushed, long), "ExtendSubscriptions of none")
		t.outlast()
		t.claimOne(claims[0].ID)
	})},
	{"at most so many are of one group, and the others come first", subscribed(func(t subscribing) {
		for i := range 30 {
			s := subscriber(fmt.Sprintf("many%02d", i), newswire.All)
			t.subscribe(s)
		}
		t.Advance(5 * time.Millisecond)
		for i := range 3 {
			few, none := subscriber(fmt.Sprint("few", i), newswire.All), subscriber(fmt.Sprint("none", i), newswire.All)
			few.Group, none.Group = "few.example", ""
			t.subscribe(few, none)
		}
		claims := subscribers(t.claimSubscriptions(cache.Claiming{
			Limit: 20, PerGroup: 5, Busy: map[string]int{"host.example": 2, "few.example": 4, "other.example": 9},
		}))
		slices.Sort(claims)
		if len(claims) != 7 || claims[0][:3] != "few" || claims[1][:4] != "many" || claims[3][:4] != "many" || claims[4] != "none0" {
			t.Errorf("claimed %v, want 3 of many, 1 of few, and all without a group", claims)
		}
		claims = subscribers(t.claimSubscriptions(cache.Claiming{Limit: 20, PerGroup: 4, Busy: map[string]int{"host.example": 5}}))
		slices.Sort(claims)
		t.equal("claimed while a group has enough", claims, []string{"few1", "few2"})
		t.equal("claimed without a bound", len(t.claimAll()), 27)
	})},
	{"many of a group that has enough do not keep others away", subscribed(func(t subscribing) {
		for i := range 1500 {
			t.subscribe(subscriber(fmt.Sprintf("many%04d", i), newswire.All))
		}
		t.Advance(5 * time.Millisecond)
		other := subscriber("other", newswire.All)
		other.Group = "other.example"
		t.subscribe(other)
		var claims []cache.SubscriptionClaim
		for n := 0; len(claims) == 0 && n < 10; n++ {
			claims = t.claimSubscriptions(cache.Claiming{Limit: 20, PerGroup: 4, Busy: map[string]int{"host.example": 4}})
		}
		t.equal("claimed", subscribers(claims), []string{"other"})
		t.equal("claimed without a bound", len(t.claimAll()), 1000)
	})},
	{"at most so many of those claimed have failed or were slow", subscribed(func(t subscribing) {
		for i := range 10 {
			s := subscriber(fmt.Sprintf("f%d", i), newswire.All)
			if s.Slow = i%2 == 0; !s.Slow {
				s.Failures, s.Failing = 1, past
			}
			t.subscribe(s)
		}
		t.Advance(5 * time.Millisecond)
		t.subscribe(subscriber("a", newswire.All), subscriber("b", newswire.All))
		t.equal("claimed", subscribers(t.claimSubscriptions(cache.Claiming{Limit: 4, Doubtful: 2})), []string{"f0", "f1", "a", "b"})
		t.equal("claimed when none may have failed", subscribers(t.claimSubscriptions(cache.Claiming{Limit: 4})), []string(nil))
		t.equal("claimed", len(t.claimAll()), 8)
	})},
	{"NextSubscription says how long it is until one comes due", subscribed(func(t subscribing) {
		t.equal("next of none", t.nextSubscription(), cache.UpcomingSubscription{})
		t.subscribe(subscriber("a", newswire.All))
		if u := t.nextSubscription(); !u.Any || u.In > 0 || u.Failing != 0 {
			t.Errorf("NextSubscription() = %+v, want that one is due", u)
		}
		c := t.claimOne("a")
		if u := t.nextSubscription(); !u.Any || u.In <= 0 || u.In > long {
			t.Errorf("NextSubscription() = %+v, want the claim's end", u)
		}
		t.deliver(succeeded(c))
		t.equal("next once all were told", t.nextSubscription(), cache.UpcomingSubscription{})
		t.wake(newswire.All)
		d := failed(t.claimOne("a"), long)
		d.Progress.Failing = d.Claim.At.Add(-long)
		t.deliver(d)
		if u := t.nextSubscription(); !u.Any || u.In <= long/2 || u.In > long || u.Failing < long || u.Failing > 2*long {
			t.Errorf("NextSubscription() = %+v, want the end of the backoff, and %v of failures", u, long)
		}
	})},
}

var deliveryTests = []test{
	{"what came of a delivery is recorded", subscribed(func(t subscribing) {
		t.subscribe(subscriber("a", newswire.All))
		c := t.claimOne("a")
		want := cache.Progress{Told: "there", At: past, Failures: 3, Failing: past.Add(time.Hour), Why: "no answer", Slow: true}
		t.deliver(cache.Delivery{Claim: c, Progress: want, Again: true, In: long})
		s := t.subscription("a")
		t.equal("progress", s.Progress, want)
		if s.Due.Before(c.At.Add(long)) || s.Due.After(c.At.Add(2*long)) {
			t.Errorf("due at %v, want %v after now", s.Due, long)
		}
		t.deliver()
	})},
	{"a delivery with more to tell is due again at once", subscribed(func(t subscribing) {
		t.subscribe(subscriber("a", newswire.All))
		d := succeeded(t.claimOne("a"))
		d.Again = true
		t.deliver(d)
		t.equal("told", t.claimOne("a").Told, "told-a")
	})},
	{"a subscription that ends is removed", subscribed(func(t subscribing) {
		t.subscribe(subscriber("a", newswire.All), subscriber("b", newswire.All))
		for _, c := range t.claimAll() {
			t.deliver(cache.Delivery{Claim: c, Remove: c.ID == "a"})
		}
		if _, err := t.Store.Subscription(t.ctx, pushed, "a"); !errors.Is(err, newswire.ErrNotFound) {
			t.Errorf("Subscription after it was removed: %v, want ErrNotFound", err)
		}
		t.wake(newswire.All)
		t.claimOne("b")
		t.equal("number", t.countSubscriptions(cache.SubscriptionQuery{}), 1)
	})},
	{"a rewind is told from there, also after a failure", subscribed(func(t subscribing) {
		t.settled(subscriber("a", newswire.All))
		t.wake(newswire.All)
		t.deliver(failed(t.claimOne("a"), long))
		t.check(t.Store.Rewind(t.ctx, pushed, "a", "before"), "Rewind")
		c := t.claimOne("a")
		if c.Told != "before" || c.Failures != 0 || !c.Failing.IsZero() || c.Why != "" {
			t.Errorf("claimed %+v, want it rewound and without failures", c.Progress)
		}
		t.equal("number failing", t.countSubscriptions(cache.SubscriptionQuery{Failing: true}), 0)
		if err := t.Store.Rewind(t.ctx, pushed, "unheard-of", "before"); !errors.Is(err, newswire.ErrNotFound) {
			t.Errorf("Rewind of none: %v, want ErrNotFound", err)
		}
	})},
	{"a rewind during a claim holds, and what that records does not", subscribed(func(t subscribing) {
		for name, end := range map[string]func(cache.SubscriptionClaim) cache.Delivery{
			"succeeded": succeeded,
			"failed":    func(c cache.SubscriptionClaim) cache.Delivery { return failed(c, long) },
			"ended":     func(c cache.SubscriptionClaim) cache.Delivery { return cache.Delivery{Claim: c, Remove: true} },
		} {
			t.subscribe(subscriber(name, newswire.All))
			c := t.claimOne(name)
			t.check(t.Store.Rewind(t.ctx, pushed, name, "before"), "Rewind")
			t.equal(name+": due during the claim", subscribers(t.claimAll()), []string(nil))
			t.wake(newswire.All)
			t.deliver(end(c))
			again := t.claimOne(name)
			if again.Told != "before" || again.Failures != 0 {
				t.Errorf("%s: claimed %+v, want it rewound", name, again.Progress)
			}
			t.deliver(succeeded(again))
			t.equal(name+": told", t.subscription(name).Told, "told-"+name)
			t.check(t.Store.Unsubscribe(t.ctx, pushed, name), "Unsubscribe")
		}
	})},
}

// subscriptionFaultTests strike each step of the way of a change at each of its commands: it is delivered all the same.
var subscriptionFaultTests = func() []test {
	var tests []test
	for _, when := range []When{Before, After, Crash} {
		tests = append(tests, test{fmt.Sprintf("a fault at any command loses no change (%s)", when), subscribed(func(t subscribing) {
			for n := 1; t.deliverStruck(n, when); n++ {
				if n > 100 {
					t.Fatal("the delivery never ends")
				}
			}
		})})
	}
	return append(tests, test{"a wake that a crash cuts off is made to its end", subscribed(cutOffWake)})
}()

// cutOffWake has a crash strike each command of a wake of many, in turn.
func cutOffWake(t subscribing) {
	const many = 1200
	for i := range many {
		t.subscribe(subscriber(fmt.Sprintf("s%04d", i), newswire.All))
	}
	drained := func() (n int) {
		for {
			claims := t.claimAll()
			if len(claims) == 0 {
				return n
			}
			done := make([]cache.Delivery, len(claims))
			for i, c := range claims {
				done[i] = succeeded(c)
			}
			t.deliver(done...)
			n += len(claims)
		}
	}
	t.equal("due at first", drained(), many)
	var woken newswire.Cursor
	for n, struck := 1, true; struck; n++ {
		w := cache.Waking{Channel: pushed, From: woken, To: newswire.Cursor(fmt.Sprint(n)), Topics: []newswire.Topic{newswire.All}}
		t.Faults.Arm(n, Crash)
		_, err := t.Store.Wake(t.ctx, w)
		struck = t.Faults.Disarm()
		if err != nil && !errors.Is(err, ErrInjected) {
			t.Fatalf("Wake struck at command %d: %v", n, err)
		}
		var again error
		if woken, again = t.Store.Wake(t.ctx, w); again != nil || woken != w.To {
			t.Fatalf("Wake again: %q, %v", woken, again)
		}
		t.equal(fmt.Sprintf("due after a crash at command %d", n), drained(), many)
	}
}

// deliverStruck tells a subscription of a change while a fault strikes the n-th command, and says whether it did. Another
// process does what the first one has not done.
func (t subscribing) deliverStruck(n int, when When) (struck bool) {
	t.Helper()
	id := fmt.Sprintf("%s-%d", when, n)
	other := subscribing{&tester{T: t.T, Harness: Harness{Store: t.Reopen(), Advance: t.Advance}, ctx: t.ctx}}
	other.settled(subscriber(id, newswire.All))
	woken, err := other.Store.Woken(t.ctx, pushed)
	t.check(err, "Woken")
	waking := cache.Waking{Channel: pushed, From: woken, To: woken + "1", Topics: []newswire.Topic{newswire.All}}
	news := func(c cache.SubscriptionClaim) cache.Delivery {
		return cache.Delivery{Claim: c, Progress: cache.Progress{Told: "news", At: c.At}}
	}

	t.Faults.Arm(n, when)
	_, err = t.Store.Wake(t.ctx, waking)
	if err == nil {
		var claims []cache.SubscriptionClaim
		claims, _, err = t.Store.ClaimSubscriptions(t.ctx, cache.Claiming{Channel: pushed, Limit: 10, Lease: brief})
		for _, c := range claims {
			_, fault := t.Store.Deliver(t.ctx, pushed, news(c))
			err = errors.Join(err, fault)
		}
	}
	struck = t.Faults.Disarm()
	if err != nil && !(struck && errors.Is(err, ErrInjected)) {
		t.Fatalf("struck at command %d: %v, want the fault wrapped, or nil", n, err)
	}

	if _, err := other.Store.Wake(t.ctx, waking); err != nil {
		t.Fatalf("Wake again: %v", err)
	}
	if s := other.subscription(id); s.Told != "news" {
		t.outlast()
	}
	for _, c := range other.claimAll() {
		other.deliver(news(c))
	}
	if s := other.subscription(id); s.Told != "news" || !s.Due.IsZero() {
		t.Errorf("struck at command %d: %+v, want it told, and not due", n, s)
	}
	t.check(other.Store.Unsubscribe(t.ctx, pushed, id), "Unsubscribe(%s)", id)
	return struck
}
