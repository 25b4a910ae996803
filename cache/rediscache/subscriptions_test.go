package rediscache

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache/redistest"
)

func subscribeMany(t *testing.T, s *Store, n int) {
	t.Helper()
	for i := range n {
		err := s.Subscribe(t.Context(), cache.Subscription{
			Channel: cache.ChannelHub, ID: fmt.Sprintf("s%05d", i), Group: fmt.Sprint("g", i%50), Topics: []newswire.Topic{newswire.All},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// go-redis sends a script again when a connection breaks before its reply is there.
func TestClaimOfSubscriptionsThatIsSentAgainIsOneClaim(t *testing.T) {
	t.Parallel()
	s := open(t, redistest.Start(t, redistest.Options{}).URL())
	subscribeMany(t, s, 10)
	keys := append(s.keys.subscriptions(cache.ChannelHub).all(), s.keys.subscriptionsClaim(cache.ChannelHub, "nonce"))
	claim := func() any {
		t.Helper()
		reply, err := s.call(t.Context(), takeScript, keys, 4, 0, 0, 60_000)
		if err != nil {
			t.Fatal(err)
		}
		return reply.Val().([]any)[1:] // what comes next has the time
	}
	first := claim()
	if diff := cmp.Diff(first, claim()); diff != "" {
		t.Errorf("the same claim again (-first +second):\n%s", diff)
	}
	claims, _, err := s.ClaimSubscriptions(t.Context(), cache.Claiming{Channel: cache.ChannelHub, Limit: 100, Lease: time.Minute})
	if err != nil || len(claims) != 6 {
		t.Errorf("another claim has %d, %v; want the other 6", len(claims), err)
	}
}

func TestManySubscriptionsAreWokenInSteps(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{Args: []string{"--slowlog-log-slower-than", "0", "--slowlog-max-len", "4000"}})
	s := open(t, server.URL())
	const many = 10_000
	subscribeMany(t, s, many)
	client := redis.NewClient(&redis.Options{Addr: server.Addr})
	defer client.Close()
	if err := client.Do(t.Context(), "SLOWLOG", "RESET").Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Wake(t.Context(), cache.Waking{Channel: cache.ChannelHub, To: "1", Topics: []newswire.Topic{newswire.All}}); err != nil {
		t.Fatal(err)
	}
	steps, err := client.Do(t.Context(), "SLOWLOG", "LEN").Int()
	if err != nil || steps < many/500 {
		t.Errorf("%d subscriptions were woken in %d steps (%v), want one for each 500", many, steps, err)
	}
	delivered := 0
	for {
		claims, _, err := s.ClaimSubscriptions(t.Context(), cache.Claiming{Channel: cache.ChannelHub, Limit: 256, Lease: time.Minute, PerGroup: 16})
		if err != nil {
			t.Fatal(err)
		}
		if len(claims) == 0 {
			break
		}
		done := make([]cache.Delivery, len(claims))
		for i, c := range claims {
			done[i] = cache.Delivery{Claim: c, Progress: cache.Progress{Told: "told", At: c.At}}
		}
		if _, err := s.Deliver(t.Context(), cache.ChannelHub, done...); err != nil {
			t.Fatal(err)
		}
		delivered += len(claims)
	}
	if delivered != many {
		t.Errorf("%d were delivered, want %d", delivered, many)
	}
	entries, err := client.SlowLogGet(t.Context(), -1).Result()
	if err != nil {
		t.Fatal(err)
	}
	var took []time.Duration
	for _, e := range entries {
		took = append(took, e.Duration)
	}
	slices.Sort(took)
	t.Logf("of %d steps the median took %v, the longest %v", len(took), took[len(took)/2], took[len(took)-1])
}

// awaitReplica waits until the replica of the subscriptions' master has what that has: the rest is lost with the master.
func awaitReplica(t *testing.T, s *Store) {
	t.Helper()
	master, err := s.client.(*redis.ClusterClient).MasterForKey(t.Context(), s.keys.subscriptions(cache.ChannelHub).meta)
	if err != nil {
		t.Fatal(err)
	}
	await(t, "the replica has what the master has", 20*time.Second, func() bool {
		n, err := master.Wait(t.Context(), 1, time.Second).Result()
		return err == nil && n >= 1
	})
}

func TestSubscriptionsGoOnAfterAFailoverOfACluster(t *testing.T) {
	t.Parallel()
	c := redistest.StartReplicatedCluster(t, redistest.Options{})
	s := open(t, c.URL())
	subscribeMany(t, s, 20)
	slot, err := s.client.ClusterKeySlot(t.Context(), s.keys.subscriptions(cache.ChannelHub).meta).Result()
	if err != nil {
		t.Fatal(err)
	}
	owner := int(slot) * 3 / 16384
	told := map[string]string{}
	tell := func(change string) error {
		woken, err := s.Woken(t.Context(), cache.ChannelHub)
		if err != nil {
			return err
		}
		w := cache.Waking{Channel: cache.ChannelHub, From: woken, To: newswire.Cursor(change), Topics: []newswire.Topic{newswire.All}}
		if _, err := s.Wake(t.Context(), w); err != nil {
			return err
		}
		claims, _, err := s.ClaimSubscriptions(t.Context(), cache.Claiming{Channel: cache.ChannelHub, Limit: 100, Lease: time.Second})
		if err != nil {
			return err
		}
		for _, claim := range claims {
			told[claim.ID] = change
			d := cache.Delivery{Claim: claim, Progress: cache.Progress{Told: change, At: claim.At}}
			if _, err := s.Deliver(t.Context(), cache.ChannelHub, d); err != nil {
				return err
			}
		}
		return nil
	}
	var lastErr error
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("told %v; the last error: %v", told, lastErr)
		}
	})
	all := func(change string) func() bool {
		return func() bool {
			err := tell(change)
			lastErr = err
			for i := range 20 {
				if told[fmt.Sprintf("s%05d", i)] != change {
					return false
				}
			}
			return err == nil
		}
	}
	await(t, "all are told before", 10*time.Second, all("before"))
	awaitReplica(t, s)
	c.Nodes[owner].Kill()
	await(t, "the replica takes the master's place", 20*time.Second, c.Nodes[owner+3].IsMaster)
	await(t, "all are told after", time.Minute, all("after"))
	if woken, err := s.Woken(t.Context(), cache.ChannelHub); err != nil || woken != "after" {
		t.Errorf("woken up to %q, %v", woken, err)
	}
}
